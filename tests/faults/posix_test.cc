// What the system may do to a call without failing it: interrupt it (EINTR), or do a part of it (short counts). The
// POSIX file system deals with both, and no store above it notices. This program puts its own pread, pwrite and so on
// in front of the C library's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "tests/crash/model.h"
#include "tests/crash/store.h"

namespace {

// What the calls of this thread meet; nothing to begin with.
struct Weather {
  bool interrupts = false;  // each call is interrupted once before it is done
  // the count that a transfer of this size gets in one call
  size_t (*portion)(size_t size) = nullptr;
  bool writes_nothing = false;     // pwrite returns 0
  int64_t write_fails_after = -1;  // this many bytes are still taken, then there is no space
};
thread_local Weather weather;
thread_local std::map<std::string, uint64_t> interrupted;
thread_local uint64_t shortened = 0;

bool Interrupt(const char* name) {
  if (!weather.interrupts || ++interrupted[name] % 2 == 0) return false;
  errno = EINTR;
  return true;
}

size_t PortionOf(size_t size) {
  if (weather.portion == nullptr || size == 0) return size;
  const size_t portion = std::clamp<size_t>(weather.portion(size), 1, size);
  shortened += portion < size ? 1 : 0;
  return portion;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (Interrupt("open")) return -1;
  return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

ssize_t pread(int fd, void* buffer, size_t size, off_t offset) {
  if (Interrupt("pread")) return -1;
  return syscall(SYS_pread64, fd, buffer, PortionOf(size), offset);
}

ssize_t pwrite(int fd, const void* buffer, size_t size, off_t offset) {
  if (Interrupt("pwrite")) return -1;
  if (weather.writes_nothing) return 0;
  size = PortionOf(size);
  if (weather.write_fails_after >= 0) {
    size = std::min(size, static_cast<size_t>(weather.write_fails_after));
    if (size == 0) {
      errno = ENOSPC;
      return -1;
    }
    weather.write_fails_after -= static_cast<int64_t>(size);
  }
  return syscall(SYS_pwrite64, fd, buffer, size, offset);
}

int fdatasync(int fd) { return Interrupt("fdatasync") ? -1 : static_cast<int>(syscall(SYS_fdatasync, fd)); }
int fsync(int fd) { return Interrupt("fsync") ? -1 : static_cast<int>(syscall(SYS_fsync, fd)); }
int ftruncate(int fd, off_t size) noexcept {
  return Interrupt("ftruncate") ? -1 : static_cast<int>(syscall(SYS_ftruncate, fd, size));
}
int flock(int fd, int operation) noexcept {
  return Interrupt("flock") ? -1 : static_cast<int>(syscall(SYS_flock, fd, operation));
}
ssize_t getrandom(void* buffer, size_t size, unsigned flags) {
  return Interrupt("getrandom") ? -1 : syscall(SYS_getrandom, buffer, PortionOf(size), flags);
}

}  // extern "C"

namespace redislite::faults {
namespace {

using crash::Argv;

class PosixFaults : public testing::Test {
 protected:
  PosixFaults() {
    std::string pattern = testing::TempDir() + "redislite-posix-XXXXXX";
    path_ = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    EXPECT_NE(path_, "");
    settings_.appendfsync = "everysec";
  }
  ~PosixFaults() override {
    weather = Weather();
    store_.Close();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  void Open() { ASSERT_EQ(store_.Open(os::PosixFileSystem(), path_ + "/db", settings_, clock_), ""); }

  // A run with snapshots, backups and reopenings; every call succeeds, and the content is the model's.
  void RunInThisWeather() {
    Open();
    for (int step = 0; step < 120 && !HasFailure(); ++step) {
      const Argv command = crash::RandomCommand(random_, "", true);
      model_.Apply(command, clock_);
      ASSERT_EQ(store_.Run(command), "");
      if (step % 10 == 1) {
        ASSERT_EQ(rl_sync(store_.db()), RL_OK);
      }
      if (step % 30 == 7) {
        ASSERT_EQ(rl_snapshot(store_.db()), RL_OK);
      }
      if (step % 40 == 11) {
        const std::string backup = path_ + "/backup" + std::to_string(step);
        ASSERT_EQ(rl_backup(store_.db(), backup.c_str(), nullptr, nullptr), RL_OK);
      }
      if (step % 25 == 3) {
        ASSERT_EQ(store_.Close(), "");
        Open();
      }
      Compare();
    }
  }

  void Compare() {
    std::string error;
    ASSERT_EQ(store_.Dump(&error), model_.Dump(clock_));
    ASSERT_EQ(error, "");
  }

  std::string path_;
  crash::StoreSettings settings_;
  crash::Clock clock_{1'700'000'000'000};
  Random random_{7};
  crash::Model model_;
  crash::Store store_;
};

TEST_F(PosixFaults, InterruptedCallsAreMadeAgain) {
  interrupted.clear();
  weather.interrupts = true;
  RunInThisWeather();
  for (const char* name : {"open", "pread", "pwrite", "fdatasync", "fsync", "ftruncate", "flock", "getrandom"})
    EXPECT_GT(interrupted[name], 0u) << name;
}

class PosixPortions : public PosixFaults, public testing::WithParamInterface<int> {};

TEST_P(PosixPortions, ShortCountsAreCarriedOn) {
  static constexpr size_t (*kPortions[])(size_t) = {
      [](size_t size) { return size % 7 + 1; },
      [](size_t) { return size_t{511}; },
      [](size_t size) { return size / 2; },
      [](size_t size) { return size - 1; },
  };
  shortened = 0;
  weather.portion = kPortions[GetParam()];
  weather.interrupts = GetParam() % 2 == 1;
  RunInThisWeather();
  EXPECT_GT(shortened, 100u);
}

INSTANTIATE_TEST_SUITE_P(OfEachLengthClass, PosixPortions, testing::Range(0, 4));

TEST_F(PosixFaults, AWriteWithoutProgressIsAnErrorAndNotTriedForEver) {
  Open();
  weather.writes_nothing = true;
  EXPECT_NE(store_.Run({"SET", "k", "v"}), "");
  EXPECT_EQ(store_.code(), RL_ERR_IO);
  Compare();
}

// The disk becomes full at each byte of a record, again and again.
TEST_F(PosixFaults, ADiskThatIsFullWithinARecordHasRefusedAllOfIt) {
  Open();
  ASSERT_EQ(store_.Run({"SET", "k", "v"}), "");
  model_.Apply({"SET", "k", "v"}, clock_);
  const std::string value(100, 'x');
  int refused = 0;
  for (int64_t room = 0; !HasFailure(); ++room) {
    weather.write_fails_after = room;
    const bool ok = store_.Run({"SET", "full", value}).empty();
    weather.write_fails_after = -1;
    if (ok) break;
    ++refused;
    EXPECT_EQ(store_.code(), RL_ERR_FULL);
    Compare();
    const Argv next = {"SET", "n", std::to_string(room)};
    ASSERT_EQ(store_.Run(next), "");
    model_.Apply(next, clock_);
  }
  EXPECT_GT(refused, 100);
  model_.Apply({"SET", "full", value}, clock_);
  ASSERT_EQ(store_.Close(), "");
  Open();
  Compare();
}

}  // namespace
}  // namespace redislite::faults
