// Bits against a vector of booleans, and fields against arithmetic on wide numbers.
#include "types/bitmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace redislite::types {
namespace {

std::string RandomBytes(std::mt19937& random, size_t size) {
  // Long runs of equal bits, as the skipping of words needs them.
  std::string bytes;
  while (bytes.size() < size) {
    const char byte = random() % 3 == 0 ? static_cast<char>(random() % 256) : random() % 2 == 0 ? '\0' : '\xff';
    bytes.append(1 + random() % 24, byte);
  }
  bytes.resize(size);
  return bytes;
}

std::vector<bool> BitsOf(Bytes bytes) {
  std::vector<bool> bits;
  for (const char byte : bytes) {
    for (int shift = 7; shift >= 0; --shift) bits.push_back((byte >> shift & 1) != 0);
  }
  return bits;
}

TEST(Bitmap, CountsAndFindsInEveryRange) {
  std::mt19937 random(1);
  for (const size_t size : {size_t{1}, size_t{2}, size_t{7}, size_t{9}, size_t{26}}) {
    for (int round = 0; round < 6; ++round) {
      const std::string bytes = RandomBytes(random, size);
      const std::vector<bool> bits = BitsOf(bytes);
      for (uint64_t first = 0; first < bits.size(); ++first) {
        uint64_t count = 0;
        for (uint64_t last = first; last < bits.size(); ++last) {
          count += bits[last] ? 1u : 0u;
          const BitRange range{first, last};
          ASSERT_EQ(CountBits(bytes, range), count) << first << " " << last;
          for (const bool set : {true, false}) {
            const auto begin = bits.begin() + static_cast<std::ptrdiff_t>(first);
            const auto end = bits.begin() + static_cast<std::ptrdiff_t>(last + 1);
            const auto wanted = std::find(begin, end, set);
            const std::optional<uint64_t> found = FindBit(bytes, set, range);
            ASSERT_EQ(found.has_value(), wanted != end) << first << " " << last << " " << set;
            if (!found) continue;
            ASSERT_EQ(*found, static_cast<uint64_t>(wanted - bits.begin()));
          }
        }
      }
    }
  }
}

TEST(Bitmap, CombinesWithWhatIsShorterAsIfZerosFollowed) {
  std::mt19937 random(2);
  for (size_t size = 0; size < 40; ++size) {
    for (size_t shorter = 0; shorter <= size; ++shorter) {
      const std::string a = RandomBytes(random, size);
      std::string b = RandomBytes(random, shorter);
      std::string results[] = {a, a, a};
      CombineBits(BitOperation::kAnd, results[0].data(), size, b);
      CombineBits(BitOperation::kOr, results[1].data(), size, b);
      CombineBits(BitOperation::kXor, results[2].data(), size, b);
      b.resize(size);
      for (size_t i = 0; i < size; ++i) {
        ASSERT_EQ(results[0][i], static_cast<char>(a[i] & b[i]));
        ASSERT_EQ(results[1][i], static_cast<char>(a[i] | b[i]));
        ASSERT_EQ(results[2][i], static_cast<char>(a[i] ^ b[i]));
      }
    }
  }
}

TEST(BitField, HasTheLimitsOfItsWidth) {
  for (unsigned bits = 1; bits <= 64; ++bits) {
    const BitField field{true, bits, 0};
    EXPECT_EQ(field.max(), std::numeric_limits<int64_t>::max() >> (64 - bits)) << bits;
    EXPECT_EQ(field.min(), std::numeric_limits<int64_t>::min() >> (64 - bits)) << bits;
    if (bits == 64) continue;
    const BitField natural{false, bits, 0};
    EXPECT_EQ(natural.min(), 0);
    EXPECT_EQ(natural.max(), static_cast<int64_t>((uint64_t{1} << bits) - 1)) << bits;
  }
}

TEST(BitField, WrapsToTheNumberThatIsEqualModuloItsRange) {
  std::mt19937_64 random(3);
  for (unsigned bits = 1; bits <= 64; ++bits) {
    for (int round = 0; round < 50; ++round) {
      const uint64_t value = random() >> random() % 64;
      for (const bool is_signed : {true, false}) {
        if (!is_signed && bits == 64) continue;
        const BitField field{is_signed, bits, 0};
        const int64_t wrapped = field.Wrap(value);
        EXPECT_GE(wrapped, field.min());
        EXPECT_LE(wrapped, field.max());
        const uint64_t mask = ~uint64_t{0} >> (64 - bits);
        EXPECT_EQ(static_cast<uint64_t>(wrapped) & mask, value & mask) << bits;
      }
    }
  }
}

}  // namespace
}  // namespace redislite::types
