// Load: keys, values, and threads that call a store for a while, with what that cost.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "macro/store.h"

namespace bench {

// A sequence of pseudo-random numbers (splitmix64): the same in every run.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    return Mix(state_);
  }
  // REQUIRES: bound < 2^32.
  uint64_t Below(uint64_t bound) { return ((Next() >> 32) * bound) >> 32; }
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

// Key number `index`: 16 bytes, spread evenly over the order of keys.
class Key {
 public:
  explicit Key(uint64_t index) {
    static constexpr char kDigits[] = "0123456789abcdef";
    uint64_t mixed = Random::Mix(index + 1);
    for (char& c : text_) {
      c = kDigits[mixed & 15];
      mixed >>= 4;
    }
  }
  std::string_view view() const { return {text_, sizeof text_}; }

 private:
  char text_[16];
};

// Bytes that look like nothing: no integer, and not to be compressed.
std::string MakeValue(size_t size);

// One call; the random numbers are the thread's, `turn` counts its calls. False stops the slice as a failure.
using Operation = std::function<bool(Random& random, uint64_t turn)>;

struct Cost {
  uint64_t operations = 0;
  double wall_s = 0;
  double cpu_s = 0;                                        // of the whole process: an engine's own threads count
  double p50_us = 0, p99_us = 0, p999_us = 0, max_us = 0;  // when latencies were asked for
};

enum class Latency { kNo, kYes };

// `threads` threads call for `seconds`.
Cost RunFor(double seconds, int threads, Latency latency, const Operation& operation);
// One thread calls `count` times.
Cost RunCount(uint64_t count, Latency latency, const Operation& operation);

// Sets keys 0 to count - 1.
void Fill(Store& store, uint64_t count, std::string_view value);

double WallSeconds();
double ProcessCpuSeconds();
double ThreadCpuSeconds();
uint64_t ResidentBytes();

}  // namespace bench
