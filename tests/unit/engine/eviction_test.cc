#include "engine/eviction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/access.h"

namespace redislite::engine {
namespace {

constexpr HashSeed kEvictionSeed = {3, 4};

TEST(Access, IdleTimeIsExactToTheTick) {
  EXPECT_EQ(access::IdleMs(access::UsedAt(1'700'000'000'000), 1'700'000'005'000), 5000);
  EXPECT_EQ(access::IdleMs(access::UsedAt(1'700'000'005'000), 1'700'000'000'000), 0) << "a reader's clock was ahead";
  const int64_t wraps = (int64_t{1} << 32) * 100;
  EXPECT_EQ(access::IdleMs(access::UsedAt(wraps - 1000), wraps + 1000), 2000);
}

TEST(Access, FrequencyRisesWithUseMoreAndMoreSlowlyAndFallsEachMinute) {
  Random random(1);
  const int64_t now_ms = 1'700'000'000'000;
  uint32_t used = access::WithFrequency(access::kNewKeysFrequency, now_ms);
  std::vector<uint32_t> after;
  for (int i = 1; i <= 1000000; ++i) {
    used = access::Counted(used, now_ms, random);
    if (i == 100 || i == 1000 || i == 100000 || i == 1000000) after.push_back(access::Frequency(used, now_ms));
  }
  // Redis' redis.conf: 10, 18, 142 and 255 for the factor 10.
  EXPECT_NEAR(after[0], 10, 4);
  EXPECT_NEAR(after[1], 18, 6);
  EXPECT_NEAR(after[2], 142, 15);
  EXPECT_EQ(after[3], 255u);
  EXPECT_EQ(access::Frequency(used, now_ms + 60'000 * 55), 200u);
  EXPECT_EQ(access::Frequency(used, now_ms + 60'000 * 10000), 0u);
}

// Draws numbers as the web's requests are: the k-th most frequent with a probability of 1 / k^0.99.
class Zipf {
 public:
  Zipf(size_t keys, uint64_t seed) : random_(seed) {
    double sum = 0;
    for (size_t k = 1; k <= keys; ++k) sums_.push_back(sum += 1 / std::pow(static_cast<double>(k), 0.99));
  }
  size_t Next() {
    const double at = static_cast<double>(random_.Next() >> 11) / 9007199254740992.0 * sums_.back();
    return static_cast<size_t>(std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  Random random_;
  std::vector<double> sums_;
};

constexpr size_t kKeys = 10000;
constexpr size_t kCached = kKeys / 10;
constexpr int kAccesses = 300000;
constexpr int kWarmUp = 100000;

double MissRatioOfExactLru() {
  Zipf zipf(kKeys, 1);
  std::list<size_t> order;
  std::unordered_map<size_t, std::list<size_t>::iterator> cached;
  int misses = 0;
  for (int i = 0; i < kAccesses; ++i) {
    const size_t key = zipf.Next();
    if (const auto at = cached.find(key); at != cached.end()) {
      order.splice(order.begin(), order, at->second);
      continue;
    }
    if (i >= kWarmUp) ++misses;
    if (cached.size() == kCached) {
      cached.erase(order.back());
      order.pop_back();
    }
    order.push_front(key);
    cached[key] = order.begin();
  }
  return double{1.0} * misses / (kAccesses - kWarmUp);
}

double MissRatioOf(Policy policy) {
  Memory memory;
  Keyspace keyspace(memory, kEvictionSeed);
  keyspace.CountAccesses(policy == Policy::kAllKeysLfu);
  Eviction eviction(keyspace);
  Zipf zipf(kKeys, 1);
  int64_t now_ms = 1'700'000'000'000;
  int misses = 0;
  for (int i = 0; i < kAccesses; ++i) {
    now_ms += policy == Policy::kAllKeysLfu ? 1 : access::kTickMs;
    const std::string key = std::to_string(zipf.Next());
    const uint64_t hash = keyspace.Hash(key);
    if (Entry* entry = keyspace.Find(0, hash, key, now_ms)) {
      keyspace.NoteAccess(*entry, now_ms);
      continue;
    }
    if (i >= kWarmUp) ++misses;
    if (keyspace.TotalKeys() == kCached) {
      eviction.Begin(policy, 5, now_ms);
      const Eviction::Victim victim = eviction.Choose();
      keyspace.Remove(victim.db, keyspace.Find(victim.db, keyspace.Hash(victim.entry->key()), victim.entry->key(), 1));
    }
    keyspace.Put(0, hash, key, types::Value(types::String(1)), false, now_ms);
  }
  return double{1.0} * misses / (kAccesses - kWarmUp);
}

TEST(Eviction, SampledLruMissesAsExactLruDoesAndLfuLess) {
  const double exact = MissRatioOfExactLru();
  const double lru = MissRatioOf(Policy::kAllKeysLru);
  const double lfu = MissRatioOf(Policy::kAllKeysLfu);
  const double random = MissRatioOf(Policy::kAllKeysRandom);
  RecordProperty("exact_lru", std::to_string(exact));
  RecordProperty("lru", std::to_string(lru));
  RecordProperty("lfu", std::to_string(lfu));
  EXPECT_NEAR(lru, exact, 0.01);
  EXPECT_LT(lfu, exact - 0.02) << "a skewed load is what LFU is for";
  EXPECT_GT(random, exact + 0.02) << "a policy that does nothing would be seen";
}

class Keys {
 public:
  Keys() : keyspace(memory, kEvictionSeed), eviction(keyspace) {}
  void Put(int db, const std::string& key, int64_t expires_at_ms = kNever) {
    const uint64_t hash = keyspace.Hash(key);
    keyspace.Put(db, hash, key, types::Value(types::String(1)), false, kNow);
    if (expires_at_ms != kNever) keyspace.SetExpiry(db, keyspace.Find(db, hash, key, 1), expires_at_ms);
  }
  std::vector<std::string> ChooseAll(Policy policy, int64_t now_ms = kNow) {
    std::vector<std::string> order;
    eviction.Begin(policy, 5, now_ms);
    while (true) {
      const Eviction::Victim victim = eviction.Choose();
      if (victim.entry == nullptr) return order;
      order.push_back(std::to_string(victim.db) + ":" + std::string(victim.entry->key()));
    }
  }

  static constexpr int64_t kNow = 1'700'000'000'000;
  Memory memory;
  Keyspace keyspace;
  Eviction eviction;
};

TEST(Eviction, VolatilePoliciesTakeOnlyKeysWithAnExpiryAndEachOnce) {
  for (const Policy policy :
       {Policy::kVolatileLru, Policy::kVolatileLfu, Policy::kVolatileRandom, Policy::kVolatileTtl}) {
    SCOPED_TRACE(static_cast<int>(policy));
    Keys keys;
    EXPECT_TRUE(keys.ChooseAll(policy).empty());
    for (int i = 0; i < 50; ++i) keys.Put(i % 3, "stays" + std::to_string(i));
    EXPECT_TRUE(keys.ChooseAll(policy).empty());
    keys.Put(2, "goes", Keys::kNow + 1000);
    keys.Put(0, "has expired", Keys::kNow - 1);
    EXPECT_EQ(keys.ChooseAll(policy), std::vector<std::string>{"2:goes"});
  }
}

TEST(Eviction, AllkeysPoliciesEmptyEveryDatabase) {
  for (const Policy policy : {Policy::kAllKeysLru, Policy::kAllKeysLfu, Policy::kAllKeysRandom}) {
    SCOPED_TRACE(static_cast<int>(policy));
    Keys keys;
    for (int i = 0; i < 40; ++i) keys.Put(i % 16, std::to_string(i));
    std::vector<std::string> order = keys.ChooseAll(policy);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(std::unique(order.begin(), order.end()), order.end());
    EXPECT_GE(order.size(), policy == Policy::kAllKeysRandom ? 30u : 40u) << "at random the last may not be found";
  }
}

TEST(Eviction, NothingGoesUnderNoeviction) {
  Keys keys;
  keys.Put(0, "k");
  EXPECT_TRUE(keys.ChooseAll(Policy::kNoEviction).empty());
}

TEST(Eviction, TheSoonestToExpireGoFirst) {
  Keys keys;
  for (int i = 0; i < 200; ++i) keys.Put(0, std::to_string(i), Keys::kNow + 1000 + i);
  const std::vector<std::string> order = keys.ChooseAll(Policy::kVolatileTtl);
  ASSERT_GE(order.size(), 100u);
  double early = 0;
  for (int i = 0; i < 20; ++i) early += std::stod(order[static_cast<size_t>(i)].substr(2));
  EXPECT_LT(early / 20, 60) << "on the average; at random it would be 100";
}

}  // namespace
}  // namespace redislite::engine
