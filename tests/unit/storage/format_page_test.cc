// docs/FORMAT.md is normative: its examples are read here and decoded by the real code, and its decision table is
// compared with the code's. REDISLITE_UPDATE_PAGES=1 rewrites the examples; look at what changed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/crc32.h"
#include "base/little_endian.h"
#include "storage/format.h"
#include "storage/frame_reader.h"
#include "storage/manifest.h"
#include "storage/tail.h"

namespace redislite::storage {
namespace {

const std::string kPage = REDISLITE_SOURCE_DIR "/docs/FORMAT.md";

std::string ReadPage() {
  std::ifstream file(kPage);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The text between the fences behind "<!-- example NAME -->".
std::string Example(const std::string& page, const std::string& name) {
  const std::string mark = "<!-- example " + name + " -->\n```\n";
  const size_t at = page.find(mark);
  if (at == std::string::npos) return "";
  const size_t begin = at + mark.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

// "00000000  52 4c 53 ...  |RLS...|", sixteen bytes a line.
std::string Dump(Bytes bytes) {
  std::ostringstream out;
  for (size_t line = 0; line < bytes.size(); line += 16) {
    const Bytes part = bytes.substr(line, 16);
    char offset[32];
    std::snprintf(offset, sizeof offset, "%08zx", line);
    out << offset << " ";
    for (size_t i = 0; i < 16; ++i) out << " " << (i < part.size() ? Hex(part.substr(i, 1)) : "  ");
    out << "  |";
    for (const char c : part) out << (c >= 0x20 && c < 0x7f ? c : '.');
    out << "|\n";
  }
  return out.str();
}

std::string Undump(const std::string& text) {
  std::string bytes;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(8, line.find('|') - 8));
    for (std::string word; words >> word;) bytes += static_cast<char>(std::stoi(word, nullptr, 16));
  }
  return bytes;
}

StoreId ExampleStore() {
  StoreId store;
  for (size_t i = 0; i < store.size(); ++i) store[i] = static_cast<char>(i * 17);
  return store;
}

Manifest ExampleManifest() {
  Manifest manifest;
  manifest.store = ExampleStore();
  manifest.seed = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  manifest.generation = 7;
  manifest.durable = 1300;
  manifest.snapshot = 1200;
  manifest.segments = {{1201, 1250}, {1251, {}}};
  return manifest;
}

FileHeader ExampleHeader() {
  FileHeader header;
  header.store = ExampleStore();
  header.lsn = 1251;
  header.extent = 262'144;
  header.salt = 0x1122334455667788;
  header.time_ms = 1'700'000'000'000;
  return header;
}

constexpr Bytes kExamplePayload = "*3\r\n$3\r\nSET\r\n$4\r\nname\r\n$7\r\nHarshad\r\n";

FrameHeader ExampleFrame() {
  FrameHeader frame;
  frame.lsn = 1251;
  frame.count = 1;
  frame.time_ms = 1'700'000'000'123;
  frame.synced_through = 1250;
  frame.extent = 524'288;
  return frame;
}

std::map<std::string, std::string> WantedExamples() {
  FileHeader header = ExampleHeader();
  const std::string header_bytes = header.Encode();
  FrameBuilder builder;
  builder.buffer().append(kExamplePayload);
  return {{"manifest", ExampleManifest().Encode()},
          {"header", Dump(header_bytes)},
          {"frame", Dump(builder.Seal(ExampleFrame(), header.crc))}};
}

TEST(FormatPage, ItsExamplesAreWhatTheCodeWrites) {
  std::string page = ReadPage();
  ASSERT_FALSE(page.empty()) << kPage;
  for (const auto& [name, wanted] : WantedExamples()) {
    if (std::getenv("REDISLITE_UPDATE_PAGES") != nullptr) {
      const std::string mark = "<!-- example " + name + " -->\n```\n";
      const size_t begin = page.find(mark) + mark.size();
      page.replace(begin, page.find("```", begin) - begin, wanted);
      std::ofstream(kPage) << page;
    }
    EXPECT_EQ(Example(page, name), wanted) << "REDISLITE_UPDATE_PAGES=1 rewrites the page's examples";
  }
}

TEST(FormatPage, TheManifestOfThePageDecodes) {
  const Result<Manifest> manifest = Manifest::Decode(Example(ReadPage(), "manifest"));
  ASSERT_TRUE(manifest.ok()) << manifest.status().message();
  EXPECT_EQ(manifest->generation, 7u);
  EXPECT_EQ(manifest->durable, 1300u);
  EXPECT_EQ(manifest->snapshot, 1200u);
  EXPECT_EQ(manifest->segments, ExampleManifest().segments);
  EXPECT_EQ(manifest->seed.k1, 0x0f0e0d0c0b0a0908u);
  EXPECT_FALSE(manifest->clean());
}

TEST(FormatPage, TheHeaderAndTheFrameOfThePageDecode) {
  const std::string header_bytes = Undump(Example(ReadPage(), "header"));
  const Result<FileHeader> header = FileHeader::Decode(header_bytes, FileKind::kSegment);
  ASSERT_TRUE(header.ok()) << header.status().message();
  EXPECT_EQ(header->lsn, 1251u);
  EXPECT_EQ(header->extent, 262'144u);
  EXPECT_EQ(header->store, ExampleStore());
  const std::string frame_bytes = Undump(Example(ReadPage(), "frame"));
  const std::optional<FrameHeader> frame = ParseFrameHeader(frame_bytes);
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->lsn, 1251u);
  EXPECT_EQ(frame->count, 1u);
  EXPECT_EQ(frame->extent, 524'288u);
  EXPECT_EQ(frame->frame_bytes(), frame_bytes.size());
  const Bytes all = frame_bytes;
  EXPECT_TRUE(FrameIsValid(*frame, all.substr(0, kFrameHeaderBytes), all.substr(kFrameHeaderBytes), header->crc));
  EXPECT_FALSE(FrameIsValid(*frame, all.substr(0, kFrameHeaderBytes), all.substr(kFrameHeaderBytes), header->crc + 1));
  EXPECT_EQ(all.substr(kFrameHeaderBytes, frame->length), kExamplePayload);
}

// The checksums of the page are zlib's, computed here from the page's words alone.
TEST(FormatPage, ItsChecksumsAreAsItSays) {
  const std::string header = Undump(Example(ReadPage(), "header"));
  EXPECT_EQ(LoadLittle<uint32_t>(header.data() + 12), Crc32(0, header.substr(0, 12) + header.substr(16)));
  const std::string frame = Undump(Example(ReadPage(), "frame"));
  EXPECT_EQ(LoadLittle<uint32_t>(frame.data() + 4), Crc32(LoadLittle<uint32_t>(header.data() + 12), frame.substr(8)));
}

std::string RowText(const TailRow& row) {
  const auto fact = [](TailRow::Fact value, const char* any) {
    return value == TailRow::Fact::kAny ? std::string(any) : value == TailRow::Fact::kYes ? "yes" : "no";
  };
  constexpr const char* kStops[] = {"zeros", "garbage", "foreign"};
  constexpr const char* kOutcomes[] = {"end", "torn", "corrupt"};
  const char* stop = row.any_stop ? "any" : kStops[static_cast<int>(row.at_stop)];
  return "| " + fact(row.closed, "any") + " | " + fact(row.reached, "-") + " | " + stop + " | " +
         fact(row.promised, "any") + " | " + kOutcomes[static_cast<int>(row.outcome)] + " |\n";
}

TEST(FormatPage, ItsDecisionTableIsTheCodes) {
  std::string rows;
  for (const TailRow& row : TailTable()) rows += RowText(row);
  const std::string page = ReadPage();
  const size_t head = page.find("| the manifest gives a last LSN |");
  ASSERT_NE(head, std::string::npos);
  const size_t begin = page.find('\n', page.find('\n', head) + 1) + 1;
  EXPECT_EQ(page.substr(begin, page.find("\n\n", begin) + 1 - begin), rows);
}

TEST(Tail, EveryCombinationOfFactsMatchesExactlyOneRow) {
  for (int bits = 0; bits < 24; ++bits) {
    TailFacts facts;
    facts.closed = (bits & 1) != 0;
    facts.reached = (bits & 2) != 0;
    facts.promised = (bits & 4) != 0;
    facts.at_stop = static_cast<AtStop>(bits / 8);
    int matches = 0;
    for (const TailRow& row : TailTable()) {
      if (!row.Matches(facts)) continue;
      ++matches;
      EXPECT_EQ(DecideTail(facts), row.outcome);
    }
    EXPECT_EQ(matches, 1) << "closed " << facts.closed << " reached " << facts.reached << " promised " << facts.promised
                          << " stop " << static_cast<int>(facts.at_stop);
  }
}

TEST(Tail, NothingThatIsKnownToBeDurableIsEverTakenForTorn) {
  for (int stop = 0; stop < 3; ++stop) {
    EXPECT_EQ(DecideTail({.closed = false, .reached = false, .at_stop = static_cast<AtStop>(stop), .promised = true}),
              TailOutcome::kCorrupt);
  }
}

}  // namespace
}  // namespace redislite::storage
