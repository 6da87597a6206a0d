#include "base/glob.h"

#include <utility>

namespace redislite {

namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Ranges compare bytes as Redis does where char is signed (x86): 0x80..0xff come before 0x00.
int Order(char c) { return static_cast<signed char>(c); }

// Whether the set whose first byte (after '[') is at `*at` holds `c`; moves `*at` behind the set. A set without its ']'
// reaches to the end of the pattern. As in Redis, an escaped byte inside a set is compared as it is even when case is
// ignored.
bool SetHolds(Bytes pattern, size_t* at, char c, bool ignore_case) {
  size_t i = *at;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  while (i < pattern.size() && pattern[i] != ']') {
    const size_t left = pattern.size() - i;
    if (pattern[i] == '\\' && left >= 2) {
      found |= pattern[i + 1] == c;
      i += 2;
    } else if (left >= 3 && pattern[i + 1] == '-') {
      int low = Order(pattern[i]);
      int high = Order(pattern[i + 2]);
      if (low > high) std::swap(low, high);
      char wanted = c;
      if (ignore_case) {
        low = Order(Lower(static_cast<char>(low)));
        high = Order(Lower(static_cast<char>(high)));
        wanted = Lower(c);
      }
      found |= Order(wanted) >= low && Order(wanted) <= high;
      i += 3;
    } else {
      found |= ignore_case ? Lower(pattern[i]) == Lower(c) : pattern[i] == c;
      ++i;
    }
  }
  *at = i < pattern.size() ? i + 1 : i;
  return found != negated;
}

// Whether the one-byte element of the pattern at `*at`, which is no '*', takes `c`; moves `*at` behind the element.
bool ElementTakes(Bytes pattern, size_t* at, char c, bool ignore_case) {
  char wanted = pattern[(*at)++];
  if (wanted == '?') return true;
  if (wanted == '[') return SetHolds(pattern, at, c, ignore_case);
  if (wanted == '\\' && *at < pattern.size()) wanted = pattern[(*at)++];
  return ignore_case ? Lower(wanted) == Lower(c) : wanted == c;
}

}  // namespace

bool GlobMatch(Bytes pattern, Bytes text, bool ignore_case) {
  // Redis' matcher never begins on an empty text: no star matches it.
  if (text.empty()) return pattern.empty();
  size_t p = 0;
  size_t t = 0;
  // After a star: where the pattern goes on, and the text that the star has not taken yet. Only the last star needs to
  // be tried again, since any text that an earlier one could take more of, the last one can.
  size_t after_star = Bytes::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && ElementTakes(pattern, &p, text[t], ignore_case)) {
      ++t;
      continue;
    }
    if (after_star == Bytes::npos) return false;
    p = after_star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace redislite
