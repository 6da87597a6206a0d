// CommandParser: the same commands wherever the bytes are cut, and Redis' texts for what is none.
#include "resp/command_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace redislite::resp {
namespace {

using Commands = std::vector<std::vector<std::string>>;

// What a client's bytes mean when they come in pieces of this size; the last element is the error, if there is one.
Commands Parse(const std::string& bytes, size_t piece, CommandParser::Limits limits = {}) {
  CommandParser parser;
  Commands commands;
  std::string buffer;
  std::vector<Bytes> argv;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    buffer += bytes.substr(at, piece);
    while (true) {
      const std::string moved = buffer;  // the parser may not rely on where the bytes are
      size_t used = 0;
      const CommandParser::Outcome outcome = parser.Next(moved, limits, argv, &used);
      if (outcome == CommandParser::Outcome::kIncomplete) break;
      if (outcome == CommandParser::Outcome::kError) {
        commands.push_back({parser.error()});
        return commands;
      }
      commands.emplace_back(argv.begin(), argv.end());
      buffer.erase(0, used);
    }
  }
  return commands;
}

TEST(CommandParser, FindsTheSameCommandsWhereverTheBytesAreCut) {
  const std::string bytes =
      std::string("*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n") +
      "set a \"b\\x41\\n\" 'c d'\n\r\n*0\r\n*-1\r\n*1\r\n$0\r\n\r\n*3\r\n$3\r\nSET\r\n$2\r\n\r\n\r\n" +
      "$10\r\n*1\r\n$1\r\nx\r\r\n";
  const Commands wanted = {{"GET", "k"}, {"PING"}, {"set", "a", "bA\n", "c d"},       {}, {},
                           {},           {""},     {"SET", "\r\n", "*1\r\n$1\r\nx\r"}};
  for (size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(Parse(bytes, piece), wanted) << "pieces of " << piece;
}

TEST(CommandParser, SaysWhatRedisSaysOfWhatIsNoCommand) {
  const std::pair<std::string, std::string> rows[] = {
      {"*x\r\n", "invalid multibulk length"},
      {"*\r\n", "invalid multibulk length"},
      {"*2147483648\r\n", "invalid multibulk length"},
      {"*99999999999999999999\r\n", "invalid multibulk length"},
      {"*1\r\n:1\r\n", "expected '$', got ':'"},
      {"*1\r\n$-1\r\n", "invalid bulk length"},
      {"*1\r\n$536870913\r\n", "invalid bulk length"},
      {"*1\r\n$99999999999999999999\r\n", "invalid bulk length"},
      {"*1\r\n$x\r\n", "invalid bulk length"},
      {"*" + std::string(70'000, '1'), "too big mbulk count string"},
      {"*1\r\n$" + std::string(70'000, '1'), "too big bulk count string"},
      {std::string(70'000, 'a'), "too big inline request"},
      {"set \"a\r\n", "unbalanced quotes in request"},
      {"set 'a'b\r\n", "unbalanced quotes in request"},
  };
  for (const auto& [bytes, text] : rows) {
    for (const size_t piece : {bytes.size(), size_t{1000}}) {
      const Commands found = Parse(bytes, piece);
      ASSERT_EQ(found.size(), 1u) << bytes.substr(0, 30);
      EXPECT_EQ(found[0], (std::vector<std::string>{"Protocol error: " + text})) << bytes.substr(0, 30);
    }
  }
}

TEST(CommandParser, WhoIsNotAuthenticatedMaySendOnlyLittle) {
  const CommandParser::Limits limits{.authenticated = false};
  EXPECT_EQ(Parse("*11\r\n", 5, limits), (Commands{{"Protocol error: unauthenticated multibulk length"}}));
  EXPECT_EQ(Parse("*1\r\n$16385\r\n", 99, limits), (Commands{{"Protocol error: unauthenticated bulk length"}}));
  EXPECT_EQ(Parse("*1\r\n$4\r\nPING\r\n", 99, limits), (Commands{{"PING"}}));
}

TEST(CommandParser, AllocatesNothingOnTheWordOfALength) {
  CommandParser parser;
  std::vector<Bytes> argv;
  size_t used = 0;
  EXPECT_EQ(parser.Next("*2147483647\r\n$1\r\na\r\n", {}, argv, &used), CommandParser::Outcome::kIncomplete);
  EXPECT_EQ(parser.Next("*2147483647\r\n$1\r\na\r\n$536870912\r\n", {}, argv, &used),
            CommandParser::Outcome::kIncomplete);
}

}  // namespace
}  // namespace redislite::resp
