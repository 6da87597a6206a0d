#include "macro/eviction_row.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "macro/load.h"
#include "macro/stores/redislite.h"

namespace bench {
namespace {

constexpr double kExponent = 0.99;
constexpr uint64_t kAsksPerKey = 20;

// Key numbers, the k-th with a likelihood proportional to 1 / k^0.99.
class Zipf {
 public:
  explicit Zipf(uint64_t keys) {
    double sum = 0;
    for (uint64_t k = 1; k <= keys; ++k) sums_.push_back(sum += 1 / std::pow(static_cast<double>(k), kExponent));
  }
  uint64_t Draw(Random& random) const {
    const double at = static_cast<double>(random.Next() >> 11) / 9007199254740992.0 * sums_.back();
    return static_cast<uint64_t>(std::upper_bound(sums_.begin(), sums_.end(), at) - sums_.begin());
  }

 private:
  std::vector<double> sums_;
};

// Counts the misses of the second half of the asks, when the cache is full and warm.
template <typename Ask>
Figures MissRatio(const Scale& scale, const Ask& has) {
  const Zipf zipf(scale.cache_keys);
  Random random(1);
  const uint64_t asks = scale.cache_keys * kAsksPerKey;
  uint64_t misses = 0;
  for (uint64_t i = 0; i < asks; ++i) {
    const bool hit = has(zipf.Draw(random));
    if (i >= asks / 2) misses += hit ? 0 : 1;
  }
  return {{"miss_ratio", static_cast<double>(misses) / static_cast<double>(asks / 2)}};
}

Figures OfRedisLite(const Scale& scale, const char* policy) {
  RedisLite store("", "no");
  const std::string value = MakeValue(100);
  // The limit is what a tenth of the keys takes.
  Fill(store, scale.cache_keys / 10, value);
  const auto limit = static_cast<uint64_t>(store.Info("memory", "used_memory"));
  store.Command({"FLUSHALL"});
  store.Command({"CONFIG", "SET", "maxmemory-policy", policy, "maxmemory", std::to_string(limit)});
  Figures figures = MissRatio(scale, [&](uint64_t number) {
    thread_local std::string found;
    const Key key(number);
    if (store.Get(key.view(), &found)) return true;
    Require(store.Set(key.view(), value), "a Set failed");
    return false;
  });
  figures["keys_held"] = static_cast<double>(store.Command({"DBSIZE"}));
  return figures;
}

// The list of keys in the order of their last use, of a tenth of the keys.
Figures OfExactLru(const Scale& scale) {
  std::list<uint64_t> order;
  std::unordered_map<uint64_t, std::list<uint64_t>::iterator> places;
  const uint64_t capacity = scale.cache_keys / 10;
  Figures figures = MissRatio(scale, [&](uint64_t number) {
    const auto found = places.find(number);
    if (found != places.end()) {
      order.splice(order.begin(), order, found->second);
      return true;
    }
    if (order.size() == capacity) {
      places.erase(order.back());
      order.pop_back();
    }
    order.push_front(number);
    places[number] = order.begin();
    return false;
  });
  figures["keys_held"] = static_cast<double>(order.size());
  return figures;
}

}  // namespace

Row EvictionRow(const Scale& scale) {
  Row row;
  row.name = "eviction";
  row.once = true;
  for (const char* const policy : {"allkeys-lru", "allkeys-lfu"}) {
    row.entrants.push_back({policy == std::string("allkeys-lru") ? "redislite_lru" : "redislite_lfu",
                            [=] { return [=] { return OfRedisLite(scale, policy); }; }});
  }
  row.entrants.push_back({"exact_lru", [=] { return [=] { return OfExactLru(scale); }; }});
  return row;
}

}  // namespace bench
