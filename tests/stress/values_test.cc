// Values at their extremes: empty, binary, huge and very many; numbers and times at the ends of int64.
#include <algorithm>
#include <limits>
#include <string_view>
#include <tuple>

#include "support.h"

namespace stress {
namespace {

constexpr size_t kValueMax = size_t{512} << 20;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

TEST(Values, EveryByteIsLegalInKeysAndValues) {
  Scratch scratch;
  std::vector<std::string> samples = {
      "", std::string(1, '\0'), "\xff", std::string(3, '\0'), "\r\n", "*1\r\n$4\r\nQUIT\r\n", std::string("a\0b", 3)};
  for (int byte = 0; byte < 256; ++byte) samples.push_back(std::string(2, static_cast<char>(byte)));
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  samples.push_back(all);
  for (int round = 0; round < 3; ++round) {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    for (size_t i = 0; i < samples.size(); ++i) {
      const std::string& key = samples[i];
      const std::string& value = samples[samples.size() - 1 - i];
      if (round == 0) {
        ASSERT_EQ(Set(store, key, value), RL_OK);
        ASSERT_NE(Do(store, {"HSET", "hash of all", key, value}).substr(0, 1), "-");
        ASSERT_NE(Do(store, {"RPUSH", "list of all", value}).substr(0, 1), "-");
      }
      ASSERT_EQ(Get(store, key), value) << i;
      ASSERT_EQ(Do(store, {"HGET", "hash of all", key}), value) << i;
      ASSERT_EQ(Do(store, {"LINDEX", "list of all", std::to_string(i)}), value) << i;
    }
    if (round == 1) {
      ASSERT_EQ(rl_snapshot(store), RL_OK);
    }
  }
}

TEST(Values, GetIntoTellsTheTrueSize) {
  Store store(":memory:");
  ASSERT_EQ(Set(store, "k", "0123456789"), RL_OK);
  for (size_t capacity = 0; capacity <= 12; ++capacity) {
    std::string buffer(12, '.');
    size_t length = 99;
    ASSERT_EQ(rl_get_into(store, "k", 1, buffer.data(), capacity, &length), RL_OK);
    EXPECT_EQ(length, 10u);
    const size_t copied = std::min<size_t>(capacity, 10);
    EXPECT_EQ(buffer, std::string("0123456789").substr(0, copied) + std::string(12 - copied, '.'));
  }
  size_t length = 99;
  EXPECT_EQ(rl_get_into(store, "none", 4, nullptr, 0, &length), RL_NOT_FOUND);
  EXPECT_EQ(length, 0u);
}

TEST(Values, IncrementsStopAtBothEndsOfInt64) {
  Scratch scratch;
  Store store(scratch / "db");
  int64_t result = 0;
  for (const auto& [start, delta, fits] : std::vector<std::tuple<int64_t, int64_t, bool>>{{kMax, 1, false},
                                                                                          {kMax - 1, 1, true},
                                                                                          {kMax, kMax, false},
                                                                                          {kMax, kMin, true},
                                                                                          {kMin, -1, false},
                                                                                          {kMin + 1, -1, true},
                                                                                          {kMin, kMin, false},
                                                                                          {kMin, kMax, true},
                                                                                          {0, kMax, true},
                                                                                          {0, kMin, true},
                                                                                          {-1, kMin, false},
                                                                                          {1, kMax, false}}) {
    ASSERT_EQ(Set(store, "n", std::to_string(start)), RL_OK);
    const int code = rl_incr_by(store, "n", 1, delta, &result);
    ASSERT_EQ(code, fits ? RL_OK : RL_ERR_VALUE) << start << " + " << delta;
    ASSERT_EQ(Get(store, "n"), std::to_string(fits ? start + delta : start));
    if (fits) {
      ASSERT_EQ(result, start + delta);
    }
  }
  const std::string last = Get(store, "n");
  store.Close();
  Store again(scratch / "db");
  EXPECT_EQ(Get(again, "n"), last);
}

TEST(Values, TimesToLiveAtTheirEnds) {
  Scratch scratch;
  {
    Store store(scratch / "db");
    EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, -1, 0), RL_ERR_INVALID);
    EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, kMin, 0), RL_ERR_INVALID);
    EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, kMax, 0), RL_ERR_VALUE);
    EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, 0, RL_SET_NX | RL_SET_XX), RL_ERR_INVALID);
    EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, 0, 1u << 20), RL_ERR_INVALID);
    EXPECT_EQ(rl_exists(store, "k", 1), RL_NOT_FOUND);
    const int64_t century = int64_t{100} * 365 * 24 * 3600 * 1000;
    ASSERT_EQ(rl_set_with(store, "k", 1, "v", 1, century, 0), RL_OK);
    int64_t ttl = 0;
    ASSERT_EQ(rl_ttl(store, "k", 1, &ttl), RL_OK);
    EXPECT_LE(ttl, century);
    EXPECT_GT(ttl, century - 60'000);
    EXPECT_EQ(rl_expire(store, "k", 1, kMax), RL_ERR_VALUE);
    EXPECT_EQ(Get(store, "k"), "v");
    EXPECT_EQ(rl_expire(store, "k", 1, 0), RL_OK);
    EXPECT_EQ(rl_exists(store, "k", 1), RL_NOT_FOUND);
    ASSERT_EQ(Set(store, "gone", "v"), RL_OK);
    EXPECT_EQ(rl_expire(store, "gone", 4, kMin), RL_OK);
    EXPECT_EQ(rl_exists(store, "gone", 4), RL_NOT_FOUND);
    EXPECT_EQ(rl_expire(store, "gone", 4, 1000), RL_NOT_FOUND);
    EXPECT_EQ(rl_ttl(store, "gone", 4, &ttl), RL_NOT_FOUND);
    EXPECT_EQ(ttl, -2);
    ASSERT_EQ(Set(store, "last", "v"), RL_OK);
    EXPECT_EQ(Do(store, {"PEXPIREAT", "last", std::to_string(kMax)}), "1");
    EXPECT_EQ(Do(store, {"PEXPIRETIME", "last"}), std::to_string(kMax));
  }
  Store again(scratch / "db");
  EXPECT_EQ(Get(again, "last"), "v");
  EXPECT_EQ(Do(again, {"PEXPIRETIME", "last"}), std::to_string(kMax));
  EXPECT_EQ(Get(again, "k"), "(none)");
  EXPECT_EQ(rl_persist(again, "last", 4), RL_OK);
  EXPECT_EQ(rl_persist(again, "last", 4), RL_OK);
  EXPECT_EQ(rl_persist(again, "k", 1), RL_NOT_FOUND);
}

TEST(SlowValues, AValueOf512MiBIsKeptAndOneByteMoreIsRefused) {
  Scratch scratch(Scratch::Where::kMemory);
  std::string value(kValueMax, 'x');
  value.front() = 'a';
  value.back() = 'z';
  {
    Store store(scratch / "db");
    ASSERT_EQ(Set(store, "big", value), RL_OK) << Message(store);
    EXPECT_EQ(Set(store, "small", "v"), RL_OK);
    EXPECT_EQ(Do(store, {"APPEND", "big", "!"}), "-ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    EXPECT_EQ(Do(store, {"STRLEN", "big"}), std::to_string(kValueMax));
    value += '!';
    EXPECT_EQ(Set(store, "big", value), RL_ERR_LIMIT);
    EXPECT_EQ(Set(store, "other", value), RL_ERR_LIMIT);
    EXPECT_EQ(rl_set(store, value.data(), value.size(), "v", 1), RL_ERR_LIMIT);
    EXPECT_EQ(rl_exists(store, "other", 5), RL_NOT_FOUND);
    value.pop_back();
    EXPECT_EQ(Do(store, {"STRLEN", "big"}), std::to_string(kValueMax));
  }
  Store store(scratch / "db");
  void* back = nullptr;
  size_t length = 0;
  ASSERT_EQ(rl_get(store, "big", 3, &back, &length), RL_OK);
  EXPECT_TRUE(std::string_view(static_cast<const char*>(back), length) == value);
  rl_buffer_free(back);
  EXPECT_EQ(Get(store, "small"), "v");
  EXPECT_EQ(rl_del(store, "big", 3), RL_OK);
}

TEST(SlowValues, AMillionElementsInAList) {
  constexpr int kElements = 1'000'000, kStep = 1000;
  Scratch scratch(Scratch::Where::kMemory);
  {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    for (int i = 0; i < kElements; i += kStep) {
      std::vector<std::string> words = {"RPUSH", "l"};
      for (int j = i; j < i + kStep; ++j) words.push_back("element " + std::to_string(j));
      ASSERT_EQ(Do(store, words), std::to_string(i + kStep));
    }
    ASSERT_EQ(rl_snapshot(store), RL_OK);
    ASSERT_EQ(Do(store, {"LPOP", "l"}), "element 0");
  }
  for (int round = 0; round < 2; ++round) {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    ASSERT_EQ(Do(store, {"LLEN", "l"}), std::to_string(kElements - 1 - round));
    for (const int index : {0, 1, 499'999, 500'000, 999'990}) {
      ASSERT_EQ(Do(store, {"LINDEX", "l", std::to_string(index)}), "element " + std::to_string(index + 1));
    }
    ASSERT_EQ(Do(store, {"LRANGE", "l", "-2", "-1"}), "[element " + std::to_string(kElements - 2 - round) +
                                                          ", element " + std::to_string(kElements - 1 - round) + "]");
    ASSERT_EQ(Do(store, {"RPOP", "l"}), "element " + std::to_string(kElements - 1 - round));
  }
  Store store(scratch / "db", {{"appendfsync", "no"}});
  ASSERT_EQ(Do(store, {"LREM", "l", "-1", "element 500000"}), "1");
  ASSERT_EQ(Do(store, {"LTRIM", "l", "499990", "500010"}), "OK");
  ASSERT_EQ(Do(store, {"LLEN", "l"}), "21");
  ASSERT_EQ(Do(store, {"DEL", "l"}), "1");
}

TEST(SlowValues, AMillionFieldsInAHash) {
  constexpr int kFields = 1'000'000, kStep = 1000;
  Scratch scratch(Scratch::Where::kMemory);
  {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    for (int i = 0; i < kFields; i += kStep) {
      std::vector<std::string> words = {"HSET", "h"};
      for (int j = i; j < i + kStep; ++j) {
        words.push_back("field " + std::to_string(j));
        words.push_back(std::to_string(j));
      }
      ASSERT_EQ(Do(store, words), std::to_string(kStep));
    }
    ASSERT_EQ(Do(store, {"HLEN", "h"}), std::to_string(kFields));
  }
  Store store(scratch / "db", {{"appendfsync", "no"}});
  ASSERT_EQ(Do(store, {"HLEN", "h"}), std::to_string(kFields));
  // HSCAN gives each field once, however large the hash.
  std::vector<bool> seen(kFields, false);
  int count = 0;
  std::string cursor = "0";
  do {
    rl_reply* reply = nullptr;
    const char* argv[] = {"HSCAN", "h", cursor.c_str(), "COUNT", "1000"};
    ASSERT_EQ(rl_command(store, 5, argv, nullptr, &reply), RL_OK);
    cursor = rl_reply_string(rl_reply_at(reply, 0), nullptr);
    const rl_reply* items = rl_reply_at(reply, 1);
    for (size_t i = 1; i < rl_reply_count(items); i += 2) {
      const size_t index = std::stoul(rl_reply_string(rl_reply_at(items, i), nullptr));
      EXPECT_FALSE(seen[index]) << index;
      seen[index] = true;
      ++count;
    }
    rl_reply_free(reply);
  } while (cursor != "0");
  EXPECT_EQ(count, kFields);
  ASSERT_EQ(Do(store, {"HDEL", "h", "field 999999"}), "1");
  ASSERT_EQ(Do(store, {"UNLINK", "h"}), "1");
}

// 7919 is a prime that does not divide the number of members: every score from 0 on occurs once, in no simple order.
int ScoreOf(int member, int members) { return static_cast<int>(int64_t{member} * 7919 % members); }

TEST(SlowValues, AMillionMembersInASetAndASortedSet) {
  constexpr int kMembers = 1'000'000, kStep = 1000;
  Scratch scratch(Scratch::Where::kMemory);
  {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    for (int i = 0; i < kMembers; i += kStep) {
      std::vector<std::string> members = {"SADD", "s"}, scores = {"ZADD", "z"};
      for (int j = i; j < i + kStep; ++j) {
        members.push_back("member " + std::to_string(j));
        scores.push_back(std::to_string(ScoreOf(j, kMembers)));
        scores.push_back("member " + std::to_string(j));
      }
      ASSERT_EQ(Do(store, members), std::to_string(kStep));
      ASSERT_EQ(Do(store, scores), std::to_string(kStep));
    }
    ASSERT_EQ(rl_snapshot(store), RL_OK);
    ASSERT_EQ(Do(store, {"ZINCRBY", "z", "0.5", "member 0"}), "0.5");
    ASSERT_EQ(Do(store, {"SREM", "s", "member 0"}), "1");
  }
  for (int round = 0; round < 2; ++round) {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    ASSERT_EQ(Do(store, {"SCARD", "s"}), std::to_string(kMembers - 1));
    ASSERT_EQ(Do(store, {"ZCARD", "z"}), std::to_string(kMembers));
    for (int i = 0; i < kMembers; i += 9973) {
      const std::string member = "member " + std::to_string(i);
      const std::string rank = std::to_string(ScoreOf(i, kMembers));
      ASSERT_EQ(Do(store, {"SISMEMBER", "s", member}), i == 0 ? "0" : "1");
      ASSERT_EQ(Do(store, {"ZRANK", "z", member}), rank);
      ASSERT_EQ(Do(store, {"ZRANGE", "z", rank, rank}), "[" + member + "]");
      ASSERT_EQ(Do(store, {"ZCOUNT", "z", "-inf", "(" + rank}), i == 0 ? "0" : rank);
    }
    if (round == 0) {
      ASSERT_EQ(rl_snapshot(store), RL_OK);
    }
  }
  Store store(scratch / "db", {{"appendfsync", "no"}});
  ASSERT_EQ(Do(store, {"ZINTERCARD", "2", "s", "z"}), std::to_string(kMembers - 1));
  ASSERT_EQ(Do(store, {"ZREMRANGEBYRANK", "z", "10", "-11"}), std::to_string(kMembers - 20));
  ASSERT_EQ(Do(store, {"ZCARD", "z"}), "20");
  ASSERT_EQ(Do(store, {"SINTERSTORE", "s", "s", "none"}), "0");
  ASSERT_EQ(Do(store, {"DBSIZE"}), "1");
}

TEST(SlowValues, AMillionKeys) {
  constexpr int kKeys = 1'000'000, kStep = 1000;
  Scratch scratch(Scratch::Where::kMemory);
  const auto check = [&](rl_db* db, int first) {
    uint64_t keys = 0;
    ASSERT_EQ(rl_count(db, &keys), RL_OK);
    ASSERT_EQ(keys, static_cast<uint64_t>(kKeys - first));
    for (int i = 0; i < kKeys; i += 997) {
      ASSERT_EQ(Get(db, "key:" + std::to_string(i)), i < first ? "(none)" : "value " + std::to_string(i));
    }
  };
  {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    for (int i = 0; i < kKeys; i += kStep) {
      std::vector<std::string> words = {"MSET"};
      for (int j = i; j < i + kStep; ++j) {
        words.push_back("key:" + std::to_string(j));
        words.push_back("value " + std::to_string(j));
      }
      ASSERT_EQ(Do(store, words), "OK");
    }
    check(store, 0);
  }
  {
    Store store(scratch / "db", {{"appendfsync", "no"}});
    check(store, 0);
    ASSERT_EQ(rl_snapshot(store), RL_OK);
    for (int i = 0; i < 1000; ++i) {
      const std::string key = "key:" + std::to_string(i);
      ASSERT_EQ(rl_del(store, key.data(), key.size()), RL_OK);
    }
  }
  Store store(scratch / "db", {{"appendfsync", "no"}});
  check(store, 1000);
  // SCAN gives each key once.
  int count = 0;
  std::vector<bool> seen(kKeys, false);
  std::string cursor = "0";
  do {
    rl_reply* reply = nullptr;
    const char* argv[] = {"SCAN", cursor.c_str(), "COUNT", "5000"};
    ASSERT_EQ(rl_command(store, 4, argv, nullptr, &reply), RL_OK);
    cursor = rl_reply_string(rl_reply_at(reply, 0), nullptr);
    const rl_reply* items = rl_reply_at(reply, 1);
    for (size_t i = 0; i < rl_reply_count(items); ++i) {
      const size_t index = std::stoul(rl_reply_string(rl_reply_at(items, i), nullptr) + 4);
      EXPECT_FALSE(seen[index]) << index;
      seen[index] = true;
      ++count;
    }
    rl_reply_free(reply);
  } while (cursor != "0");
  EXPECT_EQ(count, kKeys - 1000);
  ASSERT_EQ(Do(store, {"FLUSHALL"}), "OK");
  ASSERT_EQ(Do(store, {"DBSIZE"}), "0");
}

}  // namespace
}  // namespace stress
