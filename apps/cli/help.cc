#include <algorithm>

#include "dot_commands.h"
#include "options.h"

namespace redislite::cli {

std::string HelpText() {
  std::string text = R"(redislite-cli - a store of Redis' data types in a directory

SYNOPSIS
  redislite-cli [OPTIONS] [DIR [COMMAND [ARGUMENT ...]]]
  redislite-cli [OPTIONS] --pipe [DIR] < requests
  redislite-cli --check DIR
  redislite-cli [--json] log dump DIR

DESCRIPTION
  Opens the store in the directory DIR (./data when none is given; :memory: keeps nothing on disk) inside this
  process, and runs one COMMAND, or the commands that are typed, or those of the standard input, one a line. No
  server is needed, and no other process can hold the directory meanwhile. Options stand before COMMAND;
  everything behind it belongs to the command.

  A word with blanks or other bytes is written as in redis-cli: "two words", "\x00\xff\n", 'as it is'.
  MULTI ... EXEC is one atomic batch: one record, one sync, whole or absent after a crash.

OUTPUT
  On a terminal replies are shown as redis-cli does, otherwise raw: the bytes, an element a line.
  --json            one JSON text a reply (implies -3)
  --csv             one line of comma-separated values a reply
  --raw, --no-raw   raw, or formatted, wherever it goes
  -3                show maps, sets, doubles and booleans as RESP3 has them

INPUT
  -x                read the last argument of COMMAND from the standard input
  -r N              run COMMAND N times (-1: for ever)
  -i SECONDS        wait between them
  -j N, --jobs N    run up to N commands of the standard input at once (1). They share syncs and take effect in
                    any order; MULTI ... EXEC stays whole; replies come in the order of the input
  --pipe            read RESP requests; print only errors and, at the end, "errors: N, replies: M"

OTHER TASKS
  --check DIR       verify every checksum and link of a closed store
  log dump DIR      print the log of a store: LSN, time, command, a line each
  -v, --version     print the version
  -h, --help        print this

OPTIONS OF THE STORE (defaults in brackets)
)";
  for (const StoreOption& option : KnownStoreOptions()) {
    std::string left = std::string("  --") + option.name + ' ' + option.values;
    left.resize(std::max<size_t>(left.size() + 1, 36), ' ');
    text += left + option.meaning + '\n';
  }
  text += R"(
  --options FILE                    read them from a file: lines "name value", # for comments
  The environment has them as REDISLITE_APPENDFSYNC, REDISLITE_READ_ONLY and so on. The command line
  wins over the environment, and the environment over the file.

AT THE PROMPT
  Tab completes, what a command takes is shown while it is typed, the history is kept in ~/.redislite_history
  (or $REDISLITE_HISTFILE; empty: nowhere). A number in front repeats: 5 INCR counter. Ctrl-C clears the line and,
  pressed again, leaves; it cancels .export, .import and .backup.
)";
  for (const DotCommand& command : DotCommands()) {
    std::string left = std::string("  ") + command.name + ' ' + command.syntax;
    left.resize(std::max<size_t>(left.size() + 1, 22), ' ');
    text += left + command.summary + '\n';
  }
  text += R"(
EXIT STATUS
  0  all is well
  1  a command answered an error, a line could not be understood, or --check or log dump found damage
  2  wrong usage, or the store cannot be opened or closed
  128 + N  signal N ended it (130: Ctrl-C); the store was closed

EXAMPLES
  redislite-cli ./data SET greeting "hello"
  redislite-cli ./data --json HGETALL user:1
  printf 'SET a 1\nINCR a\n' | redislite-cli ./data
  redislite-cli ./data -x SET picture < picture.png
  redislite-cli --appendfsync everysec ./data .import keys.jsonl
)";
  return text;
}

}  // namespace redislite::cli
