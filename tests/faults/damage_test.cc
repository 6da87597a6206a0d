// Every bit of a small store's files flipped, every length cut, every file removed or exchanged with another, in
// memory: an open shows exactly what was acknowledged, or refuses with RL_ERR_CORRUPT and the place. The exception
// is FORMAT.md's: of a store that was killed, the last frame of the open segment, which nothing later calls durable.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "storage/check.h"
#include "storage/format.h"
#include "tests/crash/model.h"
#include "tests/crash/store.h"
#include "tests/support/figures.h"

namespace redislite::faults {
namespace {

using crash::Argv;
using sim::SimDisk;
using sim::SimFileSystem;

constexpr char kStore[] = "/store";

struct Frame {
  uint64_t begin = 0;
  uint64_t end = 0;
  storage::Lsn last = 0;
};

std::vector<Frame> FramesOf(const std::string& bytes) {
  std::vector<Frame> frames;
  uint64_t at = storage::kFileHeaderBytes;
  while (at + storage::kFrameHeaderBytes <= bytes.size()) {
    const auto header = storage::ParseFrameHeader(Bytes(bytes).substr(at));
    if (!header) break;
    frames.push_back({at, at + header->frame_bytes(), header->lsn + header->count - 1});
    at = frames.back().end;
  }
  return frames;
}

// A store with a snapshot and several segments, and what it held after each record.
class SmallStore {
 public:
  explicit SmallStore(bool clean) : clean_(clean) {
    SimFileSystem files;
    crash::Store store;
    EXPECT_EQ(store.Open(files, kStore, settings_, clock_), "");
    crash::Model model;
    states_[0] = "";
    Random random(11);
    for (int step = 0; step < 60; ++step) {
      const Argv command = crash::RandomCommand(random, "", false);
      model.Apply(command, clock_);
      EXPECT_EQ(store.Run(command), "");
      states_[LastLsn(files.Snapshot())] = final_ = model.Dump(clock_);
      if (step == 15) {
        EXPECT_EQ(rl_snapshot(store.db()), RL_OK);
      }
    }
    disk_ = files.Snapshot();
    store.Close();
    if (clean) disk_ = files.Snapshot();
    for (const std::string& path : disk_.Files()) {
      if (path.find("/wal-") != std::string::npos) last_segment_ = path;
    }
    last_frame_ = FramesOf(disk_.ReadFile(last_segment_)).back();
  }

  bool clean() const { return clean_; }
  const SimDisk& disk() const { return disk_; }
  std::vector<std::string> Paths() const {
    std::vector<std::string> paths = disk_.Files();
    std::erase(paths, std::string(kStore) + "/LOCK");
    return paths;
  }
  const std::string& final_state() const { return final_; }
  const std::string& last_segment() const { return last_segment_; }
  const Frame& last_frame() const { return last_frame_; }

  // What the open segment holds up to the last frame that ends at or before this place.
  const std::string& StateBefore(uint64_t offset) const {
    storage::Lsn last = *storage::ParseSegmentName(last_segment_.substr(last_segment_.rfind('/') + 1)) - 1;
    for (const Frame& frame : FramesOf(disk_.ReadFile(last_segment_))) {
      if (frame.end <= offset) last = frame.last;
    }
    return std::prev(states_.upper_bound(last))->second;
  }

  mutable crash::Clock clock_{1'700'000'000'000};
  crash::StoreSettings settings_;

 private:
  static storage::Lsn LastLsn(const SimDisk& disk) {
    storage::Lsn last = 0;
    for (const std::string& path : disk.Files()) {
      if (path.find("/wal-") == std::string::npos) continue;
      for (const Frame& frame : FramesOf(disk.ReadFile(path))) last = std::max(last, frame.last);
    }
    return last;
  }

  const bool clean_;
  SimDisk disk_;
  std::map<storage::Lsn, std::string> states_;
  std::string final_;
  std::string last_segment_;
  Frame last_frame_;
};

struct Tally {
  uint64_t tried = 0;
  uint64_t exact = 0;
  uint64_t refused = 0;
  uint64_t excepted = 0;
  uint64_t salvaged = 0;
};

std::string NameIn(const std::string& path) { return path.substr(path.rfind('/') + 1); }

struct Outcome {
  int code = RL_OK;
  std::string message;
  std::string content;
};

Outcome OpenDisk(const SmallStore& store, const SimDisk& disk, const char* recovery = "strict") {
  SimFileSystem machine(disk);
  crash::StoreSettings settings = store.settings_;
  settings.recovery = recovery;
  crash::Store opened;
  Outcome outcome;
  outcome.message = opened.Open(machine, kStore, settings, store.clock_);
  outcome.code = opened.code();
  if (outcome.code == RL_OK) outcome.content = opened.Dump(&outcome.message);
  return outcome;
}

// Whether the place that the message names is within what was damaged: the header, or the frame with the byte at
// `offset` (whose checksum is found wrong at its beginning). Of a manifest the whole is one.
bool NamesThePlace(const std::string& message, const std::string& path, const std::string& before, uint64_t offset) {
  if (message.find("/" + NameIn(path) + ": ") == std::string::npos) return false;
  if (NameIn(path) == "MANIFEST") return true;
  const size_t at = message.find("offset ");
  if (at == std::string::npos) return false;
  const uint64_t named = std::strtoull(message.c_str() + at + 7, nullptr, 10);
  if (offset < storage::kFileHeaderBytes) return named < storage::kFileHeaderBytes;
  for (const Frame& frame : FramesOf(before)) {
    if (offset >= frame.begin && offset < frame.end) return named >= frame.begin && named < frame.end;
  }
  return true;
}

// One damaged byte, or a cut there. Returns what is wrong, or nothing.
std::string Judge(const SmallStore& store, const SimDisk& disk, const std::string& path, const std::string& before,
                  uint64_t offset, bool cut, bool check, Tally* tally) {
  ++tally->tried;
  const Outcome outcome = OpenDisk(store, disk);
  const bool excepted = !cut && !store.clean() && path == store.last_segment() && offset >= store.last_frame().begin;
  if (outcome.code == RL_OK) {
    if (!outcome.message.empty()) return outcome.message;
    if (outcome.content == store.final_state()) {
      ++tally->exact;
    } else if (excepted && outcome.content == store.StateBefore(offset)) {
      ++tally->excepted;
    } else {
      return "it shows what was never acknowledged last:\n" + outcome.content;
    }
  } else {
    if (outcome.code != RL_ERR_CORRUPT) return outcome.message;
    if (!NamesThePlace(outcome.message, path, before, offset)) return "not the place: " + outcome.message;
    ++tally->refused;
  }
  if (!check) return {};
  SimFileSystem machine(disk);
  const Result<storage::CheckReport> report = storage::Check(machine, kStore);
  if (!report.ok()) return "rl_check: " + report.status().message();
  if (report->status.ok() != (outcome.code == RL_OK)) return "rl_check says otherwise than rl_open";
  if (outcome.code == RL_OK) return {};
  if (report->errors.empty() || report->errors[0].file != NameIn(path)) return "rl_check names another file";
  // Salvage opens it, keeps what was damaged, says that something is lost, and shows the same the next time.
  SimFileSystem salvaged(disk);
  crash::StoreSettings settings = store.settings_;
  settings.recovery = "salvage";
  crash::Store opened;
  std::string error = opened.Open(salvaged, kStore, settings, store.clock_);
  if (!error.empty()) return "salvage: " + error;
  const std::string content = opened.Dump(&error);
  char* info = nullptr;
  if (rl_info(opened.db(), "recovery", &info, nullptr) != RL_OK) return "rl_info failed";
  const bool says = std::string(info).find(NameIn(path)) != std::string::npos;
  rl_buffer_free(info);
  if (!says) return "salvage does not name " + NameIn(path) + " among the losses";
  error = opened.Close();
  if (!error.empty()) return "closing what was salvaged: " + error;
  const SimDisk after = salvaged.Snapshot();
  const std::vector<std::string> files = disk.Files();
  if (std::find(files.begin(), files.end(), path) != files.end()) {
    const std::string kept = std::string(kStore) + "/damaged-1-" + NameIn(path);
    const std::vector<std::string> left = after.Files();
    if (std::find(left.begin(), left.end(), kept) == left.end() || after.ReadFile(kept) != disk.ReadFile(path))
      return "salvage does not keep the damaged bytes";
  }
  if (NameIn(path) == "MANIFEST" && content != store.final_state()) return "salvage lost what was not damaged";
  const Outcome again = OpenDisk(store, after);
  if (again.code != RL_OK || again.content != content) return "what was salvaged is not there again";
  ++tally->salvaged;
  return {};
}

void WriteTally(const char* name, const Tally& tally) {
  EXPECT_GT(tally.refused, 0u) << "no damage was refused: does it hit anything?";
  EXPECT_GT(tally.exact, 0u) << "no damage was harmless";
  EXPECT_TRUE(test::WriteFigures(
      name, {{"damages tried", tally.tried}, {"damages salvaged", tally.salvaged}, {"violations", 0}}));
  std::printf("%llu tried: %llu exact, %llu refused, %llu of the last frame; %llu salvaged\n",
              static_cast<unsigned long long>(tally.tried), static_cast<unsigned long long>(tally.exact),
              static_cast<unsigned long long>(tally.refused), static_cast<unsigned long long>(tally.excepted),
              static_cast<unsigned long long>(tally.salvaged));
}

// Every `stride`-th bit, then every `stride`-th length. Each eighth is checked and salvaged too.
void DamageAll(bool clean, uint64_t stride, const char* name) {
  const SmallStore store(clean);
  Tally tally;
  for (const std::string& path : store.Paths()) {
    const std::string good = store.disk().ReadFile(path);
    const auto damaged = [&](const std::string& bytes, uint64_t offset, bool cut, const std::string& what) {
      SimDisk disk = store.disk();
      disk.PutFile(path, bytes);
      const std::string wrong = Judge(store, disk, path, good, offset, cut, tally.tried % 8 == 0, &tally);
      EXPECT_EQ(wrong, "") << path << " " << what << (clean ? ", cleanly closed" : ", killed");
      return wrong.empty();
    };
    for (uint64_t bit = 0; bit < good.size() * 8; bit += stride) {
      std::string bytes = good;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      if (!damaged(bytes, bit / 8, false, "bit " + std::to_string(bit))) return;
    }
    for (uint64_t length = 0; length < good.size(); length += stride) {
      if (!damaged(good.substr(0, length), length, true, "cut to " + std::to_string(length))) return;
    }
  }
  WriteTally(name, tally);
}

TEST(Damage, FlippedBitsAndCutsAfterACleanClose) { DamageAll(true, 29, "damage-clean-quick"); }
TEST(Damage, FlippedBitsAndCutsAfterAKill) { DamageAll(false, 29, "damage-killed-quick"); }
TEST(Damage, SlowEveryBitAndLengthAfterACleanClose) { DamageAll(true, 1, "damage-clean"); }
TEST(Damage, SlowEveryBitAndLengthAfterAKill) { DamageAll(false, 1, "damage-killed"); }

// Files that are missing, exchanged, or another's: each is good in itself, with valid checksums.
TEST(Damage, FilesRemovedExchangedOrOfAnotherStore) {
  for (const bool clean : {true, false}) {
    const SmallStore store(clean);
    for (const std::string& path : store.Paths()) {
      SimDisk disk = store.disk();
      disk.EraseFile(path);
      const Outcome removed = OpenDisk(store, disk);
      EXPECT_EQ(removed.code, RL_ERR_CORRUPT) << path;
      EXPECT_NE(removed.message.find(NameIn(path)), std::string::npos) << removed.message;
      EXPECT_EQ(OpenDisk(store, disk, "salvage").code, RL_OK) << path;
      for (const std::string& other : store.Paths()) {
        if (other == path) continue;
        disk = store.disk();
        disk.PutFile(path, store.disk().ReadFile(other));
        EXPECT_EQ(OpenDisk(store, disk).code, RL_ERR_CORRUPT) << other << " as " << path;
        disk.PutFile(other, store.disk().ReadFile(path));
        EXPECT_EQ(OpenDisk(store, disk).code, RL_ERR_CORRUPT) << other << " and " << path << " exchanged";
      }
    }
  }
}

// Whole frames with valid checksums in the wrong place: repeated, left out, exchanged.
TEST(Damage, FramesRepeatedLeftOutOrExchanged) {
  for (const bool clean : {true, false}) {
    const SmallStore store(clean);
    const std::string good = store.disk().ReadFile(store.last_segment());
    const std::vector<Frame> frames = FramesOf(good);
    const auto text = [&](const Frame& frame) { return good.substr(frame.begin, frame.end - frame.begin); };
    ASSERT_GT(frames.size(), 2u);
    for (size_t i = 0; i + 1 < frames.size(); ++i) {
      const std::string head = good.substr(0, frames[i].begin);
      const std::string one = text(frames[i]);
      const std::string two = text(frames[i + 1]);
      const std::string rest = good.substr(frames[i + 1].end);
      for (const std::string& bytes : {head + one + one + two + rest, head + two + rest, head + two + one + rest}) {
        SimDisk disk = store.disk();
        disk.PutFile(store.last_segment(), bytes);
        const Outcome outcome = OpenDisk(store, disk);
        EXPECT_EQ(outcome.code, RL_ERR_CORRUPT) << "frame " << i << "\n" << outcome.content;
        EXPECT_NE(outcome.message.find(NameIn(store.last_segment())), std::string::npos) << outcome.message;
      }
    }
  }
}

// The judge must see what is wrong: an older state that opens well.
TEST(DamageCanary, AnAcknowledgedWriteThatIsMissingIsSeen) {
  const SmallStore store(true);
  SimFileSystem machine(store.disk());
  crash::Store opened;
  ASSERT_EQ(opened.Open(machine, kStore, store.settings_, store.clock_), "");
  ASSERT_EQ(opened.Run({"SET", "planted", "v"}), "");
  ASSERT_EQ(opened.Close(), "");
  Tally tally;
  EXPECT_NE(Judge(store, machine.Snapshot(), store.last_segment(), "", 0, false, false, &tally), "");
}

}  // namespace
}  // namespace redislite::faults
