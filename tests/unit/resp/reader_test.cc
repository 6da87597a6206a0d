// CommandReader and AppendCommand: what is written reads back, and nothing else is accepted. The method is to sweep:
// every truncation and every single-byte change of valid payloads, garbage from seeds, and lengths that lie.
#include "resp/reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "resp/command_encoder.h"

namespace redislite::resp {
namespace {

using Outcome = CommandReader::Outcome;
using Commands = std::vector<std::vector<std::string>>;

std::string Encode(const Commands& commands) {
  std::string payload;
  for (const auto& command : commands) {
    const std::vector<Bytes> args(command.begin(), command.end());
    AppendCommand(payload, args);
  }
  return payload;
}

// All commands up to the end or the first fault.
struct Reading {
  Commands commands;
  Outcome outcome;
  size_t offset;
};

Reading ReadAll(Bytes payload) {
  Reading reading{};
  CommandReader reader(payload);
  std::vector<Bytes> argv;
  while ((reading.outcome = reader.Next(argv)) == Outcome::kCommand)
    reading.commands.emplace_back(argv.begin(), argv.end());
  EXPECT_TRUE(argv.empty());
  EXPECT_EQ(reader.Next(argv), reading.outcome) << "the answer must stay";
  reading.offset = reader.offset();
  return reading;
}

Outcome OutcomeOf(Bytes payload) { return ReadAll(payload).outcome; }

Commands RandomCommands(Random& random) {
  Commands commands(random.Below(5));
  for (auto& command : commands) {
    command.resize(1 + random.Below(6));
    for (std::string& arg : command) {
      arg.resize(random.Below(random.Below(10) == 0 ? 2000 : 12));
      for (char& byte : arg) byte = static_cast<char>(random.Next());
    }
  }
  return commands;
}

const Commands kSample = {
    {"SET", "key", "value"}, {"DEL", ""}, {"HSET", std::string("\0\r\n", 3), "0123456789", "*1\r\n$1\r\na\r\n"}};

TEST(CommandReader, AnEmptyPayloadHasNoCommands) {
  const Reading reading = ReadAll("");
  EXPECT_EQ(reading.outcome, Outcome::kEnd);
  EXPECT_TRUE(reading.commands.empty());
}

TEST(CommandReader, TheEncodingIsRedisOwn) {
  EXPECT_EQ(Encode({{"SET", "k", ""}}), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
  EXPECT_EQ(Encode({std::vector<std::string>(11, std::string(10, 'x'))}).substr(0, 10), "*11\r\n$10\r\n");
}

TEST(CommandReader, WhatIsAppendedReadsBackWhateverTheBytes) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Commands commands = RandomCommands(random);
    const std::string payload = Encode(commands);
    size_t foreseen = 0;
    for (const auto& command : commands) foreseen += CommandBytes(std::vector<Bytes>(command.begin(), command.end()));
    EXPECT_EQ(payload.size(), foreseen);
    const Reading reading = ReadAll(payload);
    ASSERT_EQ(reading.outcome, Outcome::kEnd);
    ASSERT_EQ(reading.commands, commands);
  }
}

TEST(CommandReader, ArgumentsAreViewsIntoThePayload) {
  const std::string payload = Encode(kSample);
  CommandReader reader(payload);
  std::vector<Bytes> argv;
  while (reader.Next(argv) == Outcome::kCommand) {
    for (const Bytes arg : argv) {
      EXPECT_GE(arg.data(), payload.data());
      EXPECT_LE(arg.data() + arg.size(), payload.data() + payload.size());
    }
  }
}

TEST(CommandReader, OffsetIsWhereTheNextCommandBegins) {
  CommandReader reader("*1\r\n$4\r\nPING\r\n*1\r\n$1\r\nx\r\n");
  std::vector<Bytes> argv;
  EXPECT_EQ(reader.offset(), 0u);
  ASSERT_EQ(reader.Next(argv), Outcome::kCommand);
  EXPECT_EQ(reader.offset(), 14u);
}

TEST(CommandReader, EveryTruncationIsMalformedExceptBetweenCommands) {
  const std::string payload = Encode(kSample);
  size_t whole = 0;
  for (size_t size = 0; size <= payload.size(); ++size) {
    const std::string cut = payload.substr(0, size);  // its own allocation, so that ASan sees a read behind it
    const Reading reading = ReadAll(cut);
    if (size == Encode({kSample.begin(), kSample.begin() + static_cast<ptrdiff_t>(whole)}).size()) {
      EXPECT_EQ(reading.outcome, Outcome::kEnd) << size;
      EXPECT_EQ(reading.commands.size(), whole);
      if (whole < kSample.size()) ++whole;
    } else {
      EXPECT_EQ(reading.outcome, Outcome::kMalformed) << size;
      EXPECT_LE(reading.offset, size);
    }
  }
  EXPECT_EQ(whole, kSample.size());
}

// One spelling a command: any change either is refused or reads as other commands that encode to exactly the changed
// bytes.
TEST(CommandReader, EveryChangedByteIsRefusedOrReadsAsWhatItSays) {
  const std::string payload = Encode(kSample);
  for (size_t at = 0; at < payload.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = payload;
      changed[at] = static_cast<char>(byte);
      const Reading reading = ReadAll(changed);
      if (reading.outcome == Outcome::kEnd) {
        ASSERT_EQ(Encode(reading.commands), changed) << "at " << at << " byte " << byte;
      }
    }
  }
}

TEST(CommandReader, HostileLengthsAreRefusedWithTheOffset) {
  struct Case {
    Bytes payload;
    size_t offset;
  };
  const Case cases[] = {
      {"*0\r\n", 1},
      {"*-1\r\n", 1},
      {"*+1\r\n$1\r\na\r\n", 1},
      {"*01\r\n$1\r\na\r\n", 2},
      {"* 1\r\n$1\r\na\r\n", 1},
      {"*\r\n", 1},
      {"*1\n$1\r\na\r\n", 2},
      {"*1\r$1\r\na\r\n", 3},
      {"*2\r\n$1\r\na\r\n", 1},
      {"*99999999999999999999999999\r\n", 2},
      {"*18446744073709551615\r\n$1\r\na\r\n", 3},
      {"*18446744073709551617\r\n$1\r\na\r\n", 3},  // 1 modulo 2^64
      {"*1\r\n$-1\r\n", 1},
      {"*1\r\n$-1\r\n\r\n", 5},
      {"*1\r\n$18446744073709551615\r\na\r\n", 7},
      {"*1\r\n$7\r\na\r\n\r\n", 5},
      {"*1\r\n$2\r\na\r\n", 10},
      {"*1\r\n$0\r\na\r\n", 8},
      {"*1\r\n$01\r\na\r\n", 6},
      {"*1\r\n:5\r\n\r\n", 4},
      {"$1\r\na\r\n", 0},
      {"PING\r\n", 0},
      {"*1\r\n$1\r\na\r\n\r\n", 11},
      {Bytes("*1\r\n$1\r\na\r\n\0", 12), 11},
  };
  for (const Case& c : cases) {
    const Reading reading = ReadAll(c.payload);
    EXPECT_EQ(reading.outcome, Outcome::kMalformed) << c.payload;
    EXPECT_EQ(reading.offset, c.offset) << c.payload;
  }
}

TEST(CommandReader, ACountThatLiesAllocatesNothing) {
  // Nine arguments claimed, room for three.
  CommandReader reader("*9\r\n$1\r\na\r\n$1\r\nb\r\n");
  std::vector<Bytes> argv;
  EXPECT_EQ(reader.Next(argv), Outcome::kMalformed);
  EXPECT_EQ(argv.capacity(), 0u);
}

TEST(CommandReader, GarbageNeverReadsAsMoreThanItSays) {
  const Bytes alphabet = "*$0123\r\n\r\na";
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::string garbage(random.Below(40), ' ');
    for (char& byte : garbage) {
      byte = seed % 2 == 0 ? static_cast<char>(random.Next()) : alphabet[random.Below(alphabet.size())];
    }
    const Reading reading = ReadAll(garbage);
    if (reading.outcome == Outcome::kEnd) {
      ASSERT_EQ(Encode(reading.commands), garbage);
    }
  }
  EXPECT_EQ(OutcomeOf(std::string(1000, '*')), Outcome::kMalformed);
}

}  // namespace
}  // namespace redislite::resp
