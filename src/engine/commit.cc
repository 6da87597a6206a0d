#include "engine/commit.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <thread>

#include "base/failpoint.h"
#include "engine/command_statistics.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "engine/scratch.h"
#include "os/thread.h"
#include "resp/command_encoder.h"

namespace redislite::engine {

namespace {

// A batch is closed at this size, so that a caller who happens to lead is not held up by everybody else's work.
constexpr size_t kBatchBytes = 1 << 20;
constexpr size_t kBatchOps = 1024;

// The longest that a leader waits for company, and the share of a sync's duration that it may cost.
constexpr int64_t kGatherUsMax = 200;
constexpr int64_t kGatherShare = 7;  // one seventh

// Memory that applying a record may need beyond the record's own bytes: table segments, a larger heap, a list's nodes.
size_t ReserveFor(size_t payload_bytes) { return payload_bytes + payload_bytes / 4 + (256 << 10); }

// As errorstats name what refuses a write.
Bytes ErrorKindOf(const Status& status) {
  if (status.code() == Code::kMaxMemory) return "OOM";
  return status.code() == Code::kIo || status.code() == Code::kFull ? "MISCONF" : "ERR";
}

}  // namespace

void TouchedKeys::Clear() {
  ++round_;
  count_ = 0;
  all_ = false;
}

void TouchedKeys::Add(uint64_t hash) {
  if ((count_ + 1) * 2 > slots_.size()) {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.round != round_) continue;
      size_t at = slot.hash & (larger.size() - 1);
      while (larger[at].round == round_) at = (at + 1) & (larger.size() - 1);
      larger[at] = slot;
    }
    slots_.swap(larger);
  }
  size_t at = hash & (slots_.size() - 1);
  while (slots_[at].round == round_) {
    if (slots_[at].hash == hash) return;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {hash, round_};
  ++count_;
}

bool TouchedKeys::Has(uint64_t hash) const {
  if (all_) return true;
  for (size_t at = hash & (slots_.size() - 1); slots_[at].round == round_; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash) return true;
  }
  return false;
}

bool CommitPipeline::Push(std::span<Op* const> ops) {
  for (size_t i = 1; i < ops.size(); ++i) ops[i]->next = ops[i - 1];
  waiting_.fetch_add(static_cast<uint32_t>(ops.size()), std::memory_order_relaxed);
  Op* before = head_.load(std::memory_order_relaxed);
  do {
    ops.front()->next = before;
  } while (!head_.compare_exchange_weak(before, ops.back(), std::memory_order_acq_rel, std::memory_order_relaxed));
  return before == nullptr;
}

void CommitPipeline::Submit(Op& op) {
  Op* const ops[] = {&op};
  Submit(ops);
}

void CommitPipeline::Submit(std::span<Op* const> ops) {
  const bool wait = ops.front()->finished == nullptr;  // the others may be gone when they are done
  if (Push(ops)) {
    MutexLock lock(commit_mu_);
    Lead();
  }
  for (Op* op : ops) {
    if (!wait) break;
    while (op->done.load(std::memory_order_acquire) == 0) op->done.wait(0, std::memory_order_acquire);
  }
}

void CommitPipeline::SubmitAsync(std::span<Op* const> ops) {
  if (Push(ops)) WakeLeader(true);
}

void CommitPipeline::Finish(Op& op) {
  if (op.finished != nullptr) return op.finished(op);
  // After the store the op may be gone: its owner is free to return. The wake-up uses its address and nothing else.
  op.done.store(1, std::memory_order_release);
  op.done.notify_one();
}

// Followers that have just been woken come back with their next op while the new leader is already here. Without a
// short wait N callers split into two alternating halves, and every sync carries N / 2 records.
void CommitPipeline::Gather() {
  if (log_ == nullptr || fsync_.load(std::memory_order_relaxed) != Fsync::kAlways || last_population_ <= 1) return;
  const int64_t patience = std::min(kGatherUsMax, sync_us_ / kGatherShare);
  const int64_t start = os::MonotonicUs();
  while (waiting_.load(std::memory_order_relaxed) < last_population_ && os::MonotonicUs() - start < patience) {
    std::this_thread::yield();
  }
}

Op* CommitPipeline::TakeList() {
  Op* newest = head_.exchange(nullptr, std::memory_order_acq_rel);
  Op* list = nullptr;
  uint32_t population = 0;
  while (newest != nullptr) {
    Op* older = newest->next;
    newest->next = list;
    list = newest;
    newest = older;
    ++population;
  }
  waiting_.fetch_sub(population, std::memory_order_relaxed);
  last_population_ = population;
  return list;
}

void CommitPipeline::Lead() {
  Gather();
  Op* list = TakeList();
  while (list != nullptr) list = CommitBatch(list);
}

// What a leader does between taking the list and finishing its ops must not throw: their owners wait.
Status CommitPipeline::CopyOf(const Status& status) noexcept {
  try {
    return status;
  } catch (const std::bad_alloc&) {
    return {status.code(), OutOfMemory().message()};
  }
}

Op* CommitPipeline::CommitBatch(Op* list) {
  const int64_t now_ms = clock_.Now();
  frame_.Clear();
  frame_commands_ = 0;
  frame_db_ = 0;
  frame_extra_bytes_ = 0;
  swapped_ = false;
  touched_.Clear();
  Evict(list, now_ms);
  const std::optional<Keyspace::Place> lone = Prefetch(list);
  Op* end = list;
  Op* last_decided = nullptr;
  for (size_t ops = 0; end != nullptr && ops < kBatchOps && frame_.payload_bytes() < kBatchBytes; ++ops) {
    try {
      end->fate = Op::Fate::kAnswered;
      end->atomic = end->batch;
      end->resolved.clear();  // of an earlier round that postponed it
      end->resolved_owned.clear();
      DecideAny(*end, now_ms);
    } catch (const std::bad_alloc&) {
      FinishFed(*end, false);
      end->status = OutOfMemory();
      end->fate = Op::Fate::kAnswered;
    }
    if (end->fate == Op::Fate::kPostponed) break;
    Op* next = end->next;
    if (end->fate == Op::Fate::kParked) {  // leaves the list
      (last_decided == nullptr ? list : last_decided->next) = next;
    } else {
      last_decided = end;
    }
    end = next;
  }
  if (lone) keyspace_.PrefetchEntry(*lone);
  const Status logged = LogBatch(now_ms);
  RL_FAILPOINT(batch_logged);
  if (evicting_.fate == Op::Fate::kLogged && logged.ok()) {
    Apply(evicting_, now_ms);
    evicted_keys_.fetch_add(evicting_.resolved.size(), std::memory_order_relaxed);
  }
  for (Op* op = list; op != end;) {
    Op* next = op->next;
    if (op->fate == Op::Fate::kRides || (op->fate == Op::Fate::kLogged && logged.ok())) {
      Apply(*op, now_ms);
      RL_FAILPOINT(batch_applied);
    } else if (op->fate == Op::Fate::kLogged) {
      op->status = CopyOf(logged);
    }
    if (!op->fed.empty()) FinishFed(*op, logged.ok());
    Finish(*op);
    op = next;
  }
  return swapped_ && logged.ok() ? UnparkAll(end) : end;
}

void CommitPipeline::DecideAny(Op& op, int64_t now_ms) {
  if (op.parts.empty() && !op.batch) {
    if (op.action) op.action();
    if (op.may_park && op.park_until_us != 0 && !parking_refused_) Park(op, 0);
    return;
  }
  op.reply->Clear();
  if (!op.batch && !op.parts.front()->writes()) {
    op.fate = Op::Fate::kRides;
    return;
  }
  if (parked_count_.load(std::memory_order_relaxed) != 0 && MayFeed(op) && DecideFeeding(op, now_ms)) return;
  op.batch ? DecideBatch(op, now_ms) : Decide(op, now_ms);
}

// What the data will take when the record is applied as far as it is decided. What a snapshot keeps of keys that are
// gone cannot be freed by evicting more.
uint64_t CommitPipeline::MemoryAhead() const {
  const uint64_t used = keyspace_.memory().used();
  return used - std::min(used, evicting_bytes_ + keyspace_.HeldBytes());
}

// The leader is alone with the tables: nobody else changes them.
std::optional<Keyspace::Place> CommitPipeline::Prefetch(const Op* list) const {
  std::array<Keyspace::Place, Keyspace::kPrefetchMax> places;
  size_t count = 0;
  for (; list != nullptr; list = list->next) {
    for (const Request* part : list->parts) {
      for (const KeyRef& key : part->keys) {
        if (count == places.size()) {
          keyspace_.Prefetch(places);
          return {};
        }
        places[count++] = {part->db, key.hash};
      }
    }
  }
  if (count == 1) {
    keyspace_.PrefetchTable(places[0]);
    return places[0];
  }
  keyspace_.Prefetch(std::span(places).first(count));
  return {};
}

void CommitPipeline::Evict(const Op* list, int64_t now_ms) {
  // A limit that is lowered by much is reached over some batches, not in one that keeps everybody waiting.
  constexpr size_t kVictimsMax = 256;
  evicting_.fate = Op::Fate::kAnswered;
  evicting_bytes_ = 0;
  evicts_more_ = false;
  const uint64_t limit = maxmemory_.load(std::memory_order_relaxed);
  if (limit == 0 || MemoryAhead() <= limit) return;
  const Policy policy = policy_.load(std::memory_order_relaxed);
  const auto writes = [](const Request* part) { return part->writes(); };
  while (list != nullptr && std::none_of(list->parts.begin(), list->parts.end(), writes)) list = list->next;
  if (list == nullptr || policy == Policy::kNoEviction || (log_ != nullptr && log_->poisoned())) return;

  evicting_.resolved.clear();
  evicting_.resolved_owned.clear();
  try {
    eviction_.Begin(policy, eviction_samples_.load(std::memory_order_relaxed), now_ms);
    while (MemoryAhead() > limit && evicting_.resolved.size() < kVictimsMax) {
      const Eviction::Victim victim = eviction_.Choose();
      if (victim.entry == nullptr) break;
      auto removal = std::make_unique<Request>();
      removal->Own({"DEL", std::string(victim.entry->key())});
      removal->command = commands_.Find(removal->args);
      removal->db = victim.db;
      removal->FindKeys(keyspace_);
      evicting_.resolved.push_back(removal.get());
      evicting_.resolved_owned.push_back(std::move(removal));
      evicting_bytes_ += victim.entry->memory_bytes();
    }
    if (!evicting_.resolved.empty() && !Encode(evicting_).ok()) evicting_bytes_ = 0;
    evicts_more_ = evicting_.fate == Op::Fate::kLogged && evicting_.resolved.size() == kVictimsMax;
  } catch (const std::bad_alloc&) {
    evicting_bytes_ = 0;  // what could not be evicted is refused
  }
}

Status CommitPipeline::Refuse(const Request& request) const {
  if (log_ != nullptr && log_->poisoned()) return log_->poison();
  const uint64_t limit = maxmemory_.load(std::memory_order_relaxed);
  if (limit != 0 && (request.command->flags & kDenyOom) != 0 && MemoryAhead() > limit && !evicts_more_) {
    return {Code::kMaxMemory, "command not allowed when used memory > 'maxmemory'."};
  }
  return Status::Ok();
}

bool CommitPipeline::Touches(const Request& request) const {
  if (!touched_.any()) return false;
  if (request.all_keys || touched_.all()) return true;
  return std::any_of(request.keys.begin(), request.keys.end(),
                     [&](const KeyRef& key) REQUIRES(commit_mu_) { return touched_.Has(key.hash); });
}

void CommitPipeline::Touch(const Request& request) {
  if (request.all_keys) touched_.AddAll();
  for (const KeyRef& key : request.keys) touched_.Add(key.hash);
}

void CommitPipeline::Decide(Op& op, int64_t now_ms) {
  const Request& request = *op.parts.front();
  if (op.status = Refuse(request); !op.status.ok()) {
    if (request.asked != nullptr) engine_.command_statistics().CountRejected(request.asked, ErrorKindOf(op.status));
    return;
  }
  const bool resolve = (request.command->flags & kResolve) != 0;
  if (Touches(request)) {
    if (resolve) {
      op.fate = Op::Fate::kPostponed;
      return;
    }
  } else if (WaitsOn(op, now_ms)) {
    return Park(op, 0);
  } else {
    Context context(&engine_, keyspace_, Mode::kPreview, request, now_ms, *op.reply);
    request.command->handler(context);
    if (!context.replacement().empty()) {
      auto resolved = std::make_unique<Request>();
      resolved->Own(std::move(context.replacement()));
      resolved->command = commands_.Find(resolved->args);
      resolved->db = request.db;
      resolved->origin = request.command;
      resolved->FindKeys(keyspace_);
      op.resolved.push_back(resolved.get());
      op.resolved_owned.push_back(std::move(resolved));
    } else if (context.would_wait() && op.may_park) {
      if (!parking_refused_) {
        op.awaited = context.awaited();
        op.awaited_keys = context.awaited_keys();
        return Park(op, context.timeout_us());
      }
      // The store is being closed: as for those who were parked before, and never an answer as after a timeout.
      op.reply->Clear();
      op.status = Status(Code::kClosed, "store closed");
      return;
    } else if (!context.wants_write()) {
      CountAnswered(op);
      return;
    } else {
      frame_extra_bytes_ += context.bytes_needed();
      op.reply->Clear();
    }
  }
  op.status = Encode(op);
}

void CommitPipeline::DecideBatch(Op& op, int64_t now_ms) {
  if (op.watched != nullptr && WatchSaysNo(op, now_ms)) return;
  bool resolve = false;
  bool touches = false;
  for (const Request* part : op.parts) {
    if (part->writes()) {
      if (op.status = Refuse(*part); !op.status.ok()) return;
    }
    resolve |= (part->command->flags & kResolve) != 0;
    touches |= Touches(*part);
  }
  if (resolve) {
    if (touches) {
      op.fate = Op::Fate::kPostponed;
      return;
    }
    // The whole batch runs on a copy, and what it did there, resolved, is what is logged.
    Scratch scratch(keyspace_, commands_, now_ms);
    for (const Request* part : op.parts) scratch.Copy(*part);
    op.reply->Array(op.parts.size());
    for (Request* part : op.parts) scratch.Run(*part, *op.reply, &op.resolved, &op.resolved_owned);
    if (op.resolved.empty()) return CountAnswered(op);
  } else if (!touches) {
    // As long as no command of the batch would write, the present state is what the next one sees.
    bool wants_write = false;
    op.reply->Array(op.parts.size());
    for (const Request* part : op.parts) {
      Context context(&engine_, keyspace_, part->writes() ? Mode::kPreview : Mode::kRead, *part, now_ms, *op.reply);
      part->command->handler(context);
      wants_write = context.wants_write();
      if (wants_write) break;
    }
    if (!wants_write) return CountAnswered(op);
    op.reply->Clear();
  }
  op.status = Encode(op);
}

// A call of each of the op's commands whose reply is there already.
void CommitPipeline::CountAnswered(const Op& op) {
  for (const Request* part : op.parts) {
    if (part->asked != nullptr) engine_.command_statistics().Count(*part->asked, *op.reply);
  }
}

void CommitPipeline::EncodeCommand(Args args) {
  resp::AppendCommand(frame_.buffer(), args);
  ++frame_commands_;
}

// Puts the op's record into the frame, or leaves the frame as it was.
Status CommitPipeline::Encode(Op& op) {
  static constexpr Bytes kMulti[] = {"MULTI"};
  static constexpr Bytes kExec[] = {"EXEC"};
  const std::span<Request* const> parts = op.resolved.empty() ? op.parts : std::span<Request* const>(op.resolved);
  size_t bytes = 0;
  for (const Request* part : parts) {
    if (part->writes()) bytes += resp::CommandBytes(part->args) + 64;
  }
  if (bytes > kRecordBytesMax) {
    return {Code::kLimit, "the record has " + std::to_string(bytes) + " bytes, at most " +
                              std::to_string(kRecordBytesMax) + " are allowed"};
  }
  if (frame_.payload_bytes() + bytes > kRecordBytesMax) {
    op.fate = Op::Fate::kPostponed;
    return Status::Ok();
  }
  const size_t mark = frame_.buffer().size();
  const uint32_t commands = frame_commands_;
  const int db = frame_db_;
  try {
    if (op.atomic) EncodeCommand(kMulti);
    for (const Request* part : parts) {
      if (!part->writes()) continue;
      if (part->db != frame_db_) {
        const std::string number = std::to_string(part->db);
        const Bytes select[] = {"SELECT", number};
        EncodeCommand(select);
        frame_db_ = part->db;
      }
      EncodeCommand(part->args);
    }
    if (op.atomic) EncodeCommand(kExec);
    for (const Request* part : parts) Touch(*part);
    for (const Request* part : parts) swapped_ |= part->all_keys && part->writes();
  } catch (const std::bad_alloc&) {
    frame_.buffer().resize(mark);
    frame_commands_ = commands;
    frame_db_ = db;
    return OutOfMemory();
  }
  op.fate = Op::Fate::kLogged;
  return Status::Ok();
}

Status CommitPipeline::LogBatch(int64_t now_ms) {
  if (frame_commands_ == 0) return Status::Ok();
  if (!keyspace_.memory().EnsureReserve(ReserveFor(frame_.payload_bytes()) + frame_extra_bytes_)) {
    return OutOfMemory();
  }
  batches_.fetch_add(1, std::memory_order_relaxed);
  logged_commands_.fetch_add(frame_commands_, std::memory_order_relaxed);
  if (log_ == nullptr) return Status::Ok();
  using Durability = storage::Log::Durability;
  const bool synced = fsync_.load(std::memory_order_relaxed) == Fsync::kAlways;
  try {
    RL_RETURN_IF_ERROR(
        log_->Append(frame_, frame_commands_, now_ms, synced ? Durability::kSynced : Durability::kRelaxed));
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
  if (!synced) return Status::Ok();
  const int64_t start = os::MonotonicUs();
  RL_RETURN_IF_ERROR(log_->Sync());
  sync_us_ += (os::MonotonicUs() - start - sync_us_) / 8;
  return Status::Ok();
}

void CommitPipeline::Apply(Op& op, int64_t now_ms) {
  const bool resolved = !op.resolved.empty();
  const std::span<Request* const> parts = resolved ? std::span<Request* const>(op.resolved) : op.parts;
  StripeSet stripes;
  for (const Request* part : parts) stripes.Add(part->stripes());
  resp::Writer unread;
  resp::Writer& reply = resolved ? unread : *op.reply;
  const StripeSet::Guard guard(keyspace_, stripes,
                               op.fate == Op::Fate::kRides ? StripeSet::How::kShared : StripeSet::How::kExclusive);
  const Memory::ReserveScope reserve(keyspace_.memory());
  try {
    if (op.batch && !resolved) reply.Array(parts.size());
    changes_.clear();
    records_ = event_kinds() != 0 && describe_ != nullptr;
    for (const Request* part : parts) {
      std::optional<CommandStatistics::Run> run;
      if (part->asked != nullptr) run.emplace(engine_.command_statistics(), *part, reply);
      RunHandler(op, *part, now_ms, reply);
      if (records_) &op == &evicting_ ? TellEvicted(*part) : TellChanges(*part);
    }
    if (resolved) CountAnswered(op);
  } catch (const std::bad_alloc&) {
    op.status = OutOfMemory();
    if (op.fate == Op::Fate::kRides) return;
    // The record is in the log and memory is not where the log is: only replaying it can heal that (I2).
    op.status = {Code::kIo, op.status.message()};
    if (log_ != nullptr) op.status = log_->Poison(op.status);
  }
}

// What a handler changes is Memory's, which has the reserve. What it needs besides, mostly before its first change (the
// members of a ZADD, the keys of a SUNIONSTORE), is the heap's: refused, it gets the reserve too, and begins again.
void CommitPipeline::RunHandler(const Op& op, const Request& part, int64_t now_ms, resp::Writer& reply) {
  const size_t written = reply.bytes().size();
  while (true) {
    Context context(&engine_, keyspace_, part.writes() ? Mode::kApply : Mode::kRead, part, now_ms, reply);
    try {
      return part.command->handler(context);
    } catch (const std::bad_alloc&) {
      const bool may_begin_again = op.fate != Op::Fate::kRides && !context.has_changed();
      if (!may_begin_again || !keyspace_.memory().ReleaseReserve()) throw;
      reply.ShrinkTo(written);
    }
  }
}

// ---- Keyspace notifications.

void CommitPipeline::Tell(const Event& event) const noexcept {
  const uint32_t kinds = event_kinds();
  if ((kinds & event.kind) == 0) return;
  try {
    PublishEvent(event, kinds, publish_);
  } catch (const std::bad_alloc&) {
    // Said in the header.
  }
}

void CommitPipeline::Record(KeyChange::What what, int db, Bytes key) noexcept {
  if (!records_) return;
  try {
    changes_.push_back({what, db, std::string(key)});
  } catch (const std::bad_alloc&) {
    // Nobody hears of it; the change itself must not fail any more.
  }
}

void CommitPipeline::TellChanges(const Request& request) noexcept {
  // What a blocking command pops is told as the pop that it was resolved to.
  const bool as_asked = request.origin != nullptr && (request.origin->flags & kMayWait) == 0;
  try {
    describe_(as_asked ? *request.origin : *request.command, request.args, request.db, changes_,
              [this](const Event& event) { Tell(event); });
  } catch (const std::bad_alloc&) {
    // Said in the header.
  }
  changes_.clear();
}

void CommitPipeline::TellEvicted(const Request& removal) noexcept {
  Tell({kEvictedEvents, "evicted", removal.db, removal.args[1]});
  changes_.clear();
}

// ---- Transactions that watch keys.

void CommitPipeline::Watch(WatchList& list, WatchList::Key key) {
  MutexLock lock(watch_mu_);
  for (const WatchList::Key& known : list.keys) {
    if (known.db == key.db && known.name == key.name) return;
  }
  const uint64_t hash = key.hash;
  list.keys.reserve(list.keys.size() + 1);
  std::vector<WatchList*>& watching = watches_[hash];
  watching.push_back(&list);
  list.keys.push_back(std::move(key));
  watch_count_.fetch_add(1, std::memory_order_relaxed);
}

void CommitPipeline::Unwatch(WatchList& list) {
  MutexLock lock(watch_mu_);
  for (const WatchList::Key& key : list.keys) {
    const auto found = watches_.find(key.hash);
    if (found == watches_.end()) continue;  // two of its keys have the same hash
    std::erase(found->second, &list);
    if (found->second.empty()) watches_.erase(found);
  }
  watch_count_.fetch_sub(static_cast<uint32_t>(list.keys.size()), std::memory_order_relaxed);
  list.keys.clear();
  list.changed.store(false, std::memory_order_relaxed);
}

void CommitPipeline::NoteWatched(int db, uint64_t hash, Bytes key) {
  MutexLock lock(watch_mu_);
  const auto found = watches_.find(hash);
  if (found == watches_.end()) return;
  for (WatchList* list : found->second) {
    for (const WatchList::Key& watched : list->keys) {
      if (watched.db == db && watched.name == key) list->changed.store(true, std::memory_order_release);
    }
  }
}

void CommitPipeline::NoteChangeOfAll(int db, std::optional<int> other, int64_t now_ms) {
  if (watch_count_.load(std::memory_order_relaxed) == 0) return;
  MutexLock lock(watch_mu_);
  for (auto& [hash, lists] : watches_) {
    for (WatchList* list : lists) {
      for (const WatchList::Key& watched : list->keys) {
        if (watched.db != db || watched.hash != hash) continue;
        // A key that was not there and does not come has not changed.
        const auto is_in = [&](int number) {
          return keyspace_.Find(number, watched.hash, watched.name, now_ms) != nullptr;
        };
        if (is_in(db) || (other && is_in(*other))) list->changed.store(true, std::memory_order_release);
      }
    }
  }
}

// Whether the transaction must not happen, or not be decided yet.
bool CommitPipeline::WatchSaysNo(Op& op, int64_t now_ms) {
  for (const WatchList::Key& key : op.watched->keys) {
    if (touched_.Has(key.hash)) {
      op.fate = Op::Fate::kPostponed;
      return true;
    }
  }
  bool changed = op.watched->changed.load(std::memory_order_acquire);
  for (const WatchList::Key& key : op.watched->keys) {
    changed |= key.existed && keyspace_.Find(key.db, key.hash, key.name, now_ms) == nullptr;
  }
  if (changed) op.reply->NullArray();
  return changed;
}

// ---- Parked ops.

namespace {

// The keys that a parked op waits for.
std::span<const KeyRef> AwaitedKeys(const Op& op) {
  if (op.parts.empty()) return {};
  const KeyList& keys = op.parts.front()->keys;
  return {keys.begin(), std::min(keys.size(), op.awaited_keys)};
}

}  // namespace

void CommitPipeline::Park(Op& op, int64_t timeout_us) {
  op.reply->Clear();
  if (!op.parts.empty()) op.reply->NullArray();  // whatever it would answer at once
  op.unserved = op.reply->bytes();
  if (op.park_number == 0) {
    op.park_number = ++park_numbers_;
    if (timeout_us != 0) op.park_until_us = os::MonotonicUs() + timeout_us;
  }
  op.is_parked = true;
  try {
    for (const KeyRef& key : AwaitedKeys(op)) {
      std::vector<Op*>& queue = parked_[key.hash];
      const auto later = [&](const Op* other) { return other->park_number > op.park_number; };
      queue.insert(std::find_if(queue.begin(), queue.end(), later), &op);
    }
    if (op.park_until_us != 0) park_ends_.insert({op.park_until_us, &op});
  } catch (const std::bad_alloc&) {
    Forget(op);
    throw;
  }
  parked_count_.fetch_add(1, std::memory_order_relaxed);
  awaited_keys_.store(parked_.size(), std::memory_order_relaxed);
  op.fate = Op::Fate::kParked;
  if (op.park_until_us != 0 && park_ends_.begin()->second == &op) {
    MutexLock lock(leader_mu_);
    leader_alarm_us_ = op.park_until_us;
    leader_cv_.NotifyOne();
  }
}

// Takes it out of the places where parked ops stand, as far as it is in them.
void CommitPipeline::Forget(Op& op) {
  op.is_parked = false;
  for (const KeyRef& key : AwaitedKeys(op)) {
    const auto found = parked_.find(key.hash);
    if (found == parked_.end()) continue;
    std::erase(found->second, &op);
    if (found->second.empty()) parked_.erase(found);
  }
  park_ends_.erase({op.park_until_us, &op});
  awaited_keys_.store(parked_.size(), std::memory_order_relaxed);
}

void CommitPipeline::Unpark(Op& op, const Status& status) {
  if (!op.is_parked) return;
  Forget(op);
  parked_count_.fetch_sub(1, std::memory_order_relaxed);
  op.status = status;
  op.reply->Clear();
  if (status.ok()) op.reply->Raw(op.unserved);
  Finish(op);
}

// After an op that may have fed any key: everybody who waits is decided again, in the order of waiting, before
// `before`.
Op* CommitPipeline::UnparkAll(Op* before) {
  if (parked_.empty()) return before;
  std::vector<Op*> all;
  for (const auto& [hash, queue] : parked_) all.insert(all.end(), queue.begin(), queue.end());
  std::sort(all.begin(), all.end(), [](const Op* a, const Op* b) { return a->park_number > b->park_number; });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (Op* op : all) {
    Forget(*op);
    parked_count_.fetch_sub(1, std::memory_order_relaxed);
    op->next = before;
    before = op;
  }
  return before;
}

// Whether the op has waited, and none of its keys has what it waits for. It is not asked then: a value of another type
// is an error only to who comes, and to who has been given something.
bool CommitPipeline::WaitsOn(const Op& op, int64_t now_ms) const {
  if (op.park_number == 0 || parking_refused_) return false;
  const int db = op.parts.front()->db;
  const std::span<const KeyRef> keys = AwaitedKeys(op);
  return std::none_of(keys.begin(), keys.end(), [&](const KeyRef& key) REQUIRES(commit_mu_) {
    const Entry* entry = keyspace_.Find(db, key.hash, key.key, now_ms);
    return entry != nullptr && entry->value.type() == op.awaited;
  });
}

void CommitPipeline::EndExpiredWaits() {
  const int64_t now_us = os::MonotonicUs();
  while (!park_ends_.empty() && park_ends_.begin()->first <= now_us) Unpark(*park_ends_.begin()->second, Status::Ok());
  MutexLock lock(leader_mu_);
  leader_alarm_us_ = park_ends_.empty() ? 0 : park_ends_.begin()->first;
}

bool CommitPipeline::MayFeed(const Op& op) const {
  for (const Request* part : op.parts) {
    if (!part->writes()) continue;
    for (const KeyRef& key : part->keys) {
      if (parked_.contains(key.hash)) return true;
    }
  }
  return false;
}

// Tries the op with those behind it who wait for its keys. False: it feeds nobody, and is decided as ever.
bool CommitPipeline::DecideFeeding(Op& op, int64_t now_ms) {
  for (const Request* part : op.parts) {
    if (Touches(*part)) {
      op.fate = Op::Fate::kPostponed;
      return true;
    }
    if (!part->writes()) continue;
    if (op.status = Refuse(*part); !op.status.ok()) return true;
  }
  if (op.watched != nullptr && WatchSaysNo(op, now_ms)) return true;
  Scratch scratch(keyspace_, commands_, now_ms);
  for (const Request* part : op.parts) scratch.Copy(*part);
  if (op.batch) op.reply->Array(op.parts.size());
  for (Request* part : op.parts) scratch.Run(*part, *op.reply, &op.resolved, &op.resolved_owned);
  for (size_t i = 0; i < op.resolved.size(); ++i) {  // grows: what is served (BLMOVE) may feed others
    if (ServeFrom(scratch, *op.resolved[i], op)) continue;
    // Somebody waits for keys that earlier ops of the batch touch.
    FinishFed(op, false);
    op.resolved.clear();
    op.resolved_owned.clear();
    op.fate = Op::Fate::kPostponed;
    return true;
  }
  if (op.fed.empty()) {
    op.resolved.clear();
    op.resolved_owned.clear();
    op.reply->Clear();
    return false;
  }
  op.atomic = true;
  op.status = Encode(op);
  if (op.fate != Op::Fate::kLogged) FinishFed(op, false);
  return true;
}

// Serves those who wait for the keys of a command that was tried.
bool CommitPipeline::ServeFrom(Scratch& scratch, const Request& fed_by, Op& op) {
  for (const KeyRef& key : fed_by.keys) {
    const auto found = parked_.find(key.hash);
    if (found == parked_.end()) continue;
    for (Op* waiting : found->second) {
      Request& request = *waiting->parts.front();
      if (std::find(op.fed.begin(), op.fed.end(), waiting) != op.fed.end()) continue;
      if (scratch.TypeOf(request.db, key) != waiting->awaited) continue;
      if (Touches(request)) return false;
      scratch.Copy(request);
      waiting->reply->Clear();
      if (!scratch.Run(request, *waiting->reply, &op.resolved, &op.resolved_owned)) continue;
      op.fed.push_back(waiting);
    }
  }
  return true;
}

// The parked ops that this one was to serve: done, or waiting on.
void CommitPipeline::FinishFed(Op& op, bool served) {
  for (Op* waiting : std::exchange(op.fed, {})) {
    if (!served) continue;
    Forget(*waiting);
    parked_count_.fetch_sub(1, std::memory_order_relaxed);
    Finish(*waiting);
  }
}

// ---- The leading thread.

Status CommitPipeline::StartLeader() {
  MutexLock lock(leader_mu_);
  if (leader_.joinable()) return Status::Ok();
  return os::StartThread([this] { ServeAsync(); }, &leader_);
}

void CommitPipeline::WakeLeader(bool to_lead) {
  MutexLock lock(leader_mu_);
  leader_wanted_ |= to_lead;
  leader_cv_.NotifyOne();
}

void CommitPipeline::ServeAsync() {
  while (true) {
    bool lead = false;
    {
      MutexLock lock(leader_mu_);
      while (!leader_wanted_ && !leader_stop_) {
        if (leader_alarm_us_ == 0) {
          leader_cv_.Wait(leader_mu_);
          continue;
        }
        const int64_t left_us = leader_alarm_us_ - os::MonotonicUs();
        if (left_us <= 0) break;
        leader_cv_.WaitFor(leader_mu_, std::chrono::milliseconds((left_us + 999) / 1000));
      }
      if (leader_stop_ && !leader_wanted_) return;
      lead = std::exchange(leader_wanted_, false);
    }
    MutexLock lock(commit_mu_);
    if (lead) Lead();
    EndExpiredWaits();
  }
}

void CommitPipeline::RefuseParking() {
  MutexLock lock(commit_mu_);
  parking_refused_ = true;
  const Status closed(Code::kClosed, "store closed");  // short enough to need no memory
  while (!parked_.empty()) Unpark(*parked_.begin()->second.front(), closed);
  while (!park_ends_.empty()) Unpark(*park_ends_.begin()->second, closed);
}

void CommitPipeline::StopLeader() {
  {
    MutexLock lock(leader_mu_);
    leader_stop_ = true;
    leader_cv_.NotifyOne();
  }
  if (leader_.joinable()) leader_.join();
}

}  // namespace redislite::engine
