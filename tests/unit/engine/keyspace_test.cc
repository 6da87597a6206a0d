#include "engine/keyspace.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/unit/engine/plain_store.h"

namespace redislite::engine {
namespace {

types::Value StringValue(Bytes bytes) { return types::Value(types::String::Borrow(bytes)); }

std::string Key(uint64_t number) {
  std::string key = std::to_string(number);
  return "key:" + std::string(12 - key.size(), '0') + key;  // 16 bytes
}

// The store's footprint above the bytes that it was given. Counted, so the same on each machine.
double BytesAbovePayload(size_t value_size, uint64_t keys) {
  Memory memory;
  Keyspace keyspace(memory, kSeed);
  Random random(1);
  for (uint64_t i = 0; i < keys; ++i) {
    std::string value(value_size, ' ');
    for (char& byte : value) byte = static_cast<char>('a' + random.Below(26));
    const std::string key = Key(i);
    keyspace.Put(0, keyspace.Hash(key), key, StringValue(value), false, kNow);
  }
  return static_cast<double>(memory.used()) / static_cast<double>(keys) - 16 - static_cast<double>(value_size);
}

TEST(Keyspace, AKeyTakesLessThanEighteenBytesAboveItsOwnAndItsValues) {
  for (const uint64_t keys : {100000u, 200000u}) {
    EXPECT_LT(BytesAbovePayload(8, keys), 18.0) << keys;
    EXPECT_LT(BytesAbovePayload(32, keys), 18.0) << keys;
  }
  EXPECT_LT(BytesAbovePayload(100, 50000), 22.0) << "rounded up to 8";
}

// Moves everything in the segment where the hash belongs. With sanitizers, whoever keeps an old address is found.
Keyspace::Moved MoveAll(Keyspace& keyspace, int db, uint64_t hash) {
  uint64_t next = 0;
  Keyspace::Moved moved;
  (void)keyspace.Move(
      db, hash, &next, [](const void*, size_t) { return true; }, moved);
  return moved;
}

// Every kind of value in the place of every other, with and without an expiry, in keys of all sizes.
TEST(Keyspace, ActsAsAMapDoes) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Keyspace keyspace(memory, kSeed);
      Random random(seed);
      std::map<std::string, Model> model;
      const auto random_value = [&random]() -> std::string {
        switch (random.Below(5)) {
          case 0:
            return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
          case 1:
            return "";
          case 2:
            return std::string(random.Below(40), 'x');
          case 3:
            return std::string(200 + random.Below(100), 'y');
          default:
            return std::string(random.Below(5000), 'z');
        }
      };
      for (int step = 0; step < 20000; ++step) {
        const std::string key(random.Below(200) / 10 * (random.Below(20) == 0 ? 30 : 4),
                              static_cast<char>('a' + random.Below(10)));
        const uint64_t hash = keyspace.Hash(key);
        Entry* entry = keyspace.Find(0, hash, key, kNow);
        ASSERT_EQ(entry != nullptr, model.contains(key));
        switch (random.Below(8)) {
          case 0:
          case 1: {
            const bool keep = random.Below(2) == 0;
            const std::string value = random_value();
            keyspace.Put(0, hash, key, StringValue(value), keep, kNow);
            model[key] = {value, keep && model.contains(key) ? model[key].expires_at_ms : kNever};
            break;
          }
          case 2:
            if (entry == nullptr) break;
            entry->value.As<types::String>()->Append(memory, "tail");
            model[key].value += "tail";
            break;
          case 3: {
            if (entry == nullptr) break;
            const size_t offset = random.Below(20);
            entry->value.As<types::String>()->Overwrite(memory, offset, "over");
            std::string& text = model[key].value;
            if (text.size() < offset + 4) text.resize(offset + 4);
            text.replace(offset, 4, "over");
            break;
          }
          case 4: {
            if (entry == nullptr) break;
            const int64_t at_ms = random.Below(3) == 0 ? kNever : kNow + 1 + static_cast<int64_t>(random.Below(1000));
            keyspace.SetExpiry(0, entry, at_ms);
            model[key].expires_at_ms = at_ms;
            break;
          }
          case 5: {
            if (entry == nullptr) break;
            // As RENAME does.
            const std::string to = key + "2";
            keyspace.Put(0, keyspace.Hash(to), to, keyspace.Take(0, entry), false, kNow);
            model[to] = {model[key].value, kNever};
            model.erase(key);
            break;
          }
          case 6:
            MoveAll(keyspace, 0, hash);
            break;
          default:
            if (entry == nullptr) break;
            keyspace.Remove(0, entry);
            model.erase(key);
        }
        if (const Entry* now = keyspace.Find(0, hash, key, kNow)) {
          ASSERT_EQ(now->key(), key);
          ASSERT_EQ(Text(*now), model.at(key).value);
          ASSERT_EQ(now->expires_at_ms(), model.at(key).expires_at_ms);
        } else {
          ASSERT_FALSE(model.contains(key));
        }
      }
      size_t seen = 0;
      size_t bytes = 0;
      size_t expiring = 0;
      keyspace.ForEach([&](int, const Entry& entry) {
        ++seen;
        bytes += entry.memory_bytes();
        ASSERT_EQ(Text(entry), model.at(std::string(entry.key())).value);
      });
      for (const auto& [key, held] : model) expiring += held.expires_at_ms != kNever ? 1 : 0;
      EXPECT_EQ(seen, model.size());
      EXPECT_EQ(keyspace.CountWithExpiry(0, kNow), expiring);
      EXPECT_LE(bytes, memory.used());
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Keyspace, RemovedKeysGiveTheirMemoryBack) {
  Memory memory;
  Keyspace keyspace(memory, kSeed);
  for (uint64_t i = 0; i < 100000; ++i) {
    const std::string key = Key(i);
    keyspace.Put(0, keyspace.Hash(key), key, StringValue("value of the key"), false, kNow);
  }
  for (uint64_t i = 0; i < 100000; ++i) {
    const std::string key = Key(i);
    keyspace.Remove(0, keyspace.Find(0, keyspace.Hash(key), key, kNow));
  }
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_LE(memory.slab_bytes(), size_t{1} << 20);
}

// What a snapshot gets, by the ways that it comes.
class Collector final : public SnapshotCut {
 public:
  explicit Collector(Memory& memory) : memory_(memory) {}
  uint64_t HeldBytes() const override { return 0; }
  void Keep(int, Entry& entry) noexcept override { Collect(entry); }
  void Adopt(int, Entry* entry) noexcept override {
    Collect(*entry);
    Entry::Free(memory_, entry);
  }
  void Collect(const Entry& entry) { EXPECT_TRUE(seen.emplace(std::string(entry.key()), Text(entry)).second); }

  std::map<std::string, std::string> seen;

 private:
  Memory& memory_;
};

TEST(Keyspace, ACutHasEachKeyOnceHoweverManyCutsWereGivenUpBefore) {
  Memory memory;
  Keyspace keyspace(memory, kSeed);
  std::map<std::string, std::string> model;
  for (uint64_t i = 0; i < 500; ++i) {
    const std::string key = Key(i);
    model[key] = std::string(i % 300, 'v');
    keyspace.Put(0, keyspace.Hash(key), key, StringValue(model[key]), false, kNow);
  }
  // Each given up: the entries keep the generation that they had. 256 come round.
  for (int cut = 0; cut < 600; ++cut) {
    Collector collector(memory);
    keyspace.BeginCut(&collector);
    if (cut % 7 == 0) {
      uint64_t next = 0;
      (void)keyspace.WalkCut(0, cut % kStripes, static_cast<uint64_t>(cut % kStripes) << (64 - kStripeBits), &next, 100,
                             [](const Entry&) { return size_t{0}; });
    }
    keyspace.EndCut(false);
  }
  Random random(3);
  for (int round = 0; round < 3; ++round) {
    Collector collector(memory);
    const std::map<std::string, std::string> at_cut = model;
    keyspace.BeginCut(&collector);
    for (int stripe = 0; stripe < kStripes; ++stripe) {
      for (int change = 0; change < 3; ++change) {
        const std::string key = Key(random.Below(500));
        const uint64_t hash = keyspace.Hash(key);
        Entry* entry = keyspace.Find(0, hash, key, kNow);
        if (entry == nullptr || random.Below(3) == 0) {
          model[key] = std::to_string(random.Below(1000000));
          keyspace.Put(0, hash, key, StringValue(model[key]), false, kNow);
        } else if (random.Below(3) == 0) {
          keyspace.Remove(0, entry);
          model.erase(key);
        } else if (random.Below(2) == 0) {
          keyspace.SetExpiry(0, entry, kNow + 1000);
        } else {
          keyspace.WillChange(0, entry);
          entry->value.As<types::String>()->Append(memory, "+");
          model[key] += "+";
        }
        MoveAll(keyspace, 0, hash);
      }
      uint64_t from = static_cast<uint64_t>(stripe) << (64 - kStripeBits);
      const auto collect = [&](const Entry& entry) {
        collector.Collect(entry);
        return size_t{0};
      };
      while (keyspace.WalkCut(0, stripe, from, &from, 2, collect)) {
      }
    }
    keyspace.EndCut(true);
    EXPECT_EQ(collector.seen, at_cut);
  }
}

}  // namespace
}  // namespace redislite::engine
