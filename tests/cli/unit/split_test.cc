#include "split.h"

#include <gtest/gtest.h>

#include <random>

namespace redislite::cli {
namespace {

Words Split(std::string_view line) {
  Words words;
  std::string error;
  EXPECT_TRUE(SplitLine(line, words, error)) << line << ": " << error;
  return words;
}

std::string ErrorOfSplit(std::string_view line) {
  Words words = {"left over"};
  std::string error;
  EXPECT_FALSE(SplitLine(line, words, error)) << line;
  EXPECT_TRUE(words.empty());
  return error;
}

TEST(Split, BlanksOfAnyKindAndNumberSeparateWords) {
  EXPECT_EQ(Split("SET k v"), (Words{"SET", "k", "v"}));
  EXPECT_EQ(Split("  SET\tk\v\fv \r"), (Words{"SET", "k", "v"}));
  EXPECT_EQ(Split(""), Words{});
  EXPECT_EQ(Split(" \t\r "), Words{});
}

TEST(Split, DoubleQuotesKnowRedisCliEscapes) {
  EXPECT_EQ(Split(R"("a b" "\n\r\t\b\a" "\x00\xfF\x7f" "\"\\\q")"),
            (Words{"a b", "\n\r\t\b\a", std::string("\0\xff\x7f", 3), "\"\\q"}));
  EXPECT_EQ(Split(R"("")"), (Words{""}));
  // Not two hexadecimal digits: the x stands for itself.
  EXPECT_EQ(Split(R"("\xg1" "\x1")"), (Words{"xg1", "x1"}));
}

TEST(Split, SingleQuotesKeepEverythingButTheEscapedQuote) {
  EXPECT_EQ(Split(R"('a\n b' 'it\'s' '')"), (Words{"a\\n b", "it's", ""}));
}

TEST(Split, AQuoteMayBeginInsideAWord) { EXPECT_EQ(Split(R"(a"b c"  d'e')"), (Words{"ab c", "de"})); }

TEST(Split, BytesOutsideQuotesAreThemselves) {
  EXPECT_EQ(Split(std::string_view("k\0\xff\\x41 \xc3\xa4", 10)), (Words{std::string("k\0\xff\\x41", 7), "\xc3\xa4"}));
}

TEST(Split, UnbalancedQuotesAreErrorsThatNameTheColumn) {
  EXPECT_EQ(ErrorOfSplit(R"(SET k "abc)"), "unbalanced double quote (column 7)");
  EXPECT_EQ(ErrorOfSplit(R"(SET k 'abc)"), "unbalanced single quote (column 7)");
  EXPECT_EQ(ErrorOfSplit(R"(SET k "abc\")"), "unbalanced double quote (column 7)");
  EXPECT_EQ(ErrorOfSplit(R"(SET k "abc"d)"), "a closing quote must be followed by a blank (column 12)");
  EXPECT_EQ(ErrorOfSplit(R"(SET 'k''v')"), "a closing quote must be followed by a blank (column 8)");
}

TEST(Split, WhatQuoteWritesIsReadBackForEveryByteAndPairOfBytes) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes = {static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(Split(Quote(bytes)), (Words{bytes})) << a << ' ' << b;
      ASSERT_EQ(Split(QuoteIfNeeded(bytes) + " x"), (Words{bytes, "x"})) << a << ' ' << b;
    }
  }
}

TEST(Split, AnyLineIsSplitOrRefusedButNeverCrashes) {
  std::mt19937 random(20240117);
  const std::string alphabet = "ab \\x0\"'\n";
  for (int i = 0; i < 20000; ++i) {
    std::string line;
    for (size_t left = random() % 12; left > 0; --left) line += alphabet[random() % alphabet.size()];
    Words words;
    std::string error;
    if (SplitLine(line, words, error)) {
      std::string again;
      for (const std::string& word : words) again += Quote(word) + ' ';
      ASSERT_EQ(Split(again), words) << "from " << Quote(line);
    } else {
      ASSERT_NE(error, "") << Quote(line);
    }
  }
}

TEST(Split, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(QuoteIfNeeded("plain:{1}"), "plain:{1}");
  EXPECT_EQ(QuoteIfNeeded(""), "\"\"");
  EXPECT_EQ(QuoteIfNeeded("a b"), "\"a b\"");
}

}  // namespace
}  // namespace redislite::cli
