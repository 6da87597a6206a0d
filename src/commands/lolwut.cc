// LOLWUT: the version, for people.
#include <string>

#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {

void Lolwut(engine::Context& c) { c.reply().Verbatim(std::string("Redis ver. ") + engine::kRedisVersion + "\n"); }

}  // namespace redislite::commands
