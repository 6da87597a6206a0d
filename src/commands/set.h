// SetOptions: the words that may follow the key in SET and GETEX.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "engine/command.h"
#include "resp/writer.h"

namespace redislite::commands {

// How a time is given: EX, PX, EXAT, PXAT.
enum class TimeForm : uint8_t { kSeconds, kMilliseconds, kUnixSeconds, kUnixMilliseconds };

struct SetOptions {
  enum class Condition : uint8_t { kNone, kMissing, kExists };  // NX, XX

  Condition condition = Condition::kNone;
  bool get = false;
  bool keep_ttl = false;
  bool persist = false;
  std::optional<TimeForm> form;
  Bytes time;  // as given, when there is a form
};

// The form that this word names; nothing when it names none.
std::optional<TimeForm> TimeFormNamed(Bytes word);

// The options of SET (`args` after the value) and of GETEX (after the key); syntax errors are written.
std::optional<SetOptions> ParseSetOptions(engine::Args args, resp::Writer& reply);
std::optional<SetOptions> ParseGetExOptions(engine::Args args, resp::Writer& reply);

// The Unix time in milliseconds that a positive time in this form means. Errors are written: not an integer, or
// "invalid expire time in '<command>' command" when it is not positive or does not fit.
std::optional<int64_t> PositiveExpiry(Bytes time, TimeForm form, int64_t now_ms, Bytes command, resp::Writer& reply);

}  // namespace redislite::commands
