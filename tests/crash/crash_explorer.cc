// crash_explorer: cuts the power at every operation of seeded runs, recovers every disk that may be left, and prints
// what it found.
//
//   crash_explorer [--case=storage|always|everysec|no|threads] [--seed=1] [--runs=N] [--seconds=S] [--threads=N]
//   [--nested-every=N]
//   crash_explorer --case=... --seed=... --moment=M --disk=HASH      repeats one finding
//
// Exit status 0: no violation. 1: one was found; the last line repeats it. 2: wrong usage.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "tests/crash/explorer.h"
#include "tests/crash/storage_case.h"
#include "tests/crash/store_case.h"
#include "tests/crash/threads_case.h"

namespace redislite::crash {
namespace {

struct Arguments {
  std::string run_case = "storage";
  uint64_t seed = 1;
  uint64_t runs = 10;
  bool repeats = false;
  size_t moment = 0;
  uint64_t disk = 0;
  Limits limits;
};

bool Parse(int argc, char** argv, Arguments* arguments) {
  std::map<std::string, std::string> values;
  for (int i = 1; i < argc; ++i) {
    const std::string text = argv[i];
    const size_t equals = text.find('=');
    if (text.rfind("--", 0) != 0 || equals == std::string::npos) return false;
    values[text.substr(2, equals - 2)] = text.substr(equals + 1);
  }
  const auto number = [&](const char* name, uint64_t missing, int base = 10) {
    const auto found = values.find(name);
    if (found == values.end()) return missing;
    const uint64_t value = std::strtoull(found->second.c_str(), nullptr, base);
    values.erase(found);
    return value;
  };
  if (const auto found = values.find("case"); found != values.end()) {
    arguments->run_case = found->second;
    values.erase(found);
  }
  arguments->repeats = values.count("moment") != 0;
  arguments->seed = number("seed", 1);
  arguments->runs = number("runs", 10);
  arguments->moment = number("moment", 0);
  arguments->disk = number("disk", 0, 16);
  arguments->limits.seconds = static_cast<double>(number("seconds", 0));
  arguments->limits.threads = static_cast<int>(number("threads", 1));
  arguments->limits.nested_every = number("nested-every", 50);
  return values.empty();
}

std::unique_ptr<Case> Make(const std::string& name, uint64_t seed) {
  if (name == "storage") return std::make_unique<StorageCase>(seed);
  if (name == "threads") return std::make_unique<ThreadsCase>(seed);
  return std::make_unique<StoreCase>(seed, name);
}

int Main(const Arguments& arguments) {
  Figures total;
  Limits limits = arguments.limits;
  for (uint64_t run = 0; run < arguments.runs || limits.seconds > 0; ++run) {
    const std::unique_ptr<Case> made = Make(arguments.run_case, arguments.seed + run);
    if (!made->trouble().empty()) {
      std::printf("VIOLATION in the run itself: %s\n  repeat: crash_explorer %s\n", made->trouble().c_str(),
                  made->name().c_str());
      return 1;
    }
    if (arguments.repeats) {
      total = Repeat(*made, limits, arguments.moment, arguments.disk);
      break;
    }
    total.Add(Explore(*made, limits));
    if (!total.violation.empty()) break;
    if (limits.seconds > 0 && total.seconds >= arguments.limits.seconds) break;
    limits.seconds = std::max(0.001, arguments.limits.seconds - total.seconds);
    if (arguments.limits.seconds == 0) limits.seconds = 0;
  }
  const double rate = total.seconds > 0 ? static_cast<double>(total.disks) / total.seconds : 0;
  std::printf(
      "%-10s moments %llu  disks %llu  distinct %llu  after a second cut %llu  seconds %.1f  disks/s %.0f  violations "
      "%d\n",
      arguments.run_case.c_str(), static_cast<unsigned long long>(total.moments),
      static_cast<unsigned long long>(total.disks), static_cast<unsigned long long>(total.distinct),
      static_cast<unsigned long long>(total.nested_disks), total.seconds, rate, total.violation.empty() ? 0 : 1);
  if (total.violation.empty()) return 0;
  std::printf("VIOLATION: %s\n", total.violation.c_str());
  return 1;
}

}  // namespace
}  // namespace redislite::crash

int main(int argc, char** argv) {
  redislite::crash::Arguments arguments;
  if (!redislite::crash::Parse(argc, argv, &arguments)) {
    std::fprintf(stderr,
                 "usage: crash_explorer [--case=storage|always|everysec|no|threads] [--seed=N] [--runs=N] "
                 "[--seconds=S] [--threads=N] [--nested-every=N]"
                 " [--moment=N --disk=HASH]\n");
    return 2;
  }
  return redislite::crash::Main(arguments);
}
