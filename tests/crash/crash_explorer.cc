// crash_explorer: cuts the power at every operation of seeded runs, recovers every disk that may be left, and prints
// what it found.
//
//   crash_explorer [--case=all|storage|always|no|threads] [--seed=1] [--runs=N] [--seconds=S] [--disks=N] [--threads=N]
//   [--nested-every=N]
//   crash_explorer --case=... --seed=... --moment=M --disk=HASH      repeats one finding
//
// Run number n of `all` is one of each case in turn, each with the seeds from --seed on. Runs are made until --disks
// disks were verified or --seconds are over; without either there are --runs of them (10). The figures go to
// $RL_FIGURES_DIR too (tests/support/figures.h).
//
// Exit status 0: no violation. 1: one was found; the last line repeats it. 2: wrong usage.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/crash/explorer.h"
#include "tests/crash/storage_case.h"
#include "tests/crash/store_case.h"
#include "tests/crash/threads_case.h"
#include "tests/support/figures.h"

namespace redislite::crash {
namespace {

struct Arguments {
  std::vector<std::string> cases;
  uint64_t seed = 1;
  uint64_t runs = 10;
  int threads = 1;
  double seconds = 0;
  uint64_t disks = 0;  // 0: no limit
  bool repeats = false;
  size_t moment = 0;
  uint64_t disk = 0;
  Limits limits;

  bool counts_runs() const { return seconds == 0 && disks == 0; }
};

const std::vector<std::string>& AllCases() {
  static const std::vector<std::string> cases = {"storage", "always", "no", "threads"};
  return cases;
}

bool Parse(int argc, char** argv, Arguments* arguments) {
  std::map<std::string, std::string> values;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const size_t equals = text.find('=');
    if (text.rfind("--", 0) != 0 || equals == std::string::npos) return false;
    values[text.substr(2, equals - 2)] = text.substr(equals + 1);
  }
  const auto take = [&](const char* name, const std::string& missing) {
    const auto found = values.find(name);
    if (found == values.end()) return missing;
    std::string value = found->second;
    values.erase(found);
    return value;
  };
  const auto number = [&](const char* name, const char* missing, int base = 10) {
    return std::strtoull(take(name, missing).c_str(), nullptr, base);
  };
  const std::string run_case = take("case", "all");
  arguments->cases = run_case == "all" ? AllCases() : std::vector<std::string>{run_case};
  const auto known = [](const std::string& name) {
    return std::find(AllCases().begin(), AllCases().end(), name) != AllCases().end();
  };
  if (!known(arguments->cases[0])) return false;
  arguments->repeats = values.count("moment") != 0;
  arguments->seed = number("seed", "1");
  arguments->runs = number("runs", "10");
  arguments->moment = number("moment", "0");
  arguments->disk = number("disk", "0", 16);
  arguments->seconds = static_cast<double>(number("seconds", "0"));
  arguments->disks = number("disks", "0");
  arguments->threads = static_cast<int>(number("threads", "1"));
  arguments->limits.nested_every = number("nested-every", "100");
  return values.empty();
}

std::unique_ptr<Case> Make(const std::string& name, uint64_t seed) {
  if (name == "storage") return std::make_unique<StorageCase>(seed);
  if (name == "threads") return std::make_unique<ThreadsCase>(seed);
  return std::make_unique<StoreCase>(seed, name);
}

// Makes run after run, several at once, until there are enough, time is up or something is found.
class Runs {
 public:
  explicit Runs(const Arguments& arguments) : arguments_(arguments) {}

  Figures Make() {
    std::vector<std::thread> threads;
    for (int i = 0; i < arguments_.threads; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
    total_.seconds = Seconds();
    return total_;
  }

 private:
  void Work() {
    while (!stopped_.load()) {
      const uint64_t run = next_.fetch_add(1);
      if (arguments_.counts_runs() && run >= arguments_.runs) return;
      const size_t cases = arguments_.cases.size();
      const std::unique_ptr<Case> made = crash::Make(arguments_.cases[run % cases], arguments_.seed + run / cases);
      Figures figures;
      if (!made->trouble().empty()) {
        figures.violation = "in the run itself: " + made->trouble() + "\n  repeat: crash_explorer " + made->name();
      } else {
        Limits limits = arguments_.limits;
        if (arguments_.seconds > 0) limits.seconds = std::max(0.001, arguments_.seconds - Seconds());
        figures = Explore(*made, limits);
      }
      const std::lock_guard lock(mutex_);
      total_.Add(figures);
      const bool late = arguments_.seconds > 0 && Seconds() >= arguments_.seconds;
      const bool enough = arguments_.disks > 0 && total_.disks_explored() >= arguments_.disks;
      if (!total_.violation.empty() || late || enough) stopped_ = true;
    }
  }

  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

  const Arguments& arguments_;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  Figures total_;
};

int Main(const Arguments& arguments) {
  Figures total;
  if (arguments.repeats) {
    const std::unique_ptr<Case> made = Make(arguments.cases[0], arguments.seed);
    total = Repeat(*made, arguments.limits, arguments.moment, arguments.disk);
  } else {
    total = Runs(arguments).Make();
  }
  // Per second of processor time: the machine may have more to do than this.
  const double busy = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const uint64_t disks = total.disks_explored();
  const bool violated = !total.violation.empty();
  std::printf(
      "moments %llu  disks %llu (left by a second cut %llu)  seconds %.1f  disks/s of a core %.0f  violations %d\n",
      static_cast<unsigned long long>(total.moments), static_cast<unsigned long long>(disks),
      static_cast<unsigned long long>(total.nested_disks), total.seconds,
      busy > 0 ? static_cast<double>(disks) / busy : 0, violated ? 1 : 0);
  if (violated) std::printf("VIOLATION: %s\n", total.violation.c_str());
  const bool written = test::WriteFigures("crash", {{"disks explored", disks},
                                                    {"disks explored: left by a second cut", total.nested_disks},
                                                    {"power cuts simulated", total.moments},
                                                    {"violations", violated ? 1 : 0}});
  if (!written) std::fprintf(stderr, "the figures could not be written\n");
  return violated || !written ? 1 : 0;
}

}  // namespace
}  // namespace redislite::crash

int main(int argc, char** argv) {
  redislite::crash::Arguments arguments;
  if (!redislite::crash::Parse(argc, argv, &arguments)) {
    std::fprintf(stderr,
                 "usage: crash_explorer [--case=all|storage|always|no|threads] [--seed=N] [--runs=N] "
                 "[--seconds=S] [--disks=N] [--threads=N] [--nested-every=N]"
                 " [--moment=N --disk=HASH]\n");
    return 2;
  }
  return redislite::crash::Main(arguments);
}
