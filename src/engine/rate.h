// Rate: how fast a count has grown of late, as INFO shows it: from one look to the next, which counts when it is a
// second later at least. Threads: any.
#pragma once

#include <cstdint>

#include "base/mutex.h"
#include "os/file_system.h"

namespace redislite::engine {

class Rate {
 public:
  // A second's growth; `now` is the count.
  uint64_t PerSecond(uint64_t now) EXCLUDES(mu_) {
    constexpr int64_t kSecondUs = 1'000'000;
    const int64_t now_us = os::MonotonicUs();
    MutexLock lock(mu_);
    const int64_t passed_us = now_us - at_us_;
    if (at_us_ == 0 || now < count_) {
      rate_ = 0;
    } else if (passed_us < kSecondUs) {
      return rate_;
    } else {
      rate_ = (now - count_) * kSecondUs / static_cast<uint64_t>(passed_us);
    }
    at_us_ = now_us;
    count_ = now;
    return rate_;
  }
  // The next look is the first.
  void Reset() EXCLUDES(mu_) {
    MutexLock lock(mu_);
    at_us_ = 0;
  }

 private:
  Mutex mu_;
  int64_t at_us_ GUARDED_BY(mu_) = 0;
  uint64_t count_ GUARDED_BY(mu_) = 0;
  uint64_t rate_ GUARDED_BY(mu_) = 0;
};

}  // namespace redislite::engine
