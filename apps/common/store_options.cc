#include "store_options.h"

#include <algorithm>
#include <string_view>

#include "settings.h"
#include "split.h"

namespace redislite::inline apps {
namespace {

constexpr StoreOption kStoreOptions[] = {
    {"appendfsync", "always|everysec|no", "when an acknowledged write is durable (always)"},
    {"create", "yes|no", "make the directory when it is missing (yes)"},
    {"read-only", "yes|no", "open without changing a byte (no)"},
    {"recovery", "strict|salvage", "damage: refuse, or keep what is valid (strict)"},
    {"snapshot-wal-bytes", "BYTES", "snapshot when the log is larger; 0 never (256mb)"},
    {"snapshot-interval", "SECONDS", "snapshot periodically; 0 never (0)"},
    {"maxmemory", "BYTES", "limit of the data set; 0 none (0)"},
    {"maxmemory-policy", "NAME", "Redis' policy at the limit (noeviction)"},
    {"maxmemory-samples", "N", "keys drawn to find the one that goes (5)"},
    {"reaper-interval-ms", "MS", "background removal of expired keys; 0 off (100)"},
    {"notify-keyspace-events", "LETTERS", "what is published of what happens to keys, as in redis.conf (none)"},
    {"wal-segment-bytes", "BYTES", "size at which a new segment of the log is begun (64mb)"},
    {"requirepass", "PASSWORD", "what sessions must say with AUTH (none)", true},
    {"client-query-buffer-limit", "BYTES", "an unfinished command that is larger ends its session (1gb)"},
    {"client-output-buffer-limit", "CLASS HARD SOFT SECONDS", "unread replies that end a session"},
    {"slowlog-log-slower-than", "US", "a command that runs longer is in SLOWLOG; -1 none (10000)"},
    {"slowlog-max-len", "N", "how many commands SLOWLOG keeps (128)"},
    {"latency-monitor-threshold", "MS", "what takes longer is in LATENCY; 0 off (0)"},
    {"proto-max-bulk-len", "BYTES", "an argument that is larger ends its session (512mb)"},
};

}  // namespace

std::span<const StoreOption> KnownStoreOptions() { return kStoreOptions; }

const StoreOption* FindStoreOption(const std::string& name) {
  const StoreOption* found = std::find_if(std::begin(kStoreOptions), std::end(kStoreOptions),
                                          [&](const StoreOption& o) { return EqualIgnoringCase(o.name, name); });
  return found != std::end(kStoreOptions) ? found : nullptr;
}

bool TakeStoreOption(const StoreOption& option, const Words& values, StoreOptions& options, std::string& error) {
  const std::string_view wanted = option.values;
  const auto count = static_cast<size_t>(1 + std::count(wanted.begin(), wanted.end(), ' '));
  if (values.size() != 1 && (count == 1 || values.empty() || values.size() % count != 0)) {
    error = "expected " + (count == 1 ? "one value" : std::to_string(count) + " values") + " for " + option.name;
    return false;
  }
  std::string text = values[0];
  for (size_t i = 1; i < values.size(); ++i) text.append(" ").append(values[i]);
  options.emplace_back(option.name, std::move(text));
  return true;
}

bool TakeStoreEnvironment(StoreOptions& options, std::string& error) {
  for (const StoreOption& option : KnownStoreOptions()) {
    error.clear();
    if (auto value = FromEnvironment(option.name, option.is_secret, error)) {
      options.emplace_back(option.name, std::move(*value));
    } else if (!error.empty()) {
      return false;
    }
  }
  return true;
}

OptionsHandle MakeOptions(const StoreOptions& options, void (*log)(void*, int, const char*), std::string& error) {
  rl_options* raw = nullptr;
  int code = rl_options_new(&raw);
  OptionsHandle made(raw, &rl_options_free);
  if (code == RL_OK) code = rl_options_set_log(raw, log, nullptr);
  for (const auto& [name, value] : options) {
    if (code == RL_OK) code = rl_options_set(raw, name.c_str(), value.c_str());
  }
  if (code == RL_OK) return made;
  error = ErrorMessage(nullptr, code);
  return {nullptr, &rl_options_free};
}

std::string ErrorMessage(rl_db* db, int code) {
  std::string message(rl_errmsg(db, nullptr, 0), '\0');
  if (message.empty()) return rl_strerror(code);
  // Another thread's failure may have put another text there meanwhile: what fits is copied, with its NUL.
  message.resize(message.size() + 1);
  const size_t length = rl_errmsg(db, message.data(), message.size());
  message.resize(std::min(length, message.size() - 1));
  return message;
}

}  // namespace redislite::inline apps
