// The POSIX file system on a real directory. Errors that a plain directory cannot give come from the system's own
// special files: /dev/full has no room, /proc/self/mem cannot be read at 0, /dev/null cannot be synced.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "os/file_system.h"

namespace redislite::os {
namespace {

class PosixFileSystemTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "rl-os-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ + "/" + name; }

  std::unique_ptr<File> Make(const std::string& name, const std::string& content = "") {
    Result<std::unique_ptr<File>> file = files_.Open(Path(name), OpenMode::kCreate);
    EXPECT_TRUE(file.ok()) << file.status().message();
    EXPECT_TRUE((*file)->Write(0, content).ok());
    return std::move(*file);
  }

  std::string Content(const std::string& name) const {
    std::ifstream stream(Path(name), std::ios::binary);
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
  }

  static void ExpectFailure(const Status& status, Code code, const std::string& message) {
    EXPECT_EQ(status.code(), code);
    EXPECT_EQ(status.message(), message);
  }

  // Runs the body in a forked child and returns its exit status; -1 when it died.
  static int InChild(const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) _exit(body());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  FileSystem& files_ = PosixFileSystem();
  std::string root_;
};

std::string ReadAll(File& file) {
  std::string bytes(*file.Size(), '\0');
  EXPECT_EQ(*file.Read(0, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

// ---- Files.

TEST_F(PosixFileSystemTest, WhatIsWrittenIsRead) {
  const std::unique_ptr<File> file = Make("a");
  for (const size_t size : {0u, 1u, 511u, 512u, 4096u, 1u << 20}) {
    for (const uint64_t offset : {0u, 1u, 4095u, 100'000u}) {
      std::string bytes(size, 'x');
      for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + offset);
      ASSERT_TRUE(file->Write(offset, bytes).ok());
      std::string back(size, '\0');
      ASSERT_EQ(*file->Read(offset, back.data(), size), size);
      EXPECT_EQ(back, bytes) << size << " at " << offset;
    }
  }
  EXPECT_TRUE(file->Sync().ok());
  file->DropCache();
  EXPECT_EQ(*file->Size(), 100'000u + (1 << 20));
}

TEST_F(PosixFileSystemTest, AReadEndsAtTheEndOfTheFile) {
  const std::unique_ptr<File> file = Make("a", "0123456789");
  char buffer[20];
  EXPECT_EQ(*file->Read(0, buffer, 20), 10u);
  EXPECT_EQ(*file->Read(7, buffer, 20), 3u);
  EXPECT_EQ(*file->Read(10, buffer, 20), 0u);
  EXPECT_EQ(*file->Read(1'000'000, buffer, 20), 0u);
  EXPECT_EQ(*file->Read(3, buffer, 0), 0u);
}

TEST_F(PosixFileSystemTest, AHoleReadsAsZeros) {
  const std::unique_ptr<File> file = Make("a");
  ASSERT_TRUE(file->Write(10'000, "x").ok());
  EXPECT_EQ(ReadAll(*file), std::string(10'000, '\0') + "x");
}

TEST_F(PosixFileSystemTest, TruncateCutsAndExtends) {
  const std::unique_ptr<File> file = Make("a", "0123456789");
  ASSERT_TRUE(file->Truncate(4).ok());
  EXPECT_EQ(ReadAll(*file), "0123");
  ASSERT_TRUE(file->Truncate(6).ok());
  EXPECT_EQ(ReadAll(*file), std::string("0123\0\0", 6));
}

TEST_F(PosixFileSystemTest, CreateWantsANewName) {
  Make("a", "kept");
  ExpectFailure(files_.Open(Path("a"), OpenMode::kCreate).status(), Code::kIo, "open " + Path("a") + ": File exists");
  EXPECT_EQ(Content("a"), "kept");
}

TEST_F(PosixFileSystemTest, OpeningKeepsTheContent) {
  Make("a", "kept");
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
    Result<std::unique_ptr<File>> file = files_.Open(Path("a"), mode);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(ReadAll(**file), "kept");
  }
}

TEST_F(PosixFileSystemTest, AFileOpenedForReadingCannotBeWritten) {
  Make("a", "kept");
  Result<std::unique_ptr<File>> file = files_.Open(Path("a"), OpenMode::kRead);
  ASSERT_TRUE(file.ok());
  ExpectFailure((*file)->Write(0, "x"), Code::kIo, "write " + Path("a") + ": Bad file descriptor");
  ExpectFailure((*file)->Truncate(0), Code::kIo, "truncate " + Path("a") + ": Invalid argument");
  EXPECT_EQ(Content("a"), "kept");
}

// ---- Errors, and what they say.

TEST_F(PosixFileSystemTest, AMissingPathIsSaidToBeMissing) {
  const std::string missing = Path("missing");
  const std::string below = Path("missing/a");
  const std::string reason = ": No such file or directory";
  ExpectFailure(files_.Open(missing, OpenMode::kRead).status(), Code::kPathNotFound, "open " + missing + reason);
  ExpectFailure(files_.Open(missing, OpenMode::kReadWrite).status(), Code::kPathNotFound, "open " + missing + reason);
  ExpectFailure(files_.Open(below, OpenMode::kCreate).status(), Code::kPathNotFound, "open " + below + reason);
  ExpectFailure(files_.Rename(missing, Path("b")), Code::kPathNotFound, "rename " + missing + reason);
  ExpectFailure(files_.Remove(missing), Code::kPathNotFound, "remove " + missing + reason);
  ExpectFailure(files_.SyncDirectory(missing), Code::kPathNotFound, "open " + missing + reason);
  ExpectFailure(files_.RemoveDirectory(missing), Code::kPathNotFound, "remove directory " + missing + reason);
  ExpectFailure(files_.List(missing).status(), Code::kPathNotFound, "open " + missing + reason);
  ExpectFailure(files_.LockFile(below).status(), Code::kPathNotFound, "open " + below + reason);
  bool created = true;
  ExpectFailure(files_.CreateDirectory(below, &created), Code::kPathNotFound, "make directory " + below + reason);
  EXPECT_FALSE(created);
}

TEST_F(PosixFileSystemTest, AFileIsNoDirectory) {
  Make("a");
  const std::string path = Path("a");
  const std::string below = Path("a/b");
  const std::string reason = ": Not a directory";
  ExpectFailure(files_.SyncDirectory(path), Code::kIo, "open " + path + reason);
  ExpectFailure(files_.List(path).status(), Code::kIo, "open " + path + reason);
  ExpectFailure(files_.RemoveDirectory(path), Code::kIo, "remove directory " + path + reason);
  ExpectFailure(files_.Open(below, OpenMode::kCreate).status(), Code::kIo, "open " + below + reason);
  ExpectFailure(files_.LockFile(below).status(), Code::kIo, "open " + below + reason);
  bool created = true;
  ExpectFailure(files_.CreateDirectory(path, &created), Code::kIo, "make directory " + path + reason);
  EXPECT_FALSE(created);
}

TEST_F(PosixFileSystemTest, ADirectoryIsNoFile) {
  const std::string reason = ": Is a directory";
  ExpectFailure(files_.Open(root_, OpenMode::kReadWrite).status(), Code::kIo, "open " + root_ + reason);
  ExpectFailure(files_.Remove(root_), Code::kIo, "remove " + root_ + reason);
  Result<std::unique_ptr<File>> file = files_.Open(root_, OpenMode::kRead);  // the system allows this much
  ASSERT_TRUE(file.ok());
  char buffer[1];
  ExpectFailure((*file)->Read(0, buffer, 1).status(), Code::kIo, "read " + root_ + reason);
}

TEST_F(PosixFileSystemTest, AFullDeviceIsFull) {
  Result<std::unique_ptr<File>> file = files_.Open("/dev/full", OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok()) << file.status().message();
  ExpectFailure((*file)->Write(0, "x"), Code::kFull, "write /dev/full: No space left on device");
}

TEST_F(PosixFileSystemTest, AReadErrorIsNotTheEndOfTheFile) {
  Result<std::unique_ptr<File>> file = files_.Open("/proc/self/mem", OpenMode::kRead);
  ASSERT_TRUE(file.ok()) << file.status().message();
  char buffer[1];
  ExpectFailure((*file)->Read(0, buffer, 1).status(), Code::kIo, "read /proc/self/mem: Input/output error");
}

TEST_F(PosixFileSystemTest, AFailedSyncIsReported) {
  Result<std::unique_ptr<File>> file = files_.Open("/dev/null", OpenMode::kReadWrite);
  ASSERT_TRUE(file.ok()) << file.status().message();
  ExpectFailure((*file)->Sync(), Code::kIo, "sync /dev/null: Invalid argument");
}

TEST_F(PosixFileSystemTest, AShortWriteIsContinuedUntilTheSystemSaysWhyNot) {
  const std::unique_ptr<File> file = Make("a");
  const int exit_status = InChild([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    const Status status = file->Write(0, std::string(10'000, 'x'));  // the system takes 4096 bytes, then none
    if (status.code() != Code::kIo) return 2;
    return status.message() == "write " + Path("a") + ": File too large" ? 0 : 3;
  });
  EXPECT_EQ(exit_status, 0);
  EXPECT_EQ(Content("a"), std::string(4096, 'x'));
}

TEST_F(PosixFileSystemTest, AnInterruptedCallIsMadeAgain) {
  // Opening a FIFO waits for its other end, so that signals can interrupt it for as long as this test likes.
  const std::string path = Path("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  static std::atomic<int> interruptions{0};
  struct sigaction action {};
  action.sa_handler = [](int) { interruptions.fetch_add(1); };  // and no SA_RESTART
  struct sigaction before {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &before), 0);

  std::atomic<bool> opened{false};
  std::thread reader([&] {
    EXPECT_TRUE(files_.Open(path, OpenMode::kRead).ok());
    opened = true;
  });
  while (interruptions.load() < 20) {
    pthread_kill(reader.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  EXPECT_FALSE(opened);
  int writer = -1;
  while ((writer = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) std::this_thread::yield();
  reader.join();
  close(writer);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(PosixFileSystemTest, APathWithoutPermissionIsAnIoError) {
  // Root may do everything: the child becomes nobody first.
  constexpr uid_t kNobody = 65534;
  std::ofstream(Path("secret")) << "x";
  ASSERT_EQ(chmod(Path("secret").c_str(), 0), 0);
  ASSERT_EQ(mkdir(Path("closed").c_str(), 0755), 0);
  ASSERT_EQ(chmod(root_.c_str(), 0755), 0);
  ASSERT_EQ(chmod(Path("closed").c_str(), geteuid() == 0 ? 0755 : 0555), 0);
  constexpr int kCannotBecomeNobody = 100;
  const int exit_status = InChild([&] {
    if (geteuid() == 0 && (setgid(kNobody) != 0 || setuid(kNobody) != 0)) return kCannotBecomeNobody;
    const std::string reason = ": Permission denied";
    const auto fails = [](const Status& status, const std::string& message) {
      return status.code() == Code::kIo && status.message() == message;
    };
    if (!fails(files_.Open(Path("secret"), OpenMode::kRead).status(), "open " + Path("secret") + reason)) return 1;
    if (!fails(files_.Open(Path("closed/a"), OpenMode::kCreate).status(), "open " + Path("closed/a") + reason))
      return 2;
    if (!fails(files_.LockFile(Path("closed/LOCK")).status(), "open " + Path("closed/LOCK") + reason)) return 3;
    if (!fails(files_.LockFileShared(Path("secret")).status(), "open " + Path("secret") + reason)) return 4;
    bool created = false;
    if (!fails(files_.CreateDirectory(Path("closed/d"), &created), "make directory " + Path("closed/d") + reason))
      return 5;
    return 0;
  });
  if (exit_status == kCannotBecomeNobody)
    GTEST_SKIP() << "root here may not become nobody, and root may read everything";
  EXPECT_EQ(exit_status, 0);
}

// ---- Names.

TEST_F(PosixFileSystemTest, AListIsSortedAndWithoutDots) {
  EXPECT_TRUE(files_.List(root_)->empty());
  for (const char* name : {"b", ".hidden", "a", "B", "10", "9"}) Make(name);
  EXPECT_EQ(*files_.List(root_), (std::vector<std::string>{".hidden", "10", "9", "B", "a", "b"}));
}

TEST_F(PosixFileSystemTest, RenameReplaces) {
  Make("a", "new");
  Make("b", "old");
  ASSERT_TRUE(files_.Rename(Path("a"), Path("b")).ok());
  EXPECT_TRUE(files_.SyncDirectory(root_).ok());
  EXPECT_EQ(Content("b"), "new");
  EXPECT_EQ(*files_.List(root_), std::vector<std::string>{"b"});
}

TEST_F(PosixFileSystemTest, ARemovedFileStaysReadableWhileItIsOpen) {
  const std::unique_ptr<File> file = Make("a", "kept");
  ASSERT_TRUE(files_.Remove(Path("a")).ok());
  EXPECT_TRUE(files_.List(root_)->empty());
  EXPECT_EQ(ReadAll(*file), "kept");
}

TEST_F(PosixFileSystemTest, ADirectoryIsMadeOnce) {
  bool created = false;
  ASSERT_TRUE(files_.CreateDirectory(Path("d"), &created).ok());
  EXPECT_TRUE(created);
  ASSERT_TRUE(files_.CreateDirectory(Path("d"), &created).ok());
  EXPECT_FALSE(created);
  Make("d/a");
  ExpectFailure(files_.RemoveDirectory(Path("d")), Code::kIo,
                "remove directory " + Path("d") + ": Directory not empty");
  ASSERT_TRUE(files_.Remove(Path("d/a")).ok());
  EXPECT_TRUE(files_.RemoveDirectory(Path("d")).ok());
}

// ---- The lock.

TEST_F(PosixFileSystemTest, TheLockNamesItsHolder) {
  const std::string path = Path("LOCK");
  Result<std::unique_ptr<Lock>> lock = files_.LockFile(path);
  ASSERT_TRUE(lock.ok()) << lock.status().message();
  EXPECT_EQ(Content("LOCK"), std::to_string(ProcessId()) + "\n");
  const std::string message = path + " is in use by process " + std::to_string(ProcessId());
  ExpectFailure(files_.LockFile(path).status(), Code::kBusy, message);
  ExpectFailure(files_.LockFileShared(path).status(), Code::kBusy, message);
  EXPECT_EQ(InChild([&] { return files_.LockFile(path).status().message() == message ? 0 : 1; }), 0);
  lock->reset();
  EXPECT_TRUE(files_.LockFile(path).ok());
}

TEST_F(PosixFileSystemTest, AForkedChildNeitherReleasesNorKeepsTheLock) {
  const std::string path = Path("LOCK");
  Result<std::unique_ptr<Lock>> lock = files_.LockFile(path);
  ASSERT_TRUE(lock.ok());
  int wake[2];
  ASSERT_EQ(pipe(wake), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(wake[1]);
    char byte;
    _exit(read(wake[0], &byte, 1) == 0 ? 0 : 1);  // holds a copy of the descriptor until the parent lets it go
  }
  close(wake[0]);
  // Another child lets go of its copy as a host's exit would: the lock stays.
  EXPECT_EQ(InChild([&] {
              lock->reset();
              return files_.LockFile(path).status().code() == Code::kBusy ? 0 : 1;
            }),
            0);
  EXPECT_EQ(files_.LockFile(path).status().code(), Code::kBusy);
  lock->reset();
  EXPECT_TRUE(files_.LockFile(path).ok()) << "the first child still has its copy open";
  close(wake[1]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_F(PosixFileSystemTest, TheLockDiesWithItsProcess) {
  const std::string path = Path("LOCK");
  EXPECT_EQ(InChild([&] {
              Result<std::unique_ptr<Lock>> lock = files_.LockFile(path);
              if (!lock.ok()) return 1;
              raise(SIGKILL);
              return 2;
            }),
            -1);
  EXPECT_TRUE(files_.LockFile(path).ok());
}

TEST_F(PosixFileSystemTest, ReadersShareTheLockAndKeepWritersOut) {
  const std::string path = Path("LOCK");
  Result<std::unique_ptr<Lock>> none = files_.LockFileShared(path);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
  EXPECT_TRUE(files_.List(root_)->empty()) << "looking makes no file";

  std::ofstream(path) << "12345\n";  // left by a writer of the past
  Result<std::unique_ptr<Lock>> one = files_.LockFileShared(path);
  Result<std::unique_ptr<Lock>> other = files_.LockFileShared(path);
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_NE(*one, nullptr);
  EXPECT_EQ(Content("LOCK"), "12345\n");
  ExpectFailure(files_.LockFile(path).status(), Code::kBusy, path + " is in use by a process that reads it");
  one->reset();
  EXPECT_EQ(files_.LockFile(path).status().code(), Code::kBusy);
  other->reset();
  EXPECT_TRUE(files_.LockFile(path).ok());
}

// ---- Everything else.

TEST_F(PosixFileSystemTest, NoDescriptorPassesExec) {
  const std::unique_ptr<File> file = Make("a");
  Result<std::unique_ptr<Lock>> lock = files_.LockFile(Path("LOCK"));
  ASSERT_TRUE(lock.ok());
  int ours = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code error;
    const std::string target = std::filesystem::read_symlink(entry.path(), error).string();
    if (target.rfind(root_, 0) != 0) continue;
    ++ours;
    const int flags = fcntl(std::stoi(entry.path().filename().string()), F_GETFD);
    EXPECT_NE(flags & FD_CLOEXEC, 0) << target;
  }
  EXPECT_EQ(ours, 2);
}

TEST_F(PosixFileSystemTest, ClosingAFileLeavesNoDescriptor) {
  const auto count = [] {
    const std::filesystem::directory_iterator fds("/proc/self/fd");
    return std::distance(begin(fds), end(fds));
  };
  const auto before = count();
  {
    const std::unique_ptr<File> file = Make("a");
    EXPECT_TRUE(files_.SyncDirectory(root_).ok());
    EXPECT_TRUE(files_.List(root_).ok());
    EXPECT_TRUE(files_.LockFile(Path("LOCK")).ok());
    EXPECT_EQ(count(), before + 1);
  }
  EXPECT_EQ(count(), before);
}

TEST_F(PosixFileSystemTest, RandomBytesFillTheWholeBuffer) {
  for (const size_t size : {0u, 1u, 16u, 255u, 256u, 257u, 100'000u}) {
    std::string one(size, '\0');
    std::string other(size, '\0');
    ASSERT_TRUE(files_.FillRandom(one.data(), size).ok());
    ASSERT_TRUE(files_.FillRandom(other.data(), size).ok());
    if (size >= 16) {
      EXPECT_NE(one, other);
    }
    if (size >= 256) {
      EXPECT_NE(one.substr(size - 16), std::string(16, '\0'));
    }
  }
}

TEST(Clock, TheMonotonicClockDoesNotGoBack) {
  int64_t last = MonotonicUs();
  for (int i = 0; i < 10'000; ++i) {
    const int64_t now = MonotonicUs();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, TheSystemClockCountsMillisecondsSince1970) {
  EXPECT_GT(SystemNowMs(), 1'700'000'000'000);   // 2023
  EXPECT_LT(SystemNowMs(), 32'000'000'000'000);  // the year 2984
}

}  // namespace
}  // namespace redislite::os
