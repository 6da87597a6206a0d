// The commands of replication, as a master without replicas answers them: nobody is waited for in vain.
#include <optional>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {
namespace {

using engine::Context;

// The timeout of WAIT and WAITAOF; false after an error.
bool CheckTimeout(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> ms = AtLeastArgument(text, 0, "ERR timeout is negative", reply);
  return ms.has_value();
}

}  // namespace

void Role(Context& c) {
  c.reply().Array(3);
  c.reply().Bulk("master");
  c.reply().Integer(0);
  c.reply().Array(0);
}

// REPLICAOF and SLAVEOF
void ReplicaOf(Context& c) {
  if (EqualsIgnoreCase(c.arg(1), "no") && EqualsIgnoreCase(c.arg(2), "one")) return c.reply().Ok();
  const std::optional<int64_t> port = AtLeastArgument(c.arg(2), 0, "ERR Invalid master port", c.reply());
  if (!port) return;
  c.reply().Error(Code::kInvalid, "ERR a store can not be a replica: there is no replication");
}

// There are no replicas, and none can come while a client waits.
void Wait(Context& c) {
  const std::optional<int64_t> count = IntegerArgument(c.arg(1), c.reply());
  if (!count || !CheckTimeout(c.arg(2), c.reply())) return;
  c.reply().Integer(0);
}

void WaitAof(Context& c) {
  constexpr char kRange[] = "ERR value is out of range, value must between 0 and 1";
  const std::optional<int64_t> local = AtLeastArgument(c.arg(1), 0, kRange, c.reply());
  if (!local) return;
  if (*local > 1) return c.reply().Error(Code::kValue, kRange);
  const std::optional<int64_t> replicas =
      AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
  if (!replicas || !CheckTimeout(c.arg(3), c.reply())) return;
  if (*local == 1 && c.engine().in_memory()) {
    return c.reply().Error(Code::kInvalid,
                           "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  if (*local == 1) {
    if (const Status synced = c.engine().Sync(); !synced.ok()) {
      return c.reply().Error(synced.code(), "ERR " + synced.message());
    }
  }
  c.reply().Array(2);
  c.reply().Integer(c.engine().in_memory() ? 0 : *local);
  c.reply().Integer(0);
}

}  // namespace redislite::commands
