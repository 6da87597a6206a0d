// Store: a store on a simulated machine, opened through the public C API.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "redislite.h"
#include "tests/support/sim_file_system.h"

namespace redislite::crash {

using Argv = std::vector<std::string>;

// A clock that stands still until it is set.
using Clock = std::atomic<int64_t>;

struct StoreSettings {
  std::string appendfsync = "always";
  std::string segment_bytes = "4kb";
  // above 0: a service thread ticks, and the order of operations is up to the scheduler; 0: there is none
  int reaper_interval_ms = 0;
  bool read_only = false;
};

class Store {
 public:
  Store() = default;
  ~Store() { Close(); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Both must outlive the store. Empty, or what is wrong.
  std::string Open(sim::SimFileSystem& files, const std::string& path, const StoreSettings& settings, Clock& clock);
  std::string Close();
  rl_db* db() const { return db_; }

  // Runs a command; its reply is dropped, but an error reply is returned (empty: none).
  std::string Run(const Argv& argv);
  // The commands as one batch.
  std::string RunBatch(const std::vector<Argv>& commands);

  // All of database 0 as text, a line a key in order: "name S value", "name L element element", "name H field value
  // field value", each followed by "@time" when it expires. In `error` what went wrong.
  std::string Dump(std::string* error);

 private:
  std::string Failure(const char* call, int code) const;

  rl_db* db_ = nullptr;
};

}  // namespace redislite::crash
