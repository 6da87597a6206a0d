#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "commands/fixed_settings.h"
#include "commands/table.h"
#include "engine/options.h"
#include "resp/writer.h"
#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

bool Contains(const std::string& text, Bytes part) { return text.find(part) != std::string::npos; }

TEST(Connection, PingAndEchoGiveBackTheirBytes) {
  CommandHarness store;
  ExpectReplies(store, {{"PING", "+PONG\r\n"},
                        {"ping \"\"", "$0\r\n\r\n"},
                        {"PING \"a\\r\\nb\"", "$4\r\na\r\nb\r\n"},
                        {"PING a b", "-ERR wrong number of arguments for 'ping' command\r\n"},
                        {"ECHO x", "$1\r\nx\r\n"},
                        {"ECHO", "-ERR wrong number of arguments for 'echo' command\r\n"}});
}

TEST(Connection, ACommandOfASessionIsToldSo) {
  CommandHarness store;
  for (const std::string name : {"AUTH", "DISCARD", "EXEC", "HELLO", "MONITOR", "MULTI", "PSUBSCRIBE", "QUIT", "RESET",
                                 "SELECT", "SUBSCRIBE", "WATCH"}) {
    std::string lower = name;
    for (char& byte : lower) byte = static_cast<char>(byte - 'A' + 'a');
    EXPECT_EQ(store.Run(name + " 1 2"), "-ERR '" + lower + "' needs a session: rl_session_open\r\n");
    EXPECT_EQ(store.last_code(), Code::kCommand);
  }
}

TEST(Server, WhatAsksTheEngineIsNotForABatchAndTheRestIs) {
  // A batch runs inside the commit, whose locks the engine would wait for.
  CommandHarness store;
  const auto check = [&](std::vector<Bytes> args) { return store.engine().CheckForBatch(args).code(); };
  EXPECT_EQ(check({"SAVE"}), Code::kCommand);
  EXPECT_EQ(check({"CONFIG", "SET", "maxmemory", "1"}), Code::kCommand);
  EXPECT_EQ(check({"SELECT", "1"}), Code::kCommand);
  EXPECT_EQ(check({"PING", "1", "2", "3"}), Code::kOk);  // it says so itself, when it runs
  resp::Writer reply;
  const std::vector<std::vector<std::string>> batch = {{"PING"},
                                                       {"RPUSH", "l", "a"},
                                                       {"HINCRBYFLOAT", "h", "f", "0.5"},
                                                       {"HGET", "h", "f"},
                                                       {"ECHO", "x"},
                                                       {"COMMAND", "GETKEYS", "GET", "a"},
                                                       {"TIME"},
                                                       {"DEBUG", "OBJECT", "none"}};
  ASSERT_TRUE(store.engine().ExecuteBatch(batch, 0, reply).ok());
  EXPECT_EQ(reply.bytes(),
            "*8\r\n+PONG\r\n:1\r\n$3\r\n0.5\r\n$3\r\n0.5\r\n$1\r\nx\r\n*1\r\n$1\r\na\r\n*2\r\n$10\r\n1700000000\r\n$"
            "1\r\n0\r\n"
            "-ERR no such key\r\n");
}

TEST(Server, TimeIsTheStoresClock) {
  CommandHarness store;
  EXPECT_EQ(store.Run("TIME"), "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n");
  store.Advance(61'234);
  EXPECT_EQ(store.Run("TIME"), "*2\r\n$10\r\n1700000061\r\n$6\r\n234000\r\n");
}

TEST(Server, InfoGivesTheSectionsAskedForOnce) {
  CommandHarness two("", 2);
  CommandHarness three("", 3);
  const std::string all = three.Run("INFO");
  EXPECT_TRUE(all.starts_with("=")) << all;
  EXPECT_TRUE(two.Run("INFO").starts_with("$"));
  for (const char* line : {"INFO all", "INFO DEFAULT", "INFO everything", "INFO server ALL"}) {
    EXPECT_TRUE(Contains(three.Run(line), "# Keyspace")) << line;
  }
  const std::string keyspace = three.Run("INFO KeySpace keyspace");
  EXPECT_EQ(keyspace.find("# Keyspace"), keyspace.rfind("# Keyspace"));
  EXPECT_FALSE(Contains(keyspace, "# Server"));
  EXPECT_EQ(three.Run("INFO nosuch"), "=4\r\ntxt:\r\n");
  const std::string both = three.Run("INFO keyspace server nosuch");
  EXPECT_TRUE(Contains(both, "\r\n\r\n# Keyspace")) << both;
}

TEST(Server, SavingNeedsFilesAndTellsTheTime) {
  CommandHarness memory;
  EXPECT_TRUE(memory.Run("SAVE").starts_with("-ERR "));
  EXPECT_EQ(memory.last_code(), Code::kInvalid);
  EXPECT_TRUE(memory.Run("BGSAVE").starts_with("-ERR "));
  EXPECT_EQ(memory.Run("BGSAVE now"), kSyntax);
  EXPECT_EQ(memory.Run("BGSAVE SCHEDULE x"), kSyntax);
  EXPECT_EQ(memory.Run("LASTSAVE"), ":1700000000\r\n");
  EXPECT_EQ(memory.Run("LASTSAVE x"), "-ERR wrong number of arguments for 'lastsave' command\r\n");
}

// ---- CONFIG

TEST(Config, GetTakesNamesAndPatternsInAnyCaseAndRepliesEachOnce) {
  CommandHarness two("", 2);
  CommandHarness three("", 3);
  EXPECT_EQ(two.Run("CONFIG GET maxmemory"), "*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n");
  EXPECT_EQ(three.Run("CONFIG GET MAXmemory maxmemory maxmem?ry"), "%1\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n");
  EXPECT_EQ(three.Run("CONFIG GET nosuch"), "%0\r\n");
  const std::string all = three.Run("CONFIG GET *");
  const size_t known = engine::OptionTable().size() + commands::FixedSettings(three.engine()).size();
  EXPECT_TRUE(all.starts_with("%" + std::to_string(known) + "\r\n"));
  for (const engine::OptionSpec& spec : engine::OptionTable()) EXPECT_TRUE(Contains(all, spec.name)) << spec.name;
  EXPECT_EQ(three.Run("CONFIG GET"), "-ERR wrong number of arguments for 'config|get' command\r\n");
  EXPECT_EQ(three.Run("CONFIG"), "-ERR wrong number of arguments for 'config' command\r\n");
  EXPECT_EQ(three.Run("CONFIG NOSUCH"), "-ERR unknown subcommand 'NOSUCH'. Try CONFIG HELP.\r\n");
}

TEST(Config, SetChangesAllOrNothing) {
  CommandHarness store;
  EXPECT_EQ(store.Run("CONFIG SET maxmemory 1mb maxmemory-policy allkeys-lru"), "+OK\r\n");
  EXPECT_EQ(store.Run("CONFIG GET maxmemory"), "%1\r\n$9\r\nmaxmemory\r\n$7\r\n1048576\r\n");
  EXPECT_EQ(store.Run("CONFIG GET maxmemory-policy"), "%1\r\n$16\r\nmaxmemory-policy\r\n$11\r\nallkeys-lru\r\n");
  const std::string before = store.Run("CONFIG GET *");
  ExpectReplies(
      store, {{"CONFIG SET maxmemory", "-ERR wrong number of arguments for 'config|set' command\r\n"},
              {"CONFIG SET maxmemory 2mb x", kSyntax},
              {"CONFIG SET maxmemory 2mb nosuch 1",
               "-ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'\r\n"},
              {"CONFIG SET maxmemory 2mb MAXMEMORY 3mb",
               "-ERR CONFIG SET failed (possibly related to argument 'MAXMEMORY') - duplicate parameter\r\n"},
              {"CONFIG SET maxmemory 2mb read-only yes",
               "-ERR CONFIG SET failed (possibly related to argument 'read-only') - can't set immutable config\r\n"}});
  EXPECT_TRUE(
      store.Run("CONFIG SET maxmemory 2mb appendfsync sometimes")
          .starts_with("-ERR CONFIG SET failed (possibly related to argument 'appendfsync') - argument must be "));
  EXPECT_EQ(store.last_code(), Code::kInvalid);
  EXPECT_EQ(store.Run("CONFIG GET *"), before);
}

TEST(Config, EveryChangeableOptionTakesBackWhatItPrints) {
  CommandHarness store;
  for (const engine::OptionSpec& spec : engine::OptionTable()) {
    const std::string value = spec.print(store.engine().options());
    const std::string reply = store.RunWords({"CONFIG", "SET", spec.name, value});
    EXPECT_EQ(reply == "+OK\r\n", spec.changeable) << spec.name << " " << reply;
  }
}

TEST(Config, AFixedSettingMayBeSaidAgainAndNotChanged) {
  CommandHarness store;
  EXPECT_EQ(store.Run("CONFIG SET hash-max-listpack-entries 512 list-compress-depth 0"), "+OK\r\n");
  EXPECT_EQ(store.Run("CONFIG SET hash-max-listpack-entries 128"),
            "-ERR CONFIG SET failed (possibly related to argument 'hash-max-listpack-entries') - can't set immutable "
            "config\r\n");
  EXPECT_EQ(store.Run("CONFIG GET appendonly"), "%1\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
}

TEST(Config, TheHostsSettingsAreShownAndChangedWithTheOthersOrNotAtAll) {
  CommandHarness store;
  struct Asked {
    int request = 0;
    std::string what;
  } asked;
  store.engine().host().Tell("port", "6379");
  EXPECT_EQ(store.Run("CONFIG GET PORT"), "%1\r\n$4\r\nport\r\n$4\r\n6379\r\n");
  EXPECT_EQ(store.Run("CONFIG SET port 1"),
            "-ERR CONFIG SET failed (possibly related to argument 'port') - it cannot be changed to '1' while the "
            "program runs\r\n");
  store.engine().host().Attach(
      [](void* context, int request, const char* name, const char* value) {
        *static_cast<Asked*>(context) = {request, std::string(name) + "=" + value};
        return std::string(value) == "7" ? 0 : -1;
      },
      &asked);
  EXPECT_EQ(store.Run("CONFIG SET maxmemory 1mb port 7"), "+OK\r\n");
  EXPECT_EQ(asked.what, "port=7");
  EXPECT_EQ(asked.request, static_cast<int>(engine::HostRequest::kConfigSet));
  EXPECT_TRUE(store.Run("CONFIG SET maxmemory 2mb port 8").starts_with("-ERR CONFIG SET failed"));
  EXPECT_EQ(store.Run("CONFIG GET maxmemory"), "%1\r\n$9\r\nmaxmemory\r\n$7\r\n1048576\r\n");

  EXPECT_EQ(store.Run("CONFIG REWRITE"), "-ERR The server is running without a config file\r\n");
  store.engine().host().Tell("config", "redis.conf");
  EXPECT_TRUE(store.Run("CONFIG REWRITE").starts_with("-ERR Rewriting config file: "));
  EXPECT_EQ(asked.request, static_cast<int>(engine::HostRequest::kConfigRewrite));
}

TEST(Config, ResetStatAndHelpAnswer) {
  CommandHarness store;
  EXPECT_EQ(store.Run("CONFIG RESETSTAT"), "+OK\r\n");
  EXPECT_TRUE(store.Run("CONFIG HELP").starts_with("*11\r\n+CONFIG <subcommand>"));
}

// ---- DEBUG

TEST(Debug, TheDigestIsThatOfTheContent) {
  CommandHarness a;
  CommandHarness b;
  const auto digest = [](CommandHarness& store) { return store.Run("DEBUG DIGEST"); };
  EXPECT_EQ(digest(a), digest(b));
  const std::string empty = digest(a);
  a.Run("RPUSH l a b");
  EXPECT_NE(digest(a), empty);
  b.Run("LPUSH l b a");
  EXPECT_EQ(digest(a), digest(b));
  a.Run("HSET h x 1 y 2");
  b.Run("HSET h y 2 x 1");
  EXPECT_EQ(digest(a), digest(b));
  a.Run("LSET l 0 z");
  EXPECT_NE(digest(a), digest(b));
  b.Run("LSET l 0 z");
  EXPECT_EQ(digest(a), digest(b));
  a.Run("PEXPIRE l 100");
  EXPECT_NE(digest(a), digest(b));
  a.Run("DEL l h");
  b.Run("DEL l h");
  EXPECT_EQ(digest(a), empty);
}

TEST(Debug, ObjectSleepAndTheReaperAnswer) {
  CommandHarness store;
  store.Run("RPUSH l a b");
  EXPECT_TRUE(store.Run("DEBUG OBJECT l").starts_with("+Value refcount:1 encoding:listpack memory_bytes:"));
  ExpectReplies(store, {{"DEBUG OBJECT none", "-ERR no such key\r\n"},
                        {"DEBUG SLEEP 0", "+OK\r\n"},
                        {"DEBUG SLEEP -1", "+OK\r\n"},
                        {"DEBUG SLEEP x", "-ERR value is not a valid float\r\n"},
                        {"DEBUG SET-ACTIVE-EXPIRE 0", "+OK\r\n"},
                        {"DEBUG SET-ACTIVE-EXPIRE 1", "+OK\r\n"},
                        {"DEBUG SET-ACTIVE-EXPIRE x", "-ERR value is not an integer or out of range\r\n"},
                        {"DEBUG NOSUCH",
                         "-ERR unknown subcommand or wrong number of arguments for 'NOSUCH'. Try DEBUG HELP.\r\n"}});
  EXPECT_TRUE(store.Run("DEBUG HELP").starts_with("*18\r\n+DEBUG <subcommand>"));
}

// ---- COMMAND

TEST(CommandCommand, CountAndListAgreeWithTheTable) {
  CommandHarness store;
  size_t top = 0;
  for (const engine::Command& row : commands::AllCommands()) top += Contains(row.name, "|") ? 0u : 1u;
  EXPECT_EQ(store.Run("COMMAND COUNT"), ":" + std::to_string(top) + "\r\n");
  EXPECT_TRUE(store.Run("COMMAND LIST").starts_with("*" + std::to_string(commands::AllCommands().size()) + "\r\n"));
  EXPECT_TRUE(store.Run("COMMAND").starts_with("*" + std::to_string(top) + "\r\n"));
  EXPECT_EQ(store.Run("COMMAND"), store.Run("COMMAND INFO"));
  EXPECT_TRUE(store.Run("COMMAND DOCS").starts_with("%" + std::to_string(top) + "\r\n"));
}

TEST(CommandCommand, InfoHasTenElementsInRedisForm) {
  CommandHarness two("", 2);
  CommandHarness three("", 3);
  EXPECT_EQ(two.Run("COMMAND INFO GET nosuch"),
            "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*3\r\n+@read\r\n+@"
            "string\r\n+@fast\r\n"
            "*0\r\n*0\r\n*0\r\n*-1\r\n");
  EXPECT_EQ(three.Run("COMMAND INFO lmpop"),
            "*1\r\n*10\r\n$5\r\nlmpop\r\n:-4\r\n~2\r\n+write\r\n+movablekeys\r\n:0\r\n:0\r\n:0\r\n~3\r\n+@write\r\n+@"
            "list\r\n+@slow\r\n"
            "~0\r\n~0\r\n~0\r\n");
  EXPECT_EQ(three.Run("COMMAND INFO config|GET"),
            "*1\r\n*10\r\n$10\r\nconfig|get\r\n:-3\r\n~1\r\n+admin\r\n:0\r\n:0\r\n:0\r\n~3\r\n+@admin\r\n+"
            "@slow\r\n+@dangerous\r\n"
            "~0\r\n~0\r\n~0\r\n");
  const std::string container = three.Run("COMMAND INFO config");
  EXPECT_TRUE(container.starts_with(
      "*1\r\n*10\r\n$6\r\nconfig\r\n:-2\r\n~0\r\n:0\r\n:0\r\n:0\r\n~1\r\n+@slow\r\n~0\r\n~0\r\n*5\r\n*10\r\n"))
      << container;
}

TEST(CommandCommand, DocsTellOfEveryRowAndSkipWhatIsUnknown) {
  CommandHarness three("", 3);
  const std::string get = three.Run("COMMAND DOCS nosuch get");
  EXPECT_TRUE(get.starts_with("%1\r\n$3\r\nget\r\n%4\r\n$7\r\nsummary\r\n")) << get;
  EXPECT_TRUE(
      Contains(get, "$5\r\nsince\r\n$5\r\n1.0.0\r\n$5\r\ngroup\r\n$6\r\nstring\r\n$6\r\nsyntax\r\n$3\r\nkey\r\n"))
      << get;
  EXPECT_TRUE(Contains(three.Run("COMMAND DOCS config"), "$11\r\nsubcommands\r\n%5\r\n$10\r\nconfig|get\r\n%4\r\n"));
  for (const engine::Command& row : commands::AllCommands()) {
    EXPECT_TRUE(Contains(three.Run(std::string("COMMAND DOCS ") + row.name), row.summary)) << row.name;
  }
}

TEST(CommandCommand, ListFiltersByPatternCategoryAndModule) {
  CommandHarness store;
  ExpectReplies(store, {{"COMMAND LIST FILTERBY PATTERN LP?p", "*1\r\n$4\r\nlpop\r\n"},
                        {"COMMAND LIST FILTERBY PATTERN config|g*", "*1\r\n$10\r\nconfig|get\r\n"},
                        {"COMMAND LIST FILTERBY ACLCAT nosuch", "*0\r\n"},
                        {"COMMAND LIST FILTERBY MODULE x", "*0\r\n"},
                        {"COMMAND LIST FILTERBY", kSyntax},
                        {"COMMAND LIST FILTERBY FOO x", kSyntax},
                        {"COMMAND LIST FILTERBY PATTERN a b", kSyntax},
                        {"COMMAND LIST x", kSyntax}});
  EXPECT_TRUE(store.Run("COMMAND LIST FILTERBY ACLCAT Hash").starts_with("*16\r\n"));
  EXPECT_TRUE(store.Run("COMMAND LIST FILTERBY ACLCAT list").starts_with("*22\r\n"));
}

TEST(CommandCommand, GetKeysFindsThem) {
  CommandHarness three;
  ExpectReplies(
      three,
      {{"COMMAND GETKEYS GET a", "*1\r\n$1\r\na\r\n"},
       {"COMMAND GETKEYS mset a 1 b 2", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
       {"COMMAND GETKEYS del a b c", "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"},
       {"COMMAND GETKEYS lmpop 2 a b LEFT", "*2\r\n$1\r\na\r\n$1\r\nb\r\n"},
       {"COMMAND GETKEYS object encoding a", "*1\r\n$1\r\na\r\n"},
       {"COMMAND GETKEYSANDFLAGS get a", "*1\r\n*2\r\n$1\r\na\r\n~2\r\n+RO\r\n+access\r\n"},
       {"COMMAND GETKEYSANDFLAGS lpush a b", "*1\r\n*2\r\n$1\r\na\r\n~4\r\n+RW\r\n+access\r\n+update\r\n+delete\r\n"},
       {"COMMAND GETKEYS nosuch a", "-ERR Invalid command specified\r\n"},
       {"COMMAND GETKEYS object nosuch a", "-ERR Invalid command specified\r\n"},
       {"COMMAND GETKEYS echo a", "-ERR The command has no key arguments\r\n"},
       {"COMMAND GETKEYS get a b", "-ERR Invalid number of arguments specified for command\r\n"},
       {"COMMAND GETKEYS lmpop x a LEFT", "-ERR Invalid arguments specified for command\r\n"},
       {"COMMAND GETKEYS lmpop 3 a LEFT", "-ERR Invalid arguments specified for command\r\n"},
       {"COMMAND GETKEYS lmpop 0 a LEFT", "-ERR Invalid arguments specified for command\r\n"},
       {"COMMAND GETKEYS lmpop 9223372036854775807 a LEFT", "-ERR Invalid arguments specified for command\r\n"},
       {"COMMAND GETKEYS", "-ERR wrong number of arguments for 'command|getkeys' command\r\n"},
       {"COMMAND NOSUCH", "-ERR unknown subcommand 'NOSUCH'. Try COMMAND HELP.\r\n"}});
  EXPECT_TRUE(three.Run("COMMAND HELP").starts_with("*17\r\n+COMMAND <subcommand>"));
}

}  // namespace
}  // namespace redislite::test
