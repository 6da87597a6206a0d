// Files whose checksums are right and whose content is not: of another store, in another place, numbered otherwise.
// A checksum finds what the disk did; these find what files do that were copied, restored or renamed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "base/crc32.h"
#include "base/little_endian.h"
#include "storage/log.h"

namespace redislite::storage {
namespace {

namespace fs = std::filesystem;

using Strings = std::vector<std::string>;

constexpr int64_t kNow = 1'000;

struct Frame {
  FrameHeader header;
  std::string payload;
  std::optional<uint16_t> flags{};  // other than 0
  uint32_t crc_of = 0;              // sealed for a file with this header crc; 0: its own
};

Frame Commands(Lsn lsn, std::string payload, uint32_t count = 1) {
  Frame frame;
  frame.header.lsn = lsn;
  frame.header.count = count;
  frame.header.time_ms = kNow;
  frame.header.synced_through = lsn - 1;
  frame.payload = std::move(payload);
  return frame;
}

// A segment or snapshot before it is sealed.
struct File {
  FileHeader header;
  std::vector<Frame> frames;
  std::string rest;

  std::string Encode() {
    std::string bytes = header.Encode();
    for (Frame& frame : frames) {
      FrameBuilder builder;
      builder.buffer().append(frame.payload);
      const uint32_t crc = frame.crc_of == 0 ? header.crc : frame.crc_of;
      std::string sealed(builder.Seal(frame.header, crc));
      if (frame.flags) {
        StoreLittle(sealed.data() + 14, *frame.flags);
        StoreLittle(sealed.data() + 4, Crc32(crc, Bytes(sealed).substr(8)));
      }
      frame.header.crc = LoadLittle<uint32_t>(sealed.data() + 4);
      bytes += sealed;
    }
    return bytes + rest;
  }
};

// A closed store: a snapshot of LSN 4 in two blocks, and two segments, the first of which begins below the snapshot.
struct Store {
  Manifest manifest;
  File snapshot;
  File first;
  File second;
  std::function<void(std::string&)> edit_manifest;  // its text, once it is sealed

  Store() {
    manifest.store.fill('s');
    manifest.generation = 3;
    manifest.durable = 8;
    manifest.snapshot = 4;
    manifest.segments = {{3, 6}, {7, 8}};
    snapshot.header.kind = FileKind::kSnapshot;
    snapshot.header.lsn = 4;
    for (Lsn block = 0; block < 3; ++block) {
      Frame frame = Commands(block, block < 2 ? "block" + std::to_string(block) : "", block < 2 ? 2 : 0);
      frame.header.kind = block < 2 ? FrameKind::kSnapshotBlock : FrameKind::kSnapshotEnd;
      frame.header.synced_through = 4;
      snapshot.frames.push_back(frame);
    }
    first.header.lsn = 3;
    first.frames = {Commands(3, "three and four", 2), Commands(5, "five"), Commands(6, "six")};
    second.header.lsn = 7;
    second.frames = {Commands(7, "seven"), Commands(8, "eight")};
    for (File* file : {&snapshot, &first, &second}) {
      file->header.store = manifest.store;
      file->header.salt = file->header.lsn;
      file->header.time_ms = kNow;
      file->header.Encode();  // computes its crc
    }
    SealEnd();
  }

  // The end's payload: what the blocks are.
  void SealEnd() {
    uint64_t blocks = 0;
    uint64_t commands = 0;
    uint32_t chain = 0;
    snapshot.Encode();
    for (const Frame& frame : snapshot.frames) {
      if (frame.header.kind != FrameKind::kSnapshotBlock) continue;
      ++blocks;
      commands += frame.header.count;
      char crc[4];
      StoreLittle(crc, frame.header.crc);
      chain = Crc32(chain, {crc, sizeof crc});
    }
    std::string& end = snapshot.frames.back().payload;
    end.assign(32, '\0');
    StoreLittle(end.data(), blocks);
    StoreLittle(end.data() + 8, uint64_t{4});
    StoreLittle(end.data() + 16, commands);
    StoreLittle(end.data() + 24, chain);
  }

  // The second segment is open.
  void Reopen() { manifest.segments.back().last.reset(); }

  std::map<std::string, std::string> Files() {
    std::string text = manifest.Encode();
    if (edit_manifest) edit_manifest(text);
    return {{kManifestName, text},
            {SnapshotName(4), snapshot.Encode()},
            {SegmentName(3), first.Encode()},
            {SegmentName(7), second.Encode()}};
  }
};

struct Opened {
  Status status;
  Strings replayed;
};

// Opens it, and when that goes well once more: a second recovery finds the same (R6).
Opened Open(const std::map<std::string, std::string>& files) {
  std::string directory = (fs::temp_directory_path() / "redislite-forged-XXXXXX").string();
  EXPECT_NE(mkdtemp(directory.data()), nullptr);
  for (const auto& [name, bytes] : files) std::ofstream(directory + "/" + name, std::ios::binary) << bytes;
  Opened opened;
  LogOptions options;
  options.now_ms = [] { return kNow; };
  ReplayTarget target;
  target.begin = [&](const HashSeed&) { opened.replayed.clear(); };
  target.frame = [&](const FrameHeader&, Bytes payload) {
    opened.replayed.emplace_back(payload);
    return Status::Ok();
  };
  Result<std::unique_ptr<Log>> log = Log::Open(os::PosixFileSystem(), directory, options, target);
  opened.status = log.status();
  if (log.ok()) {
    log->reset();
    const Strings first = opened.replayed;
    log = Log::Open(os::PosixFileSystem(), directory, options, target);
    EXPECT_TRUE(log.ok()) << log.status().message();
    EXPECT_EQ(opened.replayed, first);
    if (log.ok()) log->reset();
  }
  fs::remove_all(directory);
  return opened;
}

TEST(Forged, TheStoreItselfOpensAndWhatTheSnapshotHasIsNotReplayed) {
  const Strings wanted = {"block0", "block1", "five", "six", "seven", "eight"};
  Store closed;
  const Opened opened = Open(closed.Files());
  EXPECT_EQ(opened.status.message(), "");
  EXPECT_EQ(opened.replayed, wanted);
  Store open;
  open.Reopen();
  EXPECT_EQ(Open(open.Files()).replayed, wanted);
}

// No writer of ours calls the half of a frame durable.
TEST(Forged, AWatermarkWithinAFrameIsTheEndOfTheFrameBefore) {
  Store store;
  store.Reopen();
  store.manifest.durable = 6;
  store.second.frames = {Commands(7, "seven"), Commands(8, "eight and nine", 2), Commands(10, "ten")};
  store.second.frames[2].header.synced_through = 8;
  const Opened opened = Open(store.Files());
  EXPECT_EQ(opened.status.message(), "");
  EXPECT_EQ(opened.replayed, (Strings{"block0", "block1", "five", "six", "seven", "eight and nine", "ten"}));
}

struct Forgery {
  const char* what;
  Code code;
  std::function<void(Store&)> forge;
  const char* says = "";
};

std::vector<Forgery> Forgeries() {
  const Code corrupt = Code::kCorrupt;
  const auto end = [](Store& s) -> std::string& { return s.snapshot.frames.back().payload; };
  const auto last_line_of = [](std::string& text) { return text.rfind("crc32"); };
  const auto reseal = [last_line_of](std::string& text) {
    text.resize(last_line_of(text));
    char crc[8];
    StoreLittle(crc, __builtin_bswap32(Crc32(0, text)));
    text += "crc32 " + Hex({crc, 4}) + "\n";
  };
  return {
      // The header of a file.
      {"a segment of another store", corrupt, [](Store& s) { s.first.header.store.fill('t'); }},
      {"a snapshot of another store", corrupt, [](Store& s) { s.snapshot.header.store.fill('t'); }},
      {"a segment under another's name", corrupt, [](Store& s) { s.second.header.lsn = 8; }},
      {"a snapshot under another's name", corrupt, [](Store& s) { s.snapshot.header.lsn = 3; }},
      {"an open segment that is shorter than its header says", corrupt,
       [](Store& s) {
         s.Reopen();
         s.second.header.extent = 1024;
         s.second.rest.resize(512);
       },
       "bytes, found its end"},
      {"an open segment that is shorter than a frame says", corrupt,
       [](Store& s) {
         s.Reopen();
         s.second.frames[1].header.extent = 1024;
         s.second.rest.resize(512);
       },
       "bytes, found its end"},
      {"a segment where the snapshot should be", corrupt, [](Store& s) { s.snapshot.header.kind = FileKind::kSegment; },
       "offset 0: expected the magic RLSNAPSH"},
      // A frame.
      {"a frame of another file", corrupt,
       [](Store& s) {
         File other = s.first;
         other.header.salt = 99;
         other.header.Encode();
         s.first.frames[1].crc_of = other.header.crc;
       }},
      {"a frame that is missing", corrupt, [](Store& s) { s.first.frames.erase(s.first.frames.begin() + 1); }},
      {"a frame that is there twice", corrupt,
       [](Store& s) { s.first.frames.insert(s.first.frames.begin() + 1, s.first.frames[1]); }},
      {"frames in another order", corrupt, [](Store& s) { std::swap(s.first.frames[1], s.first.frames[2]); }},
      {"a frame with a later LSN at an open end", corrupt,
       [](Store& s) {
         s.Reopen();
         s.manifest.durable = 6;
         s.second.frames = {Commands(7, "seven"), Commands(9, "nine")};
         s.second.frames[1].header.synced_through = 7;
       }},
      {"a frame that goes beyond the segment's end", corrupt, [](Store& s) { s.second.frames[1].header.count = 3; },
       "found a frame of LSN 8 to 10"},
      {"a snapshot's block in the log", corrupt,
       [](Store& s) { s.first.frames[1].header.kind = FrameKind::kSnapshotBlock; }},
      {"a frame that calls itself durable", corrupt, [](Store& s) { s.second.frames[1].header.synced_through = 8; }},
      {"a frame of an unknown kind", Code::kVersion,
       [](Store& s) { s.first.frames[1].header.kind = static_cast<FrameKind>(9); }},
      {"a frame with an unknown flag", Code::kVersion, [](Store& s) { s.first.frames[1].flags = 1; }},
      {"a frame that lies across the snapshot's LSN", corrupt,
       [](Store& s) {
         s.first.frames[0].header.count = 3;
         s.first.frames.erase(s.first.frames.begin() + 1);
       }},
      // The end of the log.
      {"a closed segment that ends early", corrupt, [](Store& s) { s.second.frames.pop_back(); }},
      {"an open segment that ends below the manifest's durable LSN", corrupt,
       [](Store& s) {
         s.Reopen();
         s.second.frames.pop_back();
       },
       "expected LSN 8 (durable up to 8)"},
      {"garbage before a frame that calls what was there durable", corrupt,
       [](Store& s) {
         s.Reopen();
         s.manifest.durable = 6;
         s.second.frames.push_back(Commands(9, "nine"));
         s.second.frames[1].crc_of = 1;
       }},
      {"a durable LSN beyond all files", corrupt, [](Store& s) { s.manifest.durable = 9; }},
      // A snapshot.
      {"blocks in another order", corrupt,
       [](Store& s) {
         std::swap(s.snapshot.frames[0], s.snapshot.frames[1]);
         s.SealEnd();
       }},
      {"a block that is no block", corrupt,
       [](Store& s) {
         s.snapshot.frames[1].header.kind = FrameKind::kCommands;
         s.SealEnd();
         StoreLittle(s.snapshot.frames.back().payload.data(), uint64_t{2});
         StoreLittle(s.snapshot.frames.back().payload.data() + 16, uint64_t{4});
         uint32_t chain = 0;
         for (size_t i = 0; i < 2; ++i) {
           char crc[4];
           StoreLittle(crc, s.snapshot.frames[i].header.crc);
           chain = Crc32(chain, {crc, sizeof crc});
         }
         StoreLittle(s.snapshot.frames.back().payload.data() + 24, chain);
       }},
      {"an end that is too long", corrupt, [end](Store& s) { end(s) += std::string(8, '\0'); }},
      {"an end for another number of blocks", corrupt, [end](Store& s) { StoreLittle(end(s).data(), uint64_t{3}); }},
      {"an end for another number of commands", corrupt,
       [end](Store& s) { StoreLittle(end(s).data() + 16, uint64_t{3}); }},
      {"an end for other blocks", corrupt, [](Store& s) { s.snapshot.frames[0].payload = "another"; }},
      {"bytes behind the end", corrupt, [](Store& s) { s.snapshot.rest = std::string(8, '\0'); }},
      {"a snapshot without an end", corrupt, [](Store& s) { s.snapshot.frames.pop_back(); }},
      // The manifest.
      {"a manifest whose checksum is of another text", corrupt,
       [](Store& s) {
         s.edit_manifest = [](std::string& text) { text.replace(text.find("generation 3"), 12, "generation 4"); };
       }},
      {"bytes behind the manifest", corrupt,
       [](Store& s) { s.edit_manifest = [](std::string& text) { text += "x"; }; }},
      {"a manifest of a newer format", Code::kVersion,
       [reseal](Store& s) {
         s.edit_manifest = [reseal](std::string& text) {
           text.replace(0, 11, "redislite 2");
           reseal(text);
         };
       }},
      {"segments that do not join", corrupt, [](Store& s) { s.manifest.segments[0].last = 5; }},
      {"a segment that ends before it begins", corrupt,
       [](Store& s) {
         s.manifest.segments = {{3, 6}, {7, 5}};
       }},
  };
}

TEST(Forged, EachIsRefused) {
  for (const Forgery& forgery : Forgeries()) {
    Store store;
    forgery.forge(store);
    const Opened opened = Open(store.Files());
    EXPECT_EQ(opened.status.code(), forgery.code) << forgery.what << ": " << opened.status.message();
    EXPECT_NE(opened.status.message().find(forgery.says), std::string::npos) << opened.status.message();
  }
}

TEST(Forged, AHeaderOfANewerFormatIsAVersion) {
  Store store;
  std::map<std::string, std::string> files = store.Files();
  std::string& segment = files[SegmentName(3)];
  StoreLittle(segment.data() + 8, uint32_t{2});
  StoreLittle(segment.data() + 12, Crc32(Crc32(0, Bytes(segment).substr(0, 12)), Bytes(segment).substr(16, 48)));
  EXPECT_EQ(Open(files).status.code(), Code::kVersion);
}

}  // namespace
}  // namespace redislite::storage
