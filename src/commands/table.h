// The command table as the engine and the commands about commands see it. Constant; any thread.
#pragma once

#include <span>

#include "base/bytes.h"
#include "engine/command.h"

namespace redislite::commands {

// What an engine is opened with; lives for ever.
const engine::CommandTable& Commands();

// Every row, in the order of table.inc: a container before its subcommands.
std::span<const engine::Command> AllCommands();

// The row of this name, a subcommand's with its container's ("object|encoding"), any case; null when there is none.
const engine::Command* FindCommand(Bytes name);

}  // namespace redislite::commands
