#include <gtest/gtest.h>

#include <string>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"

namespace redislite {
namespace {

using test::CommandHarness;

TEST(SortedSets, ScoresAreDoublesInRespThreeAndTextBefore) {
  CommandHarness three("", 3);
  CommandHarness two("", 2);
  for (CommandHarness* store : {&three, &two}) store->Run("ZADD z 1.5 a inf b");
  EXPECT_EQ(three.Run("ZSCORE z a"), ",1.5\r\n");
  EXPECT_EQ(two.Run("ZSCORE z a"), "$3\r\n1.5\r\n");
  EXPECT_EQ(three.Run("ZMSCORE z b x"), "*2\r\n,inf\r\n_\r\n");
  EXPECT_EQ(two.Run("ZMSCORE z b x"), "*2\r\n$3\r\ninf\r\n$-1\r\n");
  EXPECT_EQ(three.Run("ZINCRBY z 1 a"), ",2.5\r\n");
  EXPECT_EQ(two.Run("ZADD z INCR 1 a"), "$3\r\n2.5\r\n");
  EXPECT_EQ(three.Run("ZRANGE z 0 0 WITHSCORES"), "*1\r\n*2\r\n$1\r\na\r\n,2.5\r\n");
  EXPECT_EQ(two.Run("ZRANGE z 0 0 WITHSCORES"), "*2\r\n$1\r\na\r\n$3\r\n2.5\r\n");
  EXPECT_EQ(three.Run("ZRANDMEMBER z -1 WITHSCORES").substr(0, 8), "*1\r\n*2\r\n");
  EXPECT_EQ(two.Run("ZRANDMEMBER z -1 WITHSCORES").substr(0, 4), "*2\r\n");
  EXPECT_EQ(three.Run("ZRANK z a WITHSCORE"), "*2\r\n:0\r\n,2.5\r\n");
  EXPECT_EQ(two.Run("ZRANK z x WITHSCORE"), "*-1\r\n");
  EXPECT_EQ(three.Run("ZSCAN z 0"), "*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$3\r\n2.5\r\n$1\r\nb\r\n$3\r\ninf\r\n");
  EXPECT_EQ(three.Run("ZPOPMIN z 1"), "*1\r\n*2\r\n$1\r\na\r\n,2.5\r\n");
  EXPECT_EQ(two.Run("ZPOPMIN z 1"), "*2\r\n$1\r\na\r\n$3\r\n2.5\r\n");
  EXPECT_EQ(three.Run("ZPOPMIN z"), "*2\r\n$1\r\nb\r\n,inf\r\n");
  EXPECT_EQ(two.Run("ZMPOP 1 z MAX"), "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nb\r\n$3\r\ninf\r\n");
  EXPECT_EQ(three.Run("ZMPOP 1 z MAX"), "_\r\n");
  EXPECT_EQ(two.Run("ZMPOP 1 z MAX"), "*-1\r\n");
}

TEST(SortedSets, WhatChangesNothingIsNotLogged) {
  CommandHarness store;
  store.Run("ZADD z 1 a 2 b");
  store.Run("SET k v");
  const uint64_t logged = store.logged_commands();
  for (const char* line : {"ZADD z 1 a",
                           "ZADD z NX 5 a 6 b",
                           "ZADD z XX 5 c",
                           "ZADD none XX 5 c",
                           "ZADD z GT 0 a",
                           "ZADD z LT CH 9 a",
                           "ZADD z INCR 0 a",
                           "ZADD z INCR nan a",
                           "ZADD k 1 a",
                           "ZINCRBY z 0 a",
                           "ZREM z x",
                           "ZREM none x",
                           "ZPOPMIN none",
                           "ZPOPMAX z 0",
                           "ZMPOP 1 none MIN",
                           "ZREMRANGEBYRANK z 5 9",
                           "ZREMRANGEBYSCORE z 5 9",
                           "ZREMRANGEBYLEX z [x +",
                           "ZRANGESTORE none z 5 9",
                           "ZRANGESTORE none gone 0 -1",
                           "ZUNIONSTORE none 1 gone",
                           "ZINTERSTORE none 2 z gone",
                           "ZDIFFSTORE none 2 z z"}) {
    store.Run(line);
    EXPECT_EQ(store.logged_commands(), logged) << line;
  }
  store.Run("ZDIFFSTORE k 2 z z");  // removes k
  EXPECT_EQ(store.logged_commands(), logged + 1);
}

// The snapshot has the scores as text, the log as they were given.
TEST(SortedSets, ScoresComeBackBitForBitFromLogAndSnapshot) {
  for (const char* score : {"0.1", "-0", "1e-320", "1.7976931348623157e308", "-inf", "0.30000000000000004",
                            "123456789.125", "9007199254740993", "3.0e0", "4611686018427387905"}) {
    test::ScratchDirectory directory;
    CommandHarness store(directory.path());
    store.Run(std::string("ZADD z ") + score + " a");
    store.Run("ZINCRBY z 0.1 b");
    for (int i = 0; i < 150; ++i) store.Run("ZINCRBY z 0.7 b" + std::to_string(i % 140));
    const std::string before = store.engine().Digest();
    store.Reopen();
    ASSERT_EQ(store.engine().Digest(), before) << score;
    ASSERT_TRUE(store.engine().Snapshot().ok());
    store.Reopen();
    ASSERT_EQ(store.engine().Digest(), before) << score;
  }
}

}  // namespace
}  // namespace redislite
