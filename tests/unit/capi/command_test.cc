// rl_command: how arguments are passed, what misuse answers, and which codes its error replies stand for.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

// The code of the command's reply, which must be an error.
int ErrorCode(rl_db* db, std::initializer_list<std::string> words) {
  const Argv argv(words);
  rl_reply* reply = nullptr;
  EXPECT_EQ(rl_command(db, argv.count(), argv.pointers(), argv.sizes(), &reply), RL_OK);
  EXPECT_EQ(rl_reply_type(reply), RL_REPLY_ERROR) << Print(reply);
  EXPECT_EQ(Message(db), std::string(rl_reply_string(reply, nullptr))) << "the handle's message is the error's text";
  const int code = rl_reply_code(reply);
  rl_reply_free(reply);
  return code;
}

TEST(Command, RepliesAreOfRedisTypes) {
  const Store store;
  EXPECT_EQ(Command(store, {"PING"}), "+PONG");
  EXPECT_EQ(Command(store, {"set", "k", "v"}), "+OK");
  EXPECT_EQ(Command(store, {"GeT", "k"}), "\"v\"");
  EXPECT_EQ(Command(store, {"GET", "missing"}), "nil");
  EXPECT_EQ(Command(store, {"EXISTS", "k", "k"}), "2");
  EXPECT_EQ(Command(store, {"RPUSH", "l", "a", "b"}), "2");
  EXPECT_EQ(Command(store, {"LRANGE", "l", "0", "-1"}), "[\"a\" \"b\"]");
  EXPECT_EQ(Command(store, {"HSET", "h", "f", "1"}), "1");
  EXPECT_EQ(Command(store, {"HGETALL", "h"}), "{\"f\" \"1\"}");
  EXPECT_EQ(Command(store, {"MGET", "k", "missing", "l"}), "[\"v\" nil nil]");
  EXPECT_EQ(Command(store, {"SCAN", "0", "COUNT", "100", "TYPE", "hash"}), "[\"0\" [\"h\"]]");
  EXPECT_EQ(Command(store, {"INFO", "keyspace"}).rfind("txt\"# Keyspace", 0), 0u)
      << Command(store, {"INFO", "keyspace"});
}

TEST(Command, ArgumentsAreBytes) {
  const Store store;
  const std::string key("\0\r\n", 3);
  EXPECT_EQ(Command(store, {"SET", key, std::string("a\0b", 3)}), "+OK");
  EXPECT_EQ(Command(store, {"GET", key}), std::string("\"a\0b\"", 5));
  EXPECT_EQ(Get(store, key), std::string("a\0b", 3));
  EXPECT_EQ(Command(store, {"SET", "", ""}), "+OK");
  EXPECT_EQ(Command(store, {"GET", ""}), "\"\"");
}

TEST(Command, WithoutLengthsArgumentsEndAtTheirNul) {
  const Store store;
  const char* set[] = {"SET", "key", "value"};
  rl_reply* reply = nullptr;
  ASSERT_EQ(rl_command(store, 3, set, nullptr, &reply), RL_OK);
  EXPECT_EQ(Print(reply), "+OK");
  rl_reply_free(reply);
  EXPECT_EQ(Get(store, "key"), "value");
}

TEST(Command, ANullArgumentOfLengthZeroIsEmpty) {
  const Store store;
  const char* set[] = {"SET", nullptr, nullptr};
  const size_t sizes[] = {3, 0, 0};
  rl_reply* reply = nullptr;
  ASSERT_EQ(rl_command(store, 3, set, sizes, &reply), RL_OK);
  rl_reply_free(reply);
  EXPECT_EQ(Get(store, ""), "");
}

TEST(Command, MisuseIsRefusedAndWritesNull) {
  const Store store;
  const char* words[] = {"GET", nullptr};
  const size_t sizes[] = {3, 1};
  rl_reply* reply = reinterpret_cast<rl_reply*>(&reply);
  EXPECT_EQ(rl_command(store, 0, words, sizes, &reply), RL_ERR_INVALID);
  EXPECT_EQ(reply, nullptr);
  EXPECT_EQ(rl_command(store, 0, nullptr, nullptr, &reply), RL_ERR_INVALID);
  EXPECT_EQ(rl_command(store, 1, nullptr, sizes, &reply), RL_ERR_INVALID);
  EXPECT_EQ(rl_command(store, 2, words, sizes, &reply), RL_ERR_INVALID);
  EXPECT_NE(Message(store).find("argv[1]"), std::string::npos) << Message(store);
  EXPECT_EQ(rl_command(store, 2, words, nullptr, &reply), RL_ERR_INVALID);
  EXPECT_EQ(rl_command(store, 1, words, sizes, nullptr), RL_ERR_INVALID);
  reply = reinterpret_cast<rl_reply*>(&reply);
  EXPECT_EQ(rl_command(nullptr, 1, words, sizes, &reply), RL_ERR_INVALID);
  EXPECT_EQ(reply, nullptr);
}

TEST(Command, ErrorRepliesStandForCodes) {
  const Store store;
  EXPECT_EQ(Command(store, {"RPUSH", "list", "a"}), "1");
  EXPECT_EQ(Set(store, "text", "x"), RL_OK);
  EXPECT_EQ(ErrorCode(store, {"GET", "list"}), RL_ERR_TYPE);
  EXPECT_EQ(ErrorCode(store, {"INCR", "text"}), RL_ERR_VALUE);
  EXPECT_EQ(ErrorCode(store, {"INCRBYFLOAT", "text", "1"}), RL_ERR_VALUE);
  EXPECT_EQ(ErrorCode(store, {"SET", "k", "v", "EX", "x"}), RL_ERR_VALUE);
  EXPECT_EQ(ErrorCode(store, {"SET", "k", "v", "EX", "0"}), RL_ERR_VALUE);
  EXPECT_EQ(ErrorCode(store, {"NONSENSE", "k"}), RL_ERR_COMMAND);
  EXPECT_EQ(ErrorCode(store, {""}), RL_ERR_COMMAND);
  EXPECT_EQ(ErrorCode(store, {"GET"}), RL_ERR_COMMAND);
  EXPECT_EQ(ErrorCode(store, {"SET", "k", "v", "NONSENSE"}), RL_ERR_COMMAND);
  EXPECT_EQ(ErrorCode(store, {"OBJECT", "NONSENSE", "k"}), RL_ERR_COMMAND);
}

TEST(Command, WhatNeedsAConnectionNamesSessions) {
  const Store store;
  for (const char* name : {"SELECT", "MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "SUBSCRIBE", "PSUBSCRIBE",
                           "MONITOR", "HELLO", "RESET"}) {
    const Argv argv({name, "0"});
    rl_reply* reply = nullptr;
    ASSERT_EQ(rl_command(store, argv.count(), argv.pointers(), argv.sizes(), &reply), RL_OK);
    EXPECT_EQ(rl_reply_type(reply), RL_REPLY_ERROR);
    EXPECT_EQ(rl_reply_code(reply), RL_ERR_COMMAND);
    EXPECT_NE(std::string(rl_reply_string(reply, nullptr)).find("session"), std::string::npos) << Print(reply);
    rl_reply_free(reply);
  }
}

TEST(Command, ABlockingCommandWaitsInTheCallersThread) {
  const Store store;
  EXPECT_EQ(Command(store, {"BLPOP", "l", "0.02"}), "nil");
  std::thread waiter([&] { EXPECT_EQ(Command(store, {"BLPOP", "l", "0"}), "[\"l\" \"x\"]"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(Command(store, {"RPUSH", "l", "x", "y"}), "2");
  waiter.join();
  EXPECT_EQ(Command(store, {"BLPOP", "l", "0"}), "[\"l\" \"y\"]") << "and does not wait when there is something";
}

TEST(Command, ClosingEndsTheWaitingOfABlockingCommand) {
  Store store;
  std::thread waiter([db = static_cast<rl_db*>(store)] {
    const Argv argv({"BLPOP", "l", "0"});
    rl_reply* reply = nullptr;
    EXPECT_EQ(rl_command(db, argv.count(), argv.pointers(), argv.sizes(), &reply), RL_ERR_CLOSED);
    EXPECT_EQ(reply, nullptr);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(store.Close().first, RL_OK);
  waiter.join();
}

TEST(Command, ABlockingCommandThatComesWhileTheStoreClosesAnswersThatItDid) {
  for (int round = 0; round < 50; ++round) {
    Store store;
    std::atomic<bool> is_called{false};
    std::thread waiter([db = static_cast<rl_db*>(store), &is_called] {
      const Argv argv({"BLPOP", "l", "0"});
      rl_reply* reply = nullptr;
      is_called.store(true);
      EXPECT_EQ(rl_command(db, argv.count(), argv.pointers(), argv.sizes(), &reply), RL_ERR_CLOSED);
      EXPECT_EQ(reply, nullptr);
    });
    while (!is_called.load()) std::this_thread::yield();
    EXPECT_EQ(store.Close().first, RL_OK);
    waiter.join();
  }
}

TEST(Command, AnArgumentAboveTheLimitIsAnErrorReply) {
  const Store store;
  const char* words[] = {"SET", "k", "v"};
  const size_t sizes[] = {3, 1, kValueBytesMax + 1};  // refused by the length alone: the bytes do not exist
  rl_reply* reply = nullptr;
  ASSERT_EQ(rl_command(store, 3, words, sizes, &reply), RL_OK);
  EXPECT_EQ(rl_reply_type(reply), RL_REPLY_ERROR);
  EXPECT_EQ(rl_reply_code(reply), RL_ERR_LIMIT);
  rl_reply_free(reply);
  EXPECT_EQ(Get(store, "k"), "code 1");
}

TEST(Command, ManyArgumentsAreAsGoodAsFew) {
  const Store store;
  for (const size_t fields : {1u, 6u, 7u, 8u, 9u, 100u, 10000u}) {
    std::vector<std::string> words = {"HSET", "h" + std::to_string(fields)};
    for (size_t i = 0; i < fields; ++i) {
      words.push_back("f" + std::to_string(i));
      words.push_back(std::to_string(i));
    }
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    rl_reply* reply = nullptr;
    ASSERT_EQ(rl_command(store, argv.size(), argv.data(), nullptr, &reply), RL_OK);
    EXPECT_EQ(rl_reply_integer(reply), static_cast<int64_t>(fields));
    rl_reply_free(reply);
  }
}

}  // namespace
}  // namespace redislite::capi
