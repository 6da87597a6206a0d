// Command: one row of the command table, and what the engine needs to know to run it.
//
// The table itself lives in commands/ (a higher room); the engine is given it when a store is opened. Dispatch, arity
// errors, key extraction, locking, logging, COMMAND, the CLI's hints and docs/COMMANDS.md all follow from these rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "resp/writer.h"

namespace redislite::engine {

class Context;

// A command's arguments, argv[0] being its name. Borrowed for the call.
using Args = std::span<const Bytes>;

enum Flag : uint32_t {
  kNone = 0,
  kWrite = 1u << 0,             // may change data: goes through the log
  kReadOnly = 1u << 1,          // reads data
  kDenyOom = 1u << 2,           // refused over maxmemory
  kFast = 1u << 3,              // O(1) or O(log n): reported by COMMAND
  kAdmin = 1u << 4,             // concerns the store, not the data: runs on the caller's thread with no lock held
  kAllKeys = 1u << 5,           // may touch any key of any database: takes every stripe
  kResolve = 1u << 6,           // its effect must be fixed before it is logged (see Context::ReplaceWith)
  kNoBatch = 1u << 7,           // not allowed in a batch (MULTI)
  kNeedsSession = 1u << 8,      // needs a connection's state: only a session can run it
  kMovableKeys = 1u << 9,       // its keys are found by `keys`, not by position alone
  kContainer = 1u << 10,        // has subcommands: rows named "object|encoding"
  kMayWait = 1u << 12,          // waits for a key to have something, where it may (see Context::WaitForKeys)
  kSession = 1u << 13,          // concerns the connections: the session's own function runs it, there is no handler
  kNoAuth = 1u << 14,           // before the password was given
  kWhileSubscribed = 1u << 15,  // on a RESP2 connection that is subscribed to something
  kEndsTransaction = 1u << 16,  // inside MULTI it is run, not queued
  kMayPublish = 1u << 17,       // changes nothing, but others see it: CLIENT PAUSE WRITE holds it
  kOperator = 1u << 11,         // for whoever runs the store: COMMAND reports it as Redis' "admin"
};

// The form of a write that goes into the log: deterministic given state and time (DESIGN section 4). A function of
// this type rewrites what depends on the moment of the call (EX becomes PXAT, EXPIRE becomes PEXPIREAT) and settles
// the syntax of what it reads, before the command is queued. The same canonical command is then previewed, logged,
// applied and, after a crash, replayed (I2).
class Rewrite {
 public:
  Rewrite(Args args, int64_t now_ms, resp::Writer& reply) : args_(args), now_ms_(now_ms), reply_(reply) {}

  Args args() const { return args_; }
  int64_t now_ms() const { return now_ms_; }
  resp::Writer& reply() { return reply_; }

  // Replaces the command by another with the same replies. Not called: it goes into the log as it came.
  void ReplaceBy(std::vector<std::string> args) { replacement_ = std::move(args); }
  std::vector<std::string>& replacement() { return replacement_; }

 private:
  Args args_;
  int64_t now_ms_;
  resp::Writer& reply_;
  std::vector<std::string> replacement_;
};

struct Command {
  const char* name;  // lower case; a subcommand is "object|encoding"
  void (*handler)(Context&);
  int arity;  // as in Redis: exact with the name(s) counted, or minus the least number
  uint32_t flags;
  int first_key;  // position in argv, 0 when there are none
  int last_key;   // negative: from the end
  int key_step;
  const char* since;   // the Redis version that brought it
  const char* group;   // as in Redis: "string", "bitmap", "list", "generic", ...
  const char* syntax;  // arguments, as redis-cli hints them
  const char* summary;
  // Null, or rewrites to canonical form. False: it has written an error to the reply and the command ends there.
  bool (*canonical)(Rewrite&);
  // Null, or finds the positions of the keys (kMovableKeys). False: the arguments are not well formed; the handler
  // will say how.
  bool (*keys)(Args, std::vector<size_t>& positions);
};

// Calls found(position) for the place of each key in `args`. False: the arguments are not well formed, and there may
// have been none.
template <typename Found>
bool ForEachKey(const Command& command, Args args, const Found& found) {
  if (command.keys != nullptr) {
    std::vector<size_t> positions;
    if (!command.keys(args, positions)) return false;
    for (const size_t position : positions) found(position);
    return true;
  }
  if (command.first_key == 0) return true;
  const auto count = static_cast<int64_t>(args.size());
  const int64_t last = command.last_key < 0 ? count + command.last_key : command.last_key;
  for (int64_t position = command.first_key; position <= last && position < count; position += command.key_step) {
    found(static_cast<size_t>(position));
  }
  return true;
}

// The whole table, as the engine is given it.
class CommandTable {
 public:
  virtual ~CommandTable() = default;
  // The row for these arguments, a container's subcommand included; null when there is none. Names match in any case.
  virtual const Command* Find(Args args) const = 0;
  // All of them. Find gives one of these.
  virtual std::span<const Command> Rows() const = 0;
  // Writes Redis' error for arguments for which Find is null.
  virtual void WriteUnknown(Args args, resp::Writer& reply) const = 0;
};

}  // namespace redislite::engine
