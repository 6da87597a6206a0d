// The commands that read strings or change a part of one. What puts a whole string at a key is in set.cc, arithmetic in
// numbers.cc.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/string_reply.h"
#include "engine/context.h"

namespace redislite::commands {

using engine::Context;

// GET key
void Get(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  WriteStringOrNull(string.object, c.reply());
}

// GETDEL key
void GetDel(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Null();
  if (!c.BeginWrite()) return;
  WriteString(*string, c.reply());
  c.Remove(c.arg(1));
}

// MGET key [key ...]
void MGet(Context& c) {
  c.reply().Array(c.args().size() - 1);
  for (size_t i = 1; i < c.args().size(); ++i) WriteStringOrNull(c.Read<types::String>(c.arg(i)).object, c.reply());
}

// STRLEN key
void StrLen(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  c.reply().Integer(string ? static_cast<int64_t>(string->size()) : 0);
}

// GETRANGE key start end, SUBSTR key start end
void GetRange(Context& c) {
  const std::optional<int64_t> first = IntegerArgument(c.arg(2), c.reply());
  if (!first) return;
  const std::optional<int64_t> last = IntegerArgument(c.arg(3), c.reply());
  if (!last) return;
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  const int64_t size = string ? static_cast<int64_t>(string->size()) : 0;

  // Two ends before the beginning in the wrong order are nothing, in the right order the first byte: Redis' rule.
  const bool backwards = *first < 0 && *last < 0 && *first > *last;
  const int64_t start = std::max<int64_t>(*first < 0 ? *first + size : *first, 0);
  const int64_t end = std::min(std::max<int64_t>(*last < 0 ? *last + size : *last, 0), size - 1);
  if (backwards || start > end) return c.reply().Bulk({});
  char scratch[kInt64TextMax];
  c.reply().Bulk(string->View(scratch).substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1)));
}

// SETRANGE key offset value
void SetRange(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes value = c.arg(3);
  const std::optional<int64_t> offset = IntegerArgument(c.arg(2), c.reply());
  if (!offset) return;
  if (*offset < 0) return c.reply().Error(Code::kValue, "ERR offset is out of range");
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  const uint64_t size = string ? string->size() : 0;
  const auto start = static_cast<uint64_t>(*offset);
  if (value.empty()) return c.reply().Integer(static_cast<int64_t>(size));
  if (!StringFits(start, value.size(), c.reply())) return;
  if (!c.BeginWrite(2 * std::max(size, start + value.size()))) return;
  c.ChangeOrCreate<types::String>(key).Overwrite(c.memory(), start, value);
  c.reply().Integer(static_cast<int64_t>(std::max(size, start + value.size())));
}

// APPEND key value
void Append(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes tail = c.arg(2);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  const uint64_t size = string ? string->size() : 0;
  if (string && tail.empty()) return c.reply().Integer(static_cast<int64_t>(size));
  if (!StringFits(size, tail.size(), c.reply())) return;
  if (!c.BeginWrite(2 * (size + tail.size()))) return;
  if (string) {
    c.Change<types::String>(key)->Append(c.memory(), tail);
  } else {
    c.Put(key, types::Value(types::String::Borrow(tail)));
  }
  c.reply().Integer(static_cast<int64_t>(size + tail.size()));
}

}  // namespace redislite::commands
