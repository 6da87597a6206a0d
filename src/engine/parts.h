// What an engine is made of. Private to engine.cc and info.cc.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "base/memory.h"
#include "base/mutex.h"
#include "engine/command_statistics.h"
#include "engine/commit.h"
#include "engine/defrag.h"
#include "engine/engine.h"
#include "engine/entry_commands.h"
#include "engine/keyspace.h"
#include "engine/snapshot.h"
#include "engine/statistics.h"
#include "resp/command_encoder.h"
#include "storage/log.h"

namespace redislite::engine {

struct Engine::Parts {
  // Constant once the store is open. The order matters: what is declared later uses what is declared earlier.
  std::string path;  // empty: in memory
  const CommandTable* commands = nullptr;
  os::FileSystem* files = nullptr;
  Memory memory;
  std::unique_ptr<StoreClock> clock;
  std::unique_ptr<Keyspace> keyspace;
  std::unique_ptr<storage::Log> log;  // null: in memory
  std::unique_ptr<CommitPipeline> pipeline;
  std::unique_ptr<Snapshotter> snapshotter;
  std::unique_ptr<Defrag> defrag;
  storage::RecoveryReport recovery;
  int64_t recovery_us = 0;
  int64_t started_ms = 0;

  // Changed by CONFIG SET under the lock; create, read_only, salvage, log and now_ms never change and are read
  // without it.
  mutable Mutex options_mu;
  Options options;
  std::atomic<uint64_t> options_version{1};

  Statistics statistics;
  std::unique_ptr<CommandStatistics> command_statistics;
  Host host;
  std::function<Engine::ClientFacts()> client_facts;  // constant once the store is used
  std::atomic<int64_t> last_save_s{0};
  std::atomic<storage::Lsn> snapshot_last_lsn{0};
  std::atomic<bool> active_expire{true};
  std::atomic<bool> poison_said{false};

  Mutex snapshot_mu;  // one snapshot of the store at a time, from cut to installation

  // The service thread.
  Mutex service_mu;
  CondVar service_cv;
  std::atomic<bool> stop{false};  // set under service_mu; also cancels a snapshot
  std::thread service;

  // The thread of a background snapshot.
  Mutex background_mu;
  std::thread background GUARDED_BY(background_mu);
  std::atomic<bool> snapshot_running{false};

  // The row of a well-formed command, or null with the error in the reply.
  enum class For : uint8_t { kSession, kNoSession };
  Status Check(Args args, const Command** command, resp::Writer& reply, For whom) const;
  // Replaces the command by its canonical form. False: the error is in the reply.
  bool Canonicalize(Request& request, resp::Writer& reply) const;
  // A command that is ready for the pipeline, or, when it only reads, for its handler. False: its reply, an error, is
  // written. `command` is what Check gave; without it, Check is the first thing.
  bool Prepare(Args args, int db, Request& request, resp::Writer& reply) const;
  bool Prepare(const Command& command, Args args, int db, Request& request, resp::Writer& reply) const;
  template <typename Visit>
  Status ReadEntry(Bytes key, const Visit& visit);

  Status TakeSnapshot() EXCLUDES(snapshot_mu);
  Status StartSnapshotThread() EXCLUDES(background_mu);
  static void BuildBlock(CommandChunk& chunk, storage::FrameBuilder& builder);

  // When the service thread does what next, and the log's end at its last tick.
  struct Schedule {
    int64_t tick_us = 0;
    int64_t sync_us = 0;
    int64_t reap_us = 0;
    int64_t snapshot_us = 0;
    storage::Lsn lsn = 0;
  };
  void Serve();
  void Tick(Schedule& schedule);
  bool SnapshotIsDue(const Options& in_force) const;
  void Reap();
  void SetMemoryLimit(const Options& in_force);
  void StopThreads();

  Options CopyOptions() const EXCLUDES(options_mu);
  void Say(LogLevel level, const std::string& message) const;
  void SayPoison(const Status& why);
  void LogRecovery() const;
};

}  // namespace redislite::engine
