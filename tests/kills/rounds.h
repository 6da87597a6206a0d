// Rounds of kill -9: two processes that want the same store, of which one has it, works on it with many threads and is
// killed, over and over, and a third that reads it all the while.
//
// Whoever opens the store compares it with what it owes (load.h) before it writes. How a round ends says its plan.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "tests/kills/load.h"

namespace kills {

inline constexpr const char* kModes[] = {"always", "everysec", "no"};
inline constexpr int kModeCount = 3;
inline constexpr int kRoundsMax = 1 << 16;
inline constexpr int kPlacesMax = 256;

struct Plan {
  enum class End {
    kHolder,  // whoever has the store, some time after it was opened
    kAny,     // one of the two at any time: often in the middle of recovery
    kPlace,   // whoever gets to a place in the code for the hits-th time
  };
  // What the holder does besides its load, for places that the load alone does not reach.
  enum class Errand { kNone, kBackup, kNewStore, kSalvage, kRecovery, kLeftOvers };

  End end = End::kHolder;
  const char* mode = kModes[0];
  const char* segment = "64kb";   // wal-segment-bytes
  const char* snapshot = "64kb";  // snapshot-wal-bytes
  Errand errand = Errand::kNone;
  int place = -1;
  int hits = 1;
  std::string name;  // of the place
};

class KillRounds {
 public:
  // What all the processes share.
  struct Shared {
    Ledger ledger;
    std::atomic<int> round;
    std::atomic<int> hits[kRoundsMax];  // that are left
    std::atomic<int> holder;            // the process that opened the store last
    std::atomic<int64_t> opened;        // how often it was
    std::atomic<int64_t> looked;        // how often the reader saw it whole
    std::atomic<int64_t> snapshots;
    std::atomic<Plan::Errand> errand[2];  // of each process, at its side()
    std::atomic<bool> errand_done[2];     // acknowledged
    std::atomic<bool> stop;               // for the reader
    std::atomic<int64_t> reached[kPlacesMax];
  };

  // `arm` is called in every process that may be killed before it does anything else.
  explicit KillRounds(std::function<void()> arm = [] {}) : arm_(std::move(arm)) {}

  // Ends one round as each plan says. What goes wrong is a failure of the test.
  void Run(const std::vector<Plan>& plans);

  // The code is at a place: the process ends here when the round's plan says so.
  void Reach(int place);

  const Shared& shared() const { return *shared_; }
  stress::Random& random() { return random_; }

 private:
  std::string path() const { return scratch_ / "db"; }
  // Where one of the two does its errands.
  std::string side(int index) const { return scratch_ / ("side " + std::to_string(index)); }

  int StartCandidate(int index);
  void EndRound(const Plan& plan);
  bool ReapOne(int round);
  int CheckErrand(int index);

  [[noreturn]] void BeCandidate(int index, uint64_t seed);
  [[noreturn]] void BeReader();
  void Work(rl_db* db, int index, const Plan& plan, stress::Random& random);
  void DoErrand(rl_db* db, int index, const Plan& plan);
  void Look();

  stress::Scratch scratch_;
  stress::Random random_;
  SharedMemory<Shared> shared_;
  std::function<void()> arm_;
  const std::vector<Plan>* plans_ = nullptr;
  int candidates_[2] = {};
};

}  // namespace kills
