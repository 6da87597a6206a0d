// HostAnswers: what the store's clients can ask of the server itself, by CONFIG and SHUTDOWN.
#pragma once

#include <redislite.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "live_settings.h"
#include "options.h"

namespace redislite::server {

class HostAnswers {
 public:
  // Tells the store of the server's settings and answers for it from then on, on any thread. `shut_down` is to begin
  // the server's end and must not wait for it.
  HostAnswers(rl_db* db, const Options& options, LiveSettings& live, std::function<void()> shut_down);
  ~HostAnswers();
  HostAnswers(const HostAnswers&) = delete;
  HostAnswers& operator=(const HostAnswers&) = delete;

 private:
  static int Answer(void* self, int request, const char* name, const char* value);
  bool Set(const std::string& name, const std::string& value);
  bool Rewrite();

  rl_db* const db_;
  LiveSettings& live_;
  const std::function<void()> shut_down_;
  std::mutex mutex_;
  Options options_;                           // under the mutex
  std::map<std::string, std::string> saved_;  // under the mutex: what the file says, or need not say
};

}  // namespace redislite::server
