// The commands that concern whole databases.
#include "commands/databases.h"

#include <cstdint>
#include <limits>
#include <optional>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Context;

// The ASYNC or SYNC of FLUSHDB and FLUSHALL, which make no difference here. False: a syntax error was written.
bool ParseFlush(Context& c) {
  const size_t count = c.args().size();
  if (count == 1 || (count == 2 && (EqualsIgnoreCase(c.arg(1), "async") || EqualsIgnoreCase(c.arg(1), "sync"))))
    return true;
  c.SyntaxError();
  return false;
}

// The number of a database, or `error` when it is no int.
std::optional<int> DatabaseArgument(Bytes text, Bytes error, resp::Writer& reply) {
  const std::optional<int64_t> number = ParseInt64(text);
  if (!number || *number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) {
    reply.Error(Code::kValue, error);
    return {};
  }
  return static_cast<int>(*number);
}

}  // namespace

// DBSIZE
void DbSize(Context& c) { c.reply().Integer(static_cast<int64_t>(c.KeyCount())); }

// FLUSHDB [ASYNC | SYNC]
void FlushDb(Context& c) {
  if (!ParseFlush(c)) return;
  const bool changes = c.KeyCount() != 0;
  if (changes && !c.BeginWrite()) return;
  if (changes) c.FlushDatabase(c.db());
  c.reply().Ok();
}

// FLUSHALL [ASYNC | SYNC]
void FlushAll(Context& c) {
  if (!ParseFlush(c)) return;
  if (!c.BeginWrite()) return;
  for (int db = 0; db < engine::kDatabases; ++db) c.FlushDatabase(db);
  c.reply().Ok();
}

// SWAPDB index1 index2
void SwapDb(Context& c) {
  const std::optional<int> first = DatabaseArgument(c.arg(1), "ERR invalid first DB index", c.reply());
  if (!first) return;
  const std::optional<int> second = DatabaseArgument(c.arg(2), "ERR invalid second DB index", c.reply());
  if (!second) return;
  if (!IsDatabase(*first) || !IsDatabase(*second)) return WriteNoSuchDatabase(c.reply());
  const bool changes = *first != *second;
  if (changes && !c.BeginWrite()) return;
  if (changes) c.SwapDatabases(*first, *second);
  c.reply().Ok();
}

}  // namespace redislite::commands
