// LocalStore: RedisLite in this process, through the public C API.
//
// The clock stands still unless a vector moves it. A crash is imitated from outside: the files are copied while the
// store is open and busy, without the LOCK file, and the copy is opened; what a process that dies leaves behind is
// exactly that. Around every crash and reopen the whole of database 0 is compared by itself, whatever the vector asks
// afterwards.
#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "redislite.h"
#include "target.h"

namespace vectors {

// The reply of the C API as a tree of ours.
Reply FromCApi(const rl_reply* reply);

class LocalStore : public Target {
 public:
  // kStill: the clock moves only when a vector says so.
  enum class Clock { kStill, kReal };
  // `directory` is made, used for the stores and removed at the end. `options` are names and values for rl_options_set.
  LocalStore(std::string directory, std::vector<std::pair<std::string, std::string>> options,
             Clock clock = Clock::kStill);
  ~LocalStore() override;
  LocalStore(const LocalStore&) = delete;
  LocalStore& operator=(const LocalStore&) = delete;

  bool Begin(std::string* error) override;
  Reply Run(const std::vector<std::string>& words) override { return Command(words); }
  Outcome Reopen(std::string* error) override;
  Outcome Crash(std::string* error) override;
  Outcome Advance(int64_t ms, std::string* error) override;
  bool time_passes() const override { return clock_ == Clock::kReal; }

 protected:
  rl_db* db() { return db_; }
  int64_t now_ms() const { return now_ms_.load(); }
  const std::vector<std::pair<std::string, std::string>>& options() const { return options_; }

  // The store at the path, of whoever has it open. False: `error` says why.
  virtual bool OpenStore(const std::string& path, std::string* error);
  virtual bool CloseStore(std::string* error);
  // One call of rl_command.
  virtual Reply Command(const std::vector<std::string>& words);

 private:
  bool Open(std::string* error) { return OpenStore(path_, error); }
  void Drop();
  bool CopyStore(const std::string& to, std::string* error);
  bool SameAsBefore(const std::vector<std::string>& before, const char* what, std::string* error);
  // Everything in database 0, a line a key, sorted.
  std::vector<std::string> Contents();

  const std::string root_;
  const std::vector<std::pair<std::string, std::string>> options_;
  const Clock clock_;
  std::string path_;
  int generation_ = 0;
  rl_db* db_ = nullptr;
  std::atomic<int64_t> now_ms_;
};

}  // namespace vectors
