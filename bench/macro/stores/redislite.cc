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

int64_t RedisLite::Command(const std::vector<std::string>& words) {
  std::vector<const char*> argv;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    sizes.push_back(word.size());
  }
  rl_reply* reply = nullptr;
  Require(rl_command(db_, argv.size(), argv.data(), sizes.data(), &reply) == RL_OK, words[0]);
  const int64_t integer = rl_reply_integer(reply);
  const bool failed = rl_reply_type(reply) == RL_REPLY_ERROR;
  rl_reply_free(reply);
  Require(!failed, words[0] + " failed");
  return integer;
}

double RedisLite::Info(const char* section, const std::string& name) {
  char* text = nullptr;
  Require(rl_info(db_, section, &text, nullptr) == RL_OK, "rl_info");
  const std::string info(text);
  rl_buffer_free(text);
  const size_t at = info.find("\n" + name + ":");
  Require(at != std::string::npos, "INFO has no " + name);
  return std::stod(info.substr(at + name.size() + 2));
}

bool RedisLite::Delete(std::string_view key) { return rl_del(db_, key.data(), key.size()) == RL_OK; }

}  // namespace bench
