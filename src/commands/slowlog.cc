// SLOWLOG: the last commands that ran long.
#include <limits>
#include <optional>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/command_statistics.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {

using engine::Context;
using engine::SlowLog;

void SlowLogGet(Context& c) {
  constexpr size_t kCountDefault = 10;
  if (c.args().size() > 3) return c.WrongArity();
  size_t count = kCountDefault;
  if (c.args().size() == 3) {
    const std::optional<int64_t> asked =
        AtLeastArgument(c.arg(2), -1, "ERR count should be greater than or equal to -1", c.reply());
    if (!asked) return;
    count = *asked < 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(*asked);
  }
  const std::vector<SlowLog::Entry> entries = c.engine().command_statistics().slow_log().Newest(count);
  c.reply().Array(entries.size());
  for (const SlowLog::Entry& entry : entries) {
    c.reply().Array(6);
    c.reply().Integer(static_cast<int64_t>(entry.id));
    c.reply().Integer(entry.at_s);
    c.reply().Integer(entry.took_us);
    c.reply().Array(entry.args.size());
    for (const std::string& arg : entry.args) c.reply().Bulk(arg);
    c.reply().Bulk(entry.address);
    c.reply().Bulk(entry.name);
  }
}

void SlowLogLen(Context& c) {
  c.reply().Integer(static_cast<int64_t>(c.engine().command_statistics().slow_log().size()));
}

void SlowLogReset(Context& c) {
  c.engine().command_statistics().slow_log().Clear();
  c.reply().Ok();
}

void SlowLogHelp(Context& c) {
  WriteHelp("SLOWLOG",
            {
                "GET [<count>]",
                "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
                "    Entries are made of:",
                "    id, timestamp, time in microseconds, arguments array, client IP and port,",
                "    client name",
                "LEN",
                "    Return the length of the slowlog.",
                "RESET",
                "    Reset the slowlog.",
            },
            c.reply());
}

}  // namespace redislite::commands
