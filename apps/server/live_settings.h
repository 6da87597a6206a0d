// LiveSettings: what CONFIG SET may change while the server runs. Any thread reads and writes.
#pragma once

#include <atomic>

#include "options.h"

namespace redislite::server {

struct LiveSettings {
  explicit LiveSettings(const Options& options)
      : timeout_s(options.timeout_s),
        keepalive_s(options.keepalive_s),
        protected_mode(options.protected_mode) {}

  std::atomic<int> timeout_s;
  std::atomic<int> keepalive_s;
  std::atomic<bool> protected_mode;
};

}  // namespace redislite::server
