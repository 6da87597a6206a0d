// Strings through the engine. GETRANGE, SETRANGE, APPEND, arithmetic and LCS are swept against std:: truths.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/support/command_harness.h"
#include "tests/unit/commands/replies.h"

namespace redislite::test {
namespace {

const std::string kNotFloat = "-ERR value is not a valid float\r\n";
const std::string kTooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";

std::string Bulk(Bytes bytes) { return "$" + std::to_string(bytes.size()) + "\r\n" + std::string(bytes) + "\r\n"; }

TEST(Strings, KeysAndValuesAreAnyBytes) {
  CommandHarness store;
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  for (const std::string& key : {std::string(), std::string(1, '\0'), all}) {
    for (const std::string& value : {std::string(), std::string("\xff\0\r\n", 4), all}) {
      EXPECT_EQ(store.RunWords({"SET", key, value}), kOk);
      EXPECT_EQ(store.RunWords({"GET", key}), Bulk(value));
      EXPECT_EQ(store.RunWords({"STRLEN", key}), Integer(static_cast<int64_t>(value.size())));
    }
  }
  EXPECT_EQ(store.Run("DBSIZE"), ":3\r\n");
}

TEST(Strings, ReadersOfAMissingKey) {
  CommandHarness store;
  EXPECT_EQ(store.Run("GET k"), kNull);
  EXPECT_EQ(store.Run("GETDEL k"), kNull);
  EXPECT_EQ(store.Run("GETEX k EX 10"), kNull);
  EXPECT_EQ(store.Run("GETEX k EX 0"), kNull);
  EXPECT_EQ(store.Run("GETEX k EX x"), kNull);
  EXPECT_EQ(store.Run("STRLEN k"), ":0\r\n");
  EXPECT_EQ(store.Run("GETRANGE k 0 -1"), "$0\r\n\r\n");
  EXPECT_EQ(store.Run("MGET k k"), "*2\r\n_\r\n_\r\n");
}

TEST(Strings, ReadersOfAMissingKeyInResp2) {
  CommandHarness store("", 2);
  EXPECT_EQ(store.Run("GET k"), "$-1\r\n");
  EXPECT_EQ(store.Run("MGET k"), "*1\r\n$-1\r\n");
  EXPECT_EQ(store.Run("SET k v XX"), "$-1\r\n");
}

TEST(Strings, AnotherTypeIsRefusedByAllButSetAndMget) {
  CommandHarness store;
  store.Run("RPUSH l a");
  for (const char* line : {"GET l", "GETDEL l", "GETEX l", "GETSET l v", "SET l v GET", "STRLEN l", "GETRANGE l 0 -1",
                           "SUBSTR l 0 -1", "SETRANGE l 0 v", "SETRANGE l 0 \"\"", "APPEND l v", "INCR l", "DECR l",
                           "INCRBY l 1", "DECRBY l 1", "INCRBYFLOAT l 1"}) {
    EXPECT_EQ(store.Run(line), kWrongType) << line;
    EXPECT_EQ(store.last_code(), Code::kType);
  }
  EXPECT_EQ(store.Run("LCS l l"), "-ERR The specified keys must contain string values\r\n");
  EXPECT_EQ(store.Run("MGET l"), "*1\r\n_\r\n");
  EXPECT_EQ(store.Run("TYPE l"), "+list\r\n");
  EXPECT_EQ(store.Run("SETNX l v"), ":0\r\n");
  EXPECT_EQ(store.Run("SET l v"), kOk);
  EXPECT_EQ(store.Run("GET l"), Bulk("v"));
}

// ---- SET.

TEST(Set, RemovesAnExpiryUnlessKeepTtl) {
  CommandHarness store;
  store.Run("SET k 1 EX 10");
  EXPECT_EQ(store.Run("SET k 2 KEEPTTL"), kOk);
  EXPECT_EQ(store.Run("PTTL k"), ":10000\r\n");
  EXPECT_EQ(store.Run("SET k 3"), kOk);
  EXPECT_EQ(store.Run("PTTL k"), ":-1\r\n");
}

TEST(Set, NxXxAndGetOverExistingAndMissingKeys) {
  struct Case {
    const char* options;
    const char* old_value;  // null: missing
    std::string reply;
    const char* new_value;  // null: missing
  };
  const Case cases[] = {
      {"", nullptr, kOk, "new"},           {"", "old", kOk, "new"},
      {"NX", nullptr, kOk, "new"},         {"NX", "old", kNull, "old"},
      {"XX", nullptr, kNull, nullptr},     {"XX", "old", kOk, "new"},
      {"GET", nullptr, kNull, "new"},      {"GET", "old", Bulk("old"), "new"},
      {"NX GET", nullptr, kNull, "new"},   {"GET NX", "old", Bulk("old"), "old"},
      {"XX GET", nullptr, kNull, nullptr}, {"get xx", "old", Bulk("old"), "new"},
      {"NX nx", nullptr, kOk, "new"},
  };
  for (const Case& a : cases) {
    for (const char* expiry : {"", " EX 10", " PXAT 1800000000000"}) {
      CommandHarness store;
      if (a.old_value != nullptr) store.RunWords({"SET", "k", a.old_value});
      const std::string line = std::string("SET k new ") + a.options + expiry;
      EXPECT_EQ(store.Run(line), a.reply) << line;
      EXPECT_EQ(store.Run("GET k"), a.new_value == nullptr ? kNull : Bulk(a.new_value)) << line;
    }
  }
}

// All sequences of up to three words, against the rule said another way.
TEST(Set, WordsThatExcludeEachOtherAreASyntaxError) {
  const std::vector<std::string> words{"NX", "XX", "GET", "KEEPTTL", "EX", "PX", "EXAT", "PXAT", "PERSIST", "foo"};
  const auto is_time = [](const std::string& word) {
    return word == "EX" || word == "PX" || word == "EXAT" || word == "PXAT";
  };
  const auto excluded = [&](const std::string& a, const std::string& b) {
    if (a == b) return false;
    if (is_time(a) && (is_time(b) || b == "KEEPTTL")) return true;
    if (is_time(b) && a == "KEEPTTL") return true;
    return (a == "NX" && b == "XX") || (a == "XX" && b == "NX");
  };
  CommandHarness store;
  std::vector<std::vector<std::string>> sequences{{}};
  for (size_t done = 0; done < sequences.size(); ++done) {
    if (sequences[done].size() == 3) break;
    for (const std::string& word : words) {
      sequences.push_back(sequences[done]);
      sequences.back().push_back(word);
    }
  }
  for (const std::vector<std::string>& sequence : sequences) {
    bool valid = true;
    std::vector<std::string> line{"SET", "k", "v"};
    for (size_t i = 0; i < sequence.size(); ++i) {
      if (sequence[i] == "PERSIST" || sequence[i] == "foo") valid = false;
      for (size_t j = 0; j < i; ++j) valid = valid && !excluded(sequence[i], sequence[j]);
      line.push_back(sequence[i]);
      if (is_time(sequence[i])) line.push_back("1800000000");
    }
    const std::string reply = store.RunWords(line);
    std::string shown;
    for (const std::string& word : line) shown += word + " ";
    EXPECT_EQ(reply == kSyntax, !valid) << shown << reply;
  }
  EXPECT_EQ(store.Run("SET k v EX"), kSyntax);
  EXPECT_EQ(store.Run("SET k v NX PX"), kSyntax);
  EXPECT_EQ(store.last_code(), Code::kCommand);
}

TEST(Set, ATimeGivenTwiceCountsAsGivenLast) {
  CommandHarness store;
  EXPECT_EQ(store.Run("SET k v EX 10 EX 20"), kOk);
  EXPECT_EQ(store.Run("TTL k"), ":20\r\n");
}

// Every form of time at every edge of int64, for all commands that take a positive time, against arithmetic in 128
// bits.
TEST(Set, TimesAtAllEdges) {
  struct Form {
    std::vector<std::string> before;
    std::vector<std::string> after;
    const char* name;
    bool seconds;
    bool relative;
  };
  const Form forms[] = {
      {{"SET", "k", "v", "EX"}, {}, "set", true, true},    {{"SET", "k", "v", "PX"}, {}, "set", false, true},
      {{"SET", "k", "v", "EXAT"}, {}, "set", true, false}, {{"SET", "k", "v", "PXAT"}, {}, "set", false, false},
      {{"SETEX", "k"}, {"v"}, "setex", true, true},        {{"PSETEX", "k"}, {"v"}, "psetex", false, true},
      {{"GETEX", "k", "EX"}, {}, "getex", true, true},     {{"GETEX", "k", "PX"}, {}, "getex", false, true},
      {{"GETEX", "k", "EXAT"}, {}, "getex", true, false},  {{"GETEX", "k", "PXAT"}, {}, "getex", false, false},
  };
  const int64_t now = CommandHarness::kStartMs;
  const std::vector<int64_t> times{kInt64Min,
                                   kInt64Min + 1,
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
  for (const Form& form : forms) {
    for (const int64_t time : times) {
      CommandHarness store;
      store.Run("SET k v");
      std::vector<std::string> line = form.before;
      line.push_back(std::to_string(time));
      line.insert(line.end(), form.after.begin(), form.after.end());
      const std::string reply = store.RunWords(line);
      SCOPED_TRACE(line[0] + " " + line[line.size() - 2] + " " + std::to_string(time));

      __extension__ typedef __int128 Wide;
      const Wide at = static_cast<Wide>(time) * (form.seconds ? 1000 : 1) + (form.relative ? now : 0);
      if (time <= 0 || at > kInt64Max) {
        EXPECT_EQ(reply, std::string("-ERR invalid expire time in '") + form.name + "' command\r\n");
        EXPECT_EQ(store.last_code(), Code::kValue);
        EXPECT_EQ(store.Run("PTTL k"), ":-1\r\n");
        continue;
      }
      EXPECT_EQ(reply, form.before[0] == "GETEX" ? Bulk("v") : kOk);
      if (at <= now) {
        EXPECT_EQ(store.Run("EXISTS k"), ":0\r\n");
      } else {
        EXPECT_EQ(store.Run("PEXPIRETIME k"), Integer(static_cast<int64_t>(at)));
      }
    }
    CommandHarness store;
    store.Run("SET k v");
    for (const char* bad : {"", "x", "1.5", " 1", "9223372036854775808", "+1", "01"}) {
      std::vector<std::string> line = form.before;
      line.push_back(bad);
      line.insert(line.end(), form.after.begin(), form.after.end());
      EXPECT_EQ(store.RunWords(line), kNotInteger) << bad;
    }
  }
}

TEST(Set, APointInThePastRemovesTheKeyOnEveryPath) {
  CommandHarness store;
  store.Run("SET k old");
  EXPECT_EQ(store.Run("SET k v EXAT 1 GET"), Bulk("old"));
  EXPECT_EQ(store.Run("EXISTS k"), ":0\r\n");
  EXPECT_EQ(store.Run("SET k v PXAT 1"), kOk);
  EXPECT_EQ(store.Run("EXISTS k"), ":0\r\n");
  EXPECT_EQ(store.Run("SET k v PXAT 1 XX"), kNull);
}

TEST(Set, TheRelativesAnswerInTheirOwnWay) {
  CommandHarness store;
  EXPECT_EQ(store.Run("SETNX k 1"), ":1\r\n");
  EXPECT_EQ(store.Run("SETNX k 2"), ":0\r\n");
  EXPECT_EQ(store.Run("GETSET k 3"), Bulk("1"));
  EXPECT_EQ(store.Run("GETSET new 3"), kNull);
  EXPECT_EQ(store.Run("SETEX k 10 4"), kOk);
  EXPECT_EQ(store.Run("TTL k"), ":10\r\n");
  EXPECT_EQ(store.Run("GETSET k 5"), Bulk("4"));
  EXPECT_EQ(store.Run("TTL k"), ":-1\r\n") << "GETSET removes the expiry";
  EXPECT_EQ(store.Run("PSETEX k 1500 6"), kOk);
  EXPECT_EQ(store.Run("PTTL k"), ":1500\r\n");
  store.Advance(1500);
  EXPECT_EQ(store.Run("GET k"), kNull);
  EXPECT_EQ(store.Run("SETNX k 7"), ":1\r\n") << "an expired key does not exist (I4)";
}

TEST(Set, MsetAndMsetnxTakeAllOrNothing) {
  CommandHarness store;
  EXPECT_EQ(store.Run("MSET a 1 b 2 a 3"), kOk);
  EXPECT_EQ(store.Run("MGET a b c"), "*3\r\n$1\r\n3\r\n$1\r\n2\r\n_\r\n");
  EXPECT_EQ(store.Run("MSETNX c 1 b 9 d 1"), ":0\r\n");
  EXPECT_EQ(store.Run("EXISTS c d"), ":0\r\n");
  EXPECT_EQ(store.Run("MSETNX c 1 d 2 c 3"), ":1\r\n");
  EXPECT_EQ(store.Run("MGET c d"), "*2\r\n$1\r\n3\r\n$1\r\n2\r\n");
  for (const char* line : {"MSET", "MSET a", "MSET a 1 b"}) {
    EXPECT_EQ(store.Run(line), "-ERR wrong number of arguments for 'mset' command\r\n");
    EXPECT_EQ(store.last_code(), Code::kCommand);
  }
  EXPECT_EQ(store.Run("MSETNX a 1 b"), "-ERR wrong number of arguments for 'msetnx' command\r\n");
}

TEST(GetEx, SetsRemovesOrLeavesTheExpiry) {
  CommandHarness store;
  store.Run("SET k v");
  EXPECT_EQ(store.Run("GETEX k EX 10"), Bulk("v"));
  EXPECT_EQ(store.Run("PTTL k"), ":10000\r\n");
  EXPECT_EQ(store.Run("GETEX k"), Bulk("v"));
  EXPECT_EQ(store.Run("PTTL k"), ":10000\r\n");
  EXPECT_EQ(store.Run("GETEX k PERSIST"), Bulk("v"));
  EXPECT_EQ(store.Run("PTTL k"), ":-1\r\n");
  EXPECT_EQ(store.Run("GETEX k PERSIST"), Bulk("v"));
  EXPECT_EQ(store.Run("GETEX k EXAT 1"), Bulk("v"));
  EXPECT_EQ(store.Run("GETEX k"), kNull);
  for (const char* line : {"GETEX k EX 10 PERSIST", "GETEX k PERSIST PX 1", "GETEX k EX 1 PX 1", "GETEX k NX",
                           "GETEX k KEEPTTL", "GETEX k EX"}) {
    EXPECT_EQ(store.Run(line), kSyntax) << line;
  }
}

TEST(GetDel, RepliesTheStringAndRemovesTheKey) {
  CommandHarness store;
  store.Run("SET k v EX 10");
  EXPECT_EQ(store.Run("GETDEL k"), Bulk("v"));
  EXPECT_EQ(store.Run("GETDEL k"), kNull);
  store.Run("SET k v");
  EXPECT_EQ(store.Run("TTL k"), ":-1\r\n");
}

// ---- Parts.

// Redis' documented rule over positions of a string, the long way round.
std::string RangeModel(const std::string& value, int64_t start, int64_t end) {
  const auto size = static_cast<int64_t>(value.size());
  if (start < 0 && end < 0 && start > end) return "";
  if (start < 0) start = std::max<int64_t>(0, size + start);
  if (end < 0) end = std::max<int64_t>(0, size + end);
  std::string part;
  for (int64_t i = 0; i < size; ++i) {
    if (i >= start && i <= end) part.push_back(value[static_cast<size_t>(i)]);
  }
  return part;
}

TEST(GetRange, AllEndsOfShortStrings) {
  CommandHarness store;
  for (const std::string value : {"", "a", "abc", "12345"}) {
    store.RunWords({"SET", "k", value});
    std::vector<int64_t> ends{kInt64Min, kInt64Min + 1, kInt64Max - 1, kInt64Max};
    for (int64_t end = -8; end <= 8; ++end) ends.push_back(end);
    for (const int64_t start : ends) {
      for (const int64_t end : ends) {
        for (const char* name : {"GETRANGE", "SUBSTR"}) {
          EXPECT_EQ(store.RunWords({name, "k", std::to_string(start), std::to_string(end)}),
                    Bulk(RangeModel(value, start, end)))
              << value << " " << start << " " << end;
        }
      }
    }
  }
  EXPECT_EQ(store.Run("GETRANGE k x 1"), kNotInteger);
  EXPECT_EQ(store.Run("GETRANGE k 1 x"), kNotInteger);
}

TEST(SetRange, AllOffsetsAgainstAString) {
  CommandHarness store;
  for (const std::string old : {"", "a", "abcde", "12345", "no key"}) {
    for (size_t offset = 0; offset <= 8; ++offset) {
      for (const std::string part : {"", "X", "1", "XYZ", "9876"}) {
        store.Run("DEL k");
        const bool existed = old != "no key";
        std::string model = existed ? old : "";
        if (existed) store.RunWords({"SET", "k", old, "EX", "100"});
        if (!part.empty()) {
          if (model.size() < offset + part.size()) model.resize(offset + part.size(), '\0');
          model.replace(offset, part.size(), part);
        }
        EXPECT_EQ(store.RunWords({"SETRANGE", "k", std::to_string(offset), part}),
                  Integer(static_cast<int64_t>(model.size())));
        EXPECT_EQ(store.Run("GET k"), !existed && part.empty() ? kNull : Bulk(model))
            << old << " " << offset << " " << part;
        EXPECT_EQ(store.Run("TTL k"), existed ? ":100\r\n" : part.empty() ? ":-2\r\n" : ":-1\r\n");
      }
    }
  }
  EXPECT_EQ(store.Run("SETRANGE k -1 x"), "-ERR offset is out of range\r\n");
  EXPECT_EQ(store.last_code(), Code::kValue);
  EXPECT_EQ(store.Run("SETRANGE k x x"), kNotInteger);
}

TEST(SetRange, BeyondTheLargestStringIsRefused) {
  CommandHarness store;
  store.Run("SET k v");
  for (const int64_t offset : {int64_t{512 << 20}, kInt64Max - 1, kInt64Max}) {
    EXPECT_EQ(store.RunWords({"SETRANGE", "k", std::to_string(offset), "x"}), kTooLong);
    EXPECT_EQ(store.last_code(), Code::kLimit);
    EXPECT_EQ(store.RunWords({"SETRANGE", "missing", std::to_string(offset), "x"}), kTooLong);
    EXPECT_EQ(store.RunWords({"SETRANGE", "k", std::to_string(offset), ""}), ":1\r\n");
  }
  EXPECT_EQ(store.Run("GET k"), Bulk("v"));
  EXPECT_EQ(store.Run("EXISTS missing"), ":0\r\n");
}

TEST(Append, GrowsAStringAndKeepsItsExpiry) {
  CommandHarness store;
  EXPECT_EQ(store.Run("APPEND k \"\""), ":0\r\n");
  EXPECT_EQ(store.Run("EXISTS k"), ":1\r\n") << "an empty string is a value";
  store.Run("EXPIRE k 100");
  std::string model;
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const std::string tail(random() % 20, static_cast<char>('0' + random() % 10));
    model += tail;
    EXPECT_EQ(store.RunWords({"APPEND", "k", tail}), Integer(static_cast<int64_t>(model.size())));
  }
  EXPECT_EQ(store.Run("GET k"), Bulk(model));
  EXPECT_EQ(store.Run("TTL k"), ":100\r\n");
}

TEST(Append, ToANumberIsText) {
  CommandHarness store;
  store.Run("SET k 12");
  EXPECT_EQ(store.Run("APPEND k 34"), ":4\r\n");
  EXPECT_EQ(store.Run("INCR k"), ":1235\r\n");
}

// ---- Arithmetic.

TEST(Incr, AllPairsOfEdgesAgainst128Bits) {
  CommandHarness store;
  const std::vector<int64_t> edges{kInt64Min, kInt64Min + 1, -2, -1, 0, 1, 2, kInt64Max - 1, kInt64Max};
  for (const int64_t value : edges) {
    for (const int64_t change : edges) {
      for (const bool down : {false, true}) {
        store.RunWords({"SET", "k", std::to_string(value), "EX", "100"});
        const std::string reply = store.RunWords({down ? "DECRBY" : "INCRBY", "k", std::to_string(change)});
        __extension__ typedef __int128 Wide;
        const Wide sum = down ? static_cast<Wide>(value) - change : static_cast<Wide>(value) + change;
        SCOPED_TRACE(std::to_string(value) + (down ? " - " : " + ") + std::to_string(change));
        if (down && change == kInt64Min) {
          EXPECT_EQ(reply, "-ERR decrement would overflow\r\n");
        } else if (sum < kInt64Min || sum > kInt64Max) {
          EXPECT_EQ(reply, "-ERR increment or decrement would overflow\r\n");
        } else {
          EXPECT_EQ(reply, Integer(static_cast<int64_t>(sum)));
          EXPECT_EQ(store.Run("GET k"), Bulk(std::to_string(static_cast<int64_t>(sum))));
          EXPECT_EQ(store.Run("TTL k"), ":100\r\n");
          continue;
        }
        EXPECT_EQ(store.last_code(), Code::kValue);
        EXPECT_EQ(store.Run("GET k"), Bulk(std::to_string(value)));
      }
    }
  }
}

TEST(Incr, AMissingKeyIsZero) {
  CommandHarness store;
  EXPECT_EQ(store.Run("INCR a"), ":1\r\n");
  EXPECT_EQ(store.Run("DECR b"), ":-1\r\n");
  EXPECT_EQ(store.Run("INCRBY c -5"), ":-5\r\n");
  EXPECT_EQ(store.Run("DECRBY d 5"), ":-5\r\n");
  EXPECT_EQ(store.Run("INCRBYFLOAT e 2.5"), Bulk("2.5"));
}

TEST(Incr, WhatIsNoIntegerIsRefused) {
  CommandHarness store;
  for (const char* text :
       {"", " ", " 1", "1 ", "+1", "01", "-0", "1.0", "1e3", "x", "9223372036854775808", "-9223372036854775809"}) {
    store.RunWords({"SET", "k", text});
    EXPECT_EQ(store.Run("INCR k"), kNotInteger) << text;
    EXPECT_EQ(store.last_code(), Code::kValue);
    EXPECT_EQ(store.Run("GET k"), Bulk(text));
    EXPECT_EQ(store.RunWords({"INCRBY", "new", text}), kNotInteger) << text;
    EXPECT_EQ(store.RunWords({"DECRBY", "new", text}), kNotInteger) << text;
  }
  EXPECT_EQ(store.Run("EXISTS new"), ":0\r\n");
}

TEST(IncrByFloat, PrintsAsRedisDoes) {
  CommandHarness store;
  struct Case {
    const char* value;
    const char* change;
    const char* sum;
  };
  for (const Case& a : {Case{"10.50", "0.1", "10.6"},
                        {"5.0e3", "2.0e2", "5200"},
                        {"3", "-3", "0"},
                        {"1", "1e-17", "1.00000000000000001"},
                        {"0", "3.0e3", "3000"},
                        {"-1.5", "0.25", "-1.25"}}) {
    store.RunWords({"SET", "k", a.value, "EX", "100"});
    EXPECT_EQ(store.RunWords({"INCRBYFLOAT", "k", a.change}), Bulk(a.sum)) << a.value << " + " << a.change;
    EXPECT_EQ(store.Run("GET k"), Bulk(a.sum));
    EXPECT_EQ(store.Run("TTL k"), ":100\r\n");
  }
}

TEST(IncrByFloat, RefusesWhatIsNoFiniteNumber) {
  CommandHarness store;
  store.Run("SET k 1");
  for (const char* text : {"", "x", " 1", "1 ", "nan", "1e5000"}) {
    EXPECT_EQ(store.RunWords({"INCRBYFLOAT", "k", text}), kNotFloat) << text;
    EXPECT_EQ(store.last_code(), Code::kValue);
  }
  for (const char* text : {"inf", "-inf", "+Infinity"}) {
    EXPECT_EQ(store.RunWords({"INCRBYFLOAT", "k", text}), "-ERR increment would produce NaN or Infinity\r\n") << text;
  }
  EXPECT_EQ(store.Run("GET k"), Bulk("1"));
  store.Run("SET k x");
  EXPECT_EQ(store.Run("INCRBYFLOAT k 1"), kNotFloat);
}

// ---- LCS.

size_t LcsLength(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return 0;
  if (a.back() == b.back()) return 1 + LcsLength(a.substr(0, a.size() - 1), b.substr(0, b.size() - 1));
  return std::max(LcsLength(a.substr(0, a.size() - 1), b), LcsLength(a, b.substr(0, b.size() - 1)));
}

bool IsSubsequence(const std::string& part, const std::string& whole) {
  size_t found = 0;
  for (const char byte : whole) {
    if (found < part.size() && part[found] == byte) ++found;
  }
  return found == part.size();
}

TEST(Lcs, IsALongestCommonSubsequence) {
  CommandHarness store;
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    std::string a, b;
    for (size_t size = random() % 9; a.size() < size;) a.push_back(static_cast<char>('a' + random() % 3));
    for (size_t size = random() % 9; b.size() < size;) b.push_back(static_cast<char>('a' + random() % 3));
    store.RunWords({"MSET", "a", a, "b", b});
    const size_t length = LcsLength(a, b);
    EXPECT_EQ(store.Run("LCS a b LEN"), Integer(static_cast<int64_t>(length))) << "seed " << seed;
    const std::string reply = store.Run("LCS a b");
    const std::string found = reply.substr(reply.find('\n') + 1, length);
    EXPECT_EQ(reply, Bulk(found)) << "seed " << seed;
    EXPECT_TRUE(IsSubsequence(found, a) && IsSubsequence(found, b)) << "seed " << seed;
  }
}

TEST(Lcs, AnswersPlacesFromTheEnd) {
  CommandHarness store;
  store.Run("MSET key1 ohmytext key2 mynewtext");
  EXPECT_EQ(store.Run("LCS key1 key2"), Bulk("mytext"));
  EXPECT_EQ(store.Run("LCS key1 key2 IDX"),
            "%2\r\n$7\r\nmatches\r\n*2\r\n*2\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n*2\r\n*2\r\n:2\r\n:3\r\n*2\r\n:"
            "0\r\n:1\r\n$3\r\nlen\r\n:6\r\n");
  EXPECT_EQ(store.Run("LCS key1 key2 IDX MINMATCHLEN 4 WITHMATCHLEN"),
            "%2\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6\r\n");
  EXPECT_EQ(store.Run("LCS key1 missing IDX"), "%2\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n");
  EXPECT_EQ(store.Run("LCS key1 missing"), "$0\r\n\r\n");
}

TEST(Lcs, RefusesWhatMakesNoSense) {
  CommandHarness store;
  EXPECT_EQ(store.Run("LCS a b LEN IDX"), "-ERR If you want both the length and indexes, please just use IDX.\r\n");
  EXPECT_EQ(store.Run("LCS a b MINMATCHLEN"), kSyntax);
  EXPECT_EQ(store.Run("LCS a b MINMATCHLEN x"), kNotInteger);
  EXPECT_EQ(store.Run("LCS a b foo"), kSyntax);
  EXPECT_EQ(store.Run("LCS a"), "-ERR wrong number of arguments for 'lcs' command\r\n");
}

TEST(Lcs, TheTableIsBounded) {
  CommandHarness store;
  store.Run("SETRANGE a 16383 x");
  store.Run("SETRANGE b 16383 x");
  EXPECT_EQ(store.Run("LCS a b LEN"),
            "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len\r\n");
  EXPECT_EQ(store.last_code(), Code::kLimit);
}

}  // namespace
}  // namespace redislite::test
