// The reader of the log's files against files made byte by byte from docs/FORMAT.md, the table of its rule R5
// enumerated.
#include "log_file.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace redislite::cli {
namespace {

const std::string kStore = "0123456789abcdef";  // 16 bytes

template <typename T>
std::string Little(T value) {
  std::string bytes;
  for (size_t i = 0; i < sizeof(T); ++i) bytes += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  return bytes;
}

uint32_t Crc(uint32_t begin, const std::string& bytes) {
  return static_cast<uint32_t>(
      crc32(begin, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::string Header(uint64_t first, uint64_t extent = 0) {
  const std::string start = "RLSEGMNT" + Little<uint32_t>(1);
  const std::string rest = kStore + Little(first) + Little(extent) + Little<uint64_t>(4711) + Little<int64_t>(1000);
  return start + Little(Crc(Crc(0, start), rest)) + rest;
}

struct FrameParts {
  uint64_t lsn = 1;
  std::string payload = "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n";
  uint32_t count = 1;
  uint16_t kind = 1;
  uint64_t synced_through = 0;
  uint32_t extent = 0;  // in units of 512 bytes
};

std::string Frame(const std::string& header, const FrameParts& parts) {
  std::string body = Little(static_cast<uint32_t>(parts.payload.size())) + Little(parts.kind) + Little<uint16_t>(0) +
                     Little(parts.lsn) + Little(parts.count) + Little(parts.extent) + Little<int64_t>(1700000000123) +
                     Little(parts.synced_through) + parts.payload;
  const size_t padding = 8 - parts.payload.size() % 8;
  body.append(padding, static_cast<char>(padding));
  const std::string crc_bytes = header.substr(12, 4);
  uint32_t begin = 0;
  for (size_t i = 4; i > 0; --i) begin = begin << 8 | static_cast<uint8_t>(crc_bytes[i - 1]);
  return "RLF1" + Little(Crc(begin, body)) + body;
}

class LogFile : public testing::Test {
 protected:
  LogFile() : directory_(std::filesystem::temp_directory_path() / ("log_file_test." + std::to_string(getpid()))) {
    std::filesystem::create_directory(directory_);
    manifest_.store_id = kStore;
  }
  ~LogFile() override { std::filesystem::remove_all(directory_); }

  // Reads a segment of these bytes; the LSNs that were found, or the error.
  bool Read(const LogSegment& segment, const std::string& bytes) {
    std::ofstream(directory_ / SegmentName(segment.first), std::ios::binary) << bytes;
    lsns_.clear();
    commands_.clear();
    return ReadSegment(
        directory_, manifest_, segment,
        [this](const LogRecord& record) {
          lsns_.push_back(record.lsn);
          commands_.push_back(record.command);
          return true;
        },
        end_, error_);
  }

  const std::filesystem::path directory_;
  LogManifest manifest_;
  std::vector<uint64_t> lsns_;
  std::vector<Words> commands_;
  LogEnd end_;
  std::string error_;
};

TEST_F(LogFile, GivesEveryCommandItsOwnLsnMarkersIncluded) {
  const std::string header = Header(5);
  const std::string batch = "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n*1\r\n$4\r\nEXEC\r\n";
  const std::string bytes =
      header + Frame(header, {5, batch, 3, 1, 0}) + Frame(header, {8, "", 0, 4, 7}) + Frame(header, {.lsn = 8});
  ASSERT_TRUE(Read({5, 8, true}, bytes)) << error_;
  EXPECT_EQ(lsns_, (std::vector<uint64_t>{5, 6, 7, 8}));
  EXPECT_EQ(commands_[1], (Words{"SET", "a", "\r\n"}));
  EXPECT_FALSE(end_.torn);
}

// FORMAT.md, R5: every row, and every cell that says "any".
TEST_F(LogFile, DecidesTheEndByTheTable) {
  const std::string header = Header(1);
  const std::string good = header + Frame(header, {.lsn = 1}) + Frame(header, {.lsn = 2});
  std::string broken = Frame(header, {.lsn = 3});
  broken.back() ^= 1;
  const std::string endings[] = {std::string(512, '\0'), std::string(), broken, Frame(header, {.lsn = 7})};
  const char* names[] = {"zeros", "the end of the file", "garbage", "foreign"};
  for (size_t ending = 0; ending < 4; ++ending) {
    for (const bool durable : {false, true}) {
      for (const uint64_t last : {0u, 2u, 3u}) {  // 0: open
        SCOPED_TRACE(std::string(names[ending]) + ", last " + std::to_string(last) + (durable ? ", durable" : ""));
        manifest_.durable = durable ? 3 : 2;
        const bool ok = Read({1, last, last != 0}, good + endings[ending]);
        EXPECT_EQ(lsns_, (std::vector<uint64_t>{1, 2}));
        if (last != 0) {
          EXPECT_EQ(ok, last == 2) << error_;
          EXPECT_FALSE(end_.torn);
        } else if (durable) {
          EXPECT_FALSE(ok);
        } else {
          EXPECT_EQ(ok, ending != 3) << error_;
          EXPECT_EQ(end_.torn, ending == 2);
          if (end_.torn) {
            EXPECT_EQ(end_.offset + end_.bytes, good.size() + broken.size());
          }
        }
      }
    }
  }
}

TEST_F(LogFile, AWatermarkBehindTheStopMakesItDamage) {
  const std::string header = Header(1);
  std::string broken = Frame(header, {.lsn = 2});
  broken.back() ^= 1;
  const std::string start = header + Frame(header, {.lsn = 1}) + broken;
  EXPECT_FALSE(Read({1, 0, false},
                    start + Frame(header, {.lsn = 3, .payload = "", .count = 0, .kind = 4, .synced_through = 2})));
  EXPECT_NE(error_.find("LSN 2 is damaged or missing"), std::string::npos) << error_;
  EXPECT_TRUE(
      Read({1, 0, false}, start + Frame(header, {.lsn = 3, .payload = "", .count = 0, .kind = 4, .synced_through = 1})))
      << error_;
  EXPECT_TRUE(end_.torn);
}

// R8
TEST_F(LogFile, AnOpenSegmentThatIsShorterThanItWasIsDamage) {
  for (const uint64_t extent : {512u, 1024u}) {
    const std::string header = Header(1, extent == 512 ? 512 : 0);
    std::string bytes = header + Frame(header, {.extent = static_cast<uint32_t>(extent / 512)});
    bytes.resize(extent);
    EXPECT_TRUE(Read({1, 0, false}, bytes)) << error_;
    bytes.pop_back();
    EXPECT_FALSE(Read({1, 0, false}, bytes));
    EXPECT_NE(error_.find("and ends here"), std::string::npos) << error_;
    EXPECT_TRUE(Read({1, 1, true}, bytes)) << "a closed one needs its frames and nothing behind: " << error_;
  }
}

TEST_F(LogFile, AFrameOfAnotherFileIsNone) {
  const std::string header = Header(1);
  std::string other = header;
  other[48] ^= 1;  // another salt
  const std::string other_crc = Little(Crc(Crc(0, other.substr(0, 12)), other.substr(16)));
  other.replace(12, 4, other_crc);
  EXPECT_TRUE(Read({1, 0, false}, header + Frame(header, {.lsn = 1}) + Frame(other, {.lsn = 2}))) << error_;
  EXPECT_EQ(lsns_, (std::vector<uint64_t>{1}));
  EXPECT_TRUE(end_.torn);
}

TEST_F(LogFile, DamageAndNewerVersionsAreNamedWithTheirPlace) {
  const std::string header = Header(1);
  EXPECT_FALSE(Read({1, 0, false}, "short"));
  EXPECT_NE(error_.find("offset 0: this is no segment"), std::string::npos) << error_;
  std::string flipped = header;
  flipped[20] ^= 1;
  EXPECT_FALSE(Read({1, 0, false}, flipped));
  EXPECT_NE(error_.find("offset 12: the header's checksum"), std::string::npos) << error_;
  EXPECT_FALSE(Read({2, 0, false}, header));
  EXPECT_NE(error_.find("expected first LSN 2, found 1"), std::string::npos) << error_;
  EXPECT_FALSE(Read({1, 0, false}, header + Frame(header, {.lsn = 1, .kind = 9})));
  EXPECT_NE(error_.find("frame kind 9"), std::string::npos) << error_;
  EXPECT_FALSE(Read({1, 0, false}, header + Frame(header, {.lsn = 1, .payload = "+OK\r\n"})));
  EXPECT_FALSE(Read({1, 0, false}, header + Frame(header, {.lsn = 1, .count = 2})));
  std::filesystem::remove(directory_ / SegmentName(1));
  LogEnd end;
  EXPECT_FALSE(ReadSegment(
      directory_, manifest_, {1, 0, false}, [](const LogRecord&) { return true; }, end, error_));
  EXPECT_NE(error_.find("No such file"), std::string::npos) << error_;
}

TEST_F(LogFile, ReadsAManifestAndRefusesADamagedOne) {
  const std::string body =
      "redislite 1\nstore 30313233343536373839616263646566\nseed 00112233445566778899aabbccddeeff\ngeneration 3\n"
      "durable 20\nsnapshot 7\nsegment 8 19\nsegment 20 -\n";
  char last[32];
  std::snprintf(last, sizeof last, "crc32 %08x\n", Crc(0, body));
  const auto write = [&](const std::string& text) { std::ofstream(directory_ / "MANIFEST", std::ios::binary) << text; };
  LogManifest manifest;
  write(body + last);
  ASSERT_TRUE(ReadManifest(directory_, manifest, error_)) << error_;
  EXPECT_EQ(manifest.store_id, kStore);
  EXPECT_EQ(manifest.durable, 20u);
  EXPECT_EQ(manifest.snapshot, 7u);
  ASSERT_EQ(manifest.segments.size(), 2u);
  EXPECT_TRUE(manifest.segments[0].closed);
  EXPECT_EQ(manifest.segments[0].last, 19u);
  EXPECT_FALSE(manifest.segments[1].closed);
  const std::string whole = body + last;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    write(damaged);
    EXPECT_FALSE(ReadManifest(directory_, manifest, error_)) << i;
    write(whole.substr(0, i));
    EXPECT_FALSE(ReadManifest(directory_, manifest, error_)) << i;
  }
}

}  // namespace
}  // namespace redislite::cli
