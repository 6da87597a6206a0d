// What a process that died left behind, and what a salvage keeps: the power cuts that the explorer's runs do not come
// by, because they begin with an empty disk and damage nothing.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "storage/backup.h"
#include "storage/log.h"
#include "tests/crash/store.h"
#include "tests/support/sim_file_system.h"
#include "tests/support/sim_power_cut.h"

namespace redislite::crash {
namespace {

using sim::PowerCut;
using sim::SimDisk;
using sim::SimFileSystem;
using storage::FrameBuilder;
using storage::Log;

struct Opened {
  Status status;
  std::string content;
  std::unique_ptr<Log> log;
};

Opened Open(SimFileSystem& files, const std::string& directory, bool salvage = false) {
  Opened opened;
  storage::LogOptions options;
  options.segment_bytes = 4096;
  options.salvage = salvage;
  options.now_ms = [] { return int64_t{1'000}; };
  storage::ReplayTarget target;
  target.begin = [&](const HashSeed&) { opened.content.clear(); };
  target.frame = [&](const storage::FrameHeader&, Bytes payload) {
    opened.content += payload;
    return Status::Ok();
  };
  Result<std::unique_ptr<Log>> log = Log::Open(files, directory, options, target);
  opened.status = log.status();
  if (log.ok()) opened.log = std::move(*log);
  return opened;
}

void Put(Log& log, const std::string& payload) {
  FrameBuilder builder;
  builder.buffer() += payload;
  ASSERT_TRUE(log.Append(builder, 1, 1'000, Log::Durability::kSynced).ok());
  ASSERT_TRUE(log.Sync().ok());
}

// A disk with directories that no sync has covered.
SimDisk WithDirectories(const std::vector<std::string>& paths) {
  SimDisk disk;
  for (const std::string& path : paths) EXPECT_EQ(disk.CreateDirectory(path), 0);
  EXPECT_TRUE(disk.HasPending());
  return disk;
}

SimDisk AfterPowerCut(const SimFileSystem& files) {
  const SimDisk disk = files.Snapshot();
  return PowerCut(disk).Disk(PowerCut(disk).Nothing());
}

TEST(Leftovers, AStoreInDirectoriesThatADeadProcessMadeIsDurable) {
  for (const std::vector<std::string>& made :
       {std::vector<std::string>{"/a"}, {"/a", "/a/b"}, {"/a", "/a/b", "/a/b/c"}}) {
    SimFileSystem files(WithDirectories(made));
    Opened opened = Open(files, "/a/b/c");
    ASSERT_TRUE(opened.status.ok()) << opened.status.message();
    Put(*opened.log, "x");
    SimFileSystem machine(AfterPowerCut(files));
    EXPECT_EQ(Open(machine, "/a/b/c").content, "x") << made.back();
  }
}

TEST(Leftovers, ABackupInDirectoriesThatADeadProcessMadeIsDurable) {
  for (const std::vector<std::string>& made :
       {std::vector<std::string>{"/a"}, {"/a", "/a/b"}, {"/a", "/a/b", "/a/b/c"}}) {
    SimFileSystem files(WithDirectories(made));
    Result<std::unique_ptr<storage::BackupWriter>> backup = storage::BackupWriter::Create(files, "/a/b/c");
    ASSERT_TRUE(backup.ok());
    ASSERT_TRUE((*backup)->Begin(1, 1'000).ok());
    FrameBuilder builder;
    builder.buffer() += "x";
    ASSERT_TRUE((*backup)->AddBlock(builder, 1, 1).ok());
    ASSERT_TRUE((*backup)->Finish().ok());
    SimFileSystem machine(AfterPowerCut(files));
    EXPECT_EQ(Open(machine, "/a/b/c").content, "x") << made.back();
  }
}

TEST(Leftovers, AStoreWhoseNewDirectoryCannotBeMadeDurableDoesNotOpen) {
  SimFileSystem files;
  files.SetFault({.ops = sim::Bit(sim::Op::kSyncDirectory), .error = EIO});
  EXPECT_EQ(Open(files, "/a").status.code(), Code::kIo);
}

// A store of three records, the second of which is damaged.
SimDisk Damaged() {
  SimFileSystem files;
  {
    const Opened opened = Open(files, "/store");
    for (const char* record : {"first", "second", "third"}) Put(*opened.log, record);
    EXPECT_TRUE(opened.log->Close().ok());
  }
  SimDisk disk = AfterPowerCut(files);
  const std::string path = "/store/" + storage::SegmentName(1);
  std::string bytes = disk.ReadFile(path);
  bytes[bytes.find("second")] = 'X';
  disk.PutFile(path, bytes);
  return disk;
}

// Every file of the damaged store is there whole, under its own name or put aside, whenever the power fails in a
// salvage, in the one after that, and behind it.
TEST(Leftovers, ASalvageThatIsCutKeepsEveryByteOfTheDamagedStore) {
  const SimDisk damaged = Damaged();
  std::map<std::string, std::string> originals;
  for (const std::string& path : damaged.Files()) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (name != storage::kLockName) originals[name] = damaged.ReadFile(path);
  }
  const auto lost = [&](const SimDisk& disk) -> std::string {
    for (const auto& [name, bytes] : originals) {
      bool kept = disk.ReadFile("/store/" + name) == bytes;
      for (int n = 1; n <= 3; ++n) kept |= disk.ReadFile("/store/damaged-" + std::to_string(n) + "-" + name) == bytes;
      if (!kept) return name;
    }
    return {};
  };
  // As the engine does it: nothing is served before a snapshot of what was saved is installed.
  const auto salvage = [](SimFileSystem& files) {
    const Opened opened = Open(files, "/store", true);
    if (!opened.status.ok() || !opened.log->needs_snapshot()) return opened.content;
    Result<std::unique_ptr<storage::SnapshotWriter>> writer = opened.log->BeginSnapshot(opened.log->last_lsn(), 1'000);
    FrameBuilder builder;
    builder.buffer() += opened.content;
    EXPECT_TRUE((*writer)->AddBlock(builder, 1, 1).ok());
    EXPECT_TRUE((*writer)->Finish().ok());
    EXPECT_TRUE(opened.log->InstallSnapshot(opened.log->last_lsn(), (*writer)->bytes()).ok());
    return opened.content;
  };
  SimFileSystem files(damaged);
  files.Record(SimFileSystem::Recording::kMoments);
  EXPECT_EQ(salvage(files), "firstthird");
  size_t disks = 0;
  for (const sim::Moment& moment : files.TakeMoments()) {
    PowerCut(moment.disk).Enumerate({}, [&](const SimDisk& after, const std::string& label) {
      ++disks;
      EXPECT_EQ(lost(after), "") << Describe(moment.call) << ", " << label;
      SimFileSystem machine(after);
      EXPECT_EQ(salvage(machine), "firstthird") << Describe(moment.call) << ", " << label;
      EXPECT_EQ(lost(machine.Snapshot()), "") << Describe(moment.call) << ", " << label;
      return !testing::Test::HasFailure();
    });
  }
  EXPECT_GT(disks, 100u);
}

// What a salvage shows to its callers is there after a power cut right behind it, and needs no salvage any more.
TEST(Leftovers, ASalvagedStoreIsServedOnlyWhenItIsDurable) {
  Clock clock{1'000};
  SimFileSystem files;
  {
    Store store;
    ASSERT_EQ(store.Open(files, "/store", {}, clock), "");
    for (const char* const key : {"first", "second", "third"}) ASSERT_EQ(store.Run({"SET", key, key}), "");
    ASSERT_EQ(store.Close(), "");
  }
  SimDisk damaged = AfterPowerCut(files);
  const std::string path = "/store/" + storage::SegmentName(1);
  std::string bytes = damaged.ReadFile(path);
  bytes[bytes.find("second")] = 'X';
  damaged.PutFile(path, bytes);

  SimFileSystem machine(std::move(damaged));
  Store salvaged;
  StoreSettings settings;
  settings.recovery = "salvage";
  ASSERT_EQ(salvaged.Open(machine, "/store", settings, clock), "");
  std::string error;
  const std::string shown = salvaged.Dump(&error);
  EXPECT_EQ(shown, "first S first\nthird S third\n") << error;
  SimFileSystem after(AfterPowerCut(machine));
  Store strict;
  ASSERT_EQ(strict.Open(after, "/store", {}, clock), "");
  EXPECT_EQ(strict.Dump(&error), shown) << error;
}

}  // namespace
}  // namespace redislite::crash
