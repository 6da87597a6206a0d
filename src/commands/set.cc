// The commands that put a whole string at a key: SET and its relatives, and GETEX, which shares SET's options.
#include "commands/set.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/string_reply.h"
#include "commands/table.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;
using Condition = SetOptions::Condition;

// Reads one word that both commands know, and the time after it. 0: it is none; otherwise the number of arguments it
// took. A word may be given twice (the last counts), two different ones exclude each other.
size_t ReadTimeOption(Args args, size_t at, SetOptions& options) {
  const std::optional<TimeForm> form = TimeFormNamed(args[at]);
  if (!form || at + 1 == args.size() || options.keep_ttl || options.persist) return 0;
  if (options.form && *options.form != *form) return 0;
  options.form = form;
  options.time = args[at + 1];
  return 2;
}

// Puts the string at the key and answers as SET does.
void Store(Context& c, Bytes key, Bytes value, const SetOptions& options, std::optional<int64_t> expires_at_ms) {
  const bool gone_at_once = expires_at_ms && *expires_at_ms <= c.now_ms();
  // A plain SET does not ask what was there.
  const bool asks = options.get || options.condition != Condition::kNone || gone_at_once;
  const types::Value* before = asks ? c.Find(key) : nullptr;
  const types::String* before_string = before == nullptr ? nullptr : before->As<types::String>();
  if (options.get && before != nullptr && before_string == nullptr) return c.WrongType();

  const bool refused = (options.condition == Condition::kMissing && before != nullptr) ||
                       (options.condition == Condition::kExists && before == nullptr);
  const bool changes = !refused && !(gone_at_once && before == nullptr);
  if (changes && !c.BeginWrite()) return;

  if (options.get) {
    WriteStringOrNull(before_string, c.reply());
  } else if (refused) {
    c.reply().Null();
  } else {
    c.reply().Ok();
  }
  if (!changes) return;
  if (gone_at_once) {
    c.Remove(key);
    return;
  }
  c.Put(key, types::Value(types::String::Borrow(value)),
        options.keep_ttl ? Context::Expiry::kKeep : Context::Expiry::kRemove);
  if (expires_at_ms) c.ExpireAt(key, *expires_at_ms);
}

// The keys and values of MSET and MSETNX.
void PutPairs(Context& c) {
  for (size_t i = 1; i < c.args().size(); i += 2) {
    c.Put(c.arg(i), types::Value(types::String::Borrow(c.arg(i + 1))));
  }
}

TimeForm SetExForm(Bytes name) { return name == "setex" ? TimeForm::kSeconds : TimeForm::kMilliseconds; }

}  // namespace

std::optional<TimeForm> TimeFormNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "ex")) return TimeForm::kSeconds;
  if (EqualsIgnoreCase(word, "px")) return TimeForm::kMilliseconds;
  if (EqualsIgnoreCase(word, "exat")) return TimeForm::kUnixSeconds;
  if (EqualsIgnoreCase(word, "pxat")) return TimeForm::kUnixMilliseconds;
  return {};
}

std::optional<SetOptions> ParseSetOptions(Args args, resp::Writer& reply) {
  SetOptions options;
  for (size_t i = 0; i < args.size();) {
    if (EqualsIgnoreCase(args[i], "nx") && options.condition != Condition::kExists) {
      options.condition = Condition::kMissing;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "xx") && options.condition != Condition::kMissing) {
      options.condition = Condition::kExists;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "get")) {
      options.get = true;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "keepttl") && !options.form) {
      options.keep_ttl = true;
      ++i;
    } else if (const size_t taken = ReadTimeOption(args, i, options); taken != 0) {
      i += taken;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<SetOptions> ParseGetExOptions(Args args, resp::Writer& reply) {
  SetOptions options;
  for (size_t i = 0; i < args.size();) {
    if (EqualsIgnoreCase(args[i], "persist") && !options.form) {
      options.persist = true;
      ++i;
    } else if (const size_t taken = ReadTimeOption(args, i, options); taken != 0) {
      i += taken;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<int64_t> PositiveExpiry(Bytes time, TimeForm form, int64_t now_ms, Bytes command, resp::Writer& reply) {
  std::optional<int64_t> value = IntegerArgument(time, reply);
  if (!value) return {};
  const bool seconds = form == TimeForm::kSeconds || form == TimeForm::kUnixSeconds;
  const bool relative = form == TimeForm::kSeconds || form == TimeForm::kMilliseconds;
  int64_t at_ms = *value;
  if (*value <= 0 || (seconds && __builtin_mul_overflow(at_ms, 1000, &at_ms)) ||
      (relative && __builtin_add_overflow(at_ms, now_ms, &at_ms)) || at_ms <= 0) {
    WriteBadExpiry(command, reply);
    return {};
  }
  return at_ms;
}

// SET key value [NX | XX] [GET] [EX | PX | EXAT | PXAT time | KEEPTTL]
void Set(Context& c) {
  const std::optional<SetOptions> options = ParseSetOptions(c.args().subspan(3), c.reply());
  if (!options) return;
  std::optional<int64_t> expires_at_ms;
  if (options->form) {
    expires_at_ms = PositiveExpiry(options->time, *options->form, c.now_ms(), c.command().name, c.reply());
    if (!expires_at_ms) return;
  }
  Store(c, c.arg(1), c.arg(2), *options, expires_at_ms);
}

// Whatever form the time has becomes PXAT; the other words stay as they are.
bool RewriteSet(Rewrite& rewrite) {
  const Args args = rewrite.args();
  if (args.size() == 3) return true;
  const std::optional<SetOptions> options = ParseSetOptions(args.subspan(3), rewrite.reply());
  if (!options) return false;
  if (!options->form) return true;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(options->time, *options->form, rewrite.now_ms(), "set", rewrite.reply());
  if (!at_ms) return false;
  if (*options->form == TimeForm::kUnixMilliseconds) return true;

  std::vector<std::string> canonical{"SET", std::string(args[1]), std::string(args[2])};
  for (size_t i = 3; i < args.size(); ++i) {
    if (TimeFormNamed(args[i])) {
      ++i;  // its time
    } else {
      canonical.emplace_back(args[i]);
    }
  }
  canonical.insert(canonical.end(), {"PXAT", std::to_string(*at_ms)});
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

// SETEX key seconds value, PSETEX key milliseconds value
void SetEx(Context& c) {
  const std::optional<int64_t> at_ms =
      PositiveExpiry(c.arg(2), SetExForm(c.command().name), c.now_ms(), c.command().name, c.reply());
  if (at_ms) Store(c, c.arg(1), c.arg(3), SetOptions(), at_ms);
}

bool RewriteSetEx(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const Bytes name = FindCommand(args[0])->name;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(args[2], SetExForm(name), rewrite.now_ms(), name, rewrite.reply());
  if (!at_ms) return false;
  rewrite.ReplaceBy({"SET", std::string(args[1]), std::string(args[3]), "PXAT", std::to_string(*at_ms)});
  return true;
}

// SETNX key value
void SetNx(Context& c) {
  if (c.Exists(c.arg(1))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.Put(c.arg(1), types::Value(types::String::Borrow(c.arg(2))));
  c.reply().Integer(1);
}

// GETSET key value
void GetSet(Context& c) {
  SetOptions options;
  options.get = true;
  Store(c, c.arg(1), c.arg(2), options, {});
}

// MSET key value [key value ...]
void MSet(Context& c) {
  if (c.args().size() % 2 == 0) return c.WrongArity();
  if (!c.BeginWrite()) return;
  PutPairs(c);
  c.reply().Ok();
}

// MSETNX key value [key value ...]
void MSetNx(Context& c) {
  if (c.args().size() % 2 == 0) return c.WrongArity();
  for (size_t i = 1; i < c.args().size(); i += 2) {
    if (c.Exists(c.arg(i))) return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  PutPairs(c);
  c.reply().Integer(1);
}

// GETEX key [EX | PX | EXAT | PXAT time | PERSIST]
void GetEx(Context& c) {
  const std::optional<SetOptions> options = ParseGetExOptions(c.args().subspan(2), c.reply());
  if (!options) return;
  const Bytes key = c.arg(1);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Null();  // the time is not looked at, as in Redis
  std::optional<int64_t> expires_at_ms;
  if (options->form) {
    expires_at_ms = PositiveExpiry(options->time, *options->form, c.now_ms(), c.command().name, c.reply());
    if (!expires_at_ms) return;
  }
  const bool changes = expires_at_ms || (options->persist && c.ExpiresAt(key));
  if (changes && !c.BeginWrite()) return;

  WriteString(*string, c.reply());
  if (!changes) return;
  if (expires_at_ms) {
    c.ExpireAt(key, *expires_at_ms);
  } else {
    c.Persist(key);
  }
}

// A time that is wrong is left to the handler: whether Redis complains depends on whether the key is there.
bool RewriteGetEx(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<SetOptions> options = ParseGetExOptions(args.subspan(2), rewrite.reply());
  if (!options) return false;
  if (!options->form || *options->form == TimeForm::kUnixMilliseconds) return true;
  resp::Writer dropped;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(options->time, *options->form, rewrite.now_ms(), "getex", dropped);
  if (at_ms) rewrite.ReplaceBy({"GETEX", std::string(args[1]), "PXAT", std::to_string(*at_ms)});
  return true;
}

}  // namespace redislite::commands
