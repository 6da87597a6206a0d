// rl_options: the header's table, row by row, and what is refused with which words.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

struct Row {
  std::string name;
  std::string default_text;                               // as CONFIG GET prints it
  std::vector<std::pair<std::string, std::string>> good;  // value, and how CONFIG GET prints it
  std::vector<std::string> bad;
  std::string allowed;  // a word that the message must have
};

const std::vector<Row>& Rows() {
  const std::vector<std::string> bad_numbers = {"",   " ", "-1", "+1", "1.5", "x", "1 ", "0x10", "18446744073709551616",
                                                "yes"};
  std::vector<std::string> bad_bytes = bad_numbers;
  for (const char* value : {"17179869185gb", "1tb", "mb", "1 mb"}) bad_bytes.push_back(value);
  static const std::vector<Row> rows = {
      {"appendfsync",
       "always",
       {{"always", "always"}, {"everysec", "everysec"}, {"no", "no"}},
       {"", "sometimes", "yes", "0"},
       "everysec"},
      {"create", "yes", {{"yes", "yes"}, {"no", "no"}}, {"", "maybe", "1", "true"}, "yes"},
      {"read-only", "no", {{"no", "no"}}, {"", "maybe", "1", "true"}, "yes"},
      {"recovery", "strict", {{"strict", "strict"}, {"salvage", "salvage"}}, {"", "hope", "yes"}, "salvage"},
      {"snapshot-wal-bytes",
       "268435456",
       {{"0", "0"}, {"1mb", "1048576"}, {"2kb", "2048"}, {"1gb", "1073741824"}, {"7", "7"}},
       bad_bytes,
       "bytes"},
      {"snapshot-interval", "0", {{"0", "0"}, {"3600", "3600"}}, bad_numbers, "seconds"},
      {"maxmemory", "0", {{"0", "0"}, {"100mb", "104857600"}}, bad_bytes, "bytes"},
      {"maxmemory-policy",
       "noeviction",
       {{"noeviction", "noeviction"},
        {"allkeys-lru", "allkeys-lru"},
        {"volatile-lru", "volatile-lru"},
        {"allkeys-lfu", "allkeys-lfu"},
        {"volatile-lfu", "volatile-lfu"},
        {"allkeys-random", "allkeys-random"},
        {"volatile-random", "volatile-random"},
        {"volatile-ttl", "volatile-ttl"}},
       {"", "lru", "allkeys"},
       "noeviction"},
      {"maxmemory-samples", "5", {{"1", "1"}, {"64", "64"}}, {"", "0", "65", "many"}, "64"},
      {"reaper-interval-ms", "100", {{"0", "0"}, {"1000", "1000"}}, bad_numbers, "milliseconds"},
      {"notify-keyspace-events",
       "",
       {{"", ""}, {"KEA", "AKE"}, {"mxg$E", "g$xEm"}, {"nKg", "gnK"}, {"ed$lshzxgtEK", "AKE"}},
       {"q", "yes", " ", "K E"},
       "letters"},
  };
  return rows;
}

std::string Config(rl_db* db, const std::string& name) { return Command(db, {"CONFIG", "GET", name}); }
std::string Printed(const std::string& name, const std::string& value) {
  return "{\"" + name + "\" \"" + value + "\"}";
}

TEST(Options, TheDefaultsAreTheHeaders) {
  const Store store;
  for (const Row& row : Rows()) EXPECT_EQ(Config(store, row.name), Printed(row.name, row.default_text));
}

TEST(Options, EveryAllowedValueIsTakenAndShownByConfig) {
  for (const Row& row : Rows()) {
    for (const auto& [value, printed] : row.good) {
      SCOPED_TRACE(row.name + " " + value);
      const Store store(nullptr, OptionList{{row.name, value}});
      EXPECT_EQ(Config(store, row.name), Printed(row.name, printed));
    }
  }
}

TEST(Options, EveryOtherValueIsRefusedByNameAndChangesNothing) {
  for (const Row& row : Rows()) {
    const auto& [good, printed] = row.good.back();
    Options options(OptionList{{row.name, good}});
    for (const std::string& value : row.bad) {
      SCOPED_TRACE(row.name + " '" + value + "'");
      EXPECT_EQ(rl_options_set(options.get(), row.name.c_str(), value.c_str()), RL_ERR_INVALID);
      const std::string message = Message(nullptr);
      EXPECT_NE(message.find("'" + row.name + "'"), std::string::npos) << message;
      EXPECT_NE(message.find("'" + value + "'"), std::string::npos) << message;
      EXPECT_NE(message.find(row.allowed), std::string::npos) << message;
    }
    const Store store(nullptr, options.get());
    EXPECT_EQ(Config(store, row.name), Printed(row.name, printed));
  }
}

TEST(Options, AnUnknownNameIsRefusedByName) {
  Options options;
  for (const char* name : {"", "appendfsyn", "appendfsyncc", "append_fsync", "port", "name\nwith break"}) {
    EXPECT_EQ(rl_options_set(options.get(), name, "yes"), RL_ERR_INVALID);
    EXPECT_NE(Message(nullptr).find(name), std::string::npos) << Message(nullptr);
  }
}

TEST(Options, NullsAreMisuse) {
  Options options;
  EXPECT_EQ(rl_options_new(nullptr), RL_ERR_INVALID);
  EXPECT_NE(Message(nullptr), "");
  EXPECT_EQ(rl_options_set(nullptr, "create", "yes"), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set(options.get(), nullptr, "yes"), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set(options.get(), "create", nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set_log(nullptr, nullptr, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set_clock(nullptr, nullptr, nullptr), RL_ERR_INVALID);
  rl_options_free(nullptr);
}

TEST(Options, OpenCopiesThem) {
  Clock clock;
  rl_db* db = nullptr;
  {
    Options options(OptionList{{"maxmemory", "5gb"}});
    clock.AddTo(options.get());
    ASSERT_EQ(rl_open(nullptr, options.get(), &db), RL_OK);
  }
  EXPECT_EQ(Config(db, "maxmemory"), Printed("maxmemory", "5368709120"));
  EXPECT_EQ(rl_set_with(db, "k", 1, "v", 1, 1000, 0), RL_OK);
  clock.now_ms += 999;
  EXPECT_EQ(Ttl(db, "k"), 1);
  clock.now_ms += 1;
  EXPECT_EQ(Ttl(db, "k"), -2);
  EXPECT_EQ(rl_close(db), RL_OK);
}

TEST(Options, AClockThatGoesBackStandsStill) {
  Clock clock;
  Options options;
  clock.AddTo(options.get());
  const Store store(nullptr, options.get());
  EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, 1000, 0), RL_OK);
  clock.now_ms -= 1'000'000;
  EXPECT_EQ(Ttl(store, "k"), 1000);
  clock.now_ms += 1'000'400;
  EXPECT_EQ(Ttl(store, "k"), 600);
}

TEST(Options, ANullCallbackIsTheDefaultAgain) {
  Clock clock;
  Options options;
  clock.AddTo(options.get());
  EXPECT_EQ(rl_options_set_clock(options.get(), nullptr, nullptr), RL_OK);
  EXPECT_EQ(rl_options_set_log(options.get(), nullptr, nullptr), RL_OK);
  const Store store(nullptr, options.get());
  const std::string time = Command(store, {"TIME"});
  EXPECT_EQ(time.rfind("[\"1700000000\"", 0), std::string::npos) << time;
}

TEST(Options, TheLogGetsLinesWithoutLineBreaks) {
  const Directory directory;
  struct Log {
    std::vector<std::pair<int, std::string>> lines;
    static void Add(void* ctx, int level, const char* line) { static_cast<Log*>(ctx)->lines.emplace_back(level, line); }
  } log;
  {
    const Store store((directory / "s").c_str());
    EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  }
  // Salvage of a damaged manifest or log has something to say; a clean store may stay silent. Either way the lines are
  // well formed.
  {
    Options options(OptionList{{"recovery", "salvage"}});
    EXPECT_EQ(rl_options_set_log(options.get(), &Log::Add, &log), RL_OK);
    for (const auto& entry : std::filesystem::directory_iterator(directory / "s")) {
      if (entry.path().extension() == ".log") std::filesystem::resize_file(entry.path(), 100);
    }
    rl_db* db = nullptr;
    (void)rl_open((directory / "s").c_str(), options.get(), &db);
    rl_close(db);
  }
  for (const auto& [level, line] : log.lines) {
    EXPECT_GE(level, RL_LOG_DEBUG);
    EXPECT_LE(level, RL_LOG_ERROR);
    EXPECT_NE(line, "");
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  }
  EXPECT_FALSE(log.lines.empty());
}

}  // namespace
}  // namespace redislite::capi
