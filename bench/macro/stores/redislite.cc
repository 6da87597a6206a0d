#include "macro/stores/redislite.h"

namespace bench {

RedisLite::RedisLite(const std::string& directory, const char* appendfsync) {
  rl_options* options = nullptr;
  Require(rl_options_new(&options) == RL_OK, "rl_options_new");
  rl_options_set(options, "appendfsync", appendfsync);
  rl_options_set(options, "snapshot-wal-bytes", "0");
  const int code = rl_open(directory.empty() ? nullptr : directory.c_str(), options, &db_);
  rl_options_free(options);
  Require(code == RL_OK, "rl_open");
}

RedisLite::~RedisLite() { rl_close(db_); }

bool RedisLite::Set(std::string_view key, std::string_view value) {
  return rl_set(db_, key.data(), key.size(), value.data(), value.size()) == RL_OK;
}

bool RedisLite::Get(std::string_view key, std::string* value) {
  char buffer[512];
  size_t size = 0;
  if (rl_get_into(db_, key.data(), key.size(), buffer, sizeof buffer, &size) != RL_OK) return false;
  if (size <= sizeof buffer) {
    value->assign(buffer, size);
    return true;
  }
  value->resize(size);
  return rl_get_into(db_, key.data(), key.size(), value->data(), size, &size) == RL_OK;
}

bool RedisLite::Delete(std::string_view key) { return rl_del(db_, key.data(), key.size()) == RL_OK; }

}  // namespace bench
