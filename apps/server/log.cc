#include "log.h"

#include <redislite.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>

namespace redislite::server {
namespace {

// The message as a JSON string.
class Quoted : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const nlohmann::json text(std::string(message.payload.data(), message.payload.size()));
    const std::string quoted = text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(quoted.data(), quoted.data() + quoted.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Quoted>(); }
};

spdlog::level::level_enum LevelNamed(const std::string& name) {
  if (name == "debug") return spdlog::level::trace;
  if (name == "verbose") return spdlog::level::debug;
  return name == "notice" ? spdlog::level::info : spdlog::level::warn;
}

}  // namespace

void SetUpLog(const std::string& level, bool json) {
  auto logger = std::make_shared<spdlog::logger>("redislite", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<Quoted>('*');
  formatter->set_pattern(json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","pid":%P,"level":"%l","message":%*})"
                              : "%P %Y-%m-%dT%H:%M:%S.%eZ %l: %v");
  logger->set_formatter(std::move(formatter));
  logger->set_level(LevelNamed(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void SetLogLevel(const std::string& level) { spdlog::set_level(LevelNamed(level)); }

void LogOfStore(void*, int level, const char* message) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  static_assert(RL_LOG_DEBUG == 0 && RL_LOG_ERROR == 3);
  if (level < RL_LOG_DEBUG || level > RL_LOG_ERROR) level = RL_LOG_ERROR;
  spdlog::log(kLevels[level], "{}", message);
}

}  // namespace redislite::server
