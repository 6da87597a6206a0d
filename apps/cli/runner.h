// Running all commands of a source, one after the other or several at once.
#pragma once

#include "command_source.h"
#include "interpreter.h"

namespace redislite::cli {

struct Totals {
  uint64_t replies = 0;
  uint64_t errors = 0;
  bool quit = false;    // .quit ended it before the input did
  bool broken = false;  // the input could not be read, or the output not written
};

// Runs the commands until the source ends or a signal asks to stop. Replies are written as soon as they are there, in
// the order of the input.
//
// `jobs` above 1: so many commands (or MULTI ... EXEC groups) run at once, and share syncs. They take effect in any
// order; the replies still come in the input's. A dot command waits for all before it.
Totals RunCommands(CommandSource& source, Store& store, const Style& style, int jobs);

}  // namespace redislite::cli
