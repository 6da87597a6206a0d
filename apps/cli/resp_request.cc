#include "resp_request.h"

#include <charconv>
#include <cstdint>

#include "split.h"

namespace redislite::cli {
namespace {

constexpr int64_t kArgumentsMax = INT32_MAX;
constexpr int64_t kBulkBytesMax = int64_t{1} << 30;  // the store's own limit is lower, and its message better
constexpr size_t kInlineBytesMax = 64 << 10;
constexpr size_t kNumberBytesMax = 32;

// Reads the lines and bulk strings of one array, in order.
class Cursor {
 public:
  Cursor(std::string_view bytes, std::string& error) : bytes_(bytes), error_(error) {}

  size_t at() const { return at_; }

  // A header such as *3 or $5, with its CR LF.
  Parsed Header(char mark, const char* what, int64_t& number) {
    if (at_ >= bytes_.size()) return Parsed::kMore;
    if (bytes_[at_] != mark) {
      error_ = std::string("expected '") + mark + "', found " + Quote(bytes_.substr(at_, 1));
      return Parsed::kBad;
    }
    const std::string_view rest = bytes_.substr(at_ + 1);
    const size_t end = rest.find('\r');
    if (end == std::string_view::npos || end + 1 >= rest.size()) {
      if (rest.size() < kNumberBytesMax) return Parsed::kMore;
      return Invalid(what);
    }
    const char* const last = rest.data() + end;
    const auto [stop, code] = std::from_chars(rest.data(), last, number);
    if (code != std::errc() || stop != last || rest[end + 1] != '\n') return Invalid(what);
    at_ += 1 + end + 2;
    return Parsed::kCommand;
  }

  Parsed Bulk(std::string& word) {
    int64_t length = 0;
    const Parsed header = Header('$', "invalid bulk length", length);
    if (header != Parsed::kCommand) return header;
    if (length < 0 || length > kBulkBytesMax) return Invalid("invalid bulk length");
    const auto size = static_cast<size_t>(length);
    if (bytes_.size() - at_ < size + 2) return Parsed::kMore;
    if (bytes_.substr(at_ + size, 2) != "\r\n") return Invalid("a bulk string is not followed by CR LF");
    word.assign(bytes_.substr(at_, size));
    at_ += size + 2;
    return Parsed::kCommand;
  }

  Parsed Invalid(const char* what) {
    error_ = what;
    return Parsed::kBad;
  }

 private:
  std::string_view bytes_;
  std::string& error_;
  size_t at_ = 0;
};

Parsed ParseInline(std::string_view bytes, Words& words, size_t& size, std::string& error) {
  const size_t newline = bytes.find('\n');
  if (newline == std::string_view::npos) {
    if (bytes.size() <= kInlineBytesMax) return Parsed::kMore;
    error = "too big inline request";
    return Parsed::kBad;
  }
  if (!SplitLine(bytes.substr(0, newline), words, error)) return Parsed::kBad;
  size = newline + 1;
  return words.empty() ? Parsed::kNothing : Parsed::kCommand;
}

}  // namespace

Parsed ParseRequest(std::string_view bytes, Words& words, size_t& size, std::string& error) {
  words.clear();
  if (bytes.empty()) return Parsed::kMore;
  if (bytes[0] != '*') return ParseInline(bytes, words, size, error);
  Cursor cursor(bytes, error);
  int64_t count = 0;
  const Parsed header = cursor.Header('*', "invalid multibulk length", count);
  if (header != Parsed::kCommand) return header;
  if (count > kArgumentsMax) return cursor.Invalid("invalid multibulk length");
  for (int64_t i = 0; i < count; ++i) {
    std::string word;
    const Parsed bulk = cursor.Bulk(word);
    if (bulk != Parsed::kCommand) return bulk;
    words.push_back(std::move(word));
  }
  size = cursor.at();
  return words.empty() ? Parsed::kNothing : Parsed::kCommand;
}

}  // namespace redislite::cli
