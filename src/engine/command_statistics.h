// CommandStatistics: how often each command ran, how long, and which errors it answered; and what was slow, which it
// tells the slow log and the latency monitor.
//
// A call costs one atomic addition in memory that the calling thread has nearly to itself. Reading the clock twice
// would cost more than that, so of the commands that are always quick (O(1), O(log n)) only one in kSampled is timed,
// and counts for all; the others are timed each. With a slowlog-log-slower-than of less than a millisecond, or a
// latency monitor, all are.
//
// Owner: the engine. Threads: any. Nothing throws: what finds no memory is not counted.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/striped_counter.h"
#include "engine/command.h"
#include "engine/latency_monitor.h"
#include "engine/options.h"
#include "engine/rate.h"
#include "engine/request.h"
#include "engine/slow_log.h"
#include "resp/writer.h"

namespace redislite::engine {

class CommandStatistics {
 public:
  // `rows` is the command table.
  explicit CommandStatistics(std::span<const Command> rows);
  ~CommandStatistics();
  CommandStatistics(const CommandStatistics&) = delete;
  CommandStatistics& operator=(const CommandStatistics&) = delete;

  // Fills in who asked, by the id that the request has. To be set before others use the object.
  void SetDescribeClient(std::function<void(uint64_t id, SlowLog::Entry&)> describe) {
    describe_ = std::move(describe);
  }
  void SetOptions(const Options& options);
  void Reset();

  // One run of a handler, from here to the end of the scope. What it appends to `reply` is its answer.
  class Run {
   public:
    Run(CommandStatistics& statistics, const Request& request, const resp::Writer& reply) noexcept;
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    CommandStatistics& statistics_;
    const Request& request_;
    const resp::Writer& reply_;
    const size_t reply_at_;
    const size_t errors_before_;
    const uint32_t weight_;  // how many calls it stands for; 0: it is not timed
    const int64_t start_us_;
  };

  // A call that is not timed; its answer stands in the reply from `reply_at` on.
  void Count(const Command& command, const resp::Writer& reply, size_t reply_at = 0) noexcept;
  // A command that was not run; null: an unknown one. `error` is Redis' text for why.
  void CountRejected(const Command* command, Bytes error) noexcept;

  // ---- Looking.

  static constexpr size_t kBuckets = 32;  // the first: up to 1 us, the next: up to 2, 4, 8, ...
  struct Numbers {
    const Command* command = nullptr;
    uint64_t calls = 0;
    uint64_t us = 0;
    uint64_t rejected = 0;
    uint64_t failed = 0;
    std::array<uint64_t, kBuckets> times = {};  // calls by time
  };
  // Of the commands that were called, or refused, at least once.
  std::vector<Numbers> All() const;
  std::map<std::string, uint64_t> errors() const EXCLUDES(mu_);
  uint64_t calls() const;
  // Calls in a second, over the last while.
  uint64_t calls_per_second() { return rate_.PerSecond(calls()); }

  SlowLog& slow_log() { return slow_log_; }
  LatencyMonitor& latency() { return latency_; }

 private:
  static constexpr uint32_t kSampled = 16;
  static constexpr uint32_t kPlaces = 16;

  using Times = std::array<std::atomic<uint32_t>, kBuckets>;
  struct Row {
    std::atomic<uint64_t> calls{0};
    std::atomic<uint64_t> us{0};
    std::atomic<uint32_t> rejected{0};
    std::atomic<uint32_t> failed{0};
    std::atomic<Times*> times{nullptr};  // from the first timed call on
  };

  Row* RowOf(const Command& command) noexcept;
  uint32_t WeightOf(const Command& command) noexcept;
  void CountError(Bytes error) noexcept EXCLUDES(mu_);
  void CountTime(const Command& command, int64_t us, uint32_t weight) noexcept;
  void NoteSlow(const Request& request, int64_t us) noexcept;

  const std::span<const Command> rows_;
  std::atomic<Row*> places_[kPlaces] = {};  // one for each of so many threads, from its first call on
  std::function<void(uint64_t id, SlowLog::Entry&)> describe_;
  std::atomic<int64_t> slower_than_us_{10'000};
  std::atomic<uint64_t> latency_ms_{0};
  std::atomic<bool> times_all_{false};
  SlowLog slow_log_;
  LatencyMonitor latency_;

  mutable Mutex mu_;
  std::map<std::string, uint64_t> errors_ GUARDED_BY(mu_);
  Rate rate_;
};

}  // namespace redislite::engine
