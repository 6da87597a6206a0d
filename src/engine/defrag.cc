#include "engine/defrag.h"

#include <algorithm>

#include "os/file_system.h"

namespace redislite::engine {

namespace {

constexpr int64_t kSliceUs = 100;
constexpr int64_t kRestPerWork = 49;
constexpr uint64_t kGainMin = 16 << 20;
constexpr uint64_t kGainMinOfHeld = 4;  // a quarter

}  // namespace

bool Defrag::Pays() {
  const uint64_t spare = keyspace_.memory().spare_bytes();
  left_ = std::min(left_, spare);
  return spare - left_ > std::max(kGainMin, keyspace_.memory().slab_bytes() / kGainMinOfHeld);
}

void Defrag::Begin() {
  db_ = 0;
  from_ = 0;
  spare_ = keyspace_.memory().spare_bytes();
  running_ = true;
}

void Defrag::Step() {
  const int db = db_;
  const uint64_t from = from_;
  uint64_t next = 0;
  Keyspace::Moved moved;
  const bool more_of_stripe = pipeline_.Alone([&] {
    const ExclusiveLock lock(keyspace_.stripe(StripeOf(from)));
    Memory& memory = keyspace_.memory();
    const auto empties = [&memory](const void* block, size_t size) { return memory.Empties(block, size); };
    return keyspace_.Move(db, from, &next, empties, moved);
  });
  statistics_.defrag_moved_keys.fetch_add(moved.entries, std::memory_order_relaxed);
  statistics_.defrag_moved_segments.fetch_add(moved.segments, std::memory_order_relaxed);
  statistics_.defrag_passed_keys.fetch_add(moved.stayed, std::memory_order_relaxed);
  from_ = next;
  if (more_of_stripe) return;
  const int stripe = StripeOf(from) + 1;
  if (stripe < kStripes) {
    from_ = FirstHashOf(stripe);
  } else if (++db_ == kDatabases) {
    // What became spare behind the pass is for the next one.
    left_ = spare_ - std::min<uint64_t>(spare_, keyspace_.memory().StopEmptying());
    ++passes_;
    running_ = false;
  }
}

void Defrag::Slice() {
  const int64_t begin_us = os::MonotonicUs();
  int64_t now_us = begin_us;
  while (running_ && now_us < begin_us + kSliceUs) {
    Step();
    now_us = os::MonotonicUs();
  }
  rest_until_us_ = now_us + (now_us - begin_us) * kRestPerWork;
}

bool Defrag::RunSlice(bool may_begin) {
  MutexLock lock(mu_);
  if (os::MonotonicUs() < rest_until_us_) return running_;
  if (!running_) {
    if (!may_begin || !Pays()) return false;
    Begin();
  }
  Slice();
  return running_;
}

// Joins the pass that is under way: two who want one do not make each other begin again. But that one may have passed
// what is sparse by now, so it is not the last. Sleeps after each slice, so that writers get in between: a mutex goes
// to who is awake.
void Defrag::RunPass() {
  uint64_t last;
  {
    MutexLock lock(mu_);
    last = passes_ + (running_ ? 2 : 1);
  }
  while (true) {
    {
      MutexLock lock(mu_);
      if (passes_ >= last) return;
      if (!running_) Begin();
      Slice();
    }
    os::SleepUs(kSliceUs / 2);
  }
}

}  // namespace redislite::engine
