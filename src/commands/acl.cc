// ACL: there is one user, who may do everything.
#include <string>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {

using engine::Context;

void AclWhoAmI(Context& c) { c.reply().Bulk("default"); }

void AclUsers(Context& c) {
  c.reply().Array(1);
  c.reply().Bulk("default");
}

void AclList(Context& c) {
  const bool open = c.engine().options().requirepass.empty();
  c.reply().Array(1);
  c.reply().Bulk(std::string("user default on ") + (open ? "nopass" : "#(redacted)") + " ~* &* +@all");
}

void AclHelp(Context& c) {
  WriteHelp("ACL",
            {
                "LIST",
                "    Show users details in config file format.",
                "USERS",
                "    List all the registered usernames.",
                "WHOAMI",
                "    Return the current connection username.",
            },
            c.reply());
}

}  // namespace redislite::commands
