// When keys expire: EXPIRE and its relatives, and that what has expired is absent for every command (I4).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

__extension__ typedef __int128 Int128;

struct ExpireCommand {
  const char* name;
  bool seconds;
  bool relative;
};
const ExpireCommand kExpireCommands[] = {
    {"expire", true, true}, {"pexpire", false, true}, {"expireat", true, false}, {"pexpireat", false, false}};

TEST(Expire, TimesAtAllEdges) {
  const int64_t now = CommandHarness::kStartMs;
  const int64_t times[] = {kInt64Min,
                           kInt64Min + 1,
                           kInt64Min / 1000 - 1,
                           kInt64Min / 1000,
                           kInt64Min / 1000 + 1,
                           -1,
                           0,
                           1,
                           10,
                           now / 1000,
                           now / 1000 + 1,
                           now - 1,
                           now,
                           now + 1,
                           kInt64Max / 1000 - now / 1000 - 1,
                           kInt64Max / 1000,
                           kInt64Max / 1000 + 1,
                           kInt64Max - now,
                           kInt64Max - now + 1,
                           kInt64Max - 1,
                           kInt64Max};
  for (const ExpireCommand& command : kExpireCommands) {
    for (const int64_t time : times) {
      CommandHarness store;
      store.Run("SET k v");
      const std::string reply = store.RunWords({command.name, "k", std::to_string(time)});
      SCOPED_TRACE(std::string(command.name) + " " + std::to_string(time));
      const Int128 given_ms = static_cast<Int128>(time) * (command.seconds ? 1000 : 1);
      const Int128 at = given_ms + (command.relative ? now : 0);
      if (given_ms < kInt64Min || given_ms > kInt64Max || at > kInt64Max) {
        const std::string error = std::string("-ERR invalid expire time in '") + command.name + "' command\r\n";
        EXPECT_EQ(reply, error);
        EXPECT_EQ(store.last_code(), Code::kValue);
        EXPECT_EQ(store.Run("PTTL k"), ":-1\r\n");
        EXPECT_EQ(store.RunWords({command.name, "missing", std::to_string(time)}), error);
        continue;
      }
      EXPECT_EQ(reply, ":1\r\n");
      EXPECT_EQ(store.Run("EXISTS k"), at <= now ? ":0\r\n" : ":1\r\n");
      if (at <= now) continue;
      const auto at_ms = static_cast<int64_t>(at);
      EXPECT_EQ(store.Run("PEXPIRETIME k"), Integer(at_ms));
      EXPECT_EQ(store.Run("PTTL k"), Integer(at_ms - now));
      EXPECT_EQ(store.Run("EXPIRETIME k"), Integer(at_ms / 1000 + (at_ms % 1000 >= 500 ? 1 : 0)));
      EXPECT_EQ(store.Run("TTL k"), Integer((at_ms - now + 500) / 1000));
    }
    CommandHarness store;
    store.Run("SET k v");
    for (const char* bad : {"", "x", "1.5", " 1", "9223372036854775808"}) {
      EXPECT_EQ(store.RunWords({command.name, "k", bad}), "-ERR value is not an integer or out of range\r\n");
    }
    EXPECT_EQ(store.RunWords({command.name, "missing", "1"}), ":0\r\n");
  }
}

// All sets of conditions over every relation of the old expiry to the new one.
TEST(Expire, ConditionsOverEveryExpiryBefore) {
  constexpr int64_t kNew = CommandHarness::kStartMs + 100'000;
  for (const ExpireCommand& command : kExpireCommands) {
    const int64_t at = command.relative ? kNew - CommandHarness::kStartMs : kNew;
    const std::string time = std::to_string(command.seconds ? at / 1000 : at);
    for (unsigned set = 0; set < 16; ++set) {
      const bool nx = (set & 1) != 0, xx = (set & 2) != 0, gt = (set & 4) != 0, lt = (set & 8) != 0;
      std::vector<std::string> line{command.name, "k", time};
      if (gt) line.push_back("gt");
      if (nx) line.push_back("NX");
      if (lt) line.push_back("LT");
      if (xx) line.push_back("Xx");
      for (const std::optional<int64_t> before :
           {std::optional<int64_t>(), std::optional(kNew - 1), std::optional(kNew), std::optional(kNew + 1)}) {
        CommandHarness store;
        store.Run("SET k v");
        if (before) store.RunWords({"PEXPIREAT", "k", std::to_string(*before)});
        const std::string reply = store.RunWords(line);
        SCOPED_TRACE(std::string(command.name) + " conditions " + std::to_string(set) + " before " +
                     std::to_string(before.value_or(0)));
        if (nx && (xx || gt || lt)) {
          EXPECT_EQ(reply, "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
          EXPECT_EQ(store.last_code(), Code::kCommand);
          continue;
        }
        if (gt && lt) {
          EXPECT_EQ(reply, "-ERR GT and LT options at the same time are not compatible\r\n");
          continue;
        }
        // No expiry counts as the latest of all.
        const int64_t old = before.value_or(kInt64Max);
        const bool allowed = (!nx || !before) && (!xx || before) && (!gt || kNew > old) && (!lt || kNew < old);
        EXPECT_EQ(reply, allowed ? ":1\r\n" : ":0\r\n");
        EXPECT_EQ(store.Run("PEXPIRETIME k"), Integer(allowed ? kNew : before.value_or(-1)));
      }
    }
    CommandHarness store;
    EXPECT_EQ(store.RunWords({command.name, "k", "1", "foo"}), "-ERR Unsupported option foo\r\n");
    EXPECT_EQ(store.RunWords({command.name, "k", "x", "foo"}), "-ERR Unsupported option foo\r\n");
    EXPECT_EQ(store.last_code(), Code::kCommand);
  }
}

TEST(Expire, PersistRemovesIt) {
  CommandHarness store;
  EXPECT_EQ(store.Run("PERSIST k"), ":0\r\n");
  store.Run("SET k v EX 10");
  EXPECT_EQ(store.Run("PERSIST k"), ":1\r\n");
  EXPECT_EQ(store.Run("PERSIST k"), ":0\r\n");
  store.Advance(20'000);
  EXPECT_EQ(store.Run("GET k"), "$1\r\nv\r\n");
}

TEST(Expire, TimesOfKeysThatDoNotExpireOrDoNotExist) {
  CommandHarness store;
  store.Run("SET k v");
  for (const char* name : {"TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"}) {
    EXPECT_EQ(store.RunWords({name, "k"}), ":-1\r\n") << name;
    EXPECT_EQ(store.RunWords({name, "missing"}), ":-2\r\n") << name;
  }
}

TEST(Expire, SecondsAreRoundedToTheNearest) {
  CommandHarness store;
  for (const auto& [left_ms, seconds] : {std::pair{1, 0}, {499, 0}, {500, 1}, {1499, 1}, {1500, 2}}) {
    store.RunWords({"SET", "k", "v", "PX", std::to_string(left_ms)});
    EXPECT_EQ(store.Run("TTL k"), Integer(seconds)) << left_ms;
  }
}

TEST(Expire, AKeyIsThereUntilItsTimeAndAbsentFromThenOn) {
  CommandHarness store;
  store.Run("SET k v PX 100");
  store.Advance(99);
  EXPECT_EQ(store.Run("PTTL k"), ":1\r\n");
  EXPECT_EQ(store.Run("GET k"), "$1\r\nv\r\n");
  store.Advance(1);
  EXPECT_EQ(store.Run("GET k"), "_\r\n");
}

// I4 on every path: no command may tell a store whose key has expired (and is still in memory) from one that never had
// it.
TEST(Expire, AnExpiredKeyIsAbsentForEveryCommand) {
  const char* const lines[] = {"GET k",
                               "GETEX k",
                               "GETDEL k",
                               "GETSET k w",
                               "SET k w NX",
                               "SET k w XX",
                               "SET k w GET",
                               "SET k w KEEPTTL",
                               "SETNX k w",
                               "MSETNX k w",
                               "MGET k o",
                               "STRLEN k",
                               "GETRANGE k 0 -1",
                               "SETRANGE k 1 w",
                               "APPEND k w",
                               "INCR k",
                               "INCRBYFLOAT k 1.5",
                               "LCS k o",
                               "DEL k",
                               "UNLINK k",
                               "EXISTS k o",
                               "TYPE k",
                               "KEYS *",
                               "SCAN 0",
                               "RANDOMKEY",
                               "RENAME k n",
                               "RENAMENX k n",
                               "RENAMENX o k",
                               "RENAME o k",
                               "COPY k n",
                               "COPY o k",
                               "MOVE k 1",
                               "TOUCH k o",
                               "DBSIZE",
                               "OBJECT ENCODING k",
                               "OBJECT REFCOUNT k",
                               "OBJECT IDLETIME k",
                               "EXPIRE k 10",
                               "EXPIRE k 10 XX",
                               "PERSIST k",
                               "TTL k",
                               "PTTL k",
                               "EXPIRETIME k",
                               "PEXPIRETIME k"};
  const char* const values[] = {"SET k v PX 100", "RPUSH k 1 2", "HSET k f v"};
  for (const char* value : values) {
    for (const char* line : lines) {
      CommandHarness expired;
      expired.Run(value);
      expired.Run("PEXPIRE k 100");
      expired.Run("SET o other");
      expired.Advance(100);
      CommandHarness never;
      never.Run("SET o other");
      never.Advance(100);
      SCOPED_TRACE(std::string(value) + ", expired, then " + line);
      EXPECT_EQ(expired.Run(line), never.Run(line));
      EXPECT_EQ(expired.engine().Digest(), never.engine().Digest());
      for (const char* after : {"GET k", "TTL k", "DBSIZE"}) EXPECT_EQ(expired.Run(after), never.Run(after)) << after;
    }
  }
}

TEST(Expire, RenameCopyAndMoveTakeTheExpiryAlong) {
  CommandHarness store;
  store.Run("SET k v PX 5000");
  EXPECT_EQ(store.Run("RENAME k n"), "+OK\r\n");
  EXPECT_EQ(store.Run("PTTL n"), ":5000\r\n");
  EXPECT_EQ(store.Run("COPY n c"), ":1\r\n");
  EXPECT_EQ(store.Run("PTTL c"), ":5000\r\n");
  EXPECT_EQ(store.Run("COPY n c DB 2"), ":1\r\n");
  EXPECT_EQ(store.Run("PTTL c", 2), ":5000\r\n");
  EXPECT_EQ(store.Run("MOVE n 1"), ":1\r\n");
  EXPECT_EQ(store.Run("PTTL n", 1), ":5000\r\n");
  store.Run("SET plain v");
  EXPECT_EQ(store.Run("RENAME plain c"), "+OK\r\n");
  EXPECT_EQ(store.Run("PTTL c"), ":-1\r\n") << "the expiry of the replaced key must not stay";
}

}  // namespace
}  // namespace redislite::test
