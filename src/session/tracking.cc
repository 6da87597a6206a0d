// CLIENT TRACKING and its kin: there is none, and that is what they say.
#include "commands/arguments.h"
#include "session/session.h"

namespace redislite::session {

using commands::EqualsIgnoreCase;
using engine::Args;
using engine::Command;

void Session::ClientTracking(const Command&, Args args, resp::Writer& reply) {
  if (EqualsIgnoreCase(args[2], "off")) return reply.Ok();
  if (!EqualsIgnoreCase(args[2], "on")) return commands::WriteSyntaxError(reply);
  reply.Error(Code::kCommand, "ERR there is no client side caching");
}

void Session::ClientCaching(const Command&, Args, resp::Writer& reply) {
  reply.Error(Code::kCommand,
              "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode "
              "enabled");
}

void Session::ClientTrackingInfo(const Command&, Args, resp::Writer& reply) {
  reply.Map(3);
  reply.Bulk("flags");
  reply.Set(1);
  reply.Bulk("off");
  reply.Bulk("redirect");
  reply.Integer(-1);
  reply.Bulk("prefixes");
  reply.Array(0);
}

}  // namespace redislite::session
