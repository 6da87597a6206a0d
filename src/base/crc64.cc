#include "base/crc64.h"

#include <array>
#include <cstddef>

#include "base/little_endian.h"

namespace redislite {

namespace {

// 0xad93d23594c935a9 with its bits in the opposite order: the lowest bit of a byte goes first.
constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5;

// kTables[n][b]: what the byte b does to the checksum n bytes later. Eight bytes are taken at a time.
using Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Tables BuildTables() {
  Tables tables{};
  for (uint64_t byte = 0; byte < 256; ++byte) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ kPolynomial : crc >> 1;
    tables[0][byte] = crc;
  }
  for (size_t later = 1; later < tables.size(); ++later) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t before = tables[later - 1][byte];
      tables[later][byte] = tables[0][before & 0xff] ^ before >> 8;
    }
  }
  return tables;
}
constexpr Tables kTables = BuildTables();

}  // namespace

uint64_t Crc64(uint64_t seed, Bytes bytes) {
  uint64_t crc = seed;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    crc ^= LoadLittle<uint64_t>(bytes.data() + at);
    uint64_t next = 0;
    for (size_t i = 0; i < 8; ++i) next ^= kTables[7 - i][crc >> (8 * i) & 0xff];
    crc = next;
  }
  for (; at < bytes.size(); ++at) crc = kTables[0][(crc ^ static_cast<uint8_t>(bytes[at])) & 0xff] ^ crc >> 8;
  return crc;
}

}  // namespace redislite
