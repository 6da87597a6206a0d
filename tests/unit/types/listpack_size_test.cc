#include "types/listpack_size.h"

#include <gtest/gtest.h>

#include <string>

namespace redislite::types {
namespace {

// Numbers from a Redis server (DEBUG OBJECT of a list with this one element, less the 7 bytes of the whole).
TEST(ListpackSize, IsRedisForIntegers) {
  const std::pair<const char*, size_t> cases[] = {
      {"0", 2},
      {"127", 2},
      {"128", 3},
      {"-1", 3},
      {"4095", 3},
      {"-4096", 3},
      {"4096", 4},
      {"-4097", 4},
      {"32767", 4},
      {"-32768", 4},
      {"32768", 5},
      {"-32769", 5},
      {"8388607", 5},
      {"-8388608", 5},
      {"8388608", 6},
      {"-8388609", 6},
      {"2147483647", 6},
      {"-2147483648", 6},
      {"2147483648", 10},
      {"-2147483649", 10},
      {"9223372036854775807", 10},
      {"-9223372036854775808", 10},
  };
  for (const auto& [text, bytes] : cases) EXPECT_EQ(ListpackElementBytes(text), bytes) << text;
}

TEST(ListpackSize, IsRedisForStrings) {
  const std::pair<size_t, size_t> cases[] = {
      {0, 2},     {1, 3},       {63, 65},     {64, 67},       {125, 128},
      {126, 130}, {4095, 4099}, {4096, 4103}, {16377, 16384}, {16378, 16386},
  };
  for (const auto& [length, bytes] : cases) EXPECT_EQ(ListpackElementBytes(std::string(length, 'x')), bytes) << length;
  // What looks like an integer but is none in canonical form is a string.
  EXPECT_EQ(ListpackElementBytes("01"), 4u);
  EXPECT_EQ(ListpackElementBytes("-0"), 4u);
  EXPECT_EQ(ListpackElementBytes("9223372036854775808"), 21u);
}

}  // namespace
}  // namespace redislite::types
