// A string seen as bits: the first is the highest of the first byte, as in Redis. Plain functions on bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace redislite::types {

// A range of bits, both ends included.
struct BitRange {
  uint64_t first;
  uint64_t last;
};

// How many bits of the range are set. REQUIRES: first <= last, and last lies in `bytes`.
uint64_t CountBits(Bytes bytes, BitRange range);

// The first bit of the range that is set, or clear. REQUIRES: as CountBits.
std::optional<uint64_t> FindBit(Bytes bytes, bool set, BitRange range);

enum class BitOperation : uint8_t { kAnd, kOr, kXor };

// Combines `from` into the `size` bytes at `into`; `from` counts as followed by zeros. REQUIRES: from.size() <= size.
void CombineBits(BitOperation operation, char* into, uint64_t size, Bytes from);

// An integer of 1 to 64 bits, at any bit: BITFIELD's i5 or u8. An unsigned one has at most 63, so that each is an
// int64_t.
struct BitField {
  bool is_signed;
  unsigned bits;
  uint64_t offset;  // of its highest bit

  int64_t min() const { return is_signed ? -max() - 1 : 0; }
  int64_t max() const { return static_cast<int64_t>(~uint64_t{0} >> (is_signed ? 1 : 0) >> (64 - bits)); }
  uint64_t last_byte() const { return (offset + bits - 1) / 8; }

  // The value of this many low bits: what is left of a sum that did not fit.
  int64_t Wrap(uint64_t value) const {
    const unsigned unused = 64 - bits;
    return is_signed ? static_cast<int64_t>(value << unused) >> unused
                     : static_cast<int64_t>(value << unused >> unused);
  }
};

}  // namespace redislite::types
