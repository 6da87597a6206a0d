#include "engine/command_statistics.h"

#include <algorithm>
#include <bit>
#include <new>

#include "os/file_system.h"

namespace redislite::engine {

namespace {

constexpr size_t kErrorKindsMax = 128;
constexpr int64_t kMillisecondUs = 1000;

// "WRONGTYPE" of "WRONGTYPE Operation against ...".
Bytes KindOf(Bytes error) { return error.substr(0, error.find_first_of(" \r")); }

}  // namespace

CommandStatistics::CommandStatistics(std::span<const Command> rows) : rows_(rows) {}

CommandStatistics::~CommandStatistics() {
  for (std::atomic<Row*>& place : places_) {
    Row* rows = place.load();
    if (rows == nullptr) continue;
    for (size_t i = 0; i < rows_.size(); ++i) delete rows[i].times.load();
    delete[] rows;
  }
}

void CommandStatistics::SetOptions(const Options& options) {
  slower_than_us_.store(options.slowlog_slower_than_us, std::memory_order_relaxed);
  latency_ms_.store(options.latency_threshold_ms, std::memory_order_relaxed);
  const bool eager = options.slowlog_slower_than_us >= 0 && options.slowlog_slower_than_us < kMillisecondUs;
  times_all_.store(eager || options.latency_threshold_ms != 0, std::memory_order_relaxed);
  slow_log_.SetLengthMax(options.slowlog_length_max);
}

void CommandStatistics::Reset() {
  for (std::atomic<Row*>& place : places_) {
    Row* rows = place.load(std::memory_order_acquire);
    for (size_t i = 0; rows != nullptr && i < rows_.size(); ++i) {
      rows[i].calls.store(0, std::memory_order_relaxed);
      rows[i].us.store(0, std::memory_order_relaxed);
      rows[i].rejected.store(0, std::memory_order_relaxed);
      rows[i].failed.store(0, std::memory_order_relaxed);
      Times* times = rows[i].times.load(std::memory_order_acquire);
      for (size_t bucket = 0; times != nullptr && bucket < kBuckets; ++bucket) (*times)[bucket].store(0);
    }
  }
  rate_.Reset();
  MutexLock lock(mu_);
  errors_.clear();
}

// ---- Counting.

CommandStatistics::Row* CommandStatistics::RowOf(const Command& command) noexcept {
  const auto index = static_cast<size_t>(&command - rows_.data());
  std::atomic<Row*>& place = places_[ThreadStripe() % kPlaces];
  Row* rows = place.load(std::memory_order_acquire);
  if (rows == nullptr) {
    auto* made = new (std::nothrow) Row[rows_.size()];
    if (made == nullptr) return nullptr;
    if (place.compare_exchange_strong(rows, made, std::memory_order_acq_rel)) {
      rows = made;
    } else {
      delete[] made;
    }
  }
  return &rows[index];
}

uint32_t CommandStatistics::WeightOf(const Command& command) noexcept {
  // SET is slow in Redis' table only for what it may have to free.
  const bool is_quick = (command.flags & kFast) != 0 || Bytes(command.name) == "set";
  if (!is_quick || times_all_.load(std::memory_order_relaxed)) return 1;
  const Row* row = RowOf(command);
  if (row == nullptr) return 0;
  return row->calls.load(std::memory_order_relaxed) % kSampled == 0 ? kSampled : 0;
}

CommandStatistics::Run::Run(CommandStatistics& statistics, const Request& request, const resp::Writer& reply) noexcept
    : statistics_(statistics),
      request_(request),
      reply_(reply),
      reply_at_(reply.bytes().size()),
      errors_before_(reply.error_codes().size()),
      weight_(statistics.WeightOf(*request.asked)),
      start_us_(weight_ == 0 ? 0 : os::MonotonicUs()) {}

CommandStatistics::Run::~Run() {
  const Command& command = *request_.asked;
  Row* row = statistics_.RowOf(command);
  if (row != nullptr) row->calls.fetch_add(1, std::memory_order_relaxed);
  if (weight_ != 0) {
    const int64_t us = os::MonotonicUs() - start_us_;
    statistics_.CountTime(command, us, weight_);
    const int64_t slower_than_us = statistics_.slower_than_us_.load(std::memory_order_relaxed);
    const uint64_t latency_ms = statistics_.latency_ms_.load(std::memory_order_relaxed);
    if ((slower_than_us >= 0 && us >= slower_than_us) || latency_ms != 0) statistics_.NoteSlow(request_, us);
  }
  if (reply_.error_codes().size() == errors_before_) return;
  if (row != nullptr) row->failed.fetch_add(1, std::memory_order_relaxed);
  statistics_.CountError(reply_.bytes().substr(reply_at_));
}

void CommandStatistics::Count(const Command& command, const resp::Writer& reply, size_t reply_at) noexcept {
  Row* row = RowOf(command);
  if (row != nullptr) row->calls.fetch_add(1, std::memory_order_relaxed);
  const Bytes answer = reply.bytes().substr(std::min(reply_at, reply.bytes().size()));
  if (!answer.starts_with('-')) return;
  if (row != nullptr) row->failed.fetch_add(1, std::memory_order_relaxed);
  CountError(answer);
}

void CommandStatistics::CountRejected(const Command* command, Bytes error) noexcept {
  Row* row = command == nullptr ? nullptr : RowOf(*command);
  if (row != nullptr) row->rejected.fetch_add(1, std::memory_order_relaxed);
  CountError(error);
}

void CommandStatistics::CountError(Bytes error) noexcept {
  if (error.starts_with('-')) error.remove_prefix(1);
  try {
    std::string kind(KindOf(error));
    MutexLock lock(mu_);
    if (errors_.size() < kErrorKindsMax || errors_.contains(kind)) ++errors_[std::move(kind)];
  } catch (const std::bad_alloc&) {
    // Not counted.
  }
}

void CommandStatistics::CountTime(const Command& command, int64_t us, uint32_t weight) noexcept {
  Row* row = RowOf(command);
  if (row == nullptr) return;
  row->us.fetch_add(static_cast<uint64_t>(us) * weight, std::memory_order_relaxed);
  Times* times = row->times.load(std::memory_order_acquire);
  if (times == nullptr) {
    auto* made = new (std::nothrow) Times{};
    if (made == nullptr) return;
    if (row->times.compare_exchange_strong(times, made, std::memory_order_acq_rel)) {
      times = made;
    } else {
      delete made;
    }
  }
  const auto bucket = us <= 1 ? 0 : static_cast<size_t>(std::bit_width(static_cast<uint64_t>(us - 1)));
  (*times)[std::min(bucket, kBuckets - 1)].fetch_add(weight, std::memory_order_relaxed);
}

void CommandStatistics::NoteSlow(const Request& request, int64_t us) noexcept {
  try {
    const int64_t now_s = os::SystemNowMs() / 1000;
    const auto took_ms = static_cast<uint64_t>(us / kMillisecondUs);
    const uint64_t latency_ms = latency_ms_.load(std::memory_order_relaxed);
    if (latency_ms != 0 && took_ms >= latency_ms) {
      latency_.Add((request.asked->flags & kFast) != 0 ? "fast-command" : "command", {now_s, took_ms});
    }
    const int64_t slower_than_us = slower_than_us_.load(std::memory_order_relaxed);
    if (slower_than_us < 0 || us < slower_than_us) return;
    SlowLog::Entry entry;
    entry.at_s = now_s;
    entry.took_us = us;
    entry.args = SlowLog::Cut(request.asked_args);
    if (describe_) describe_(request.client, entry);
    slow_log_.Add(std::move(entry));
  } catch (const std::bad_alloc&) {
    // Not noted.
  }
}

// ---- Looking.

std::vector<CommandStatistics::Numbers> CommandStatistics::All() const {
  std::vector<Numbers> all;
  for (size_t i = 0; i < rows_.size(); ++i) {
    Numbers sum;
    sum.command = &rows_[i];
    for (const std::atomic<Row*>& place : places_) {
      const Row* rows = place.load(std::memory_order_acquire);
      if (rows == nullptr) continue;
      sum.calls += rows[i].calls.load(std::memory_order_relaxed);
      sum.us += rows[i].us.load(std::memory_order_relaxed);
      sum.rejected += rows[i].rejected.load(std::memory_order_relaxed);
      sum.failed += rows[i].failed.load(std::memory_order_relaxed);
      const Times* times = rows[i].times.load(std::memory_order_acquire);
      for (size_t bucket = 0; times != nullptr && bucket < kBuckets; ++bucket) {
        sum.times[bucket] += (*times)[bucket].load(std::memory_order_relaxed);
      }
    }
    if (sum.calls + sum.rejected != 0) all.push_back(sum);
  }
  return all;
}

std::map<std::string, uint64_t> CommandStatistics::errors() const {
  MutexLock lock(mu_);
  return errors_;
}

uint64_t CommandStatistics::calls() const {
  uint64_t calls = 0;
  for (const std::atomic<Row*>& place : places_) {
    const Row* rows = place.load(std::memory_order_acquire);
    for (size_t i = 0; rows != nullptr && i < rows_.size(); ++i) calls += rows[i].calls.load(std::memory_order_relaxed);
  }
  return calls;
}

}  // namespace redislite::engine
