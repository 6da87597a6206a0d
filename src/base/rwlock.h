// RwLock: the stripes' reader-writer lock.
//
// Writer-preferring (a waiting writer holds off new readers, so that a stream of readers cannot starve the leader),
// spins for about a microsecond and then parks: spinning alone collapses when the host runs more threads than cores,
// because a preempted holder makes everybody burn. glibc's pthread_rwlock prefers readers and is three times the
// size. Not recursive.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/mutex.h"

namespace redislite {

class CAPABILITY("rwlock") alignas(64) RwLock {
 public:
  void LockShared() RL_THREAD_ANNOTATION(acquire_shared_capability()) {
    if (!TryLockShared()) Park([this] { return TryLockShared(); });
  }
  void UnlockShared() RL_THREAD_ANNOTATION(release_shared_capability()) {
    state_.fetch_sub(1, std::memory_order_seq_cst);
    Wake();
  }
  void Lock() ACQUIRE() {
    if (TryLock()) return;
    writers_waiting_.fetch_add(1, std::memory_order_seq_cst);
    Park([this] { return TryLock(); });
    writers_waiting_.fetch_sub(1, std::memory_order_seq_cst);
  }
  void Unlock() RELEASE() {
    state_.store(0, std::memory_order_seq_cst);
    Wake();
  }

 private:
  static constexpr uint32_t kWriter = 1u << 31;
  static constexpr int kSpins = 40;  // a pause is 10 to 50 ns

  bool TryLockShared() {
    uint32_t state = state_.load(std::memory_order_seq_cst);
    while ((state & kWriter) == 0 && writers_waiting_.load(std::memory_order_seq_cst) == 0) {
      if (state_.compare_exchange_weak(state, state + 1, std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  bool TryLock() {
    uint32_t expected = 0;
    return state_.compare_exchange_strong(expected, kWriter, std::memory_order_seq_cst);
  }

  static void Pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  // Whoever parks first says so and then tries once more; whoever releases first changes the state and then looks for
  // parked ones (all sequentially consistent): one of the two sees the other.
  template <typename Try>
  void Park(const Try& attempt) {
    for (int spin = 0; spin < kSpins; ++spin) {
      Pause();
      if (attempt()) return;
    }
    parked_.fetch_add(1, std::memory_order_seq_cst);
    while (true) {
      const uint32_t round = round_.load(std::memory_order_seq_cst);
      if (attempt()) break;
      round_.wait(round, std::memory_order_seq_cst);
    }
    parked_.fetch_sub(1, std::memory_order_seq_cst);
  }
  void Wake() {
    if (parked_.load(std::memory_order_seq_cst) == 0) return;
    round_.fetch_add(1, std::memory_order_seq_cst);
    round_.notify_all();
  }

  std::atomic<uint32_t> state_{0};  // kWriter, or the number of readers
  std::atomic<uint32_t> writers_waiting_{0};
  std::atomic<uint32_t> parked_{0};
  std::atomic<uint32_t> round_{0};
};

class SCOPED_CAPABILITY ExclusiveLock {
 public:
  explicit ExclusiveLock(RwLock& lock) ACQUIRE(lock) : lock_(lock) { lock_.Lock(); }
  ~ExclusiveLock() RELEASE() { lock_.Unlock(); }
  ExclusiveLock(const ExclusiveLock&) = delete;
  ExclusiveLock& operator=(const ExclusiveLock&) = delete;

 private:
  RwLock& lock_;
};

class SCOPED_CAPABILITY SharedLock {
 public:
  explicit SharedLock(RwLock& lock) RL_THREAD_ANNOTATION(acquire_shared_capability(lock)) : lock_(lock) {
    lock_.LockShared();
  }
  ~SharedLock() RELEASE() { lock_.UnlockShared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  RwLock& lock_;
};

}  // namespace redislite
