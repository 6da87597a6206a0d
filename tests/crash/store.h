// Store: a store on a simulated machine (or a real directory), opened through the public C API.
#pragma once

#include <atomic>
#include <string>
#include <utility>
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
  std::string recovery = "strict";
};

class Store {
 public:
  Store() = default;
  ~Store() { Close(); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Both must outlive the store. Empty, or what is wrong.
  std::string Open(os::FileSystem& files, const std::string& path, const StoreSettings& settings, Clock& clock);
  // Options for rl_open of such a store; null: rl_options_new or rl_options_set has failed.
  static rl_options* NewOptions(os::FileSystem& files, const StoreSettings& settings, Clock& clock);
  // Takes over a handle that rl_open gave.
  void Adopt(rl_db* db) { db_ = db; }
  rl_db* Release() { return std::exchange(db_, nullptr); }
  std::string Close();
  rl_db* db() const { return db_; }
  // What the last Open, Close, Run or RunBatch came to: its RL_* code, or that of the error reply.
  int code() const { return code_; }

  // Runs a command; its reply is dropped, but an error reply is returned (empty: none).
  std::string Run(const Argv& argv);
  // The commands as one batch.
  std::string RunBatch(const std::vector<Argv>& commands);
  // The commands between MULTI and EXEC, in a session.
  std::string RunTransaction(const std::vector<Argv>& commands);
  // Each of the first in a session of its own, where it waits for a key, then the command that feeds them all.
  std::string RunWithWaiters(const std::vector<Argv>& waiting, const Argv& push);

  // All of database 0 as text, a line a key in order: "name S value", "name L element element", "name H field value
  // field value", "name T member member", "name Z member score member score", each followed by "@time" when it
  // expires. In `error` what went wrong.
  std::string Dump(std::string* error);

 private:
  std::string Failure(const char* call, int code);

  rl_db* db_ = nullptr;
  int code_ = RL_OK;
};

}  // namespace redislite::crash
