// RedisLite, through its public header.
#pragma once

#include <redislite.h>

#include <string>
#include <vector>

#include "macro/store.h"

namespace bench {

class RedisLite : public Store {
 public:
  // An empty directory keeps nothing on disk.
  RedisLite(const std::string& directory, const char* appendfsync);
  ~RedisLite() override;
  RedisLite(const RedisLite&) = delete;
  RedisLite& operator=(const RedisLite&) = delete;

  bool Set(std::string_view key, std::string_view value) override;
  bool Get(std::string_view key, std::string* value) override;
  bool Delete(std::string_view key) override;

  rl_db* db() { return db_; }
  // A command that must not fail; the integer that it answers, if it does.
  int64_t Command(const std::vector<std::string>& words);
  // A number of rl_info.
  double Info(const char* section, const std::string& name);

 private:
  rl_db* db_ = nullptr;
};

}  // namespace bench
