#include "tests/crash/model.h"

#include <algorithm>
#include <iterator>

namespace redislite::crash {

using Argv = std::vector<std::string>;

void Model::Apply(const Argv& argv, int64_t now_ms) {
  for (Database& database : databases_) {
    for (auto each = database.begin(); each != database.end();) {
      each = Expired(each->second, now_ms) ? database.erase(each) : std::next(each);
    }
  }
  Database& keys = databases_[0];
  const std::string& name = argv[0];
  const std::string key = argv.size() > 1 ? argv[1] : "";
  const auto found = keys.find(key);
  if (name == "SET") {
    Value value{argv[2], 0};
    if (argv.size() == 5 && argv[3] == "PX") value.expires_at_ms = now_ms + std::stoll(argv[4]);
    keys[key] = value;
  } else if (name == "MSET") {
    for (size_t i = 1; i + 1 < argv.size(); i += 2) keys[argv[i]] = {argv[i + 1], 0};
  } else if (name == "DEL") {
    for (size_t i = 1; i < argv.size(); ++i) keys.erase(argv[i]);
  } else if (name == "APPEND") {
    Get<std::string>(key) += argv[2];
  } else if (name == "INCRBY") {
    std::string& number = Get<std::string>(key);
    number = std::to_string((number.empty() ? 0 : std::stoll(number)) + std::stoll(argv[2]));
  } else if (name == "RPUSH") {
    for (size_t i = 2; i < argv.size(); ++i) Get<List>(key).push_back(argv[i]);
  } else if (name == "LPUSH") {
    for (size_t i = 2; i < argv.size(); ++i) Get<List>(key).push_front(argv[i]);
  } else if (name == "LPOP" || name == "RPOP") {
    if (found == keys.end()) return;
    List& list = std::get<List>(found->second.content);
    name == "LPOP" ? list.pop_front() : list.pop_back();
    if (list.empty()) keys.erase(found);
  } else if (name == "LREM") {  // LREM key 0 element
    if (found == keys.end()) return;
    List& list = std::get<List>(found->second.content);
    list.erase(std::remove(list.begin(), list.end(), argv[3]), list.end());
    if (list.empty()) keys.erase(found);
  } else if (name == "HSET") {
    for (size_t i = 2; i + 1 < argv.size(); i += 2) Get<Hash>(key)[argv[i]] = argv[i + 1];
  } else if (name == "HINCRBY") {
    std::string& number = Get<Hash>(key)[argv[2]];
    number = std::to_string((number.empty() ? 0 : std::stoll(number)) + std::stoll(argv[3]));
  } else if (name == "HDEL") {
    if (found == keys.end()) return;
    Hash& hash = std::get<Hash>(found->second.content);
    hash.erase(argv[2]);
    if (hash.empty()) keys.erase(found);
  } else if (name == "PEXPIRE") {
    if (found != keys.end()) found->second.expires_at_ms = now_ms + std::stoll(argv[2]);
  } else if (name == "PERSIST") {
    if (found != keys.end()) found->second.expires_at_ms = 0;
  } else if (name == "COPY") {  // COPY from to REPLACE
    if (found != keys.end()) keys[argv[2]] = found->second;
  } else if (name == "MOVE") {  // MOVE key 1
    if (found == keys.end() || databases_[1].count(key) != 0) return;
    databases_[1][key] = found->second;
    keys.erase(found);
  } else if (name == "SWAPDB") {  // SWAPDB 0 1
    std::swap(databases_[0], databases_[1]);
  } else if (name == "FLUSHDB") {
    keys.clear();
  } else if (name[0] == 'S') {
    ApplyToSet(argv);
  } else if (name[0] == 'Z') {
    ApplyToSortedSet(argv);
  }
}

void Model::Store(const std::string& key, Set members) {
  databases_[0].erase(key);
  if (!members.empty()) databases_[0][key] = {std::move(members), 0};
}

void Model::ApplyToSet(const Argv& argv) {
  const std::string& name = argv[0];
  const std::string& key = argv[1];
  if (name == "SADD") {
    for (size_t i = 2; i < argv.size(); ++i) Get<Set>(key).insert(argv[i]);
  } else if (name == "SREM" || name == "SMOVE") {  // SMOVE from to member
    const std::string& member = argv.back();
    const auto found = databases_[0].find(key);
    if (found == databases_[0].end() || (name == "SMOVE" && key == argv[2])) return;
    Set& set = std::get<Set>(found->second.content);
    if (set.erase(member) == 0) return;
    if (set.empty()) databases_[0].erase(found);
    if (name == "SMOVE") Get<Set>(argv[2]).insert(member);
  } else {  // S...STORE to one other
    const Set one = Copy<Set>(argv[2]);
    const Set other = Copy<Set>(argv[3]);
    Set result;
    const auto into = std::inserter(result, result.end());
    if (name == "SUNIONSTORE") std::set_union(one.begin(), one.end(), other.begin(), other.end(), into);
    if (name == "SINTERSTORE") std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), into);
    if (name == "SDIFFSTORE") std::set_difference(one.begin(), one.end(), other.begin(), other.end(), into);
    Store(key, result);
  }
}

void Model::ApplyToSortedSet(const Argv& argv) {
  const std::string& name = argv[0];
  const std::string& key = argv[1];
  if (name == "ZADD") {  // ZADD key score member
    Get<SortedSet>(key).scores[argv[3]] = std::stoll(argv[2]);
    return;
  }
  if (name == "ZINCRBY") {
    Get<SortedSet>(key).scores[argv[3]] += std::stoll(argv[2]);
    return;
  }
  const auto found = databases_[0].find(key);
  if (found == databases_[0].end()) return;
  std::map<std::string, int64_t>& scores = std::get<SortedSet>(found->second.content).scores;
  if (name == "ZREM") {
    scores.erase(argv[2]);
  } else if (name == "ZPOPMIN") {
    scores.erase(std::min_element(scores.begin(), scores.end(), [](const auto& one, const auto& other) {
      return one.second < other.second;  // of equal ones the first, whose member is the lowest
    }));
  } else if (name == "ZREMRANGEBYSCORE") {
    std::erase_if(scores, [&](const auto& each) {
      return each.second >= std::stoll(argv[2]) && each.second <= std::stoll(argv[3]);
    });
  }
  if (scores.empty()) databases_[0].erase(found);
}

std::string Model::Dump(int64_t now_ms) const {
  std::string dump;
  for (const auto& [key, value] : databases_[0]) {
    if (Expired(value, now_ms)) continue;
    dump += key;
    if (const auto* string = std::get_if<std::string>(&value.content)) {
      dump += " S " + *string;
    } else if (const auto* list = std::get_if<List>(&value.content)) {
      dump += " L";
      for (const std::string& element : *list) dump += " " + element;
    } else if (const auto* hash = std::get_if<Hash>(&value.content)) {
      dump += " H";
      for (const auto& [field, content] : *hash) dump += " " + field + " " + content;
    } else if (const auto* set = std::get_if<Set>(&value.content)) {
      dump += " T";
      for (const std::string& member : *set) dump += " " + member;
    } else {
      dump += " Z";
      std::set<std::pair<int64_t, std::string>> ordered;
      for (const auto& [member, score] : std::get<SortedSet>(value.content).scores) ordered.emplace(score, member);
      for (const auto& [score, member] : ordered) dump += " " + member + " " + std::to_string(score);
    }
    if (value.expires_at_ms != 0) dump += " @" + std::to_string(value.expires_at_ms);
    dump += "\n";
  }
  return dump;
}

Argv RandomCommand(Random& random, const std::string& prefix, bool global) {
  const auto pick = [&](uint64_t bound) { return random.Below(bound); };
  const auto key = [&](char type) { return prefix + type + std::to_string(pick(3)); };
  const auto bytes = [&] {
    const uint64_t length = pick(12) == 0 ? 500 + pick(1500) : pick(20);
    return std::to_string(random.Next() % 1000) + std::string(length, static_cast<char>('a' + pick(26)));
  };
  const auto small = [&] { return std::to_string(pick(10)); };
  const auto any = [&] { return key("snlhtz"[pick(6)]); };
  const auto member = [&] { return pick(6) == 0 ? bytes() : "m" + small(); };
  const auto span = [&] { return std::to_string(1 + pick(2000)); };
  switch (pick(global ? 30 : 29)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return {"SET", key('s'), bytes()};
    case 4:
      return {"SET", key('s'), bytes(), "PX", span()};
    case 5:
      return {"MSET", key('s'), bytes(), key('s'), bytes()};
    case 6:
      return {"DEL", any()};
    case 7:
      return {"DEL", any(), any()};
    case 8:
      return {"APPEND", key('s'), bytes()};
    case 9:
    case 10:
      return {"INCRBY", key('n'), std::to_string(static_cast<int64_t>(pick(2000)) - 1000)};
    case 11:
      return {"RPUSH", key('l'), small(), bytes()};
    case 12:
      return {"LPUSH", key('l'), small()};
    case 13:
      return {pick(2) == 0 ? "LPOP" : "RPOP", key('l')};
    case 14:
      return {"LREM", key('l'), "0", small()};
    case 15:
      return {"HSET", key('h'), "f" + small(), bytes(), "f" + small(), bytes()};
    case 16:
      return {"HINCRBY", key('h'), "n", small()};
    case 17:
      return {"HDEL", key('h'), "f" + small()};
    case 18:
      return {"PEXPIRE", any(), span()};
    case 19:
      return {"PERSIST", any()};
    case 20:
      return {"COPY", prefix + "s0", prefix + "s1", "REPLACE"};
    case 21:
      return {"SADD", key('t'), member(), small()};
    case 22:
      return {"SADD", key('t'), small(), small(), small()};
    case 23:
      return {"SREM", key('t'), small()};
    case 24:
      return {"SMOVE", key('t'), key('t'), small()};
    case 25: {
      constexpr const char* kNames[] = {"SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"};
      return {kNames[pick(3)], key('t'), key('t'), key('t')};
    }
    case 26:
      return {"ZADD", key('z'), small(), member()};
    case 27:
      return {"ZINCRBY", key('z'), small(), "m" + small()};
    case 28:
      switch (pick(3)) {
        case 0:
          return {"ZREM", key('z'), "m" + small()};
        case 1:
          return {"ZPOPMIN", key('z')};
        default:
          return {"ZREMRANGEBYSCORE", key('z'), "3", "5"};
      }
    default:
      switch (pick(8)) {
        case 0:
          return {"SWAPDB", "0", "1"};
        case 1:
          return {"FLUSHDB"};
        default:
          return {"MOVE", any(), "1"};
      }
  }
}

}  // namespace redislite::crash
