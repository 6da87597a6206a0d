// DEBUG: what tests of the store need to see or to do.
#include <algorithm>
#include <optional>
#include <string>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "os/file_system.h"

namespace redislite::commands {

using engine::Context;

void DebugDigest(Context& c) { c.reply().Status(c.engine().Digest()); }

// Redis' line without what means nothing here (the address, the serialized length, the LRU clock), and with the bytes
// in memory.
void DebugObject(Context& c) {
  const int64_t idle_seconds = c.IdleSeconds(c.arg(2));  // before the look that ends it
  const types::Value* value = c.Find(c.arg(2));
  if (value == nullptr) return c.NoSuchKey();
  std::string text = "Value refcount:1 encoding:";
  text.append(value->encoding());
  text.append(" memory_bytes:").append(std::to_string(value->memory_bytes()));
  text.append(" lru_seconds_idle:").append(std::to_string(idle_seconds));
  c.reply().Status(text);
}

void DebugSetActiveExpire(Context& c) {
  const std::optional<int64_t> on = IntegerArgument(c.arg(2), c.reply());
  if (!on) return;
  c.engine().SetActiveExpire(*on != 0);
  c.reply().Ok();
}

// Only the caller waits: commands of this kind hold no lock.
void DebugSleep(Context& c) {
  constexpr double kSecondsMax = 1e9;
  const std::optional<double> seconds = ParseDouble(c.arg(2));
  if (!seconds) return c.NotFloat();
  os::SleepUs(static_cast<int64_t>(std::clamp(*seconds, 0.0, kSecondsMax) * 1e6));
  c.reply().Ok();
}

// What is acknowledged is on the way to the device anyhow: a snapshot takes the place of the log, and memory stays.
void DebugReload(Context& c) {
  if (!c.engine().in_memory()) {
    if (const Status saved = c.engine().Snapshot(); !saved.ok()) {
      return c.reply().Error(saved.code(), "ERR " + saved.message());
    }
  }
  c.reply().Ok();
}

void DebugError(Context& c) { c.reply().Error(Code::kCommand, c.arg(2)); }

// A value of each type of RESP3, for those who write clients.
void DebugProtocol(Context& c) {
  const auto is = [&](Bytes name) { return EqualsIgnoreCase(c.arg(2), name); };
  resp::Writer& reply = c.reply();
  if (is("string")) return reply.Bulk("Hello World");
  if (is("integer")) return reply.Integer(12345);
  if (is("double")) return reply.Double(3.141);
  if (is("null")) return reply.Null();
  if (is("bignum")) return reply.BigNumber("1234567999999999999999999999999999999");
  if (is("verbatim")) return reply.Verbatim("This is a verbatim\nstring");
  if (is("true") || is("false")) return reply.Boolean(is("true"));
  if (is("array")) {
    reply.Array(3);
    for (int64_t i = 0; i < 3; ++i) reply.Integer(i);
    return;
  }
  if (is("set")) {
    reply.Set(3);
    for (int64_t i = 0; i < 3; ++i) reply.Integer(i);
    return;
  }
  if (is("map")) {
    reply.Map(3);
    for (int64_t i = 0; i < 3; ++i) {
      reply.Integer(i);
      reply.Boolean(i == 1);
    }
    return;
  }
  reply.Error(Code::kCommand,
              "ERR Wrong protocol type name. Please use one of the following: string|integer|double|"
              "null|array|set|map|verbatim|true|false");
}

void DebugHelp(Context& c) {
  WriteHelp("DEBUG",
            {
                "DIGEST",
                "    Reply a digest of all data: the same for the same keys, values and expiries.",
                "ERROR <string>",
                "    Reply an error with this text.",
                "OBJECT <key>",
                "    Reply how the value at a key is kept.",
                "PROTOCOL <type>",
                "    Reply a value of this type: string, integer, double, bignum, null, array, set, map, verbatim,",
                "    true or false.",
                "RELOAD",
                "    Take a snapshot.",
                "SET-ACTIVE-EXPIRE <0|1>",
                "    Turn the background removal of expired keys off or on.",
                "SLEEP <seconds>",
                "    Make the caller wait.",
            },
            c.reply());
}

}  // namespace redislite::commands
