// Sessions through the C API: order, durability, transactions, pub/sub, blocking commands, ends.
#include <poll.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/unit/capi/client.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

// Every claim holds in memory, on disk, and on disk without waiting.
class Sessions : public testing::TestWithParam<const char*> {
 protected:
  Sessions() {
    const std::string mode = GetParam();
    const std::string path = directory_ / "store";
    store_ = mode == "memory" ? std::make_unique<Store>(nullptr)
                              : std::make_unique<Store>(path.c_str(), OptionList{{"appendfsync", mode}});
  }
  rl_db* db() { return *store_; }

  Directory directory_;
  std::unique_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(Stores, Sessions, testing::Values("memory", "always", "everysec", "no"),
                         [](const auto& store) { return std::string(store.param); });

TEST_P(Sessions, AnswerAPipelineInItsOrderWhereverItIsCut) {
  std::string pipeline;
  std::string wanted;
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    pipeline += Request({"SET", "k" + n, n}) + "GET k" + n + "\r\n" + Request({"INCR", "n"}) + Request({"PING"}) +
                Request({"NOPE", n}) + Request({"ECHO", n});
    const std::string bulk = "$" + std::to_string(n.size()) + "\r\n" + n + "\r\n";
    wanted += "+OK\r\n" + bulk + ":" + std::to_string(i + 1) +
              "\r\n+PONG\r\n-ERR unknown command 'NOPE', with args beginning with: '" + n + "' \r\n" + bulk;
  }
  for (const size_t piece : {pipeline.size(), size_t{1}, size_t{7}, size_t{100}}) {
    Client client(db());
    client.Expect({"DEL", "n"}, piece == pipeline.size() ? ":0\r\n" : ":1\r\n");
    for (size_t at = 0; at < pipeline.size(); at += piece) ASSERT_EQ(client.Feed(pipeline.substr(at, piece)), RL_OK);
    EXPECT_EQ(client.Read(wanted.size()), wanted) << "pieces of " << piece;
    EXPECT_EQ(rl_session_pending(client.get()), 0);
  }
}

TEST_P(Sessions, AnswerAPipelineOfManyGroupsInItsOrder) {
  Client client(db());
  std::string pipeline;
  std::string wanted;
  for (int i = 1; i <= 3000; ++i) {
    pipeline += Request({"INCR", "n"});
    wanted += ":" + std::to_string(i) + "\r\n";
  }
  ASSERT_EQ(client.Feed(pipeline), RL_OK);
  EXPECT_EQ(client.Read(wanted.size()), wanted);
}

TEST_P(Sessions, KeepWhatTheyAcknowledged) {
  if (std::string(GetParam()) == "memory") GTEST_SKIP() << "keeps nothing";
  {
    Client client(db());
    client.Expect({"MULTI"}, "+OK\r\n");
    client.Expect({"SELECT", "3"}, "+QUEUED\r\n");
    client.Expect({"RPUSH", "l", "a", "b"}, "+QUEUED\r\n");
    client.Expect({"EXEC"}, "*2\r\n+OK\r\n:2\r\n");
    client.Expect({"LPOP", "l"}, "$1\r\na\r\n");
    Client waiting(db());
    waiting.Expect({"SELECT", "3"}, "+OK\r\n");
    ASSERT_EQ(waiting.Feed(Request({"BZPOPMIN", "z", "0"})), RL_OK);
    EXPECT_EQ(rl_session_wait(waiting.get(), 20), RL_NOT_FOUND);
    client.Expect({"ZADD", "z", "1", "a", "2", "b"}, ":2\r\n");
    waiting.ExpectRead("*3\r\n$1\r\nz\r\n$1\r\na\r\n$1\r\n1\r\n");
  }
  EXPECT_EQ(store_->Close().first, RL_OK);
  store_ = std::make_unique<Store>((directory_ / "store").c_str());
  Client client(db());
  client.Expect({"SELECT", "3"}, "+OK\r\n");
  client.Expect({"LRANGE", "l", "0", "-1"}, "*1\r\n$1\r\nb\r\n");
  client.Expect({"ZRANGE", "z", "0", "-1"}, "*1\r\n$1\r\nb\r\n");
}

TEST_P(Sessions, SpeakBothProtocols) {
  Client client(db());
  client.Expect({"HSET", "h", "f", "v"}, ":1\r\n");
  client.Expect({"HGETALL", "h"}, "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
  client.Expect({"GET", "none"}, "$-1\r\n");
  EXPECT_EQ(client.Feed(Request({"HELLO", "3", "SETNAME", "me"})), RL_OK);
  EXPECT_TRUE(client.Read(1).starts_with("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"));
  client.Expect({"HGETALL", "h"}, "%1\r\n$1\r\nf\r\n$1\r\nv\r\n");
  client.Expect({"GET", "none"}, "_\r\n");
  client.Expect({"CLIENT", "GETNAME"}, "$2\r\nme\r\n");
  client.Expect({"HELLO", "4"}, "-NOPROTO unsupported protocol version\r\n");
  client.Expect({"HELLO", "2", "FOO"}, "-ERR Syntax error in HELLO option 'FOO'\r\n");
  client.Expect({"RESET"}, "+RESET\r\n");
  client.Expect({"GET", "none"}, "$-1\r\n");
  client.Expect({"CLIENT", "GETNAME"}, "$-1\r\n");
}

TEST_P(Sessions, ATransactionIsAllOrNothingAndKnowsItsErrors) {
  Client client(db());
  client.Expect({"EXEC"}, "-ERR EXEC without MULTI\r\n");
  client.Expect({"DISCARD"}, "-ERR DISCARD without MULTI\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"MULTI"}, "-ERR MULTI calls can not be nested\r\n");
  client.Expect({"WATCH", "k"}, "-ERR WATCH inside MULTI is not allowed\r\n");
  client.Expect({"SET", "k", "1"}, "+QUEUED\r\n");
  client.Expect({"LPUSH", "k", "x"}, "+QUEUED\r\n");
  client.Expect({"SET", "k", "v", "EX", "0"}, "+QUEUED\r\n");
  client.Expect({"PUBLISH", "ch", "m"}, "+QUEUED\r\n");
  client.Expect({"INCR", "k"}, "+QUEUED\r\n");
  client.Expect({"EXEC"},
                "*5\r\n+OK\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
                "-ERR invalid expire time in 'set' command\r\n:0\r\n:2\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"SET", "k"}, "-ERR wrong number of arguments for 'set' command\r\n");
  client.Expect({"SET", "k", "3"}, "+QUEUED\r\n");
  client.Expect({"EXEC"}, "-EXECABORT Transaction discarded because of previous errors.\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"SET", "k", "4"}, "+QUEUED\r\n");
  client.Expect({"DISCARD"}, "+OK\r\n");
  client.Expect({"GET", "k"}, "$1\r\n2\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"EXEC"}, "*0\r\n");
}

TEST_P(Sessions, WhatComesBehindATransactionIsAnsweredBehindIt) {
  Client client(db());
  const std::string pipeline = Request({"MULTI"}) + Request({"INCR", "n"}) + Request({"PUBLISH", "ch", "m"}) +
                               Request({"EXEC"}) + Request({"INCR", "n"}) + Request({"MULTI"}) + Request({"GET", "n"}) +
                               Request({"SELECT", "1"}) + Request({"EXEC"}) + Request({"SET", "k", "v"}) +
                               Request({"PING"});
  const std::string wanted =
      "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:0\r\n:2\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n$1\r\n2\r\n+OK\r\n+"
      "OK\r\n"
      "+PONG\r\n";
  ASSERT_EQ(client.Feed(pipeline), RL_OK);
  EXPECT_EQ(client.Read(wanted.size()), wanted);
}

TEST_P(Sessions, ATransactionIsSilentWhenNoRepliesAreWanted) {
  Client client(db());
  const std::string pipeline = Request({"CLIENT", "REPLY", "OFF"}) + Request({"MULTI"}) + Request({"INCR", "n"}) +
                               Request({"PUBLISH", "ch", "m"}) + Request({"EXEC"}) +
                               Request({"CLIENT", "REPLY", "ON"}) + Request({"GET", "n"});
  const std::string wanted = "+OK\r\n$1\r\n1\r\n";
  ASSERT_EQ(client.Feed(pipeline), RL_OK);
  EXPECT_EQ(client.Read(wanted.size()), wanted);
}

TEST_P(Sessions, WatchNoticesEveryKindOfChange) {
  const std::vector<std::vector<std::string>> changes = {
      {"SET", "w", "2"},
      {"DEL", "w"},
      {"APPEND", "w", "x"},
      {"PEXPIRE", "w", "100000"},
      {"FLUSHALL"},
      {"RENAME", "w", "v"},
      {"SWAPDB", "0", "1"},
      {"COPY", "other", "w", "REPLACE"},
      {"MOVE", "w", "2"},
      {"GETDEL", "w"},
      {"SET", "w", "1", "PX", "100000"},
  };
  Client client(db());
  Client other(db());
  for (const auto& change : changes) {
    SCOPED_TRACE(change[0]);
    other.Expect({"FLUSHALL"}, "+OK\r\n");
    other.Expect({"MSET", "w", "1", "other", "2"}, "+OK\r\n");
    client.Expect({"WATCH", "w", "unrelated"}, "+OK\r\n");
    EXPECT_EQ(other.Feed(Request(change)), RL_OK);
    EXPECT_NE(other.Read(1), "");
    client.Expect({"MULTI"}, "+OK\r\n");
    client.Expect({"SET", "done", "1"}, "+QUEUED\r\n");
    client.Expect({"EXEC"}, "*-1\r\n");
  }
  // Not a change: what fails, what only reads, another key, another database, what was unwatched.
  other.Expect({"FLUSHALL"}, "+OK\r\n");
  other.Expect({"SET", "w", "1"}, "+OK\r\n");
  client.Expect({"WATCH", "w"}, "+OK\r\n");
  other.Expect({"GET", "w"}, "$1\r\n1\r\n");
  other.Expect({"SETNX", "w", "3"}, ":0\r\n");
  other.Expect({"SET", "x", "3"}, "+OK\r\n");
  other.Expect({"SELECT", "1"}, "+OK\r\n");
  other.Expect({"SET", "w", "3"}, "+OK\r\n");
  other.Expect({"SELECT", "0"}, "+OK\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"SET", "done", "1"}, "+QUEUED\r\n");
  client.Expect({"EXEC"}, "*1\r\n+OK\r\n");
  client.Expect({"WATCH", "w"}, "+OK\r\n");
  other.Expect({"SET", "w", "4"}, "+OK\r\n");
  client.Expect({"UNWATCH"}, "+OK\r\n");
  client.Expect({"MULTI"}, "+OK\r\n");
  client.Expect({"EXEC"}, "*0\r\n");
}

TEST_P(Sessions, WhoWaitsIsServedInTheOrderOfWaitingByWhoPushes) {
  Client pusher(db());
  Client first(db());
  Client second(db());
  Client third(db());
  ASSERT_EQ(first.Feed(Request({"BLPOP", "a", "b", "0"}) + Request({"PING"})), RL_OK);
  EXPECT_EQ(rl_session_wait(first.get(), 20), RL_NOT_FOUND);
  ASSERT_EQ(second.Feed(Request({"BRPOP", "b", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(second.get(), 20), RL_NOT_FOUND);
  ASSERT_EQ(third.Feed(Request({"BLMOVE", "b", "c", "LEFT", "RIGHT", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(third.get(), 20), RL_NOT_FOUND);
  pusher.Expect({"RPUSH", "b", "1", "2", "3", "4"}, ":4\r\n");
  const std::string popped = "*2\r\n$1\r\nb\r\n$1\r\n1\r\n+PONG\r\n";
  EXPECT_EQ(first.Read(popped.size()), popped);
  second.ExpectRead("*2\r\n$1\r\nb\r\n$1\r\n4\r\n");
  third.ExpectRead("$1\r\n2\r\n");
  pusher.Expect({"LRANGE", "b", "0", "-1"}, "*1\r\n$1\r\n3\r\n");
  pusher.Expect({"LRANGE", "c", "0", "-1"}, "*1\r\n$1\r\n2\r\n");
}

TEST_P(Sessions, AnElementMovesOnToWhoWaitsForIt) {
  Client pusher(db());
  Client mover(db());
  Client taker(db());
  ASSERT_EQ(mover.Feed(Request({"BLMOVE", "s", "d", "LEFT", "LEFT", "0"})), RL_OK);
  ASSERT_EQ(taker.Feed(Request({"BLMPOP", "0", "2", "d", "e", "LEFT", "COUNT", "5"})), RL_OK);
  EXPECT_EQ(rl_session_wait(taker.get(), 20), RL_NOT_FOUND);
  pusher.Expect({"LPUSH", "s", "x"}, ":1\r\n");
  mover.ExpectRead("$1\r\nx\r\n");
  taker.ExpectRead("*2\r\n$1\r\nd\r\n*1\r\n$1\r\nx\r\n");
  pusher.Expect({"EXISTS", "s", "d"}, ":0\r\n");
}

TEST_P(Sessions, MembersOfSortedSetsAreGivenInTheOrderOfWaiting) {
  Client adder(db());
  Client modern(db());
  Client second(db());
  Client third(db());
  EXPECT_EQ(modern.Feed(Request({"HELLO", "3"})), RL_OK);
  EXPECT_NE(modern.Read(1), "");
  ASSERT_EQ(modern.Feed(Request({"BZPOPMAX", "none", "z", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(modern.get(), 20), RL_NOT_FOUND);
  ASSERT_EQ(second.Feed(Request({"BZMPOP", "0", "1", "z", "MIN", "COUNT", "2"})), RL_OK);
  EXPECT_EQ(rl_session_wait(second.get(), 20), RL_NOT_FOUND);
  ASSERT_EQ(third.Feed(Request({"BZPOPMIN", "z", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(third.get(), 20), RL_NOT_FOUND);
  adder.Expect({"ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5.5", "e"}, ":5\r\n");
  const std::string highest = "*3\r\n$1\r\nz\r\n$1\r\ne\r\n,5.5\r\n";
  EXPECT_EQ(modern.Read(highest.size()), highest);
  const std::string two = "*2\r\n$1\r\nz\r\n*2\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$1\r\nb\r\n$1\r\n2\r\n";
  EXPECT_EQ(second.Read(two.size()), two);
  const std::string one = "*3\r\n$1\r\nz\r\n$1\r\nc\r\n$1\r\n3\r\n";
  EXPECT_EQ(third.Read(one.size()), one);
  adder.Expect({"ZRANGE", "z", "0", "-1"}, "*1\r\n$1\r\nd\r\n");
}

TEST_P(Sessions, ATransactionFeedsWhenItIsDoneAndNeverWaits) {
  Client pusher(db());
  Client waiting(db());
  ASSERT_EQ(waiting.Feed(Request({"BLPOP", "l", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(waiting.get(), 20), RL_NOT_FOUND);
  pusher.Expect({"MULTI"}, "+OK\r\n");
  pusher.Expect({"RPUSH", "l", "a"}, "+QUEUED\r\n");
  pusher.Expect({"DEL", "l"}, "+QUEUED\r\n");
  pusher.Expect({"RPUSH", "l", "b"}, "+QUEUED\r\n");
  pusher.Expect({"BLPOP", "none", "0"}, "+QUEUED\r\n");
  pusher.Expect({"EXEC"}, "*4\r\n:1\r\n:1\r\n:1\r\n*-1\r\n");
  waiting.ExpectRead("*2\r\n$1\r\nl\r\n$1\r\nb\r\n");
}

TEST_P(Sessions, WaitingEndsByTimeByAnotherTypeNeverAndByUnblocking) {
  Client client(db());
  Client other(db());
  client.Expect({"BLPOP", "l", "0.05"}, "*-1\r\n");
  client.Expect({"BLMOVE", "l", "m", "LEFT", "LEFT", "0.05"}, "*-1\r\n");
  client.Expect({"BLPOP", "l", "x"}, "-ERR timeout is not a float or out of range\r\n");
  client.Expect({"BLPOP", "l", "-1"}, "-ERR timeout is negative\r\n");
  ASSERT_EQ(client.Feed(Request({"CLIENT", "ID"}) + Request({"BLPOP", "l", "0"})), RL_OK);
  std::string id = client.Read(1);
  id = id.substr(1, id.size() - 3);
  other.Expect({"SET", "l", "not a list"}, "+OK\r\n");
  EXPECT_EQ(rl_session_wait(client.get(), 20), RL_NOT_FOUND);
  other.Expect({"DEL", "l"}, ":1\r\n");
  other.Expect({"CLIENT", "UNBLOCK", id}, ":1\r\n");
  client.ExpectRead("*-1\r\n");
  other.Expect({"CLIENT", "UNBLOCK", id, "ERROR"}, ":0\r\n");
  ASSERT_EQ(client.Feed(Request({"BLPOP", "l", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(client.get(), 20), RL_NOT_FOUND);
  other.Expect({"CLIENT", "UNBLOCK", id, "ERROR"}, ":1\r\n");
  EXPECT_EQ(client.Read(1), "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n");
}

// The end of a waiting that says nothing is all that tells of them.
TEST_P(Sessions, CommandsBehindASilentWaitAreAnsweredWhenItEnds) {
  Client client(db());
  ASSERT_EQ(client.Feed(Request({"CLIENT", "REPLY", "OFF"}) + Request({"BLPOP", "nobody", "0.05"})), RL_OK);
  ASSERT_EQ(client.Feed(Request({"CLIENT", "REPLY", "ON"}) + Request({"PING"})), RL_OK);
  EXPECT_EQ(rl_session_pending(client.get()), 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(rl_session_pending(client.get()), 1);
  EXPECT_EQ(rl_session_wait(client.get(), 10'000), RL_OK);
  client.ExpectRead("+OK\r\n+PONG\r\n");
}

TEST_P(Sessions, PublishReachesWhoListens) {
  Client publisher(db());
  Client listener(db());
  Client modern(db());
  listener.Expect({"SUBSCRIBE", "news"}, "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  listener.Expect({"PSUBSCRIBE", "n*"}, "*3\r\n$10\r\npsubscribe\r\n$2\r\nn*\r\n:2\r\n");
  EXPECT_EQ(modern.Feed(Request({"HELLO", "3"})), RL_OK);
  EXPECT_NE(modern.Read(1), "");
  modern.Expect({"SUBSCRIBE", "news"}, ">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  publisher.Expect({"PUBLISH", "news", "hi"}, ":3\r\n");
  const std::string heard =
      "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$2\r\nhi\r\n";
  EXPECT_EQ(listener.Read(heard.size()), heard);
  EXPECT_EQ(modern.Read(1), ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  listener.Expect({"GET", "k"},
                  "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed "
                  "in this context\r\n");
  listener.Expect({"PING"}, "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  modern.Expect({"PING"}, "+PONG\r\n");
  publisher.Expect({"PUBSUB", "NUMSUB", "news", "none"}, "*4\r\n$4\r\nnews\r\n:2\r\n$4\r\nnone\r\n:0\r\n");
  publisher.Expect({"PUBSUB", "NUMPAT"}, ":1\r\n");
  publisher.Expect({"PUBSUB", "CHANNELS"}, "*1\r\n$4\r\nnews\r\n");
  listener.Expect({"UNSUBSCRIBE"}, "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:1\r\n");
  listener.Expect({"PUNSUBSCRIBE"}, "*3\r\n$12\r\npunsubscribe\r\n$2\r\nn*\r\n:0\r\n");
  listener.Expect({"GET", "k"}, "$-1\r\n");
  EXPECT_EQ(Command(db(), {"PUBLISH", "news", "x"}), "1") << "rl_command reaches them, too";
}

TEST_P(Sessions, APasswordIsAskedForAndRepliesCanBeTurnedOff) {
  EXPECT_EQ(Command(db(), {"CONFIG", "SET", "requirepass", "secret"}), "+OK");
  Client client(db());
  client.Expect({"GET", "k"}, "-NOAUTH Authentication required.\r\n");
  client.Expect({"AUTH", "wrong"}, "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  client.Expect({"AUTH", "secret"}, "+OK\r\n");
  client.Expect({"GET", "k"}, "$-1\r\n");
  client.Expect({"CLIENT", "REPLY", "OFF"}, "");
  client.Expect({"SET", "k", "1"}, "");
  client.Expect({"CLIENT", "REPLY", "ON"}, "+OK\r\n");
  client.Expect({"CLIENT", "REPLY", "SKIP"}, "");
  client.Expect({"SET", "k", "2"}, "");
  client.Expect({"GET", "k"}, "$1\r\n2\r\n");
}

TEST_P(Sessions, APauseHoldsWritesUntilItEnds) {
  Client client(db());
  Client other(db());
  other.Expect({"CLIENT", "PAUSE", "60000", "WRITE"}, "+OK\r\n");
  client.Expect({"GET", "k"}, "$-1\r\n");
  ASSERT_EQ(client.Feed(Request({"SET", "k", "1"})), RL_OK);
  EXPECT_EQ(rl_session_wait(client.get(), 20), RL_NOT_FOUND);
  other.Expect({"CLIENT", "UNPAUSE"}, "+OK\r\n");
  client.ExpectRead("+OK\r\n");
}

TEST_P(Sessions, TheDescriptorIsReadableWhileBytesAreReady) {
  Client client(db());
  pollfd waiting{rl_session_fd(client.get()), POLLIN, 0};
  ASSERT_GE(waiting.fd, 0);
  EXPECT_EQ(rl_session_fd(client.get()), waiting.fd);
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  for (const char* bytes : {"PING\r\n", "SET k v\r\n"}) {
    EXPECT_EQ(client.Feed(bytes), RL_OK);
    EXPECT_EQ(poll(&waiting, 1, 10'000), 1);
    EXPECT_NE(client.Take(), "");
    EXPECT_EQ(poll(&waiting, 1, 0), 0);
  }
  EXPECT_EQ(client.Feed("QUIT\r\n"), RL_OK);
  EXPECT_EQ(client.Take(), "+OK\r\n");
  EXPECT_EQ(poll(&waiting, 1, 0), 1) << "the end is something to read";
}

TEST_P(Sessions, EndWithQuitWithNonsenseAndWhenKilled) {
  Client quitter(db());
  EXPECT_EQ(quitter.Feed("PING\r\nQUIT\r\nPING\r\n"), RL_OK);
  EXPECT_EQ(quitter.Take(), "+PONG\r\n+OK\r\n");
  EXPECT_EQ(quitter.Feed("PING\r\n"), RL_ERR_CLOSED);
  EXPECT_EQ(rl_session_wait(quitter.get(), 1000), RL_ERR_CLOSED);
  Client nonsense(db());
  EXPECT_EQ(nonsense.Feed("SET k v\r\n*1\r\n!x\r\n"), RL_OK);
  const std::string error = "+OK\r\n-ERR Protocol error: expected '$', got '!'\r\n";
  EXPECT_EQ(nonsense.Read(error.size()), error);
  EXPECT_EQ(nonsense.Feed("PING\r\n"), RL_ERR_CLOSED);
  Client victim(db());
  Client killer(db());
  EXPECT_EQ(victim.Feed(Request({"CLIENT", "ID"})), RL_OK);
  std::string id = victim.Read(1);
  id = id.substr(1, id.size() - 3);
  killer.Expect({"CLIENT", "KILL", "ID", id}, ":1\r\n");
  EXPECT_EQ(rl_session_wait(victim.get(), 10'000), RL_ERR_CLOSED);
}

TEST_P(Sessions, AReaderWhoDoesNotReadHoldsHimselfUpAndNobodyElse) {
  Client slow(db());
  Client other(db());
  const std::string value(100'000, 'v');
  other.Expect({"SET", "k", value}, "+OK\r\n");
  std::string gets;
  for (int i = 0; i < 1000; ++i) gets += "GET k\r\n";
  ASSERT_EQ(slow.Feed(gets), RL_OK);
  const void* bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(rl_session_peek(slow.get(), &bytes, &size), RL_OK);
  EXPECT_LT(size, 4u << 20);
  other.Expect({"PING"}, "+PONG\r\n");
  const size_t wanted = 1000 * (value.size() + std::string("$100000\r\n\r\n").size());
  EXPECT_EQ(slow.Read(wanted).size(), wanted);
}

// Reads that come together are done together, but for those whose replies would lie about unread.
TEST_P(Sessions, ReadsThatComeTogetherWaitOnceTooMuchIsUnread) {
  constexpr size_t kLargeBytes = 600'000;
  Client client(db());
  client.Expect({"SET", "large", std::string(kLargeBytes, 'v')}, "+OK\r\n");
  const std::string large = "$" + std::to_string(kLargeBytes) + "\r\n" + std::string(kLargeBytes, 'v') + "\r\n";
  std::string pipeline;
  std::string wanted;
  for (int i = 0; i < 40; ++i) {
    pipeline += Request({"GET", "large"}) + Request({"STRLEN", "large"});
    wanted += large + ":" + std::to_string(kLargeBytes) + "\r\n";
    if (i % 7 != 6) continue;
    pipeline += Request({"SETRANGE", "large", "0", "v"}) + Request({"NOPE"}) + "GET none\r\n";
    wanted +=
        ":" + std::to_string(kLargeBytes) + "\r\n-ERR unknown command 'NOPE', with args beginning with: \r\n$-1\r\n";
  }
  for (const size_t piece : {pipeline.size(), size_t{100}}) {
    std::string got;
    for (size_t at = 0; at < pipeline.size(); at += piece) {
      ASSERT_EQ(client.Feed(pipeline.substr(at, piece)), RL_OK);
    }
    const void* bytes = nullptr;
    size_t ready = 0;
    ASSERT_EQ(rl_session_wait(client.get(), 10'000), RL_OK);
    ASSERT_EQ(rl_session_peek(client.get(), &bytes, &ready), RL_OK);
    EXPECT_LT(ready, (1u << 20) + 2 * kLargeBytes);
    EXPECT_EQ(client.Read(wanted.size()), wanted) << "pieces of " << piece;
    EXPECT_EQ(rl_session_pending(client.get()), 0);
  }
}

TEST_P(Sessions, SurviveTheirStoreAndItsClosingWakesThem) {
  auto client = std::make_unique<Client>(db());
  auto waiting = std::make_unique<Client>(db());
  ASSERT_EQ(waiting->Feed(Request({"BLPOP", "l", "0"})), RL_OK);
  client->Expect({"WATCH", "k"}, "+OK\r\n");
  client->Expect({"SUBSCRIBE", "c"}, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
  std::thread waiter([&] { EXPECT_EQ(rl_session_wait(waiting->get(), -1), RL_ERR_CLOSED); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(store_->Close().first, RL_OK);
  waiter.join();
  EXPECT_EQ(client->Feed("PING\r\n"), RL_ERR_CLOSED);
  EXPECT_EQ(rl_session_pending(client->get()), RL_ERR_CLOSED);
  EXPECT_EQ(rl_session_fd(client->get()), RL_ERR_CLOSED);
  client.reset();
  waiting.reset();
  store_ = std::make_unique<Store>(nullptr);
}

TEST_P(Sessions, ManyThreadsPushAndPopAndNothingIsLostOrDoubled) {
  constexpr int kPairs = 4;
  constexpr int kEach = 100;
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> threads;
  for (int pair = 0; pair < kPairs; ++pair) {
    threads.emplace_back([&, pair] {
      Client client(db());
      for (int i = 0; i < kEach; ++i) {
        EXPECT_EQ(client.Feed(Request({"RPUSH", "queue", std::to_string(pair * kEach + i)})), RL_OK);
        EXPECT_EQ(client.Read(1).front(), ':');
      }
    });
    threads.emplace_back([&] {
      Client client(db());
      for (int i = 0; i < kEach; ++i) {
        EXPECT_EQ(client.Feed(Request({"BLPOP", "queue", "0"})), RL_OK);
        const std::string reply = client.Read(1);
        const std::string tail = "\r\n";
        const size_t end = reply.size() - tail.size();
        sum += std::stoll(reply.substr(reply.rfind('\n', end - 1) + 1, end));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, int64_t{kPairs * kEach} * (kPairs * kEach - 1) / 2);
  EXPECT_EQ(Command(db(), {"EXISTS", "queue"}), "0");
}

TEST_P(Sessions, InfoCountsThem) {
  Client waiting(db());
  Client listening(db());
  Client asking(db());
  ASSERT_EQ(waiting.Feed(Request({"BLPOP", "l", "0"})), RL_OK);
  EXPECT_EQ(rl_session_wait(waiting.get(), 20), RL_NOT_FOUND);
  EXPECT_EQ(listening.Feed(Request({"SUBSCRIBE", "c"})), RL_OK);
  ASSERT_EQ(asking.Feed(Request({"INFO", "clients", "replication", "cpu", "stats"})), RL_OK);
  const std::string info = asking.Read(1);
  for (const char* line : {"\r\nconnected_clients:3\r\n", "\r\nblocked_clients:1\r\n", "\r\npubsub_clients:1\r\n",
                           "\r\nrole:master\r\n", "\r\nused_cpu_user:", "\r\npubsub_channels:1\r\n",
                           "\r\ntotal_blocking_keys:1\r\n", "\r\ntotal_connections_received:3\r\n"}) {
    EXPECT_NE(info.find(line), std::string::npos) << line << info;
  }
  asking.Expect({"RPUSH", "l", "x"}, ":1\r\n");
  ASSERT_EQ(asking.Feed(Request({"INFO", "clients"})), RL_OK);
  EXPECT_NE(asking.Read(1).find("\r\ntotal_blocking_keys:0\r\n"), std::string::npos);
}

TEST_P(Sessions, AreAsManyAsTheHostAllows) {
  rl_session* refused = nullptr;
  ASSERT_EQ(rl_host_setting(db(), "maxclients", "2"), RL_OK);
  Client first(db());
  {
    const Client second(db());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(rl_session_open(db(), &refused), RL_ERR_LIMIT);
    EXPECT_EQ(refused, nullptr);
  }
  const auto stats = [&] {
    EXPECT_EQ(first.Feed(Request({"INFO", "stats"})), RL_OK);
    return first.Read(1);
  };
  EXPECT_NE(stats().find("\r\nrejected_connections:3\r\n"), std::string::npos);
  EXPECT_NE(stats().find("\r\ntotal_connections_received:2\r\n"), std::string::npos);
  // Those who are there stay when it is lowered.
  const Client second(db());
  ASSERT_EQ(rl_host_setting(db(), "maxclients", "1"), RL_OK);
  first.Expect({"PING"}, "+PONG\r\n");
  EXPECT_EQ(rl_session_open(db(), &refused), RL_ERR_LIMIT);
  ASSERT_EQ(rl_host_setting(db(), "maxclients", "3"), RL_OK);
  const Client third(db());
  first.Expect({"CONFIG", "RESETSTAT"}, "+OK\r\n");
  EXPECT_NE(stats().find("\r\nrejected_connections:0\r\n"), std::string::npos);
}

TEST(Session, BytesAreToldAsASumAndAsARate) {
  const Store store;
  Client client(store);
  const std::string big(100'000, 'x');
  const auto stats = [&] {
    EXPECT_EQ(client.Feed(Request({"INFO", "stats"})), RL_OK);
    return client.Read(1);
  };
  EXPECT_NE(stats().find("\r\ninstantaneous_input_kbps:0.00\r\n"), std::string::npos);
  client.Expect({"SET", "k", big}, "+OK\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  const std::string after = stats();
  EXPECT_NE(after.find("\r\ntotal_net_input_bytes:100"), std::string::npos) << after;
  EXPECT_EQ(after.find("\r\ninstantaneous_input_kbps:0.00\r\n"), std::string::npos) << after;
  EXPECT_EQ(after.find("\r\ninstantaneous_output_kbps:0.00\r\n"), std::string::npos) << after;
  client.Expect({"CONFIG", "RESETSTAT"}, "+OK\r\n");
  const std::string reset = stats();
  EXPECT_NE(reset.find("\r\ninstantaneous_input_kbps:0.00\r\n"), std::string::npos) << reset;
  EXPECT_EQ(reset.find("\r\ntotal_net_input_bytes:100"), std::string::npos) << reset;
}

TEST(Session, BadCallsAreRefused) {
  const Store store;
  rl_session* session = nullptr;
  EXPECT_EQ(rl_session_open(store, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_open(nullptr, &session), RL_ERR_INVALID);
  const void* bytes = &session;
  size_t size = 7;
  EXPECT_EQ(rl_session_feed(nullptr, "x", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_peek(nullptr, &bytes, &size), RL_ERR_INVALID);
  EXPECT_EQ(bytes, nullptr);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(rl_session_consume(nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_pending(nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_wait(nullptr, 0), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_fd(nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_interrupt(nullptr), RL_ERR_INVALID);
  rl_session_close(nullptr);
  const Client client(store);
  EXPECT_EQ(rl_session_feed(client.get(), nullptr, 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_session_consume(client.get(), 1), RL_ERR_INVALID);
}

}  // namespace
}  // namespace redislite::capi
