// I2: what is replayed from the log is what was there, for every command that writes; and commands
// that change nothing leave nothing in the log (I1).
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"

namespace redislite::test {
namespace {

// A command line that writes, over few keys and with edgy arguments.
std::string RandomLine(std::mt19937& random) {
  const auto pick = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  const std::vector<std::string> templates{"SET K V",
                                           "SET K V EX N",
                                           "SET K V PX T NX",
                                           "SET K V EXAT U XX GET",
                                           "SET K V PXAT M",
                                           "SET K V KEEPTTL",
                                           "SETEX K N V",
                                           "PSETEX K T V",
                                           "SETNX K V",
                                           "GETSET K V",
                                           "GETDEL K",
                                           "GETEX K EX N",
                                           "GETEX K PXAT M",
                                           "GETEX K PERSIST",
                                           "MSET K V K V",
                                           "MSETNX K V K V",
                                           "APPEND K V",
                                           "SETRANGE K N V",
                                           "RESTORE K 0 P REPLACE",
                                           "RESTORE K T P",
                                           "RESTORE K M P ABSTTL REPLACE IDLETIME 3",
                                           "SORT K BY *",
                                           "SORT K ALPHA STORE K",
                                           "SORT K BY nosort DESC GET # GET * STORE K",
                                           "SETBIT K N B",
                                           "BITOP XOR K K K",
                                           "BITOP NOT K K",
                                           "BITFIELD K SET u8 #1 N OVERFLOW FAIL INCRBY i5 N I",
                                           "PFADD K V V",
                                           "PFADD K N",
                                           "PFMERGE K K K",
                                           "INCR K",
                                           "DECR K",
                                           "INCRBY K I",
                                           "DECRBY K I",
                                           "INCRBYFLOAT K F",
                                           "DEL K K",
                                           "UNLINK K",
                                           "RENAME K K",
                                           "RENAMENX K K",
                                           "COPY K K",
                                           "COPY K K DB D REPLACE",
                                           "MOVE K D",
                                           "SWAPDB D D",
                                           "FLUSHDB",
                                           "EXPIRE K N",
                                           "PEXPIRE K T C",
                                           "EXPIREAT K U C",
                                           "PEXPIREAT K M C",
                                           "PERSIST K",
                                           "RPUSH K V",
                                           "HSET K V V",
                                           "LPOP K",
                                           "HDEL K V",
                                           "HINCRBYFLOAT K V F",
                                           "HMSET K V V V V",
                                           "HSETNX K V V",
                                           "HINCRBY K V I",
                                           "LPUSH K V V",
                                           "SADD K V V",
                                           "SADD K N I",
                                           "SREM K V V",
                                           "SMOVE K K V",
                                           "SINTERSTORE K K K",
                                           "SUNIONSTORE K K K",
                                           "SDIFFSTORE K K K",
                                           "ZADD K S V S V",
                                           "ZADD K NX S V S N",
                                           "ZADD K XX CH S V",
                                           "ZADD K GT S V",
                                           "ZADD K LT CH S V",
                                           "ZADD K INCR S V",
                                           "ZINCRBY K S V",
                                           "ZREM K V V",
                                           "ZPOPMIN K",
                                           "ZPOPMAX K N",
                                           "ZMPOP 2 K K MAX COUNT N",
                                           "ZREMRANGEBYRANK K N N",
                                           "ZREMRANGEBYSCORE K S S",
                                           "ZREMRANGEBYLEX K [1 (x",
                                           "ZRANGESTORE K K N N",
                                           "ZRANGESTORE K K S S BYSCORE LIMIT N N",
                                           "ZUNIONSTORE K 2 K K",
                                           "ZINTERSTORE K 2 K K WEIGHTS S S AGGREGATE MAX",
                                           "ZDIFFSTORE K 2 K K",
                                           "GEOADD K 13.4 38.1 V 15 37.5 V",
                                           "GEORADIUS K 15 37 N km STORE K",
                                           "GEOSEARCHSTORE K K FROMMEMBER V BYBOX N N km STOREDIST",
                                           "LPUSHX K V",
                                           "RPUSHX K V",
                                           "RPOP K N",
                                           "LSET K N V",
                                           "LINSERT K BEFORE V V",
                                           "LINSERT K AFTER V V",
                                           "LREM K N V",
                                           "LTRIM K N N",
                                           "LMOVE K K LEFT RIGHT",
                                           "LMOVE K K RIGHT RIGHT",
                                           "RPOPLPUSH K K",
                                           "LMPOP 2 K K RIGHT COUNT N"};
  std::string line;
  for (const std::string& word : SplitLine(pick(templates))) {
    std::string chosen = word;
    if (word == "K") chosen = pick({"a", "b", "c", "d", "e"});
    if (word == "V")
      chosen =
          pick({"1", "-7", "x", "\"\"", "9223372036854775806", "\"\\x00\\xff\\r\\n\"", "3.5", std::string(100, 'y')});
    if (word == "N") chosen = pick({"0", "1", "2", "5", "-1", "x"});
    if (word == "P")
      chosen = pick({R"("\x00\x05value\x0a\x00\x81\xf6\xc18\xc1\xaa\x9bn")",
                     R"("\x00\xc0\x0c\x0a\x00<*\xf8Q\\\x04\xbc\xd5")", "x"});
    if (word == "B") chosen = pick({"0", "1", "1", "2"});
    if (word == "S") chosen = pick({"0", "1", "1.5", "-2", "inf", "-inf", "3.3", "x", "1e300"});
    if (word == "T") chosen = pick({"1", "500", "1500", "0"});
    if (word == "U") chosen = pick({"1700000001", "1700000050", "1"});
    if (word == "M") chosen = pick({"1700000001000", "1700000050000", "1"});
    if (word == "I") chosen = pick({"1", "-1", "9223372036854775807", "-9223372036854775808", "x"});
    if (word == "F") chosen = pick({"0.1", "-1e10", "1e-5", "inf", "x"});
    if (word == "D") chosen = pick({"0", "1", "15", "16"});
    if (word == "C") chosen = pick({"NX", "XX", "GT", "LT"});
    line += (line.empty() ? "" : " ") + chosen;
  }
  return line;
}

TEST(Replay, BringsBackWhatWasThereWhateverTheCommands) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    ScratchDirectory directory;
    CommandHarness store(directory.path());
    CommandHarness memory;  // the same commands without a log in between: the simpler truth
    for (int step = 0; step < 300; ++step) {
      const std::string line = RandomLine(random);
      const int db = static_cast<int>(random() % 2);
      const uint64_t logged = store.logged_commands();
      const std::string reply = store.Run(line, db);
      ASSERT_EQ(reply, memory.Run(line, db)) << line;
      if (reply.starts_with('-')) {
        ASSERT_EQ(store.logged_commands(), logged) << line << " failed, and was logged";
      }
      const int64_t pause_ms = random() % 4 == 0 ? static_cast<int64_t>(random() % 1000) : 0;
      store.Advance(pause_ms);
      memory.Advance(pause_ms);
      if (step % 60 != 59) continue;
      const std::string before = store.engine().Digest();
      EXPECT_EQ(before, memory.engine().Digest()) << "after step " << step;
      store.Reopen();
      ASSERT_EQ(store.engine().Digest(), before) << "after step " << step;
    }
  }
}

TEST(Replay, WhatChangesNothingIsNotLogged) {
  CommandHarness store;
  store.Run("MSET k v n 1 full 9223372036854775807");
  store.Run("SET t v EX 100");
  store.Run("RPUSH l a");
  store.Run("PFADD h a");
  store.Run("SET k other", 1);
  for (const char* line : {"SET k w NX",
                           "SET missing w XX",
                           "SET k w NX GET",
                           "SET missing w XX GET",
                           "SET missing w PXAT 1",
                           "SET l w GET",
                           "SET k w EX 0",
                           "SET k w EX x",
                           "SET k w foo",
                           "SETEX k 0 w",
                           "SETNX k w",
                           "GETSET l w",
                           "GETDEL missing",
                           "GETDEL l",
                           "GETEX k",
                           "GETEX t",
                           "GETEX k PERSIST",
                           "GETEX missing EX 10",
                           "GETEX k EX 0",
                           "MSET k",
                           "MSETNX new v k v",
                           "APPEND k "
                           "",
                           "APPEND l x",
                           "SETRANGE k 9 "
                           "",
                           "SETRANGE missing 9 "
                           "",
                           "SETRANGE k -1 x",
                           "SETRANGE k 536870912 x",
                           "RESTORE k 0 x",
                           "RESTORE new 0 x",
                           "RESTORE new 0 x IDLETIME -1",
                           R"(RESTORE new 1 "\x00\xc0\x0c\x0a\x00<*\xf8Q\\\x04\xbc\xd5" ABSTTL)",
                           "SORT l",
                           "SORT l ALPHA",
                           "SORT l STORE new",
                           "SORT k STORE new",
                           "SORT missing STORE new",
                           "BITFIELD l GET u8 0",
                           "SETBIT k 1 1",
                           "SETBIT k 1 2",
                           "SETBIT l 1 1",
                           "BITOP OR missing missing",
                           "BITOP OR missing l",
                           "BITFIELD k GET u8 0",
                           "BITFIELD missing GET u8 0",
                           "BITFIELD k SET u8 0 118",
                           "BITFIELD k OVERFLOW FAIL INCRBY u8 0 300",
                           "BITFIELD k SET u8 0 1 GET u64 0",
                           "PFADD k a",
                           "PFADD h",
                           "PFADD h a",
                           "PFMERGE h h",
                           "PFMERGE h k",
                           "PFCOUNT h",
                           "INCR k",
                           "INCR full",
                           "DECRBY n -9223372036854775808",
                           "INCRBY n x",
                           "INCRBYFLOAT k 1",
                           "INCRBYFLOAT n inf",
                           "DEL missing",
                           "UNLINK missing missing",
                           "RENAME missing k",
                           "RENAME k k",
                           "RENAMENX k n",
                           "RENAMENX k k",
                           "COPY missing k",
                           "COPY k n",
                           "COPY k k",
                           "COPY k n DB 99",
                           "MOVE missing 1",
                           "MOVE k 1",
                           "MOVE k 0",
                           "MOVE k 99",
                           "EXPIRE missing 10",
                           "EXPIRE k 10 XX",
                           "EXPIRE t 10 NX",
                           "EXPIRE t 10 GT",
                           "EXPIRE t 1000 LT",
                           "EXPIRE k 10 GT",
                           "EXPIRE k x",
                           "EXPIRE k 10 foo",
                           "EXPIRE k 9223372036854775807",
                           "PERSIST k",
                           "PERSIST missing",
                           "SWAPDB 3 3",
                           "SWAPDB 0 99",
                           "FLUSHDB foo",
                           "FLUSHALL foo",
                           "GET k",
                           "TTL t",
                           "TOUCH k",
                           "EXISTS k",
                           "KEYS *",
                           "SCAN 0",
                           "nonsense",
                           "SET k"}) {
    const std::string before = store.engine().Digest();
    const uint64_t logged = store.logged_commands();
    store.Run(line);
    EXPECT_EQ(store.logged_commands(), logged) << line;
    EXPECT_EQ(store.engine().Digest(), before) << line;
  }
  const uint64_t logged = store.logged_commands();
  store.Run("FLUSHDB", 7);
  EXPECT_EQ(store.logged_commands(), logged) << "an empty database";
  store.Run("PERSIST t");
  EXPECT_GT(store.logged_commands(), logged) << "the counter counts";
}

// The same commands as one batch a round, so that each runs behind others that have touched its keys.
TEST(Replay, BringsBackBatchesWhole) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    ScratchDirectory directory;
    CommandHarness store(directory.path());
    CommandHarness single;  // the same commands one by one
    for (int round = 0; round < 40; ++round) {
      std::vector<std::vector<std::string>> batch;
      std::string lines;
      std::string replies;
      while (batch.size() < 1 + random() % 8) {
        const std::string line = RandomLine(random);
        const std::vector<std::string> words = SplitLine(line);
        if (!store.engine().CheckForBatch(std::vector<Bytes>(words.begin(), words.end())).ok()) continue;
        batch.push_back(words);
        lines += line + "; ";
        replies += single.Run(line);
      }
      resp::Writer reply;
      ASSERT_TRUE(store.engine().ExecuteBatch(batch, 0, reply).ok()) << lines;
      ASSERT_EQ(reply.bytes(), "*" + std::to_string(batch.size()) + "\r\n" + replies) << lines;
      ASSERT_EQ(store.engine().Digest(), single.engine().Digest()) << lines;
      const int64_t pause_ms = random() % 4 == 0 ? static_cast<int64_t>(random() % 1000) : 0;
      store.Advance(pause_ms);
      single.Advance(pause_ms);
    }
    const std::string before = store.engine().Digest();
    store.Reopen();
    EXPECT_EQ(store.engine().Digest(), before);
  }
}

}  // namespace
}  // namespace redislite::test
