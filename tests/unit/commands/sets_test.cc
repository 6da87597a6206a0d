#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"

namespace redislite {
namespace {

using test::CommandHarness;

TEST(Sets, RepliesAreSetsInRespThreeAndArraysBefore) {
  for (const int protocol : {2, 3}) {
    CommandHarness store("", protocol);
    const std::string type = protocol == 2 ? "*" : "~";
    store.Run("SADD s 1 2");
    store.Run("SADD t 2 3");
    for (const char* line : {"SMEMBERS s", "SDIFF s none"}) {
      EXPECT_EQ(store.Run(line), type + "2\r\n$1\r\n1\r\n$1\r\n2\r\n") << line;
    }
    EXPECT_EQ(store.Run("SINTER s t"), type + "1\r\n$1\r\n2\r\n");
    EXPECT_EQ(store.Run("SUNION s t"), type + "3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n");
    for (const char* line : {"SMEMBERS none", "SINTER s none", "SPOP none 1", "SPOP s 0"}) {
      EXPECT_EQ(store.Run(line), type + "0\r\n") << line;
    }
    EXPECT_EQ(store.Run("SRANDMEMBER s 2"), "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
    EXPECT_EQ(store.Run("SMISMEMBER s 1 9"), "*2\r\n:1\r\n:0\r\n");
    EXPECT_EQ(store.Run("SPOP none"), protocol == 2 ? "$-1\r\n" : "_\r\n");
    EXPECT_EQ(store.Run("SPOP s 2"), type + "2\r\n$1\r\n1\r\n$1\r\n2\r\n");
    EXPECT_EQ(store.Run("EXISTS s"), ":0\r\n");
  }
}

TEST(Sets, WhatChangesNothingIsNotLogged) {
  CommandHarness store;
  store.Run("SADD s 1 2");
  store.Run("SADD t 3");
  store.Run("SET k v");
  const uint64_t logged = store.logged_commands();
  for (const char* line :
       {"SADD s 1 2 1", "SREM s 9", "SREM none 1", "SMOVE s t 9", "SMOVE none t 1", "SMOVE s s 1", "SPOP none",
        "SPOP s 0", "SINTERSTORE none s t", "SUNIONSTORE none gone", "SDIFFSTORE none s s", "SADD k 1", "SPOP k",
        "SUNIONSTORE s k", "SPOP s -1", "SRANDMEMBER s -2", "SINTERCARD 1 s"}) {
    store.Run(line);
    EXPECT_EQ(store.logged_commands(), logged) << line;
  }
  store.Run("SDIFFSTORE t s s");  // removes t
  EXPECT_EQ(store.logged_commands(), logged + 1);
}

TEST(Sets, APopComesBackFromTheLogAsItWas) {
  for (const int members : {3, 100, 2000}) {
    for (const char* prefix : {"", "m"}) {
      test::ScratchDirectory directory;
      CommandHarness store(directory.path());
      for (int i = 0; i < members; ++i) store.Run("SADD s " + (prefix + std::to_string(i)));
      for (const char* line : {"SPOP s", "SPOP s 1", "SPOP s 50", "SPOP s 1000", "SPOP s"}) {
        store.Run(line);
        const std::string before = store.engine().Digest();
        store.Reopen();
        ASSERT_EQ(store.engine().Digest(), before) << line << " of " << members;
      }
      store.Run("SPOP s 100000");
      EXPECT_EQ(store.Run("EXISTS s"), ":0\r\n");
      store.Reopen();
      EXPECT_EQ(store.Run("EXISTS s"), ":0\r\n");
    }
  }
}

TEST(Sets, PopsDrawDistinctMembersUntilNoneIsLeft) {
  for (const int members : {10, 500, 3000}) {
    CommandHarness store;
    for (int i = 0; i < members; ++i) store.Run("SADD s m" + std::to_string(i));
    std::set<std::string> seen;
    int left = members;
    while (left > 0) {
      const int count = left / 7 + 1;
      const std::string reply = store.Run("SPOP s " + std::to_string(count));
      size_t at = 0;
      for (int i = 0; i < count; ++i) {
        at = reply.find("\r\nm", at) + 2;
        ASSERT_TRUE(seen.insert(reply.substr(at, reply.find('\r', at) - at)).second);
      }
      left -= count;
      ASSERT_EQ(store.Run("SCARD s"), ":" + std::to_string(left) + "\r\n");
    }
    EXPECT_EQ(seen.size(), static_cast<size_t>(members));
  }
}

TEST(Sets, DrawsThatNoReplyHoldsAreRefused) {
  CommandHarness store;
  store.Run("SADD s a");
  EXPECT_EQ(store.Run("SRANDMEMBER s -9223372036854775807"), "-ERR value is out of range\r\n");
  EXPECT_EQ(store.last_code(), Code::kValue);
}

TEST(Sets, ManyArgumentsMakeATableAtOnce) {
  CommandHarness store;
  std::vector<std::string> words = {"SADD", "s"};
  for (int i = 0; i < 129; ++i) words.push_back("same");
  EXPECT_EQ(store.RunWords(words), ":1\r\n");
  EXPECT_EQ(store.Run("OBJECT ENCODING s"), "$9\r\nhashtable\r\n");
  words.pop_back();
  words[1] = "t";
  EXPECT_EQ(store.RunWords(words), ":1\r\n");
  EXPECT_EQ(store.Run("OBJECT ENCODING t"), "$8\r\nlistpack\r\n");
}

}  // namespace
}  // namespace redislite
