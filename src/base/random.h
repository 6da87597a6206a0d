// A small fast generator for choices that need no secrecy (random keys, sampling). Source: Vigna, xorshift64*.
// Not thread-safe; never used inside apply (I2).
#pragma once

#include <cstdint>

namespace redislite {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed == 0 ? 0x9e3779b97f4a7c15 : seed) {}

  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }
  // A number below `bound`, which is not 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }

 private:
  uint64_t state_;
};

}  // namespace redislite
