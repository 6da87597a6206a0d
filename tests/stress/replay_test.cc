// I2: memory is the snapshot plus the replay of the log. Random commands of every family, batches, several databases,
// a clock that is set, snapshots and backups in the middle; the digest of the living store must be that of the store
// reopened from its files, however it ended.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "redislite.h"
#include "support.h"

namespace stress {
namespace {

std::atomic<int64_t> clock_ms{1'700'000'000'000};

class ClockedStore {
 public:
  explicit ClockedStore(const std::string& path, const Options& options = {}) {
    rl_options* made = nullptr;
    EXPECT_EQ(rl_options_new(&made), RL_OK);
    for (const auto& [name, value] : options) EXPECT_EQ(rl_options_set(made, name.c_str(), value.c_str()), RL_OK);
    EXPECT_EQ(rl_options_set_clock(
                  made, [](void*) { return clock_ms.load(); }, nullptr),
              RL_OK);
    EXPECT_EQ(rl_open(path.c_str(), made, &db_), RL_OK) << Message();
    rl_options_free(made);
  }
  ~ClockedStore() { rl_close(db_); }
  ClockedStore(const ClockedStore&) = delete;
  ClockedStore& operator=(const ClockedStore&) = delete;
  operator rl_db*() const { return db_; }

 private:
  rl_db* db_ = nullptr;
};

class Program {
 public:
  explicit Program(uint64_t seed) : random_(seed) {}

  std::vector<std::string> Command() {
    const std::string key = Key();
    switch (random_.Next() % 34) {
      case 0:
        return {"SET", key, Value()};
      case 1:
        return {"SET", key, Value(), "EX", Small()};
      case 2:
        return {"SET", key, Value(), "KEEPTTL"};
      case 3:
        return {"SETRANGE", key, Small(), Value()};
      case 4:
        return {"APPEND", key, Value()};
      case 5:
        return {"INCRBY", key, Small()};
      case 6:
        return {"INCRBYFLOAT", key, "0.1"};
      case 7:
        return {"GETEX", key, "PX", Small()};
      case 8:
        return {"EXPIRE", key, Small(), "NX"};
      case 9:
        return {"PERSIST", key};
      case 10:
        return {"DEL", key, Key()};
      case 11:
        return {"RENAME", key, Key()};
      case 12:
        return {"COPY", key, Key(), "DB", Database(), "REPLACE"};
      case 13:
        return {"MOVE", key, Database()};
      case 14:
        return random_.Next() % 20 == 0 ? std::vector<std::string>{"SWAPDB", Database(), Database()}
                                        : std::vector<std::string>{"TOUCH", key};
      case 15:
        return random_.Next() % 60 == 0 ? std::vector<std::string>{"FLUSHDB"} : std::vector<std::string>{"GETDEL", key};
      case 16:
        return {"RPUSH", key, Value(), Value()};
      case 17:
        return {"LPUSH", key, Value()};
      case 18:
        return {"LPOP", key, Small()};
      case 19:
        return {"LINSERT", key, "BEFORE", Value(), Value()};
      case 20:
        return {"LREM", key, "0", Value()};
      case 21:
        return {"LTRIM", key, "1", "-2"};
      case 22:
        return {"LMOVE", key, Key(), "LEFT", "RIGHT"};
      case 23:
        return {"LMPOP", "2", key, Key(), "RIGHT", "COUNT", "2"};
      case 24:
        return {"LSET", key, "0", Value()};
      case 25:
        return {"HSET", key, Value(), Value(), Value(), Value()};
      case 26:
        return {"HDEL", key, Value()};
      case 27:
        return {"HINCRBY", key, "n", Small()};
      case 28:
        return {"HINCRBYFLOAT", key, "f", "1.5e-3"};
      case 29:
        return {"HSETNX", key, Value(), Value()};
      case 30:
        return {"MSETNX", key, Value(), Key(), Value()};
      case 31:
        return {"PEXPIREAT", key,
                std::to_string(clock_ms.load() + static_cast<int64_t>(random_.Next() % 20'000) - 5'000)};
      case 32:
        return {"RPUSHX", key, std::string(random_.Next() % 9000, 'r')};
      default:
        return {"SETEX", key, Small(), Value()};
    }
  }
  uint64_t Next() { return random_.Next(); }

 private:
  std::string Key() { return "key:" + std::to_string(random_.Next() % 60); }
  std::string Value() { return random_.Next() % 3 == 0 ? Small() : "value " + std::to_string(random_.Next() % 40); }
  std::string Small() { return std::to_string(random_.Next() % 50 + 1); }
  std::string Database() { return std::to_string(random_.Next() % 4); }

  Random random_;
};

void RunBatch(rl_db* db, Program& program) {
  rl_batch* batch = nullptr;
  ASSERT_EQ(rl_batch_new(db, &batch), RL_OK);
  for (int i = 0; i < 5; ++i) {
    const std::vector<std::string> words = program.Command();
    std::vector<const char*> argv;
    std::vector<size_t> lengths;
    for (const std::string& word : words) {
      argv.push_back(word.data());
      lengths.push_back(word.size());
    }
    ASSERT_EQ(rl_batch_add(batch, argv.size(), argv.data(), lengths.data()), RL_OK) << Message(db);
  }
  ASSERT_EQ(rl_batch_commit(batch, nullptr), RL_OK) << Message(db);
  rl_batch_free(batch);
}

std::string Digest(rl_db* db) { return Do(db, {"DEBUG", "DIGEST"}); }

void Try(uint64_t seed, const Options& options) {
  SCOPED_TRACE("REDISLITE_SEED=" + std::to_string(seed));
  const Scratch scratch;
  const std::string path = scratch / "store";
  Program program(seed);
  std::string living;
  int backups = 0;
  for (int life = 0; life < 4; ++life) {
    ClockedStore store(path, options);
    if (life > 0) {
      ASSERT_EQ(Digest(store), living) << "life " << life;
    }
    for (int step = 0; step < 400; ++step) {
      if (program.Next() % 10 == 0) clock_ms += static_cast<int64_t>(program.Next() % 3'000);
      if (program.Next() % 12 == 0) {
        RunBatch(store, program);
      } else {
        Do(store, program.Command());
      }
      if (program.Next() % 150 == 0) {
        ASSERT_EQ(rl_snapshot(store), RL_OK) << Message(store);
      }
      if (program.Next() % 200 == 0) {
        const std::string backup = scratch / ("backup" + std::to_string(++backups));
        ASSERT_EQ(rl_backup(store, backup.c_str(), nullptr, nullptr), RL_OK) << Message(store);
        ASSERT_EQ(Digest(ClockedStore(backup)), Digest(store)) << "backup at step " << step << " of life " << life;
      }
      if (step % 100 == 99) {
        const std::string crashed = scratch / ("crashed" + std::to_string(life) + "-" + std::to_string(step));
        CopyAsAfterACrash(path, crashed);
        ASSERT_EQ(Digest(ClockedStore(crashed)), Digest(store)) << "crash at step " << step << " of life " << life;
        ASSERT_EQ(Digest(ClockedStore(crashed)), Digest(store))
            << "second open after a crash at step " << step << " of life " << life;
      }
    }
    living = Digest(store);
  }
}

TEST(Replay, TheReopenedStoreIsTheLivingOne) {
  const Random seeds;
  for (uint64_t i = 0; i < 3; ++i) Try(seeds.seed() + i, {});
}

TEST(Replay, TheSameWithSmallSegmentsAndNoSyncs) {
  const Random seeds;
  Try(seeds.seed(), {{"appendfsync", "no"}, {"wal-segment-bytes", "4kb"}});
}

// A snapshot of a store under load is exact at its point: what it holds plus the log behind it is what the writers
// made.
TEST(Replay, SnapshotsAndBackupsUnderLoadAreExact) {
  const Random seeds;
  SCOPED_TRACE("REDISLITE_SEED=" + std::to_string(seeds.seed()));
  const Scratch scratch;
  const std::string path = scratch / "store";
  std::string living;
  {
    ClockedStore store(path, {{"appendfsync", "no"}});
    std::atomic<bool> stop{false};
    std::vector<std::thread> writers;
    for (uint64_t i = 0; i < 4; ++i) {
      writers.emplace_back([&, i] {
        Program program(seeds.seed() + 100 + i);
        while (!stop) {
          if (program.Next() % 12 == 0) {
            RunBatch(store, program);
          } else {
            Do(store, program.Command());
          }
          if (i == 0 && program.Next() % 50 == 0) clock_ms += 100;
        }
      });
    }
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(rl_snapshot(store), RL_OK) << Message(store);
      EXPECT_EQ(rl_backup(store, (scratch / ("backup" + std::to_string(i))).c_str(), nullptr, nullptr), RL_OK)
          << Message(store);
    }
    stop = true;
    for (std::thread& writer : writers) writer.join();
    living = Digest(store);
    CopyAsAfterACrash(path, scratch / "crashed");
    EXPECT_EQ(Digest(ClockedStore(scratch / "crashed")), living);
  }
  EXPECT_EQ(Digest(ClockedStore(path)), living);
  for (int i = 0; i < 10; ++i) ClockedStore(scratch / ("backup" + std::to_string(i)));
}

}  // namespace
}  // namespace stress
