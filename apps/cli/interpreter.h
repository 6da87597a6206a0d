// Interpreter: runs whatever may stand on a line of input: a command of the store, or one of the CLI's own (.help,
// quit).
//
// One thread. Several interpreters may share a store; see dot_commands.h for the ones that want to be alone.
#pragma once

#include "command_source.h"
#include "format.h"
#include "outcome.h"
#include "session.h"
#include "store.h"

namespace redislite::cli {

struct Style {
  Format format = Format::kRaw;
  bool resp3 = false;   // show maps, sets and doubles as such
  bool replies = true;  // false: errors only (--pipe)
};

class Interpreter {
 public:
  Interpreter(Store& store, const Style& style) : store_(store), style_(style), session_(store) {}

  // Adds to the outcome. An error reply goes where a reader looks for it: with the replies where the format can tell
  // it from a string (terminal, JSON), to stderr otherwise, with the command's place.
  void Run(const Command& command, Outcome& outcome);
  // The input has ended: a MULTI that no EXEC followed is dropped, and that is an error.
  void Finish(Outcome& outcome);

  bool in_transaction() const { return session_.in_transaction(); }
  void Discard() { session_.Discard(); }

 private:
  void Show(const Command& command, Answer answer, Outcome& outcome);

  Store& store_;
  const Style style_;
  Session session_;
};

}  // namespace redislite::cli
