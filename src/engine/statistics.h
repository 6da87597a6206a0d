// Statistics: the counters that INFO shows. Any thread raises them.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/striped_counter.h"
#include "engine/rate.h"

namespace redislite::engine {

struct Statistics {
  StripedCounter hits;
  StripedCounter misses;
  StripedCounter expired;
  std::atomic<uint64_t> defrag_moved_keys{0};
  std::atomic<uint64_t> defrag_moved_segments{0};
  std::atomic<uint64_t> defrag_passed_keys{0};  // that stayed where they were
  // Of those who are connected.
  std::atomic<uint64_t> clients{0};
  std::atomic<uint64_t> clients_rejected{0};
  StripedCounter bytes_in;
  StripedCounter bytes_out;
  Rate bytes_in_rate;
  Rate bytes_out_rate;
  std::atomic<uint64_t> snapshots{0};
  std::atomic<uint64_t> snapshots_failed{0};

  void Reset() {
    hits.Reset();
    misses.Reset();
    expired.Reset();
    defrag_moved_keys = 0;
    defrag_moved_segments = 0;
    defrag_passed_keys = 0;
    clients = 0;
    clients_rejected = 0;
    bytes_in.Reset();
    bytes_out.Reset();
    bytes_in_rate.Reset();
    bytes_out_rate.Reset();
  }
};

}  // namespace redislite::engine
