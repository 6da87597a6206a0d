#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "resp/writer.h"
#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

TEST(Hashes, SettingCountsNewFieldsAndTakesTheLastValue) {
  CommandHarness store;
  ExpectReplies(store, {{"HSET h a 1 b 2", ":2\r\n"},
                        {"HSET h a 3 c 4 c 5", ":1\r\n"},
                        {"HGET h a", "$1\r\n3\r\n"},
                        {"HGET h c", "$1\r\n5\r\n"},
                        {"HGET h d", "_\r\n"},
                        {"HGET none a", "_\r\n"},
                        {"HMSET h d 6", "+OK\r\n"},
                        {"HMGET h a zz d a", "*4\r\n$1\r\n3\r\n_\r\n$1\r\n6\r\n$1\r\n3\r\n"},
                        {"HMGET none a b", "*2\r\n_\r\n_\r\n"},
                        {"HSETNX h a 9", ":0\r\n"},
                        {"HSETNX h e 9", ":1\r\n"},
                        {"HSETNX new e 9", ":1\r\n"},
                        {"HLEN h", ":5\r\n"},
                        {"HLEN none", ":0\r\n"},
                        {"HSTRLEN h e", ":1\r\n"},
                        {"HSTRLEN h zz", ":0\r\n"},
                        {"HSTRLEN none zz", ":0\r\n"},
                        {"HEXISTS h e", ":1\r\n"},
                        {"HEXISTS h zz", ":0\r\n"},
                        {"HEXISTS none zz", ":0\r\n"},
                        {"HSET h a 1 b", "-ERR wrong number of arguments for 'hset' command\r\n"},
                        {"HMSET h a 1 b", "-ERR wrong number of arguments for 'hmset' command\r\n"},
                        {"HSET h a", "-ERR wrong number of arguments for 'hset' command\r\n"}});
  EXPECT_EQ(store.last_code(), Code::kCommand);
}

TEST(Hashes, DeletingCountsWhatWasThereAndRemovesAnEmptyHash) {
  CommandHarness store;
  ExpectReplies(store, {{"HSET h a 1 b 2", ":2\r\n"},
                        {"HDEL none a", ":0\r\n"},
                        {"HDEL h x y", ":0\r\n"},
                        {"HDEL h x a a", ":1\r\n"},
                        {"EXISTS h", ":1\r\n"},
                        {"HDEL h b a", ":1\r\n"},
                        {"EXISTS h", ":0\r\n"}});
}

TEST(Hashes, WholeHashesAreMapsInRespThreeAndFlatBefore) {
  const auto check = [](int protocol, const char* all, const char* empty) {
    CommandHarness store("", protocol);
    ExpectReplies(store, {{"HSET h a 1 b 2", ":2\r\n"},
                          {"HGETALL h", all},
                          {"HGETALL none", empty},
                          {"HKEYS h", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
                          {"HVALS h", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"},
                          {"HKEYS none", "*0\r\n"},
                          {"HVALS none", "*0\r\n"}});
  };
  check(2, "*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", "*0\r\n");
  check(3, "%2\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n", "%0\r\n");
}

TEST(Hashes, EveryCommandRefusesAnotherType) {
  CommandHarness store;
  store.Run("SET s 1");
  for (const char* line : {"HSET s a 1", "HMSET s a 1", "HSETNX s a 1", "HGET s a", "HMGET s a", "HGETALL s", "HKEYS s",
                           "HVALS s", "HLEN s", "HSTRLEN s a", "HEXISTS s a", "HDEL s a", "HINCRBY s a 1",
                           "HINCRBYFLOAT s a 1", "HRANDFIELD s", "HRANDFIELD s 0", "HSCAN s 0"}) {
    EXPECT_EQ(store.Run(line), kWrongType) << line;
    EXPECT_EQ(store.last_code(), Code::kType) << line;
  }
  // Arguments are read before the key.
  EXPECT_EQ(store.Run("HINCRBY s a x"), kNotInteger);
  EXPECT_EQ(store.Run("HINCRBYFLOAT s a x"), "-ERR value is not a valid float\r\n");
  EXPECT_EQ(store.Run("HSCAN s x"), "-ERR invalid cursor\r\n");
  EXPECT_EQ(store.Run("HRANDFIELD s x"), kNotInteger);
}

TEST(Hashes, IntegersStayWithinSixtyFourBits) {
  CommandHarness store;
  constexpr const char* kOverflow = "-ERR increment or decrement would overflow\r\n";
  constexpr const char* kHashInteger = "-ERR hash value is not an integer\r\n";
  ExpectReplies(store,
                {{"HINCRBY h n 5", ":5\r\n"},
                 {"HINCRBY h n -7", ":-2\r\n"},
                 {"HGET h n", "$2\r\n-2\r\n"},
                 {"HSET h max 9223372036854775807 min -9223372036854775808 s abc sp \" 1\" e \"\" f 1.5", ":6\r\n"},
                 {"HINCRBY h max 1", kOverflow},
                 {"HINCRBY h max 0", ":9223372036854775807\r\n"},
                 {"HINCRBY h min -1", kOverflow},
                 {"HINCRBY h min 9223372036854775807", ":-1\r\n"},
                 {"HINCRBY h s 1", kHashInteger},
                 {"HINCRBY h sp 1", kHashInteger},
                 {"HINCRBY h e 1", kHashInteger},
                 {"HINCRBY h f 1", kHashInteger},
                 {"HINCRBY h n x", kNotInteger},
                 {"HINCRBY h n 9223372036854775808", kNotInteger},
                 {"HGET h s", "$3\r\nabc\r\n"}});
}

TEST(Hashes, FloatsAreDecimalTextAndStayFinite) {
  CommandHarness store;
  constexpr const char* kHashFloat = "-ERR hash value is not a float\r\n";
  constexpr const char* kInfinite = "-ERR increment would produce NaN or Infinity\r\n";
  ExpectReplies(store, {{"HINCRBYFLOAT h n 10.5", "$4\r\n10.5\r\n"},
                        {"HINCRBYFLOAT h n 0.1", "$4\r\n10.6\r\n"},
                        {"HGET h n", "$4\r\n10.6\r\n"},
                        {"HINCRBYFLOAT h n -10.6", "$1\r\n0\r\n"},
                        {"HSET h e 5.0e3 s abc sp \" 1\" empty \"\" i inf", ":5\r\n"},
                        {"HINCRBYFLOAT h e 2.0e2", "$4\r\n5200\r\n"},
                        {"HINCRBYFLOAT h s 1", kHashFloat},
                        {"HINCRBYFLOAT h sp 1", kHashFloat},
                        {"HINCRBYFLOAT h empty 1", kHashFloat},
                        {"HINCRBYFLOAT h i 1", kInfinite},
                        {"HINCRBYFLOAT h n x", "-ERR value is not a valid float\r\n"},
                        {"HINCRBYFLOAT h n nan", "-ERR value is not a valid float\r\n"},
                        {"HINCRBYFLOAT h n inf", "-ERR value is NaN or Infinity\r\n"},
                        {"HINCRBYFLOAT h n -inf", "-ERR value is NaN or Infinity\r\n"},
                        {"HINCRBYFLOAT new n 3", "$1\r\n3\r\n"},
                        {"TYPE new", "+hash\r\n"}});
}

TEST(Hashes, WritingAFieldKeepsTheKeysExpiry) {
  CommandHarness store;
  store.Run("HSET h a 1 b 2");
  store.Run("PEXPIRE h 1000");
  for (const char* line :
       {"HSET h a 2", "HMSET h a 3", "HSETNX h c 1", "HINCRBY h a 1", "HINCRBYFLOAT h a 1", "HDEL h b"}) {
    store.Run(line);
    EXPECT_EQ(store.Run("PTTL h"), ":1000\r\n") << line;
  }
  store.Advance(1000);
  EXPECT_EQ(store.Run("HGETALL h"), "%0\r\n");
  EXPECT_EQ(store.Run("HSETNX h a 1"), ":1\r\n");
  EXPECT_EQ(store.Run("PTTL h"), ":-1\r\n");
}

TEST(Hashes, RandomFieldsReplyInTheFormOfTheirArguments) {
  const auto check = [](int protocol, const char* pairs, const char* null) {
    CommandHarness store("", protocol);
    constexpr const char* kRange = "-ERR value is out of range\r\n";
    ExpectReplies(store,
                  {{"HSET h f v", ":1\r\n"},
                   {"HRANDFIELD h", "$1\r\nf\r\n"},
                   {"HRANDFIELD h 1", "*1\r\n$1\r\nf\r\n"},
                   {"HRANDFIELD h 9", "*1\r\n$1\r\nf\r\n"},
                   {"HRANDFIELD h 9223372036854775807", "*1\r\n$1\r\nf\r\n"},
                   {"HRANDFIELD h 0", "*0\r\n"},
                   {"HRANDFIELD h -3", "*3\r\n$1\r\nf\r\n$1\r\nf\r\n$1\r\nf\r\n"},
                   {"HRANDFIELD h -2 withvalues", pairs},
                   {"HRANDFIELD none", null},
                   {"HRANDFIELD none 2", "*0\r\n"},
                   {"HRANDFIELD none -2 WITHVALUES", "*0\r\n"},
                   {"HRANDFIELD h x", kNotInteger},
                   {"HRANDFIELD h x y z", kNotInteger},
                   {"HRANDFIELD h 1 foo", kSyntax},
                   {"HRANDFIELD h 1 WITHVALUES x", kSyntax},
                   {"HRANDFIELD h -9223372036854775808",
                    "-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807\r\n"},
                   {"HRANDFIELD h -9223372036854775807 WITHVALUES", kRange},
                   {"HRANDFIELD h 9223372036854775807 WITHVALUES", kRange},
                   // Redis would try to reply this; nothing could hold it.
                   {"HRANDFIELD h -9223372036854775807", kRange}});
  };
  check(2, "*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\nf\r\n$1\r\nv\r\n", "$-1\r\n");
  check(3, "*2\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n", "_\r\n");
}

std::vector<std::string> Strings(Bytes reply) {
  std::vector<std::string> strings;
  for (size_t at = 0; (at = reply.find('$', at)) != Bytes::npos;) {
    const size_t line = reply.find("\r\n", at);
    const size_t size = std::stoul(std::string(reply.substr(at + 1, line - at - 1)));
    strings.emplace_back(reply.substr(line + 2, size));
    at = line + 2 + size;
  }
  return strings;
}

TEST(Hashes, ACountOfRandomFieldsIsDistinctAndEveryFieldHasItsTurn) {
  for (const int fields : {10, 1000}) {  // packed, and a table
    CommandHarness store;
    for (int i = 0; i < fields; ++i) store.Run("HSET h f" + std::to_string(i) + " " + std::to_string(i));
    std::set<std::string> seen;
    for (const int count : {1, fields / 4, fields / 2, fields - 1}) {
      for (int round = 0; round < 20; ++round) {
        const std::vector<std::string> drawn =
            Strings(store.Run("HRANDFIELD h " + std::to_string(count) + " WITHVALUES"));
        ASSERT_EQ(drawn.size(), static_cast<size_t>(count) * 2);
        std::set<std::string> distinct;
        for (size_t i = 0; i < drawn.size(); i += 2) {
          EXPECT_EQ(drawn[i], "f" + drawn[i + 1]);
          distinct.insert(drawn[i]);
        }
        EXPECT_EQ(distinct.size(), static_cast<size_t>(count));
        seen.insert(distinct.begin(), distinct.end());
      }
    }
    EXPECT_EQ(seen.size(), static_cast<size_t>(fields));
    EXPECT_EQ(Strings(store.Run("HRANDFIELD h -5000")).size(), 5000u);
  }
}

TEST(Hashes, AScanReadsItsCursorThenTheKeyThenItsOptions) {
  CommandHarness store;
  ExpectReplies(store,
                {{"HSET h a 1 b 2 apple 3", ":3\r\n"},
                 {"HSCAN none x", "-ERR invalid cursor\r\n"},
                 {"HSCAN none 0 FOO", "*2\r\n$1\r\n0\r\n*0\r\n"},
                 {"HSCAN none 0 COUNT 0", "*2\r\n$1\r\n0\r\n*0\r\n"},
                 {"HSCAN h 18446744073709551616", "-ERR invalid cursor\r\n"},
                 {"HSCAN h 0 COUNT 0", kSyntax},
                 {"HSCAN h 0 COUNT x", kNotInteger},
                 {"HSCAN h 0 MATCH", kSyntax},
                 {"HSCAN h 0 TYPE hash", kSyntax},
                 {"HSCAN h 0 NOVALUES", kSyntax},
                 {"HSCAN h 0 MATCH a*", "*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$5\r\napple\r\n$1\r\n3\r\n"},
                 {"HSCAN h 0 COUNT 1",
                  "*2\r\n$1\r\n0\r\n*6\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n$5\r\napple\r\n$1\r\n3\r\n"}});
}

TEST(Hashes, AScanVisitsWhatStaysExactlyOnceWhileOthersComeAndGo) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    std::mt19937_64 random(seed);
    CommandHarness store;
    for (int i = 0; i < 500; ++i) store.Run("HSET h stays" + std::to_string(i) + " " + std::to_string(i));
    std::map<std::string, int> visits;
    std::string cursor = "0";
    int added = 0;
    do {
      const std::vector<std::string> found = Strings(store.Run("HSCAN h " + cursor + " COUNT 7"));
      cursor = found[0];
      for (size_t i = 1; i < found.size(); i += 2) {
        if (found[i].starts_with("stays")) {
          EXPECT_EQ("stays" + found[i + 1], found[i]) << "seed " << seed;
        }
        ++visits[found[i]];
      }
      for (int i = 0; i < 20; ++i) store.Run("HSET h comes" + std::to_string(++added) + " x");
      for (int i = 0; i < 10; ++i) store.Run("HDEL h comes" + std::to_string(random() % static_cast<uint64_t>(added)));
    } while (cursor != "0");
    for (int i = 0; i < 500; ++i)
      EXPECT_EQ(visits["stays" + std::to_string(i)], 1) << "seed " << seed << " field " << i;
  }
}

TEST(Hashes, WhatChangesNothingIsNotLogged) {
  CommandHarness store;
  store.Run("HSET h a 1 s x i inf m 9223372036854775807");
  store.Run("SET s 1");
  const uint64_t logged = Logged(store);
  for (const char* line : {"HSET s a 1", "HSET h a 1 b", "HSETNX h a 2", "HDEL none a", "HDEL h x y", "HINCRBY h s 1",
                           "HINCRBY h m 1", "HINCRBY h a x", "HINCRBYFLOAT h s 1", "HINCRBYFLOAT h i 1",
                           "HINCRBYFLOAT h a x", "HGETALL h", "HSCAN h 0", "HRANDFIELD h"}) {
    store.Run(line);
    EXPECT_EQ(Logged(store), logged) << line;
  }
  store.Run("HINCRBYFLOAT h a 0.5");
  EXPECT_EQ(Logged(store), logged + 1);
  EXPECT_EQ(store.Run("HGET h a"), "$3\r\n1.5\r\n");
}

// ---- Against a map.

TEST(Hashes, RandomCommandsReplyAndLeaveWhatAMapDoes) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](uint64_t bound) { return random() % bound; };
    const uint64_t fields = seed % 2 == 0 ? 12 : 300;  // packed, and a table
    const auto field = [&] {
      return below(20) == 0 ? std::string() : std::string("f\0", 2) + std::to_string(below(fields));
    };
    const auto value = [&] {
      return below(3) == 0 ? std::string(below(200), '\xff') : std::to_string(static_cast<int64_t>(below(100)) - 50);
    };
    CommandHarness store;
    std::map<std::string, std::map<std::string, std::string>> model;
    for (int step = 0; step < 3000; ++step) {
      const std::string key(1, static_cast<char>('a' + below(2)));
      std::map<std::string, std::string>& hash = model[key];
      resp::Writer expected(3);
      std::vector<std::string> words;
      switch (below(9)) {
        case 0:
        case 1:
        case 2: {
          words = {"HSET", key};
          int64_t added = 0;
          for (uint64_t left = 1 + below(5); left > 0; --left) {
            const std::string name = field();
            const std::string text = value();
            added += hash.insert_or_assign(name, text).second ? 1 : 0;
            words.push_back(name);
            words.push_back(text);
          }
          expected.Integer(added);
          break;
        }
        case 3: {
          words = {"HSETNX", key, field(), value()};
          expected.Integer(hash.emplace(words[2], words[3]).second ? 1 : 0);
          break;
        }
        case 4: {
          words = {"HDEL", key};
          int64_t erased = 0;
          for (uint64_t left = 1 + below(4); left > 0; --left) {
            words.push_back(field());
            erased += static_cast<int64_t>(hash.erase(words.back()));
          }
          expected.Integer(erased);
          break;
        }
        case 5: {
          words = {"HINCRBY", key, field(), std::to_string(static_cast<int64_t>(below(100)) - 50)};
          const auto found = hash.find(words[2]);
          const std::string before = found == hash.end() ? "0" : found->second;
          if (before.empty() || before.find('\xff') != std::string::npos) {
            expected.Error(Code::kValue, "ERR hash value is not an integer");
          } else {
            const int64_t sum = std::stoll(before) + std::stoll(words[3]);
            hash[words[2]] = std::to_string(sum);
            expected.Integer(sum);
          }
          break;
        }
        case 6: {
          words = {"HMGET", key, field(), field()};
          expected.Array(2);
          for (size_t i = 2; i < 4; ++i) {
            const auto found = hash.find(words[i]);
            found == hash.end() ? expected.Null() : expected.Bulk(found->second);
          }
          break;
        }
        case 7: {
          words = {"HSTRLEN", key, field()};
          const auto found = hash.find(words[2]);
          expected.Integer(found == hash.end() ? 0 : static_cast<int64_t>(found->second.size()));
          break;
        }
        default: {
          words = {"HLEN", key};
          expected.Integer(static_cast<int64_t>(hash.size()));
        }
      }
      ASSERT_EQ(store.RunWords(words), expected.bytes()) << "seed " << seed << " step " << step << ": " << words[0];
    }
    for (const auto& [key, hash] : model) {
      EXPECT_EQ(store.Run("EXISTS " + key), hash.empty() ? ":0\r\n" : ":1\r\n");
      std::map<std::string, std::string> all;
      const std::vector<std::string> pairs = Strings(store.Run("HGETALL " + key));
      for (size_t i = 0; i + 1 < pairs.size(); i += 2)
        EXPECT_TRUE(all.emplace(pairs[i], pairs[i + 1]).second) << "seed " << seed;
      EXPECT_EQ(all, hash) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace redislite::test
