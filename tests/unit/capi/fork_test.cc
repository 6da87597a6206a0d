// Fork: every function on an inherited handle is refused in the child and touches no file; the child may open stores of
// its own.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "capi/testing.h"
#include "tests/unit/capi/failing_files.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

// Runs the claims in a forked child; the first that does not hold, or "".
std::string InChild(const std::function<const char*()>& claims) {
  int pipe_fds[2];
  EXPECT_EQ(pipe(pipe_fds), 0);
  const pid_t child = fork();
  if (child == 0) {
    const char* failed = claims();
    const std::string text = failed == nullptr ? "" : failed;
    const bool written = write(pipe_fds[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    _exit(written ? 0 : 1);
  }
  close(pipe_fds[1]);
  std::string failed;
  char buffer[256];
  for (ssize_t got = 0; (got = read(pipe_fds[0], buffer, sizeof buffer)) > 0;)
    failed.append(buffer, static_cast<size_t>(got));
  close(pipe_fds[0]);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  return failed;
}

#define CLAIM(claim) \
  if (!(claim)) return #claim

TEST(Fork, EveryFunctionIsRefusedInTheChildAndNoFileIsTouched) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  rl_batch* batch = nullptr;
  ASSERT_EQ(rl_batch_new(store, &batch), RL_OK);
  const Argv ping({"PING"});
  ASSERT_EQ(rl_batch_add(batch, 1, ping.pointers(), nullptr), RL_OK);
  EXPECT_EQ(InChild([&]() -> const char* {
              const int touched = files.writes + files.syncs + files.opens;
              rl_db* db = store;
              void* value = nullptr;
              size_t size = 0;
              int64_t number = 0;
              uint64_t keys = 0;
              rl_reply* reply = nullptr;
              rl_batch* another = nullptr;
              rl_session* session = nullptr;
              char* text = nullptr;
              char message[64];
              CLAIM(Set(db, "k", "w") == RL_ERR_FORKED);
              CLAIM(rl_set_with(db, "k", 1, "w", 1, 0, 0) == RL_ERR_FORKED);
              CLAIM(rl_get(db, "k", 1, &value, &size) == RL_ERR_FORKED);
              CLAIM(rl_get_into(db, "k", 1, nullptr, 0, &size) == RL_ERR_FORKED);
              CLAIM(rl_del(db, "k", 1) == RL_ERR_FORKED);
              CLAIM(rl_exists(db, "k", 1) == RL_ERR_FORKED);
              CLAIM(rl_incr_by(db, "n", 1, 1, &number) == RL_ERR_FORKED);
              CLAIM(rl_expire(db, "k", 1, 1) == RL_ERR_FORKED);
              CLAIM(rl_persist(db, "k", 1) == RL_ERR_FORKED);
              CLAIM(rl_ttl(db, "k", 1, &number) == RL_ERR_FORKED);
              CLAIM(rl_count(db, &keys) == RL_ERR_FORKED);
              CLAIM(rl_command(db, 1, ping.pointers(), nullptr, &reply) == RL_ERR_FORKED);
              CLAIM(rl_batch_new(db, &another) == RL_ERR_FORKED);
              CLAIM(rl_batch_add(batch, 1, ping.pointers(), nullptr) == RL_ERR_FORKED);
              CLAIM(rl_batch_commit(batch, &reply) == RL_ERR_FORKED);
              CLAIM(rl_session_open(db, &session) == RL_ERR_FORKED);
              CLAIM(rl_sync(db) == RL_ERR_FORKED);
              CLAIM(rl_snapshot(db) == RL_ERR_FORKED);
              CLAIM(rl_backup(db, (directory / "copy").c_str(), nullptr, nullptr) == RL_ERR_FORKED);
              CLAIM(rl_info(db, nullptr, &text, nullptr) == RL_ERR_FORKED);
              CLAIM(rl_errmsg(db, message, sizeof message) > 0);
              CLAIM(std::string(message).find("process") != std::string::npos);
              CLAIM(rl_close(db) == RL_ERR_FORKED);
              CLAIM(rl_close(db) == RL_ERR_FORKED);
              rl_batch_free(batch);
              CLAIM(files.writes + files.syncs + files.opens == touched);
              return nullptr;
            }),
            "");
  EXPECT_FALSE(std::filesystem::exists(directory / "copy"));
  EXPECT_EQ(Get(store, "k"), "v");
  EXPECT_EQ(Set(store, "k", "w"), RL_OK);
  rl_batch_free(batch);
}

// ThreadSanitizer does not let a forked child start threads.
#if !defined(__SANITIZE_THREAD__)
// Waits until the store's own thread rests. One that is just beginning may be in malloc: the C library's can be forked
// then, but not that of ASan, whose locks nobody would open in the child.
void AwaitRest() {
  const auto works = [](const std::filesystem::path& task) {
    std::ifstream stat(task / "stat");
    std::string number, name, state;
    stat >> number >> name >> state;
    return number != std::to_string(getpid()) && state != "S";
  };
  for (int resting = 0; resting < 10; ++resting) {
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
      if (works(task.path())) resting = 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST(Fork, TheChildMayOpenOtherDirectoriesButNotTheParents) {
  const Directory directory;
  const Store store((directory / "s").c_str());
  AwaitRest();
  EXPECT_EQ(InChild([&]() -> const char* {
              rl_db* inherited = store;
              rl_db* own = nullptr;
              CLAIM(rl_open((directory / "s").c_str(), nullptr, &own) == RL_ERR_BUSY);
              CLAIM(rl_open((directory / "child").c_str(), nullptr, &own) == RL_OK);
              CLAIM(Set(own, "k", "child") == RL_OK);
              CLAIM(Get(own, "k") == "child");
              CLAIM(Set(inherited, "k", "w") == RL_ERR_FORKED);
              CLAIM(rl_close(inherited) == RL_ERR_FORKED);
              CLAIM(rl_close(own) == RL_OK);
              CLAIM(rl_close(own) == RL_ERR_CLOSED);
              return nullptr;
            }),
            "");
  EXPECT_EQ(Get(store, "k"), "code 1");
  EXPECT_EQ(Set(store, "k", "parent"), RL_OK);
  const Store child((directory / "child").c_str());
  EXPECT_EQ(Get(child, "k"), "child");
}

// Threads of the parent may hold any lock of the store in the moment of the fork.
TEST(Fork, WhileThreadsAreInCallsTheChildNeverHangs) {
  const Directory directory;
  const Store store;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        EXPECT_EQ(rl_set(store, nullptr, 1, "v", 1), RL_ERR_INVALID);  // takes the message's lock
        EXPECT_EQ(Set(store, "k", "v"), RL_OK);
        const Store another;
      }
    });
  }
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(InChild([&]() -> const char* {
                rl_db* inherited = store;
                char message[8];
                CLAIM(Set(inherited, "k", "w") == RL_ERR_FORKED);
                CLAIM(rl_errmsg(inherited, message, sizeof message) > 0);
                CLAIM(rl_close(inherited) == RL_ERR_FORKED);
                return nullptr;
              }),
              "");
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}
#endif

}  // namespace
}  // namespace redislite::capi
