// What many tests of commands expect, and how they ask for it.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>

#include "base/bytes.h"
#include "tests/support/command_harness.h"

namespace redislite::test {

inline constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();

inline const std::string kOk = "+OK\r\n";
inline const std::string kNull = "_\r\n";
inline const std::string kSyntax = "-ERR syntax error\r\n";
inline const std::string kWrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
inline const std::string kNotInteger = "-ERR value is not an integer or out of range\r\n";

inline std::string Integer(int64_t value) { return ":" + std::to_string(value) + "\r\n"; }

struct Step {
  const char* line;
  std::string reply;
};

inline void ExpectReplies(CommandHarness& store, std::initializer_list<Step> steps) {
  for (const Step& step : steps) EXPECT_EQ(store.Run(step.line), step.reply) << step.line;
}

// A number of INFO's.
inline uint64_t InfoNumber(CommandHarness& store, Bytes section, const std::string& name) {
  const std::string info = store.engine().Info({&section, 1});
  const size_t at = info.find("\n" + name + ":");
  EXPECT_NE(at, std::string::npos) << name;
  return std::stoull(info.substr(at + name.size() + 2));
}

// How many commands have gone into the log.
inline uint64_t Logged(CommandHarness& store) { return InfoNumber(store, "stats", "commit_commands"); }

}  // namespace redislite::test
