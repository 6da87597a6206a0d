// The CLI's own commands, which begin with a dot: .help .stats .backup .check .import .export .snapshot .quit
//
// .check closes the store for a moment: no other thread may use it meanwhile.
#pragma once

#include <span>

#include "command_source.h"
#include "outcome.h"
#include "store.h"

namespace redislite::cli {

struct DotCall;  // in dot_commands.cc

struct DotCommand {
  const char* name;
  const char* syntax;  // of its arguments
  const char* summary;
  size_t arguments_min, arguments_max;
  void (*run)(const DotCall&);
};

// All of them, in the order of .help.
std::span<const DotCommand> DotCommands();

// Also true for an unknown word with a dot in front: no command of the store has one. "quit" and "exit" count, as in
// redis-cli.
bool IsDotCommand(const Words& words);

void RunDotCommand(Store& store, const Command& command, Outcome& outcome);

}  // namespace redislite::cli
