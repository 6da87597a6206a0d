// The fast lanes: every code, the limits, expiry by a clock of the test, and a std::map as the simpler truth.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

// A store whose time stands still.
class Strings : public testing::Test {
 protected:
  Strings() : options_(), store_((clock_.AddTo(options_.get()), nullptr), options_.get()) {}
  Clock clock_;
  Options options_;
  Store store_;

  int SetWith(const std::string& key, const std::string& value, int64_t ttl_ms, unsigned flags) {
    return rl_set_with(store_, key.data(), key.size(), value.data(), value.size(), ttl_ms, flags);
  }
};

TEST_F(Strings, AnyBytesAreKeysAndValues) {
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes.push_back(static_cast<char>(byte));
  const std::string samples[] = {"", std::string(1, '\0'), "a", "\r\n", "12", all_bytes, std::string(100000, '\xff')};
  for (const std::string& key : samples) {
    for (const std::string& value : samples) {
      EXPECT_EQ(Set(store_, key, value), RL_OK);
      EXPECT_EQ(Get(store_, key), value);
    }
  }
  uint64_t keys = 0;
  EXPECT_EQ(rl_count(store_, &keys), RL_OK);
  EXPECT_EQ(keys, std::size(samples));
}

TEST_F(Strings, NullIsEmptyWhenTheLengthIsZero) {
  EXPECT_EQ(rl_set(store_, nullptr, 0, nullptr, 0), RL_OK);
  EXPECT_EQ(Get(store_, ""), "");
  size_t size = 7;
  EXPECT_EQ(rl_get_into(store_, nullptr, 0, nullptr, 0, &size), RL_OK);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(rl_exists(store_, nullptr, 0), RL_OK);
  EXPECT_EQ(rl_del(store_, nullptr, 0), RL_OK);
  EXPECT_EQ(rl_del(store_, nullptr, 0), RL_NOT_FOUND);
}

TEST_F(Strings, NullsWithALengthAndNullResultsAreMisuse) {
  int64_t number = 0;
  size_t size = 7;
  void* value = &number;
  char byte = 'x';
  EXPECT_EQ(rl_set(store_, nullptr, 1, "v", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_set(store_, "k", 1, nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_set_with(store_, nullptr, 1, "v", 1, 0, 0), RL_ERR_INVALID);
  EXPECT_EQ(rl_set_with(store_, "k", 1, nullptr, 1, 0, 0), RL_ERR_INVALID);
  EXPECT_EQ(rl_get(store_, nullptr, 1, &value, &size), RL_ERR_INVALID);
  EXPECT_EQ(value, nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(rl_get(store_, "k", 1, nullptr, &size), RL_ERR_INVALID);
  EXPECT_EQ(rl_get(store_, "k", 1, &value, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_get_into(store_, nullptr, 1, &byte, 1, &size), RL_ERR_INVALID);
  EXPECT_EQ(rl_get_into(store_, "k", 1, nullptr, 1, &size), RL_ERR_INVALID);
  EXPECT_EQ(rl_get_into(store_, "k", 1, &byte, 1, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_del(store_, nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_exists(store_, nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_incr_by(store_, nullptr, 1, 1, &number), RL_ERR_INVALID);
  EXPECT_EQ(rl_expire(store_, nullptr, 1, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_persist(store_, nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_ttl(store_, nullptr, 1, &number), RL_ERR_INVALID);
  EXPECT_EQ(rl_ttl(store_, "k", 1, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_count(store_, nullptr), RL_ERR_INVALID);
  uint64_t keys = 7;
  EXPECT_EQ(rl_count(store_, &keys), RL_OK);
  EXPECT_EQ(keys, 0u);
}

TEST(StringsWithoutHandle, NullIsMisuse) {
  int64_t number = 0;
  uint64_t keys = 0;
  size_t size = 7;
  void* value = &number;
  char byte = 'x';
  EXPECT_EQ(rl_set(nullptr, "k", 1, "v", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_set_with(nullptr, "k", 1, "v", 1, 0, 0), RL_ERR_INVALID);
  EXPECT_EQ(rl_get(nullptr, "k", 1, &value, &size), RL_ERR_INVALID);
  EXPECT_EQ(value, nullptr);
  EXPECT_EQ(rl_get_into(nullptr, "k", 1, &byte, 1, &size), RL_ERR_INVALID);
  EXPECT_EQ(rl_del(nullptr, "k", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_exists(nullptr, "k", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_incr_by(nullptr, "k", 1, 1, &number), RL_ERR_INVALID);
  EXPECT_EQ(rl_expire(nullptr, "k", 1, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_persist(nullptr, "k", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_ttl(nullptr, "k", 1, &number), RL_ERR_INVALID);
  EXPECT_EQ(rl_count(nullptr, &keys), RL_ERR_INVALID);
  rl_buffer_free(nullptr);
}

// Refused by the length alone: the bytes do not exist.
TEST_F(Strings, AByteAboveTheLimitIsRefusedEverywhere) {
  const size_t key_size = kKeyBytesMax + 1;
  const size_t value_size = kValueBytesMax + 1;
  int64_t number = 0;
  size_t size = 7;
  void* value = nullptr;
  char byte = 'x';
  EXPECT_EQ(rl_set(store_, "k", key_size, "v", 1), RL_ERR_LIMIT);
  EXPECT_EQ(rl_set(store_, "k", 1, "v", value_size), RL_ERR_LIMIT);
  EXPECT_NE(Message(store_).find("536870913"), std::string::npos) << Message(store_);
  EXPECT_EQ(rl_set(store_, "k", 1, "v", SIZE_MAX), RL_ERR_LIMIT);
  EXPECT_EQ(rl_set_with(store_, "k", key_size, "v", 1, 0, 0), RL_ERR_LIMIT);
  EXPECT_EQ(rl_set_with(store_, "k", 1, "v", value_size, 0, 0), RL_ERR_LIMIT);
  EXPECT_EQ(rl_get(store_, "k", key_size, &value, &size), RL_ERR_LIMIT);
  EXPECT_EQ(rl_get_into(store_, "k", key_size, &byte, 1, &size), RL_ERR_LIMIT);
  EXPECT_EQ(rl_del(store_, "k", key_size), RL_ERR_LIMIT);
  EXPECT_EQ(rl_exists(store_, "k", key_size), RL_ERR_LIMIT);
  EXPECT_EQ(rl_incr_by(store_, "k", key_size, 1, &number), RL_ERR_LIMIT);
  EXPECT_EQ(rl_expire(store_, "k", key_size, 1), RL_ERR_LIMIT);
  EXPECT_EQ(rl_persist(store_, "k", key_size), RL_ERR_LIMIT);
  EXPECT_EQ(rl_ttl(store_, "k", key_size, &number), RL_ERR_LIMIT);
  EXPECT_EQ(Get(store_, "k"), "code 1");
}

TEST_F(Strings, SetReplacesAnyTypeAndRemovesTheExpiry) {
  EXPECT_EQ(Command(store_, {"RPUSH", "k", "a"}), "1");
  EXPECT_EQ(rl_expire(store_, "k", 1, 5000), RL_OK);
  EXPECT_EQ(Set(store_, "k", "v"), RL_OK);
  EXPECT_EQ(Get(store_, "k"), "v");
  EXPECT_EQ(Ttl(store_, "k"), -1);
}

TEST_F(Strings, GetOfAnotherTypeIsATypeError) {
  EXPECT_EQ(Command(store_, {"RPUSH", "list", "a"}), "1");
  EXPECT_EQ(Get(store_, "list"), "code -2");
  size_t size = 7;
  char buffer[8];
  EXPECT_EQ(rl_get_into(store_, "list", 4, buffer, sizeof buffer, &size), RL_ERR_TYPE);
  EXPECT_EQ(size, 0u);
  int64_t sum = 42;
  EXPECT_EQ(rl_incr_by(store_, "list", 4, 1, &sum), RL_ERR_TYPE);
  EXPECT_EQ(sum, 42);
  EXPECT_NE(Message(store_).find("WRONGTYPE"), std::string::npos);
}

TEST_F(Strings, GetIntoCopiesAtMostTheCapacityAndTellsTheTrueSize) {
  for (const std::string& value :
       {std::string(), std::string("0123456789"), std::string("42"), std::string(5000, 'x')}) {
    EXPECT_EQ(Set(store_, "k", value), RL_OK);
    for (const size_t capacity : {size_t{0}, size_t{1}, size_t{2}, size_t{9}, size_t{10}, size_t{11}, size_t{6000}}) {
      std::string buffer(capacity + 1, '?');
      size_t size = 7;
      EXPECT_EQ(rl_get_into(store_, "k", 1, buffer.data(), capacity, &size), RL_OK);
      EXPECT_EQ(size, value.size());
      const size_t copied = std::min(capacity, value.size());
      EXPECT_EQ(buffer.substr(0, copied), value.substr(0, copied));
      EXPECT_EQ(buffer[copied], '?');
    }
  }
  size_t size = 7;
  EXPECT_EQ(rl_get_into(store_, "missing", 7, nullptr, 0, &size), RL_NOT_FOUND);
  EXPECT_EQ(size, 0u);
}

TEST_F(Strings, ConditionsDecideWhetherSetHappens) {
  EXPECT_EQ(SetWith("k", "1", 0, RL_SET_XX), RL_CONDITION);
  EXPECT_EQ(Get(store_, "k"), "code 1");
  EXPECT_EQ(SetWith("k", "2", 0, RL_SET_NX), RL_OK);
  EXPECT_EQ(SetWith("k", "3", 0, RL_SET_NX), RL_CONDITION);
  EXPECT_EQ(Get(store_, "k"), "2");
  EXPECT_EQ(SetWith("k", "4", 0, RL_SET_XX), RL_OK);
  EXPECT_EQ(Get(store_, "k"), "4");
}

TEST_F(Strings, ExpiryIsKeptOnlyWhenAskedFor) {
  EXPECT_EQ(SetWith("k", "1", 1000, 0), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), 1000);
  EXPECT_EQ(SetWith("k", "2", 0, RL_SET_KEEPTTL), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), 1000);
  EXPECT_EQ(SetWith("k", "3", 0, RL_SET_KEEPTTL | RL_SET_XX), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), 1000);
  EXPECT_EQ(SetWith("k", "4", 0, 0), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), -1);
  EXPECT_EQ(SetWith("k", "5", 1, RL_SET_XX), RL_OK);
  clock_.now_ms += 1;
  EXPECT_EQ(SetWith("k", "6", 0, RL_SET_XX), RL_CONDITION) << "an expired key is absent (I4)";
  EXPECT_EQ(SetWith("k", "7", 5, RL_SET_NX), RL_OK);
}

// All 16 combinations of the flags, a bit too many, and both signs of the expiry.
TEST_F(Strings, EveryContradictionOfFlagsIsRefusedAndWritesNothing) {
  for (const int64_t ttl_ms : {int64_t{0}, int64_t{1000}, int64_t{-1}, kMin}) {
    for (unsigned flags = 0; flags < 16; ++flags) {
      SCOPED_TRACE(std::to_string(ttl_ms) + " " + std::to_string(flags));
      EXPECT_LE(rl_del(store_, "k", 1), RL_NOT_FOUND);
      const bool both = (flags & RL_SET_NX) != 0 && (flags & RL_SET_XX) != 0;
      const bool bad = ttl_ms < 0 || flags > 7 || both || ((flags & RL_SET_KEEPTTL) != 0 && ttl_ms != 0);
      const int expected = bad ? RL_ERR_INVALID : (flags & RL_SET_XX) != 0 ? RL_CONDITION : RL_OK;
      EXPECT_EQ(SetWith("k", "v", ttl_ms, flags), expected);
      EXPECT_EQ(Get(store_, "k"), expected == RL_OK ? "v" : "code 1");
    }
  }
  EXPECT_EQ(SetWith("k", "v", 0, 1u << 31), RL_ERR_INVALID);
}

TEST_F(Strings, AnExpiryThatOverflowsIsAValueError) {
  for (const int64_t ttl_ms : {kMax, kMax - 1, kMax - clock_.now_ms + 1}) {
    EXPECT_EQ(SetWith("k", "v", ttl_ms, 0), RL_ERR_VALUE) << ttl_ms;
    EXPECT_EQ(Get(store_, "k"), "code 1");
  }
  EXPECT_EQ(Set(store_, "k", "v"), RL_OK);
  for (const int64_t ttl_ms : {kMax, kMax - clock_.now_ms + 1}) {
    EXPECT_EQ(rl_expire(store_, "k", 1, ttl_ms), RL_ERR_VALUE) << ttl_ms;
    EXPECT_EQ(Ttl(store_, "k"), -1);
  }
  const int64_t largest = kMax - 1 - clock_.now_ms;
  EXPECT_EQ(rl_expire(store_, "k", 1, largest), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), largest);
}

TEST_F(Strings, ExpireInThePastRemovesTheKey) {
  for (const int64_t ttl_ms : {int64_t{0}, int64_t{-1}, int64_t{-1'000'000'000'000'000}}) {
    EXPECT_EQ(Set(store_, "k", "v"), RL_OK);
    EXPECT_EQ(rl_expire(store_, "k", 1, ttl_ms), RL_OK) << ttl_ms;
    EXPECT_EQ(rl_exists(store_, "k", 1), RL_NOT_FOUND);
  }
  EXPECT_EQ(rl_expire(store_, "k", 1, 1000), RL_NOT_FOUND);
}

TEST_F(Strings, AKeyIsAbsentFromTheMillisecondItExpiresIn) {
  EXPECT_EQ(Set(store_, "k", "v"), RL_OK);
  EXPECT_EQ(rl_expire(store_, "k", 1, 10), RL_OK);
  clock_.now_ms += 9;
  EXPECT_EQ(Get(store_, "k"), "v");
  EXPECT_EQ(Ttl(store_, "k"), 1);
  clock_.now_ms += 1;
  EXPECT_EQ(Get(store_, "k"), "code 1");
  EXPECT_EQ(rl_exists(store_, "k", 1), RL_NOT_FOUND);
  EXPECT_EQ(rl_del(store_, "k", 1), RL_NOT_FOUND);
  EXPECT_EQ(rl_persist(store_, "k", 1), RL_NOT_FOUND);
  EXPECT_EQ(Ttl(store_, "k"), -2);
  uint64_t keys = 7;
  EXPECT_EQ(rl_count(store_, &keys), RL_OK);
  EXPECT_EQ(keys, 0u);
}

TEST_F(Strings, PersistIsOkWithAndWithoutAnExpiry) {
  EXPECT_EQ(rl_persist(store_, "k", 1), RL_NOT_FOUND);
  EXPECT_EQ(SetWith("k", "v", 10, 0), RL_OK);
  EXPECT_EQ(rl_persist(store_, "k", 1), RL_OK);
  EXPECT_EQ(Ttl(store_, "k"), -1);
  EXPECT_EQ(rl_persist(store_, "k", 1), RL_OK);
}

TEST_F(Strings, IncrByCountsFromZeroAndKeepsTheExpiry) {
  int64_t sum = 0;
  EXPECT_EQ(rl_incr_by(store_, "k", 1, 5, &sum), RL_OK);
  EXPECT_EQ(sum, 5);
  EXPECT_EQ(rl_expire(store_, "k", 1, 1000), RL_OK);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, -7, &sum), RL_OK);
  EXPECT_EQ(sum, -2);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, 0, nullptr), RL_OK);
  EXPECT_EQ(Get(store_, "k"), "-2");
  EXPECT_EQ(Ttl(store_, "k"), 1000);
}

TEST_F(Strings, IncrByStopsAtBothEndsOfTheIntegers) {
  int64_t sum = 42;
  EXPECT_EQ(Set(store_, "k", std::to_string(kMax)), RL_OK);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, 1, &sum), RL_ERR_VALUE);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, 0, &sum), RL_OK);
  EXPECT_EQ(sum, kMax);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, kMin, &sum), RL_OK);
  EXPECT_EQ(sum, -1);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, kMin, &sum), RL_ERR_VALUE);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, kMin + 1, &sum), RL_OK);
  EXPECT_EQ(sum, kMin);
  EXPECT_EQ(rl_incr_by(store_, "k", 1, -1, &sum), RL_ERR_VALUE);
  EXPECT_EQ(sum, kMin);
  EXPECT_EQ(Get(store_, "k"), std::to_string(kMin));
}

TEST_F(Strings, WhatIsNoIntegerIsAValueErrorAndStays) {
  for (const std::string value : {"", "x", " 1", "1 ", "1.0", "01", "+1", "-0", "9223372036854775808"}) {
    EXPECT_EQ(Set(store_, "k", value), RL_OK);
    int64_t sum = 42;
    EXPECT_EQ(rl_incr_by(store_, "k", 1, 1, &sum), RL_ERR_VALUE) << value;
    EXPECT_EQ(sum, 42);
    EXPECT_EQ(Get(store_, "k"), value);
  }
}

TEST_F(Strings, CountIsOfDatabaseZero) {
  EXPECT_EQ(Set(store_, "a", "1"), RL_OK);
  EXPECT_EQ(Set(store_, "b", "1"), RL_OK);
  EXPECT_EQ(Command(store_, {"MOVE", "b", "1"}), "1");
  uint64_t keys = 0;
  EXPECT_EQ(rl_count(store_, &keys), RL_OK);
  EXPECT_EQ(keys, 1u);
}

TEST_F(Strings, RandomCallsAgreeWithAMap) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::map<std::string, std::string> model;
    EXPECT_EQ(Command(store_, {"FLUSHALL"}), "+OK");
    for (int step = 0; step < 300; ++step) {
      const std::string key = "k" + std::to_string(random.Below(8));
      const bool exists = model.count(key) > 0;
      switch (random.Below(6)) {
        case 0: {
          const std::string value = std::to_string(random.Below(1000));
          ASSERT_EQ(Set(store_, key, value), RL_OK);
          model[key] = value;
          break;
        }
        case 1: {
          const bool if_missing = random.Below(2) == 0;
          const int code = SetWith(key, "7", 0, if_missing ? RL_SET_NX : RL_SET_XX);
          ASSERT_EQ(code, exists == if_missing ? RL_CONDITION : RL_OK);
          if (code == RL_OK) model[key] = "7";
          break;
        }
        case 2:
          ASSERT_EQ(rl_del(store_, key.data(), key.size()), model.erase(key) > 0 ? RL_OK : RL_NOT_FOUND);
          break;
        case 3: {
          int64_t sum = 0;
          ASSERT_EQ(rl_incr_by(store_, key.data(), key.size(), 3, &sum), RL_OK);
          model[key] = std::to_string((exists ? std::stoll(model[key]) : 0) + 3);
          ASSERT_EQ(std::to_string(sum), model[key]);
          break;
        }
        case 4:
          ASSERT_EQ(rl_exists(store_, key.data(), key.size()), exists ? RL_OK : RL_NOT_FOUND);
          break;
        default:
          ASSERT_EQ(Get(store_, key), exists ? model[key] : "code 1");
      }
      uint64_t keys = 0;
      ASSERT_EQ(rl_count(store_, &keys), RL_OK);
      ASSERT_EQ(keys, model.size());
    }
  }
}

}  // namespace
}  // namespace redislite::capi
