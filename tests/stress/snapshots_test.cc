// Snapshots and backups of big collections, which others change meanwhile.
#include <atomic>
#include <functional>
#include <thread>

#include "support.h"

namespace stress {
namespace {

std::string Name(uint64_t number) { return "name:" + std::to_string(number) + std::string(number % 60, 'n'); }

// One change of a collection under one of these keys, or of the key itself.
std::vector<std::string> Change(Random& random, const std::string& prefix) {
  const auto key = [&](const char* type) { return prefix + type + std::to_string(random.Below(2)); };
  const std::string name = Name(random.Below(3000));
  const std::string number = std::to_string(random.Below(1000));
  switch (random.Below(14)) {
    case 0:
      return {"HSET", key("hash"), name, number};
    case 1:
      return {"HDEL", key("hash"), name};
    case 2:
      return {"HINCRBY", key("hash"), "counter", "1"};
    case 3:
      return {"SADD", key("set"), name};
    case 4:
      return {"SREM", key("set"), name};
    case 5:
      return {"ZADD", key("zset"), number, name};
    case 6:
      return {"ZREM", key("zset"), name};
    case 7:
      return {"ZINCRBY", key("zset"), "1", Name(random.Below(50))};
    case 8:
      return {"RPUSH", key("list"), name};
    case 9:
      return {"LPOP", key("list")};
    case 10:
      return {"LSET", key("list"), number, name};
    case 11:
      return {"LINSERT", key("list"), random.OneIn(2) ? "BEFORE" : "AFTER", Name(random.Below(3000)), name};
    case 12:
      return {"LREM", key("list"), "1", name};
    default:
      return {"SPOP", key("set"), "3"};
  }
}

// What happens to whole keys.
std::vector<std::string> ChangeOfAKey(Random& random) {
  static const char* const kTypes[] = {"hash", "set", "zset", "list"};
  const auto key = [&] { return kTypes[random.Below(4)] + std::to_string(random.Below(3)); };
  switch (random.Below(9)) {
    case 0:
      return {"DEL", key()};
    case 1:
      return {"RENAME", key(), key()};
    case 2:
      return {"COPY", key(), key(), "REPLACE"};
    case 3:
      return {"SET", key(), "a string"};
    case 4:
      return {"PEXPIRE", key(), "10000000"};
    case 5:
      return {"PERSIST", key()};
    case 6:
      return {"MOVE", key(), "1"};
    case 7:
      return {"SUNIONSTORE", "set2", "set0", "set1"};
    default:
      return random.OneIn(10) ? std::vector<std::string>{"FLUSHALL"} : std::vector<std::string>{"UNLINK", key()};
  }
}

void Fill(rl_db* db, const std::string& prefix) {
  for (uint64_t i = 0; i < 3000; ++i) {
    const std::string which = std::to_string(i % 2);
    Do(db, {"HSET", prefix + "hash" + which, Name(i), Name(i / 2)});
    Do(db, {"SADD", prefix + "set" + which, Name(i)});
    Do(db, {"ZADD", prefix + "zset" + which, std::to_string(i % 100), Name(i)});
    Do(db, {"RPUSH", prefix + "list" + which, Name(i)});
  }
}

using Between = std::function<void()>;

int CallBetween(void* context, uint64_t, uint64_t) {
  (*static_cast<const Between*>(context))();
  return 0;
}

// The cut is made before the first call of the backup's callback; the other calls come between its blocks.
TEST(Snapshots, ABackupHasBigCollectionsAsTheyWereWhateverIsDoneMeanwhile) {
  Random random;
  for (int round = 0; round < 5; ++round) {
    const Scratch scratch(Scratch::Where::kMemory);
    Store store(":memory:");
    Fill(store, "");
    Do(store, {"PEXPIRE", "hash0", "20000000"});
    Do(store, {"PEXPIRE", "list1", "20000000"});
    const std::string before = Contents(store);
    const Between between = [&] {
      for (int i = 0; i < 300; ++i) Do(store, Change(random, ""));
      for (int i = 0; i < round; ++i) Do(store, ChangeOfAKey(random));
    };
    ASSERT_EQ(rl_backup(store, (scratch / "backup").c_str(), CallBetween, const_cast<Between*>(&between)), RL_OK);
    ASSERT_NE(Contents(store), before);
    Store backup(scratch / "backup");
    ASSERT_TRUE(Contents(backup) == before) << "seed " << random.seed() << ", round " << round;
  }
}

// A writer's first change of a collection that a snapshot wants copies what it changes, not the collection: what is
// retained says so.
TEST(Snapshots, TheFirstChangeOfABigCollectionCopiesNoMoreThanItChanges) {
  const Scratch scratch(Scratch::Where::kMemory);
  Store store(":memory:");
  for (uint64_t i = 0; i < 20000; ++i) Do(store, {"HSET", "hash", Name(i), Name(i)});
  int calls = 0;
  std::string info;
  const Between between = [&] {
    if (calls++ != 0) return;
    Do(store, {"HSET", "hash", Name(7), "another"});
    info = Do(store, {"INFO", "memory"});
  };
  ASSERT_EQ(rl_backup(store, (scratch / "backup").c_str(), CallBetween, const_cast<Between*>(&between)), RL_OK);
  const std::string field = "snapshot_retained_bytes:";
  ASSERT_NE(info.find(field), std::string::npos) << info;
  const uint64_t retained = std::stoull(info.substr(info.find(field) + field.size()));
  EXPECT_GT(retained, 0u);
  EXPECT_LT(retained, 1000u);
  EXPECT_EQ(Do(Store(scratch / "backup"), {"HGET", "hash", Name(7)}), Name(7));
  EXPECT_NE(Do(store, {"INFO", "memory"}).find(field + "0"), std::string::npos);
}

// Writers of big collections beside one snapshot after the other; then a crash: what is read is the last snapshot, and
// the log behind it. A change that is in both, or in neither, would show: most of them are not idempotent.
TEST(Snapshots, BigCollectionsSurviveACrashBesideWriters) {
  Random random;
  const Scratch scratch(Scratch::Where::kMemory);
  Store store(scratch / "store", {{"appendfsync", "no"}});
  std::vector<std::thread> writers;
  std::atomic<int> writing{3};
  for (int i = 0; i < 3; ++i) {
    const std::string prefix = std::to_string(i) + ":";
    Fill(store, prefix);
    writers.emplace_back([&store, &writing, prefix, seed = random.Next()] {
      Random mine(seed);
      for (int change = 0; change < 3000; ++change) {
        const std::vector<std::string> words = Change(mine, prefix);
        Do(store, words);
      }
      --writing;
    });
  }
  int snapshots = 0;
  for (; writing != 0; ++snapshots) ASSERT_EQ(rl_snapshot(store), RL_OK);
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(snapshots, 0);
  ASSERT_EQ(rl_sync(store), RL_OK);
  const std::string expected = Contents(store);
  CopyAsAfterACrash(scratch / "store", scratch / "crashed");
  ASSERT_TRUE(Contents(Store(scratch / "crashed")) == expected) << "seed " << random.seed();
}

}  // namespace
}  // namespace stress
