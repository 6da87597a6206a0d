// Snapshotter: copies the keyspace as of one point in the log, while writers go on, without fork.
//
// The cut is a number: the leader raises the keyspace's generation between two batches. From then on a writer that
// changes an entry of the cut first hands what it was to the snapshot (Keep, Adopt), and the snapshot's thread walks
// the keyspace in the order of hashes, a few buckets a lock, and takes the entries that nobody has handed it. Each
// entry of the cut arrives exactly once. A big collection is only frozen then (types/frozen.h), and written in pieces,
// by the snapshot's thread, with no lock of the keyspace.
//
// While others write it works half of the time only, a millisecond at a time: it takes a core, the memory's bandwidth
// and the device from them, and what it needs longer for costs them less.
//
// Rejected: fork (not ours to do in a host's process), a fuzzy image with redo (needs physical, idempotent records),
// a second copy of the table.
//
// Threads: Run by one thread at a time (it locks); Keep and Adopt by the leader.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "engine/commit.h"
#include "engine/entry_commands.h"
#include "engine/keyspace.h"
#include "types/frozen.h"

namespace redislite::engine {

class Snapshotter : private SnapshotCut {
 public:
  Snapshotter(Keyspace& keyspace, CommitPipeline& pipeline, StoreClock& clock)
      : keyspace_(keyspace), pipeline_(pipeline), clock_(clock) {}

  // The point at which the copy is exact. Expired keys of that time are not in it.
  struct Point {
    storage::Lsn lsn = 0;
    int64_t time_ms = 0;
    uint64_t keys = 0;  // about
  };
  // Where the copy goes. `at_cut` runs as the leader at the cut and gives its LSN; `begin` and then `block` run on
  // the caller's thread. An error of any ends the copy.
  struct Target {
    std::function<Result<storage::Lsn>()> at_cut;
    std::function<Status(const Point&)> begin;
    std::function<Status(CommandChunk& chunk, uint64_t keys_done)> block;
  };
  // Copies the whole keyspace. A copy that is under way is waited for.
  Status Run(const Target& target, const std::atomic<bool>& cancel) EXCLUDES(run_mu_);

  // Bytes of what was handed over and is not yet written.
  uint64_t retained_bytes() const { return HeldBytes() + retained_.copied.load(std::memory_order_relaxed); }

 private:
  uint64_t HeldBytes() const override { return retained_.held.load(std::memory_order_relaxed); }
  void Keep(int database, Entry& entry) noexcept override;
  void Adopt(int database, Entry* entry) noexcept override;

  Status Walk(const Target& target, const std::atomic<bool>& cancel) REQUIRES(run_mu_);
  // Rests as long as it has worked, if anything was logged meanwhile.
  void GiveWay() REQUIRES(run_mu_);
  // Adds the entry's commands to the chunks, or freezes it; returns what that has taken, in entries of usual size.
  size_t Take(int database, Entry& entry, std::vector<CommandChunk>& chunks) REQUIRES(run_mu_);
  // True: the entry has a big collection, which is written later. Throws std::bad_alloc.
  bool TryToFreeze(int database, Entry& entry) EXCLUDES(handed_mu_);
  bool HandedOver();
  // Writes what the leader has handed over.
  Status Drain(const Target& target, bool write) REQUIRES(run_mu_);
  Status Write(const Target& target, std::vector<CommandChunk>& chunks, bool all) REQUIRES(run_mu_);
  // Writes frozen_, from the first that is not written.
  Status WriteFrozen(const Target& target, const std::atomic<bool>& cancel) REQUIRES(run_mu_);
  FrozenEntry* FirstUnwritten();
  // The collections of the first of frozen_, so many at most, forget it.
  void Thaw(size_t at_most) REQUIRES(run_mu_);

  Keyspace& keyspace_;
  CommitPipeline& pipeline_;
  StoreClock& clock_;

  Mutex run_mu_;
  Point point_ GUARDED_BY(run_mu_);
  uint64_t keys_done_ GUARDED_BY(run_mu_) = 0;
  int64_t slice_from_us_ GUARDED_BY(run_mu_) = 0;  // when it began to work
  uint64_t logged_ GUARDED_BY(run_mu_) = 0;        // the commands that had been logged then
  int64_t cut_ms_ = 0;                             // point_.time_ms for the leader; set at the cut, constant after

  // What the leader hands over.
  Mutex handed_mu_;
  std::vector<CommandChunk> kept_ GUARDED_BY(handed_mu_);
  std::array<std::vector<Entry*>, kDatabases> adopted_ GUARDED_BY(handed_mu_);
  // What was handed over, and big collections to which the walk has come.
  std::vector<std::unique_ptr<FrozenEntry>> frozen_ GUARDED_BY(handed_mu_);
  size_t frozen_written_ GUARDED_BY(handed_mu_) = 0;  // the first of them
  bool lost_ GUARDED_BY(handed_mu_) = false;          // no memory to keep an entry: the copy is worth nothing
  types::Frozen::Kept retained_;
  // Parts of retained_.
  uint64_t kept_bytes_ GUARDED_BY(handed_mu_) = 0;
  uint64_t adopted_bytes_ GUARDED_BY(handed_mu_) = 0;
};

}  // namespace redislite::engine
