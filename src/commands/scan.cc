// The commands that look through the keys of a database.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {

using engine::Context;

// KEYS pattern
void Keys(Context& c) {
  constexpr size_t kStep = 1000;
  const bool all = c.arg(1) == "*";
  const size_t mark = c.reply().BeginArray();
  size_t count = 0;
  uint64_t cursor = 0;
  do {
    cursor = c.Scan(cursor, kStep, [&](Bytes key, const types::Value&) {
      if (!all && !GlobMatch(c.arg(1), key)) return;
      c.reply().Bulk(key);
      ++count;
    });
  } while (cursor != 0);
  c.reply().EndArray(mark, count);
}

// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
void Scan(Context& c) {
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(1), ScanOf::kKeys, c.reply());
  if (!scan) return;
  std::vector<std::string> keys;
  const uint64_t next = c.Scan(scan->cursor, scan->count, [&](Bytes key, const types::Value& value) {
    if (scan->type && !EqualsIgnoreCase(*scan->type, types::TypeName(value.type()))) return;
    if (scan->pattern && !GlobMatch(*scan->pattern, key)) return;
    keys.emplace_back(key);
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(keys.size());
  for (const std::string& key : keys) c.reply().Bulk(key);
}

// RANDOMKEY
void RandomKey(Context& c) {
  if (!c.RandomKey([&](Bytes key) { c.reply().Bulk(key); })) c.reply().Null();
}

}  // namespace redislite::commands
