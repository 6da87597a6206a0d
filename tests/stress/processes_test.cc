// Two processes on one directory, a holder that is killed, and a forked child.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support.h"

namespace stress {
namespace {

namespace fs = std::filesystem;

// A child that opens the store, says so through the pipe, and holds it until it is killed.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    pid_ = ForkQuietly();
    if (pid_ == 0) {
      rl_db* db = nullptr;
      char said = Open(path, &db) == RL_OK && Set(db, "held", "yes") == RL_OK ? 'y' : 'n';
      (void)!write(ends[1], &said, 1);
      for (;;) pause();
    }
    close(ends[1]);
    char said = 'n';
    EXPECT_EQ(read(ends[0], &said, 1), 1);
    EXPECT_EQ(said, 'y');
    close(ends[0]);
  }
  ~Holder() { Kill(); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  int pid() const { return pid_; }
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  int pid_ = -1;
};

TEST(Processes, ASecondOpenerIsToldWhoHoldsTheStore) {
  Scratch scratch;
  Holder holder(scratch / "db");
  rl_db* db = nullptr;
  EXPECT_EQ(Open(scratch / "db", &db), RL_ERR_BUSY);
  EXPECT_NE(Message().find(std::to_string(holder.pid())), std::string::npos) << Message();
  char* report = nullptr;
  EXPECT_EQ(rl_check((scratch / "db").c_str(), &report, nullptr), RL_ERR_BUSY);
  rl_buffer_free(report);
  // Killed, it holds nothing any more, and what it wrote is there.
  holder.Kill();
  Store store(scratch / "db");
  EXPECT_EQ(Get(store, "held"), "yes");
}

TEST(Processes, TheSameProcessIsASecondOpenerToo) {
  Scratch scratch;
  Store store(scratch / "db");
  rl_db* db = nullptr;
  EXPECT_EQ(Open(scratch / "db", &db), RL_ERR_BUSY);
  EXPECT_NE(Message().find(std::to_string(getpid())), std::string::npos) << Message();
  fs::create_directory_symlink(scratch / "db", scratch / "link");
  EXPECT_EQ(Open(scratch / "link", &db), RL_ERR_BUSY);
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  store.Close();
  Store again(scratch / "link");
  EXPECT_EQ(Get(again, "k"), "v");
}

TEST(Processes, ALeftOverLockFileHoldsNothing) {
  Scratch scratch;
  {
    Store store(scratch / "db");
    ASSERT_EQ(Set(store, "k", "v"), RL_OK);
  }
  std::ofstream(scratch / "db/LOCK") << "1\n";
  Store store(scratch / "db");
  EXPECT_EQ(Get(store, "k"), "v");
}

TEST(Processes, AForkedChildIsRefusedByEveryFunctionAndTouchesNothing) {
  Scratch scratch;
  Store store(scratch / "db");
  ASSERT_EQ(Set(store, "k", "v"), RL_OK);
  rl_batch* batch = nullptr;
  ASSERT_EQ(rl_batch_new(store, &batch), RL_OK);
  const char* argv[] = {"SET", "k", "from the batch"};
  ASSERT_EQ(rl_batch_add(batch, 3, argv, nullptr), RL_OK);
  const int status = InChild(
      [&] {
        rl_db* db = store;
        void* value = nullptr;
        size_t length = 0;
        int64_t number = 0;
        uint64_t keys = 0;
        rl_reply* reply = nullptr;
        char* text = nullptr;
        int wrong = 0;
        const auto expect = [&](int code, const char* what) {
          if (code == RL_ERR_FORKED) return;
          std::printf("%s in the child returned %d\n", what, code);
          ++wrong;
        };
        expect(rl_get(db, "k", 1, &value, &length), "rl_get");
        expect(rl_get_into(db, "k", 1, nullptr, 0, &length), "rl_get_into");
        expect(rl_exists(db, "k", 1), "rl_exists");
        expect(rl_ttl(db, "k", 1, &number), "rl_ttl");
        expect(rl_count(db, &keys), "rl_count");
        expect(rl_set(db, "k", 1, "child", 5), "rl_set");
        expect(rl_set_with(db, "k", 1, "child", 5, 1000, 0), "rl_set_with");
        expect(rl_del(db, "k", 1), "rl_del");
        expect(rl_incr_by(db, "n", 1, 1, &number), "rl_incr_by");
        expect(rl_expire(db, "k", 1, 1), "rl_expire");
        expect(rl_persist(db, "k", 1), "rl_persist");
        expect(rl_command(db, 3, argv, nullptr, &reply), "rl_command");
        expect(rl_batch_commit(batch, nullptr), "rl_batch_commit");
        expect(rl_sync(db), "rl_sync");
        expect(rl_snapshot(db), "rl_snapshot");
        expect(rl_backup(db, (scratch / "backup").c_str(), nullptr, nullptr), "rl_backup");
        expect(rl_info(db, nullptr, &text, nullptr), "rl_info");
        rl_batch_free(batch);
        expect(rl_close(db), "rl_close");
        // Another directory is the child's own business.
        rl_db* own = nullptr;
        if (Open(scratch / "child", &own) != RL_OK || Set(own, "k", "child") != RL_OK || rl_close(own) != RL_OK)
          ++wrong;
        return wrong;
      },
      30);
  EXPECT_EQ(status, 0);
  // The parent noticed nothing, and still holds the lock.
  EXPECT_EQ(Get(store, "k"), "v");
  EXPECT_EQ(rl_batch_commit(batch, nullptr), RL_OK);
  rl_batch_free(batch);
  EXPECT_EQ(Get(store, "k"), "from the batch");
  rl_db* db = nullptr;
  EXPECT_EQ(Open(scratch / "db", &db), RL_ERR_BUSY);
  EXPECT_FALSE(fs::exists(scratch / "backup"));
  store.Close();
  Store again(scratch / "db");
  EXPECT_EQ(Get(again, "k"), "from the batch");
  Store child(scratch / "child");
  EXPECT_EQ(Get(child, "k"), "child");
}

TEST(Processes, AForkUnderLoadHangsNeitherSide) {
  Scratch scratch;
  Store store(scratch / "db", {{"appendfsync", "no"}});
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(Set(store, "k", std::to_string(round)), RL_OK);
    const int status = InChild(
        [&] {
          void* value = nullptr;
          size_t length = 0;
          return rl_get(store, "k", 1, &value, &length) == RL_ERR_FORKED &&
                         rl_set(store, "k", 1, "x", 1) == RL_ERR_FORKED
                     ? 0
                     : 1;
        },
        10);
    ASSERT_EQ(status, 0) << "round " << round;
  }
  EXPECT_EQ(Get(store, "k"), "19");
}

// The parent holds the lock until it closes, not until its last forked child ends.
TEST(Processes, AChildThatOutlivesTheParentsHandleHoldsNoLock) {
  Scratch scratch;
  rl_db* db = nullptr;
  ASSERT_EQ(Open(scratch / "db", &db), RL_OK);
  const int pid = ForkQuietly();
  if (pid == 0) {
    for (;;) pause();
  }
  ASSERT_EQ(Set(db, "k", "v"), RL_OK);
  EXPECT_EQ(rl_close(db), RL_OK);
  const int code = Open(scratch / "db", &db);
  EXPECT_EQ(code, RL_OK) << Message();
  rl_close(db);
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace
}  // namespace stress
