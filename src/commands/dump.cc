// DUMP and RESTORE: values that move from and to other stores, and from and to Redis.
#include "types/dump.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

struct RestoreOptions {
  bool replace = false;
  bool absolute = false;  // ABSTTL: the time to live is a Unix time
  std::optional<int64_t> idle_s;
  std::optional<int64_t> frequency;
};

std::optional<RestoreOptions> ParseRestoreOptions(Args args, resp::Writer& reply) {
  RestoreOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    const bool has_value = i + 1 < args.size();
    if (EqualsIgnoreCase(args[i], "replace")) {
      options.replace = true;
    } else if (EqualsIgnoreCase(args[i], "absttl")) {
      options.absolute = true;
    } else if (EqualsIgnoreCase(args[i], "idletime") && has_value && !options.frequency) {
      options.idle_s = IntegerArgument(args[++i], reply);
      if (!options.idle_s) return {};
      if (*options.idle_s < 0) {
        reply.Error(Code::kValue, "ERR Invalid IDLETIME value, must be >= 0");
        return {};
      }
    } else if (EqualsIgnoreCase(args[i], "freq") && has_value && !options.idle_s) {
      options.frequency = IntegerArgument(args[++i], reply);
      if (!options.frequency) return {};
      if (*options.frequency < 0 || *options.frequency > 255) {
        reply.Error(Code::kValue, "ERR Invalid FREQ value, must be >= 0 and <= 255");
        return {};
      }
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

// When the key expires, in Unix milliseconds; 0: never. Errors are written.
std::optional<int64_t> ReadExpiry(Bytes ttl, bool absolute, int64_t now_ms, resp::Writer& reply) {
  const std::optional<int64_t> given = IntegerArgument(ttl, reply);
  if (!given) return {};
  int64_t at_ms = *given;
  if (at_ms < 0 || (at_ms != 0 && !absolute && __builtin_add_overflow(at_ms, now_ms, &at_ms))) {
    reply.Error(Code::kValue, "ERR Invalid TTL value, must be >= 0");
    return {};
  }
  return at_ms;
}

}  // namespace

// DUMP key
void DumpCommand(Context& c) {
  const types::Value* value = c.Find(c.arg(1));
  if (value == nullptr) return c.reply().Null();
  c.reply().Bulk(types::Dump(*value));
}

// RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]
void RestoreCommand(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes dump = c.arg(3);
  const std::optional<RestoreOptions> options = ParseRestoreOptions(c.args().subspan(4), c.reply());
  if (!options) return;
  const bool exists = c.Exists(key);
  if (exists && !options->replace) {
    return c.reply().Error(Code::kValue, "BUSYKEY Target key name already exists.");
  }
  const std::optional<int64_t> expires_at_ms = ReadExpiry(c.arg(2), options->absolute, c.now_ms(), c.reply());
  if (!expires_at_ms) return;
  if (!types::IsDump(dump)) {
    return c.reply().Error(Code::kValue, "ERR DUMP payload version or checksum are wrong");
  }
  std::optional<types::Value> value = types::Restore(c.memory(), c.hash_seed(), dump);
  if (!value) return c.reply().Error(Code::kValue, "ERR Bad data format");

  const bool gone_at_once = *expires_at_ms != 0 && *expires_at_ms <= c.now_ms();
  const bool changes = !gone_at_once || exists;
  if (changes && !c.BeginWrite(value->memory_bytes())) return;
  c.reply().Ok();
  if (!changes) return;
  if (gone_at_once) {
    c.Remove(key);
    return;
  }
  c.Put(key, std::move(*value));
  if (*expires_at_ms != 0) c.ExpireAt(key, *expires_at_ms);
  if (options->idle_s) c.SetIdleSeconds(key, *options->idle_s);
  if (options->frequency) c.SetAccessFrequency(key, *options->frequency);
}

// A time to live becomes the time at which the key expires. What is wrong with it is left to the handler, since Redis
// looks at the key first.
bool RewriteRestore(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<RestoreOptions> options = ParseRestoreOptions(args.subspan(4), rewrite.reply());
  if (!options) return false;
  resp::Writer dropped;
  const std::optional<int64_t> at_ms = ReadExpiry(args[2], options->absolute, rewrite.now_ms(), dropped);
  if (options->absolute || !at_ms || *at_ms == 0) return true;
  std::vector<std::string> canonical(args.begin(), args.end());
  canonical[2] = std::to_string(*at_ms);
  canonical.emplace_back("ABSTTL");
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

}  // namespace redislite::commands
