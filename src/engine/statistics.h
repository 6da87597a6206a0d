// Statistics: the counters that INFO shows. Any thread raises them.
#pragma once

#include "base/striped_counter.h"

namespace redislite::engine {

struct Statistics {
  StripedCounter hits;
  StripedCounter misses;
  StripedCounter expired;
  std::atomic<uint64_t> snapshots{0};
  std::atomic<uint64_t> snapshots_failed{0};

  void Reset() {
    hits.Reset();
    misses.Reset();
    expired.Reset();
  }
};

}  // namespace redislite::engine
