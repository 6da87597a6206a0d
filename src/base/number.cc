#include "base/number.h"

#include <locale.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <system_error>

namespace redislite {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

template <typename Integer>
std::optional<Integer> ParseCanonical(Bytes text, size_t sign) {
  if (text.size() <= sign) return std::nullopt;
  const char first = text[sign];
  if (!IsDigit(first)) return std::nullopt;
  if (first == '0' && text.size() != 1) return std::nullopt;  // a leading zero, or "-0"
  Integer value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// The "C" locale, so that the host's decimal point does not matter. glibc keeps it ready made: this allocates nothing
// and needs no release.
locale_t CLocale() {
  static const locale_t locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

double ReadFloat(const char* text, char** end, double* /*type*/) { return ::strtod_l(text, end, CLocale()); }
long double ReadFloat(const char* text, char** end, long double* /*type*/) { return ::strtold_l(text, end, CLocale()); }

// `text` ends with a NUL at `size`. What strtod takes, hexadecimal included, Redis takes too; std::from_chars would
// not.
template <typename Float>
std::optional<Float> ParseFloat(const char* text, size_t size) {
  if (size == 0 || IsSpace(text[0])) return std::nullopt;
  char* end = nullptr;
  const int errno_before = errno;
  errno = 0;
  const Float value = ReadFloat(text, &end, static_cast<Float*>(nullptr));
  const int error = errno;
  errno = errno_before;
  if (end != text + size || std::isnan(value)) return std::nullopt;
  // A denormal result also says ERANGE and is fine; an overflow or an underflow to nothing is not.
  if (error == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

// Redis reads long doubles through a buffer of this size, and refuses what does not fit.
constexpr size_t kLongDoubleTextMax = size_t{5} * 1024;

// Lays out decimal digits as Redis' printer does. The value is 0.digits * 10^point.
std::string LayOut(Bytes digits, int point) {
  const int count = static_cast<int>(digits.size());
  const int zeros = point - count;  // what stands right of the last digit; negative: digits behind the decimal point
  const int exponent = point - 1;
  const int magnitude = exponent < 0 ? -exponent : exponent;
  std::string text;
  if (zeros >= 0 && magnitude < count + 7) {
    text.append(digits).append(static_cast<size_t>(zeros), '0');
    return text;
  }
  if (zeros < 0 && (zeros > -7 || magnitude < 4)) {
    if (point > 0) {
      const auto whole = static_cast<size_t>(point);
      text.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
    } else {
      text.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
    }
    return text;
  }
  text += digits[0];
  if (count > 1) text.append(".").append(digits.substr(1));
  text.append(exponent < 0 ? "e-" : "e+");
  char printed[kInt64TextMax];
  text.append(FormatInt64(magnitude, printed));
  return text;
}

}  // namespace

std::optional<int64_t> ParseInt64(Bytes text) {
  return ParseCanonical<int64_t>(text, !text.empty() && text[0] == '-' ? 1 : 0);
}

std::optional<uint64_t> ParseUint64(Bytes text) { return ParseCanonical<uint64_t>(text, 0); }

Bytes FormatInt64(int64_t value, char* out) {
  char* end = std::to_chars(out, out + kInt64TextMax - 1, value).ptr;
  *end = '\0';
  return {out, static_cast<size_t>(end - out)};
}

std::optional<double> ParseDouble(Bytes text) {
  std::array<char, 128> small;
  if (text.size() < small.size()) {
    if (!text.empty()) std::memcpy(small.data(), text.data(), text.size());
    small[text.size()] = '\0';
    return ParseFloat<double>(small.data(), text.size());
  }
  return ParseFloat<double>(std::string(text).c_str(), text.size());
}

std::optional<long double> ParseLongDouble(Bytes text) {
  std::array<char, kLongDoubleTextMax> copy;
  if (text.empty() || text.size() >= copy.size()) return std::nullopt;
  std::memcpy(copy.data(), text.data(), text.size());
  copy[text.size()] = '\0';
  return ParseFloat<long double>(copy.data(), text.size());
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  // Redis prints a double that is a whole number of up to half of int64's range as that number.
  constexpr double kWhole = 4611686018427387904.0;  // 2^62
  if (value >= -kWhole && value <= kWhole && value == std::trunc(value)) {
    char printed[kInt64TextMax];
    return std::string(FormatInt64(static_cast<int64_t>(value), printed));
  }
  // The shortest digits that read back as the same value: "d.ddde+xx".
  std::array<char, 32> scientific;
  const char* end = std::to_chars(scientific.data(), scientific.data() + scientific.size(), std::fabs(value),
                                  std::chars_format::scientific)
                        .ptr;
  std::string digits;
  const char* at = scientific.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') digits += *at;
  }
  ++at;                  // 'e'
  if (*at == '+') ++at;  // from_chars takes no plus sign
  int exponent = 0;
  std::from_chars(at, end, exponent);
  return (value < 0 ? "-" : "") + LayOut(digits, exponent + 1);
}

std::string FormatFixed(double value, int digits) {
  constexpr int kDigitsMax = 17;
  std::array<char, std::numeric_limits<double>::max_exponent10 + kDigitsMax + 8> printed;
  const char* end = std::to_chars(printed.data(), printed.data() + printed.size(), value, std::chars_format::fixed,
                                  digits < kDigitsMax ? digits : kDigitsMax)
                        .ptr;
  return {printed.data(), static_cast<size_t>(end - printed.data())};
}

std::string FormatLongDouble(long double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  constexpr int kFractionDigits = 17;
  std::array<char, std::numeric_limits<long double>::max_exponent10 + kFractionDigits + 8> printed;
  const char* end =
      std::to_chars(printed.data(), printed.data() + printed.size(), value, std::chars_format::fixed, kFractionDigits)
          .ptr;
  std::string text(printed.data(), static_cast<size_t>(end - printed.data()));
  text.erase(text.find_last_not_of('0') + 1);  // there is always a decimal point
  if (text.back() == '.') text.pop_back();
  if (text == "-0") text = "0";
  return text;
}

std::optional<uint64_t> ParseByteCount(Bytes text) {
  uint64_t count = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || !IsDigit(text[0])) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc()) return std::nullopt;

  struct Unit {
    Bytes name;
    uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {
      {"", 1},
      {"b", 1},
      {"k", 1000},
      {"kb", uint64_t{1} << 10},
      {"m", 1'000'000},
      {"mb", uint64_t{1} << 20},
      {"g", 1'000'000'000},
      {"gb", uint64_t{1} << 30},
  };
  std::string suffix(stop, end);
  for (char& c : suffix) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Unit& unit : kUnits) {
    if (suffix != unit.name) continue;
    if (count > std::numeric_limits<uint64_t>::max() / unit.bytes) return std::nullopt;
    return count * unit.bytes;
  }
  return std::nullopt;
}

}  // namespace redislite
