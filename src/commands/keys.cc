// The commands that concern keys whatever their type. Expiry is in expiry.cc, iteration in scan.cc, whole databases in
// databases.cc.
#include <cstdint>
#include <optional>
#include <utility>

#include "commands/arguments.h"
#include "commands/databases.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Context;

int64_t CountExisting(const Context& c) {
  int64_t count = 0;
  for (size_t i = 1; i < c.args().size(); ++i) count += c.Exists(c.arg(i)) ? 1 : 0;
  return count;
}

void WriteSameObject(resp::Writer& reply) {
  reply.Error(Code::kCommand, "ERR source and destination objects are the same");
}

}  // namespace

// DEL key [key ...], UNLINK key [key ...]
void Del(Context& c) {
  if (CountExisting(c) == 0) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  int64_t removed = 0;
  for (size_t i = 1; i < c.args().size(); ++i) removed += c.Remove(c.arg(i)) ? 1 : 0;
  c.reply().Integer(removed);
}

// EXISTS key [key ...]
void Exists(Context& c) { c.reply().Integer(CountExisting(c)); }

// TOUCH key [key ...]
void Touch(Context& c) {
  int64_t found = 0;
  for (size_t i = 1; i < c.args().size(); ++i) found += c.Find(c.arg(i)) != nullptr ? 1 : 0;
  c.reply().Integer(found);
}

// TYPE key
void Type(Context& c) {
  const types::Value* value = c.Peek(c.arg(1));
  c.reply().Status(types::TypeName(value == nullptr ? types::Type::kNone : value->type()));
}

// RENAME key newkey, RENAMENX key newkey
void Rename(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  const bool only_new = IsNamed(c.command(), "renamenx");
  if (!c.Exists(from)) return c.NoSuchKey();
  const bool changes = from != to && !(only_new && c.Exists(to));
  if (changes && !c.BeginWrite()) return;

  if (changes) {
    const std::optional<int64_t> expires_at_ms = c.ExpiresAt(from);
    c.Put(to, c.Take(from));
    if (expires_at_ms) c.ExpireAt(to, *expires_at_ms);
  }
  if (only_new) {
    c.reply().Integer(changes ? 1 : 0);
  } else {
    c.reply().Ok();
  }
}

// COPY source destination [DB destination-db] [REPLACE]
void Copy(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  bool replace = false;
  int to_db = c.db();
  for (size_t i = 3; i < c.args().size(); ++i) {
    if (EqualsIgnoreCase(c.arg(i), "replace")) {
      replace = true;
    } else if (EqualsIgnoreCase(c.arg(i), "db") && i + 1 < c.args().size()) {
      const std::optional<int> db = IntArgument(c.arg(++i), c.reply());
      if (!db) return;
      if (!IsDatabase(*db)) return WriteNoSuchDatabase(c.reply());
      to_db = *db;
    } else {
      return c.SyntaxError();
    }
  }
  if (to_db == c.db() && from == to) return WriteSameObject(c.reply());

  const types::Value* value = c.Find(from);
  if (value == nullptr || (!replace && c.Exists(to, to_db))) return c.reply().Integer(0);
  if (!c.BeginWrite(value->memory_bytes())) return;
  const std::optional<int64_t> expires_at_ms = c.ExpiresAt(from);
  c.Put(to, value->Clone(), Context::Expiry::kRemove, to_db);
  if (expires_at_ms) c.ExpireAt(to, *expires_at_ms, to_db);
  c.reply().Integer(1);
}

// MOVE key db
void Move(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<int> db = IntArgument(c.arg(2), c.reply());
  if (!db) return;
  if (!IsDatabase(*db)) return WriteNoSuchDatabase(c.reply());
  if (*db == c.db()) return WriteSameObject(c.reply());
  if (!c.Exists(key) || c.Exists(key, *db)) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  const std::optional<int64_t> expires_at_ms = c.ExpiresAt(key);
  c.Put(key, c.Take(key), Context::Expiry::kRemove, *db);
  if (expires_at_ms) c.ExpireAt(key, *expires_at_ms, *db);
  c.reply().Integer(1);
}

}  // namespace redislite::commands
