// Model: the simpler truth that a store is compared with. Two databases of strings, lists, hashes, sets and sorted sets
// in std:: containers.
//
// It knows the commands that RandomCommand makes, and no error: a command that would fail is not made for it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
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
  using Set = std::set<std::string>;
  struct SortedSet {
    std::map<std::string, int64_t> scores;
  };
  struct Value {
    std::variant<std::string, List, Hash, Set, SortedSet> content;
    int64_t expires_at_ms = 0;  // 0: never
  };
  using Database = std::map<std::string, Value>;

  static bool Expired(const Value& value, int64_t now_ms) {
    return value.expires_at_ms != 0 && value.expires_at_ms <= now_ms;
  }
  void ApplyToSet(const std::vector<std::string>& argv);
  void ApplyToSortedSet(const std::vector<std::string>& argv);
  void Store(const std::string& key, Set members);
  // The content at the key, or of none.
  template <typename T>
  T Copy(const std::string& key) const {
    const auto found = databases_[0].find(key);
    return found == databases_[0].end() ? T() : std::get<T>(found->second.content);
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
