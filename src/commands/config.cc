// CONFIG: the options of an open store, from the table of engine/options.h, and the settings of the program around it.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/fixed_settings.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "engine/options.h"

namespace redislite::commands {
namespace {

using engine::Context;
using engine::HostRequest;
using engine::Options;
using engine::OptionSpec;

void WriteSetFailed(Bytes name, Bytes why, resp::Writer& reply) {
  std::string text = "ERR CONFIG SET failed (possibly related to argument '";
  reply.Error(Code::kInvalid, text.append(name).append("') - ").append(why));
}

// What CONFIG knows by a name: an option of the store, a setting of the program around it, or a fixed one.
struct Known {
  std::string name;
  std::string value;
  const OptionSpec* option = nullptr;
  bool fixed = false;
};

// By their names. The host's win: it knows better where its store lies.
std::map<std::string, Known> KnownSettings(engine::Engine& engine) {
  std::map<std::string, Known> known;
  const auto add = [&](Known one) { known[one.name] = std::move(one); };
  for (auto& [name, value] : FixedSettings(engine)) add({name, std::move(value), nullptr, true});
  const Options options = engine.options();
  for (const OptionSpec& spec : engine::OptionTable()) add({spec.name, spec.print(options), &spec});
  for (const auto& [name, value] : engine.host().settings()) add({name, value});
  return known;
}

std::string LowerCase(Bytes text) {
  std::string lower(text);
  for (char& byte : lower) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lower;
}

struct Setting {
  const Known* known;
  Bytes value;
};

// The settings that the arguments ask for, all of them known, changeable, named once and well-formed; or nothing,
// after writing an error.
std::vector<Setting> ParseSettings(Context& c, const std::map<std::string, Known>& known) {
  std::vector<Setting> settings;
  Options scratch;
  for (size_t i = 2; i < c.args().size(); i += 2) {
    const Bytes name = c.arg(i);
    const auto found = known.find(LowerCase(name));
    if (found == known.end()) {
      std::string text = "ERR Unknown option or number of arguments for CONFIG SET - '";
      c.reply().Error(Code::kInvalid, text.append(name).append("'"));
      return {};
    }
    const Setting setting = {&found->second, c.arg(i + 1)};
    const OptionSpec* option = setting.known->option;
    // A fixed one may be said again: programs that want what is so anyhow need not know.
    if (option != nullptr ? !option->changeable : setting.known->fixed && setting.value != setting.known->value) {
      WriteSetFailed(name, "can't set immutable config", c.reply());
      return {};
    }
    for (const Setting& earlier : settings) {
      if (earlier.known != setting.known) continue;
      WriteSetFailed(name, "duplicate parameter", c.reply());
      return {};
    }
    settings.push_back(setting);
  }
  for (const Setting& setting : settings) {
    const OptionSpec* option = setting.known->option;
    if (option == nullptr || option->parse(scratch, setting.value)) continue;
    WriteSetFailed(setting.known->name, std::string("argument must be ").append(option->allowed), c.reply());
    return {};
  }
  return settings;
}

Status Change(engine::Engine& engine, const Known& known, Bytes value) {
  if (known.option != nullptr) return engine.ConfigSet(known.name, value);
  if (known.fixed) return Status::Ok();
  if (!engine.host().Ask(HostRequest::kConfigSet, known.name, std::string(value))) {
    return {Code::kInvalid, "it cannot be changed to '" + std::string(value) + "' while the program runs"};
  }
  return Status::Ok();
}

}  // namespace

void ConfigGet(Context& c) {
  const std::map<std::string, Known> known = KnownSettings(c.engine());
  std::vector<const Known*> found;
  for (const auto& [name, setting] : known) {
    const auto matches = [&name = name](Bytes pattern) { return GlobMatch(pattern, name, true); };
    const engine::Args patterns = c.args().subspan(2);
    if (std::any_of(patterns.begin(), patterns.end(), matches)) found.push_back(&setting);
  }
  c.reply().Map(found.size());
  for (const Known* setting : found) {
    c.reply().Bulk(setting->name);
    c.reply().Bulk(setting->value);
  }
}

void ConfigSet(Context& c) {
  if (c.args().size() % 2 != 0) return c.SyntaxError();
  const std::map<std::string, Known> before = KnownSettings(c.engine());
  const std::vector<Setting> settings = ParseSettings(c, before);
  if (settings.empty()) return;
  for (size_t i = 0; i < settings.size(); ++i) {
    const Status set = Change(c.engine(), *settings[i].known, settings[i].value);
    if (set.ok()) continue;
    // All or none: what was set is set back.
    for (size_t j = 0; j < i; ++j) {
      const Status restored = Change(c.engine(), *settings[j].known, settings[j].known->value);
      (void)restored;  // it was in force a moment ago
    }
    return WriteSetFailed(settings[i].known->name, set.message(), c.reply());
  }
  c.reply().Ok();
}

void ConfigRewrite(Context& c) {
  engine::Host& host = c.engine().host();
  if (host.settings()["config"].empty()) {
    return c.reply().Error(Code::kInvalid, "ERR The server is running without a config file");
  }
  if (!host.Ask(HostRequest::kConfigRewrite, "", "")) {
    return c.reply().Error(Code::kInvalid, "ERR Rewriting config file: the program's log says why it failed");
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
                "REWRITE",
                "    Write what was changed into the file that the program was started with.",
                "RESETSTAT",
                "    Set the counters that INFO shows back to 0.",
            },
            c.reply());
}

}  // namespace redislite::commands
