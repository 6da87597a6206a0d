// Many threads on one store, and closing it under them.
//
// Method: every thread keeps its own keys and knows what they must hold (it reads its own writes); what all threads
// share is made so that the sum tells: counters, and lists whose elements are taken exactly once.
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "support.h"

namespace stress {
namespace {

constexpr int kThreads = 32;

// One thread's keys and what they must hold.
class Worker {
 public:
  Worker(rl_db* db, int id, uint64_t seed) : db_(db), id_(id), random_(seed + static_cast<uint64_t>(id)) {}

  // One operation on a key of its own. False: the store is closed.
  bool Step() {
    const std::string key = "own " + std::to_string(id_) + " " + std::to_string(random_.Below(20));
    ++operations_;
    switch (random_.Below(5)) {
      case 0: {
        const std::string value = random_.Bytes(random_.Below(300));
        return Acknowledged(Set(db_, key, value), [&] { strings_[key] = value; });
      }
      case 1: {
        const int code = rl_del(db_, key.data(), key.size());
        EXPECT_FALSE(code == RL_NOT_FOUND && strings_.contains(key)) << key;
        return Acknowledged(code, [&] { EXPECT_EQ(strings_.erase(key), 1u); });
      }
      case 2: {
        int64_t result = 0;
        const int code = rl_incr_by(db_, "shared counter", 14, 1, &result);
        return Acknowledged(code, [&] {
          ++increments_;
          EXPECT_GT(result, last_increment_);
          last_increment_ = result;
        });
      }
      case 3: {
        rl_reply* reply = nullptr;
        const std::string field = "field " + std::to_string(id_);
        const char* argv[] = {"HINCRBY", "shared hash", field.c_str(), "1"};
        const int code = rl_command(db_, 4, argv, nullptr, &reply);
        const bool refused = code == RL_OK && rl_reply_type(reply) == RL_REPLY_ERROR;
        const int64_t result = rl_reply_integer(reply);
        rl_reply_free(reply);
        EXPECT_FALSE(refused);
        return Acknowledged(code, [&] { EXPECT_EQ(result, ++hash_increments_); });
      }
      default: {
        const std::string value = Get(db_, key);
        if (value == "(code " + std::to_string(RL_ERR_CLOSED) + ")") return false;
        const auto found = strings_.find(key);
        EXPECT_TRUE(value == (found == strings_.end() ? "(none)" : found->second)) << key;
        return true;
      }
    }
  }
  // What the store must hold of this thread, after the threads have ended.
  void Check(rl_db* db) const {
    for (int i = 0; i < 20; ++i) {
      const std::string key = "own " + std::to_string(id_) + " " + std::to_string(i);
      const auto found = strings_.find(key);
      ASSERT_TRUE(Get(db, key) == (found == strings_.end() ? "(none)" : found->second)) << key;
    }
    ASSERT_EQ(Do(db, {"HGET", "shared hash", "field " + std::to_string(id_)}),
              hash_increments_ == 0 ? "(nil)" : std::to_string(hash_increments_));
  }
  int64_t increments() const { return increments_; }
  int64_t operations() const { return operations_; }

 private:
  // False when the store is closed; `then` runs when the write was acknowledged.
  template <typename Then>
  bool Acknowledged(int code, Then then) {
    if (code == RL_ERR_CLOSED) return false;
    EXPECT_TRUE(code == RL_OK || code == RL_NOT_FOUND) << code;
    if (code == RL_OK) then();
    return true;
  }

  rl_db* db_;
  int id_;
  Random random_;
  std::map<std::string, std::string> strings_;
  int64_t increments_ = 0, hash_increments_ = 0, last_increment_ = 0, operations_ = 0;
};

void CheckAll(rl_db* db, const std::vector<std::unique_ptr<Worker>>& workers) {
  int64_t increments = 0;
  for (const auto& worker : workers) {
    worker->Check(db);
    increments += worker->increments();
  }
  if (increments > 0) {
    ASSERT_EQ(Get(db, "shared counter"), std::to_string(increments));
  }
}

void RunLoad(const Options& options, double seconds) {
  Scratch scratch;
  Random random;
  std::vector<std::unique_ptr<Worker>> workers;
  {
    Store store(scratch / "db", options);
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      workers.push_back(std::make_unique<Worker>(store.get(), i, random.seed()));
      threads.emplace_back([&, worker = workers.back().get()] {
        while (!stop && worker->Step() && !testing::Test::HasFailure()) {
        }
      });
    }
    // Beside them: snapshots, a backup, and readers of everything.
    threads.emplace_back([&] {
      int round = 0;
      while (!stop) {
        EXPECT_EQ(rl_snapshot(store), RL_OK) << Message(store);
        const std::string copy = scratch / ("backup" + std::to_string(round++));
        EXPECT_EQ(rl_backup(store, copy.c_str(), nullptr, nullptr), RL_OK) << Message(store);
        EXPECT_EQ(rl_sync(store), RL_OK);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      Store backup(scratch / "backup0");
      uint64_t keys = 0;
      EXPECT_EQ(rl_count(backup, &keys), RL_OK);
    });
    threads.emplace_back([&] {
      while (!stop) {
        Do(store, {"KEYS", "own 1*"});
        Do(store, {"SCAN", "0", "COUNT", "1000"});
        Do(store, {"RANDOMKEY"});
        Do(store, {"INFO"});
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    });
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    stop = true;
    for (std::thread& thread : threads) thread.join();
    CheckAll(store, workers);
  }
  Store store(scratch / "db", options);
  CheckAll(store, workers);
  int64_t operations = 0;
  for (const auto& worker : workers) operations += worker->operations();
  std::printf("%lld operations\n", static_cast<long long>(operations));
}

TEST(Threads, ThirtyTwoThreadsReadTheirOwnWritesAndLoseNothing) { RunLoad({}, 2); }

TEST(Threads, TheSameWithoutWaitingForSyncs) { RunLoad({{"appendfsync", "everysec"}}, 2); }

TEST(Threads, TheSameWithTheLogCutAllTheTime) { RunLoad({{"appendfsync", "no"}, {"snapshot-wal-bytes", "100kb"}}, 2); }

TEST(SoakThreads, ThirtyTwoThreadsForAMinute) { RunLoad({}, LoadSeconds(60)); }

TEST(Threads, AnElementOfASharedListIsTakenOnce) {
  Scratch scratch;
  Random random;
  Store store(scratch / "db", {{"appendfsync", "no"}});
  constexpr int kEach = 300, kPushers = 8, kPoppers = 8;
  std::atomic<int> taken{0};
  std::mutex mutex;
  std::set<std::string> seen;
  std::vector<std::thread> threads;
  for (int p = 0; p < kPushers; ++p) {
    threads.emplace_back([&, p] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_NE(Do(store, {p % 2 == 0 ? "RPUSH" : "LPUSH", "queue", std::to_string(p) + ":" + std::to_string(i)})
                      .substr(0, 1),
                  "-");
      }
    });
  }
  for (int p = 0; p < kPoppers; ++p) {
    threads.emplace_back([&, p] {
      while (taken < kPushers * kEach) {
        std::string element;
        if (p % 3 == 0) element = Do(store, {"LPOP", "queue"});
        if (p % 3 == 1) element = Do(store, {"RPOP", "queue"});
        if (p % 3 == 2) element = Do(store, {"LMOVE", "queue", "done", "LEFT", "RIGHT"});
        if (element == "(nil)") continue;
        ++taken;
        const std::lock_guard<std::mutex> lock(mutex);
        EXPECT_TRUE(seen.insert(element).second) << element << " was taken twice";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen.size(), static_cast<size_t>(kPushers * kEach));
  EXPECT_EQ(Do(store, {"LLEN", "queue"}), "0");
}

// Two keys are always written together: a reader that takes both at once must never see them apart.
TEST(Threads, ABatchIsSeenWholeOrNotAtAll) {
  Scratch scratch;
  Store store(scratch / "db", {{"appendfsync", "no"}});
  ASSERT_EQ(Do(store, {"MSET", "left", "0", "right", "0"}), "OK");
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int w = 0; w < 4; ++w) {
    threads.emplace_back([&, w] {
      rl_batch* batch = nullptr;
      ASSERT_EQ(rl_batch_new(store, &batch), RL_OK);
      for (int i = 0; !stop; ++i) {
        const std::string value = std::to_string(w) + "." + std::to_string(i);
        const char* left[] = {"SET", "left", value.c_str()};
        const char* right[] = {"SET", "right", value.c_str()};
        EXPECT_EQ(rl_batch_add(batch, 3, left, nullptr), RL_OK);
        EXPECT_EQ(rl_batch_add(batch, 3, right, nullptr), RL_OK);
        EXPECT_EQ(rl_batch_commit(batch, nullptr), RL_OK);
      }
      rl_batch_free(batch);
    });
  }
  for (int r = 0; r < 4; ++r) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) {
        const std::string both = Do(store, {"MGET", "left", "right"});
        const size_t comma = both.find(", ");
        ASSERT_NE(comma, std::string::npos) << both;
        ASSERT_EQ(both.substr(1, comma - 1), both.substr(comma + 2, both.size() - comma - 3));
      }
    });
  }
  for (size_t r = 4; r < threads.size(); ++r) threads[r].join();
  stop = true;
  for (size_t w = 0; w < 4; ++w) threads[w].join();
  EXPECT_NE(Get(store, "left"), "0") << "nothing was written meanwhile";
}

TEST(Threads, ClosingWhileOthersCallAnswersThemAndKeepsWhatWasAcknowledged) {
  Random random;
  for (int round = 0; round < 10; ++round) {
    Scratch scratch;
    std::vector<std::unique_ptr<Worker>> workers;
    rl_db* db = nullptr;
    ASSERT_EQ(Open(scratch / "db", &db), RL_OK);
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      workers.push_back(std::make_unique<Worker>(db, i, random.Next()));
      threads.emplace_back([worker = workers.back().get()] {
        while (worker->Step()) {
        }
      });
    }
    // Threads inside a snapshot, a backup and a look at everything must come out as well.
    threads.emplace_back([&] {
      while (rl_snapshot(db) != RL_ERR_CLOSED) {
      }
    });
    threads.emplace_back([&] {
      while (Do(db, {"KEYS", "*"}) != "(code -12)") {
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random.Below(30'000)));
    EXPECT_EQ(rl_close(db), RL_OK);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(rl_close(db), RL_ERR_CLOSED);
    EXPECT_EQ(Set(db, "k", "v"), RL_ERR_CLOSED);
    Store store(scratch / "db");
    CheckAll(store, workers);
  }
}

TEST(Threads, OpeningAndClosingInManyThreadsLetsOneIn) {
  Scratch scratch;
  std::atomic<int> opened{0}, inside{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 30; ++round) {
        rl_db* db = nullptr;
        const int code = Open(scratch / "db", &db);
        ASSERT_TRUE(code == RL_OK || code == RL_ERR_BUSY) << code << ": " << Message();
        if (code != RL_OK) continue;
        EXPECT_EQ(++inside, 1);
        int64_t result = 0;
        EXPECT_EQ(rl_incr_by(db, "n", 1, 1, &result), RL_OK);
        EXPECT_EQ(result, ++opened);
        --inside;
        EXPECT_EQ(rl_close(db), RL_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(opened, 0);
}

}  // namespace
}  // namespace stress
