#include "storage/manifest.h"

#include <gtest/gtest.h>

#include "base/crc32.h"

namespace redislite::storage {
namespace {

Manifest Example() {
  Manifest manifest;
  manifest.store.fill('s');
  manifest.seed = {1, 2};
  manifest.generation = 3;
  manifest.durable = 20;
  manifest.snapshot = 10;
  manifest.segments = {{9, 15}, {16, 20}, {21, {}}};
  return manifest;
}

// With a checksum that agrees.
std::string Signed(const std::string& body) {
  char crc[16];
  std::snprintf(crc, sizeof crc, "%08x", Crc32(0, body));
  return body + "crc32 " + crc + "\n";
}

TEST(Manifest, WhatIsWrittenIsRead) {
  const Result<Manifest> read = Manifest::Decode(Example().Encode());
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->Encode(), Example().Encode());
}

TEST(Manifest, EveryFlippedBitIsSeen) {
  const std::string good = Example().Encode();
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(Manifest::Decode(bad).status().code(), Code::kCorrupt) << "bit " << bit;
  }
}

TEST(Manifest, EveryTruncationIsSeen) {
  const std::string good = Example().Encode();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(Manifest::Decode(Bytes(good).substr(0, size)).status().code(), Code::kCorrupt) << size;
  }
}

TEST(Manifest, DamageIsNamedWithItsOffsetInOneLineOfText) {
  const std::string good = Example().Encode();
  const auto message = [](const std::string& text) {
    const Result<Manifest> decoded = Manifest::Decode(text);
    return decoded.ok() ? std::string("read") : decoded.status().message();
  };
  EXPECT_EQ(message(good + std::string("x\0\n", 3)),
            "offset " + std::to_string(good.size()) + ": expected the end of the file, found 'x..'");
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_TRUE(message(good.substr(0, length)).starts_with("offset ")) << length;
  }
  std::string zeroed = good;
  for (char& byte : zeroed) {
    byte = '\0';
    const std::string text = message(zeroed);
    EXPECT_TRUE(text.starts_with("offset ")) << text;
    EXPECT_EQ(text.find('\0'), std::string::npos);
  }
}

TEST(Manifest, ANewerFormatIsAVersionAndNotDamage) {
  EXPECT_EQ(Manifest::Decode("redislite 2\nanything\n").status().code(), Code::kVersion);
}

TEST(Manifest, SegmentsThatDoNotJoinAreRefusedWhateverTheChecksum) {
  const std::string head = "redislite 1\nstore " + std::string(32, '0') + "\nseed " + std::string(32, '0') +
                           "\ngeneration 1\ndurable 0\nsnapshot 10\n";
  ASSERT_TRUE(Manifest::Decode(Signed(head)).ok());
  ASSERT_TRUE(Manifest::Decode(Signed(head + "segment 11 -\n")).ok());
  ASSERT_TRUE(Manifest::Decode(Signed(head + "segment 5 20\nsegment 21 -\n")).ok());
  for (const char* segments : {"segment 12 -\n", "segment 0 5\n", "segment 11 9\n", "segment 11 -\nsegment 12 -\n",
                               "segment 11 15\nsegment 17 -\n", "segment 11\n", "segment x y\n", "something else\n"}) {
    EXPECT_EQ(Manifest::Decode(Signed(head + segments)).status().code(), Code::kCorrupt) << segments;
  }
}

}  // namespace
}  // namespace redislite::storage
