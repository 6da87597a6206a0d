// StripedCounter: a statistic that many threads raise and few read. Each thread has one of 16 places on cache lines
// of their own.
#pragma once

#include <atomic>
#include <cstdint>

namespace redislite {

// A small number that is the calling thread's own as nearly as the number of threads allows.
inline uint32_t ThreadStripe() {
  static std::atomic<uint32_t> next{0};
  thread_local const uint32_t stripe = next.fetch_add(1, std::memory_order_relaxed);
  return stripe;
}

class StripedCounter {
 public:
  void Add(uint64_t count = 1) { places_[ThreadStripe() % kPlaces].count.fetch_add(count, std::memory_order_relaxed); }
  uint64_t Sum() const {
    uint64_t sum = 0;
    for (const Place& place : places_) sum += place.count.load(std::memory_order_relaxed);
    return sum;
  }
  void Reset() {
    for (Place& place : places_) place.count.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t kPlaces = 16;
  struct alignas(64) Place {
    std::atomic<uint64_t> count{0};
  };
  Place places_[kPlaces];
};

}  // namespace redislite
