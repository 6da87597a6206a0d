// SlowLog: the last commands whose running took long (SLOWLOG). Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/command.h"

namespace redislite::engine {

class SlowLog {
 public:
  struct Entry {
    uint64_t id = 0;
    int64_t at_s = 0;  // Unix time
    int64_t took_us = 0;
    std::vector<std::string> args;  // cut as Redis does: 32 at most, of 128 bytes
    std::string address;
    std::string name;
  };

  void SetLengthMax(uint64_t entries) EXCLUDES(mu_);
  // Fills in the id.
  void Add(Entry entry) EXCLUDES(mu_);
  // The newest first.
  std::vector<Entry> Newest(size_t count_max) const EXCLUDES(mu_);
  size_t size() const EXCLUDES(mu_);
  void Clear() EXCLUDES(mu_);

  static std::vector<std::string> Cut(Args args);

 private:
  mutable Mutex mu_;
  std::deque<Entry> entries_ GUARDED_BY(mu_);
  uint64_t next_id_ GUARDED_BY(mu_) = 0;
  uint64_t length_max_ GUARDED_BY(mu_) = 128;
};

}  // namespace redislite::engine
