// Many threads on one handle, and rl_close under them. No timing is asserted: only which codes may come out.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "os/file_system.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

TEST(Threads, EveryIncrementCounts) {
  const Store store;
  constexpr int kThreads = 8;
  constexpr int kSteps = 500;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&store, t] {
      int64_t last = 0;
      const std::string own = "own" + std::to_string(t);
      for (int i = 1; i <= kSteps; ++i) {
        int64_t sum = 0;
        ASSERT_EQ(rl_incr_by(store, "shared", 6, 1, &sum), RL_OK);
        ASSERT_GT(sum, last) << "linearizable (I5)";
        last = sum;
        ASSERT_EQ(Set(store, own, std::to_string(i)), RL_OK);
        ASSERT_EQ(Get(store, own), std::to_string(i)) << "reads its own writes (I5)";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(store, "shared"), std::to_string(kThreads * kSteps));
}

// Threads call until they are told that the store is closed; nothing else than what an open store answers may come
// before.
void CloseUnderThreads(const char* path, int64_t after_us) {
  rl_db* db = nullptr;
  ASSERT_EQ(rl_open(path, nullptr, &db), RL_OK) << Message(nullptr);
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([db, t, &ready] {
      rl_batch* batch = nullptr;
      const int made = rl_batch_new(db, &batch);
      ASSERT_EQ(made, RL_OK);
      ++ready;
      const std::string key = "k" + std::to_string(t % 3);
      const Argv set({"SET", key, "v"});
      for (uint64_t i = 0;; ++i) {
        int code = RL_OK;
        rl_reply* reply = nullptr;
        char buffer[16];
        size_t size = 0;
        switch (i % 6) {
          case 0:
            code = Set(db, key, "v");
            break;
          case 1:
            code = rl_get_into(db, key.data(), key.size(), buffer, sizeof buffer, &size);
            break;
          case 2:
            code = rl_command(db, set.count(), set.pointers(), set.sizes(), &reply);
            break;
          case 3:
            code = rl_batch_add(batch, set.count(), set.pointers(), set.sizes());
            break;
          case 4:
            code = rl_batch_commit(batch, &reply);
            break;
          default:
            code = rl_del(db, key.data(), key.size());
        }
        rl_reply_free(reply);
        if (code == RL_ERR_CLOSED) break;
        ASSERT_TRUE(code == RL_OK || code == RL_NOT_FOUND) << code << " " << Message(db);
      }
      EXPECT_EQ(Set(db, key, "v"), RL_ERR_CLOSED);
      EXPECT_EQ(rl_close(db), RL_ERR_CLOSED);
      rl_batch_free(batch);
    });
  }
  while (ready < 8) std::this_thread::yield();
  os::SleepUs(after_us);
  EXPECT_EQ(rl_close(db), RL_OK) << Message(db);
  for (std::thread& thread : threads) thread.join();
}

TEST(Threads, ClosingUnderCallsWaitsForThemAndAnswersTheRest) {
  for (const int64_t after_us : {0, 10, 100, 300, 1000, 3000, 10000}) CloseUnderThreads(nullptr, after_us);
}

TEST(Threads, ClosingUnderCallsOnDiskKeepsTheStoreSound) {
  const Directory directory;
  const std::string path = directory / "s";
  for (const int64_t after_us : {0, 500, 5000}) CloseUnderThreads(path.c_str(), after_us);
  char* report = nullptr;
  EXPECT_EQ(rl_check(path.c_str(), &report, nullptr), RL_OK) << report;
  rl_buffer_free(report);
}

TEST(Threads, OnlyOneOfManyClosersCloses) {
  for (int round = 0; round < 20; ++round) {
    rl_db* db = nullptr;
    ASSERT_EQ(rl_open(nullptr, nullptr, &db), RL_OK);
    std::atomic<int> closed{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const int code = rl_close(db);
        if (code == RL_OK)
          ++closed;
        else
          EXPECT_EQ(code, RL_ERR_CLOSED);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(closed, 1);
  }
}

TEST(Threads, StoresOpenAndCloseSideBySide) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 30; ++i) {
        const Store store;
        ASSERT_EQ(Set(store, "k", "v"), RL_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace redislite::capi
