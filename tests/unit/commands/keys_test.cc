#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

const std::string kNoDatabase = "-ERR DB index is out of range\r\n";
const std::string kNotInt = "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n";
const std::string kSameObject = "-ERR source and destination objects are the same\r\n";

// The bulk strings in a reply, in order.
std::vector<std::string> Bulks(const std::string& reply) {
  std::vector<std::string> bulks;
  for (size_t at = reply.find('$'); at != std::string::npos && at < reply.size(); at = reply.find('$', at)) {
    const size_t size = std::stoul(reply.substr(at + 1));
    const size_t from = reply.find('\n', at) + 1;
    bulks.push_back(reply.substr(from, size));
    at = from + size;
  }
  return bulks;
}

TEST(Keys, DelExistsAndTouchCountKeys) {
  CommandHarness store;
  store.Run("MSET a 1 b 2 c 3");
  EXPECT_EQ(store.Run("EXISTS a b x a"), ":3\r\n");
  EXPECT_EQ(store.Run("TOUCH a b x a"), ":3\r\n");
  EXPECT_EQ(store.Run("DEL a x a"), ":1\r\n");
  EXPECT_EQ(store.Run("UNLINK a b c"), ":2\r\n");
  EXPECT_EQ(store.Run("DEL a"), ":0\r\n");
  EXPECT_EQ(store.Run("DBSIZE"), ":0\r\n");
}

TEST(Keys, TypeAndEncodingNameWhatIsThere) {
  CommandHarness store;
  store.Run("SET int 12");
  store.Run("SET embstr text");
  store.RunWords({"SET", "raw", std::string(45, 'x')});
  store.Run("RPUSH list a");
  store.Run("HSET hash f v");
  for (const auto& [key, type, encoding] :
       std::vector<std::tuple<std::string, std::string, std::string>>{{"int", "string", "int"},
                                                                      {"embstr", "string", "embstr"},
                                                                      {"raw", "string", "raw"},
                                                                      {"list", "list", "listpack"},
                                                                      {"hash", "hash", "listpack"}}) {
    EXPECT_EQ(store.Run("TYPE " + key), "+" + type + "\r\n");
    EXPECT_EQ(Bulks(store.Run("OBJECT ENCODING " + key)), std::vector<std::string>{encoding}) << key;
    EXPECT_EQ(store.Run("OBJECT REFCOUNT " + key), ":1\r\n");
    EXPECT_EQ(store.Run("OBJECT IDLETIME " + key), ":0\r\n");
  }
  EXPECT_EQ(store.Run("TYPE missing"), "+none\r\n");
  for (const char* name : {"ENCODING", "REFCOUNT", "IDLETIME", "FREQ"}) {
    EXPECT_EQ(store.RunWords({"OBJECT", name, "missing"}), kNull);
    EXPECT_EQ(store.RunWords({"OBJECT", name}), std::string("-ERR wrong number of arguments for 'object|") +
                                                    (Bytes(name) == "ENCODING"   ? "encoding"
                                                     : Bytes(name) == "REFCOUNT" ? "refcount"
                                                     : Bytes(name) == "IDLETIME" ? "idletime"
                                                                                 : "freq") +
                                                    "' command\r\n");
  }
  EXPECT_TRUE(store.Run("OBJECT FREQ int").starts_with("-ERR An LFU maxmemory policy is not selected,"));
  EXPECT_TRUE(store.Run("OBJECT HELP").starts_with("*15\r\n+OBJECT <subcommand>")) << store.Run("OBJECT HELP");
}

TEST(Keys, IdleTimeIsCountedSinceTheLastUse) {
  CommandHarness store;
  store.Run("SET k v");
  store.Advance(5000);
  EXPECT_EQ(store.Run("OBJECT IDLETIME k"), ":5\r\n");
  EXPECT_EQ(store.Run("OBJECT IDLETIME k"), ":5\r\n") << "asking is no use";
  store.Run("TOUCH k");
  EXPECT_EQ(store.Run("OBJECT IDLETIME k"), ":0\r\n");
}

TEST(Keys, UnderAnLfuPolicyFrequencyIsThereAndIdleTimeIsNot) {
  CommandHarness store;
  ASSERT_EQ(store.Run("CONFIG SET maxmemory-policy allkeys-lfu"), kOk);
  store.Run("SET k v");
  EXPECT_TRUE(store.Run("OBJECT FREQ k").starts_with(":"));
  EXPECT_TRUE(store.Run("OBJECT IDLETIME k").starts_with("-ERR An LFU maxmemory policy is selected,"));
}

// ---- Renaming and copying.

TEST(Rename, ReplacesTheTargetOfAnyType) {
  CommandHarness store;
  EXPECT_EQ(store.Run("RENAME a b"), "-ERR no such key\r\n");
  EXPECT_EQ(store.Run("RENAME a a"), "-ERR no such key\r\n");
  EXPECT_EQ(store.Run("RENAMENX a b"), "-ERR no such key\r\n");
  store.Run("SET a 1");
  store.Run("RPUSH b x");
  EXPECT_EQ(store.Run("RENAMENX a b"), ":0\r\n");
  EXPECT_EQ(store.Run("RENAMENX a a"), ":0\r\n");
  EXPECT_EQ(store.Run("RENAME a a"), kOk);
  EXPECT_EQ(store.Run("RENAME a b"), kOk);
  EXPECT_EQ(store.Run("EXISTS a"), ":0\r\n");
  EXPECT_EQ(store.Run("GET b"), "$1\r\n1\r\n");
  EXPECT_EQ(store.Run("RENAMENX b a"), ":1\r\n");
  EXPECT_EQ(store.Run("DBSIZE"), ":1\r\n");
}

TEST(Copy, IsIndependentOfItsSource) {
  CommandHarness store;
  store.Run("SET s text");
  store.Run("RPUSH l a b");
  store.Run("HSET h f v");
  for (const char* key : {"s", "l", "h"}) EXPECT_EQ(store.RunWords({"COPY", key, std::string(key) + "2"}), ":1\r\n");
  store.Run("APPEND s2 x");
  store.Run("RPUSH l2 c");
  store.Run("HSET h2 f w");
  EXPECT_EQ(store.Run("GET s"), "$4\r\ntext\r\n");
  EXPECT_EQ(store.Run("LLEN l"), ":2\r\n");
  EXPECT_EQ(store.Run("HGET h f"), "$1\r\nv\r\n");
  store.Run("SETRANGE s 0 T");
  EXPECT_EQ(store.Run("GET s2"), "$5\r\ntextx\r\n");
}

TEST(Copy, ToAnExistingKeyNeedsReplace) {
  CommandHarness store;
  store.Run("MSET a 1 b 2");
  EXPECT_EQ(store.Run("COPY missing b REPLACE"), ":0\r\n");
  EXPECT_EQ(store.Run("COPY a b"), ":0\r\n");
  EXPECT_EQ(store.Run("COPY a b replace"), ":1\r\n");
  EXPECT_EQ(store.Run("GET b"), "$1\r\n1\r\n");
  EXPECT_EQ(store.Run("COPY a a"), kSameObject);
  EXPECT_EQ(store.Run("COPY a a DB 0"), kSameObject);
  EXPECT_EQ(store.Run("COPY a a DB 15"), ":1\r\n");
  EXPECT_EQ(store.Run("COPY a a DB 15"), ":0\r\n");
  EXPECT_EQ(store.Run("COPY a a DB 15 REPLACE"), ":1\r\n");
  EXPECT_EQ(store.Run("GET a", 15), "$1\r\n1\r\n");
}

TEST(Copy, ItsOptionsAreChecked) {
  CommandHarness store;
  EXPECT_EQ(store.Run("COPY a b DB"), kSyntax);
  EXPECT_EQ(store.Run("COPY a b foo"), kSyntax);
  EXPECT_EQ(store.Run("COPY a b DB x"), kNotInteger);
  EXPECT_EQ(store.Run("COPY a b DB 16"), kNoDatabase);
  EXPECT_EQ(store.Run("COPY a b DB -1"), kNoDatabase);
  EXPECT_EQ(store.Run("COPY a b DB 2147483648"), kNotInt);
}

// ---- Databases.

TEST(Databases, MoveNeedsAPlace) {
  CommandHarness store;
  store.Run("SET k v");
  EXPECT_EQ(store.Run("MOVE k 0"), kSameObject);
  EXPECT_EQ(store.Run("MOVE missing 1"), ":0\r\n");
  EXPECT_EQ(store.Run("MOVE k 16"), kNoDatabase);
  EXPECT_EQ(store.Run("MOVE k -1"), kNoDatabase);
  EXPECT_EQ(store.Run("MOVE k x"), kNotInteger);
  EXPECT_EQ(store.Run("MOVE k -2147483649"), kNotInt);
  EXPECT_EQ(store.Run("MOVE k 15"), ":1\r\n");
  EXPECT_EQ(store.Run("EXISTS k"), ":0\r\n");
  EXPECT_EQ(store.Run("GET k", 15), "$1\r\nv\r\n");
  store.Run("SET k w");
  EXPECT_EQ(store.Run("MOVE k 15"), ":0\r\n");
  EXPECT_EQ(store.Run("GET k"), "$1\r\nw\r\n");
}

TEST(Databases, SwapExchangesAllKeysAndTheirExpiries) {
  CommandHarness store;
  store.Run("SET a 1 EX 10", 3);
  store.Run("SET b 2", 5);
  EXPECT_EQ(store.Run("SWAPDB 3 5"), kOk);
  EXPECT_EQ(store.Run("TTL a", 5), ":10\r\n");
  EXPECT_EQ(store.Run("GET b", 3), "$1\r\n2\r\n");
  EXPECT_EQ(store.Run("DBSIZE", 3), ":1\r\n");
  store.Advance(10'000);
  EXPECT_EQ(store.Run("DBSIZE", 5), ":0\r\n");
  EXPECT_EQ(store.Run("SWAPDB 3 3"), kOk);
  EXPECT_EQ(store.Run("SWAPDB x 3"), "-ERR invalid first DB index\r\n");
  EXPECT_EQ(store.Run("SWAPDB 3 x"), "-ERR invalid second DB index\r\n");
  EXPECT_EQ(store.Run("SWAPDB 99999999999 3"), "-ERR invalid first DB index\r\n");
  EXPECT_EQ(store.Run("SWAPDB 3 16"), kNoDatabase);
  EXPECT_EQ(store.Run("SWAPDB -1 3"), kNoDatabase);
}

TEST(Databases, FlushdbEmptiesOneAndFlushallAll) {
  CommandHarness store;
  for (int db = 0; db < 16; ++db) store.Run("SET k v EX 100", db);
  EXPECT_EQ(store.Run("FLUSHDB foo", 2), kSyntax);
  EXPECT_EQ(store.Run("FLUSHDB SYNC ASYNC", 2), kSyntax);
  EXPECT_EQ(store.Run("FLUSHDB async", 2), kOk);
  EXPECT_EQ(store.Run("FLUSHDB", 2), kOk);
  for (int db = 0; db < 16; ++db) EXPECT_EQ(store.Run("DBSIZE", db), db == 2 ? ":0\r\n" : ":1\r\n");
  EXPECT_EQ(store.Run("FLUSHALL foo"), kSyntax);
  EXPECT_EQ(store.Run("FLUSHALL SYNC"), kOk);
  for (int db = 0; db < 16; ++db) EXPECT_EQ(store.Run("DBSIZE", db), ":0\r\n");
  EXPECT_EQ(store.Run("SET k v"), kOk);
  EXPECT_EQ(store.Run("FLUSHALL"), kOk);
  EXPECT_EQ(store.Run("DBSIZE"), ":0\r\n");
}

// ---- Looking through keys.

TEST(Scan, KeysFiltersByPattern) {
  CommandHarness store;
  EXPECT_EQ(store.Run("KEYS *"), "*0\r\n");
  store.Run("MSET one 1 two 2 three 3");
  const auto keys = [&](const char* pattern) {
    const std::vector<std::string> bulks = Bulks(store.RunWords({"KEYS", pattern}));
    return std::set<std::string>(bulks.begin(), bulks.end());
  };
  EXPECT_EQ(keys("*"), (std::set<std::string>{"one", "two", "three"}));
  EXPECT_EQ(keys("t*"), (std::set<std::string>{"two", "three"}));
  EXPECT_EQ(keys("t[v-x]o"), (std::set<std::string>{"two"}));
  EXPECT_EQ(keys("One"), (std::set<std::string>{}));
  EXPECT_EQ(store.Run("KEYS one"), "*1\r\n$3\r\none\r\n");
}

TEST(Scan, VisitsEachKeyThatStaysExactlyOnceWhileOthersComeAndGo) {
  for (const char* count : {"1", "7", "100", "100000", "9223372036854775807"}) {
    CommandHarness store;
    constexpr int kKeys = 1000;
    for (int i = 0; i < kKeys; ++i) store.RunWords({"SET", "stay" + std::to_string(i), "v"});
    std::map<std::string, int> seen;
    std::string cursor = "0";
    int round = 0;
    do {
      const std::vector<std::string> bulks = Bulks(store.RunWords({"SCAN", cursor, "COUNT", count, "MATCH", "stay*"}));
      cursor = bulks.at(0);
      for (size_t i = 1; i < bulks.size(); ++i) ++seen[bulks[i]];
      for (int i = 0; i < 5; ++i) store.RunWords({"SET", "new" + std::to_string(round) + "." + std::to_string(i), "v"});
      if (round % 2 == 1) store.RunWords({"DEL", "new" + std::to_string(round - 1) + ".0"});
      ASSERT_LT(++round, 100'000);
    } while (cursor != "0");
    EXPECT_EQ(seen.size(), kKeys) << "COUNT " << count;
    for (const auto& [key, times] : seen) EXPECT_EQ(times, 1) << key << " COUNT " << count;
  }
}

TEST(Scan, FiltersByTypeInAnyCase) {
  CommandHarness store;
  store.Run("SET s v");
  store.Run("RPUSH l v");
  store.Run("HSET h f v");
  EXPECT_EQ(store.Run("SCAN 0 COUNT 1000 TYPE List"), "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nl\r\n");
  EXPECT_EQ(store.Run("SCAN 0 COUNT 1000 TYPE string MATCH *"), "*2\r\n$1\r\n0\r\n*1\r\n$1\r\ns\r\n");
  EXPECT_EQ(store.Run("SCAN 0 COUNT 1000 TYPE nonsense"), "*2\r\n$1\r\n0\r\n*0\r\n");
}

TEST(Scan, ItsArgumentsAreChecked) {
  CommandHarness store;
  for (const char* cursor : {"x", "-1", "1.5", "18446744073709551616", "\"\""}) {
    EXPECT_EQ(store.Run(std::string("SCAN ") + cursor), "-ERR invalid cursor\r\n") << cursor;
  }
  EXPECT_EQ(store.Run("SCAN 18446744073709551615"), "*2\r\n$1\r\n0\r\n*0\r\n");
  for (const char* options : {"COUNT", "MATCH", "TYPE", "foo", "foo 1", "COUNT 0", "COUNT -1"}) {
    EXPECT_EQ(store.Run(std::string("SCAN 0 ") + options), kSyntax) << options;
  }
  EXPECT_EQ(store.Run("SCAN 0 COUNT x"), kNotInteger);
}

TEST(Scan, RandomKeyIsAnyOfTheKeysEquallyOften) {
  CommandHarness store;
  constexpr int kKeys = 20, kEach = 100;
  for (int i = 0; i < kKeys; ++i) store.Run("SET k" + std::to_string(i) + " v");
  std::map<std::string, int> drawn;
  for (int i = 0; i < kKeys * kEach; ++i) ++drawn[Bulks(store.Run("RANDOMKEY")).at(0)];
  // About 10 is one standard deviation; the draws are the same in every run, the store's hash is not.
  ASSERT_EQ(drawn.size(), size_t{kKeys});
  for (const auto& [key, count] : drawn) EXPECT_NEAR(count, kEach, 70) << key;
}

TEST(Scan, RandomKeyIsOneOfTheKeys) {
  CommandHarness store;
  EXPECT_EQ(store.Run("RANDOMKEY"), kNull);
  std::set<std::string> drawn;
  store.Run("MSET a 1 b 2 c 3");
  store.Run("SET gone v PX 1");
  store.Advance(1);
  for (int i = 0; i < 300; ++i) drawn.insert(Bulks(store.Run("RANDOMKEY")).at(0));
  EXPECT_EQ(drawn, (std::set<std::string>{"a", "b", "c"}));
}

// ---- Names.

TEST(Commands, UnknownOnesAndWrongArityAreNamed) {
  CommandHarness store;
  EXPECT_EQ(store.Run("nope a"), "-ERR unknown command 'nope', with args beginning with: 'a' \r\n");
  EXPECT_EQ(store.Run("OBJECT nope"), "-ERR unknown subcommand 'nope'. Try OBJECT HELP.\r\n");
  EXPECT_EQ(store.Run("OBJECT"), "-ERR wrong number of arguments for 'object' command\r\n");
  EXPECT_EQ(store.Run("GET"), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(store.Run("gEt a b"), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(store.Run("SET a"), "-ERR wrong number of arguments for 'set' command\r\n");
  EXPECT_EQ(store.last_code(), Code::kCommand);
}

}  // namespace
}  // namespace redislite::test
