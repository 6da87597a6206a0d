// Replay: builds the keyspace from the frames that recovery reads.
//
// Frames are gathered into batches. The thread that reads finds the commands and hashes their keys; another one, once
// there is enough to be worth it, applies them, so that reading, checksums and parsing cost no time beside the
// keyspace's own work. A store of a few segments' heads is replayed by the reading thread alone.
//
// Nothing is logged, answered or told of. The commands are deterministic (I2), so whatever a handler would refuse was
// refused before it was logged.
//
// Owner: Engine::Open. Threads: one calls Take and Finish; nobody else uses the keyspace until Finish has returned, or
// this is destroyed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/command.h"
#include "storage/format.h"

namespace redislite::engine {

class Engine;
class Keyspace;

class Replay {
 public:
  // Hears of each second of a long replay: commands so far.
  using Progress = std::function<void(uint64_t commands)>;

  Replay(Engine& engine, Keyspace& keyspace, const CommandTable& commands, Progress progress)
      : engine_(engine), keyspace_(keyspace), commands_(commands), progress_(std::move(progress)) {}
  // What has not been applied is forgotten.
  ~Replay();

  // The commands of one frame, or of a snapshot's block. kCorrupt, kVersion: they are not what this version writes;
  // those before the bad one are applied all the same. Or what an earlier batch met while it was applied.
  Status Take(const storage::FrameHeader& frame, Bytes payload);
  // Applies what is left. Once.
  Status Finish();

 private:
  struct Step {
    const Command* command;
    uint32_t first_arg;
    uint32_t arg_count;
    uint32_t key;  // the argument that is the only key, or kManyKeys
    uint8_t db;
    uint64_t hash;  // of the only key
    int64_t time_ms;
  };
  static constexpr uint32_t kManyKeys = ~uint32_t{0};
  // Its steps are views into its bytes.
  struct Batch {
    std::string bytes;
    std::vector<Bytes> args;
    std::vector<Step> steps;
  };

  Status Decode(const storage::FrameHeader& frame, Bytes payload);
  Status PassOn() EXCLUDES(mu_);
  Status Apply(const Batch& batch);
  void Work() EXCLUDES(mu_);

  Engine& engine_;
  Keyspace& keyspace_;
  const CommandTable& commands_;
  const Progress progress_;

  // The taking thread's.
  std::unique_ptr<Batch> batch_;
  std::vector<Bytes> argv_;
  uint64_t commands_taken_ = 0;
  uint64_t batches_ = 0;
  int64_t said_us_ = 0;
  std::thread worker_;

  Mutex mu_;
  CondVar changed_;
  std::vector<std::unique_ptr<Batch>> queue_ GUARDED_BY(mu_);  // the first is next
  Status failed_ GUARDED_BY(mu_);
  bool ended_ GUARDED_BY(mu_) = false;      // no batch comes any more
  bool abandoned_ GUARDED_BY(mu_) = false;  // and those that wait are not wanted
};

}  // namespace redislite::engine
