// Bits of a word.
#pragma once

#include <cstdint>

namespace redislite {

// The bits in the opposite order. A scan's cursor is a place in the order of hashes reversed: the places of a small
// table differ in their top bits only, so its cursors are small numbers, and none is negative for a client that takes
// them for signed ones before the table has 2^63 places.
constexpr uint64_t ReverseBits(uint64_t bits) {
  uint64_t reversed = 0;
  for (int i = 0; i < 64; ++i) reversed |= (bits >> i & 1) << (63 - i);
  return reversed;
}

}  // namespace redislite
