// CommitPipeline: how a write becomes durable and visible. The order is log, sync, apply (I1).
//
// A caller pushes its op onto a lock-free list. Whoever pushes onto the empty list is the next leader and waits for
// the commit lock; the others park on their own op. The leader takes the whole list, decides each op in order, puts
// what changes something into one frame, writes and syncs it once, applies it in the same order under the stripes'
// locks, and wakes the others. There is exactly one candidate a batch and it always finds its own op in it:
// everything pushed between its push and its taking of the list follows it.
//
//     push onto empty list ---> wait for the commit lock ---> take the list ---> decide, log, sync, apply ---> wake
//     push onto non-empty  ---> park in the own op ........................................................... done
//
// Deciding: while no earlier op of the batch touches its keys, an op is previewed: when it would change nothing, or
// fails, it is answered and not logged. When one does, what it would do is not known yet, and it is logged as it is:
// replay decides the same as apply. A command whose effect must be fixed before it is logged (kResolve) ends the
// batch there, and begins the next one.
//
// Rejected: a dedicated log thread (40 to 100 times slower without a sync, 15 to 20 us more latency with one),
// pipelining sync N+1 with apply N (no gain below 256 writers, a lock convoy without syncs), applying before logging
// (memory ahead of the log cannot be taken back).
//
// Threads: any. Source of the leader scheme: LevelDB's DBImpl::Write, with the deque and its condition variables
// replaced by the list and futexes.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/keyspace.h"
#include "engine/options.h"
#include "engine/request.h"
#include "resp/writer.h"
#include "storage/log.h"

namespace redislite::engine {

class Engine;

// The store's time: the clock, but never going back, not even behind what the log says.
class StoreClock {
 public:
  explicit StoreClock(std::function<int64_t()> now_ms) : now_ms_(std::move(now_ms)) {}

  int64_t Now() {
    const int64_t now = now_ms_();
    int64_t last = last_ms_.load(std::memory_order_relaxed);
    while (now > last) {
      if (last_ms_.compare_exchange_weak(last, now, std::memory_order_relaxed)) return now;
    }
    return last;
  }
  void NeverBefore(int64_t time_ms) {
    int64_t last = last_ms_.load(std::memory_order_relaxed);
    while (time_ms > last && !last_ms_.compare_exchange_weak(last, time_ms, std::memory_order_relaxed)) {
    }
  }
  // What Now last gave; no call of the clock.
  int64_t Last() const { return last_ms_.load(std::memory_order_relaxed); }

 private:
  const std::function<int64_t()> now_ms_;
  std::atomic<int64_t> last_ms_{0};
};

// A command, or the commands of a batch, from Submit to done. Lives on the caller's stack.
struct Op {
  std::span<Request* const> parts;  // one, or a batch's
  bool batch = false;
  resp::Writer* reply = nullptr;
  Status status;  // not ok: not done, nothing changed

  // The pipeline's.
  Op* next = nullptr;
  std::atomic<uint32_t> done{0};
  enum class Fate : uint8_t { kAnswered, kLogged, kPostponed } fate = Fate::kAnswered;
  std::vector<Request*> resolved;  // what is applied in place of `parts`; the reply is written already
  std::vector<std::unique_ptr<Request>> resolved_owned;
};

// A small set of key hashes that is emptied in O(1).
class TouchedKeys {
 public:
  void Clear();
  void Add(uint64_t hash);
  void AddAll() { all_ = true; }
  bool Has(uint64_t hash) const;
  bool all() const { return all_; }
  bool any() const { return all_ || count_ > 0; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t round = 0;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(256);
  uint64_t round_ = 1;
  size_t count_ = 0;
  bool all_ = false;
};

class CommitPipeline {
 public:
  // `log` is null for a store in memory. `engine` is passed on to handlers.
  CommitPipeline(Engine& engine, Keyspace& keyspace, StoreClock& clock, const CommandTable& commands)
      : engine_(engine), keyspace_(keyspace), clock_(clock), commands_(commands) {}

  void SetLog(storage::Log* log) { log_ = log; }
  void SetFsync(Fsync fsync) { fsync_.store(fsync, std::memory_order_relaxed); }
  void SetMaxMemory(uint64_t bytes) { maxmemory_.store(bytes, std::memory_order_relaxed); }

  // Runs a write to its end: durable as the mode asks, applied, its reply written.
  void Submit(Op& op);

  // Runs the function as the leader, alone with the log and the keyspace (whose stripes it still has to lock).
  template <typename Function>
  auto Alone(const Function& function) EXCLUDES(commit_mu_) {
    MutexLock lock(commit_mu_);
    return function();
  }

  // Applies a record of the log to the keyspace during recovery (I2: the same handlers as in life).
  Status Replay(Bytes payload, uint32_t count, int64_t time_ms);

  uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
  uint64_t logged_commands() const { return logged_commands_.load(std::memory_order_relaxed); }

 private:
  void Lead() REQUIRES(commit_mu_);
  void Gather() REQUIRES(commit_mu_);
  Op* TakeList() REQUIRES(commit_mu_);
  // One round: decides ops from `list` on until the batch is full or must end; logs, syncs, applies, finishes them.
  // Returns the rest.
  Op* CommitBatch(Op* list) REQUIRES(commit_mu_);
  void Decide(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void DecideBatch(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  bool Touches(const Request& request) const REQUIRES(commit_mu_);
  void Touch(const Request& request) REQUIRES(commit_mu_);
  bool ResolveInScratch(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  Status Encode(Op& op) REQUIRES(commit_mu_);
  void EncodeCommand(Args args) REQUIRES(commit_mu_);
  Status LogBatch(int64_t now_ms) REQUIRES(commit_mu_);
  void Apply(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  Status Refuse(const Request& request) const;
  static void Finish(Op& op);

  Engine& engine_;
  Keyspace& keyspace_;
  StoreClock& clock_;
  const CommandTable& commands_;
  storage::Log* log_ = nullptr;
  std::atomic<Fsync> fsync_{Fsync::kAlways};
  std::atomic<uint64_t> maxmemory_{0};

  std::atomic<Op*> head_{nullptr};
  std::atomic<uint32_t> waiting_{0};  // ops in the list

  Mutex commit_mu_;  // the leader's
  storage::FrameBuilder frame_ GUARDED_BY(commit_mu_);
  uint32_t frame_commands_ GUARDED_BY(commit_mu_) = 0;
  int frame_db_ GUARDED_BY(commit_mu_) = 0;
  uint64_t frame_extra_bytes_ GUARDED_BY(commit_mu_) = 0;  // memory that the frame's commands asked for
  TouchedKeys touched_ GUARDED_BY(commit_mu_);
  uint32_t last_population_ GUARDED_BY(commit_mu_) = 1;
  int64_t sync_us_ GUARDED_BY(commit_mu_) = 0;  // exponential average

  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> logged_commands_{0};
};

}  // namespace redislite::engine
