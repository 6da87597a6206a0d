#include "resp/writer.h"

#include <algorithm>
#include <new>

#include "base/buffer.h"
#include "base/number.h"

namespace redislite::resp {

namespace {

constexpr size_t kHeaderBytesMax = 1 + kInt64TextMax + 2;
// Strings up to this are put together on the stack and appended at once: appending costs more than copying them twice.
constexpr size_t kSmallBulkBytes = 256;

// Returns where what follows the header goes.
char* PutHeader(char type, int64_t number, char* at) {
  *at++ = type;
  at += FormatInt64(number, at).size();
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace

void Writer::Append(Bytes bytes) noexcept {
  if (out_of_memory_) return;
  try {
    buffer_.append(bytes);
  } catch (const std::exception&) {  // bad_alloc, or length_error for what no address space can hold
    out_of_memory_ = true;
    std::string().swap(buffer_);
  }
}

void Writer::Header(char type, int64_t number) noexcept {
  char text[kHeaderBytesMax];
  Append({text, static_cast<size_t>(PutHeader(type, number, text) - text)});
}

void Writer::Status(Bytes text) noexcept {
  Append("+");
  Append(text);
  Append("\r\n");
}

void Writer::Error(Code code, Bytes text) noexcept {
  try {
    error_codes_.push_back(code);
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
    return;
  }
  Append("-");
  const size_t from = buffer_.size();
  Append(text);
  for (size_t i = from; i < buffer_.size(); ++i) {
    if (buffer_[i] == '\r' || buffer_[i] == '\n') buffer_[i] = ' ';
  }
  Append("\r\n");
}

void Writer::Integer(int64_t value) noexcept { Header(':', value); }

void Writer::Bulk(Bytes bytes) noexcept {
  const auto size = static_cast<int64_t>(bytes.size());
  if (bytes.size() > kSmallBulkBytes) {
    Header('$', size);
    Append(bytes);
    return Append("\r\n");
  }
  char text[kHeaderBytesMax + kSmallBulkBytes + 2];
  char* at = PutHeader('$', size, text);
  at = std::copy(bytes.begin(), bytes.end(), at);
  *at++ = '\r';
  *at++ = '\n';
  Append({text, static_cast<size_t>(at - text)});
}

void Writer::BulkInteger(int64_t value) noexcept {
  char text[kInt64TextMax];
  Bulk(FormatInt64(value, text));
}

void Writer::Null() noexcept { Append(protocol_ == 2 ? "$-1\r\n" : "_\r\n"); }
void Writer::NullArray() noexcept { Append(protocol_ == 2 ? "*-1\r\n" : "_\r\n"); }

// A number as a double; what makes its text may run out of memory.
template <typename Format>
void Writer::FormattedDouble(const Format& format) noexcept {
  std::string text;
  try {
    text = format();
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
    return;
  }
  if (protocol_ == 2) return Bulk(text);
  Append(",");
  Append(text);
  Append("\r\n");
}

void Writer::Double(double value) noexcept {
  FormattedDouble([value] { return FormatDouble(value); });
}

void Writer::LongDouble(long double value) noexcept {
  FormattedDouble([value] { return FormatLongDouble(value); });
}

void Writer::Boolean(bool value) noexcept {
  if (protocol_ == 2) return Integer(value ? 1 : 0);
  Append(value ? "#t\r\n" : "#f\r\n");
}

void Writer::Verbatim(Bytes text) noexcept {
  if (protocol_ == 2) return Bulk(text);
  Header('=', static_cast<int64_t>(text.size()) + 4);
  Append("txt:");
  Append(text);
  Append("\r\n");
}

void Writer::BigNumber(Bytes digits) noexcept {
  if (protocol_ == 2) return Bulk(digits);
  Append("(");
  Append(digits);
  Append("\r\n");
}

void Writer::Array(size_t count) noexcept { Header('*', static_cast<int64_t>(count)); }

void Writer::Map(size_t pairs) noexcept {
  if (protocol_ == 2) return Array(pairs * 2);
  Header('%', static_cast<int64_t>(pairs));
}

void Writer::Set(size_t count) noexcept {
  if (protocol_ == 2) return Array(count);
  Header('~', static_cast<int64_t>(count));
}

void Writer::Push(size_t count) noexcept {
  if (protocol_ == 2) return Array(count);
  Header('>', static_cast<int64_t>(count));
}

size_t Writer::BeginArray() noexcept { return buffer_.size(); }

void Writer::EndAggregate(char type, size_t mark, size_t count) noexcept {
  if (out_of_memory_ || mark > buffer_.size()) return;
  char text[kInt64TextMax];
  try {
    std::string header(1, type);
    header.append(FormatInt64(static_cast<int64_t>(count), text)).append("\r\n");
    buffer_.insert(mark, header);
  } catch (const std::exception&) {
    out_of_memory_ = true;
  }
}

void Writer::Raw(Bytes bytes) noexcept { Append(bytes); }

void Writer::Clear() noexcept {
  Empty(buffer_);
  error_codes_.clear();
  out_of_memory_ = false;
}

}  // namespace redislite::resp
