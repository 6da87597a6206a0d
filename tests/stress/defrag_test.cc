// Defragmentation, while a store is in use: what sparse pages hold is given back, and nothing else is noticed.
//
// What pages hold is real in the release build only; with a sanitizer every block is malloc's, and each pass moves
// every entry.
#include <atomic>
#include <chrono>
#include <thread>

#include "support.h"

namespace stress {
namespace {

uint64_t Number(rl_db* db, const std::string& section, const std::string& name) {
  const std::string info = Do(db, {"INFO", section});
  const size_t at = info.find("\n" + name + ":");
  EXPECT_NE(at, std::string::npos) << name;
  return std::stoull(info.substr(at + name.size() + 2));
}

using Model = std::map<std::string, std::string>;

std::string Name(uint64_t number) { return "key:" + std::to_string(number); }

// Sets so many keys and deletes them again but for one in ten, at random.
Model FillAndDelete(rl_db* db, uint64_t keys, Random& random) {
  Model model;
  for (uint64_t i = 0; i < keys; ++i) {
    const std::string value = std::to_string(i) + std::string(i % 40, 'v');
    Set(db, Name(i), value);
    if (random.OneIn(10)) model[Name(i)] = value;
  }
  for (uint64_t i = 0; i < keys; ++i) {
    if (model.contains(Name(i))) continue;
    EXPECT_EQ(rl_del(db, Name(i).data(), Name(i).size()), RL_OK);
  }
  return model;
}

bool HasSlab() {
  Random random(1);
  Store store(":memory:");
  (void)FillAndDelete(store, 20000, random);
  return Number(store, "memory", "allocator_frag_bytes") != 0;
}

void ExpectIs(rl_db* db, const Model& model) {
  EXPECT_EQ(Do(db, {"DBSIZE"}), std::to_string(model.size()));
  for (const auto& [key, value] : model) ASSERT_EQ(Get(db, key), value) << key;
}

TEST(Defrag, GivesBackByItselfWhatDeletesHaveLeft) {
  if (!HasSlab()) GTEST_SKIP() << "the blocks are malloc's";
  Random random;
  Store store(":memory:", {{"reaper-interval-ms", "0"}});
  const Model model = FillAndDelete(store, 500000, random);
  EXPECT_EQ(Do(store, {"CONFIG", "SET", "reaper-interval-ms", "10"}), "OK");  // one pass finds it all
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto frag = [&] { return Number(store, "memory", "allocator_frag_bytes"); };
  const auto runs = [&] { return Number(store, "memory", "active_defrag_running") != 0; };
  while ((frag() > (4u << 20) || runs()) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LT(frag(), 4u << 20);
  EXPECT_LT(Number(store, "memory", "allocator_active"), Number(store, "memory", "used_memory") * 3 / 2);
  EXPECT_GT(Number(store, "stats", "active_defrag_key_hits"), model.size() / 2);
  ExpectIs(store, model);
}

TEST(Defrag, WithTheReaperOffItWaitsToBeAsked) {
  if (!HasSlab()) GTEST_SKIP() << "the blocks are malloc's";
  Random random;
  Store store(":memory:", {{"reaper-interval-ms", "0"}});
  const Model model = FillAndDelete(store, 500000, random);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(Number(store, "stats", "active_defrag_hits"), 0u);
  EXPECT_GT(Number(store, "memory", "allocator_frag_bytes"), 16u << 20);
  EXPECT_EQ(Do(store, {"MEMORY", "PURGE"}), "OK");
  EXPECT_LT(Number(store, "memory", "allocator_frag_bytes"), 4u << 20);
  ExpectIs(store, model);
}

// Everything at once: two who want a pass, a writer and a reader of the same keys, snapshots.
TEST(Defrag, PassesAreNoticedByNobody) {
  Random random;
  const Scratch scratch(Scratch::Where::kMemory);
  Model model;
  {
    Store store(scratch / "store", {{"appendfsync", "no"}});
    model = FillAndDelete(store, 20000, random);
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        while (!done) EXPECT_EQ(Do(store, {"MEMORY", "PURGE"}), "OK");
      });
    }
    threads.emplace_back([&] {
      while (!done) {
        for (const auto& [key, value] : model) ASSERT_EQ(Get(store, key), value) << key;
      }
    });
    threads.emplace_back([&] {
      while (!done) EXPECT_EQ(rl_snapshot(store), RL_OK);
    });
    Model written;
    for (uint64_t i = 0; i < 20000; ++i) {
      const std::string key = "written:" + std::to_string(random.Below(500));
      if (random.OneIn(3)) {
        written.erase(key);
        const int deleted = rl_del(store, key.data(), key.size());
        EXPECT_TRUE(deleted == RL_OK || deleted == RL_NOT_FOUND) << deleted;
      } else {
        written[key] = std::to_string(i) + std::string(random.Below(100), 'w');
        EXPECT_EQ(Set(store, key, written[key]), RL_OK);
        EXPECT_TRUE(random.OneIn(2) || Do(store, {"EXPIRE", key, "1000"}) == "1");
      }
    }
    done = true;
    for (std::thread& thread : threads) thread.join();
    model.merge(written);
    ExpectIs(store, model);
  }
  ExpectIs(Store(scratch / "store"), model);
}

}  // namespace
}  // namespace stress
