// What is counted of commands, and what of them is noted as slow.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/command_statistics.h"
#include "tests/support/command_harness.h"

namespace redislite::test {
namespace {

engine::CommandStatistics::Numbers NumbersOf(CommandHarness& store, const std::string& name) {
  for (const auto& numbers : store.engine().command_statistics().All()) {
    if (numbers.command->name == name) return numbers;
  }
  return {};
}

TEST(CommandStatistics, EachCommandIsCountedByTheNameThatItWasAskedBy) {
  CommandHarness store;
  store.Run("SETEX k 100 v");  // which is logged as another
  store.Run("SADD s a b c");
  store.Run("SPOP s");
  store.Run("SPOP s");
  store.Run("SPOP missing");
  store.Run("EXPIRE k 10");
  EXPECT_EQ(NumbersOf(store, "setex").calls, 1U);
  EXPECT_EQ(NumbersOf(store, "sadd").calls, 1U);
  EXPECT_EQ(NumbersOf(store, "spop").calls, 3U);
  EXPECT_EQ(NumbersOf(store, "expire").calls, 1U);
  EXPECT_EQ(NumbersOf(store, "srem").calls, 0U);
  EXPECT_EQ(NumbersOf(store, "set").calls, 0U);
}

TEST(CommandStatistics, ErrorsAreCountedByTheirFirstWordAndTheCommandsFate) {
  CommandHarness store;
  store.Run("SET k v");
  store.Run("LPUSH k x");
  store.Run("LLEN k");
  store.Run("LLEN");
  store.Run("NOSUCH");
  EXPECT_EQ(NumbersOf(store, "lpush").failed, 1U);
  EXPECT_EQ(NumbersOf(store, "llen").failed, 1U);
  EXPECT_EQ(NumbersOf(store, "llen").rejected, 1U);
  EXPECT_EQ(NumbersOf(store, "llen").calls, 1U);
  const auto errors = store.engine().command_statistics().errors();
  EXPECT_EQ(errors.at("WRONGTYPE"), 2U);
  EXPECT_EQ(errors.at("ERR"), 2U);
  store.Run("CONFIG RESETSTAT");
  EXPECT_TRUE(store.engine().command_statistics().errors().empty());
  EXPECT_EQ(NumbersOf(store, "llen").calls, 0U);
}

TEST(CommandStatistics, WhatIsTimedStandsForAllCalls) {
  CommandHarness store;
  for (int i = 0; i < 160; ++i) store.Run("GET k");
  const auto numbers = NumbersOf(store, "get");
  uint64_t timed = 0;
  for (const uint64_t count : numbers.times) timed += count;
  EXPECT_EQ(numbers.calls, 160U);
  EXPECT_EQ(timed, 160U);
}

TEST(SlowLog, KeepsTheLastSlowCommandsAsTheyWereAsked) {
  CommandHarness store;
  store.Run("CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 2");
  store.Run("CONFIG RESETSTAT");
  store.Run("SETEX k 100 v");
  store.RunWords({"SET", "long", std::string(200, 'x')});
  const auto entries = store.engine().command_statistics().slow_log().Newest(10);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].args[2], std::string(128, 'x') + "... (72 more bytes)");
  EXPECT_EQ(entries[1].args, (std::vector<std::string>{"SETEX", "k", "100", "v"}));
  EXPECT_GT(entries[0].id, entries[1].id);
  store.Run("CONFIG SET slowlog-log-slower-than -1");
  store.engine().command_statistics().slow_log().Clear();
  store.Run("GET k");
  EXPECT_EQ(store.engine().command_statistics().slow_log().size(), 0U);
}

TEST(SlowLog, CutsManyArgumentsAsRedisDoes) {
  std::vector<Bytes> args(33, "a");
  const auto cut = engine::SlowLog::Cut(args);
  ASSERT_EQ(cut.size(), 32U);
  EXPECT_EQ(cut.back(), "... (2 more arguments)");
  args.pop_back();
  EXPECT_EQ(engine::SlowLog::Cut(args).back(), "a");
}

TEST(LatencyMonitor, KeepsTheLongestOfEachSecondAndTheLast160) {
  engine::LatencyMonitor monitor;
  monitor.Add("command", {1, 5});
  monitor.Add("command", {1, 9});
  monitor.Add("command", {1, 7});
  EXPECT_EQ(monitor.event("command").samples.size(), 1U);
  EXPECT_EQ(monitor.event("command").samples.front().took_ms, 9U);
  for (int64_t second = 2; second < 200; ++second) monitor.Add("command", {second, 1});
  EXPECT_EQ(monitor.event("command").samples.size(), 160U);
  EXPECT_EQ(monitor.event("command").samples.back().at_s, 199);
  EXPECT_EQ(monitor.event("command").longest_ms, 9U);
  EXPECT_EQ(monitor.Reset("other"), 0U);
  EXPECT_EQ(monitor.Reset(""), 1U);
}

}  // namespace
}  // namespace redislite::test
