// Changes inputs that are lines of words, quoted as redis-cli quotes them: lines and words come, go, and change places.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace redislite::fuzz {

using Words = std::vector<std::string>;

std::vector<std::string> SplitLines(Bytes text);

struct LineLanguage {
  std::function<Words(Random&)> new_line;        // one that makes sense
  std::function<std::string(Random&)> new_word;  // one that is likely to matter
};

// One to four changes. A line that cannot be split stays as it is until it is removed or changed byte by byte.
std::string MutateLines(Bytes input, const LineLanguage& language, Random& random, size_t capacity);

}  // namespace redislite::fuzz
