// Base64 and UTF-8: how an export tells text from bytes.
#include <gtest/gtest.h>

#include <random>

#include "base64.h"
#include "utf8.h"

namespace redislite::cli {
namespace {

TEST(Base64, KnowsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
  }
}

TEST(Base64, BringsBackAnyBytes) {
  std::mt19937 random(11);
  for (size_t size = 0; size < 300; ++size) {
    std::string bytes;
    for (size_t i = 0; i < size; ++i) bytes += static_cast<char>(random());
    ASSERT_EQ(DecodeBase64(EncodeBase64(bytes)), bytes) << size;
  }
}

TEST(Base64, ReadsOnlyWhatItWouldWrite) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zg==Zg==", "-_-_", "=m9v"}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

// The definition, byte by byte, against a decoder written the slow way.
bool IsUtf8Slowly(std::string_view bytes) {
  size_t i = 0;
  while (i < bytes.size()) {
    const auto first = static_cast<uint8_t>(bytes[i++]);
    const int more = first < 0x80 ? 0 : first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : first >> 3 == 30 ? 3 : -1;
    if (more < 0) return false;
    uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
    for (int j = 0; j < more; ++j, ++i) {
      if (i >= bytes.size() || static_cast<uint8_t>(bytes[i]) >> 6 != 2) return false;
      code = code << 6 | (static_cast<uint8_t>(bytes[i]) & 0x3Fu);
    }
    constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
    if (code < kLeast[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
  }
  return true;
}

TEST(Utf8, AgreesWithASlowDecoderOnEveryStartOfASequence) {
  const uint8_t tails[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      for (const uint8_t c : tails) {
        for (const uint8_t d : tails) {
          const std::string bytes = {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                                     static_cast<char>(d)};
          for (size_t length = 1; length <= 4; ++length) {
            const std::string_view cut = std::string_view(bytes).substr(0, length);
            ASSERT_EQ(IsUtf8(cut), IsUtf8Slowly(cut))
                << a << ' ' << b << ' ' << int{c} << ' ' << int{d} << ' ' << length;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace redislite::cli
