#include "resp/command_parser.h"

#include <cctype>
#include <optional>

#include "base/number.h"

namespace redislite::resp {

namespace {

constexpr size_t kLineBytesMax = 64 << 10;
constexpr int64_t kArgumentsWithoutAuth = 10;
constexpr int64_t kArgumentBytesWithoutAuth = 16384;

bool IsBlank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

// One character behind a backslash in double quotes; `at` stands on the backslash and is moved to its last character.
char Unescape(Bytes line, size_t& at) {
  if (line[at + 1] == 'x' && at + 3 < line.size() && HexValue(line[at + 2]) >= 0 && HexValue(line[at + 3]) >= 0) {
    const int value = HexValue(line[at + 2]) * 16 + HexValue(line[at + 3]);
    at += 3;
    return static_cast<char>(value);
  }
  ++at;
  switch (line[at]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return line[at];
  }
}

}  // namespace

bool SplitWords(Bytes line, std::vector<std::string>* words) {
  words->clear();
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size() || line[at] == '\0') return true;
    std::string& word = words->emplace_back();
    char quote = 0;
    for (;; ++at) {
      if (at == line.size() || line[at] == '\0') {
        if (quote != 0) return false;
        break;
      }
      const char byte = line[at];
      if (quote == 0) {
        if (IsBlank(byte)) break;
        if (byte == '"' || byte == '\'') {
          quote = byte;
        } else {
          word += byte;
        }
        continue;
      }
      if (byte == '\\' && at + 1 < line.size() && (quote == '"' || line[at + 1] == '\'')) {
        word += Unescape(line, at);
      } else if (byte == quote) {
        // The closing quote ends the word.
        if (at + 1 < line.size() && !IsBlank(line[at + 1])) return false;
        ++at;
        break;
      } else {
        word += byte;
      }
    }
  }
}

void CommandParser::Reset() {
  at_ = 0;
  scanned_ = 0;
  missing_ = -1;
  size_ = -1;
  places_.clear();
}

CommandParser::Outcome CommandParser::Fail(std::string why) {
  error_ = "Protocol error: " + std::move(why);
  return Outcome::kError;
}

CommandParser::Outcome CommandParser::Next(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used) {
  argv.clear();
  if (bytes.empty()) return Outcome::kIncomplete;
  return bytes.front() == '*' ? NextArray(bytes, limits, argv, used) : NextLine(bytes, argv, used);
}

CommandParser::Outcome CommandParser::NextLine(Bytes bytes, std::vector<Bytes>& argv, size_t* used) {
  const size_t end = bytes.find('\n', scanned_);
  if (end == Bytes::npos) {
    scanned_ = bytes.size();
    if (bytes.size() > kLineBytesMax) return Fail("too big inline request");
    return Outcome::kIncomplete;
  }
  Bytes line = bytes.substr(0, end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!SplitWords(line, &words_)) return Fail("unbalanced quotes in request");
  argv.assign(words_.begin(), words_.end());
  *used = end + 1;
  Reset();
  return Outcome::kCommand;
}

CommandParser::Outcome CommandParser::NextArray(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv,
                                                size_t* used) {
  // The number on the line at at_, behind its first byte, and at_ moved behind the line.
  const auto read_number = [&](std::optional<int64_t>* number) {
    const size_t end = bytes.find('\r', std::max(scanned_, at_));
    if (end == Bytes::npos || end + 1 >= bytes.size()) {
      scanned_ = end == Bytes::npos ? bytes.size() : end;
      return false;
    }
    *number = ParseInt64(bytes.substr(at_ + 1, end - at_ - 1));
    at_ = end + 2;
    return true;
  };
  std::optional<int64_t> number;
  if (missing_ < 0) {
    if (!read_number(&number)) {
      return bytes.size() > kLineBytesMax ? Fail("too big mbulk count string") : Outcome::kIncomplete;
    }
    if (!number || *number > static_cast<int64_t>(limits.arguments_max)) return Fail("invalid multibulk length");
    if (!limits.authenticated && *number > kArgumentsWithoutAuth) return Fail("unauthenticated multibulk length");
    if (*number <= 0) {
      *used = at_;
      Reset();
      return Outcome::kCommand;
    }
    missing_ = *number;
  }
  while (missing_ > 0) {
    if (size_ < 0) {
      if (at_ == bytes.size()) return Outcome::kIncomplete;
      const size_t begin = at_;
      if (!read_number(&number)) {
        return bytes.size() - begin > kLineBytesMax ? Fail("too big bulk count string") : Outcome::kIncomplete;
      }
      if (bytes[begin] != '$') {
        const char found = bytes[begin];
        return Fail(std::string("expected '$', got '") + (found == '\0' ? ' ' : found) + "'");
      }
      if (!number || *number < 0 || static_cast<uint64_t>(*number) > limits.argument_bytes_max) {
        return Fail("invalid bulk length");
      }
      if (!limits.authenticated && *number > kArgumentBytesWithoutAuth) return Fail("unauthenticated bulk length");
      size_ = *number;
    }
    const auto size = static_cast<size_t>(size_);
    if (bytes.size() - at_ < size + 2) return Outcome::kIncomplete;
    places_.push_back({at_, size});
    at_ += size + 2;
    size_ = -1;
    --missing_;
  }
  argv.reserve(places_.size());
  for (const Place& place : places_) argv.push_back(bytes.substr(place.offset, place.size));
  *used = at_;
  Reset();
  return Outcome::kCommand;
}

}  // namespace redislite::resp
