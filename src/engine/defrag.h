// Defrag: gives back the memory that deletes have left in sparse pages, by moving the entries that stand there.
//
// A pass walks all databases in the order of hashes, a segment of the table a hold: as the leader, under the exclusive
// lock of the stripe, which is some dozens of entries or about ten microseconds. Which pages are to be emptied is the
// slab's to say (Slab::Empties), what can move the keyspace's (Keyspace::Move). Nothing is logged, since no state
// changes; a snapshot's cut may be on.
//
// A pass begins by itself when what it could give back is more than a quarter of what the slab holds, which is what
// pages hold that are less than three quarters full on average, and these are the ones that it empties; and more than
// 16 MiB, for which nobody needs to have his caches disturbed. What the last pass could not give back (it belongs to
// blocks that cannot move) does not count. The service thread does it in slices of a tenth of a millisecond, and rests
// fifty times as long after each: at most 2% of a core.
//
// Threads: any.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/mutex.h"
#include "engine/commit.h"
#include "engine/keyspace.h"
#include "engine/statistics.h"

namespace redislite::engine {

class Defrag {
 public:
  Defrag(Keyspace& keyspace, CommitPipeline& pipeline, Statistics& statistics)
      : keyspace_(keyspace), pipeline_(pipeline), statistics_(statistics) {}

  // How often the service thread is to wake while a pass is under way.
  static constexpr int64_t kWakeMs = 5;

  // A slice of the pass that is under way, or that now begins because it pays and may; unless it is too early. Returns
  // whether one is under way.
  bool RunSlice(bool may_begin) EXCLUDES(mu_);
  // A whole pass, whatever it may give back.
  void RunPass() EXCLUDES(mu_);

  bool running() const { return running_.load(std::memory_order_relaxed); }

 private:
  bool Pays() REQUIRES(mu_);
  void Begin() REQUIRES(mu_);
  // A hold: one segment.
  void Step() REQUIRES(mu_);
  void Slice() REQUIRES(mu_);

  Keyspace& keyspace_;
  CommitPipeline& pipeline_;
  Statistics& statistics_;

  Mutex mu_;  // before the pipeline's
  int db_ GUARDED_BY(mu_) = 0;
  uint64_t from_ GUARDED_BY(mu_) = 0;
  uint64_t passes_ GUARDED_BY(mu_) = 0;  // that have ended
  uint64_t spare_ GUARDED_BY(mu_) = 0;   // bytes that the last one to begin could have given back
  uint64_t left_ GUARDED_BY(mu_) = 0;    // and those of the last one to end that it could not
  int64_t rest_until_us_ GUARDED_BY(mu_) = 0;
  std::atomic<bool> running_{false};
};

}  // namespace redislite::engine
