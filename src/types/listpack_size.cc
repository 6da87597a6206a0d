#include "types/listpack_size.h"

#include <cstdint>
#include <optional>

#include "base/number.h"

namespace redislite::types {

namespace {

size_t IntegerBytes(int64_t value) {
  const auto fits = [value](int bits) {
    return value >= -(int64_t{1} << (bits - 1)) && value < int64_t{1} << (bits - 1);
  };
  if (value >= 0 && value <= 127) return 1;
  if (fits(13)) return 2;
  if (fits(16)) return 3;
  if (fits(24)) return 4;
  if (fits(32)) return 5;
  return 9;
}

size_t StringBytes(size_t length) {
  if (length < 64) return length + 1;
  if (length < 4096) return length + 2;
  return length + 5;
}

}  // namespace

size_t ListpackElementBytes(Bytes element) {
  const std::optional<int64_t> integer = ParseInt64(element);
  const size_t entry = integer ? IntegerBytes(*integer) : StringBytes(element.size());
  return entry + ListpackBackBytes(entry);
}

size_t ListpackBackBytes(uint64_t entry) {
  if (entry <= 127) return 1;
  if (entry < 16383) return 2;
  if (entry < 2097151) return 3;
  return entry < 268435455 ? 4 : 5;
}

}  // namespace redislite::types
