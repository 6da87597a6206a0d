#include "types/bitmap.h"

#include <bit>
#include <cstring>

namespace redislite::types {

namespace {

uint64_t WordAt(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

// The bits of the byte at `index` that lie in the range; the others are clear.
unsigned MaskOf(uint64_t index, BitRange range) {
  unsigned mask = 0xff;
  if (index == range.first / 8) mask &= 0xffu >> range.first % 8;
  if (index == range.last / 8) mask &= 0xffu << (7 - range.last % 8);
  return mask;
}

unsigned ByteAt(Bytes bytes, uint64_t index) { return static_cast<uint8_t>(bytes[index]); }

}  // namespace

uint64_t CountBits(Bytes bytes, BitRange range) {
  const uint64_t first = range.first / 8;
  const uint64_t last = range.last / 8;
  const auto count_byte = [&](uint64_t index) {
    return static_cast<uint64_t>(std::popcount(ByteAt(bytes, index) & MaskOf(index, range)));
  };
  uint64_t count = count_byte(first);
  if (first == last) return count;
  uint64_t at = first + 1;
  for (; at + 8 <= last; at += 8) count += static_cast<uint64_t>(std::popcount(WordAt(bytes.data() + at)));
  for (; at <= last; ++at) count += count_byte(at);
  return count;
}

std::optional<uint64_t> FindBit(Bytes bytes, bool set, BitRange range) {
  const uint64_t last = range.last / 8;
  const uint64_t skipped_word = set ? 0 : ~uint64_t{0};
  const unsigned flip = set ? 0 : 0xff;
  for (uint64_t at = range.first / 8; at <= last;) {
    if (at > range.first / 8 && at + 8 <= last && WordAt(bytes.data() + at) == skipped_word) {
      at += 8;
      continue;
    }
    const unsigned found = (ByteAt(bytes, at) ^ flip) & MaskOf(at, range);
    if (found != 0) return at * 8 + static_cast<uint64_t>(std::countl_zero(static_cast<uint8_t>(found)));
    ++at;
  }
  return {};
}

void CombineBits(BitOperation operation, char* into, uint64_t size, Bytes from) {
  const uint64_t common = from.size();
  switch (operation) {
    case BitOperation::kAnd:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] & from[i]);
      std::memset(into + common, 0, size - common);
      break;
    case BitOperation::kOr:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] | from[i]);
      break;
    case BitOperation::kXor:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] ^ from[i]);
      break;
  }
}

}  // namespace redislite::types
