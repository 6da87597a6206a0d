#include "tests/fuzz/line_mutator.h"

#include <algorithm>
#include <utility>

#include "split.h"
#include "tests/fuzz/fuzz.h"

namespace redislite::fuzz {

namespace {

std::string Join(const Words& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += apps::QuoteIfNeeded(word);
  }
  return line;
}

void MutateWords(Words& words, const LineLanguage& language, Random& random, size_t capacity) {
  if (words.empty()) {
    words = language.new_line(random);
    return;
  }
  const size_t at = random.Below(words.size());
  const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.Below(6)) {
    case 0:
      words.erase(place);
      break;
    case 1:
      words.insert(place + 1, language.new_word(random));
      break;
    case 2:
      words.insert(place, std::string(words[at]));
      break;
    case 3:
      words[at] = MutateBytes(words[at], std::min<size_t>(capacity, 64));
      break;
    default:
      words[at] = language.new_word(random);
  }
}

}  // namespace

std::vector<std::string> SplitLines(Bytes text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == Bytes::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string MutateLines(Bytes input, const LineLanguage& language, Random& random, size_t capacity) {
  std::vector<std::string> lines = SplitLines(input);
  for (uint64_t i = 0; i <= random.Below(4); ++i) {
    if (lines.empty()) lines.emplace_back();
    const size_t at = random.Below(lines.size());
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.Below(9)) {
      case 0:
        lines.erase(place);
        break;
      case 1:
        lines.insert(place, std::string(lines[at]));
        break;
      case 2:
        std::swap(lines[at], lines[random.Below(lines.size())]);
        break;
      case 3:
      case 4:
        lines.insert(place, Join(language.new_line(random)));
        break;
      case 5:
        lines[at] = MutateBytes(lines[at], std::min<size_t>(capacity, 256));
        break;
      default: {
        Words words;
        std::string error;
        if (!apps::SplitLine(lines[at], words, error)) break;
        MutateWords(words, language, random, capacity);
        lines[at] = Join(words);
      }
    }
  }
  std::string text;
  for (const std::string& line : lines) (text += line) += '\n';
  return text;
}

}  // namespace redislite::fuzz
