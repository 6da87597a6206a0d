#include "base/crc32.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace redislite {
namespace {

// Bit by bit, from the polynomial.
uint32_t SlowCrc32(Bytes bytes) {
  uint32_t crc = 0xffffffff;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

TEST(Crc32, EqualsTheStandardCheckValue) { EXPECT_EQ(Crc32(0, "123456789"), 0xcbf43926u); }

TEST(Crc32, OfNothingIsTheSeed) {
  EXPECT_EQ(Crc32(0, ""), 0u);
  EXPECT_EQ(Crc32(0x12345678, ""), 0x12345678u);
  EXPECT_EQ(Crc32(0x12345678, Bytes()), 0x12345678u);
}

TEST(Crc32, EqualsTheBitwiseOneHoweverTheBytesAreCut) {
  Random random(1);
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(random.Next());
  for (size_t size = 0; size <= bytes.size(); size += 1 + size / 8) {
    const Bytes whole = Bytes(bytes).substr(0, size);
    EXPECT_EQ(Crc32(0, whole), SlowCrc32(whole)) << size;
    for (size_t cut = 0; cut <= size; ++cut) {
      ASSERT_EQ(Crc32(Crc32(0, whole.substr(0, cut)), whole.substr(cut)), SlowCrc32(whole))
          << size << " cut at " << cut;
    }
  }
}

TEST(Crc32, SeesEverySingleBitThatChanges) {
  const std::string bytes(64, 'x');
  const uint32_t crc = Crc32(0, bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(Crc32(0, changed), crc);
  }
}

}  // namespace
}  // namespace redislite
