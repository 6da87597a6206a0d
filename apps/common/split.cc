#include "split.h"

#include <algorithm>
#include <cstddef>

namespace redislite::inline apps {
namespace {

bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Reads one word or quoted part at a time; `at` is the next byte of the line.
class Splitter {
 public:
  Splitter(std::string_view line, std::string& error) : line_(line), error_(error) {}

  bool Run(Words& words) {
    while (true) {
      while (!AtEnd() && IsBlank(line_[at_])) ++at_;
      if (AtEnd()) return true;
      std::string word;
      if (!ReadWord(word)) return false;
      words.push_back(std::move(word));
    }
  }

 private:
  bool AtEnd() const { return at_ >= line_.size(); }

  bool Fail(size_t at, const char* what) {
    error_ = std::string(what) + " (column " + std::to_string(at + 1) + ")";
    return false;
  }

  bool ReadWord(std::string& word) {
    while (!AtEnd() && !IsBlank(line_[at_])) {
      const char c = line_[at_];
      if (c == '"') return ReadDouble(word);
      if (c == '\'') return ReadSingle(word);
      word += c;
      ++at_;
    }
    return true;
  }

  bool Close() {
    ++at_;
    if (AtEnd() || IsBlank(line_[at_])) return true;
    return Fail(at_, "a closing quote must be followed by a blank");
  }

  bool ReadDouble(std::string& word) {
    const size_t opened = at_++;
    while (!AtEnd()) {
      const char c = line_[at_];
      if (c == '"') return Close();
      if (c == '\\' && at_ + 1 < line_.size()) {
        ++at_;
        ReadEscape(word);
      } else {
        word += c;
        ++at_;
      }
    }
    return Fail(opened, "unbalanced double quote");
  }

  // `at_` is behind the backslash.
  void ReadEscape(std::string& word) {
    if (line_[at_] == 'x' && at_ + 2 < line_.size()) {
      const int high = HexDigit(line_[at_ + 1]);
      const int low = HexDigit(line_[at_ + 2]);
      if (high >= 0 && low >= 0) {
        word += static_cast<char>(high * 16 + low);
        at_ += 3;
        return;
      }
    }
    switch (line_[at_]) {
      case 'n':
        word += '\n';
        break;
      case 'r':
        word += '\r';
        break;
      case 't':
        word += '\t';
        break;
      case 'b':
        word += '\b';
        break;
      case 'a':
        word += '\a';
        break;
      default:
        word += line_[at_];
    }
    ++at_;
  }

  bool ReadSingle(std::string& word) {
    const size_t opened = at_++;
    while (!AtEnd()) {
      const char c = line_[at_];
      if (c == '\'') return Close();
      if (c == '\\' && at_ + 1 < line_.size() && line_[at_ + 1] == '\'') ++at_;
      word += line_[at_++];
    }
    return Fail(opened, "unbalanced single quote");
  }

  std::string_view line_;
  std::string& error_;
  size_t at_ = 0;
};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool SplitLine(std::string_view line, Words& words, std::string& error) {
  words.clear();
  if (Splitter(line, error).Run(words)) return true;
  words.clear();
  return false;
}

void AppendQuoted(std::string& out, std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : bytes) {
    switch (c) {
      case '\\':
      case '"':
        (out += '\\') += c;
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      default:
        if (c >= ' ' && c <= '~') {
          out += c;
        } else {
          const auto byte = static_cast<unsigned char>(c);
          ((out += "\\x") += kHex[byte >> 4]) += kHex[byte & 15];
        }
    }
  }
  out += '"';
}

std::string Quote(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 2);
  AppendQuoted(out, bytes);
  return out;
}

std::string QuoteIfNeeded(std::string_view bytes) {
  const bool plain = !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
  });
  return plain ? std::string(bytes) : Quote(bytes);
}

std::string ToUpper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Upper);
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return Lower(x) == Lower(y); });
}

}  // namespace redislite::inline apps
