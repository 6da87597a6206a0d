#include "options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <utility>

#include "settings.h"
#include "split.h"

namespace redislite::server {
namespace {

// ---- Values. Each gives false when the words are not such a value.

bool TakeNumber(const std::string& text, int low, int high, int& out) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size() || number < low || number > high) return false;
  out = number;
  return true;
}

bool TakePort(const std::string& text, int& out) {
  if (EqualIgnoringCase(text, "any")) return out = kAnyPort, true;
  if (!TakeNumber(text, 0, 65535, out)) return false;
  if (out == 0) out = kNoPort;
  return true;
}

bool TakeYesNo(const std::string& text, bool& out) {
  const bool yes = EqualIgnoringCase(text, "yes");
  if (!yes && !EqualIgnoringCase(text, "no")) return false;
  out = yes;
  return true;
}

// As in redis.conf: 4096, 4k (thousands), 4kb (1024 each), up to 1gb.
bool TakeBytes(const std::string& text, size_t& out) {
  size_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc()) return false;
  const std::string unit = ToLower(std::string_view(end, static_cast<size_t>(text.data() + text.size() - end)));
  size_t factor = 0;
  for (const auto& [name, bytes] : {std::pair<const char*, size_t>{"", 1},
                                    {"b", 1},
                                    {"k", 1000},
                                    {"kb", 1 << 10},
                                    {"m", 1000 * 1000},
                                    {"mb", 1 << 20},
                                    {"gb", 1 << 30}}) {
    if (unit == name) factor = bytes;
  }
  constexpr size_t kMax = 1 << 30;
  if (factor == 0 || number == 0 || number > kMax / factor) return false;
  out = number * factor;
  return true;
}

bool TakeMode(const std::string& text, int& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out, 8);
  return code == std::errc() && end == text.data() + text.size() && out >= 0 && out <= 0777;
}

bool TakeOneOf(const std::string& text, std::initializer_list<const char*> names, std::string& out) {
  for (const char* name : names) {
    if (EqualIgnoringCase(text, name)) return out = name, true;
  }
  return false;
}

// ---- Values as CONFIG GET and a file have them.

std::string PrintPort(int port) { return std::to_string(port == kNoPort ? 0 : port); }
std::string PrintYesNo(bool value) { return value ? "yes" : "no"; }

std::string PrintMode(int mode) {
  std::ostringstream text;
  text << std::oct << mode;
  return text.str();
}

std::string PrintWords(const Words& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

// ---- The directives of the server itself.

constexpr int kMany = std::numeric_limits<int>::max();

struct Directive {
  const char* name;
  const char* values;  // as --help shows them
  const char* meaning;
  bool (*take)(Options&, const std::string&);  // one word
  std::string (*print)(const Options&);
};

constexpr Directive kDirectives[] = {
    {"dir", "DIR", "the store's directory (./data)",
     [](Options& o, const std::string& v) { return o.directory = v, !v.empty(); },
     [](const Options& o) { return o.directory; }},
    {"port", "PORT", "TCP port; 0 none, `any` a free one (6379)",
     [](Options& o, const std::string& v) { return TakePort(v, o.port); },
     [](const Options& o) { return PrintPort(o.port); }},
    {"bind", "ADDRESS...", "addresses to listen on; -ADDRESS may be missing (127.0.0.1 -::1)",
     [](Options& o, const std::string& v) { return o.bind.push_back(v), !v.empty(); },
     [](const Options& o) { return PrintWords(o.bind); }},
    {"unixsocket", "PATH", "a socket in the file system (none)",
     [](Options& o, const std::string& v) { return o.unix_socket = v, true; },
     [](const Options& o) { return o.unix_socket; }},
    {"unixsocketperm", "OCTAL", "its permissions (as the umask says)",
     [](Options& o, const std::string& v) { return TakeMode(v, o.unix_socket_mode); },
     [](const Options& o) { return PrintMode(o.unix_socket_mode); }},
    {"framed-port", "PORT", "TCP port of the length-prefixed protocol; 0 none, `any` a free one (0)",
     [](Options& o, const std::string& v) { return TakePort(v, o.framed_port); },
     [](const Options& o) { return PrintPort(o.framed_port); }},
    {"framed-max-bytes", "BYTES", "a larger frame ends its connection (4096)",
     [](Options& o, const std::string& v) { return TakeBytes(v, o.framed_bytes_max); },
     [](const Options& o) { return std::to_string(o.framed_bytes_max); }},
    {"protected-mode", "yes|no", "without a password serve loopback addresses only (yes)",
     [](Options& o, const std::string& v) { return TakeYesNo(v, o.protected_mode); },
     [](const Options& o) { return PrintYesNo(o.protected_mode); }},
    {"maxclients", "N", "connections at a time (10000)",
     [](Options& o, const std::string& v) { return TakeNumber(v, 1, kMany, o.clients_max); },
     [](const Options& o) { return std::to_string(o.clients_max); }},
    {"timeout", "SECONDS", "an idle client is disconnected; 0 never (0)",
     [](Options& o, const std::string& v) { return TakeNumber(v, 0, kMany, o.timeout_s); },
     [](const Options& o) { return std::to_string(o.timeout_s); }},
    {"tcp-keepalive", "SECONDS", "dead peers are looked for; 0 never (300)",
     [](Options& o, const std::string& v) { return TakeNumber(v, 0, kMany, o.keepalive_s); },
     [](const Options& o) { return std::to_string(o.keepalive_s); }},
    {"tcp-backlog", "N", "connections that may wait to be accepted (511)",
     [](Options& o, const std::string& v) { return TakeNumber(v, 1, kMany, o.backlog); },
     [](const Options& o) { return std::to_string(o.backlog); }},
    {"io-threads", "N", "threads that serve connections (1)",
     [](Options& o, const std::string& v) { return TakeNumber(v, 1, 128, o.threads); },
     [](const Options& o) { return std::to_string(o.threads); }},
    {"pidfile", "PATH", "where to write the process id (none)",
     [](Options& o, const std::string& v) { return o.pid_file = v, true; },
     [](const Options& o) { return o.pid_file; }},
    {"port-file", "PATH", "where to write the ports that are listened on (none)",
     [](Options& o, const std::string& v) { return o.port_file = v, true; },
     [](const Options& o) { return o.port_file; }},
    {"loglevel", "debug|verbose|notice|warning", "what is logged (notice)",
     [](Options& o, const std::string& v) {
       return TakeOneOf(v, {"debug", "verbose", "notice", "warning"}, o.log_level);
     },
     [](const Options& o) { return o.log_level; }},
    {"log-format", "text|json", "how (text)",
     [](Options& o, const std::string& v) {
       std::string format;
       if (!TakeOneOf(v, {"text", "json"}, format)) return false;
       o.log_is_json = format == "json";
       return true;
     },
     [](const Options& o) { return std::string(o.log_is_json ? "json" : "text"); }},
};

bool Take(const Directive& directive, const Words& values, Options& options, std::string& error) {
  const bool is_list = std::string_view(directive.values).ends_with("...");
  if (values.empty() || (values.size() > 1 && !is_list)) {
    return error = std::string("expected ") + (is_list ? "values" : "one value") + " for " + directive.name, false;
  }
  if (is_list) options.bind.clear();  // the only list
  for (const std::string& value : values) {
    if (!directive.take(options, value)) {
      error = std::string(directive.name) + ": " + QuoteIfNeeded(value) + " is not " + directive.values;
      return false;
    }
  }
  return true;
}

// A name and its values from anywhere.
bool TakeSettingNamed(const std::string& name, const Words& values, Options& options, std::string& error) {
  for (const Directive& directive : kDirectives) {
    if (EqualIgnoringCase(directive.name, name)) return Take(directive, values, options, error);
  }
  if (const StoreOption* option = FindStoreOption(name)) {
    return TakeStoreOption(*option, values, options.store_options, error);
  }
  return error = "there is no directive " + QuoteIfNeeded(name), false;
}

bool TakeText(const Directive& directive, const std::string& text, Options& options, std::string& error) {
  Words values = {text};
  if (std::string_view(directive.values).ends_with("...") && !SplitLine(text, values, error)) return false;
  return Take(directive, values, options, error);
}

bool TakeEnvironment(Options& options, std::string& error) {
  for (const Directive& directive : kDirectives) {
    const std::optional<std::string> value = FromEnvironment(directive.name, false, error);
    if (value && !TakeText(directive, *value, options, error)) return error = "environment: " + error, false;
  }
  return TakeStoreEnvironment(options.store_options, error);
}

}  // namespace

bool ParseOptions(const Words& arguments, Options& options, std::string& error) {
  CLI::App app;
  app.set_help_flag("");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  std::string directory, file;
  std::vector<std::pair<const Directive*, std::string>> given;
  StoreOptions given_to_store;
  app.add_option("DIR", directory);
  app.add_option("--config", file);
  app.add_flag_callback("-h,--help", [&] { options.task = Task::kHelp; });
  app.add_flag_callback("-v,--version", [&] { options.task = Task::kVersion; });
  for (const Directive& directive : kDirectives) {
    app.add_option_function<std::string>(std::string("--") + directive.name,
                                         [&](const std::string& value) { given.emplace_back(&directive, value); });
  }
  for (const StoreOption& option : KnownStoreOptions()) {
    app.add_option_function<std::string>(std::string("--") + option.name, [&](const std::string& value) {
      given_to_store.emplace_back(option.name, value);
    });
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& exception) {
    return error = exception.what(), false;
  }

  const redislite::TakeSetting take = [&](const std::string& name, const Words& values, std::string& problem) {
    return TakeSettingNamed(name, values, options, problem);
  };
  options.config_file = file;
  if (!file.empty() && !ReadSettings(file, take, error)) return false;
  if (!TakeEnvironment(options, error)) return false;
  for (const auto& [directive, value] : given) {
    if (!TakeText(*directive, value, options, error)) return error = "--" + error, false;
  }
  if (!directory.empty()) options.directory = directory;
  options.store_options.insert(options.store_options.end(), given_to_store.begin(), given_to_store.end());
  return true;
}

bool TakeSetting(const std::string& name, const std::string& value, Options& options) {
  std::string error;
  return std::any_of(std::begin(kDirectives), std::end(kDirectives), [&](const Directive& directive) {
    return EqualIgnoringCase(directive.name, name) && TakeText(directive, value, options, error);
  });
}

std::vector<std::pair<std::string, std::string>> Settings(const Options& options) {
  std::vector<std::pair<std::string, std::string>> settings = {{"config", options.config_file}};
  for (const Directive& directive : kDirectives) settings.emplace_back(directive.name, directive.print(options));
  return settings;
}

bool IsList(const std::string& name) {
  for (const Directive& directive : kDirectives) {
    if (EqualIgnoringCase(directive.name, name)) return std::string_view(directive.values).ends_with("...");
  }
  const StoreOption* option = FindStoreOption(name);
  return option != nullptr && std::string_view(option->values).find(' ') != std::string_view::npos;
}

std::string HelpText() {
  std::string text = R"(redislite-server - RedisLite for clients of Redis

SYNOPSIS
  redislite-server [OPTIONS] [DIR]

DESCRIPTION
  Opens the store in the directory DIR (./data; :memory: keeps nothing on disk) and serves it over TCP, and over a
  socket in the file system, in Redis' protocol. SIGTERM and SIGINT stop it, with everything on the device.

  Each option can also stand in the environment (REDISLITE_TCP_KEEPALIVE), and in the file of --config, a line
  each, in the grammar of redis.conf. The command line wins over the environment, that over the file. A secret can
  be read from a file: REDISLITE_REQUIREPASS_FILE.

OPTIONS (defaults in brackets)
)";
  const auto add = [&text](const std::string& name, const char* values, const char* meaning) {
    std::string left = "  --" + name + ' ' + values;
    left.resize(std::max<size_t>(left.size() + 2, 42), ' ');
    text += left + meaning + '\n';
  };
  add("config", "FILE", "settings in the grammar of redis.conf (none)");
  for (const Directive& directive : kDirectives) add(directive.name, directive.values, directive.meaning);
  text += "  -v, --version                           print the version\n";
  text += "  -h, --help                              print this\n";
  text += "\nOPTIONS OF THE STORE (here appendfsync is everysec when nothing else is said)\n";
  for (const StoreOption& option : KnownStoreOptions()) add(option.name, option.values, option.meaning);
  return text;
}

}  // namespace redislite::server
