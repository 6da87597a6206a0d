#include "utf8.h"

#include <cstddef>
#include <cstdint>

namespace redislite::cli {
namespace {

// The length of the sequence at the front, 0 when it is malformed.
size_t SequenceLength(std::string_view bytes) {
  const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : uint8_t{0}; };
  const auto within = [&](size_t i, uint8_t low, uint8_t high) { return byte(i) >= low && byte(i) <= high; };
  const auto tail = [&](size_t i) { return within(i, 0x80, 0xBF); };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;   // below: overlong
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;  // above: a surrogate
    return within(1, low, high) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;   // below: overlong
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;  // above: beyond U+10FFFF
    return within(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = SequenceLength(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace redislite::cli
