// The log: lines on stderr, for a person or as JSON. Written with spdlog by every part of the server.
#pragma once

#include <string>

namespace redislite::server {

// `level` is one of Redis' names: debug, verbose, notice, warning.
void SetUpLog(const std::string& level, bool json);

// Changes what is logged from now on.
void SetLogLevel(const std::string& level);

// The library's messages, as rl_options_set_log wants it.
void LogOfStore(void* ctx, int level, const char* message);

}  // namespace redislite::server
