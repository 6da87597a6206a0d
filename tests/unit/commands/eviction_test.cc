// maxmemory and its policies, through commands.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"
#include "tests/unit/commands/replies.h"

namespace redislite::commands {
namespace {

using test::CommandHarness;
using test::InfoNumber;
using test::kOk;

// Sets as many keys as the answer is good for.
int Fill(CommandHarness& store, int keys, const std::string& suffix = "") {
  for (int i = 0; i < keys; ++i) {
    if (store.Run("SET key" + std::to_string(i) + " " + std::string(200, 'v') + suffix) != kOk) return i;
  }
  return keys;
}

TEST(MaxMemory, WithNoevictionWritesAreRefusedAndReadsAndDeletesAreNot) {
  CommandHarness store;
  store.Run("CONFIG SET maxmemory 200kb");
  const int written = Fill(store, 5000);
  EXPECT_GT(written, 300);
  ASSERT_LT(written, 5000);
  const std::string answer = store.Run("SET more v");
  EXPECT_NE(answer.find("command not allowed when used memory > 'maxmemory'."), std::string::npos) << answer;
  EXPECT_EQ(store.Run("STRLEN key0"), ":200\r\n");
  EXPECT_EQ(store.Run("DEL key0 key1 key2"), ":3\r\n");
  EXPECT_EQ(store.Run("SET more v"), kOk);
  EXPECT_EQ(InfoNumber(store, "stats", "evicted_keys"), 0u);
}

TEST(MaxMemory, EachPolicyMakesRoomAmongItsKeys) {
  for (const std::string policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu",
                                   "volatile-random", "volatile-ttl"}) {
    SCOPED_TRACE(policy);
    const bool needs_expiry = policy.starts_with("volatile");
    CommandHarness store;
    store.Run("CONFIG SET maxmemory-policy " + policy);
    store.Run("SET stays " + std::string(200, 's'));
    store.Run("CONFIG SET maxmemory 200kb");
    ASSERT_EQ(Fill(store, 3000, needs_expiry ? " EX 100" : ""), 3000);
    EXPECT_GT(InfoNumber(store, "stats", "evicted_keys"), 1500u);
    EXPECT_LT(InfoNumber(store, "memory", "used_memory"), 210u << 10);
    if (needs_expiry) {
      EXPECT_EQ(store.Run("STRLEN stays"), ":200\r\n");
    }
    EXPECT_EQ(store.Run("CONFIG RESETSTAT"), kOk);
    EXPECT_EQ(InfoNumber(store, "stats", "evicted_keys"), 0u);
  }
}

TEST(MaxMemory, AVolatilePolicyRefusesWhenNothingExpires) {
  CommandHarness store;
  store.Run("CONFIG SET maxmemory-policy volatile-lru");
  store.Run("CONFIG SET maxmemory 200kb");
  EXPECT_LT(Fill(store, 3000), 3000);
  const std::string answer = store.Run("SET expires v EX 100");
  EXPECT_NE(answer.find("command not allowed when used memory > 'maxmemory'."), std::string::npos) << answer;
}

TEST(MaxMemory, ALowerLimitIsReachedOverSomeWritesThatAreNotRefused) {
  CommandHarness store;
  ASSERT_EQ(Fill(store, 3000), 3000);
  store.Run("CONFIG SET maxmemory-policy allkeys-lru");
  store.Run("CONFIG SET maxmemory 100kb");
  for (int i = 0; i < 50; ++i) ASSERT_EQ(store.Run("SET more" + std::to_string(i) + " v"), kOk) << i;
  EXPECT_LT(InfoNumber(store, "memory", "used_memory"), 110u << 10);
}

TEST(MaxMemory, WhatWasEvictedIsInTheLogAndReplayDecidesNothing) {
  const test::ScratchDirectory directory;
  CommandHarness store(directory.path());
  store.Run("CONFIG SET maxmemory-policy allkeys-lru");
  store.Run("CONFIG SET maxmemory 150kb");
  ASSERT_EQ(Fill(store, 2000), 2000);
  for (int i = 0; i < 100; ++i) store.Run("RPUSH list" + std::to_string(i % 7) + " " + std::string(100, 'e'));
  const std::string digest = store.engine().Digest();
  const std::string count = store.Run("DBSIZE");
  EXPECT_LT(std::stoi(count.substr(1)), 1000);
  store.Reopen();
  EXPECT_EQ(store.engine().Digest(), digest);
  EXPECT_EQ(store.Run("DBSIZE"), count);
}

TEST(MaxMemory, FrequencyIsCountedAndRestored) {
  CommandHarness store;
  store.Run("CONFIG SET maxmemory-policy allkeys-lfu");
  store.Run("SET k v");
  EXPECT_EQ(store.Run("OBJECT FREQ k"), ":5\r\n");
  for (int i = 0; i < 500; ++i) store.Run("GET k");
  const int frequency = std::stoi(store.Run("OBJECT FREQ k").substr(1));
  EXPECT_GT(frequency, 8);
  EXPECT_LT(frequency, 40);
  EXPECT_EQ(store.Run("OBJECT FREQ k"), ":" + std::to_string(frequency) + "\r\n") << "to ask is no use";
  store.Advance(60'000 * 3);
  EXPECT_EQ(store.Run("OBJECT FREQ k"), ":" + std::to_string(frequency - 3) + "\r\n");
  const std::string dump = store.Run("DUMP k");
  const std::string bytes = dump.substr(dump.find('\n') + 1, dump.size() - dump.find('\n') - 3);
  EXPECT_EQ(store.RunWords({"RESTORE", "other", "0", bytes, "FREQ", "77"}), kOk);
  EXPECT_EQ(store.Run("OBJECT FREQ other"), ":77\r\n");
}

}  // namespace
}  // namespace redislite::commands
