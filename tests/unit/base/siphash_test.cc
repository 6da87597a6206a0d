#include "base/siphash.h"

#include <gtest/gtest.h>

#include <string>

namespace redislite {
namespace {

// From CPython 3.11, whose hash of bytes is SipHash-1-3 with a zero key under PYTHONHASHSEED=0:
//   [hash(bytes(range(n))) & 2**64 - 1 for n in range(1, 33)]
constexpr uint64_t kZeroKey[] = {
    0x68a914128e01e473, 0x010bac45c41e3669, 0x4d4c9a4a8ef6e0ad, 0x7cc43f98813e4dbd, 0x5abe2169dff36275,
    0xe3c25f87624f1cdb, 0x2f098ab0c751325a, 0xead411e67ebe2eea, 0x75927f9d95124362, 0xaf9f77a65ab51a1d,
    0xfe64ce8b6617fcff, 0xa6baf4fb0f9fe1c2, 0xa0cf3211850f8e0d, 0x7f86049379fbfe67, 0xf30eb725bb91c9ea,
    0x8972188433a5c5b7, 0x4883c49a2c009c1d, 0xadc2c0b63044067d, 0x091f4a3329f87d19, 0x639e355ae68c0100,
    0xb17bef2cb5213239, 0xf8aeb1066236ccfe, 0x37332b1389daa4ff, 0x31185a47af932f3a, 0xebf352e82ae23e2f,
    0xed36ff242fe478b2, 0x2454d97d299299df, 0x8cd57fe8130d0ac7, 0xbe98eb2faf0a0e85, 0xd427c34ee09470c6,
    0x169739443111d49b, 0x31ef8061c910629b,
};

TEST(SipHash, EqualsPythonsForEveryLengthUpToThirtyTwo) {
  std::string bytes;
  for (const uint64_t expected : kZeroKey) {
    bytes += static_cast<char>(bytes.size());
    EXPECT_EQ(SipHash13({}, bytes), expected) << bytes.size() << " bytes";
  }
}

TEST(SipHash, EqualsTheKnownAnswerForTheKeyOfThePaper) {
  EXPECT_EQ(SipHash13({0x0706050403020100, 0x0f0e0d0c0b0a0908}, ""), 0xabac0158050fc4dcu);
}

TEST(SipHash, EveryBitOfTheKeyMatters) {
  const HashSeed seed{1, 2};
  const uint64_t hash = SipHash13(seed, "key");
  for (int bit = 0; bit < 64; ++bit) {
    EXPECT_NE(SipHash13({seed.k0 ^ uint64_t{1} << bit, seed.k1}, "key"), hash);
    EXPECT_NE(SipHash13({seed.k0, seed.k1 ^ uint64_t{1} << bit}, "key"), hash);
  }
}

TEST(SipHash, AlignmentDoesNotMatter) {
  const std::string bytes = "0123456789abcdef0123456789abcdef";
  for (size_t shift = 0; shift < 8; ++shift) {
    const std::string moved = std::string(shift, 'x') + bytes;
    EXPECT_EQ(SipHash13({3, 4}, Bytes(moved).substr(shift)), SipHash13({3, 4}, bytes));
  }
}

}  // namespace
}  // namespace redislite
