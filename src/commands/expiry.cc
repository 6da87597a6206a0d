// The commands that set, remove and show when a key expires.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/table.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

// What the expiry before must be like for the new one to be set. XX goes with GT and LT; NX goes with none.
struct ExpireConditions {
  bool none = false;     // NX
  bool some = false;     // XX
  bool later = false;    // GT: never counts as latest
  bool earlier = false;  // LT

  bool Allow(std::optional<int64_t> before_ms, int64_t at_ms) const {
    if (none && before_ms) return false;
    if (some && !before_ms) return false;
    if (later && (!before_ms || at_ms <= *before_ms)) return false;
    if (earlier && before_ms && at_ms >= *before_ms) return false;
    return true;
  }
};

std::optional<ExpireConditions> ParseConditions(Args args, resp::Writer& reply) {
  ExpireConditions conditions;
  for (const Bytes word : args) {
    if (EqualsIgnoreCase(word, "nx")) {
      conditions.none = true;
    } else if (EqualsIgnoreCase(word, "xx")) {
      conditions.some = true;
    } else if (EqualsIgnoreCase(word, "gt")) {
      conditions.later = true;
    } else if (EqualsIgnoreCase(word, "lt")) {
      conditions.earlier = true;
    } else {
      reply.Error(Code::kCommand, std::string("ERR Unsupported option ").append(word));
      return {};
    }
  }
  if (conditions.none && (conditions.some || conditions.later || conditions.earlier)) {
    reply.Error(Code::kCommand, "ERR NX and XX, GT or LT options at the same time are not compatible");
    return {};
  }
  if (conditions.later && conditions.earlier) {
    reply.Error(Code::kCommand, "ERR GT and LT options at the same time are not compatible");
    return {};
  }
  return conditions;
}

// The Unix time in milliseconds that EXPIRE, PEXPIRE, EXPIREAT or PEXPIREAT (`name`) means; it may be in the past.
// Errors are written.
std::optional<int64_t> ExpiryTime(Bytes text, Bytes name, int64_t now_ms, resp::Writer& reply) {
  const std::optional<int64_t> given = IntegerArgument(text, reply);
  if (!given) return {};
  const bool seconds = name == "expire" || name == "expireat";
  const bool relative = name == "expire" || name == "pexpire";
  int64_t at_ms = *given;
  if ((seconds && __builtin_mul_overflow(at_ms, 1000, &at_ms)) ||
      (relative && __builtin_add_overflow(at_ms, now_ms, &at_ms))) {
    WriteBadExpiry(name, reply);
    return {};
  }
  return at_ms;
}

// To the nearest second, halves up. REQUIRES: ms >= 0.
int64_t RoundToSeconds(int64_t ms) { return ms / 1000 + (ms % 1000 >= 500 ? 1 : 0); }

constexpr int64_t kNoKey = -2;
constexpr int64_t kNoExpiry = -1;

}  // namespace

// EXPIRE key seconds [NX | XX | GT | LT], PEXPIRE, EXPIREAT, PEXPIREAT
void Expire(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<ExpireConditions> conditions = ParseConditions(c.args().subspan(3), c.reply());
  if (!conditions) return;
  const std::optional<int64_t> at_ms = ExpiryTime(c.arg(2), c.command().name, c.now_ms(), c.reply());
  if (!at_ms) return;
  if (!c.Exists(key) || !conditions->Allow(c.ExpiresAt(key), *at_ms)) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.ExpireAt(key, *at_ms);
  c.reply().Integer(1);
}

// All four become PEXPIREAT, with the conditions as they came.
bool RewriteExpire(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const Bytes name = FindCommand(args[0])->name;
  if (!ParseConditions(args.subspan(3), rewrite.reply())) return false;
  const std::optional<int64_t> at_ms = ExpiryTime(args[2], name, rewrite.now_ms(), rewrite.reply());
  if (!at_ms) return false;
  if (name == "pexpireat") return true;
  std::vector<std::string> canonical{"PEXPIREAT", std::string(args[1]), std::to_string(*at_ms)};
  canonical.insert(canonical.end(), args.begin() + 3, args.end());
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

// PERSIST key
void Persist(Context& c) {
  if (!c.ExpiresAt(c.arg(1))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.Persist(c.arg(1));
  c.reply().Integer(1);
}

// TTL key, PTTL key
void Ttl(Context& c) {
  if (!c.Exists(c.arg(1))) return c.reply().Integer(kNoKey);
  const std::optional<int64_t> at_ms = c.ExpiresAt(c.arg(1));
  if (!at_ms) return c.reply().Integer(kNoExpiry);
  const int64_t left_ms = *at_ms - c.now_ms();
  c.reply().Integer(IsNamed(c.command(), "pttl") ? left_ms : RoundToSeconds(left_ms));
}

// EXPIRETIME key, PEXPIRETIME key
void ExpireTime(Context& c) {
  if (!c.Exists(c.arg(1))) return c.reply().Integer(kNoKey);
  const std::optional<int64_t> at_ms = c.ExpiresAt(c.arg(1));
  if (!at_ms) return c.reply().Integer(kNoExpiry);
  c.reply().Integer(IsNamed(c.command(), "pexpiretime") ? *at_ms : RoundToSeconds(*at_ms));
}

}  // namespace redislite::commands
