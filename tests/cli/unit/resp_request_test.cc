#include "resp_request.h"

#include <gtest/gtest.h>

#include <random>

namespace redislite::cli {
namespace {

std::string Encode(const Words& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

std::string ErrorOfRequest(std::string_view bytes) {
  Words words;
  size_t size = 0;
  std::string error;
  EXPECT_EQ(ParseRequest(bytes, words, size, error), Parsed::kBad) << bytes;
  return error;
}

TEST(RespRequest, ReadsArraysOfAnyBytesAndSaysHowLongTheyWere) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    Words expected(1 + random() % 5);
    for (std::string& word : expected) {
      for (size_t left = random() % 6; left > 0; --left) word += static_cast<char>(random());
    }
    const std::string bytes = Encode(expected);
    Words words;
    size_t size = 0;
    std::string error;
    ASSERT_EQ(ParseRequest(bytes + "*1\r\n", words, size, error), Parsed::kCommand) << error;
    ASSERT_EQ(words, expected);
    ASSERT_EQ(size, bytes.size());
  }
}

TEST(RespRequest, WaitsForMoreAtEveryCut) {
  const std::string bytes = Encode({"SET", std::string("k\r\n\0", 4), ""});
  for (size_t length = 0; length < bytes.size(); ++length) {
    Words words;
    size_t size = 0;
    std::string error;
    ASSERT_EQ(ParseRequest(std::string_view(bytes).substr(0, length), words, size, error), Parsed::kMore) << length;
  }
}

TEST(RespRequest, TakesALineAsACommandToo) {
  Words words;
  size_t size = 0;
  std::string error;
  EXPECT_EQ(ParseRequest("SET k \"a b\"\r\nGET k\r\n", words, size, error), Parsed::kCommand);
  EXPECT_EQ(words, (Words{"SET", "k", "a b"}));
  EXPECT_EQ(size, 13u);
  EXPECT_EQ(ParseRequest("\r\n", words, size, error), Parsed::kNothing);
  EXPECT_EQ(size, 2u);
  EXPECT_EQ(ParseRequest("*0\r\n", words, size, error), Parsed::kNothing);
  EXPECT_EQ(size, 4u);
}

TEST(RespRequest, NamesWhatIsNoProtocol) {
  EXPECT_EQ(ErrorOfRequest("*x\r\n"), "invalid multibulk length");
  EXPECT_EQ(ErrorOfRequest("*99999999999\r\n"), "invalid multibulk length");
  EXPECT_EQ(ErrorOfRequest("*1\r\n+OK\r\n"), "expected '$', found \"+\"");
  EXPECT_EQ(ErrorOfRequest("*1\r\n$-1\r\n"), "invalid bulk length");
  EXPECT_EQ(ErrorOfRequest("*1\r\n$2147483648\r\n"), "invalid bulk length");
  EXPECT_EQ(ErrorOfRequest("*1\r\n$1\r\nabc"), "a bulk string is not followed by CR LF");
  EXPECT_EQ(ErrorOfRequest("*1111111111111111111111111111111111111111"), "invalid multibulk length");
  EXPECT_EQ(ErrorOfRequest("SET \"k\r\n"), "unbalanced double quote (column 5)");
}

}  // namespace
}  // namespace redislite::cli
