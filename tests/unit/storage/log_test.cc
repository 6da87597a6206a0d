// The log against the simplest truth there is: a list of byte strings. What was put and acknowledged is what the next
// open replays.
#include "storage/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "storage/backup.h"
#include "storage/check.h"
#include "storage/frame_reader.h"

namespace redislite::storage {
namespace {

namespace fs = std::filesystem;

// A store of byte strings and what it should hold.
class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "redislite-log-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    directory_ = root_ + "/store";
    options_.now_ms = [] { return int64_t{1'000}; };
  }
  void TearDown() override {
    log_.reset();
    fs::remove_all(root_);
  }

  Status Open() {
    log_.reset();
    replayed_.clear();
    ReplayTarget target;
    target.begin = [&](const HashSeed&) { replayed_.clear(); };
    target.frame = [&](const FrameHeader&, Bytes payload) {
      replayed_.emplace_back(payload);
      return Status::Ok();
    };
    Result<std::unique_ptr<Log>> log = Log::Open(os::PosixFileSystem(), directory_, options_, target);
    if (!log.ok()) return log.status();
    log_ = std::move(*log);
    return Status::Ok();
  }
  void MustOpen() {
    const Status opened = Open();
    ASSERT_TRUE(opened.ok()) << opened.message();
  }
  void Put(const std::string& payload, bool sync = true) {
    FrameBuilder builder;
    builder.buffer().append(payload);
    const Status appended = log_->Append(builder, 1, 1'000, Log::Durability::kSynced);
    ASSERT_TRUE(appended.ok()) << appended.message();
    if (!sync) return;
    ASSERT_TRUE(log_->Sync().ok());
  }
  // The process dies: nothing is synced, sealed or flushed any more.
  void Kill() { log_.reset(); }
  void Close() {
    const Status closed = log_->Close();
    ASSERT_TRUE(closed.ok()) << closed.message();
    log_.reset();
  }
  // Takes a snapshot whose one block is the whole content, as the engine would.
  void Snapshot(const std::string& block) {
    ASSERT_TRUE(log_->Rotate().ok());
    const Lsn lsn = log_->last_lsn();
    Result<std::unique_ptr<SnapshotWriter>> writer = log_->BeginSnapshot(lsn, 1'000);
    ASSERT_TRUE(writer.ok());
    FrameBuilder builder;
    builder.buffer().append(block);
    ASSERT_TRUE((*writer)->AddBlock(builder, 1, 1).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    const Status installed = log_->InstallSnapshot(lsn, (*writer)->bytes());
    ASSERT_TRUE(installed.ok()) << installed.message();
  }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(directory_)) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(directory_ + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(directory_ + "/" + name, std::ios::binary | std::ios::trunc) << bytes;
  }
  std::string LastSegment() const {
    std::string last;
    for (const std::string& name : Files()) {
      if (ParseSegmentName(name)) last = name;
    }
    return last;
  }

  using Strings = std::vector<std::string>;
  std::string root_;
  std::string directory_;
  LogOptions options_;
  std::unique_ptr<Log> log_;
  Strings replayed_;
};

TEST_F(LogTest, ANewStoreIsEmptyAndNamesNothing) {
  MustOpen();
  EXPECT_TRUE(log_->report().created);
  EXPECT_EQ(replayed_, Strings());
  EXPECT_EQ(Files(), (Strings{"LOCK", "MANIFEST"}));
}

TEST_F(LogTest, WhatWasPutIsThereAfterACloseAndAfterAKill) {
  MustOpen();
  Put("a");
  Put("b");
  Close();
  MustOpen();
  EXPECT_TRUE(log_->report().clean);
  EXPECT_EQ(replayed_, (Strings{"a", "b"}));
  Put("c");
  Kill();
  MustOpen();
  EXPECT_FALSE(log_->report().clean);
  EXPECT_EQ(replayed_, (Strings{"a", "b", "c"}));
}

TEST_F(LogTest, OpeningTwiceAfterAKillFindsTheSame) {
  MustOpen();
  for (int i = 0; i < 20; ++i) Put(std::to_string(i));
  Kill();
  MustOpen();
  const Strings first = replayed_;
  for (int i = 0; i < 5; ++i) {
    Kill();
    MustOpen();
    EXPECT_EQ(replayed_, first);
    EXPECT_EQ(log_->last_lsn(), 20u);
  }
}

TEST_F(LogTest, AnUncleanSegmentIsNeverAppendedTo) {
  MustOpen();
  Put("a");
  Put("b");
  const std::string before = LastSegment();
  Kill();
  const std::string bytes = Read(before);
  MustOpen();
  Put("c");
  EXPECT_NE(LastSegment(), before);
  EXPECT_EQ(Read(before), bytes);
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", "b", "c"}));
}

TEST_F(LogTest, ACleanlyClosedSegmentIsAppendedTo) {
  MustOpen();
  Put("a");
  Close();
  const std::string segment = LastSegment();
  MustOpen();
  Put("b");
  EXPECT_EQ(LastSegment(), segment);
}

TEST_F(LogTest, SegmentsRotateAndJoin) {
  options_.segment_bytes = 4096;
  MustOpen();
  Strings all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(std::string(static_cast<size_t>(i), 'x') + std::to_string(i));
    Put(all.back(), i % 7 == 0);
  }
  EXPECT_GT(log_->segment_count(), 5u);
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, all);
  Close();
  MustOpen();
  EXPECT_EQ(replayed_, all);
}

TEST_F(LogTest, ARecordLargerThanASegmentHasOneOfItsOwn) {
  options_.segment_bytes = 4096;
  MustOpen();
  const std::string large(100'000, 'L');
  Put("a");
  Put(large);
  Put("b");
  Close();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", large, "b"}));
}

TEST_F(LogTest, ASnapshotReplacesTheLogBeforeIt) {
  MustOpen();
  Put("a");
  Put("b");
  Snapshot("ab");
  Put("c");
  EXPECT_EQ(log_->snapshot_lsn(), 2u);
  EXPECT_EQ(Files(), (Strings{"LOCK", "MANIFEST", SnapshotName(2), SegmentName(3)}));
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"ab", "c"}));
  EXPECT_EQ(log_->report().snapshot_lsn, 2u);
  EXPECT_EQ(log_->report().records_replayed, 1u);
  Snapshot("abc");
  Snapshot("abc");
  Close();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"abc"}));
}

TEST_F(LogTest, ASnapshotThatDoesNotReadBackIsRefusedAndTheLogStays) {
  MustOpen();
  Put("a");
  ASSERT_TRUE(log_->Rotate().ok());
  Result<std::unique_ptr<SnapshotWriter>> writer = log_->BeginSnapshot(1, 1'000);
  ASSERT_TRUE(writer.ok());
  FrameBuilder builder;
  builder.buffer().append("block");
  ASSERT_TRUE((*writer)->AddBlock(builder, 1, 1).ok());
  // What was written is not what is there.
  const std::string temporary = TemporaryName(SnapshotName(1));
  std::string bytes = Read(temporary);
  bytes[bytes.find("block")] = 'X';
  Write(temporary, bytes);
  EXPECT_EQ((*writer)->Finish().code(), Code::kIo);
  writer->reset();
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, Strings{"a"});
}

TEST_F(LogTest, ATornTailEndsTheLogWhereverItIsCut) {
  options_.segment_bytes = 4096;  // each file is written anew for each cut
  MustOpen();
  Put("first");
  Put("second");
  const uint64_t end = log_->wal_bytes() + kFileHeaderBytes;
  Put(std::string(500, 't'));
  const uint64_t torn_end = log_->wal_bytes() + kFileHeaderBytes;
  const std::string segment = LastSegment();
  Kill();
  const std::string good = Read(segment);
  const std::string manifest = Read("MANIFEST");
  for (uint64_t cut = end; cut < torn_end; ++cut) {
    for (const std::string& name : Files()) {
      if (ParseSegmentName(name)) fs::remove(directory_ + "/" + name);
    }
    Write("MANIFEST", manifest);
    Write(segment, good.substr(0, cut) + std::string(good.size() - cut, '\0'));
    MustOpen();
    ASSERT_EQ(replayed_, (Strings{"first", "second"})) << "cut at " << cut;
    ASSERT_EQ(log_->report().bytes_cut > 0, cut > end) << cut;
    Kill();
    MustOpen();
    ASSERT_EQ(replayed_, (Strings{"first", "second"})) << "second open, cut at " << cut;
    Kill();
  }
}

// However far the log has come, and whoever has zero-filled the space ahead: the service thread or who appends.
TEST_F(LogTest, AFileThatWasCutShortIsRefusedWhereverItIsCut) {
  MustOpen();
  std::vector<uint64_t> places;
  for (int i = 0; i < 40; ++i) {
    const size_t size = i % 9 == 0 ? 400'000 : static_cast<size_t>(i) * 517;
    Put(std::string(size, static_cast<char>('a' + i % 26)));
    if (i % 5 == 0) log_->ZeroFillAhead();
    if (i % 7 == 0) {
      ASSERT_TRUE(log_->MarkDurable(1'000).ok());
    }
    places.push_back(log_->wal_bytes() + kFileHeaderBytes);
  }
  const std::string segment = LastSegment();
  Kill();
  const std::string good = Read(segment);
  for (uint64_t unit = 0; unit < good.size(); unit += 80 * kExtentUnit + 8) places.push_back(unit);
  for (const uint64_t place : places) {
    for (const uint64_t cut : {place - 1, place, place + 1, place + kFrameHeaderBytes, place + 60}) {
      if (cut >= good.size()) continue;
      Write(segment, good.substr(0, cut));
      const Status opened = Open();
      ASSERT_EQ(opened.code(), Code::kCorrupt) << "cut at " << cut << " of " << good.size();
      ASSERT_NE(opened.message().find(segment), std::string::npos) << opened.message();
    }
  }
}

TEST_F(LogTest, ASegmentWithAnythingBehindItsEndIsNotAppendedTo) {
  MustOpen();
  Put("a");
  const uint64_t end = log_->wal_bytes() + kFileHeaderBytes;
  Close();
  const std::string segment = LastSegment();
  std::string bytes = Read(segment);
  bytes[end + 4000] = 'x';
  Write(segment, bytes);
  MustOpen();
  Put("b");
  EXPECT_NE(LastSegment(), segment);
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", "b"}));
}

TEST_F(LogTest, ASegmentThatHasLostItsZerosIsNotAppendedTo) {
  MustOpen();
  Put("a");
  const uint64_t end = log_->wal_bytes() + kFileHeaderBytes;
  Close();
  const std::string segment = LastSegment();
  Write(segment, Read(segment).substr(0, end));
  MustOpen();
  Put("b");
  EXPECT_NE(LastSegment(), segment);
  Kill();
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", "b"}));
}

// So a frame of which a full disk took all bytes but the last is none, over whatever zeros it was written.
TEST(Frame, TheLastByteIsNeverZero) {
  for (size_t size = 0; size < 32; ++size) {
    FrameBuilder builder;
    builder.buffer().append(size, '\0');
    const Bytes frame = builder.Seal({}, 0);
    EXPECT_EQ(frame.size() % kFrameAlignment, 0u);
    EXPECT_EQ(frame.size(), FrameHeader{.length = static_cast<uint32_t>(size)}.frame_bytes());
    EXPECT_NE(frame.back(), '\0') << size;
  }
}

TEST_F(LogTest, DamageToWhatALaterFrameCallsDurableIsRefusedWithThePlace) {
  MustOpen();
  Put("first");
  const uint64_t offset = log_->wal_bytes() + kFileHeaderBytes;
  Put("second");
  Put("third");
  const std::string segment = LastSegment();
  Kill();
  const std::string good = Read(segment);
  const uint64_t second_bytes = kFrameHeaderBytes + 8;
  for (uint64_t byte = offset; byte < offset + second_bytes; ++byte) {
    std::string bad = good;
    bad[byte] = static_cast<char>(bad[byte] ^ 0x20);
    Write(segment, bad);
    const Status opened = Open();
    ASSERT_EQ(opened.code(), Code::kCorrupt) << "byte " << byte;
    EXPECT_NE(opened.message().find(segment), std::string::npos) << opened.message();
    EXPECT_NE(opened.message().find("offset " + std::to_string(offset)), std::string::npos) << opened.message();
  }
  Write(segment, good);
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"first", "second", "third"}));
}

TEST_F(LogTest, AfterACleanCloseEveryFlippedBitOfTheLogIsRefused) {
  MustOpen();
  Put("a");
  Put("b");
  const uint64_t end = log_->wal_bytes() + kFileHeaderBytes;
  const std::string segment = LastSegment();
  Close();
  const std::string good = Read(segment);
  for (uint64_t bit = 0; bit < end * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    Write(segment, bad);
    EXPECT_FALSE(Open().ok()) << "bit " << bit;
  }
}

// What was sealed stays protected when the segment is opened again, and what a recovery has copied is from the first
// moment: the manifest says so, since no frame does yet.
TEST_F(LogTest, DamageToWhatAManifestCallsDurableIsRefused) {
  for (const bool sealed : {true, false}) {
    MustOpen();
    Put("first");
    Put("second");
    sealed ? Close() : Kill();
    MustOpen();
    if (sealed) Put("third");  // opens the segment again
    Kill();
    const std::string segment = LastSegment();
    std::string bytes = Read(segment);
    bytes[bytes.find("second")] = 'X';
    if (sealed) {  // the frame that would have said it is torn off
      const size_t third = bytes.find("third") - kFrameHeaderBytes;
      bytes.replace(third, std::string::npos, bytes.size() - third, '\0');
    }
    Write(segment, bytes);
    EXPECT_EQ(Open().code(), Code::kCorrupt) << (sealed ? "sealed" : "copied");
    fs::remove_all(directory_);
  }
}

TEST_F(LogTest, AMarkProtectsEvenTheLastRecord) {
  MustOpen();
  Put("only");
  ASSERT_TRUE(log_->MarkDurable(1'000).ok());
  const std::string segment = LastSegment();
  Kill();
  std::string bad = Read(segment);
  bad[kFileHeaderBytes + kFrameHeaderBytes] = 'O';
  Write(segment, bad);
  EXPECT_EQ(Open().code(), Code::kCorrupt);
}

TEST_F(LogTest, EachMissingFileIsRefused) {
  options_.segment_bytes = 4096;
  MustOpen();
  for (int i = 0; i < 40; ++i) Put(std::string(200, 'a'));
  Snapshot("all");
  for (int i = 0; i < 40; ++i) Put(std::string(200, 'b'));
  Close();
  for (const std::string& name : Files()) {
    if (name == "LOCK") continue;
    const std::string bytes = Read(name);
    fs::remove(directory_ + "/" + name);
    const Status opened = Open();
    EXPECT_EQ(opened.code(), Code::kCorrupt) << name;
    EXPECT_NE(opened.message().find(name), std::string::npos) << opened.message();
    Write(name, bytes);
  }
  MustOpen();
}

TEST_F(LogTest, WhatACrashLeftOverIsRemovedAndWhatIsNotOursStays) {
  MustOpen();
  Put("a");
  Close();
  Write("MANIFEST.tmp", "junk");
  Write(SegmentName(77), "junk");
  Write(SnapshotName(5), "junk");
  Write("wal-00000000000000000009.tmp", "junk");
  Write("notes.txt", "mine");
  Write("wal-9.log", "mine too");
  MustOpen();
  EXPECT_EQ(replayed_, Strings{"a"});
  EXPECT_EQ(Files(), (Strings{"LOCK", "MANIFEST", "notes.txt", SegmentName(1), "wal-9.log"}));
}

TEST_F(LogTest, ANewerFormatIsRefusedAndUntouched) {
  MustOpen();
  Put("a");
  Close();
  const std::string newer = "redislite 2\nwhatever\n";
  Write("MANIFEST", newer);
  const Strings files = Files();
  EXPECT_EQ(Open().code(), Code::kVersion);
  EXPECT_EQ(Read("MANIFEST"), newer);
  EXPECT_EQ(Files(), files);
  options_.salvage = true;
  EXPECT_EQ(Open().code(), Code::kVersion);
}

TEST_F(LogTest, ReadOnlyChangesNoByte) {
  MustOpen();
  Put("a");
  Put("b");
  Kill();
  Strings before;
  for (const std::string& name : Files()) before.push_back(name + Read(name));
  options_.read_only = true;
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", "b"}));
  ASSERT_TRUE(log_->Close().ok());
  Strings after;
  for (const std::string& name : Files()) after.push_back(name + Read(name));
  EXPECT_EQ(after, before);
}

// A writer that opens the store, replaces its files and is gone again while a reader is on its way from the manifest to
// them: what is missing then is no damage.
TEST_F(LogTest, AReaderWhoseFilesAreReplacedLooksAgain) {
  MustOpen();
  Put("a");
  Put("b");
  Kill();
  LogOptions read_only = options_;
  read_only.read_only = true;
  int looks = 0;
  Strings seen;
  ReplayTarget target;
  target.begin = [&](const HashSeed&) {
    seen.clear();
    if (++looks > 1) return;
    MustOpen();
    Snapshot("a and b");
    Close();
  };
  target.frame = [&](const FrameHeader&, Bytes payload) {
    seen.emplace_back(payload);
    return Status::Ok();
  };
  const Status opened = Log::Open(os::PosixFileSystem(), directory_, read_only, target).status();
  EXPECT_TRUE(opened.ok()) << opened.message();
  EXPECT_EQ(seen, (Strings{"a and b"}));
  EXPECT_EQ(looks, 2);
}

TEST_F(LogTest, TheSecondOpenerIsToldWhoHoldsIt) {
  MustOpen();
  Log* first = log_.release();
  const Status second = Open();
  EXPECT_EQ(second.code(), Code::kBusy);
  EXPECT_NE(second.message().find(std::to_string(os::ProcessId())), std::string::npos) << second.message();
  EXPECT_EQ(Check(os::PosixFileSystem(), directory_).status().code(), Code::kBusy);
  delete first;
  MustOpen();
}

TEST_F(LogTest, SalvageBringsBackWhatIsValidAndKeepsTheRest) {
  MustOpen();
  for (int i = 0; i < 10; ++i) Put("record " + std::to_string(i));
  const std::string segment = LastSegment();
  Kill();
  const std::string good = Read(segment);
  std::string bad = good;
  bad[bad.find("record 4")] = 'X';
  Write(segment, bad);
  ASSERT_EQ(Open().code(), Code::kCorrupt);
  options_.salvage = true;
  MustOpen();
  ASSERT_TRUE(log_->needs_snapshot());
  Strings wanted;
  for (int i = 0; i < 10; ++i) {
    if (i != 4) wanted.push_back("record " + std::to_string(i));
  }
  EXPECT_EQ(replayed_, wanted);
  bool reported = false;
  for (const std::string& loss : log_->report().losses)
    reported |= loss.find("LSN 5 to 5 are missing") != std::string::npos;
  EXPECT_TRUE(reported);
  EXPECT_EQ(Read("damaged-1-" + segment), bad);
  Snapshot("everything");
  Put("more");
  Kill();
  options_.salvage = false;
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"everything", "more"}));
  EXPECT_EQ(Read("damaged-1-" + segment), bad);
}

TEST_F(LogTest, SalvageManagesWithoutAManifest) {
  MustOpen();
  Put("a");
  Put("b");
  Close();
  fs::remove(directory_ + "/MANIFEST");
  ASSERT_EQ(Open().code(), Code::kCorrupt);
  options_.salvage = true;
  MustOpen();
  EXPECT_EQ(replayed_, (Strings{"a", "b"}));
}

TEST_F(LogTest, CheckSaysWhatOpenWouldAndChangesNothing) {
  MustOpen();
  Put("a");
  Snapshot("a");
  Put("b");
  Put("c");
  Close();
  Result<CheckReport> good = Check(os::PosixFileSystem(), directory_);
  ASSERT_TRUE(good.ok());
  EXPECT_TRUE(good->status.ok());
  EXPECT_TRUE(good->clean);
  EXPECT_EQ(good->last_lsn, 3u);
  std::string bad = Read(SnapshotName(1));
  bad[70] = static_cast<char>(bad[70] ^ 1);
  Write(SnapshotName(1), bad);
  std::string segment = Read(SegmentName(2));
  segment[kFileHeaderBytes + 50] = '!';
  Write(SegmentName(2), segment);
  Result<CheckReport> damaged = Check(os::PosixFileSystem(), directory_);
  ASSERT_TRUE(damaged.ok());
  EXPECT_EQ(damaged->status.code(), Code::kCorrupt);
  ASSERT_EQ(damaged->errors.size(), 2u);
  EXPECT_EQ(damaged->errors[0].file, SnapshotName(1));
  EXPECT_EQ(damaged->errors[0].offset, 64u);
  EXPECT_EQ(damaged->errors[1].file, SegmentName(2));
  EXPECT_EQ(damaged->errors[1].offset, 64u);
  EXPECT_NE(damaged->ToJson().find("\"ok\": false"), std::string::npos);
  EXPECT_EQ(Read(SnapshotName(1)), bad);
}

TEST_F(LogTest, FilesThatEndBelowTheDurableLsnAreDamageToAnOpenAndToACheck) {
  MustOpen();
  Put("a");
  Close();
  Result<Manifest> manifest = Manifest::Decode(Read("MANIFEST"));
  ASSERT_TRUE(manifest.ok());
  manifest->durable = 2;
  Write("MANIFEST", manifest->Encode());
  const Status opened = Open();
  EXPECT_EQ(opened.code(), Code::kCorrupt);
  Result<CheckReport> checked = Check(os::PosixFileSystem(), directory_);
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->status.code(), Code::kCorrupt);
  EXPECT_EQ(checked->status.message(), opened.message());
  ASSERT_EQ(checked->errors.size(), 1u);
  EXPECT_EQ(checked->errors[0].file, "MANIFEST");
}

TEST_F(LogTest, ABackupIsAStoreOfItsOwn) {
  directory_ = root_ + "/backup";
  {
    Result<std::unique_ptr<BackupWriter>> backup = BackupWriter::Create(os::PosixFileSystem(), directory_);
    ASSERT_TRUE(backup.ok());
    ASSERT_TRUE((*backup)->Begin(41, 1'000).ok());
    FrameBuilder builder;
    builder.buffer().append("content");
    ASSERT_TRUE((*backup)->AddBlock(builder, 1, 1).ok());
    ASSERT_TRUE((*backup)->Finish().ok());
  }
  MustOpen();
  EXPECT_EQ(replayed_, Strings{"content"});
  Put("more");
  EXPECT_EQ(log_->last_lsn(), 42u);
  EXPECT_EQ(BackupWriter::Create(os::PosixFileSystem(), directory_).status().code(), Code::kInvalid);
}

TEST_F(LogTest, AnUnfinishedBackupLeavesNothing) {
  const std::string path = root_ + "/unfinished";
  {
    Result<std::unique_ptr<BackupWriter>> backup = BackupWriter::Create(os::PosixFileSystem(), path);
    ASSERT_TRUE(backup.ok());
    ASSERT_TRUE((*backup)->Begin(1, 1'000).ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace redislite::storage
