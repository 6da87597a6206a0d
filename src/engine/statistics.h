// Statistics: the counters that INFO shows. Any thread raises them.
#pragma once

#include "base/striped_counter.h"

namespace redislite::engine {

struct Statistics {
  StripedCounter hits;
  StripedCounter misses;
  StripedCounter expired;
  std::atomic<uint64_t> defrag_moved_keys{0};
  std::atomic<uint64_t> defrag_moved_segments{0};
  std::atomic<uint64_t> defrag_passed_keys{0};  // that stayed where they were
  std::atomic<uint64_t> snapshots{0};
  std::atomic<uint64_t> snapshots_failed{0};

  void Reset() {
    hits.Reset();
    misses.Reset();
    expired.Reset();
    defrag_moved_keys = 0;
    defrag_moved_segments = 0;
    defrag_passed_keys = 0;
  }
};

}  // namespace redislite::engine
