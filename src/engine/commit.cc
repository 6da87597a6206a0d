#include "engine/commit.h"

#include <algorithm>
#include <new>
#include <thread>

#include "base/number.h"
#include "engine/context.h"
#include "os/file_system.h"
#include "resp/command_encoder.h"
#include "resp/reader.h"

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

void CommitPipeline::Submit(Op& op) {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  Op* before = head_.load(std::memory_order_relaxed);
  do {
    op.next = before;
  } while (!head_.compare_exchange_weak(before, &op, std::memory_order_acq_rel, std::memory_order_relaxed));
  if (before == nullptr) {
    MutexLock lock(commit_mu_);
    Lead();
    return;
  }
  while (op.done.load(std::memory_order_acquire) == 0) op.done.wait(0, std::memory_order_acquire);
}

void CommitPipeline::Finish(Op& op) {
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

Op* CommitPipeline::CommitBatch(Op* list) {
  const int64_t now_ms = clock_.Now();
  frame_.Clear();
  frame_commands_ = 0;
  frame_db_ = 0;
  frame_extra_bytes_ = 0;
  touched_.Clear();
  Op* end = list;
  for (size_t ops = 0; end != nullptr && ops < kBatchOps && frame_.payload_bytes() < kBatchBytes; ++ops) {
    try {
      end->fate = Op::Fate::kAnswered;
      end->resolved.clear();  // of an earlier round that postponed it
      end->resolved_owned.clear();
      end->reply->Clear();
      end->batch ? DecideBatch(*end, now_ms) : Decide(*end, now_ms);
    } catch (const std::bad_alloc&) {
      end->status = {Code::kNoMemory, "out of memory"};
      end->fate = Op::Fate::kAnswered;
    }
    if (end->fate == Op::Fate::kPostponed) break;
    end = end->next;
  }
  const Status logged = LogBatch(now_ms);
  for (Op* op = list; op != end;) {
    Op* next = op->next;
    if (op->fate == Op::Fate::kLogged) {
      if (logged.ok()) {
        Apply(*op, now_ms);
      } else {
        op->status = logged;
      }
    }
    Finish(*op);
    op = next;
  }
  return end;
}

Status CommitPipeline::Refuse(const Request& request) const {
  if (log_ != nullptr && log_->poisoned()) return log_->poison();
  const uint64_t limit = maxmemory_.load(std::memory_order_relaxed);
  if (limit != 0 && (request.command->flags & kDenyOom) != 0 && keyspace_.memory().used() > limit) {
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
  if (op.status = Refuse(request); !op.status.ok()) return;
  const bool resolve = (request.command->flags & kResolve) != 0;
  if (Touches(request)) {
    if (resolve) {
      op.fate = Op::Fate::kPostponed;
      return;
    }
  } else {
    Context context(&engine_, keyspace_, Mode::kPreview, request, now_ms, *op.reply);
    request.command->handler(context);
    if (!context.replacement().empty()) {
      auto resolved = std::make_unique<Request>();
      resolved->Own(std::move(context.replacement()));
      resolved->command = commands_.Find(resolved->args);
      resolved->db = request.db;
      resolved->FindKeys(keyspace_);
      op.resolved.push_back(resolved.get());
      op.resolved_owned.push_back(std::move(resolved));
    } else if (!context.wants_write()) {
      return;
    } else {
      frame_extra_bytes_ += context.bytes_needed();
      op.reply->Clear();
    }
  }
  op.status = Encode(op);
}

void CommitPipeline::DecideBatch(Op& op, int64_t now_ms) {
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
    if (!ResolveInScratch(op, now_ms)) return;
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
    if (!wants_write) return;
    op.reply->Clear();
  }
  op.status = Encode(op);
}

// A batch with a command whose effect must be fixed first, behind others that may change what it sees: the whole
// batch runs on a copy of the keys that it names, and what it did there, resolved, is what is logged. False: it
// changed nothing, the reply stands.
bool CommitPipeline::ResolveInScratch(Op& op, int64_t now_ms) {
  Keyspace scratch(keyspace_.memory(), keyspace_.seed());
  const auto copy = [&](int db, const Entry& entry) {
    Entry* copied = scratch.Put(db, entry.hash, entry.key(), entry.value.Clone(), false, now_ms);
    if (entry.expires_at_ms != kNever) scratch.SetExpiry(db, copied, entry.expires_at_ms);
  };
  if (std::any_of(op.parts.begin(), op.parts.end(), [](const Request* part) { return part->all_keys; })) {
    keyspace_.ForEach([&](int db, const Entry& entry) {
      if (!entry.ExpiredAt(now_ms)) copy(db, entry);
    });
  } else {
    for (const Request* part : op.parts) {
      for (const KeyRef& key : part->keys) {
        // In every database: COPY and MOVE name another one by number.
        for (int db = 0; db < kDatabases; ++db) {
          const Entry* entry = keyspace_.Find(db, key.hash, key.key, now_ms);
          if (entry != nullptr && scratch.Find(db, key.hash, key.key, now_ms) == nullptr) copy(db, *entry);
        }
      }
    }
  }
  bool wrote = false;
  op.reply->Array(op.parts.size());
  for (Request* part : op.parts) {
    const bool resolve = (part->command->flags & kResolve) != 0;
    Context context(nullptr, scratch,
                    resolve          ? Mode::kPreview
                    : part->writes() ? Mode::kApply
                                     : Mode::kRead,
                    *part, now_ms, *op.reply);
    part->command->handler(context);
    if (!context.replacement().empty()) {
      auto resolved = std::make_unique<Request>();
      resolved->Own(std::move(context.replacement()));
      resolved->command = commands_.Find(resolved->args);
      resolved->db = part->db;
      resolved->FindKeys(keyspace_);
      resp::Writer unread;
      Context applied(nullptr, scratch, Mode::kApply, *resolved, now_ms, unread);
      resolved->command->handler(applied);
      op.resolved.push_back(resolved.get());
      op.resolved_owned.push_back(std::move(resolved));
      wrote = true;
    } else if (context.wants_write()) {
      op.resolved.push_back(part);
      wrote = true;
    }
  }
  return wrote;
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
    if (op.batch) EncodeCommand(kMulti);
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
    if (op.batch) EncodeCommand(kExec);
    for (const Request* part : parts) Touch(*part);
  } catch (const std::bad_alloc&) {
    frame_.buffer().resize(mark);
    frame_commands_ = commands;
    frame_db_ = db;
    return {Code::kNoMemory, "out of memory"};
  }
  op.fate = Op::Fate::kLogged;
  return Status::Ok();
}

Status CommitPipeline::LogBatch(int64_t now_ms) {
  if (frame_commands_ == 0) return Status::Ok();
  if (!keyspace_.memory().EnsureReserve(ReserveFor(frame_.payload_bytes()) + frame_extra_bytes_)) {
    return {Code::kNoMemory, "out of memory"};
  }
  batches_.fetch_add(1, std::memory_order_relaxed);
  logged_commands_.fetch_add(frame_commands_, std::memory_order_relaxed);
  if (log_ == nullptr) return Status::Ok();
  try {
    RL_RETURN_IF_ERROR(log_->Append(frame_, frame_commands_, now_ms));
  } catch (const std::bad_alloc&) {
    return {Code::kNoMemory, "out of memory"};
  }
  if (fsync_.load(std::memory_order_relaxed) != Fsync::kAlways) return Status::Ok();
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
  const StripeSet::Guard guard(keyspace_, stripes, StripeSet::How::kExclusive);
  const Memory::ReserveScope reserve(keyspace_.memory());
  try {
    if (op.batch && !resolved) reply.Array(parts.size());
    for (const Request* part : parts) {
      Context context(&engine_, keyspace_, part->writes() ? Mode::kApply : Mode::kRead, *part, now_ms, reply);
      part->command->handler(context);
    }
  } catch (const std::bad_alloc&) {
    // The record is in the log and memory is not where the log is: only replaying it can heal that (I2).
    op.status = {Code::kIo, "out of memory while a logged record was applied: open the store again"};
    if (log_ != nullptr) op.status = log_->Poison(op.status);
  }
}

Status CommitPipeline::Replay(Bytes payload, uint32_t count, int64_t time_ms) {
  resp::CommandReader reader(payload);
  std::vector<Bytes> argv;
  resp::Writer unread;
  Request request;
  int db = 0;
  uint32_t seen = 0;
  while (true) {
    const resp::CommandReader::Outcome outcome = reader.Next(argv);
    if (outcome == resp::CommandReader::Outcome::kEnd) break;
    if (outcome == resp::CommandReader::Outcome::kMalformed) {
      return {Code::kCorrupt,
              "expected a command at byte " + std::to_string(reader.offset()) + " of the payload, found none"};
    }
    ++seen;
    if (argv[0] == "MULTI" || argv[0] == "EXEC") continue;
    if (argv[0] == "SELECT" && argv.size() == 2) {
      const std::optional<uint64_t> number = ParseUint64(argv[1]);
      if (!number || *number >= kDatabases)
        return {Code::kCorrupt, "expected a database from 0 to 15, found " + std::string(argv[1])};
      db = static_cast<int>(*number);
      continue;
    }
    request.command = commands_.Find(argv);
    if (request.command == nullptr || !request.writes()) {
      return {Code::kVersion,
              "the log has the command '" + std::string(argv[0].substr(0, 64)) + "', which this version does not know"};
    }
    request.args = argv;
    request.db = db;
    request.FindKeys(keyspace_);
    unread.Clear();
    Context context(&engine_, keyspace_, Mode::kApply, request, time_ms, unread);
    request.command->handler(context);
  }
  if (seen != count) {
    return {Code::kCorrupt,
            "expected " + std::to_string(count) + " commands in the payload, found " + std::to_string(seen)};
  }
  return Status::Ok();
}

}  // namespace redislite::engine
