// SHUTDOWN: what a session asks of the program that its store is in. The library ends no process.
#include "commands/arguments.h"
#include "engine/command_statistics.h"
#include "engine/host.h"
#include "session/session.h"

namespace redislite::session {

using commands::EqualsIgnoreCase;
using engine::Args;
using engine::Command;

void Session::Shutdown(const Command&, Args args, resp::Writer& reply) {
  struct {
    bool save = false, no_save = false, now = false, force = false, abort = false;
  } asked;
  for (const Bytes word : args.subspan(1)) {
    if (EqualsIgnoreCase(word, "save")) {
      asked.save = true;
    } else if (EqualsIgnoreCase(word, "nosave")) {
      asked.no_save = true;
    } else if (EqualsIgnoreCase(word, "now")) {
      asked.now = true;
    } else if (EqualsIgnoreCase(word, "force")) {
      asked.force = true;
    } else if (EqualsIgnoreCase(word, "abort")) {
      asked.abort = true;
    } else {
      return commands::WriteSyntaxError(reply);
    }
  }
  if ((asked.abort && args.size() > 2) || (asked.save && asked.no_save)) return commands::WriteSyntaxError(reply);
  // One that has begun takes no more commands.
  if (asked.abort) return reply.Error(Code::kCommand, "ERR No shutdown in progress.");
  // Everything that was acknowledged is in the log, so only who asks for a snapshot needs one.
  const bool saved = !asked.save || engine_.in_memory() || engine_.Snapshot().ok();
  if ((!saved && !asked.force) || !engine_.host().Ask(engine::HostRequest::kShutdown, "", "")) {
    return reply.Error(Code::kInvalid, "ERR Errors trying to SHUTDOWN. Check logs.");
  }
  if (id_ == 0) return reply.Ok();  // rl_command: there is no connection to close
  Leave(Ending::kQuit);
}

}  // namespace redislite::session
