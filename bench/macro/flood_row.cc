#include "macro/flood_row.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/siphash.h"
#include "macro/load.h"
#include "macro/stores/redislite.h"

namespace bench {
namespace {

// All of them begin with the same bits, by which the table finds a key's place.
constexpr int kSameBits = 12;

std::vector<std::string> Keys(uint64_t count, bool chosen) {
  constexpr redislite::HashSeed kKnown = {0, 0};
  std::vector<std::string> keys;
  for (uint64_t i = 0; keys.size() < count; ++i) {
    std::string key(Key(i).view());
    if (!chosen || redislite::SipHash13(kKnown, key) >> (64 - kSameBits) == 0) keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

Row FloodRow(const Scale& scale) {
  Row row;
  row.name = "flood";
  for (const bool chosen : {false, true}) {
    row.entrants.push_back({chosen ? "chosen_keys" : "random_keys", [=] {
                              auto keys =
                                  std::make_shared<std::vector<std::string>>(Keys(scale.cache_keys / 5, chosen));
                              return [=]() -> Figures {
                                RedisLite store("", "no");
                                const double start = ProcessCpuSeconds();
                                for (const std::string& key : *keys) Require(store.Set(key, key), "a Set failed");
                                std::string value;
                                for (const std::string& key : *keys) Require(store.Get(key, &value), "a Get failed");
                                const auto calls = static_cast<double>(2 * keys->size());
                                return {{"ops_per_cpu_s", calls / (ProcessCpuSeconds() - start)}};
                              };
                            }});
  }
  return row;
}

}  // namespace bench
