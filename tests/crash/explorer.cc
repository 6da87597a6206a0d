#include "tests/crash/explorer.h"

#include <chrono>

namespace redislite::crash {
namespace {

using sim::PowerCut;
using sim::SimDisk;

std::string Hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

class Exploration {
 public:
  Exploration(const Case& run, const Limits& limits)
      : run_(run), limits_(limits), begun_(std::chrono::steady_clock::now()) {}

  Figures Run() {
    for (size_t moment = 0; moment < run_.moments().size() && !stopped_; ++moment) {
      CutAt(moment);
      ++figures_.moments;
    }
    return Result();
  }

  Figures RunOne(size_t moment, uint64_t hash) {
    const auto verify = [&](const SimDisk& disk, const std::string& label) {
      if (disk.Hash() == hash) Verify(disk, moment, label, hash, true);
      return !stopped_;
    };
    const SimDisk& disk = run_.moments()[moment].disk;
    if (verify(disk, kKilled)) PowerCut(disk).Enumerate(limits_.cut, verify);
    return Result();
  }

 private:
  static constexpr const char* kKilled = "killed, with the cache as it was";
  static constexpr uint64_t kCacheSalt = 0x5bd1e995;

  void CutAt(size_t moment) {
    const SimDisk& disk = run_.moments()[moment].disk;
    const uint64_t expectation = run_.Expectation(moment);
    // With its cache it is another machine than one with the same bytes on the disk, and is explored as well.
    if (disk.HasPending() && IsNew(disk.Hash() ^ kCacheSalt, expectation)) {
      // A name that is not durable yet is what a later process must not build on.
      const sim::Op op = run_.moments()[moment].call.op;
      const bool named = op == sim::Op::kRename || op == sim::Op::kCreateDirectory;
      Verify(disk, moment, kKilled, disk.Hash(), named || WantsNested());
    }
    const auto visit = [&](const SimDisk& after, const std::string& label) {
      const uint64_t hash = after.Hash();
      if (!stopped_ && IsNew(hash, expectation)) Verify(after, moment, label, hash, WantsNested());
      if (limits_.seconds > 0 && Seconds() > limits_.seconds) stopped_ = true;
      return !stopped_;
    };
    PowerCut(disk).Enumerate(limits_.cut, visit);
  }

  bool IsNew(uint64_t hash, uint64_t expectation) {
    if (!verified_.insert(sim::MixHash(hash, expectation)).second) return false;
    if (hashes_.insert(hash).second) ++figures_.distinct;
    return true;
  }

  bool WantsNested() { return limits_.nested_every != 0 && nested_turn_++ % limits_.nested_every == 0; }

  void Verify(const SimDisk& disk, size_t moment, const std::string& label, uint64_t hash, bool nested) {
    const auto is_new = [this](uint64_t state) { return gone_on_from_.insert(state).second; };
    const std::string wrong = run_.Verify(disk, {.moment = moment, .choice = hash, .nested = nested, .is_new = is_new},
                                          &figures_.nested_disks);
    if (++figures_.disks == limits_.disks_max) stopped_ = true;
    if (wrong.empty()) return;
    stopped_ = true;
    figures_.violation = wrong + "\n  at moment " + std::to_string(moment) + " (" +
                         sim::Describe(run_.moments()[moment].call) + "), disk: " + label +
                         "\n  repeat: crash_explorer " + run_.name() + " --moment=" + std::to_string(moment) +
                         " --disk=" + Hex(hash);
  }

  double Seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

  Figures Result() {
    figures_.seconds = Seconds();
    return figures_;
  }

  const Case& run_;
  const Limits& limits_;
  const std::chrono::steady_clock::time_point begun_;
  Figures figures_;
  std::unordered_set<uint64_t> verified_;  // disk and expectation
  std::unordered_set<uint64_t> hashes_;    // disk
  std::unordered_set<uint64_t> gone_on_from_;
  uint64_t nested_turn_ = 0;
  bool stopped_ = false;
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

Figures Explore(const Case& run, const Limits& limits) { return Exploration(run, limits).Run(); }

Figures Repeat(const Case& run, const Limits& limits, size_t moment, uint64_t hash) {
  return Exploration(run, limits).RunOne(moment, hash);
}

}  // namespace redislite::crash
