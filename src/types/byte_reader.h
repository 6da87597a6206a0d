// ByteReader: takes bytes from the front of a run that nobody vouches for. Once something was not there, everything
// else is not there either, so that a decoder may look at ok() where it suits it; but before it believes a number.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/little_endian.h"

namespace redislite::types {

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  bool empty() const { return rest_.empty(); }
  size_t size() const { return rest_.size(); }

  // What is not there is empty, or 0.
  Bytes Take(uint64_t size) {
    if (size > rest_.size()) Fail();
    if (!ok_) return {};
    const Bytes taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint8_t Byte() {
    const Bytes byte = Take(1);
    return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
  }
  uint8_t Peek() const { return rest_.empty() ? 0 : static_cast<uint8_t>(rest_[0]); }
  template <typename T>
  T Little() {
    const Bytes bytes = Take(sizeof(T));
    return bytes.empty() ? T{0} : LoadLittle<T>(bytes.data());
  }
  // An unsigned number of `size` bytes, the highest first.
  uint64_t Big(size_t size) {
    uint64_t number = 0;
    for (const char byte : Take(size)) number = number << 8 | static_cast<uint8_t>(byte);
    return number;
  }
  // A signed number of three bytes, the lowest first.
  int64_t Little24() {
    uint32_t number = 0;
    const Bytes bytes = Take(3);
    for (size_t i = 0; i < bytes.size(); ++i) number |= uint32_t{static_cast<uint8_t>(bytes[i])} << (8 * (i + 1));
    return static_cast<int32_t>(number) >> 8;
  }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace redislite::types
