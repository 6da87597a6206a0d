// What two threads do to the log at once, brought about on purpose; and what a failure leaves behind.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "os/file_system.h"
#include "storage/log.h"
#include "storage/segment_writer.h"
#include "tests/crash/store.h"
#include "tests/crash/verify_store.h"
#include "tests/support/sim_file_system.h"
#include "tests/support/sim_power_cut.h"

namespace redislite::crash {
namespace {

using sim::SimFileSystem;
using storage::Log;
using storage::SegmentWriter;

std::unique_ptr<Log> OpenLog(SimFileSystem& files, std::string* content = nullptr) {
  storage::LogOptions options;
  options.segment_bytes = 4096;
  options.now_ms = [] { return int64_t{1'000}; };
  storage::ReplayTarget target;
  target.begin = [](const HashSeed&) {};
  target.frame = [content](const storage::FrameHeader&, Bytes payload) {
    if (content != nullptr) content->append(payload);
    return Status::Ok();
  };
  Result<std::unique_ptr<Log>> log = Log::Open(files, "/db", options, target);
  EXPECT_TRUE(log.ok()) << log.status().message();
  return log.ok() ? std::move(*log) : nullptr;
}

Status Append(Log& log, const std::string& record) {
  storage::FrameBuilder builder;
  builder.buffer() += record;
  return log.Append(builder, 1, 1'000, Log::Durability::kSynced);
}

TEST(Overlap, ASyncDoesNotCoverWhatIsAppendedWhileItRuns) {
  SimFileSystem files;
  files.Record(SimFileSystem::Recording::kCalls);
  const std::unique_ptr<Log> log = OpenLog(files);
  ASSERT_TRUE(Append(*log, "a").ok());
  const size_t before = files.calls().size();
  files.SetSyncDelay(std::chrono::milliseconds(100));
  std::thread syncer([&] { EXPECT_TRUE(log->Sync().ok()); });
  while (files.calls().size() == before) os::SleepUs(100);
  files.SetSyncDelay(std::chrono::milliseconds(0));
  ASSERT_TRUE(Append(*log, "b").ok());
  syncer.join();
  ASSERT_TRUE(log->Sync().ok());
  const sim::SimDisk disk = files.Snapshot();
  SimFileSystem machine(sim::PowerCut(disk).Disk(sim::PowerCut(disk).Nothing()));
  std::string content;
  OpenLog(machine, &content);
  EXPECT_EQ(content, "ab");
}

// The backup is as of its beginning: the callback writes once the cut has been made and before anything is copied.
TEST(Overlap, ABackupHasWhatIsChangedAndRemovedWhileItIsTaken) {
  SimFileSystem files;
  Clock clock{1'000};
  Store store;
  ASSERT_EQ(store.Open(files, kStorePath, {}, clock), "");
  for (const char* key : {"appended", "removed", "replaced"}) ASSERT_EQ(store.Run({"SET", key, "old"}), "");
  const auto write_once = [](void* context, uint64_t, uint64_t) {
    std::thread([&] {
      Store& written = *static_cast<Store*>(context);
      EXPECT_EQ(written.Run({"DEL", "removed"}), "");
      EXPECT_EQ(written.Run({"APPEND", "appended", " and new"}), "");
      EXPECT_EQ(written.Run({"SET", "replaced", "new"}), "");
    }).join();
    return 0;
  };
  ASSERT_EQ(rl_backup(store.db(), "/backup", write_once, &store), RL_OK);
  std::string error;
  EXPECT_EQ(ShowStore(files, "/backup", {}, clock, &error), "appended S old\nremoved S old\nreplaced S old\n");
  EXPECT_EQ(error, "");
}

TEST(Overlap, ABackupHasABigCollectionAsItWasAndItsExpiry) {
  SimFileSystem files;
  Clock clock{1'000};
  Store store;
  ASSERT_EQ(store.Open(files, kStorePath, {}, clock), "");
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(store.Run({"HSET", "big", std::to_string(i), "old"}), "");
  ASSERT_EQ(store.Run({"PEXPIREAT", "big", "50000"}), "");
  std::string error;
  const std::string before = store.Dump(&error);
  const auto write_once = [](void* context, uint64_t, uint64_t) {
    std::thread([&] {
      Store& written = *static_cast<Store*>(context);
      EXPECT_EQ(written.Run({"PEXPIREAT", "big", "90000"}), "");
      EXPECT_EQ(written.Run({"HSET", "big", "7", "new"}), "");
      EXPECT_EQ(written.Run({"HDEL", "big", "8"}), "");
    }).join();
    return 0;
  };
  ASSERT_EQ(rl_backup(store.db(), "/backup", write_once, &store), RL_OK);
  EXPECT_TRUE(ShowStore(files, "/backup", {}, clock, &error) == before);
  EXPECT_FALSE(store.Dump(&error) == before);
  EXPECT_EQ(error, "");
}

TEST(Poison, AFailedSyncOrWriteIsTheLast) {
  for (const sim::Op op : {sim::Op::kSync, sim::Op::kWrite}) {
    SimFileSystem files;
    const std::unique_ptr<Log> log = OpenLog(files);
    ASSERT_TRUE(Append(*log, "a").ok());
    files.SetFault({.ops = sim::Bit(op), .error = EIO});
    if (op == sim::Op::kWrite) {
      EXPECT_EQ(Append(*log, "b").code(), Code::kIo);
    }
    EXPECT_EQ(log->Sync().code(), Code::kIo);
    files.ClearFault();
    EXPECT_EQ(log->Sync().code(), Code::kIo);
    EXPECT_EQ(Append(*log, "c").code(), Code::kIo);
  }
}

TEST(Poison, AWriteThatCouldNotBeLoggedIsNotApplied) {
  SimFileSystem files;
  Clock clock{1'000};
  Store store;
  ASSERT_EQ(store.Open(files, kStorePath, {}, clock), "");
  ASSERT_EQ(store.Run({"SET", "key", "old"}), "");
  files.SetFault({.ops = sim::Bit(sim::Op::kWrite), .error = ENOSPC});
  EXPECT_NE(store.Run({"SET", "key", "new"}), "");
  std::string error;
  EXPECT_EQ(store.Dump(&error), "key S old\n");
  EXPECT_EQ(error, "");
  EXPECT_EQ(store.Run({"SET", "key", "new"}), "");
}

TEST(Overlap, AnAppendBeyondTheZerosWaitsForThoseThatAreOnTheirWay) {
  constexpr uint64_t kZeros = 256 << 10;  // what a new segment has
  sim::SimFileSystem files;
  std::shared_ptr<SegmentWriter> writer;
  const std::string record(kZeros, 'r');
  std::thread appender;
  std::atomic<bool> appended{false};
  files.SetBeforeWrite([&](const sim::Call& call) {
    if (call.offset != kZeros || appender.joinable()) return;
    appender = std::thread([&] {
      EXPECT_TRUE(writer->Append(record, 0).ok());
      appended = true;
    });
    // It should not get through before the zeros are written, however long they take.
    for (int i = 0; i < 50 && !appended; ++i) os::SleepUs(1'000);
  });
  Result<std::shared_ptr<SegmentWriter>> created = SegmentWriter::Create(files, "/", {}, 1 << 20, {});
  ASSERT_TRUE(created.ok()) << created.status().message();
  writer = std::move(*created);
  ASSERT_TRUE(writer->Append(std::string(kZeros / 2, 'h'), 0).ok());
  const uint64_t from = writer->bytes();
  ASSERT_TRUE(writer->ZeroFillAhead().ok());
  ASSERT_TRUE(appender.joinable()) << "no zeros were written";
  appender.join();
  const std::string bytes = files.Snapshot().ReadFile("//" + storage::SegmentName(0));
  EXPECT_TRUE(bytes.substr(from, record.size()) == record) << "zeros have been written over the record";
}

}  // namespace
}  // namespace redislite::crash
