#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <thread>
#include <type_traits>

#include "redislite.hpp"
#include "tests/support/scratch_directory.h"

namespace {

using redislite::test::ScratchDirectory;
using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

static_assert(!std::is_copy_constructible_v<rl::Store> && std::is_nothrow_move_constructible_v<rl::Store>);
static_assert(!std::is_copy_constructible_v<rl::Batch> && std::is_nothrow_move_constructible_v<rl::Batch>);
static_assert(!std::is_copy_constructible_v<rl::Session> && std::is_nothrow_move_constructible_v<rl::Session>);
static_assert(std::is_copy_constructible_v<rl::Reply>);

template <typename Call>
int CodeOf(const Call& call) {
  try {
    call();
  } catch (const rl::Error& error) {
    EXPECT_STRNE(error.what(), "");
    return error.code();
  }
  return RL_OK;
}

TEST(Wrapper, WhatIsSetIsThereAfterReopening) {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/store";
  {
    rl::Store store(path);
    store.set("name", "Ada");
    store.set("bytes\0here"sv, "\0\r\n"sv);
    store.set("", "");
  }
  rl::Store store(path, rl::Options{{"appendfsync", "no"}, {"create", "no"}});
  EXPECT_EQ(store.get("name"), "Ada");
  EXPECT_EQ(store.get("bytes\0here"sv), "\0\r\n"s);
  EXPECT_EQ(store.get(""), "");
  EXPECT_EQ(store.get("bytes"), std::nullopt);
  EXPECT_EQ(store.count(), 3U);
}

TEST(Wrapper, OutcomesAreValues) {
  rl::Store store(":memory:");
  EXPECT_FALSE(store.del("k"));
  EXPECT_FALSE(store.exists("k"));
  EXPECT_FALSE(store.expire("k", rl::Milliseconds(10)));
  EXPECT_FALSE(store.persist("k"));
  EXPECT_EQ(store.ttl("k"), std::nullopt);
  EXPECT_EQ(store.get_into("k", nullptr, 0), std::nullopt);
  EXPECT_TRUE(store.set("k", "123456", rl::Milliseconds(100000), RL_SET_NX));
  EXPECT_FALSE(store.set("k", "no", rl::Milliseconds(0), RL_SET_NX));
  EXPECT_GT(store.ttl("k").value().count(), 0);
  EXPECT_TRUE(store.persist("k"));
  EXPECT_EQ(store.ttl("k"), rl::Milliseconds(-1));
  char buffer[3];
  EXPECT_EQ(store.get_into("k", buffer, sizeof buffer), 6U);
  EXPECT_EQ(std::string(buffer, 3), "123");
  EXPECT_EQ(store.incr_by("k", -6), 123450);
  EXPECT_TRUE(store.del("k"));
}

TEST(Wrapper, ErrorsAreThrownWithTheirCode) {
  const ScratchDirectory directory;
  EXPECT_EQ(CodeOf([&] { rl::Store(directory.path() + "/none", rl::Options{{"create", "no"}}); }), RL_ERR_NOT_FOUND);
  EXPECT_EQ(CodeOf([&] { rl::Options{{"appendfsync", "sometimes"}}; }), RL_ERR_INVALID);
  rl::Store store(directory.path() + "/store");
  EXPECT_EQ(CodeOf([&] { rl::Store(directory.path() + "/store"); }), RL_ERR_BUSY);
  EXPECT_EQ(CodeOf([&] { static_cast<void>(rl::check(directory.path() + "/store")); }), RL_ERR_BUSY);
  store.command({"RPUSH", "list", "a"});
  EXPECT_EQ(CodeOf([&] { static_cast<void>(store.get("list")); }), RL_ERR_TYPE);
  EXPECT_EQ(CodeOf([&] { store.command({"GET", "list"}); }), RL_ERR_TYPE);
  EXPECT_EQ(CodeOf([&] { store.command({"NOSUCH"}); }), RL_ERR_COMMAND);
  EXPECT_EQ(CodeOf([&] { store.batch().add({"SET", "k"}); }), RL_ERR_COMMAND);
  rl::Batch batch = store.batch();
  rl::Session session = store.session();
  store.close();
  store.close();
  EXPECT_EQ(CodeOf([&] { store.set("k", "v"); }), RL_ERR_CLOSED);
  EXPECT_EQ(CodeOf([&] { batch.add({"SET", "k", "v"}); }), RL_ERR_CLOSED);
  EXPECT_FALSE(session.feed("PING\r\n"));
  EXPECT_NE(rl::check(directory.path() + "/store").find("\"ok\": true"), std::string::npos);
}

TEST(Wrapper, AnElementKeepsItsReply) {
  rl::Store store(":memory:");
  store.command({"HSET", "h", "a", "1", "b", "2"});
  std::map<std::string, std::string> found;
  rl::Reply element;
  {
    const rl::Reply reply = store.command({"HGETALL", "h"});
    ASSERT_EQ(reply.type(), RL_REPLY_MAP);
    for (size_t i = 0; i < reply.size(); i += 2) found[reply[i].string()] = reply[i + 1].string();
    element = reply[0];
  }
  EXPECT_EQ(found, (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(element.view(), "a");
  std::set<std::string> words;
  for (const rl::Reply& word : store.command({"HKEYS", "h"})) words.insert(word.string());
  EXPECT_EQ(words, (std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(rl::Reply().is_nil());
}

TEST(Wrapper, ABatchIsWholeAndCanBeUsedAgain) {
  rl::Store store(":memory:");
  rl::Batch batch = store.batch();
  batch.add({"SET", "k", "1"}).add({"RPUSH", "k", "x"}).add({"INCR", "k"});
  const rl::Reply replies = batch.commit();
  ASSERT_EQ(replies.size(), 3U);
  EXPECT_EQ(replies[1].code(), RL_ERR_TYPE);
  EXPECT_EQ(replies[2].integer(), 2);
  EXPECT_EQ(batch.commit().size(), 0U);
  batch.add({"DEL", "k"}).commit();
  EXPECT_EQ(store.count(), 0U);
}

TEST(Wrapper, ASessionIsAConnection) {
  rl::Store store(":memory:");
  rl::Session listener = store.session();
  EXPECT_TRUE(listener.feed("BLPOP list 0\r\n"));
  EXPECT_EQ(listener.wait(0), RL_NOT_FOUND);
  std::thread waiter([&] { EXPECT_EQ(listener.wait(-1), RL_OK); });
  store.command({"RPUSH", "list", "x"});
  waiter.join();
  EXPECT_TRUE(listener.pending());
  EXPECT_GE(listener.fd(), 0);
  const std::string expected = "*2\r\n$4\r\nlist\r\n$1\r\nx\r\n";
  EXPECT_EQ(listener.peek(), expected);
  listener.consume(expected.size());
  EXPECT_EQ(listener.peek(), "");
  EXPECT_EQ(CodeOf([&] { listener.consume(1); }), RL_ERR_INVALID);
  EXPECT_TRUE(listener.feed("QUIT\r\n"));
  EXPECT_EQ(listener.peek(), "+OK\r\n");
  listener.consume(5);
  EXPECT_EQ(listener.peek(), std::nullopt);
}

TEST(Wrapper, ABackupIsAStoreAndCanBeCancelled) {
  const ScratchDirectory directory;
  rl::Store store(":memory:");
  store.set("k", "v");
  uint64_t expected = 0;
  EXPECT_TRUE(store.backup(directory.path() + "/copy", [&](uint64_t, uint64_t total) {
    expected = total;
    return true;
  }));
  EXPECT_EQ(expected, 1U);
  EXPECT_EQ(rl::Store(directory.path() + "/copy").get("k"), "v");
  EXPECT_FALSE(store.backup(directory.path() + "/cancelled", [](uint64_t, uint64_t) { return false; }));
  EXPECT_THROW(store.backup(directory.path() + "/thrown", [](uint64_t, uint64_t) -> bool { throw 1; }), int);
  EXPECT_TRUE(store.backup(directory.path() + "/thrown"));
  store.sync();
  EXPECT_NE(store.info("server").find("redis_version"), std::string::npos);
}

}  // namespace
