// The commands of a connection that need none.
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {

using engine::Context;

void Ping(Context& c) {
  if (c.args().size() > 2) return c.WrongArity();
  if (c.args().size() == 2) return c.reply().Bulk(c.arg(1));
  c.reply().Status("PONG");
}

void Echo(Context& c) { c.reply().Bulk(c.arg(1)); }

}  // namespace redislite::commands
