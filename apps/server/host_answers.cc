#include "host_answers.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <utility>

#include "config_file.h"
#include "descriptors.h"
#include "log.h"
#include "store.h"

namespace redislite::server {

HostAnswers::HostAnswers(rl_db* db, const Options& options, LiveSettings& live, std::function<void()> shut_down)
    : db_(db), live_(live), shut_down_(std::move(shut_down)), options_(options) {
  options_.directory = std::filesystem::absolute(options.directory).string();
  for (const auto& [name, value] : Settings(options_)) (void)rl_host_setting(db_, name.c_str(), value.c_str());
  // What tools ask for, and what is so here.
  for (const auto& [name, value] : {std::pair{"daemonize", "no"}, {"logfile", ""}, {"supervised", "auto"}}) {
    (void)rl_host_setting(db_, name, value);
  }
  saved_ = AllSettings(db_);
  (void)rl_host_answer(db_, &HostAnswers::Answer, this);
}

HostAnswers::~HostAnswers() { (void)rl_host_answer(db_, nullptr, nullptr); }

int HostAnswers::Answer(void* self, int request, const char* name, const char* value) {
  auto& me = *static_cast<HostAnswers*>(self);
  bool done = false;
  try {
    if (request == RL_HOST_SHUTDOWN) {
      me.shut_down_();
      done = true;
    }
    if (request == RL_HOST_CONFIG_SET) done = me.Set(name, value);
    if (request == RL_HOST_CONFIG_REWRITE) done = me.Rewrite();
  } catch (const std::exception& exception) {
    spdlog::error("{} {}: {}", request, name, exception.what());
  }
  return done ? RL_OK : RL_ERR_INVALID;
}

bool HostAnswers::Set(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  Options changed = options_;
  if (!TakeSetting(name, value, changed)) return false;
  if (name == "maxclients") {
    // The store itself keeps to it, once it is told.
    if (MakeRoomForClients(changed.clients_max) < changed.clients_max) return false;
  } else if (name == "timeout") {
    live_.timeout_s = changed.timeout_s;
  } else if (name == "tcp-keepalive") {
    live_.keepalive_s = changed.keepalive_s;
  } else if (name == "protected-mode") {
    live_.protected_mode = changed.protected_mode;
  } else if (name == "loglevel") {
    SetLogLevel(changed.log_level);
  } else {
    return false;  // it is settled when the server starts
  }
  options_ = std::move(changed);
  for (const auto& [each, text] : Settings(options_)) {
    if (each == name && rl_host_setting(db_, name.c_str(), text.c_str()) != RL_OK) return false;
  }
  return true;
}

bool HostAnswers::Rewrite() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> now = AllSettings(db_);
  std::map<std::string, std::string> changed;
  for (const auto& [name, value] : now) {
    if (saved_[name] != value) changed[name] = value;
  }
  std::string error;
  if (!RewriteConfigFile(options_.config_file, changed, error)) {
    spdlog::warn("CONFIG REWRITE failed: {}", error);
    return false;
  }
  saved_ = std::move(now);
  return true;
}

}  // namespace redislite::server
