#include "base/number.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"

namespace redislite {
namespace {

// All texts of up to `length` characters of an alphabet.
std::vector<std::string> AllTexts(const std::string& alphabet, size_t length) {
  std::vector<std::string> texts = {""};
  for (size_t begin = 0, n = 0; n < length; ++n) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) texts.push_back(texts[begin] + c);
    }
  }
  return texts;
}

TEST(Number, AnInt64IsReadExactlyWhenPrintingItGivesTheSameText) {
  for (const std::string& text : AllTexts("-+ 0129a.", 5)) {
    const std::string printed = std::to_string(std::strtoll(text.c_str(), nullptr, 10));
    const std::optional<int64_t> read = ParseInt64(text);
    ASSERT_EQ(read.has_value(), printed == text) << '"' << text << '"';
    if (read) {
      ASSERT_EQ(std::to_string(*read), text);
    }
  }
}

TEST(Number, BytesThatAreNoTextAreNoInteger) {
  EXPECT_FALSE(ParseInt64(Bytes("1\0", 2)));
  EXPECT_FALSE(ParseInt64(Bytes("\0", 1)));
  EXPECT_FALSE(ParseInt64("\xff"));
  EXPECT_FALSE(ParseInt64("1\n"));
}

TEST(Number, TheEndsOfInt64AreReadAndWhatLiesBeyondIsNot) {
  EXPECT_EQ(ParseInt64("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ParseInt64("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "10000000000000000000", "99999999999999999999",
        "-99999999999999999999", "100000000000000000000", "18446744073709551616"}) {
    EXPECT_FALSE(ParseInt64(text)) << text;
  }
  EXPECT_EQ(ParseUint64("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  for (const char* text : {"18446744073709551616", "-1", "-0", "", "00", "01", "+1", "100000000000000000000"}) {
    EXPECT_FALSE(ParseUint64(text)) << text;
  }
  EXPECT_EQ(ParseUint64("0"), 0u);
}

TEST(Number, EveryPrintedInt64IsReadBack) {
  std::vector<int64_t> values;
  for (int bit = 0; bit < 64; ++bit) {
    for (uint64_t around = 0; around < 3; ++around) {
      values.push_back(static_cast<int64_t>((uint64_t{1} << bit) + around - 1));
      values.push_back(static_cast<int64_t>(0 - (uint64_t{1} << bit) + around - 1));
    }
  }
  Random random(1);
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<int64_t>(random.Next() >> random.Below(64)));
  for (const int64_t value : values) {
    char out[kInt64TextMax];
    const Bytes text = FormatInt64(value, out);
    EXPECT_EQ(text, std::to_string(value));
    EXPECT_EQ(out[text.size()], '\0');
    EXPECT_EQ(ParseInt64(text), value);
  }
}

TEST(Number, FloatsAreReadAsStrtodReadsTheWholeText) {
  size_t accepted = 0;
  for (const std::string& text : AllTexts("-+ 19.exi", 5)) {
    char* end = nullptr;
    const double expected = std::strtod(text.c_str(), &end);
    const bool valid = !text.empty() && text[0] != ' ' && end == text.c_str() + text.size();
    const std::optional<double> read = ParseDouble(text);
    const std::optional<long double> read_long = ParseLongDouble(text);
    ASSERT_EQ(read.has_value(), valid && !std::isinf(expected)) << '"' << text << '"';
    ASSERT_EQ(read_long.has_value(), valid) << '"' << text << '"';
    if (read) {
      ++accepted;
      ASSERT_EQ(*read, expected) << text;
    }
  }
  EXPECT_GT(accepted, 500u);
}

TEST(Number, SpecialFloatsAreReadAsRedisReadsThem) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const char* text : {"inf", "+inf", "INF", "Infinity", "iNFiNiTY"}) {
    EXPECT_EQ(ParseDouble(text), kInfinity) << text;
    EXPECT_EQ(ParseLongDouble(text), static_cast<long double>(kInfinity)) << text;
    EXPECT_EQ(ParseDouble(std::string("-") + (text[0] == '+' ? text + 1 : text)), -kInfinity) << text;
  }
  EXPECT_EQ(ParseDouble("0x10"), 16.0);
  EXPECT_EQ(ParseLongDouble("0x1p-2"), 0.25L);
  for (const char* text :
       {"nan", "-nan", "NaN(1)", "", " 1", "1 ", "\t1", "1\n", "1e", "e1", ".", "--1", "1,5", "infi", "0x"}) {
    EXPECT_FALSE(ParseDouble(text)) << text;
    EXPECT_FALSE(ParseLongDouble(text)) << text;
  }
  EXPECT_FALSE(ParseDouble(Bytes("1\0", 2)));
  EXPECT_FALSE(ParseLongDouble(Bytes("\0001", 2)));
}

TEST(Number, OverflowAndUnderflowToZeroAreRefusedButDenormalsAreNot) {
  EXPECT_FALSE(ParseDouble("1e400"));
  EXPECT_FALSE(ParseDouble("-1e400"));
  EXPECT_FALSE(ParseDouble("1e-400"));
  EXPECT_EQ(ParseDouble("5e-324"), 5e-324);
  EXPECT_TRUE(ParseLongDouble("1e400"));
  EXPECT_FALSE(ParseLongDouble("1e5000"));
  EXPECT_FALSE(ParseLongDouble("1e-5000"));
  EXPECT_TRUE(ParseLongDouble("1e-4950"));
}

TEST(Number, LongTextsAreReadUpToRedisLimit) {
  for (const size_t zeros : {100u, 126u, 127u, 128u, 5000u}) {
    const std::string text = std::string(zeros, '0') + "1.5";
    EXPECT_EQ(ParseDouble(text), 1.5) << zeros;
    EXPECT_EQ(ParseLongDouble(text), 1.5L) << zeros;
  }
  EXPECT_TRUE(ParseLongDouble(std::string(5118, '0') + "1"));
  EXPECT_FALSE(ParseLongDouble(std::string(5119, '0') + "1"));
  EXPECT_EQ(ParseDouble(std::string(6000, '0') + "1"), 1.0);
}

TEST(Number, ReadingAFloatLeavesErrnoAlone) {
  errno = 12345;
  EXPECT_FALSE(ParseDouble("1e400"));
  EXPECT_EQ(errno, 12345);
}

TEST(Number, DoublesArePrintedInRedisLayout) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::pair<double, const char*> cases[] = {
      {0, "0"},
      {-0.0, "-0"},
      {1, "1"},
      {-1, "-1"},
      {3.0, "3"},
      {0.1, "0.1"},
      {-2.5, "-2.5"},
      {100, "100"},
      {3.14159, "3.14159"},
      {1e15, "1000000000000000"},
      {1e18, "1000000000000000000"},
      {4.5e18, "4500000000000000000"},
      {5e18, "5e+18"},
      {1e19, "1e+19"},
      {1e21, "1e+21"},
      {1e30, "1e+30"},
      {-1e100, "-1e+100"},
      {1.5e300, "1.5e+300"},
      {12345678901234567000.0, "12345678901234567000"},
      {123456789012345680000.0, "123456789012345680000"},
      {0.5, "0.5"},
      {0.001, "0.001"},
      {0.000001, "0.000001"},
      {0.0000001, "1e-7"},
      {0.000015, "0.000015"},
      {0.00000015, "1.5e-7"},
      {1e-10, "1e-10"},
      {1.25e-9, "1.25e-9"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {kInfinity, "inf"},
      {-kInfinity, "-inf"},
      {std::nan(""), "nan"},
      {17179869184.5, "17179869184.5"},
      {0.30000000000000004, "0.30000000000000004"},
      {1e105, "1e+105"},
      {1e-105, "1e-105"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatDouble(value), text);
}

TEST(Number, EveryPrintedDoubleIsReadBackAndNoneIsLongerThanSeventeenDigits) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    for (int i = 0; i < 5000; ++i) {
      double value = std::bit_cast<double>(random.Next());
      if (i % 3 == 1) value = static_cast<double>(static_cast<int64_t>(random.Next())) / 1000.0;
      if (i % 3 == 2)
        value = static_cast<double>(random.Below(1000000)) * std::pow(10.0, static_cast<double>(random.Below(40)) - 20);
      if (!std::isfinite(value)) continue;
      const std::string text = FormatDouble(value);
      ASSERT_EQ(ParseDouble(text), value) << text;
      char seventeen[64];
      std::snprintf(seventeen, sizeof(seventeen), "%.17e", value);
      size_t digits = 0;
      for (const char c : text.substr(0, text.find('e'))) digits += c >= '0' && c <= '9' ? 1u : 0u;
      ASSERT_LE(digits, 17u + 7u) << text << " for " << seventeen;
    }
  }
}

TEST(Number, LongDoublesArePrintedAsRedisHumanForm) {
  const std::pair<long double, const char*> cases[] = {
      {0.0L, "0"},
      {-0.0L, "0"},
      {1.0L, "1"},
      {10500.0L, "10500"},
      {0.1L, "0.1"},
      {-2.5L, "-2.5"},
      {3.0L, "3"},
      {5.0e3L, "5000"},
      {1e20L, "100000000000000000000"},
      {-1e-30L, "0"},
      {1e-17L, "0.00000000000000001"},
      {HUGE_VALL, "inf"},
      {-HUGE_VALL, "-inf"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(FormatLongDouble(value), text);
  EXPECT_EQ(FormatLongDouble(std::nanl("")), "nan");
}

TEST(Number, LongDoublesArePrintedAsPrintfDoesWithoutTrailingZeros) {
  Random random(7);
  for (int i = 0; i < 3000; ++i) {
    const long double value = (static_cast<long double>(static_cast<int64_t>(random.Next())) /
                               static_cast<long double>(random.Next() >> random.Below(64) | 1)) *
                              (i % 10 == 0 ? 1e300L : 1.0L);
    std::string expected(6000, '\0');
    expected.resize(static_cast<size_t>(std::snprintf(expected.data(), expected.size(), "%.17Lf", value)));
    while (expected.back() == '0') expected.pop_back();
    if (expected.back() == '.') expected.pop_back();
    if (expected == "-0") expected = "0";
    ASSERT_EQ(FormatLongDouble(value), expected);
  }
  EXPECT_EQ(FormatLongDouble(std::numeric_limits<long double>::max()).size(), 4933u);
}

TEST(Number, ByteCountsAreReadAsInRedisConf) {
  const std::pair<const char*, uint64_t> cases[] = {
      {"0", 0},
      {"100", 100},
      {"1b", 1},
      {"1k", 1000},
      {"1kb", 1024},
      {"2m", 2000000},
      {"2mb", 2097152},
      {"3g", 3000000000},
      {"1gb", 1073741824},
      {"256MB", 268435456},
      {"1Kb", 1024},
      {"007", 7},
      {"18446744073709551615", ~uint64_t{0}},
      {"17179869183gb", uint64_t{17179869183} << 30},
  };
  for (const auto& [text, bytes] : cases) EXPECT_EQ(ParseByteCount(text), bytes) << text;
  for (const char* text :
       {"", "b", "kb", "-1", "+1", " 1", "1 ", "1 kb", "1tb", "1kbb", "1.5gb", "0x10", "18446744073709551616",
        "18446744073709551615b1", "18446744073709551615k", "17179869184gb"}) {
    EXPECT_FALSE(ParseByteCount(text)) << text;
  }
  EXPECT_FALSE(ParseByteCount(Bytes("1\0", 2)));
}

}  // namespace
}  // namespace redislite
