// CONFIG: the options of an open store, from the table of engine/options.h.
#include <string>
#include <vector>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "engine/options.h"

namespace redislite::commands {
namespace {

using engine::Context;
using engine::Options;
using engine::OptionSpec;

void WriteSetFailed(Bytes name, Bytes why, resp::Writer& reply) {
  std::string text = "ERR CONFIG SET failed (possibly related to argument '";
  reply.Error(Code::kInvalid, text.append(name).append("') - ").append(why));
}

struct Setting {
  const OptionSpec* spec;
  Bytes value;
};

// The settings that the arguments ask for, all of them known, changeable, named once and well-formed; or nothing,
// after writing an error.
std::vector<Setting> ParseSettings(Context& c) {
  std::vector<Setting> settings;
  for (size_t i = 2; i < c.args().size(); i += 2) {
    const Bytes name = c.arg(i);
    const OptionSpec* spec = engine::FindOption(name);
    if (spec == nullptr) {
      std::string text = "ERR Unknown option or number of arguments for CONFIG SET - '";
      c.reply().Error(Code::kInvalid, text.append(name).append("'"));
      return {};
    }
    if (!spec->changeable) {
      WriteSetFailed(name, "can't set immutable config", c.reply());
      return {};
    }
    for (const Setting& earlier : settings) {
      if (earlier.spec != spec) continue;
      WriteSetFailed(name, "duplicate parameter", c.reply());
      return {};
    }
    settings.push_back({spec, c.arg(i + 1)});
  }
  Options scratch;
  for (const Setting& setting : settings) {
    if (setting.spec->parse(scratch, setting.value)) continue;
    WriteSetFailed(setting.spec->name, std::string("argument must be ").append(setting.spec->allowed), c.reply());
    return {};
  }
  return settings;
}

}  // namespace

void ConfigGet(Context& c) {
  const Options options = c.engine().options();
  std::vector<const OptionSpec*> found;
  for (const OptionSpec& spec : engine::OptionTable()) {
    for (const Bytes pattern : c.args().subspan(2)) {
      if (!GlobMatch(pattern, spec.name, true)) continue;
      found.push_back(&spec);
      break;
    }
  }
  c.reply().Map(found.size());
  for (const OptionSpec* spec : found) {
    c.reply().Bulk(spec->name);
    c.reply().Bulk(spec->print(options));
  }
}

void ConfigSet(Context& c) {
  if (c.args().size() % 2 != 0) return c.SyntaxError();
  const std::vector<Setting> settings = ParseSettings(c);
  if (settings.empty()) return;
  const Options before = c.engine().options();
  for (size_t i = 0; i < settings.size(); ++i) {
    const Status set = c.engine().ConfigSet(settings[i].spec->name, settings[i].value);
    if (set.ok()) continue;
    // All or none: what was set is set back.
    for (size_t j = 0; j < i; ++j) {
      const Status restored = c.engine().ConfigSet(settings[j].spec->name, settings[j].spec->print(before));
      (void)restored;  // it was in force a moment ago
    }
    return WriteSetFailed(settings[i].spec->name, set.message(), c.reply());
  }
  c.reply().Ok();
}

void ConfigResetStat(Context& c) {
  c.engine().ResetStatistics();
  c.reply().Ok();
}

void ConfigHelp(Context& c) {
  WriteHelp("CONFIG",
            {
                "GET <pattern> [<pattern> ...]",
                "    Reply the options whose names match a glob pattern, with their values.",
                "SET <option> <value> [<option> <value> ...]",
                "    Change options of the open store: all of them or none.",
                "RESETSTAT",
                "    Set the counters that INFO shows back to 0.",
            },
            c.reply());
}

}  // namespace redislite::commands
