// SimFileSystem keeps the contract of os::FileSystem, makes the faults that it is told to make, and notices the
// classic wrong uses.
#include "tests/support/sim_file_system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <thread>

#include "tests/support/sim_power_cut.h"

namespace redislite::sim {
namespace {

using os::File;
using os::OpenMode;

std::unique_ptr<File> MakeFile(SimFileSystem& files, const std::string& path) {
  Result<std::unique_ptr<File>> file = files.Open(path, OpenMode::kCreate);
  EXPECT_TRUE(file.ok()) << file.status().message();
  return std::move(*file);
}

void ExpectFailure(const Status& status, Code code, const std::string& message) {
  EXPECT_EQ(status.code(), code);
  EXPECT_EQ(status.message(), message);
}

std::string ReadAll(File& file) {
  std::string bytes(*file.Size(), '\0');
  EXPECT_EQ(*file.Read(0, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

// ---- The contract.

TEST(SimFileSystem, AnswersAsTheRealOneDoes) {
  SimFileSystem files;
  bool created = false;
  ASSERT_TRUE(files.CreateDirectory("/d", &created).ok());
  EXPECT_TRUE(created);
  ASSERT_TRUE(files.CreateDirectory("/d", &created).ok());
  EXPECT_FALSE(created);
  {
    const std::unique_ptr<File> file = MakeFile(files, "/d/a");
    ASSERT_TRUE(file->Write(3, "xyz").ok());
    ASSERT_TRUE(file->Truncate(5).ok());
    ASSERT_TRUE(file->Sync().ok());
    EXPECT_EQ(ReadAll(*file), std::string("\0\0\0xy", 5));
    char buffer[10];
    EXPECT_EQ(*file->Read(4, buffer, 10), 1u);
    EXPECT_EQ(*file->Read(5, buffer, 10), 0u);
  }
  ASSERT_TRUE(files.Rename("/d/a", "/d/b").ok());
  EXPECT_EQ(*files.List("/d"), std::vector<std::string>{"b"});
  ASSERT_TRUE(files.SyncDirectory("/d").ok());

  const std::string none = ": No such file or directory";
  ExpectFailure(files.Open("/d/a", OpenMode::kRead).status(), Code::kPathNotFound, "open /d/a" + none);
  ExpectFailure(files.Open("/x/a", OpenMode::kCreate).status(), Code::kPathNotFound, "create /x/a" + none);
  ExpectFailure(files.Remove("/d/a"), Code::kPathNotFound, "remove /d/a" + none);
  ExpectFailure(files.Rename("/d/a", "/d/c"), Code::kPathNotFound, "rename /d/a" + none);
  ExpectFailure(files.List("/x").status(), Code::kPathNotFound, "list /x" + none);
  ExpectFailure(files.SyncDirectory("/x"), Code::kPathNotFound, "sync directory /x" + none);
  ExpectFailure(files.LockFile("/x/LOCK").status(), Code::kPathNotFound, "lock /x/LOCK" + none);
  ExpectFailure(files.Open("/d/b", OpenMode::kCreate).status(), Code::kIo, "create /d/b: File exists");
  ExpectFailure(files.Open("/d", OpenMode::kReadWrite).status(), Code::kIo, "open /d: Is a directory");
  ExpectFailure(files.Remove("/d"), Code::kIo, "remove /d: Is a directory");
  ExpectFailure(files.RemoveDirectory("/d"), Code::kIo, "remove directory /d: Directory not empty");
  ExpectFailure(files.List("/d/b").status(), Code::kIo, "list /d/b: Not a directory");
  ExpectFailure(files.CreateDirectory("/d/b", &created), Code::kIo, "make directory /d/b: Not a directory");
  const Result<std::unique_ptr<File>> reader = files.Open("/d/b", OpenMode::kRead);
  ASSERT_TRUE(reader.ok());
  ExpectFailure((*reader)->Write(0, "x"), Code::kIo, "write /d/b: Bad file descriptor");

  ASSERT_TRUE(files.Remove("/d/b").ok());
  ASSERT_TRUE(files.SyncDirectory("/d").ok());
  EXPECT_EQ((*reader)->Size().ok(), true) << "a removed file stays while it is open";
  EXPECT_EQ(ReadAll(**reader), std::string("\0\0\0xy", 5));
  EXPECT_TRUE(files.RemoveDirectory("/d").ok());
}

TEST(SimFileSystem, TheLockIsExclusiveOrSharedAndEndsWithItsObject) {
  SimFileSystem files;
  EXPECT_EQ(*files.LockFileShared("/LOCK"), nullptr);
  EXPECT_TRUE(files.List("/")->empty());
  Result<std::unique_ptr<os::Lock>> lock = files.LockFile("/LOCK");
  ASSERT_TRUE(lock.ok());
  ExpectFailure(files.LockFile("/LOCK").status(), Code::kBusy,
                "/LOCK is in use by process " + std::to_string(os::ProcessId()));
  EXPECT_EQ(files.LockFileShared("/LOCK").status().code(), Code::kBusy);
  EXPECT_TRUE(SimFileSystem(files.Snapshot()).LockFile("/LOCK").ok()) << "it does not outlive the process";
  lock->reset();
  Result<std::unique_ptr<os::Lock>> one = files.LockFileShared("/LOCK");
  Result<std::unique_ptr<os::Lock>> other = files.LockFileShared("/LOCK");
  ASSERT_TRUE(one.ok() && other.ok());
  one->reset();
  EXPECT_EQ(files.LockFile("/LOCK").status().code(), Code::kBusy);
  other->reset();
  EXPECT_TRUE(files.LockFile("/LOCK").ok());
}

TEST(SimFileSystem, RandomBytesFollowFromTheSeed) {
  const auto bytes = [](uint64_t seed) {
    SimFileSystem files(SimDisk(), seed);
    std::string buffer(40, '\0');
    EXPECT_TRUE(files.FillRandom(buffer.data(), buffer.size()).ok());
    return buffer;
  };
  EXPECT_EQ(bytes(1), bytes(1));
  EXPECT_NE(bytes(1), bytes(2));
}

// ---- Recording.

TEST(SimFileSystem, AMomentIsTheDiskAfterEachChange) {
  SimFileSystem files;
  files.Record(SimFileSystem::Recording::kMoments);
  const std::unique_ptr<File> file = MakeFile(files, "/a");
  ASSERT_TRUE(file->Write(0, "one").ok());
  ASSERT_TRUE(file->Write(0, "two").ok());
  EXPECT_EQ(ReadAll(*file), "two");
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  ASSERT_TRUE(files.Remove("/a").ok());
  EXPECT_EQ(files.changes(), 6u);
  const std::vector<Moment> moments = files.TakeMoments();
  ASSERT_EQ(moments.size(), 7u);
  const std::vector<std::string> contents = {"", "", "one", "two", "two", "two", ""};
  const std::vector<bool> pending = {false, true, true, true, true, false, true};
  for (size_t i = 0; i < moments.size(); ++i) {
    EXPECT_EQ(moments[i].disk.ReadFile("/a"), contents[i]) << i;
    EXPECT_EQ(moments[i].disk.HasPending(), pending[i]) << i;
  }
  EXPECT_EQ(Describe(moments[2].call), "write /a 0+3");
  EXPECT_EQ(Describe(moments[6].call), "remove /a");
  EXPECT_EQ(files.calls().size(), 8u) << "the reading ones are counted too";
}

TEST(SimFileSystem, TheDiskOfAMomentIsTheMachineAfterAKill) {
  SimFileSystem files;
  files.Record(SimFileSystem::Recording::kMoments);
  const std::unique_ptr<File> file = MakeFile(files, "/a");
  ASSERT_TRUE(file->Write(0, "x").ok());
  const SimFileSystem after(files.TakeMoments().back().disk);
  EXPECT_EQ(after.Snapshot().ReadFile("/a"), "x") << "the cache is still there";
  size_t disks = 0;
  PowerCut(after.Snapshot()).Enumerate({}, [&](const SimDisk&, const std::string&) { return ++disks != 0; });
  EXPECT_GT(disks, 2u) << "and a power cut may still take it";
}

// ---- Faults.

constexpr Fault::Effect kNothingDone = Fault::Effect::kNothingDone;
constexpr Fault::Effect kDone = Fault::Effect::kDone;

TEST(SimFileSystem, AFaultHitsTheChosenOperationOnce) {
  SimFileSystem files;
  const std::unique_ptr<File> file = MakeFile(files, "/a");
  files.SetFault({.ops = Bit(Op::kWrite), .nth = 2, .effect = kNothingDone, .error = EIO});
  EXPECT_TRUE(file->Write(0, "1").ok());
  EXPECT_TRUE(file->Sync().ok()) << "does not count";
  ExpectFailure(file->Write(1, "2"), Code::kIo, "write /a: Input/output error");
  EXPECT_TRUE(file->Write(2, "3").ok());
  EXPECT_EQ(files.hits(), 1u);
  EXPECT_EQ(ReadAll(*file), std::string("1\0"
                                        "3",
                                        3));
}

TEST(SimFileSystem, AFaultCanLastUntilItIsCleared) {
  SimFileSystem files;
  const std::unique_ptr<File> file = MakeFile(files, "/a");
  files.SetFault({.ops = kSpaceOps, .nth = 2, .forever = true, .effect = kNothingDone, .error = ENOSPC});
  EXPECT_TRUE(file->Write(0, "1").ok());
  ExpectFailure(file->Write(1, "2"), Code::kFull, "write /a: No space left on device");
  ExpectFailure(files.Open("/b", OpenMode::kCreate).status(), Code::kFull, "create /b: No space left on device");
  EXPECT_TRUE(files.Remove("/a").ok()) << "needs no space";
  files.ClearFault();
  EXPECT_TRUE(file->Write(1, "2").ok());
}

TEST(SimFileSystem, EveryOperationCanFail) {
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    SimDisk disk;
    disk.PutFile("/d/a", "x");
    SimFileSystem files(disk);
    Result<std::unique_ptr<File>> file = files.Open("/d/a", OpenMode::kReadWrite);
    ASSERT_TRUE(file.ok());
    files.SetFault({.ops = Bit(op), .forever = true, .effect = kNothingDone, .error = EIO});
    char byte = 0;
    bool created = false;
    const std::map<Op, std::function<Status()>> calls = {
        {Op::kOpen, [&] { return files.Open("/d/a", OpenMode::kRead).status(); }},
        {Op::kCreate, [&] { return files.Open("/d/b", OpenMode::kCreate).status(); }},
        {Op::kRead, [&] { return (*file)->Read(0, &byte, 1).status(); }},
        {Op::kWrite, [&] { return (*file)->Write(0, "y"); }},
        {Op::kSync, [&] { return (*file)->Sync(); }},
        {Op::kSize, [&] { return (*file)->Size().status(); }},
        {Op::kTruncate, [&] { return (*file)->Truncate(0); }},
        {Op::kRename, [&] { return files.Rename("/d/a", "/d/c"); }},
        {Op::kRemove, [&] { return files.Remove("/d/a"); }},
        {Op::kSyncDirectory, [&] { return files.SyncDirectory("/d"); }},
        {Op::kCreateDirectory, [&] { return files.CreateDirectory("/e", &created); }},
        {Op::kRemoveDirectory, [&] { return files.RemoveDirectory("/d"); }},
        {Op::kList, [&] { return files.List("/d").status(); }},
        {Op::kLock, [&] { return files.LockFile("/d/LOCK").status(); }},
    };
    const uint64_t before = files.Snapshot().Hash();
    const Status status = calls.at(op)();
    EXPECT_EQ(status.code(), Code::kIo) << NameOf(op);
    EXPECT_EQ(status.message().rfind(NameOf(op), 0), 0u) << status.message();
    EXPECT_EQ(files.hits(), 1u) << NameOf(op);
    EXPECT_EQ(files.Snapshot().Hash(), before) << NameOf(op);
  }
}

TEST(SimFileSystem, AnOperationCanFailAfterItWasDone) {
  SimDisk disk;
  disk.PutFile("/a", "x");
  SimFileSystem files(disk);
  files.SetFault({.ops = Bit(Op::kRename), .effect = kDone, .error = EIO});
  EXPECT_EQ(files.Rename("/a", "/b").code(), Code::kIo);
  EXPECT_EQ(*files.List("/"), std::vector<std::string>{"b"});
  Result<std::unique_ptr<File>> file = files.Open("/b", OpenMode::kReadWrite);
  files.SetFault({.ops = Bit(Op::kWrite) | Bit(Op::kSync), .forever = true, .effect = kDone, .error = EIO});
  EXPECT_EQ((*file)->Write(0, "y").code(), Code::kIo);
  EXPECT_EQ((*file)->Sync().code(), Code::kIo);
  EXPECT_EQ(ReadAll(**file), "y");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  EXPECT_FALSE(files.Snapshot().HasPending());
}

TEST(SimFileSystem, AWriteCanFailHalfWay) {
  for (const uint64_t length : {0u, 1u, 3u, 4u}) {  // the last byte is never written
    SimFileSystem files;
    const std::unique_ptr<File> file = MakeFile(files, "/a");
    files.SetFault({.ops = Bit(Op::kWrite), .effect = Fault::Effect::kPartly, .error = ENOSPC, .length = length});
    EXPECT_EQ(file->Write(0, "data").code(), Code::kFull);
    EXPECT_EQ(ReadAll(*file), std::string("data").substr(0, std::min<uint64_t>(length, 3)));
  }
}

TEST(SimFileSystem, AFailedSyncDropsOrKeepsWhatItShouldHaveWritten) {
  for (const Fault::Effect effect : {Fault::Effect::kDropped, Fault::Effect::kStale}) {
    SimFileSystem files;
    const std::unique_ptr<File> file = MakeFile(files, "/a");
    ASSERT_TRUE(files.SyncDirectory("/").ok());
    ASSERT_TRUE(file->Write(0, "x").ok());
    files.SetFault({.ops = Bit(Op::kSync), .effect = effect, .error = EIO});
    ExpectFailure(file->Sync(), Code::kIo, "sync /a: Input/output error");
    EXPECT_TRUE(file->Sync().ok()) << "the second one says ok, and means nothing";
    const bool dropped = effect == Fault::Effect::kDropped;
    EXPECT_EQ(ReadAll(*file), dropped ? "" : "x");
    bool lost = false;
    PowerCut(files.Snapshot()).Enumerate({}, [&](const SimDisk& disk, const std::string&) {
      lost = lost || disk.ReadFile("/a").empty();
      return true;
    });
    EXPECT_TRUE(lost);
  }
}

TEST(SimFileSystem, EveryDescriptorHearsOfALostWriteOnce) {
  SimFileSystem files;
  const std::unique_ptr<File> one = MakeFile(files, "/a");
  Result<std::unique_ptr<File>> other = files.Open("/a", OpenMode::kReadWrite);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(one->Write(0, "x").ok());
  files.SetFault({.ops = Bit(Op::kSync), .effect = Fault::Effect::kStale, .error = EIO});
  EXPECT_EQ((*other)->Sync().code(), Code::kIo);
  EXPECT_EQ((*other)->Sync().code(), Code::kOk);
  EXPECT_EQ(one->Sync().code(), Code::kIo) << "its bytes were lost by the other one's sync";
  EXPECT_EQ(one->Sync().code(), Code::kOk);
  Result<std::unique_ptr<File>> later = files.Open("/a", OpenMode::kReadWrite);
  EXPECT_EQ((*later)->Sync().code(), Code::kOk) << "it was not open then";
}

// ---- Threads.

TEST(SimFileSystem, ThreadsMayUseItAtOnce) {
  SimFileSystem files;
  files.Record(SimFileSystem::Recording::kMoments);
  constexpr int kThreads = 4;
  constexpr int kRounds = 50;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&files, t] {
      const std::unique_ptr<File> file = MakeFile(files, "/" + std::to_string(t));
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_TRUE(file->Write(static_cast<uint64_t>(i) * 700, std::string(700, static_cast<char>('a' + t))).ok());
        EXPECT_TRUE(file->Sync().ok());
        EXPECT_FALSE(files.Snapshot().Files().empty());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < kThreads; ++t) {
    EXPECT_EQ(files.Snapshot().ReadFile("/" + std::to_string(t)),
              std::string(700 * kRounds, static_cast<char>('a' + t)));
  }
  EXPECT_EQ(files.TakeMoments().size(), 1u + kThreads * (1 + 2 * kRounds));
}

TEST(SimFileSystem, AMomentMayBeExploredByThreadsAtOnce) {
  SimDisk disk;
  disk.PutFile("/a", std::string(5000, 'a'));
  InodeId inode = 0;
  ASSERT_EQ(disk.Find("/a", &inode), 0);
  disk.Write(inode, 1000, std::string(9000, 'b'));
  const SimDisk& moment = disk;
  std::vector<uint64_t> sums(4);
  std::vector<std::thread> threads;
  for (uint64_t& sum : sums) {
    threads.emplace_back([&moment, &sum] {
      PowerCut(moment).Enumerate({}, [&](const SimDisk& after, const std::string&) {
        SimFileSystem files(after);
        Result<std::unique_ptr<File>> file = files.Open("/a", OpenMode::kReadWrite);
        EXPECT_TRUE((*file)->Write(0, "changed").ok());
        sum += files.Snapshot().Hash();
        return true;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t sum : sums) EXPECT_EQ(sum, sums[0]);
}

TEST(SimFileSystem, WhatAnotherThreadWritesWhileASyncRunsIsNotCovered) {
  SimFileSystem files;
  const std::unique_ptr<File> file = MakeFile(files, "/a");
  ASSERT_TRUE(files.SyncDirectory("/").ok());
  ASSERT_TRUE(file->Write(0, "x").ok());
  files.Record(SimFileSystem::Recording::kCalls);
  files.SetSyncDelay(std::chrono::milliseconds(50));
  std::thread syncing([&] { EXPECT_TRUE(file->Sync().ok()); });
  while (files.calls().empty()) std::this_thread::yield();  // the sync has begun
  ASSERT_TRUE(file->Write(600, "y").ok());
  syncing.join();
  EXPECT_TRUE(files.Snapshot().HasPending());
  bool lost = false;
  PowerCut(files.Snapshot()).Enumerate({}, [&](const SimDisk& disk, const std::string&) {
    EXPECT_EQ(disk.ReadFile("/a").substr(0, 1), "x");
    lost = lost || disk.ReadFile("/a").size() == 1;
    return true;
  });
  EXPECT_TRUE(lost);
}

// ---- The classic wrong uses, planted in a toy store: a log of 8-byte records, and a file that is replaced as a whole.

enum class Mistake {
  kNone,
  kNoSync,
  kNoDirectorySync,
  kSyncAfterAck,
  kRetriesSync,
  kRenamesBeforeSync,
  kNoSyncAfterRename,
  kRemovesFirst
};

// Appends ten records; each is acknowledged when `acked` grows.
void RunLog(SimFileSystem& files, Mistake mistake, std::vector<uint64_t>& acked_at) {
  const std::unique_ptr<File> file = MakeFile(files, "/log");
  if (mistake != Mistake::kNoDirectorySync) {
    ASSERT_TRUE(files.SyncDirectory("/").ok());
  }
  for (uint64_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(file->Write(i * 8, "record" + std::to_string(10 + i)).ok());
    if (mistake == Mistake::kSyncAfterAck) acked_at.push_back(files.changes());
    if (mistake != Mistake::kNoSync && !file->Sync().ok()) {
      if (mistake != Mistake::kRetriesSync) return;
      ASSERT_TRUE(file->Sync().ok());
    }
    if (mistake != Mistake::kSyncAfterAck) acked_at.push_back(files.changes());
  }
}

// The number of disks on which an acknowledged record is missing.
size_t Losses(Mistake mistake, const Fault& fault) {
  SimFileSystem files;
  files.Record(SimFileSystem::Recording::kMoments);
  files.SetFault(fault);
  std::vector<uint64_t> acked_at;
  RunLog(files, mistake, acked_at);
  size_t losses = 0;
  const std::vector<Moment> moments = files.TakeMoments();
  for (size_t moment = 0; moment < moments.size(); ++moment) {
    size_t acked = 0;
    while (acked < acked_at.size() && acked_at[acked] <= moment) ++acked;
    PowerCut(moments[moment].disk).Enumerate({}, [&](const SimDisk& disk, const std::string&) {
      const std::string log = disk.ReadFile("/log");
      for (size_t i = 0; i < acked; ++i) {
        if (log.size() < (i + 1) * 8 || log.substr(i * 8, 8) != "record" + std::to_string(10 + i)) {
          ++losses;
          break;
        }
      }
      return true;
    });
  }
  return losses;
}

TEST(SimFileSystem, FindsTheLossesOfALogThatSyncsWrongly) {
  EXPECT_EQ(Losses(Mistake::kNone, {}), 0u);
  EXPECT_GT(Losses(Mistake::kNoSync, {}), 0u);
  EXPECT_GT(Losses(Mistake::kNoDirectorySync, {}), 0u);
  EXPECT_GT(Losses(Mistake::kSyncAfterAck, {}), 0u);
  for (const Fault::Effect effect : {Fault::Effect::kDropped, Fault::Effect::kStale}) {
    const Fault failed_sync{.ops = Bit(Op::kSync), .nth = 5, .effect = effect, .error = EIO};
    EXPECT_EQ(Losses(Mistake::kNone, failed_sync), 0u);
    EXPECT_GT(Losses(Mistake::kRetriesSync, failed_sync), 0u);
  }
}

// Replaces /file, which holds "old", by "new", and returns whether there is a disk which has neither, or one on which
// the acknowledged new is missing.
bool ReplaceCanLose(Mistake mistake) {
  SimDisk disk;
  disk.PutFile("/file", "old");
  SimFileSystem files(disk);
  files.Record(SimFileSystem::Recording::kMoments);
  {
    const std::unique_ptr<File> file = MakeFile(files, "/file.tmp");
    EXPECT_TRUE(file->Write(0, "new").ok());
    if (mistake == Mistake::kRemovesFirst) {
      EXPECT_TRUE(files.Remove("/file").ok());
    }
    if (mistake != Mistake::kRenamesBeforeSync) {
      EXPECT_TRUE(file->Sync().ok());
    }
    EXPECT_TRUE(files.Rename("/file.tmp", "/file").ok());
    if (mistake != Mistake::kNoSyncAfterRename) {
      EXPECT_TRUE(files.SyncDirectory("/").ok());
    }
  }
  const std::vector<Moment> moments = files.TakeMoments();
  bool loses = false;
  for (size_t moment = 0; moment < moments.size(); ++moment) {
    const bool acked = moment + 1 == moments.size();
    PowerCut(moments[moment].disk).Enumerate({}, [&](const SimDisk& after, const std::string&) {
      const std::string content = after.ReadFile("/file");
      loses = loses || (content != "new" && (acked || content != "old"));
      return true;
    });
  }
  return loses;
}

TEST(SimFileSystem, FindsTheLossesOfAFileThatIsReplacedWrongly) {
  EXPECT_FALSE(ReplaceCanLose(Mistake::kNone));
  EXPECT_TRUE(ReplaceCanLose(Mistake::kRenamesBeforeSync));
  EXPECT_TRUE(ReplaceCanLose(Mistake::kNoSyncAfterRename));
  EXPECT_TRUE(ReplaceCanLose(Mistake::kRemovesFirst));
}

}  // namespace
}  // namespace redislite::sim
