#include "engine/snapshot.h"

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "base/failpoint.h"
#include "os/file_system.h"

namespace redislite::engine {

namespace {

// Entries that one hold of a stripe's lock copies: some tens of microseconds. What is larger counts for several.
constexpr size_t kEntriesPerHold = 64;
constexpr size_t kEntryBytes = 256;
constexpr size_t kThawAtOnce = 1024;  // collections: below a millisecond of the leader's time
constexpr int64_t kSliceUs = 1000;
constexpr int64_t kRestUsMax = 10'000;  // a block that a slow device took long to write must not delay a close

Status Cancelled() { return {Code::kCondition, "cancelled"}; }

}  // namespace

bool Snapshotter::TryToFreeze(int database, Entry& entry) {
  if (entry.value.type() == types::Type::kString) return false;
  MutexLock lock(handed_mu_);
  frozen_.emplace_back();  // first, so that nothing fails once the collection knows of its reader
  try {
    frozen_.back() = FrozenEntry::Freeze(database, entry, retained_);
  } catch (...) {
    frozen_.pop_back();
    throw;
  }
  if (frozen_.back() != nullptr) return true;
  frozen_.pop_back();
  return false;
}

void Snapshotter::Keep(int database, Entry& entry) noexcept {
  if (entry.ExpiredAt(cut_ms_)) return;
  try {
    if (TryToFreeze(database, entry)) return;
    MutexLock lock(handed_mu_);
    AppendEntryCommands(kept_, database, entry);
    const size_t bytes = entry.value.memory_bytes();
    kept_bytes_ += bytes;
    retained_.copied.fetch_add(bytes, std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    MutexLock lock(handed_mu_);
    lost_ = true;
  }
}

void Snapshotter::Adopt(int database, Entry* entry) noexcept {
  {
    MutexLock lock(handed_mu_);
    try {
      adopted_[static_cast<size_t>(database)].push_back(entry);
      const size_t bytes = entry->memory_bytes();
      adopted_bytes_ += bytes;
      retained_.held.fetch_add(bytes, std::memory_order_relaxed);
      return;
    } catch (const std::bad_alloc&) {
      lost_ = true;
    }
  }
  Entry::Free(keyspace_.memory(), entry);
}

Status Snapshotter::Write(const Target& target, std::vector<CommandChunk>& chunks, bool all) {
  // The last chunk stays open for more, unless this is the end.
  const size_t count = all || chunks.empty() ? chunks.size() : chunks.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    keys_done_ += chunks[i].keys;
    RL_RETURN_IF_ERROR(target.block(chunks[i], keys_done_));
  }
  chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(count));
  return Status::Ok();
}

bool Snapshotter::HandedOver() {
  MutexLock lock(handed_mu_);
  if (!kept_.empty()) return true;
  return std::any_of(adopted_.begin(), adopted_.end(), [](const auto& entries) { return !entries.empty(); });
}

Status Snapshotter::Drain(const Target& target, bool write) {
  std::vector<CommandChunk> kept;
  std::array<std::vector<Entry*>, kDatabases> adopted;
  bool lost = false;
  {
    MutexLock lock(handed_mu_);
    kept.swap(kept_);
    adopted.swap(adopted_);
    retained_.copied.fetch_sub(std::exchange(kept_bytes_, 0), std::memory_order_relaxed);
    retained_.held.fetch_sub(std::exchange(adopted_bytes_, 0), std::memory_order_relaxed);
    lost = lost_;
  }
  // Whatever fails from here on, what was adopted is freed.
  const auto attempt = [](const auto& step) NO_THREAD_SAFETY_ANALYSIS -> Status {
    try {
      return step();
    } catch (const std::bad_alloc&) {
      return OutOfMemory();
    }
  };
  Status written = lost ? OutOfMemory() : Status::Ok();
  if (write && written.ok()) written = attempt([&]() REQUIRES(run_mu_) { return Write(target, kept, true); });
  std::vector<CommandChunk> chunks;
  for (size_t db = 0; db < kDatabases; ++db) {
    for (Entry* entry : adopted[db]) {
      if (write && written.ok() && !entry->ExpiredAt(point_.time_ms)) {
        written = attempt([&]() REQUIRES(run_mu_) {
          AppendEntryCommands(chunks, static_cast<int>(db), *entry);
          return chunks.size() > 1 ? Write(target, chunks, false) : Status::Ok();
        });
      }
      Entry::Free(keyspace_.memory(), entry);
    }
  }
  return write && written.ok() ? Write(target, chunks, true) : written;
}

FrozenEntry* Snapshotter::FirstUnwritten() {
  MutexLock lock(handed_mu_);
  return frozen_written_ < frozen_.size() ? frozen_[frozen_written_].get() : nullptr;
}

Status Snapshotter::WriteFrozen(const Target& target, const std::atomic<bool>& cancel) {
  std::vector<CommandChunk> chunks;
  while (FrozenEntry* entry = FirstUnwritten()) {
    for (bool more = true; more;) {
      if (cancel.load(std::memory_order_relaxed)) return Cancelled();
      more = entry->Append(chunks);
      if (chunks.size() > 1) RL_RETURN_IF_ERROR(Write(target, chunks, false));
      GiveWay();
    }
    size_t written;
    {
      MutexLock lock(handed_mu_);
      written = ++frozen_written_;
    }
    if (written >= kThawAtOnce) Thaw(written);
  }
  return Write(target, chunks, true);
}

void Snapshotter::Thaw(size_t at_most) {
  size_t count = 0;
  {
    MutexLock lock(handed_mu_);
    if (frozen_.empty()) return;
  }
  pipeline_.Alone([&] {
    MutexLock lock(handed_mu_);
    count = std::min(at_most, frozen_.size());
    for (size_t i = 0; i < count; ++i) frozen_[i]->Thaw();
  });
  MutexLock lock(handed_mu_);
  frozen_.erase(frozen_.begin(), frozen_.begin() + static_cast<std::ptrdiff_t>(count));
  frozen_written_ -= std::min(frozen_written_, count);
}

void Snapshotter::GiveWay() {
  const int64_t worked_us = os::MonotonicUs() - slice_from_us_;
  if (worked_us < kSliceUs) return;
  const uint64_t logged = pipeline_.logged_commands();
  if (std::exchange(logged_, logged) != logged) os::SleepUs(std::min(worked_us, kRestUsMax));
  slice_from_us_ = os::MonotonicUs();
}

size_t Snapshotter::Take(int database, Entry& entry, std::vector<CommandChunk>& chunks) {
  if (entry.ExpiredAt(point_.time_ms)) return 0;
  if (TryToFreeze(database, entry)) return kEntriesPerHold;
  const size_t chunks_before = chunks.size();
  const size_t bytes_before = chunks.empty() ? 0 : chunks.back().bytes.size();
  AppendEntryCommands(chunks, database, entry);
  if (chunks.size() != chunks_before) return 0;  // a new chunk: counted with the next entry
  return (chunks.back().bytes.size() - bytes_before) / kEntryBytes;
}

Status Snapshotter::Walk(const Target& target, const std::atomic<bool>& cancel) {
  RL_RETURN_IF_ERROR(target.begin(point_));
  slice_from_us_ = os::MonotonicUs();
  logged_ = pipeline_.logged_commands();
  std::vector<CommandChunk> chunks;
  for (int db = 0; db < kDatabases; ++db) {
    for (int stripe = 0; stripe < kStripes; ++stripe) {
      uint64_t from = FirstHashOf(stripe);
      for (bool more = true; more;) {
        if (cancel.load(std::memory_order_relaxed)) return Cancelled();
        {
          const SharedLock lock(keyspace_.stripe(stripe));
          const auto take = [&](Entry& entry) REQUIRES(run_mu_) { return Take(db, entry, chunks); };
          more = keyspace_.WalkCut(db, stripe, from, &from, kEntriesPerHold, take);
        }
        if (chunks.size() > 1) RL_RETURN_IF_ERROR(Write(target, chunks, false));
        GiveWay();
        if (FirstUnwritten() == nullptr) continue;
        // First what is open, so that a key's commands follow one another. The same below.
        RL_RETURN_IF_ERROR(Write(target, chunks, true));
        RL_RETURN_IF_ERROR(WriteFrozen(target, cancel));
      }
      if (HandedOver()) {
        RL_RETURN_IF_ERROR(Write(target, chunks, true));
        RL_RETURN_IF_ERROR(Drain(target, true));
      }
    }
    RL_RETURN_IF_ERROR(Write(target, chunks, true));
  }
  return Status::Ok();
}

Status Snapshotter::Run(const Target& target, const std::atomic<bool>& cancel) {
  MutexLock lock(run_mu_);
  keys_done_ = 0;
  Point point;
  const Status cut = pipeline_.Alone([&]() -> Status {
    Result<storage::Lsn> lsn = target.at_cut();
    if (!lsn.ok()) return lsn.status();
    point.lsn = *lsn;
    point.time_ms = clock_.Now();
    cut_ms_ = point.time_ms;
    point.keys = keyspace_.TotalKeys();
    {
      MutexLock handed(handed_mu_);
      lost_ = false;
    }
    keyspace_.BeginCut(this);
    return Status::Ok();
  });
  RL_RETURN_IF_ERROR(cut);
  RL_FAILPOINT(snapshot_cut);
  point_ = point;
  Status walked;
  try {
    walked = Walk(target, cancel);
  } catch (const std::bad_alloc&) {
    walked = OutOfMemory();
  }
  pipeline_.Alone([&] { keyspace_.EndCut(walked.ok()); });
  // What was handed over after the walk had passed is not of the cut's walked part twice: an entry that the walk took
  // has the new generation and is not handed over. The rest is. After a failure nobody wants it, and a target that
  // could not begin cannot take it.
  Status drained = Drain(target, walked.ok());
  if (walked.ok() && drained.ok()) {
    try {
      drained = WriteFrozen(target, cancel);
    } catch (const std::bad_alloc&) {
      drained = OutOfMemory();
    }
  }
  Thaw(std::numeric_limits<size_t>::max());
  return walked.ok() ? drained : walked;
}

}  // namespace redislite::engine
