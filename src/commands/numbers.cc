// Arithmetic on strings: INCR and its relatives.
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Context;

// What the command adds: 1, -1, or its argument. Errors are written.
std::optional<int64_t> Increment(const Context& c, resp::Writer& reply) {
  if (IsNamed(c.command(), "incr")) return 1;
  if (IsNamed(c.command(), "decr")) return -1;
  const std::optional<int64_t> given = IntegerArgument(c.arg(2), reply);
  if (!given || IsNamed(c.command(), "incrby")) return given;
  if (*given == std::numeric_limits<int64_t>::min()) {
    reply.Error(Code::kValue, "ERR decrement would overflow");
    return {};
  }
  return -*given;
}

}  // namespace

// INCR key, DECR key, INCRBY key increment, DECRBY key decrement
void Incr(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<int64_t> increment = Increment(c, c.reply());
  if (!increment) return;
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  int64_t value = 0;
  if (string) {
    char scratch[kInt64TextMax];
    const std::optional<int64_t> read =
        string->is_integer() ? std::optional(string->integer()) : IntegerArgument(string->View(scratch), c.reply());
    if (!read) return;
    value = *read;
  }
  int64_t sum;
  if (__builtin_add_overflow(value, *increment, &sum)) {
    return c.reply().Error(Code::kValue, "ERR increment or decrement would overflow");
  }
  if (!c.BeginWrite()) return;
  c.Put(key, types::Value(types::String(sum)), Context::Expiry::kKeep);
  c.reply().Integer(sum);
}

// INCRBYFLOAT key increment
//
// Computed here, once, and logged as the SET of its result: the width of a long double differs between machines (I2).
void IncrByFloat(Context& c) {
  const Bytes key = c.arg(1);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const std::optional<long double> value = string ? ParseLongDouble(string->View(scratch)) : 0.0L;
  if (!value) return c.NotFloat();
  const std::optional<long double> increment = ParseLongDouble(c.arg(2));
  if (!increment) return c.NotFloat();
  const long double sum = *value + *increment;
  if (!std::isfinite(sum)) return c.reply().Error(Code::kValue, "ERR increment would produce NaN or Infinity");
  std::string text = FormatLongDouble(sum);
  c.reply().Bulk(text);
  c.ReplaceWith({"SET", std::string(key), std::move(text), "KEEPTTL"});
}

}  // namespace redislite::commands
