// Model: the simpler truth that a store is compared with. Two databases of strings, lists and hashes in std::
// containers.
//
// It knows the commands that RandomCommand makes, and no error: a command that would fail is not made for it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"

namespace redislite::crash {

class Model {
 public:
  // Executes the command at this time; argv[0] is in capitals.
  void Apply(const std::vector<std::string>& argv, int64_t now_ms);
  // The content of database 0 at this time, as Store::Dump gives it.
  std::string Dump(int64_t now_ms) const;

 private:
  using List = std::deque<std::string>;
  using Hash = std::map<std::string, std::string>;
  struct Value {
    std::variant<std::string, List, Hash> content;
    int64_t expires_at_ms = 0;  // 0: never
  };
  using Database = std::map<std::string, Value>;

  static bool Expired(const Value& value, int64_t now_ms) {
    return value.expires_at_ms != 0 && value.expires_at_ms <= now_ms;
  }
  template <typename T>
  T& Get(const std::string& key) {
    Value& value = databases_[0].try_emplace(key, Value{T(), 0}).first->second;
    return std::get<T>(value.content);
  }

  Database databases_[2];
};

// A command of the model's, on one of a few keys that begin with `prefix`. The first letter behind the prefix tells
// the type of the key, so that types never clash. Those of several prefixes do not touch each other, unless `global`
// allows the ones that concern whole databases.
std::vector<std::string> RandomCommand(Random& random, const std::string& prefix, bool global);

}  // namespace redislite::crash
