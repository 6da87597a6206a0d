// Numbers as Redis reads and prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace redislite {

// The longest text of an int64_t, with its sign and a NUL.
inline constexpr size_t kInt64TextMax = 21;

// Reads a signed 64-bit integer as Redis' string2ll does: no space, no plus sign, no leading zero, no overflow. "-0"
// is no integer.
std::optional<int64_t> ParseInt64(Bytes text);
std::optional<uint64_t> ParseUint64(Bytes text);

// Prints into `out` (at least kInt64TextMax bytes) and returns the text there.
Bytes FormatInt64(int64_t value, char* out);

// Reads a float as Redis' string2d / string2ld do: the whole text, no leading or trailing space, not empty, "inf" in
// any case and sign allowed, NaN refused.
std::optional<double> ParseDouble(Bytes text);
std::optional<long double> ParseLongDouble(Bytes text);

// The shortest text that reads back as the same double ("3", "0.1", "inf", "-inf", "1e+30"): what Redis replies for a
// score.
std::string FormatDouble(double value);

// With so many digits behind the decimal point, as printf's %f.
std::string FormatFixed(double value, int digits);

// Redis' human form for INCRBYFLOAT: "%.17Lf" without trailing zeros ("-0" becomes "0").
std::string FormatLongDouble(long double value);

// Reads "256mb", "1gb", "100" as redis.conf does (b, k, kb, m, mb, g, gb; k is 1000, kb is 1024). No overflow.
std::optional<uint64_t> ParseByteCount(Bytes text);

}  // namespace redislite
