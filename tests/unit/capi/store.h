// What the tests of the C API share: a directory that goes away, a store that is closed, replies on one line.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "redislite.h"

namespace redislite::capi {

// A new directory, removed at the end with what is in it.
class Directory {
 public:
  Directory() {
    std::string pattern = testing::TempDir() + "redislite-capi-XXXXXX";
    path_ = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    EXPECT_NE(path_, "");
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string Message(rl_db* db) {
  std::string text(rl_errmsg(db, nullptr, 0) + 1, '?');
  rl_errmsg(db, text.data(), text.size());
  EXPECT_EQ(text.back(), '\0');
  text.pop_back();
  return text;
}

using OptionList = std::vector<std::pair<std::string, std::string>>;

// Options that are released.
class Options {
 public:
  explicit Options(const OptionList& list = OptionList()) {
    EXPECT_EQ(rl_options_new(&options_), RL_OK);
    for (const auto& [name, value] : list)
      EXPECT_EQ(rl_options_set(options_, name.c_str(), value.c_str()), RL_OK) << name;
  }
  ~Options() { rl_options_free(options_); }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  rl_options* get() const { return options_; }

 private:
  rl_options* options_ = nullptr;
};

// An open store; in memory unless a path is given.
class Store {
 public:
  explicit Store(const char* path = nullptr, const OptionList& list = OptionList())
      : Store(path, Options(list).get()) {}
  Store(const char* path, const rl_options* options) {
    EXPECT_EQ(rl_open(path, options, &db_), RL_OK) << Message(nullptr);
  }
  ~Store() { EXPECT_EQ(rl_close(db_), RL_OK); }
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  operator rl_db*() const { return db_; }  // NOLINT(google-explicit-constructor): goes wherever a handle goes

  // Closes early; answers rl_close's code. The closed handle is given back, to be misused.
  std::pair<int, rl_db*> Close() {
    rl_db* const closed = std::exchange(db_, nullptr);
    return {rl_close(closed), closed};
  }

 private:
  rl_db* db_ = nullptr;
};

inline std::string Print(const rl_reply* reply) {
  size_t size = 0;
  const char* bytes = rl_reply_string(reply, &size);
  const std::string text = bytes == nullptr ? std::string() : std::string(bytes, size);
  EXPECT_TRUE(bytes == nullptr || bytes[size] == '\0');
  std::string list;
  for (size_t i = 0; i < rl_reply_count(reply); ++i) list += (i > 0 ? " " : "") + Print(rl_reply_at(reply, i));
  switch (rl_reply_type(reply)) {
    case RL_REPLY_NIL:
      return "nil";
    case RL_REPLY_STATUS:
      return "+" + text;
    case RL_REPLY_ERROR:
      return "-" + text + " (" + std::to_string(rl_reply_code(reply)) + ")";
    case RL_REPLY_INTEGER:
      return std::to_string(rl_reply_integer(reply));
    case RL_REPLY_STRING:
      return "\"" + text + "\"";
    case RL_REPLY_ARRAY:
      return "[" + list + "]";
    case RL_REPLY_DOUBLE:
      return text + "d";
    case RL_REPLY_BOOLEAN:
      return rl_reply_integer(reply) != 0 ? "true" : "false";
    case RL_REPLY_MAP:
      return "{" + list + "}";
    case RL_REPLY_SET:
      return "#{" + list + "}";
    case RL_REPLY_BIGNUMBER:
      return text + "n";
    case RL_REPLY_VERBATIM:
      return "txt\"" + text + "\"";
    case RL_REPLY_PUSH:
      return ">[" + list + "]";
    default:
      return "?";
  }
}

// argv and argv_len of a list of words.
class Argv {
 public:
  Argv(std::initializer_list<std::string> words) : words_(words) {  // NOLINT(google-explicit-constructor)
    for (const std::string& word : words_) {
      pointers_.push_back(word.data());
      sizes_.push_back(word.size());
    }
  }
  Argv(const Argv&) = delete;
  Argv& operator=(const Argv&) = delete;
  size_t count() const { return words_.size(); }
  const char* const* pointers() const { return pointers_.data(); }
  const size_t* sizes() const { return sizes_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<const char*> pointers_;
  std::vector<size_t> sizes_;
};

// Runs a command; its reply on one line, or "code N" when there is none.
inline std::string Command(rl_db* db, std::initializer_list<std::string> words) {
  const Argv argv(words);
  rl_reply* reply = nullptr;
  const int code = rl_command(db, argv.count(), argv.pointers(), argv.sizes(), &reply);
  if (code != RL_OK) {
    EXPECT_EQ(reply, nullptr);
    return "code " + std::to_string(code);
  }
  const std::string text = Print(reply);
  rl_reply_free(reply);
  return text;
}

inline int Set(rl_db* db, const std::string& key, const std::string& value) {
  return rl_set(db, key.data(), key.size(), value.data(), value.size());
}

// The value, or "code N".
inline std::string Get(rl_db* db, const std::string& key) {
  void* value = nullptr;
  size_t size = 0;
  const int code = rl_get(db, key.data(), key.size(), &value, &size);
  if (code != RL_OK) {
    EXPECT_EQ(value, nullptr);
    EXPECT_EQ(size, 0u);
    return "code " + std::to_string(code);
  }
  EXPECT_EQ(static_cast<const char*>(value)[size], '\0');
  std::string text(static_cast<const char*>(value), size);
  rl_buffer_free(value);
  return text;
}

inline int64_t Ttl(rl_db* db, const std::string& key) {
  int64_t ttl_ms = -3;
  const int code = rl_ttl(db, key.data(), key.size(), &ttl_ms);
  EXPECT_EQ(code, ttl_ms == -2 ? RL_NOT_FOUND : RL_OK);
  return ttl_ms;
}

// A clock that stands still unless it is moved.
struct Clock {
  int64_t now_ms = 1'700'000'000'000;
  static int64_t Read(void* clock) { return static_cast<Clock*>(clock)->now_ms; }
  void AddTo(rl_options* options) { EXPECT_EQ(rl_options_set_clock(options, &Read, this), RL_OK); }
};

}  // namespace redislite::capi
