#include "engine/engine.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>

#include "base/mutex.h"
#include "base/number.h"
#include "engine/commit.h"
#include "engine/context.h"
#include "engine/keyspace.h"
#include "engine/parts.h"
#include "engine/replay.h"
#include "engine/task.h"
#include "os/thread.h"
#include "storage/backup.h"

namespace redislite::engine {

namespace {

constexpr size_t kReapSlice = 64;
constexpr int64_t kTickMs = 100;
constexpr int64_t kSyncEveryUs = 1'000'000;
constexpr int64_t kSnapshotRetryUs = 10'000'000;

bool ArityFits(const Command& command, size_t count) {
  return command.arity >= 0 ? count == static_cast<size_t>(command.arity)
                            : count >= static_cast<size_t>(-command.arity);
}

void WriteWrongArity(const Command& command, resp::Writer& reply) {
  reply.Error(Code::kCommand, "ERR wrong number of arguments for '" + std::string(command.name) + "' command");
}

// The error reply that a failed write stands for. kNoMemory has none: it is the call's own status.
void WriteFailure(const Status& status, resp::Writer& reply) {
  switch (status.code()) {
    case Code::kIo:
    case Code::kFull:
      return reply.Error(status.code(), "MISCONF Errors writing to the AOF file: " + status.message());
    case Code::kMaxMemory:
      return reply.Error(status.code(), "OOM " + status.message());
    case Code::kReadOnly:
      return reply.Error(status.code(), "READONLY " + status.message());
    default:
      return reply.Error(status.code(), "ERR " + status.message());
  }
}

Status ReadOnlyStatus() { return {Code::kReadOnly, "You can't write against a read only store."}; }

}  // namespace

Engine::Engine() : parts_(std::make_unique<Parts>()) {}

Result<std::unique_ptr<Engine>> Engine::Open(const std::string& path, const Options& options,
                                             const CommandTable& commands, os::FileSystem& files) {
  std::unique_ptr<Engine> engine(new Engine);
  Parts& parts = *engine->parts_;
  parts.path = path;
  parts.options = options;
  parts.commands = &commands;
  parts.command_statistics = std::make_unique<CommandStatistics>(commands.Rows());
  parts.command_statistics->SetOptions(options);
  parts.files = &files;
  parts.clock = std::make_unique<StoreClock>(options.now_ms);
  parts.started_ms = parts.clock->Now();
  parts.memory.OnLow([&parts] { parts.service_cv.NotifyAll(); });
  const int64_t start_us = os::MonotonicUs();
  std::unique_ptr<Replay> replay;
  const auto begin = [&](const HashSeed& seed) {
    replay.reset();
    parts.pipeline.reset();
    parts.keyspace.reset();
    parts.keyspace = std::make_unique<Keyspace>(parts.memory, seed);
    parts.pipeline = std::make_unique<CommitPipeline>(*engine, *parts.keyspace, *parts.clock, commands);
  };
  if (path.empty()) {
    HashSeed seed;
    RL_RETURN_IF_ERROR(files.FillRandom(reinterpret_cast<char*>(&seed), sizeof seed));
    begin(seed);
  } else {
    storage::LogOptions log_options;
    log_options.create = options.create;
    log_options.read_only = options.read_only;
    log_options.salvage = options.salvage;
    log_options.segment_bytes = options.wal_segment_bytes;
    log_options.now_ms = [clock = parts.clock.get()] { return clock->Now(); };
    const auto say_progress = [&](uint64_t records) {
      parts.Say(LogLevel::kInfo, "recovering: " + std::to_string(records) + " records so far");
    };
    storage::ReplayTarget target;
    target.begin = [&](const HashSeed& seed) {
      begin(seed);
      replay = std::make_unique<Replay>(*engine, *parts.keyspace, commands, say_progress);
    };
    target.frame = [&](const storage::FrameHeader& frame, Bytes payload) {
      Status taken = replay->Take(frame, payload);
      const bool damaged = taken.code() == Code::kCorrupt || taken.code() == Code::kVersion;
      if (taken.ok() || (damaged && options.salvage)) return Status::Ok();
      if (!damaged) return taken;
      return Status(taken.code(), path + ": LSN " + std::to_string(frame.lsn) + ": " + taken.message());
    };
    target.end = [&] { return replay->Finish(); };
    Result<std::unique_ptr<storage::Log>> log = storage::Log::Open(files, path, log_options, target);
    if (!log.ok()) return log.status();
    parts.log = std::move(*log);
    parts.recovery = parts.log->report();
    parts.clock->NeverBefore(parts.recovery.time_ms);
    parts.pipeline->SetLog(parts.log.get());
  }
  parts.recovery_us = os::MonotonicUs() - start_us;
  parts.snapshotter = std::make_unique<Snapshotter>(*parts.keyspace, *parts.pipeline, *parts.clock);
  parts.defrag = std::make_unique<Defrag>(*parts.keyspace, *parts.pipeline, parts.statistics);
  parts.pipeline->SetFsync(options.fsync);
  parts.SetMemoryLimit(options);
  parts.pipeline->SetEvents(options.event_kinds);
  parts.last_save_s = parts.clock->Now() / 1000;
  if (parts.log != nullptr && parts.log->needs_snapshot()) RL_RETURN_IF_ERROR(engine->Snapshot());
  parts.LogRecovery();
  if (options.service_thread) RL_RETURN_IF_ERROR(os::StartThread([&parts] { parts.Serve(); }, &parts.service));
  return engine;
}

Engine::~Engine() {
  parts_->StopThreads();
  if (parts_->pipeline != nullptr) parts_->pipeline->StopLeader();
}

Status Engine::Close() {
  Parts& parts = *parts_;
  parts.StopThreads();
  parts.pipeline->StopLeader();
  if (parts.log == nullptr) return Status::Ok();
  Status closed = parts.pipeline->Alone([&] { return parts.log->Close(); });
  parts.pipeline->SetLog(nullptr);
  parts.log.reset();  // releases the lock
  return closed;
}

// ---- Commands.

Status Engine::Parts::Check(Args args, const Command** command, resp::Writer& reply, For whom) const {
  if (args.empty()) return {Code::kInvalid, "a command needs a name"};
  *command = commands->Find(args);
  if (*command == nullptr) {
    commands->WriteUnknown(args, reply);
    command_statistics->CountRejected(nullptr, reply.bytes());
    return Status::Ok();
  }
  if (whom == For::kNoSession && ((*command)->flags & kSession) != 0) {
    reply.Error(Code::kCommand, "ERR '" + std::string((*command)->name) + "' needs a session: rl_session_open");
    *command = nullptr;
    return Status::Ok();
  }
  if (!ArityFits(**command, args.size())) {
    WriteWrongArity(**command, reply);
    command_statistics->CountRejected(*command, reply.bytes());
    *command = nullptr;
    return Status::Ok();
  }
  for (const Bytes arg : args) {
    if (arg.size() > kValueBytesMax) {
      reply.Error(Code::kLimit, "ERR an argument has " + std::to_string(arg.size()) + " bytes, at most " +
                                    std::to_string(kValueBytesMax) + " are allowed");
      *command = nullptr;
      return Status::Ok();
    }
  }
  return Status::Ok();
}

bool Engine::Parts::Canonicalize(Request& request, resp::Writer& reply) const {
  if (request.command->canonical == nullptr) return true;
  Rewrite rewrite(request.args, clock->Now(), reply);
  if (!request.command->canonical(rewrite)) return false;
  if (!rewrite.replacement().empty()) {
    const bool owned = !request.owned.empty();  // what was asked for goes
    request.Own(std::move(rewrite.replacement()));
    if (owned) request.asked_args = request.args;
    request.command = commands->Find(request.args);
  }
  return true;
}

bool Engine::Parts::Prepare(Args args, int db, Request& request, resp::Writer& reply) const {
  if (const Status checked = Check(args, &request.command, reply, Parts::For::kNoSession); !checked.ok()) {
    reply.Error(checked.code(), "ERR " + checked.message());
    return false;
  }
  return request.command != nullptr && Prepare(*request.command, args, db, request, reply);
}

bool Engine::Parts::Prepare(const Command& command, Args args, int db, Request& request, resp::Writer& reply) const {
  request.Ask(command, args, db);
  if (request.writes() && !Canonicalize(request, reply)) return false;
  // Asked now: the canonical form of a write may be a command that only reads.
  if (request.writes() && options.read_only) {
    WriteFailure(ReadOnlyStatus(), reply);
    return false;
  }
  request.FindKeys(*keyspace);
  return true;
}

Status Engine::Execute(Args args, int db, resp::Writer& reply, uint64_t client) {
  if (args.empty()) return {Code::kInvalid, "a command needs a name"};
  Parts& parts = *parts_;
  Request request;
  request.client = client;
  if (!parts.Prepare(args, db, request, reply)) return Status::Ok();
  if (!request.writes()) {
    Read(request, reply);
    return Status::Ok();
  }
  Request* const requests[] = {&request};
  Op op;
  op.parts = requests;
  op.reply = &reply;
  if ((request.command->flags & kMayWait) != 0) {
    RL_RETURN_IF_ERROR(StartLeader());
    op.may_park = true;
  }
  parts.pipeline->Submit(op);
  if (op.status.ok()) return Status::Ok();
  reply.Clear();
  if (op.status.code() == Code::kNoMemory || op.status.code() == Code::kClosed) return op.status;
  WriteFailure(op.status, reply);
  return Status::Ok();
}

const Command* Engine::Look(Args args, resp::Writer& reply) const {
  const Command* command = nullptr;
  if (const Status checked = parts_->Check(args, &command, reply, Parts::For::kSession); !checked.ok()) {
    reply.Error(checked.code(), "ERR " + checked.message());
  }
  return command;
}

bool Engine::Prepare(const Command& command, Args args, int db, Task& task) {
  if (!parts_->Prepare(command, args, db, task.request, task.reply)) return false;
  task.op.parts = task.single;
  return true;
}

void Engine::PrepareRead(const Command& command, Args args, int db, Request& request) const {
  request.Ask(command, args, db);
  request.FindKeys(*parts_->keyspace);
}

void Engine::Prefetch(std::span<const Request* const> reads) const {
  StripeSet stripes;
  for (const Request* read : reads) {
    for (const KeyRef& key : read->keys) stripes.Add(key.hash);
  }
  const StripeSet::Guard guard(*parts_->keyspace, stripes, StripeSet::How::kShared);
  PrefetchKeys(*parts_->keyspace, reads);
}

void Engine::Read(const Request& request, resp::Writer& reply) {
  Parts& parts = *parts_;
  const CommandStatistics::Run run(*parts.command_statistics, request, reply);
  const StripeSet::Guard guard(*parts.keyspace, request.stripes(), StripeSet::How::kShared);
  request.Prefetch(*parts.keyspace);
  Context context(this, *parts.keyspace, Mode::kRead, request, parts.clock->Now(), reply);
  request.command->handler(context);
}

void Engine::Submit(std::span<Op* const> ops) {
  if (ops.size() == 1) return parts_->pipeline->Submit(*ops.front());
  parts_->pipeline->Submit(ops);
}

void Engine::SubmitAsync(std::span<Op* const> ops) { parts_->pipeline->SubmitAsync(ops); }
bool Engine::SyncsWrites() const { return parts_->pipeline->syncs_writes(); }
Status Engine::StartLeader() { return parts_->pipeline->StartLeader(); }
void Engine::RefuseParking() { parts_->pipeline->RefuseParking(); }
CommitPipeline& Engine::pipeline() { return *parts_->pipeline; }

void Engine::WriteOutcome(Task& task) {
  const Status& status = task.op.status;
  if (status.ok()) return;
  task.reply.Clear();
  if (status.code() == Code::kNoMemory) return task.reply.Error(status.code(), "OOM out of memory");
  if (status.code() == Code::kCommand) return task.reply.Error(status.code(), status.message());  // as Redis says it
  WriteFailure(status, task.reply);
}

namespace {

// An op of its own that ends another's waiting when the leader comes to it.
struct Unparking {
  Op op;
  std::shared_ptr<void> keep;

  static void Finished(Op& op) { delete static_cast<Unparking*>(op.owner); }
};

}  // namespace

void Engine::Unpark(std::shared_ptr<void> keep, Task& task, uint64_t serial, Status status) {
  auto* unparking = new Unparking;
  unparking->keep = std::move(keep);
  unparking->op.finished = &Unparking::Finished;
  unparking->op.owner = unparking;
  unparking->op.action = [this, &task, serial, status = std::move(status)] {
    if (task.op.serial == serial) parts_->pipeline->Unpark(task.op, status);
  };
  Op* const ops[] = {&unparking->op};
  parts_->pipeline->SubmitAsync(ops);
}

void Engine::Unwatch(WatchList& list) { parts_->pipeline->Unwatch(list); }

void Engine::Watch(WatchList& list, int db, Bytes key) {
  Parts& parts = *parts_;
  const uint64_t hash = parts.keyspace->Hash(key);
  // First registered, then looked: a change in between is noted.
  parts.pipeline->Watch(list, {.db = db, .name = std::string(key), .hash = hash, .existed = false});
  const SharedLock lock(parts.keyspace->stripe(StripeOf(hash)));
  const bool exists = parts.keyspace->Find(db, hash, key, parts.clock->Now()) != nullptr;
  for (WatchList::Key& watched : list.keys) {
    if (watched.db == db && watched.name == key) watched.existed |= exists;
  }
}

Status Engine::CheckForBatch(Args args) {
  const Parts& parts = *parts_;
  resp::Writer reply;
  Request request;
  RL_RETURN_IF_ERROR(parts.Check(args, &request.command, reply, Parts::For::kNoSession));
  if (request.command != nullptr) {
    request.args = args;
    if ((request.command->flags & (kNoBatch | kAdmin)) != 0) {
      return {Code::kCommand, "the command '" + std::string(request.command->name) + "' is not allowed in a batch"};
    }
    if (parts.Canonicalize(request, reply)) return Status::Ok();
  }
  // "-ERR text\r\n" without its frame.
  const Bytes text = reply.bytes();
  return {reply.error_codes().front(), std::string(text.substr(1, text.size() - 3))};
}

bool Engine::PrepareBatch(const std::vector<std::vector<std::string>>& commands, const std::vector<int>& dbs,
                          Task& task, const std::function<bool(size_t index, Bytes error)>& refused) {
  Parts& parts = *parts_;
  for (size_t i = 0; i < commands.size(); ++i) {
    auto request = std::make_unique<Request>();
    request->Own(commands[i]);
    request->client = task.request.client;
    // Each was checked when it was added; what time has made of its arguments since (an expiry that now overflows) is
    // an error here.
    if (!parts.Prepare(request->args, dbs[i], *request, task.reply)) {
      if (!refused(i, task.reply.bytes())) return false;
      task.reply.Clear();
      continue;
    }
    task.part_list.push_back(request.get());
    task.parts.push_back(std::move(request));
  }
  task.op.parts = task.part_list;
  task.op.batch = true;
  return true;
}

Status Engine::ExecuteBatch(const std::vector<std::vector<std::string>>& commands, int db, resp::Writer& reply) {
  Parts& parts = *parts_;
  Task task;
  task.Reset(reply.protocol());
  Status failed;
  const auto refuse = [&](size_t, Bytes error) {
    failed = {task.reply.error_codes().front(), std::string(error.substr(1, error.size() - 3))};
    return false;
  };
  if (!PrepareBatch(commands, std::vector<int>(commands.size(), db), task, refuse)) return failed;
  task.op.reply = &reply;
  StripeSet stripes;
  bool writes = false;
  for (const Request* request : task.part_list) {
    stripes.Add(request->stripes());
    writes |= request->writes();
  }
  if (!writes) {
    const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
    reply.Array(task.part_list.size());
    const int64_t now_ms = parts.clock->Now();
    for (const Request* request : task.part_list) {
      const CommandStatistics::Run run(*parts.command_statistics, *request, reply);
      Context context(this, *parts.keyspace, Mode::kRead, *request, now_ms, reply);
      request->command->handler(context);
    }
    return Status::Ok();
  }
  parts.pipeline->Submit(task.op);
  return task.op.status;
}

// ---- The fast lanes.

template <typename Visit>
Status Engine::Parts::ReadEntry(Bytes key, const Visit& visit) {
  const uint64_t hash = keyspace->Hash(key);
  const SharedLock lock(keyspace->stripe(StripeOf(hash)));
  Entry* entry = keyspace->FindEvenExpired(0, hash, key);
  // Most keys never expire, and the exact time is dear.
  int64_t ttl_ms = kNever;
  if (entry != nullptr && entry->expires_at_ms() != kNever) {
    ttl_ms = entry->expires_at_ms() - clock->Now();
    if (ttl_ms <= 0) entry = nullptr;
  }
  if (entry == nullptr) {
    statistics.misses.Add();
    return {Code::kNotFound, std::string()};
  }
  statistics.hits.Add();
  keyspace->NoteAccess(*entry, clock->Roughly());
  return visit(*entry, ttl_ms);
}

Status Engine::GetString(Bytes key, StringView& out) {
  return parts_->ReadEntry(key, [&](const Entry& entry, int64_t) -> Status {
    const auto* string = entry.value.As<types::String>();
    if (string == nullptr) return {Code::kType, "WRONGTYPE Operation against a key holding the wrong kind of value"};
    static_assert(StringView::kSmallMax >= types::String::kEmbeddedMax);
    char scratch[kInt64TextMax];
    const Bytes bytes = string->View(scratch);
    if (bytes.size() > sizeof(out.small)) {
      out.pin = types::Pin(string->buffer());
      out.bytes = out.pin.view();
    } else {
      std::memcpy(out.small, bytes.data(), bytes.size());
      out.bytes = Bytes(out.small, bytes.size());
    }
    return Status::Ok();
  });
}

Status Engine::Exists(Bytes key) {
  return parts_->ReadEntry(key, [](const Entry&, int64_t) { return Status::Ok(); });
}

Status Engine::Ttl(Bytes key, int64_t* ttl_ms) {
  return parts_->ReadEntry(key, [&](const Entry&, int64_t left_ms) {
    static_assert(kNever == -1);
    *ttl_ms = left_ms;
    return Status::Ok();
  });
}

Status Engine::CountKeys(uint64_t* keys) {
  StripeSet stripes;
  stripes.AddAll();
  const StripeSet::Guard guard(*parts_->keyspace, stripes, StripeSet::How::kShared);
  *keys = parts_->keyspace->Count(0, parts_->clock->Now());
  return Status::Ok();
}

// ---- Durability and care.

Status Engine::Sync() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return Status::Ok();
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.log->Sync();
}

Status Engine::Snapshot() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return {Code::kInvalid, "a store in memory has no snapshots"};
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.TakeSnapshot();
}

Status Engine::Parts::TakeSnapshot() {
  std::unique_ptr<storage::SnapshotWriter> writer;
  storage::FrameBuilder builder;
  storage::Lsn lsn = 0;
  Snapshotter::Target target;
  target.at_cut = [&]() -> Result<storage::Lsn> {
    // Without room for a new segment the old one stays until the next snapshot: the more reason to take this one.
    if (Status rotated = log->Rotate(); !rotated.ok() && rotated.code() != Code::kFull) return rotated;
    return log->last_lsn();
  };
  target.begin = [&](const Snapshotter::Point& point) -> Status {
    lsn = point.lsn;
    Result<std::unique_ptr<storage::SnapshotWriter>> begun = log->BeginSnapshot(point.lsn, point.time_ms);
    if (!begun.ok()) return begun.status();
    writer = std::move(*begun);
    return Status::Ok();
  };
  target.block = [&](CommandChunk& chunk, uint64_t) {
    BuildBlock(chunk, builder);
    return writer->AddBlock(builder, chunk.commands, chunk.keys);
  };
  MutexLock lock(snapshot_mu);
  Status taken = snapshotter->Run(target, stop);
  if (taken.ok()) taken = writer->Finish();
  if (taken.ok()) taken = log->InstallSnapshot(lsn, writer->bytes());
  writer.reset();
  if (taken.ok()) {
    last_save_s = clock->Now() / 1000;
    snapshot_last_lsn = lsn;
    statistics.snapshots.fetch_add(1, std::memory_order_relaxed);
  } else if (taken.code() != Code::kCondition) {
    statistics.snapshots_failed.fetch_add(1, std::memory_order_relaxed);
  }
  return taken;
}

void Engine::Parts::BuildBlock(CommandChunk& chunk, storage::FrameBuilder& builder) {
  builder.Clear();
  if (chunk.db != 0) {
    const std::string number = std::to_string(chunk.db);
    const Bytes select[] = {"SELECT", number};
    resp::AppendCommand(builder.buffer(), select);
    ++chunk.commands;
  }
  builder.buffer().append(chunk.bytes);
}

Status Engine::StartBackgroundSnapshot() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return {Code::kInvalid, "a store in memory has no snapshots"};
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.StartSnapshotThread();
}

Status Engine::Parts::StartSnapshotThread() {
  MutexLock lock(background_mu);
  if (snapshot_running.load(std::memory_order_acquire)) return {Code::kBusy, "Background save already in progress"};
  if (background.joinable()) background.join();
  snapshot_running.store(true, std::memory_order_release);
  Status started = os::StartThread(
      [this] {
        try {
          const Status taken = TakeSnapshot();
          if (!taken.ok() && taken.code() != Code::kCondition)
            Say(LogLevel::kWarning, "snapshot failed: " + taken.message());
        } catch (const std::bad_alloc&) {
          // the log still has everything
        }
        snapshot_running.store(false, std::memory_order_release);
      },
      &background);
  if (!started.ok()) snapshot_running.store(false, std::memory_order_release);
  return started;
}

Status Engine::Backup(const std::string& path, const std::function<bool(uint64_t done, uint64_t total)>& progress) {
  Parts& parts = *parts_;
  Result<std::unique_ptr<storage::BackupWriter>> backup = storage::BackupWriter::Create(*parts.files, path);
  if (!backup.ok()) return backup.status();
  storage::FrameBuilder builder;
  uint64_t total = 0;
  uint64_t done = 0;
  const auto report = [&] { return !progress || progress(done, std::max(done, total)); };
  Snapshotter::Target target;
  target.at_cut = [&]() -> Result<storage::Lsn> { return parts.log == nullptr ? 0 : parts.log->last_lsn(); };
  target.begin = [&](const Snapshotter::Point& point) -> Status {
    total = point.keys;
    RL_RETURN_IF_ERROR((*backup)->Begin(point.lsn, point.time_ms));
    return report() ? Status::Ok() : Status(Code::kCondition, "cancelled");
  };
  target.block = [&](CommandChunk& chunk, uint64_t keys_done) -> Status {
    parts.BuildBlock(chunk, builder);
    RL_RETURN_IF_ERROR((*backup)->AddBlock(builder, chunk.commands, chunk.keys));
    done = keys_done;
    return report() ? Status::Ok() : Status(Code::kCondition, "cancelled");
  };
  const std::atomic<bool> never{false};
  RL_RETURN_IF_ERROR(parts.snapshotter->Run(target, never));
  total = done;
  if (!report()) return {Code::kCondition, "cancelled"};
  return (*backup)->Finish();
}

int64_t Engine::last_save_s() const { return parts_->last_save_s; }

// ---- The service thread: what happens without a caller.

void Engine::Parts::Serve() {
  Schedule schedule;
  schedule.sync_us = os::MonotonicUs() + kSyncEveryUs;
  while (true) {
    const uint64_t reaper_interval_ms = CopyOptions().reaper_interval_ms;
    const int64_t reap_ms = reaper_interval_ms == 0 ? kTickMs : static_cast<int64_t>(reaper_interval_ms);
    const int64_t tick_ms = std::clamp<int64_t>(reap_ms, 1, kTickMs);
    {
      MutexLock lock(service_mu);
      if (stop) return;
      const int64_t wait_ms = defrag->running() ? std::min(tick_ms, Defrag::kWakeMs) : tick_ms;
      service_cv.WaitFor(service_mu, std::chrono::milliseconds(wait_ms));
      if (stop) return;
    }
    try {
      // Whose time must not pass by itself has turned the reaper off, and wants nothing else that comes by itself.
      const bool defrags = defrag->RunSlice(reaper_interval_ms != 0);
      bool prepared = false;
      while (memory.PrepareChunk()) prepared = true;
      if ((defrags || prepared) && os::MonotonicUs() < schedule.tick_us) continue;
      schedule.tick_us = os::MonotonicUs() + tick_ms * 1000;
      Tick(schedule);
    } catch (const std::bad_alloc&) {
      // The next tick tries again: nothing that the host did not ask for ends the host.
    }
  }
}

void Engine::Parts::Tick(Schedule& schedule) {
  const Options now_in_force = CopyOptions();
  const int64_t now_us = os::MonotonicUs();
  if (now_in_force.reaper_interval_ms != 0 && active_expire && now_us >= schedule.reap_us) {
    Reap();
    schedule.reap_us = now_us + static_cast<int64_t>(now_in_force.reaper_interval_ms) * 1000;
  }
  if (log == nullptr || now_in_force.read_only) return;
  log->ZeroFillAhead();
  if (now_in_force.fsync == Fsync::kEverySecond && now_us >= schedule.sync_us) {
    if (Status synced = log->Sync(); !synced.ok()) SayPoison(synced);
    schedule.sync_us = now_us + kSyncEveryUs;
  }
  // Nothing written since the last tick: let the log say that all of it is durable, while nobody waits.
  const storage::Lsn lsn = log->last_lsn();
  if (lsn == schedule.lsn) (void)pipeline->Alone([&] { return log->MarkDurable(clock->Now()); }).ok();
  schedule.lsn = lsn;
  if (now_us >= schedule.snapshot_us && SnapshotIsDue(now_in_force)) {
    schedule.snapshot_us = now_us + kSnapshotRetryUs;
    (void)StartSnapshotThread().ok();  // busy: one is under way
  }
}

bool Engine::Parts::SnapshotIsDue(const Options& in_force) const {
  if (snapshot_running.load(std::memory_order_acquire) || log->poisoned()) return false;
  if (in_force.snapshot_wal_bytes != 0 && log->wal_bytes() > in_force.snapshot_wal_bytes) return true;
  return in_force.snapshot_interval_s != 0 && log->last_lsn() > log->snapshot_lsn() &&
         clock->Now() / 1000 - last_save_s >= static_cast<int64_t>(in_force.snapshot_interval_s);
}

void Engine::Parts::SetMemoryLimit(const Options& in_force) {
  const Policy policy = in_force.maxmemory_policy;
  keyspace->CountAccesses(policy == Policy::kAllKeysLfu || policy == Policy::kVolatileLfu);
  pipeline->SetMaxMemory(in_force.maxmemory, policy, in_force.maxmemory_samples);
}

void Engine::Parts::Reap() {
  const int64_t now_ms = clock->Now();
  for (int stripe = 0; stripe < kStripes; ++stripe) {
    while (keyspace->NextExpiry(stripe) <= now_ms) {
      const size_t reaped = pipeline->Alone([&] {
        const ExclusiveLock lock(keyspace->stripe(stripe));
        return keyspace->Reap(stripe, now_ms, kReapSlice, [&](int db, Bytes key) {
          pipeline->Tell({kExpiredEvents, "expired", db, key});
        });
      });
      statistics.expired.Add(reaped);
      if (reaped < kReapSlice) break;
    }
  }
}

void Engine::Parts::StopThreads() {
  {
    MutexLock lock(service_mu);
    stop = true;
  }
  service_cv.NotifyAll();
  if (service.joinable()) service.join();
  MutexLock lock(background_mu);
  if (background.joinable()) background.join();
}

void Engine::Parts::Say(LogLevel level, const std::string& message) const {
  if (options.log) options.log(level, message.c_str());
}

void Engine::Parts::SayPoison(const Status& why) {
  if (!poison_said.exchange(true))
    Say(LogLevel::kError, "the log is poisoned, writes fail until the store is opened again: " + why.message());
}

void Engine::Parts::LogRecovery() const {
  if (log == nullptr || recovery.created) return;
  if (!recovery.clean) {
    Say(LogLevel::kWarning, "recovered after an unclean end: " + std::to_string(recovery.records_replayed) +
                                " records replayed, " + std::to_string(recovery.bytes_cut) +
                                " bytes of a torn tail cut");
  }
  for (const std::string& loss : recovery.losses) Say(LogLevel::kError, "salvage: " + loss);
}

// ---- Options.

Options Engine::Parts::CopyOptions() const {
  MutexLock lock(options_mu);
  return options;
}

Options Engine::options() const { return parts_->CopyOptions(); }
uint64_t Engine::options_version() const { return parts_->options_version.load(std::memory_order_acquire); }

Status Engine::ConfigSet(Bytes name, Bytes value) {
  Parts& parts = *parts_;
  const OptionSpec* spec = FindOption(name);
  if (spec != nullptr && !spec->changeable) {
    return {Code::kInvalid, "option '" + std::string(spec->name) + "' is fixed when the store is opened"};
  }
  {
    MutexLock lock(parts.options_mu);
    RL_RETURN_IF_ERROR(SetOption(parts.options, name, value));
    parts.pipeline->SetFsync(parts.options.fsync);
    parts.SetMemoryLimit(parts.options);
    parts.pipeline->SetEvents(parts.options.event_kinds);
    parts.command_statistics->SetOptions(parts.options);
    parts.options_version.fetch_add(1, std::memory_order_release);
  }
  parts.service_cv.NotifyAll();
  return Status::Ok();
}

void Engine::SetClientFacts(std::function<ClientFacts()> ask) { parts_->client_facts = std::move(ask); }
void Engine::SetPublish(Describe describe, Publish publish) {
  parts_->pipeline->SetPublish(describe, std::move(publish));
}
void Engine::ResetStatistics() {
  parts_->statistics.Reset();
  parts_->command_statistics->Reset();
  parts_->pipeline->ResetEvictedKeys();
}
int64_t Engine::NowMs() { return parts_->clock->Now(); }
bool Engine::in_memory() const { return parts_->log == nullptr; }
const std::string& Engine::path() const { return parts_->path; }
Host& Engine::host() { return parts_->host; }
CommandStatistics& Engine::command_statistics() { return *parts_->command_statistics; }
Statistics& Engine::statistics() { return parts_->statistics; }
const CommandTable& Engine::commands() const { return *parts_->commands; }
void Engine::Defragment() { parts_->defrag->RunPass(); }
Memory& Engine::memory() { return parts_->memory; }
void Engine::SetActiveExpire(bool on) { parts_->active_expire = on; }

}  // namespace redislite::engine
