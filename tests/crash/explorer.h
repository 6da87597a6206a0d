// Explorer: cuts the power at every moment of a recorded run and has each distinct disk that may be left verified.
//
// It knows nothing of stores: a Case says what a run was and what must hold of a disk that was left at one of its
// moments. Disks are told apart by their hash; a disk that is left at two moments with different expectations is
// verified once for each. One thread a case: who wants to use more explores several cases at once.
//
// Also explored are the machines whose process was killed while the power stayed: the cache is still there, and a
// later power cut may take it (`killed`).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/support/sim_file_system.h"
#include "tests/support/sim_power_cut.h"

namespace redislite::crash {

// A recorded run, and how to judge what a crash in it leaves.
class Case {
 public:
  virtual ~Case() = default;

  // Repeats the run on the command line: "--case=storage --seed=7".
  virtual std::string name() const = 0;
  // What went wrong in the run itself; empty for nothing.
  virtual const std::string& trouble() const = 0;
  virtual const std::vector<sim::Moment>& moments() const = 0;
  // Moments with the same number expect the same.
  virtual uint64_t Expectation(size_t moment) const = 0;

  struct Request {
    size_t moment = 0;
    uint64_t choice = 0;  // for what the verification chooses: the same for the same disk
    bool nested = false;  // cut the power during the recovery too
    // False when the same state, with this hash, has been gone on from before: the rest would go as it went then.
    // Called once a disk at most.
    std::function<bool(uint64_t state)> is_new;
  };
  // What is wrong with the disk, or nothing. Adds the disks that it explored itself to `nested_disks`.
  virtual std::string Verify(const sim::SimDisk& disk, const Request& request, uint64_t* nested_disks) const = 0;
};

struct Limits {
  sim::PowerCut::Limits cut;
  uint64_t nested_every = 100;  // every how many disks the recovery is cut too; 0: never
  uint64_t disks_max = 0;       // 0: no limit
  double seconds = 0;           // 0: no limit
};

struct Figures {
  uint64_t moments = 0;
  uint64_t disks = 0;         // verified
  uint64_t distinct = 0;      // of these, with bytes that no other had
  uint64_t nested_disks = 0;  // left by a cut inside a recovery, distinct within it, and verified
  double seconds = 0;
  std::string violation;  // the first one: what, and the line that repeats it; empty for none

  uint64_t disks_explored() const { return distinct + nested_disks; }
  void Add(const Figures& other);
};

// Explores the whole case. Stops at the first violation.
Figures Explore(const Case& run, const Limits& limits);

// Verifies the one disk of that hash which a cut at the moment may leave, a second cut included.
Figures Repeat(const Case& run, const Limits& limits, size_t moment, uint64_t hash);

}  // namespace redislite::crash
