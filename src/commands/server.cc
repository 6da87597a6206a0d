// The commands that concern the store as a whole: its facts, its clock, its snapshots.
#include <algorithm>
#include <string>
#include <vector>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {
namespace {

using engine::Context;

void WriteFailure(const Status& status, resp::Writer& reply) { reply.Error(status.code(), "ERR " + status.message()); }

}  // namespace

void Info(Context& c) { c.reply().Verbatim(c.engine().Info(c.args().subspan(1))); }

void Time(Context& c) {
  const int64_t now_ms = c.now_ms();
  c.reply().Array(2);
  c.reply().BulkInteger(now_ms / 1000);
  c.reply().BulkInteger(now_ms % 1000 * 1000);
}

void Save(Context& c) {
  const Status saved = c.engine().Snapshot();
  if (!saved.ok()) return WriteFailure(saved, c.reply());
  c.reply().Ok();
}

void BgSave(Context& c) {
  // SCHEDULE is for a server that rewrites its append-only file by a child process; here there is nothing to wait for.
  const bool schedule = c.args().size() == 2 && EqualsIgnoreCase(c.arg(1), "schedule");
  if (c.args().size() > 1 && !schedule) return c.SyntaxError();
  const Status started = c.engine().StartBackgroundSnapshot();
  if (started.code() == Code::kBusy) return c.reply().Error(Code::kBusy, "ERR Background save already in progress");
  if (!started.ok()) return WriteFailure(started, c.reply());
  c.reply().Status("Background saving started");
}

// The log is rewritten by a snapshot, which takes the place of what is before it.
void BgRewriteAof(Context& c) {
  const Status started = c.engine().StartBackgroundSnapshot();
  if (started.code() == Code::kBusy) {
    return c.reply().Error(Code::kBusy, "ERR Background append only file rewriting already in progress");
  }
  if (!started.ok()) return WriteFailure(started, c.reply());
  c.reply().Status("Background append only file rewriting started");
}

void LastSave(Context& c) { c.reply().Integer(c.engine().last_save_s()); }

}  // namespace redislite::commands
