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
// Who does not want to wait (a session, when writes are synced) leaves his ops to a leading thread, which takes part in
// the same election; his ops are done by a call. The reads that he sent behind writes go along, unlogged, and are
// looked up when those are applied, so that a pipeline of a hundred commands costs one sync and keeps its order.
//
// A blocking command that finds nothing is parked. An op that touches a key for which others wait is tried on a copy of
// its keys (Scratch) with them behind it, in the order of waiting: what they pop is in the same record as what was
// pushed.
//
// Rejected: a dedicated log thread (40 to 100 times slower without a sync, 15 to 20 us more latency with one),
// pipelining sync N+1 with apply N (no gain below 256 writers, a lock convoy without syncs), applying before logging
// (memory ahead of the log cannot be taken back).
//
// Threads: any. Source of the leader scheme: LevelDB's DBImpl::Write, with the deque and its condition variables
// replaced by the list and futexes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/events.h"
#include "engine/eviction.h"
#include "engine/keyspace.h"
#include "engine/options.h"
#include "engine/request.h"
#include "os/file_system.h"
#include "resp/writer.h"
#include "storage/log.h"

namespace redislite::engine {

class Engine;
class Scratch;

// The store's time: the clock, but never going back, not even behind what the log says.
class StoreClock {
 public:
  // An empty function: the system's clock.
  explicit StoreClock(std::function<int64_t()> now_ms) : now_ms_(std::move(now_ms)) {}

  int64_t Now() {
    const int64_t now = now_ms_ ? now_ms_() : os::SystemNowMs();
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
  // About now, and cheaper: to note when a key was used, never to tell whether it has expired. Not before the last
  // batch: what was read after it would count as used before what it wrote.
  int64_t Roughly() { return now_ms_ ? Now() : std::max(os::SystemLastTickMs(), Last()); }
  // What Now last gave; no call of the clock.
  int64_t Last() const { return last_ms_.load(std::memory_order_relaxed); }

 private:
  const std::function<int64_t()> now_ms_;
  std::atomic<int64_t> last_ms_{0};
};

// Keys whose changes somebody wants to know of before his transaction (WATCH). Its owner registers it with
// CommitPipeline::Watch and keeps it alive until Unwatch.
struct WatchList {
  struct Key {
    int db;
    std::string name;
    uint64_t hash;
    bool existed;  // when the watch began: a key that has expired since has changed
  };
  std::vector<Key> keys;
  std::atomic<bool> changed{false};
};

// A command, or the commands of a batch, from Submit to done. Belongs to the caller, who keeps it until then.
//
//     in the list --> decided --> answered ----------------------------------------> done
//                        |------> logged --> applied -------------------------------> done
//                        |------> a read behind writes: looked up after they are applied --> done
//                        |------> parked: it waits for a key to have something --> served by the op that feeds it,
//                        |                                         or out of time, or cancelled --> done
//                        `------> postponed: decided again in the next batch
struct Op {
  std::span<Request* const> parts;  // one, or a batch's; none: the reply, or `action`, is all there is
  bool batch = false;
  bool may_park = false;               // a blocking command may wait; else it answers that there is nothing
  const WatchList* watched = nullptr;  // of a batch: it happens only if none of these has changed
  std::function<void()> action;        // without parts: what the leader runs, alone with the pipeline
  resp::Writer* reply = nullptr;
  Status status;  // not ok: not done, nothing changed
  // Called once, by whichever thread is the leader then, when the op is done; it must be quick and must not call the
  // pipeline. Null: somebody waits in Submit.
  void (*finished)(Op&) = nullptr;
  void* owner = nullptr;  // for `finished`
  uint64_t serial = 0;    // the owner's: tells one use of the op from the next

  // The pipeline's.
  Op* next = nullptr;
  std::atomic<uint32_t> done{0};
  enum class Fate : uint8_t { kAnswered, kLogged, kRides, kParked, kPostponed } fate = Fate::kAnswered;
  bool atomic = false;             // the record stands between MULTI and EXEC
  std::vector<Request*> resolved;  // what is applied in place of `parts`; the reply is written already
  std::vector<std::unique_ptr<Request>> resolved_owned;
  std::vector<Op*> fed;  // the parked ops that this one serves
  bool is_parked = false;
  uint64_t park_number = 0;                  // who parked earlier is served earlier
  types::Type awaited = types::Type::kNone;  // what a key must have for the op to be tried again
  size_t awaited_keys = 0;                   // which may be one of the first so many of its own
  int64_t park_until_us = 0;  // monotonic; 0: for ever. Given without parts: the op does nothing but wait
  std::string unserved;       // what it answers when its time is up
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
      : engine_(engine), keyspace_(keyspace), clock_(clock), commands_(commands), eviction_(keyspace) {}

  void SetLog(storage::Log* log) { log_ = log; }
  void SetFsync(Fsync fsync) { fsync_.store(fsync, std::memory_order_relaxed); }
  void SetMaxMemory(uint64_t bytes, Policy policy, uint64_t samples) {
    maxmemory_.store(bytes, std::memory_order_relaxed);
    policy_.store(policy, std::memory_order_relaxed);
    eviction_samples_.store(samples, std::memory_order_relaxed);
  }

  // What is published of what happens to keys, and by what; the latter to be set before anything is submitted.
  void SetEvents(uint32_t kinds) { event_kinds_.store(kinds, std::memory_order_relaxed); }
  void SetPublish(Describe describe, Publish publish) {
    describe_ = describe;
    publish_ = std::move(publish);
  }
  uint32_t event_kinds() const { return event_kinds_.load(std::memory_order_relaxed); }
  // Whether what happens to keys is recorded, and what has (Context). The leader only.
  bool records() const NO_THREAD_SAFETY_ANALYSIS { return records_; }
  void Record(KeyChange::What what, int db, Bytes key) noexcept NO_THREAD_SAFETY_ANALYSIS;
  // Publishes the event if it is wanted; an event for which there is no memory is lost.
  void Tell(const Event& event) const noexcept;

  // Runs a write to its end: durable as the mode asks, applied, its reply written.
  void Submit(Op& op);
  // The same for several, in this order, sharing one sync. All or none of them have `finished`; those are not waited
  // for.
  void Submit(std::span<Op* const> ops);
  // Leaves the ops, which have `finished`, to the leading thread: returns at once, whatever a sync takes.
  void SubmitAsync(std::span<Op* const> ops);

  // Starts the leading thread, which leads for those who do not wait and ends the waiting of parked ops whose time is
  // up. To be called before the first SubmitAsync or `may_park`; further calls do nothing.
  Status StartLeader();
  // Ends the waiting of every parked op (kClosed), now and later. The leading thread goes on.
  void RefuseParking() EXCLUDES(commit_mu_);
  // Ends the leading thread; nothing may be submitted to it afterwards.
  void StopLeader();
  // Ends the waiting of one op, if it still waits: with `status`, or when that is ok as if its time were up. Called
  // from an action.
  void Unpark(Op& op, const Status& status) NO_THREAD_SAFETY_ANALYSIS;

  // From now on changes of the key are noted in the list. Never waits for a sync.
  void Watch(WatchList& list, WatchList::Key key) EXCLUDES(watch_mu_);
  // Of none of its keys any more; the list is as new.
  void Unwatch(WatchList& list) EXCLUDES(watch_mu_);
  // A key has changed (Context).
  void NoteChange(int db, uint64_t hash, Bytes key) {
    if (watch_count_.load(std::memory_order_relaxed) != 0) NoteWatched(db, hash, key);
  }
  // All keys of the database go (FLUSHDB), or those of another take their place (SWAPDB). To be told before they do,
  // under the locks of all stripes.
  void NoteChangeOfAll(int db, std::optional<int> other, int64_t now_ms) EXCLUDES(watch_mu_);

  // True when a write waits for a sync.
  bool syncs_writes() const { return log_ != nullptr && fsync_.load(std::memory_order_relaxed) == Fsync::kAlways; }
  uint32_t parked() const { return parked_count_.load(std::memory_order_relaxed); }
  // Keys that a parked op waits for.
  uint64_t awaited_keys() const { return awaited_keys_.load(std::memory_order_relaxed); }

  // Runs the function as the leader, alone with the log and the keyspace (whose stripes it still has to lock).
  template <typename Function>
  auto Alone(const Function& function) EXCLUDES(commit_mu_) {
    MutexLock lock(commit_mu_);
    return function();
  }

  uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
  uint64_t logged_commands() const { return logged_commands_.load(std::memory_order_relaxed); }
  uint64_t evicted_keys() const { return evicted_keys_.load(std::memory_order_relaxed); }
  void ResetEvictedKeys() { evicted_keys_.store(0, std::memory_order_relaxed); }

 private:
  // Returns whether the list was empty: who pushed onto it is the next leader.
  bool Push(std::span<Op* const> ops);
  void Lead() REQUIRES(commit_mu_);
  void ServeAsync();
  void WakeLeader(bool to_lead);
  void Gather() REQUIRES(commit_mu_);
  Op* TakeList() REQUIRES(commit_mu_);
  // One round: decides ops from `list` on until the batch is full or must end; logs, syncs, applies, finishes them.
  // Returns the rest.
  Op* CommitBatch(Op* list) REQUIRES(commit_mu_);
  void DecideAny(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  static Status CopyOf(const Status& status) noexcept;
  void Decide(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void DecideBatch(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  bool Touches(const Request& request) const REQUIRES(commit_mu_);
  void Touch(const Request& request) REQUIRES(commit_mu_);
  bool WatchSaysNo(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  // ---- Parked ops.
  void Park(Op& op, int64_t timeout_us) REQUIRES(commit_mu_);
  bool WaitsOn(const Op& op, int64_t now_ms) const REQUIRES(commit_mu_);
  void Forget(Op& op) REQUIRES(commit_mu_);
  bool MayFeed(const Op& op) const REQUIRES(commit_mu_);
  bool DecideFeeding(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  bool ServeFrom(Scratch& scratch, const Request& fed_by, Op& op) REQUIRES(commit_mu_);
  void EndExpiredWaits() REQUIRES(commit_mu_);
  Op* UnparkAll(Op* before) REQUIRES(commit_mu_);
  void FinishFed(Op& op, bool served) REQUIRES(commit_mu_);

  void NoteWatched(int db, uint64_t hash, Bytes key) EXCLUDES(watch_mu_);
  Status Encode(Op& op) REQUIRES(commit_mu_);
  void CountAnswered(const Op& op);
  void EncodeCommand(Args args) REQUIRES(commit_mu_);
  Status LogBatch(int64_t now_ms) REQUIRES(commit_mu_);
  void Apply(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void RunHandler(const Op& op, const Request& part, int64_t now_ms, resp::Writer& reply) REQUIRES(commit_mu_);
  void TellChanges(const Request& request) noexcept REQUIRES(commit_mu_);
  void TellEvicted(const Request& removal) noexcept REQUIRES(commit_mu_);
  Status Refuse(const Request& request) const REQUIRES(commit_mu_);
  // Puts DELs into the frame, until with them there is room, when one of the ops writes.
  void Evict(const Op* list, int64_t now_ms) REQUIRES(commit_mu_);
  uint64_t MemoryAhead() const REQUIRES(commit_mu_);
  // Fetches what deciding and applying the ops of a batch will look up. Of a single key only half of the way, since
  // there is nothing to do meanwhile: it is returned, for the rest of the way when its op is decided. Encoding and
  // writing the record take longer than that.
  std::optional<Keyspace::Place> Prefetch(const Op* list) const REQUIRES(commit_mu_);
  static void Finish(Op& op);

  Engine& engine_;
  Keyspace& keyspace_;
  StoreClock& clock_;
  const CommandTable& commands_;
  storage::Log* log_ = nullptr;
  std::atomic<Fsync> fsync_{Fsync::kAlways};
  std::atomic<uint64_t> maxmemory_{0};
  std::atomic<uint32_t> event_kinds_{0};
  Describe describe_ = nullptr;
  Publish publish_;
  std::atomic<Policy> policy_{Policy::kNoEviction};
  std::atomic<uint64_t> eviction_samples_{0};
  std::atomic<uint64_t> evicted_keys_{0};

  std::atomic<Op*> head_{nullptr};
  std::atomic<uint32_t> waiting_{0};  // ops in the list

  Mutex commit_mu_;  // the leader's
  storage::FrameBuilder frame_ GUARDED_BY(commit_mu_);
  uint32_t frame_commands_ GUARDED_BY(commit_mu_) = 0;
  int frame_db_ GUARDED_BY(commit_mu_) = 0;
  uint64_t frame_extra_bytes_ GUARDED_BY(commit_mu_) = 0;  // memory that the frame's commands asked for
  TouchedKeys touched_ GUARDED_BY(commit_mu_);
  Eviction eviction_ GUARDED_BY(commit_mu_);
  Op evicting_ GUARDED_BY(commit_mu_);                  // the record's DELs
  uint64_t evicting_bytes_ GUARDED_BY(commit_mu_) = 0;  // what they will free
  bool evicts_more_ GUARDED_BY(commit_mu_) = false;     // the next batches will go on
  uint32_t last_population_ GUARDED_BY(commit_mu_) = 1;
  int64_t sync_us_ GUARDED_BY(commit_mu_) = 0;  // exponential average

  bool records_ GUARDED_BY(commit_mu_) = false;
  std::vector<KeyChange> changes_ GUARDED_BY(commit_mu_);  // of the command that is being applied

  // The parked ops, by the hash of each key that they wait for, in the order of waiting; and by the end of their time.
  std::unordered_map<uint64_t, std::vector<Op*>> parked_ GUARDED_BY(commit_mu_);
  std::set<std::pair<int64_t, Op*>> park_ends_ GUARDED_BY(commit_mu_);
  uint64_t park_numbers_ GUARDED_BY(commit_mu_) = 0;
  bool parking_refused_ GUARDED_BY(commit_mu_) = false;
  bool swapped_ GUARDED_BY(commit_mu_) = false;  // the batch has an op that may have fed any key
  std::atomic<uint32_t> parked_count_{0};
  std::atomic<uint64_t> awaited_keys_{0};

  // The leading thread.
  Mutex leader_mu_;
  CondVar leader_cv_;
  bool leader_wanted_ GUARDED_BY(leader_mu_) = false;
  bool leader_stop_ GUARDED_BY(leader_mu_) = false;
  int64_t leader_alarm_us_ GUARDED_BY(leader_mu_) = 0;  // the first end of a wait; 0: none
  std::thread leader_;

  Mutex watch_mu_;
  std::unordered_map<uint64_t, std::vector<WatchList*>> watches_ GUARDED_BY(watch_mu_);
  std::atomic<uint32_t> watch_count_{0};

  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> logged_commands_{0};
};

}  // namespace redislite::engine
