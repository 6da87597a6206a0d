#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "resp/writer.h"
#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

TEST(Lists, PushesLeaveTheLastArgumentAtTheEndThatIsPushed) {
  CommandHarness store;
  ExpectReplies(store, {{"RPUSH l a b", ":2\r\n"},
                        {"LPUSH l c d", ":4\r\n"},
                        {"LRANGE l 0 -1", "*4\r\n$1\r\nd\r\n$1\r\nc\r\n$1\r\na\r\n$1\r\nb\r\n"},
                        {"LPUSHX none a", ":0\r\n"},
                        {"RPUSHX none a", ":0\r\n"},
                        {"EXISTS none", ":0\r\n"},
                        {"LPUSHX l e", ":5\r\n"},
                        {"RPUSHX l f g", ":7\r\n"},
                        {"LINDEX l 0", "$1\r\ne\r\n"},
                        {"LINDEX l -1", "$1\r\ng\r\n"},
                        {"LLEN l", ":7\r\n"},
                        {"LPUSH l", "-ERR wrong number of arguments for 'lpush' command\r\n"}});
}

TEST(Lists, ElementsAreBytes) {
  CommandHarness store;
  ExpectReplies(store, {{"RPUSH l \"\" \"\\x00\\xff\" \"a\\r\\nb\" -9223372036854775808 007", ":5\r\n"},
                        {"LINDEX l 0", "$0\r\n\r\n"},
                        {"LINDEX l 2", "$4\r\na\r\nb\r\n"},
                        {"LINDEX l 3", "$20\r\n-9223372036854775808\r\n"},
                        {"LINDEX l 4", "$3\r\n007\r\n"},
                        {"LPOS l \"\"", ":0\r\n"}});
  EXPECT_EQ(store.Run("LINDEX l 1"), std::string("$2\r\n\0\xff\r\n", 8));
}

TEST(Lists, PopsCheckTheCountBeforeTheKeyAndTellNullFromEmpty) {
  const auto check = [](int protocol, const char* null, const char* null_array) {
    CommandHarness store("", protocol);
    constexpr const char* kNotPositive = "-ERR value is out of range, must be positive\r\n";
    ExpectReplies(store, {{"RPUSH l a b c", ":3\r\n"},
                          {"LPOP none", null},
                          {"RPOP none", null},
                          {"LPOP none 0", null_array},
                          {"LPOP none 3", null_array},
                          {"LPOP none -1", kNotPositive},
                          {"LPOP none x", kNotPositive},
                          {"RPOP l 9223372036854775808", kNotPositive},
                          {"LPOP l 0", "*0\r\n"},
                          {"LPOP l 1 2", "-ERR wrong number of arguments for 'lpop' command\r\n"},
                          {"RPOP l 1 2", "-ERR wrong number of arguments for 'rpop' command\r\n"},
                          {"LPOP l 1", "*1\r\n$1\r\na\r\n"},
                          {"RPOP l 9223372036854775807", "*2\r\n$1\r\nc\r\n$1\r\nb\r\n"},
                          {"EXISTS l", ":0\r\n"},
                          {"SET s 1", "+OK\r\n"},
                          {"LPOP s", kWrongType},
                          {"LPOP s 0", kWrongType}});
  };
  check(2, "$-1\r\n", "*-1\r\n");
  check(3, "_\r\n", "_\r\n");
}

TEST(Lists, EveryCommandRefusesAnotherType) {
  CommandHarness store;
  store.Run("SET s 1");
  store.Run("RPUSH l a");
  for (const char* line : {"LPUSH s a",
                           "RPUSH s a",
                           "LPUSHX s a",
                           "RPUSHX s a",
                           "LPOP s",
                           "RPOP s",
                           "LLEN s",
                           "LRANGE s 0 1",
                           "LINDEX s x",
                           "LSET s x a",
                           "LINSERT s BEFORE a b",
                           "LREM s 0 a",
                           "LTRIM s 0 0",
                           "LPOS s a",
                           "LMOVE s l LEFT LEFT",
                           "LMOVE l s LEFT LEFT",
                           "RPOPLPUSH s l",
                           "RPOPLPUSH l s",
                           "LMPOP 1 s LEFT",
                           "LMPOP 2 none s LEFT"}) {
    EXPECT_EQ(store.Run(line), kWrongType) << line;
    EXPECT_EQ(store.last_code(), Code::kType) << line;
  }
  // A source that does not exist is seen first.
  EXPECT_EQ(store.Run("RPOPLPUSH none s"), "_\r\n");
  EXPECT_EQ(store.Run("LRANGE l 0 -1"), "*1\r\n$1\r\na\r\n");
}

TEST(Lists, IndexesReadTheKeyFirstAndRangesTheNumbers) {
  CommandHarness store;
  ExpectReplies(store,
                {{"RPUSH l a b c", ":3\r\n"},
                 {"LINDEX none x", "_\r\n"},
                 {"LINDEX l x", kNotInteger},
                 {"LINDEX l 3", "_\r\n"},
                 {"LINDEX l -4", "_\r\n"},
                 {"LINDEX l -9223372036854775808", "_\r\n"},
                 {"LSET none x y", "-ERR no such key\r\n"},
                 {"LSET l x y", kNotInteger},
                 {"LSET l 3 y", "-ERR index out of range\r\n"},
                 {"LSET l -4 y", "-ERR index out of range\r\n"},
                 {"LSET l -1 z", "+OK\r\n"},
                 {"LRANGE none a 0", kNotInteger},
                 {"LRANGE none 0 a", kNotInteger},
                 {"LRANGE none 0 -1", "*0\r\n"},
                 {"LRANGE l -9223372036854775808 9223372036854775807", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nz\r\n"},
                 {"LRANGE l 9223372036854775807 -9223372036854775808", "*0\r\n"},
                 {"LTRIM none a 0", kNotInteger},
                 {"LTRIM none 0 -1", "+OK\r\n"},
                 {"LTRIM l 5 9", "+OK\r\n"},
                 {"EXISTS l", ":0\r\n"}});
}

TEST(Lists, InsertAndRemoveSayWhatTheyFound) {
  CommandHarness store;
  ExpectReplies(store, {{"RPUSH l a b a b a", ":5\r\n"},
                        {"LINSERT l MIDDLE a x", kSyntax},
                        {"LINSERT none BEFORE a x", ":0\r\n"},
                        {"LINSERT l BEFORE zz x", ":-1\r\n"},
                        {"LINSERT l before b x", ":6\r\n"},
                        {"LINSERT l After b y", ":7\r\n"},
                        {"LRANGE l 0 3", "*4\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\nb\r\n$1\r\ny\r\n"},
                        {"LREM l x a", kNotInteger},
                        {"LREM none x a", kNotInteger},
                        {"LREM none 0 a", ":0\r\n"},
                        {"LREM l -9223372036854775808 zz", ":0\r\n"},
                        {"LREM l -9223372036854775807 zz", ":0\r\n"},
                        {"LREM l -2 a", ":2\r\n"},
                        {"LRANGE l 0 -1", "*5\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\nb\r\n$1\r\ny\r\n$1\r\nb\r\n"},
                        {"LREM l 1 b", ":1\r\n"},
                        {"LREM l 0 a", ":1\r\n"},
                        {"LREM l 0 x", ":1\r\n"},
                        {"LREM l 0 y", ":1\r\n"},
                        {"LREM l 9223372036854775807 b", ":1\r\n"},
                        {"EXISTS l", ":0\r\n"}});
}

TEST(Lists, PositionsFollowRankCountAndMaxlen) {
  CommandHarness store;
  constexpr const char* kRank =
      "-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start "
      "from the end of "
      "the list\r\n";
  ExpectReplies(store,
                {{"RPUSH l a b c 1 2 3 c c", ":8\r\n"},
                 {"LPOS l c", ":2\r\n"},
                 {"LPOS l c RANK -1", ":7\r\n"},
                 {"LPOS l c RANK 2", ":6\r\n"},
                 {"LPOS l c RANK 4", "_\r\n"},
                 {"LPOS l zz", "_\r\n"},
                 {"LPOS l zz COUNT 0", "*0\r\n"},
                 {"LPOS none c", "_\r\n"},
                 {"LPOS none c COUNT 1", "*0\r\n"},
                 {"LPOS l c COUNT 0", "*3\r\n:2\r\n:6\r\n:7\r\n"},
                 {"LPOS l c COUNT 2 RANK -1", "*2\r\n:7\r\n:6\r\n"},
                 {"LPOS l c COUNT 1 RANK 2", "*1\r\n:6\r\n"},
                 {"LPOS l c COUNT 0 MAXLEN 7", "*2\r\n:2\r\n:6\r\n"},
                 {"LPOS l c MAXLEN 2", "_\r\n"},
                 {"LPOS l c MAXLEN 3", ":2\r\n"},
                 {"LPOS l a RANK -1 MAXLEN 7", "_\r\n"},
                 {"LPOS l a RANK -1 MAXLEN 8", ":0\r\n"},
                 {"LPOS l c COUNT 1 COUNT 0", "*3\r\n:2\r\n:6\r\n:7\r\n"},
                 {"LPOS none c RANK 0", kRank},
                 {"LPOS l c RANK x", kNotInteger},
                 {"LPOS l c RANK -9223372036854775808",
                  "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"},
                 {"LPOS l c COUNT -1", "-ERR COUNT can't be negative\r\n"},
                 {"LPOS l c COUNT x", "-ERR COUNT can't be negative\r\n"},
                 {"LPOS l c MAXLEN -1", "-ERR MAXLEN can't be negative\r\n"},
                 {"LPOS l c RANK", kSyntax},
                 {"LPOS l c FOO 1", kSyntax}});
}

TEST(Lists, AMoveWorksBetweenListsAndWithinOne) {
  CommandHarness store;
  ExpectReplies(store, {{"RPUSH a 1 2 3", ":3\r\n"},
                        {"LMOVE a b UP LEFT", kSyntax},
                        {"LMOVE none b LEFT UP", kSyntax},
                        {"LMOVE none b LEFT LEFT", "_\r\n"},
                        {"LMOVE a b LEFT RIGHT", "$1\r\n1\r\n"},
                        {"LMOVE a b right left", "$1\r\n3\r\n"},
                        {"LRANGE b 0 -1", "*2\r\n$1\r\n3\r\n$1\r\n1\r\n"},
                        {"RPOPLPUSH a b", "$1\r\n2\r\n"},
                        {"EXISTS a", ":0\r\n"},
                        {"LMOVE b b LEFT RIGHT", "$1\r\n2\r\n"},
                        {"LRANGE b 0 -1", "*3\r\n$1\r\n3\r\n$1\r\n1\r\n$1\r\n2\r\n"},
                        {"RPOPLPUSH b b", "$1\r\n2\r\n"},
                        {"LMOVE b b LEFT LEFT", "$1\r\n2\r\n"},
                        {"LRANGE b 0 -1", "*3\r\n$1\r\n2\r\n$1\r\n3\r\n$1\r\n1\r\n"},
                        {"RPUSH one x", ":1\r\n"},
                        {"LMOVE one one LEFT RIGHT", "$1\r\nx\r\n"},
                        {"LLEN one", ":1\r\n"}});
}

TEST(Lists, AMoveKeepsTheTargetsExpiryAndLosesTheSources) {
  CommandHarness store;
  store.Run("RPUSH a 1");
  store.Run("RPUSH b 2");
  store.Run("PEXPIRE a 1000");
  store.Run("PEXPIRE b 2000");
  EXPECT_EQ(store.Run("LMOVE a b LEFT LEFT"), "$1\r\n1\r\n");
  EXPECT_EQ(store.Run("PTTL b"), ":2000\r\n");
  EXPECT_EQ(store.Run("LMOVE b a LEFT LEFT"), "$1\r\n1\r\n");
  EXPECT_EQ(store.Run("PTTL a"), ":-1\r\n");
  // A list that is emptied and made again is a new key.
  EXPECT_EQ(store.Run("RPOP b"), "$1\r\n2\r\n");
  EXPECT_EQ(store.Run("RPUSH b 3"), ":1\r\n");
  EXPECT_EQ(store.Run("PTTL b"), ":-1\r\n");
}

TEST(Lists, MultiPopTakesFromTheFirstListThatExists) {
  const auto check = [](int protocol, const char* null_array) {
    CommandHarness store("", protocol);
    constexpr const char* kNumkeys = "-ERR numkeys should be greater than 0\r\n";
    constexpr const char* kCount = "-ERR count should be greater than 0\r\n";
    ExpectReplies(store, {{"RPUSH l a b c d", ":4\r\n"},
                          {"LMPOP 0 l LEFT", kNumkeys},
                          {"LMPOP -1 l LEFT", kNumkeys},
                          {"LMPOP x l LEFT", kNumkeys},
                          {"LMPOP 1 l UP", kSyntax},
                          {"LMPOP 2 l LEFT", kSyntax},
                          {"LMPOP 9223372036854775807 l LEFT", kSyntax},
                          {"LMPOP 1 l LEFT COUNT", kSyntax},
                          {"LMPOP 1 l LEFT COUNT 0", kCount},
                          {"LMPOP 1 l LEFT COUNT x", kCount},
                          {"LMPOP 1 l LEFT COUNT 1 COUNT 1", kSyntax},
                          {"LMPOP 1 l LEFT COUNT x COUNT 1", kCount},
                          {"LMPOP 1 l LEFT FOO 1", kSyntax},
                          {"LMPOP 1 none LEFT", null_array},
                          {"LMPOP 2 none l LEFT", "*2\r\n$1\r\nl\r\n*1\r\n$1\r\na\r\n"},
                          {"LMPOP 1 l right COUNT 2", "*2\r\n$1\r\nl\r\n*2\r\n$1\r\nd\r\n$1\r\nc\r\n"},
                          {"LMPOP 2 l l RIGHT COUNT 9", "*2\r\n$1\r\nl\r\n*1\r\n$1\r\nb\r\n"},
                          {"EXISTS l", ":0\r\n"},
                          {"LMPOP 1 l", "-ERR wrong number of arguments for 'lmpop' command\r\n"}});
  };
  check(2, "*-1\r\n");
  check(3, "_\r\n");
}

TEST(Lists, WhatChangesNothingIsNotLogged) {
  CommandHarness store;
  store.Run("RPUSH l a b c");
  store.Run("RPUSH one a");
  store.Run("SET s 1");
  const uint64_t logged = Logged(store);
  for (const char* line : {"LPUSHX none a",
                           "RPUSHX none a",
                           "LPUSH s a",
                           "LPOP none",
                           "LPOP none 2",
                           "LPOP l 0",
                           "LPOP l x",
                           "LSET none 0 a",
                           "LSET l 3 a",
                           "LINSERT none BEFORE a b",
                           "LINSERT l BEFORE x b",
                           "LREM none 0 a",
                           "LREM l 0 x",
                           "LREM l -1 x",
                           "LTRIM none 0 1",
                           "LTRIM l 0 -1",
                           "LTRIM l -9 9",
                           "LMOVE none l LEFT LEFT",
                           "LMOVE l l LEFT LEFT",
                           "LMOVE l l RIGHT RIGHT",
                           "LMOVE one one LEFT RIGHT",
                           "RPOPLPUSH one one",
                           "RPOPLPUSH none l",
                           "LMPOP 1 none LEFT",
                           "LMPOP 2 s l LEFT",
                           "LRANGE l 0 -1",
                           "LPOS l a"}) {
    store.Run(line);
    EXPECT_EQ(Logged(store), logged) << line;
  }
  store.Run("LMOVE l l LEFT RIGHT");
  EXPECT_EQ(Logged(store), logged + 1);
}

// ---- Against a deque.

// What lists are: their commands on std::deque, replies included.
class Model {
 public:
  using Words = std::vector<std::string>;

  std::string Run(const Words& words) {
    resp::Writer reply(3);
    const std::string& name = words[0];
    std::deque<std::string>& list = lists_[words[1]];
    if (name == "LPUSH" || name == "RPUSH" || ((name == "LPUSHX" || name == "RPUSHX") && !list.empty())) {
      for (size_t i = 2; i < words.size(); ++i) name[0] == 'L' ? list.push_front(words[i]) : list.push_back(words[i]);
      reply.Integer(static_cast<int64_t>(list.size()));
    } else if (name == "LPUSHX" || name == "RPUSHX") {
      reply.Integer(0);
    } else if (name == "LPOP" || name == "RPOP") {
      Pop(words, list, reply);
    } else if (name == "LRANGE") {
      const auto [first, last] = Clamp(words, list);
      reply.Array(first > last ? 0 : static_cast<size_t>(last - first + 1));
      for (int64_t i = first; i <= last; ++i) reply.Bulk(list[static_cast<size_t>(i)]);
    } else if (name == "LTRIM") {
      const auto [first, last] = Clamp(words, list);
      std::deque<std::string> kept;
      for (int64_t i = first; i <= last; ++i) kept.push_back(list[static_cast<size_t>(i)]);
      list.swap(kept);
      reply.Ok();
    } else if (name == "LSET") {
      const int64_t index = Index(words[2], list);
      if (list.empty()) {
        reply.Error(Code::kCommand, "ERR no such key");
      } else if (index < 0 || index >= static_cast<int64_t>(list.size())) {
        reply.Error(Code::kValue, "ERR index out of range");
      } else {
        list[static_cast<size_t>(index)] = words[3];
        reply.Ok();
      }
    } else if (name == "LINDEX") {
      const int64_t index = Index(words[2], list);
      if (index < 0 || index >= static_cast<int64_t>(list.size())) {
        reply.Null();
      } else {
        reply.Bulk(list[static_cast<size_t>(index)]);
      }
    } else if (name == "LINSERT") {
      const auto pivot = std::find(list.begin(), list.end(), words[3]);
      if (pivot == list.end()) {
        reply.Integer(list.empty() ? 0 : -1);
      } else {
        list.insert(words[2] == "BEFORE" ? pivot : pivot + 1, words[4]);
        reply.Integer(static_cast<int64_t>(list.size()));
      }
    } else if (name == "LREM") {
      reply.Integer(Remove(list, std::stoll(words[2]), words[3]));
    } else if (name == "LMOVE") {
      std::deque<std::string>& target = lists_[words[2]];
      if (list.empty()) {
        reply.Null();
      } else {
        const std::string moved = words[3] == "LEFT" ? list.front() : list.back();
        words[3] == "LEFT" ? list.pop_front() : list.pop_back();
        words[4] == "LEFT" ? target.push_front(moved) : target.push_back(moved);
        reply.Bulk(moved);
      }
    } else if (name == "LPOS") {
      Positions(words, list, reply);
    }
    return std::string(reply.bytes());
  }

  const std::map<std::string, std::deque<std::string>>& lists() {
    for (const char* key : {"a", "b", "c"}) lists_[key];  // an empty list is one that is not there
    return lists_;
  }

 private:
  static void Pop(const Words& words, std::deque<std::string>& list, resp::Writer& reply) {
    if (list.empty()) return reply.Null();
    size_t count = words.size() > 2 ? std::min(std::stoul(words[2]), list.size()) : 1;
    if (words.size() > 2) reply.Array(count);
    for (; count > 0; --count) {
      reply.Bulk(words[0] == "LPOP" ? list.front() : list.back());
      words[0] == "LPOP" ? list.pop_front() : list.pop_back();
    }
  }

  static int64_t Index(const std::string& word, const std::deque<std::string>& list) {
    const int64_t index = std::stoll(word);
    return index < 0 ? index + static_cast<int64_t>(list.size()) : index;
  }

  static std::pair<int64_t, int64_t> Clamp(const Words& words, const std::deque<std::string>& list) {
    const int64_t first = std::max<int64_t>(Index(words[2], list), 0);
    const int64_t last = std::min<int64_t>(Index(words[3], list), static_cast<int64_t>(list.size()) - 1);
    return {first, last};
  }

  static int64_t Remove(std::deque<std::string>& list, int64_t count, const std::string& element) {
    if (count < 0) std::reverse(list.begin(), list.end());
    int64_t removed = 0;
    for (auto at = list.begin(); at != list.end() && (count == 0 || removed < std::abs(count));) {
      if (*at == element) {
        at = list.erase(at);
        ++removed;
      } else {
        ++at;
      }
    }
    if (count < 0) std::reverse(list.begin(), list.end());
    return removed;
  }

  // LPOS key element RANK rank COUNT count MAXLEN maxlen
  static void Positions(const Words& words, const std::deque<std::string>& list, resp::Writer& reply) {
    int64_t rank = std::stoll(words[4]);
    const size_t count = std::stoul(words[6]);
    const size_t maxlen = std::stoul(words[8]);
    std::vector<size_t> found;
    for (size_t i = 0; i < list.size() && (maxlen == 0 || i < maxlen); ++i) {
      const size_t position = rank > 0 ? i : list.size() - 1 - i;
      if (list[position] == words[2]) found.push_back(position);
    }
    found.erase(found.begin(), found.begin() + std::min<std::ptrdiff_t>(std::abs(rank) - 1,
                                                                        static_cast<std::ptrdiff_t>(found.size())));
    if (count != 0 && found.size() > count) found.resize(count);
    reply.Array(found.size());
    for (const size_t position : found) reply.Integer(static_cast<int64_t>(position));
  }

  std::map<std::string, std::deque<std::string>> lists_;
};

class RandomCommands {
 public:
  RandomCommands(uint64_t seed, size_t element_bytes_max) : random_(seed), element_bytes_max_(element_bytes_max) {}

  Model::Words Next() {
    const std::string key = Key();
    switch (Below(16)) {
      case 0:
      case 1:
        return Pushes("LPUSH", key);
      case 2:
      case 3:
        return Pushes("RPUSH", key);
      case 4:
        return Pushes(Below(2) == 0 ? "LPUSHX" : "RPUSHX", key);
      case 5:
        return {Below(2) == 0 ? "LPOP" : "RPOP", key};
      case 6:
        return {Below(2) == 0 ? "LPOP" : "RPOP", key, std::to_string(1 + Below(4))};
      case 7:
        return {"LRANGE", key, Index(), Index()};
      // Seldom: it is what keeps lists short.
      case 8:
        return Below(4) == 0 ? Model::Words{"LTRIM", key, Index(), Index()} : Model::Words{"LTRIM", key, "1", "-2"};
      case 9:
        return {"LSET", key, Index(), Element()};
      case 10:
        return {"LINDEX", key, Index()};
      case 11:
      case 12:
        return {"LINSERT", key, Below(2) == 0 ? "BEFORE" : "AFTER", Element(), Element()};
      case 13:
        return {"LREM", key, std::to_string(static_cast<int>(Below(7)) - 3), Element()};
      case 14:
        return {"LMOVE", key, Key(), Side(), Side()};
      default:
        return {"LPOS",
                key,
                Element(),
                "RANK",
                std::to_string((1 + static_cast<int>(Below(3))) * (Below(2) == 0 ? 1 : -1)),
                "COUNT",
                std::to_string(Below(3)),
                "MAXLEN",
                std::to_string(Below(20))};
    }
  }

 private:
  size_t Below(size_t bound) { return std::uniform_int_distribution<size_t>(0, bound - 1)(random_); }
  std::string Key() { return std::string(1, static_cast<char>('a' + Below(3))); }
  std::string Side() { return Below(2) == 0 ? "LEFT" : "RIGHT"; }
  std::string Index() { return std::to_string(static_cast<int>(Below(40)) - 20); }

  // Few different ones, so that some are equal: numbers, and bytes of all lengths.
  std::string Element() {
    const size_t kind = Below(6);
    if (kind < 3) return std::to_string(static_cast<int64_t>(kind) * 100000 - 1);
    return std::string(kind == 3 ? 0 : Below(2) * element_bytes_max_ + kind, static_cast<char>(kind == 4 ? 0 : 0xff));
  }

  Model::Words Pushes(const char* name, const std::string& key) {
    Model::Words words{name, key};
    for (size_t left = 1 + Below(4); left > 0; --left) words.push_back(Element());
    return words;
  }

  std::mt19937_64 random_;
  const size_t element_bytes_max_;
};

std::string Joined(const Model::Words& words) {
  std::string line;
  for (const std::string& word : words)
    line += (word.size() > 40 ? "<" + std::to_string(word.size()) + " bytes>" : word) + " ";
  return line;
}

TEST(Lists, RandomCommandsReplyAndLeaveWhatADequeDoes) {
  for (const size_t element_bytes_max : {size_t{10}, size_t{3000}}) {  // 3000: many nodes
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      CommandHarness store;
      Model model;
      RandomCommands commands(seed, element_bytes_max);
      for (int step = 0; step < 600; ++step) {
        const Model::Words words = commands.Next();
        SCOPED_TRACE("seed " + std::to_string(seed) + " bytes " + std::to_string(element_bytes_max) + " step " +
                     std::to_string(step) + ": " + Joined(words));
        const uint64_t logged = Logged(store);
        const auto before = model.lists();
        ASSERT_EQ(store.RunWords(words), model.Run(words));
        const bool changed = model.lists() != before;
        if (words[0] != "LSET") {  // which need not look at what was there
          ASSERT_EQ(Logged(store) - logged, changed ? 1u : 0u);
        }
      }
      for (const auto& [key, list] : model.lists()) {
        EXPECT_EQ(store.Run("EXISTS " + key), list.empty() ? ":0\r\n" : ":1\r\n") << "seed " << seed;
        EXPECT_EQ(store.Run("LRANGE " + key + " 0 -1"), model.Run({"LRANGE", key, "0", "-1"})) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace redislite::test
