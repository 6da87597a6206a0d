// OBJECT and its subcommands.
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {

using engine::Context;

// OBJECT ENCODING key
void ObjectEncoding(Context& c) {
  const types::Value* value = c.Peek(c.arg(2));
  if (value == nullptr) return c.reply().Null();
  c.reply().Bulk(value->encoding());
}

// OBJECT REFCOUNT key
void ObjectRefCount(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  c.reply().Integer(1);  // bytes may be shared between keys, values are not
}

// OBJECT IDLETIME key
void ObjectIdleTime(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  if (c.CountsAccess()) {
    return c.reply().Error(
        Code::kCommand,
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
        "policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply().Integer(c.IdleSeconds(c.arg(2)));
}

// OBJECT FREQ key
void ObjectFreq(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  if (!c.CountsAccess()) {
    return c.reply().Error(
        Code::kCommand,
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
        "between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply().Integer(c.AccessFrequency(c.arg(2)));
}

// OBJECT HELP
void ObjectHelp(Context& c) {
  WriteHelp("OBJECT",
            {"ENCODING <key>", "    Return the kind of internal representation used in order to store the value",
             "    associated with a <key>.", "FREQ <key>",
             "    Return the access frequency index of the <key>. The returned integer is",
             "    proportional to the logarithm of the recent access frequency of the key.", "IDLETIME <key>",
             "    Return the idle time of the <key>, that is the approximated number of",
             "    seconds elapsed since the last access to the key.", "REFCOUNT <key>",
             "    Return the number of references of the value associated with the specified", "    <key>."},
            c.reply());
}

}  // namespace redislite::commands
