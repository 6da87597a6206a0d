#include "tests/crash/explorer.h"

#include <chrono>
#include <mutex>
#include <thread>

namespace redislite::crash {
namespace {

using sim::PowerCut;
using sim::SimDisk;

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// What several threads share while they explore one case.
class Exploration {
 public:
  Exploration(const Case& run, const Limits& limits)
      : run_(run), limits_(limits), begun_(std::chrono::steady_clock::now()) {}

  Figures Run() {
    std::vector<std::thread> threads;
    for (int i = 1; i < limits_.threads; ++i) threads.emplace_back([this] { Work(); });
    Work();
    for (std::thread& thread : threads) thread.join();
    return Result();
  }

  Figures RunOne(size_t moment, uint64_t hash) {
    const auto verify = [&](const SimDisk& disk, const std::string& label) {
      if (disk.Hash() == hash) Verify(disk, moment, label, hash, true);
      return !stopped_.load();
    };
    const SimDisk& disk = run_.moments()[moment].disk;
    verify(disk, kKilled);
    PowerCut(disk).Enumerate(limits_.cut, verify);
    return Result();
  }

 private:
  static constexpr const char* kKilled = "killed, with the cache as it was";

  void Work() {
    while (!stopped_.load()) {
      const size_t moment = next_moment_.fetch_add(1);
      if (moment >= run_.moments().size()) return;
      const SimDisk& disk = run_.moments()[moment].disk;
      const auto visit = [&](const SimDisk& after, const std::string& label) {
        const uint64_t hash = after.Hash();
        if (seen_.Add(hash, run_.Expectation(moment))) Verify(after, moment, label, hash, WantsNested());
        if (limits_.seconds > 0 && Seconds() > limits_.seconds) stopped_ = true;
        return !stopped_.load();
      };
      // With its cache it is another machine than one with the same bytes on the disk, and is explored as well.
      if (disk.HasPending() && seen_.Add(disk.Hash() ^ kCacheSalt, run_.Expectation(moment))) {
        // A name that is not durable yet is what a later process must not build on.
        const sim::Op op = run_.moments()[moment].call.op;
        const bool named = op == sim::Op::kRename || op == sim::Op::kCreateDirectory;
        Verify(disk, moment, kKilled, disk.Hash(), named || WantsNested());
      }
      PowerCut(disk).Enumerate(limits_.cut, visit);
      ++moments_;
    }
  }

  bool WantsNested() { return limits_.nested_every != 0 && nested_turn_.fetch_add(1) % limits_.nested_every == 0; }

  void Verify(const SimDisk& disk, size_t moment, const std::string& label, uint64_t hash, bool nested) {
    uint64_t nested_disks = 0;
    const std::string wrong = run_.Verify(disk, {.moment = moment, .seed = hash, .nested = nested}, &nested_disks);
    nested_disks_ += nested_disks;
    if (++disks_ == limits_.disks_max) stopped_ = true;
    if (wrong.empty()) return;
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (!violation_.empty()) return;
    violation_ = wrong + "\n  at moment " + std::to_string(moment) + " (" + sim::Describe(run_.moments()[moment].call) +
                 "), disk: " + label + "\n  repeat: crash_explorer " + run_.name() +
                 " --moment=" + std::to_string(moment) + " --disk=" + Hex(hash);
  }

  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

  Figures Result() const {
    return {.moments = moments_,
            .disks = disks_,
            .distinct = seen_.distinct(),
            .nested_disks = nested_disks_,
            .seconds = Seconds(),
            .violation = violation_};
  }

  static constexpr uint64_t kCacheSalt = 0x5bd1e995;

  const Case& run_;
  const Limits& limits_;
  const std::chrono::steady_clock::time_point begun_;
  Seen seen_;
  std::atomic<size_t> next_moment_{0};
  std::atomic<uint64_t> moments_{0};
  std::atomic<uint64_t> disks_{0};
  std::atomic<uint64_t> nested_disks_{0};
  std::atomic<uint64_t> nested_turn_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::string violation_;
};

}  // namespace

void Figures::Add(const Figures& other) {
  moments += other.moments;
  disks += other.disks;
  distinct += other.distinct;
  nested_disks += other.nested_disks;
  seconds += other.seconds;
  if (violation.empty()) violation = other.violation;
}

bool Seen::Add(uint64_t hash, uint64_t expectation) {
  const std::lock_guard lock(mutex_);
  if (!with_expectation_.insert(sim::MixHash(hash, expectation)).second) return false;
  if (hashes_.insert(hash).second) ++distinct_;
  return true;
}

Figures Explore(const Case& run, const Limits& limits) { return Exploration(run, limits).Run(); }

Figures Repeat(const Case& run, const Limits& limits, size_t moment, uint64_t hash) {
  return Exploration(run, limits).RunOne(moment, hash);
}

}  // namespace redislite::crash
