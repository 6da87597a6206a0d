// Moving entries: whoever looks sees what he saw before. Where blocks are malloc's (with sanitizers) every one moves,
// in other builds those of sparse pages; what that gives back is claimed there only.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "engine/keyspace.h"
#include "engine/request.h"
#include "tests/unit/engine/plain_store.h"

namespace redislite::engine {
namespace {

bool HasSlab() {
  Memory memory;
  memory.Free(memory.Allocate(8), 8);
  return memory.slab_bytes() != 0;  // it keeps the page for the next
}

// Keys and values of all shapes: short, long, integers, in a block of their own; with an expiry and without.
class Filled {
 public:
  Filled(uint64_t keys, uint64_t one_stays_of) : keyspace(memory, kSeed) {
    Random random(1);
    for (uint64_t i = 0; i < keys; ++i) {
      const std::string key = "key:" + std::to_string(i) + std::string(i % 50 == 0 ? 80 : 0, 'k');
      Model held;
      held.value = i % 3 == 0 ? std::to_string(i * 1000003) : std::string(i % 100 == 1 ? 400 : i % 40, 'v') + key;
      if (i % 4 == 0) held.expires_at_ms = kNow + 1000 + static_cast<int64_t>(random.Below(1000000));
      const uint64_t hash = keyspace.Hash(key);
      keyspace.Put(0, hash, key, types::Value(types::String::Borrow(held.value)), false, kNow);
      if (held.expires_at_ms != kNever) keyspace.SetExpiry(0, Find(key), held.expires_at_ms);
      model[key] = held;
    }
    for (auto at = model.begin(); at != model.end();) {
      if (random.Below(one_stays_of) == 0) {
        ++at;
        continue;
      }
      keyspace.Remove(0, Find(at->first));
      at = model.erase(at);
    }
  }

  Entry* Find(Bytes key) const { return keyspace.Find(0, keyspace.Hash(key), key, kNow); }

  // A whole pass, as Defrag makes it; others may look meanwhile.
  Keyspace::Moved Pass() {
    Keyspace::Moved moved;
    const auto empties = [this](const void* block, size_t size) { return memory.Empties(block, size); };
    for (uint64_t stripe = 0; stripe < kStripes; ++stripe) {
      uint64_t from = stripe << (64 - kStripeBits);
      for (bool more = true; more;) {
        StripeSet stripes;
        stripes.Add(from);
        const StripeSet::Guard guard(keyspace, stripes, StripeSet::How::kExclusive);
        more = keyspace.Move(0, from, &from, empties, moved);
      }
    }
    memory.StopEmptying();
    return moved;
  }

  void ExpectAsTheModel() const {
    for (const auto& [key, held] : model) {
      const Entry* entry = Find(key);
      ASSERT_NE(entry, nullptr) << key;
      ASSERT_EQ(Text(*entry), held.value);
      ASSERT_EQ(entry->expires_at_ms(), held.expires_at_ms);
    }
    std::map<std::string, int> seen;
    uint64_t cursor = 0;
    do {
      cursor = keyspace.Scan(0, cursor, 10, kNow, [&](const Entry& entry) { ++seen[std::string(entry.key())]; });
    } while (cursor != 0);
    ASSERT_EQ(seen.size(), model.size());
    for (const auto& [key, times] : seen) ASSERT_EQ(times, 1) << key;
  }

  Memory memory;
  Keyspace keyspace;
  std::map<std::string, Model> model;
};

TEST(Defrag, WhatIsLeftOfNineInTenTakesHardlyMoreThanItsBlocks) {
  const bool has_slab = HasSlab();
  Filled store(has_slab ? 800000 : 20000, 10);
  const uint64_t used = store.memory.used();
  EXPECT_TRUE(!has_slab || store.memory.slab_bytes() > 4 * used) << store.memory.slab_bytes() << " of " << used;
  const Keyspace::Moved moved = store.Pass();
  EXPECT_GT(moved.entries, store.model.size() / 2);
  EXPECT_EQ(moved.entries + moved.stayed, store.model.size()) << "each entry is met once";
  EXPECT_EQ(store.memory.used(), used) << "a block becomes one of the same size";
  EXPECT_LE(store.memory.slab_bytes(), used * 3 / 2);
  store.ExpectAsTheModel();
  EXPECT_TRUE(!has_slab || store.Pass().entries < store.model.size() / 10) << "there is little left to do";
}

TEST(Defrag, WhatWasMovedExpiresInItsOrder) {
  Filled store(20000, 3);
  store.Pass();
  std::multimap<int64_t, std::string> order;
  for (const auto& [key, held] : store.model) {
    if (held.expires_at_ms != kNever) order.emplace(held.expires_at_ms, key);
  }
  ASSERT_EQ(store.keyspace.CountWithExpiry(0, kNow), order.size());
  size_t removed = 0;
  for (int64_t now_ms = kNow; removed < order.size(); now_ms += 50000) {
    for (int stripe = 0; stripe < kStripes; ++stripe) {
      int64_t last_ms = 0;
      const auto expire = [&](int, Bytes key) {
        const Model& held = store.model.at(std::string(key));
        EXPECT_LE(held.expires_at_ms, now_ms);
        EXPECT_GE(held.expires_at_ms, last_ms);
        last_ms = held.expires_at_ms;
      };
      removed += store.keyspace.Reap(stripe, now_ms, order.size(), expire);
    }
    ASSERT_EQ(removed, std::distance(order.begin(), order.upper_bound(now_ms)));
  }
}

TEST(Defrag, WithoutMemoryNothingMoves) {
  Filled store(20000, 10);
  store.memory.FailAfter(0);
  const Keyspace::Moved moved = store.Pass();
  store.memory.FailAfter(Memory::kNeverFail);
  EXPECT_EQ(moved.entries, 0u);
  EXPECT_EQ(moved.stayed, store.model.size());
  store.ExpectAsTheModel();
  EXPECT_GT(store.Pass().entries, store.model.size() / 2);
}

TEST(Defrag, ReadersMeetWhatTheyMetBefore) {
  Filled store(20000, 5);
  std::atomic<bool> done{false};
  std::atomic<uint64_t> wrong{0};
  std::vector<std::thread> readers;
  for (uint64_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      while (!done) {
        uint64_t number = 0;
        for (const auto& [key, held] : store.model) {
          if (number++ % 2 != reader) continue;
          StripeSet stripes;
          stripes.Add(store.keyspace.Hash(key));
          const StripeSet::Guard guard(store.keyspace, stripes, StripeSet::How::kShared);
          Entry* entry = store.Find(key);
          if (entry == nullptr || Text(*entry) != held.value || entry->expires_at_ms() != held.expires_at_ms) ++wrong;
          if (entry != nullptr) store.keyspace.NoteAccess(*entry, kNow);
        }
      }
    });
  }
  for (int pass = 0; pass < 5; ++pass) store.Pass();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0u);
  store.ExpectAsTheModel();
}

}  // namespace
}  // namespace redislite::engine
