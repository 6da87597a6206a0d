// Options: how a store is opened and tuned. One table of names serves rl_options_set, CONFIG GET and SET, and the docs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::engine {

enum class Fsync : uint8_t { kAlways, kEverySecond, kNo };

// The four levels of redislite.h.
enum class LogLevel : int { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

// What goes when `maxmemory` is reached, in the order of their names.
enum class Policy : uint8_t {
  kNoEviction,
  kAllKeysLru,
  kVolatileLru,
  kAllKeysRandom,
  kVolatileRandom,
  kVolatileTtl,
  kAllKeysLfu,
  kVolatileLfu
};

struct Options {
  Fsync fsync = Fsync::kAlways;
  bool create = true;
  bool read_only = false;
  bool salvage = false;
  uint64_t wal_segment_bytes = 64ull << 20;
  uint64_t snapshot_wal_bytes = 256ull << 20;
  uint64_t snapshot_interval_s = 0;
  uint64_t maxmemory = 0;
  Policy maxmemory_policy = Policy::kNoEviction;
  uint64_t maxmemory_samples = 5;
  uint64_t reaper_interval_ms = 100;

  uint32_t event_kinds = 0;  // of engine/events.h

  // Of sessions.
  std::string requirepass;  // empty: none
  uint64_t query_bytes_max = 1ull << 30;
  uint64_t argument_bytes_max = 512ull << 20;
  struct OutputLimit {
    uint64_t hard = 0;  // bytes that wait for a client before it is given up; 0: any number
    uint64_t soft = 0;
    uint64_t soft_seconds = 0;
  };
  OutputLimit output_limit[3] = {{}, {256ull << 20, 64ull << 20, 60}, {32ull << 20, 8ull << 20, 60}};

  // What is noted as slow.
  int64_t slowlog_slower_than_us = 10'000;  // negative: nothing
  uint64_t slowlog_length_max = 128;
  uint64_t latency_threshold_ms = 0;  // 0: nothing

  std::function<void(LogLevel, const char* message)> log;  // empty: messages are dropped
  std::function<int64_t()> now_ms;                         // empty: the system's clock
  bool service_thread = true;                              // tests only: without it nothing happens but what callers do
};

// One row: how to read the option from text and print it back.
struct OptionSpec {
  const char* name;
  const char* allowed;  // for the message about a bad value: "always, everysec or no"
  const char* meaning;
  bool changeable;  // by CONFIG SET on an open store
  bool (*parse)(Options&, Bytes value);
  std::string (*print)(const Options&);
};

const std::vector<OptionSpec>& OptionTable();

// The row of that name (any case), or null.
const OptionSpec* FindOption(Bytes name);

// Sets one option; kInvalid with a message that names it and says what is allowed, and nothing changed.
Status SetOption(Options& options, Bytes name, Bytes value);

}  // namespace redislite::engine
