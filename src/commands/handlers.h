// The functions that table.inc names, declared from it: a handler that no file defines does not link.
#pragma once

#include <vector>

#include "engine/command.h"
#include "engine/context.h"

namespace redislite::commands {

// The word None in a row declares functions that nobody defines; table.cc puts null in their place.
#define COMMAND(name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys) \
  void handler(engine::Context& c);                                                                             \
  bool canonical(engine::Rewrite& rewrite);                                                                     \
  bool keys(engine::Args args, std::vector<size_t>& positions);
#include "commands/table.inc"
#undef COMMAND

}  // namespace redislite::commands
