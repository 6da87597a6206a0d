// A directory of any bytes, opened by the log: it opens or it refuses, both of them for good.
#include <memory>
#include <string>
#include <vector>

#include "storage/check.h"
#include "storage/log.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/store_files.h"
#include "tests/support/sim_file_system.h"
#include "tests/support/sim_power_cut.h"

namespace redislite::fuzz {
namespace {

using sim::SimDisk;
using sim::SimFileSystem;
using storage::FrameBuilder;
using storage::FrameHeader;
using storage::Log;
using storage::LogOptions;

constexpr int64_t kNow = 1'700'000'000'000;
// Where the numbers end there is no room for the writes that this target makes.
constexpr storage::Lsn kLsnMax = ~storage::Lsn{0} - 1000;

struct Frame {
  uint32_t count = 0;
  std::string payload;
  bool operator==(const Frame&) const = default;
};

struct Opened {
  Status status;
  std::vector<Frame> frames;
  std::unique_ptr<Log> log;
};

// For a message: how many frames each has, and the last ones.
std::string Difference(const std::vector<Frame>& found, const std::vector<Frame>& expected) {
  const auto tell = [](const std::vector<Frame>& frames) {
    std::string text = std::to_string(frames.size()) + " frames";
    for (const Frame& frame : frames) text += " [" + std::to_string(frame.count) + ": " + frame.payload + "]";
    return text;
  };
  return "found " + tell(found) + "\nexpected " + tell(expected);
}

Opened Open(SimFileSystem& files, bool read_only = false, bool salvage = false) {
  LogOptions options;
  options.read_only = read_only;
  options.salvage = salvage;
  options.segment_bytes = 4096;
  options.now_ms = [] { return kNow; };
  Opened opened;
  storage::ReplayTarget target;
  target.begin = [&](const HashSeed&) { opened.frames.clear(); };
  target.frame = [&](const FrameHeader& header, Bytes payload) {
    opened.frames.push_back({header.count, std::string(payload)});
    return Status::Ok();
  };
  Result<std::unique_ptr<Log>> log = Log::Open(files, kStoreDirectory, options, target);
  opened.status = log.status();
  if (log.ok()) opened.log = std::move(*log);
  return opened;
}

// All files but the lock, with their bytes.
std::vector<std::string> Content(const SimDisk& disk) {
  std::vector<std::string> content;
  for (const std::string& path : disk.Files()) {
    if (path.ends_with("/LOCK")) continue;
    content.push_back(path);
    content.push_back(disk.ReadFile(path));
  }
  return content;
}

// What a power cut leaves when everything that was not synced is lost.
SimDisk AfterPowerCut(const SimFileSystem& files) {
  const SimDisk disk = files.Snapshot();
  const sim::PowerCut cut(disk);
  return cut.Disk(cut.Nothing());
}

void Put(Log& log, const std::string& payload) {
  FrameBuilder builder;
  builder.buffer() += payload;
  const Status appended = log.Append(builder, 1, kNow, Log::Durability::kSynced);
  Require(appended.ok(), "a store that opened takes a write", appended.message());
  Require(log.Sync().ok(), "a store that opened syncs");
}

void AfterRefusal(const SimDisk& disk, const SimFileSystem& files, const Status& why) {
  Require(!why.message().empty(), "a refusal has a message");
  Require(Content(files.Snapshot()) == Content(disk), "a refused store is as it was", why.message());
  SimFileSystem again(files.Snapshot());
  const Status second = Open(again).status;
  Require(second.code() == why.code() && second.message() == why.message(), "a second open refuses alike",
          second.message());
  if (why.code() != Code::kCorrupt) return;

  SimFileSystem saved(disk);
  Opened salvaged = Open(saved, false, true);
  if (!salvaged.status.ok()) {
    Require(salvaged.status.code() == Code::kVersion, "a salvage gives a store", salvaged.status.message());
    return;
  }
  Require(salvaged.log->needs_snapshot(), "a salvaged store asks for a snapshot");
  Require(!salvaged.log->report().losses.empty(), "a salvage says what was wrong");
  const storage::Lsn lsn = salvaged.log->last_lsn();
  if (lsn > kLsnMax) return;
  Result<std::unique_ptr<storage::SnapshotWriter>> writer = salvaged.log->BeginSnapshot(lsn, kNow);
  Require(writer.ok(), "a salvaged store takes a snapshot", writer.status().message());
  for (const Frame& frame : salvaged.frames) {
    FrameBuilder builder;
    builder.buffer() += frame.payload;
    Require((*writer)->AddBlock(builder, frame.count, 1).ok(), "a block is written");
  }
  Require((*writer)->Finish().ok(), "a snapshot is finished");
  const Status installed = salvaged.log->InstallSnapshot(lsn, (*writer)->bytes());
  Require(installed.ok(), "a salvaged store's snapshot is installed", installed.message());
  Put(*salvaged.log, "after the salvage");
  salvaged.frames.push_back({1, "after the salvage"});
  SimFileSystem rebooted(AfterPowerCut(saved));
  const Opened healed = Open(rebooted);
  Require(healed.status.ok(), "a salvaged store opens strictly", healed.status.message());
  Require(healed.frames == salvaged.frames, "a salvaged store holds what was salvaged",
          Difference(healed.frames, salvaged.frames));
}

void AfterOpen(SimFileSystem& files, const Opened& first) {
  // The process dies right after the open; then the machine does.
  SimFileSystem killed(files.Snapshot());
  const Opened second = Open(killed);
  Require(second.status.ok(), "a store that opened opens again", second.status.message());
  Require(second.frames == first.frames, "two opens find the same", Difference(second.frames, first.frames));
  Require(second.log->last_lsn() == first.log->last_lsn(), "two opens end at the same LSN");
  SimFileSystem cut(AfterPowerCut(files));
  Opened third = Open(cut);
  Require(third.status.ok(), "a store that opened opens after a power cut", third.status.message());
  Require(third.frames == first.frames, "what an open shows survives a power cut",
          Difference(third.frames, first.frames));

  if (third.log->last_lsn() > kLsnMax) return;
  std::vector<Frame> expected = first.frames;
  for (const char* payload : {"one", "a second one, longer than a word"}) {
    Put(*third.log, payload);
    expected.push_back({1, payload});
  }
  SimFileSystem rebooted(AfterPowerCut(cut));
  Opened fourth = Open(rebooted);
  Require(fourth.status.ok(), "a store opens after writes and a power cut", fourth.status.message());
  Require(fourth.frames == expected, "what was acknowledged is there", Difference(fourth.frames, expected));
  Require(fourth.log->MarkDurable(kNow).ok() && fourth.log->Close().ok(), "a store closes");
  SimFileSystem closed(rebooted.Snapshot());
  const Opened last = Open(closed);
  Require(last.status.ok() && last.log->report().clean, "a closed store opens clean", last.status.message());
  Require(last.frames == expected, "a closed store holds what it held", Difference(last.frames, expected));
}

void TestOneInput(Bytes input) {
  const SimDisk disk = FileSet::Decode(input).Disk();
  SimFileSystem looked_at(disk);
  const Opened looked = Open(looked_at, true);
  Require(Content(looked_at.Snapshot()) == Content(disk), "a read-only open changes nothing");
  SimFileSystem checked(disk);
  const Result<storage::CheckReport> check = storage::Check(checked, kStoreDirectory);
  Require(Content(checked.Snapshot()) == Content(disk), "a check changes nothing");

  SimFileSystem files(disk);
  const Opened first = Open(files);
  if (first.log == nullptr || !first.log->report().created) {
    Require(looked.status.code() == first.status.code(), "a read-only open says the same",
            looked.status.message() + " | " + first.status.message());
    Require(!first.status.ok() || looked.frames == first.frames, "a read-only open finds the same");
    if (check.ok()) {
      // A check looks at more than an open needs, so it may find damage where an open has no use for the bytes.
      Require(first.status.ok() || !check->status.ok(), "a check finds what an open refuses", first.status.message());
    }
  }
  if (first.status.ok()) {
    AfterOpen(files, first);
  } else {
    AfterRefusal(disk, files, first.status);
  }
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  using redislite::fuzz::FileSet;
  redislite::Random random(uint64_t{seed} + 1);
  FileSet files = FileSet::Decode(redislite::fuzz::Input(data, size));
  files.Mutate(random, capacity);
  return redislite::fuzz::GiveBack(files.Encode(), data, capacity);
}
