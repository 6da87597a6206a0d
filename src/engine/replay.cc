#include "engine/replay.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <span>

#include "base/number.h"
#include "engine/context.h"
#include "engine/keyspace.h"
#include "engine/request.h"
#include "os/file_system.h"
#include "os/thread.h"
#include "resp/reader.h"
#include "resp/writer.h"

namespace redislite::engine {

namespace {

constexpr size_t kReplayedBatchBytes = 256 << 10;
constexpr uint64_t kBatchesAlone = 4;  // before a thread is begun
constexpr size_t kQueueMax = 8;
constexpr size_t kPrefetchAhead = 16;
constexpr int64_t kProgressEveryUs = 1'000'000;

}  // namespace

Replay::~Replay() {
  {
    MutexLock lock(mu_);
    ended_ = abandoned_ = true;
    changed_.NotifyAll();
  }
  if (worker_.joinable()) worker_.join();
}

Status Replay::Take(const storage::FrameHeader& frame, Bytes payload) {
  if (batch_ != nullptr && batch_->bytes.size() + payload.size() > kReplayedBatchBytes) RL_RETURN_IF_ERROR(PassOn());
  if (batch_ == nullptr) {
    batch_ = std::make_unique<Batch>();
    batch_->bytes.reserve(std::max(kReplayedBatchBytes, payload.size()));  // it must not move: views point into it
  }
  const size_t begin = batch_->bytes.size();
  batch_->bytes.append(payload);
  return Decode(frame, Bytes(batch_->bytes).substr(begin));
}

Status Replay::Decode(const storage::FrameHeader& frame, Bytes payload) {
  resp::CommandReader reader(payload);
  uint8_t db = 0;
  uint32_t seen = 0;
  while (true) {
    const resp::CommandReader::Outcome outcome = reader.Next(argv_);
    if (outcome == resp::CommandReader::Outcome::kEnd) break;
    if (outcome == resp::CommandReader::Outcome::kMalformed) {
      return {Code::kCorrupt,
              "expected a command at byte " + std::to_string(reader.offset()) + " of the payload, found none"};
    }
    ++seen;
    if (argv_[0] == "MULTI" || argv_[0] == "EXEC") continue;
    if (argv_[0] == "SELECT" && argv_.size() == 2) {
      const std::optional<uint64_t> number = ParseUint64(argv_[1]);
      if (!number || *number >= kDatabases)
        return {Code::kCorrupt, "expected a database from 0 to 15, found " + std::string(argv_[1])};
      db = static_cast<uint8_t>(*number);
      continue;
    }
    const Command* const command = commands_.Find(argv_);
    if (command == nullptr || (command->flags & kWrite) == 0) {
      return {Code::kVersion, "the log has the command '" + std::string(argv_[0].substr(0, 64)) +
                                  "', which this version does not know"};
    }
    Step step = {
        command,      static_cast<uint32_t>(batch_->args.size()), static_cast<uint32_t>(argv_.size()), kManyKeys, db, 0,
        frame.time_ms};
    size_t keys = 0;
    size_t key = 0;
    (void)ForEachKey(*command, argv_, [&](size_t position) {
      key = position;
      ++keys;
    });
    if (keys == 1 && (command->flags & kAllKeys) == 0) {
      step.key = static_cast<uint32_t>(key);
      step.hash = keyspace_.Hash(argv_[key]);
    }
    batch_->args.insert(batch_->args.end(), argv_.begin(), argv_.end());
    batch_->steps.push_back(step);
  }
  commands_taken_ += seen;
  if (seen != frame.count) {
    return {Code::kCorrupt,
            "expected " + std::to_string(frame.count) + " commands in the payload, found " + std::to_string(seen)};
  }
  return Status::Ok();
}

Status Replay::PassOn() {
  if (batch_ == nullptr) return Status::Ok();
  if (const int64_t now_us = os::MonotonicUs(); said_us_ == 0) {
    said_us_ = now_us;
  } else if (now_us - said_us_ >= kProgressEveryUs) {
    said_us_ = now_us;
    if (progress_) progress_(commands_taken_);
  }
  if (!worker_.joinable()) {
    Status applied = Apply(*batch_);
    batch_.reset();
    // Without a thread to be had this one goes on alone.
    if (applied.ok() && ++batches_ == kBatchesAlone) (void)os::StartThread([this] { Work(); }, &worker_).ok();
    return applied;
  }
  (void)keyspace_.memory().PrepareChunk();  // this thread waits more than the other
  MutexLock lock(mu_);
  while (queue_.size() >= kQueueMax && failed_.ok()) changed_.Wait(mu_);
  RL_RETURN_IF_ERROR(Status(failed_));
  queue_.push_back(std::move(batch_));
  changed_.NotifyAll();
  return Status::Ok();
}

Status Replay::Finish() {
  Status passed = PassOn();
  if (!worker_.joinable()) return passed;
  {
    MutexLock lock(mu_);
    ended_ = true;
    changed_.NotifyAll();
  }
  worker_.join();
  MutexLock lock(mu_);
  return failed_;
}

void Replay::Work() {
  while (true) {
    std::unique_ptr<Batch> batch;
    {
      MutexLock lock(mu_);
      while (queue_.empty() && !ended_) changed_.Wait(mu_);
      if (queue_.empty() || abandoned_) return;
      batch = std::move(queue_.front());
      queue_.erase(queue_.begin());
      changed_.NotifyAll();
    }
    if (Status applied = Apply(*batch); !applied.ok()) {
      MutexLock lock(mu_);
      failed_ = std::move(applied);
      queue_.clear();
      changed_.NotifyAll();
      return;
    }
  }
}

Status Replay::Apply(const Batch& batch) {
  Request request;
  resp::Writer unread;
  std::array<Keyspace::Place, kPrefetchAhead> places;
  try {
    for (size_t i = 0; i < batch.steps.size(); ++i) {
      if (i % kPrefetchAhead == 0) {
        size_t count = 0;
        for (size_t at = i; at < std::min(i + kPrefetchAhead, batch.steps.size()); ++at) {
          const Step& step = batch.steps[at];
          if (step.key != kManyKeys) places[count++] = {step.db, step.hash};
        }
        keyspace_.Prefetch(std::span(places).first(count));
      }
      const Step& step = batch.steps[i];
      request.command = step.command;
      request.args = Args(batch.args).subspan(step.first_arg, step.arg_count);
      request.db = step.db;
      if (step.key == kManyKeys) {
        request.FindKeys(keyspace_);
      } else {
        request.keys.Clear();
        request.keys.Add({request.args[step.key], step.hash});
        request.all_keys = false;
      }
      unread.Clear();
      Context context(&engine_, keyspace_, Mode::kApply, request, step.time_ms, unread);
      step.command->handler(context);
    }
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
  return Status::Ok();
}

}  // namespace redislite::engine
