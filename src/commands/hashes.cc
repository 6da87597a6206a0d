// The hash commands.
//
// A hash that a command leaves empty is removed with its key. What would change nothing is answered without BeginWrite.
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/sampling.h"
#include "engine/context.h"
#include "types/hash.h"

namespace redislite::commands {
namespace {

using engine::Context;
using engine::Typed;
using types::Hash;

// The hash at the key, or after writing an error nothing, when it holds another type. A missing key is a hash without
// fields to most commands.
std::optional<Typed<const Hash>> ReadHash(Context& c) {
  const Typed<const Hash> hash = c.Read<Hash>(c.arg(1));
  if (!hash.wrong_type) return hash;
  c.WrongType();
  return {};
}

std::optional<Bytes> FieldOf(const Typed<const Hash>& hash, Bytes field) {
  return hash ? hash->Get(field) : std::nullopt;
}

// Sets the pairs from argument 2 on; returns how many fields are new, or nothing when there is no more to do.
std::optional<int64_t> SetPairs(Context& c) {
  if (c.args().size() % 2 != 0) {
    c.WrongArity();
    return {};
  }
  if (!ReadHash(c) || !c.BeginWrite()) return {};
  Hash& hash = c.ChangeOrCreate<Hash>(c.arg(1));
  int64_t added = 0;
  for (size_t i = 2; i < c.args().size(); i += 2) added += hash.Set(c.arg(i), c.arg(i + 1)) ? 1 : 0;
  return added;
}

enum class Part : uint8_t { kFields, kValues, kBoth };

void ReplyAll(Context& c, Part part) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const size_t size = *hash ? (*hash)->size() : 0;
  if (part == Part::kBoth) {
    c.reply().Map(size);
  } else {
    c.reply().Array(size);
  }
  if (size == 0) return;
  (*hash)->ForEach([&](Bytes field, Bytes value) {
    if (part != Part::kValues) c.reply().Bulk(field);
    if (part != Part::kFields) c.reply().Bulk(value);
    return true;
  });
}

}  // namespace

void HSet(Context& c) {
  if (const std::optional<int64_t> added = SetPairs(c)) c.reply().Integer(*added);
}

void HMSet(Context& c) {
  if (SetPairs(c)) c.reply().Ok();
}

void HSetNx(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  if (FieldOf(*hash, c.arg(2))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.ChangeOrCreate<Hash>(c.arg(1)).Set(c.arg(2), c.arg(3));
  c.reply().Integer(1);
}

void HGet(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<Bytes> value = FieldOf(*hash, c.arg(2));
  return value ? c.reply().Bulk(*value) : c.reply().Null();
}

void HMGet(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes field : c.args().subspan(2)) {
    const std::optional<Bytes> value = FieldOf(*hash, field);
    value ? c.reply().Bulk(*value) : c.reply().Null();
  }
}

void HGetAll(Context& c) { ReplyAll(c, Part::kBoth); }
void HKeys(Context& c) { ReplyAll(c, Part::kFields); }
void HVals(Context& c) { ReplyAll(c, Part::kValues); }

void HLen(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(*hash ? static_cast<int64_t>((*hash)->size()) : 0);
}

void HStrLen(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(static_cast<int64_t>(FieldOf(*hash, c.arg(2)).value_or(Bytes()).size()));
}

void HExists(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(FieldOf(*hash, c.arg(2)) ? 1 : 0);
}

void HDel(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  bool any = false;
  for (const Bytes field : c.args().subspan(2)) any = any || FieldOf(*hash, field);
  if (!any) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  Hash& target = *c.Change<Hash>(c.arg(1));
  int64_t erased = 0;
  for (const Bytes field : c.args().subspan(2)) erased += target.Erase(field) ? 1 : 0;
  if (target.size() == 0) c.Remove(c.arg(1));
  c.reply().Integer(erased);
}

void HIncrBy(Context& c) {
  const std::optional<int64_t> increment = IntegerArgument(c.arg(3), c.reply());
  if (!increment) return;
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<int64_t> before = ParseInt64(FieldOf(*hash, c.arg(2)).value_or("0"));
  if (!before) return c.reply().Error(Code::kValue, "ERR hash value is not an integer");
  int64_t sum = 0;
  if (__builtin_add_overflow(*before, *increment, &sum)) {
    return c.reply().Error(Code::kValue, "ERR increment or decrement would overflow");
  }
  if (!c.BeginWrite()) return;
  char text[kInt64TextMax];
  c.ChangeOrCreate<Hash>(c.arg(1)).Set(c.arg(2), FormatInt64(sum, text));
  c.reply().Integer(sum);
}

// Resolved to HSET: long double differs between machines, so the sum is fixed before it is logged (I2).
void HIncrByFloat(Context& c) {
  const std::optional<long double> increment = ParseLongDouble(c.arg(3));
  if (!increment) return c.NotFloat();
  if (!std::isfinite(*increment)) return c.reply().Error(Code::kValue, "ERR value is NaN or Infinity");
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<long double> before = ParseLongDouble(FieldOf(*hash, c.arg(2)).value_or("0"));
  if (!before) return c.reply().Error(Code::kValue, "ERR hash value is not a float");
  const long double sum = *before + *increment;
  if (!std::isfinite(sum)) return c.reply().Error(Code::kValue, "ERR increment would produce NaN or Infinity");
  const std::string text = FormatLongDouble(sum);
  c.reply().Bulk(text);
  c.ReplaceWith({"HSET", std::string(c.arg(1)), std::string(c.arg(2)), text});
}

void HRandField(Context& c) {
  ReplyRandomMembers<Hash>(c, "withvalues", [&c](Bytes value) { c.reply().Bulk(value); });
}

void HScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  if (hash->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  // The cursor is replied first and known last; the views live as long as the hash does not change.
  std::vector<Bytes> found;
  const uint64_t next = (*hash)->Scan(scan->cursor, scan->count, [&](Bytes field, Bytes value) {
    if (!scan->pattern || GlobMatch(*scan->pattern, field)) {
      found.push_back(field);
      found.push_back(value);
    }
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size());
  for (const Bytes bytes : found) c.reply().Bulk(bytes);
}

}  // namespace redislite::commands
