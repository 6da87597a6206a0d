#include "base/glob.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace redislite {
namespace {

struct Case {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(Glob, MatchesWhatRedisMatches) {
  const Case cases[] = {
      {"*", "", false},
      {"", "", true},
      {"", "a", false},
      {"a", "", false},
      {"**", "", false},
      {"?", "", false},
      {"*", "a", true},
      {"**", "a", true},
      {"a*", "a", true},
      {"a**", "a", true},
      {"*a", "a", true},
      {"*a", "ba", true},
      {"*a", "ab", false},
      {"?", "a", true},
      {"??", "a", false},
      {"a?c", "abc", true},
      {"h[ae]llo", "hello", true},
      {"h[ae]llo", "hillo", false},
      {"h[^e]llo", "hallo", true},
      {"h[^e]llo", "hello", false},
      {"h[a-b]llo", "hbllo", true},
      {"h[a-b]llo", "hcllo", false},
      {"h[b-a]llo", "hallo", true},
      {"[]", "a", false},
      {"[]", "]", false},
      {"[^]", "a", true},
      {"[a", "a", true},
      {"[a", "b", false},
      {"[", "[", false},
      {"[^", "x", true},
      {"[a-", "-", true},
      {"[a-]", "a", true},
      {"[a-]", "^", true},
      {"[a-]", "b", false},
      {"[\\]]", "]", true},
      {"[\\", "\\", true},
      {"[\\-z]", "-", true},
      {"[\\a-z]", "b", false},
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\", "\\", true},
      {"a\\", "a\\", true},
      {"\\a", "a", true},
      {"\\\\", "\\", true},
      {"*[0-9]x*", "ab7xc", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"*aab", "aaaab", true},
      {"[^a-c]", "d", true},
      {"[^a-c]", "b", false},
      {"[a-c]", "B", false},
      {"]", "]", true},
      {"-", "-", true},
      {"^", "^", true},
      {"a[b]*d", "abcd", true},
  };
  for (const Case& c : cases) EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
}

TEST(Glob, CaseIsIgnoredOnlyWhenAsked) {
  EXPECT_FALSE(GlobMatch("Ab*", "aBc"));
  EXPECT_TRUE(GlobMatch("Ab*", "aBc", true));
  EXPECT_TRUE(GlobMatch("[a-c]", "B", true));
  EXPECT_TRUE(GlobMatch("[A-C]", "b", true));
  EXPECT_TRUE(GlobMatch("[xYz]", "y", true));
  EXPECT_FALSE(GlobMatch("[^y]", "Y", true));
  // As in Redis, an escaped byte in a set is compared as it is.
  EXPECT_FALSE(GlobMatch("[\\y]", "Y", true));
  EXPECT_TRUE(GlobMatch("\\y", "Y", true));
}

TEST(Glob, AllBytesAreOrdinary) {
  EXPECT_TRUE(GlobMatch(Bytes("a\0*", 3), Bytes("a\0b", 3)));
  EXPECT_FALSE(GlobMatch(Bytes("a\0*", 3), Bytes("a\1b", 3)));
  for (int c = 0; c < 256; ++c) {
    const std::string text(1, static_cast<char>(c));
    EXPECT_TRUE(GlobMatch("?", text));
    EXPECT_TRUE(GlobMatch("\\" + text, text));
    EXPECT_TRUE(GlobMatch("[\\" + text + "]", text));
    EXPECT_EQ(GlobMatch("[\x80-\xff]", text), c >= 0x80);
    // As in Redis on x86, where bytes from 0x80 on are negative.
    EXPECT_EQ(GlobMatch("[a-\xff]", text), c == 0xff || c <= 'a');
  }
}

// The rules once more, as a plain recursion.
bool MatchesFrom(const std::string& pattern, size_t p, const std::string& text, size_t t) {
  if (p == pattern.size()) return t == text.size();
  if (pattern[p] == '*') {
    for (size_t rest = t; rest <= text.size(); ++rest) {
      if (MatchesFrom(pattern, p + 1, text, rest)) return true;
    }
    return false;
  }
  if (t == text.size()) return false;
  if (pattern[p] == '?') return MatchesFrom(pattern, p + 1, text, t + 1);
  if (pattern[p] == '[') {
    ++p;
    const bool negated = p < pattern.size() && pattern[p] == '^';
    if (negated) ++p;
    bool found = false;
    for (; p < pattern.size() && pattern[p] != ']'; ++p) {
      if (pattern[p] == '\\' && p + 1 < pattern.size()) {
        ++p;
        found = found || pattern[p] == text[t];
      } else if (p + 2 < pattern.size() && pattern[p + 1] == '-') {
        const char low = std::min(pattern[p], pattern[p + 2]);
        const char high = std::max(pattern[p], pattern[p + 2]);
        found = found || (text[t] >= low && text[t] <= high);
        p += 2;
      } else {
        found = found || pattern[p] == text[t];
      }
    }
    return found != negated && MatchesFrom(pattern, p < pattern.size() ? p + 1 : p, text, t + 1);
  }
  if (pattern[p] == '\\' && p + 1 < pattern.size()) ++p;
  return pattern[p] == text[t] && MatchesFrom(pattern, p + 1, text, t + 1);
}

TEST(Glob, AgreesWithAPlainRecursionOnRandomPatterns) {
  const std::string pattern_alphabet = "aabbc***??[]]^-\\";
  const std::string text_alphabet = "aaabbc-]^\\";
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    size_t matches = 0;
    for (int i = 0; i < 20000; ++i) {
      std::string pattern(random.Below(9), ' ');
      for (char& c : pattern) c = pattern_alphabet[random.Below(pattern_alphabet.size())];
      std::string text(1 + random.Below(7), ' ');
      for (char& c : text) c = text_alphabet[random.Below(text_alphabet.size())];
      const bool expected = MatchesFrom(pattern, 0, text, 0);
      matches += expected ? 1u : 0u;
      ASSERT_EQ(GlobMatch(pattern, text), expected) << pattern << " on " << text << ", seed " << seed;
    }
    EXPECT_GT(matches, 1000u);
  }
}

// What a recursion a star would take for ever, or more stack than there is.
TEST(Glob, ManyStarsEnd) {
  const std::string text(20000, 'a');
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  EXPECT_TRUE(GlobMatch(pattern, text));
  EXPECT_FALSE(GlobMatch(pattern + "b", text));
  EXPECT_TRUE(GlobMatch(std::string(100000, '*'), text));
  EXPECT_FALSE(GlobMatch(std::string(100000, '*') + "b", text));
}

}  // namespace
}  // namespace redislite
