// Options with nonsense in them: each is refused by name, says what is allowed, and leaves the options usable.
#include "support.h"

namespace stress {
namespace {

class OptionSet {
 public:
  OptionSet() { EXPECT_EQ(rl_options_new(&options_), RL_OK); }
  ~OptionSet() { rl_options_free(options_); }
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;
  int Set(const std::string& name, const std::string& value) {
    return rl_options_set(options_, name.c_str(), value.c_str());
  }
  rl_options* get() { return options_; }

 private:
  rl_options* options_ = nullptr;
};

struct Row {
  const char* name;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

const std::vector<Row>& Rows() {
  static const std::vector<std::string> kNoBytes = {"",
                                                    " ",
                                                    "abc",
                                                    "-1",
                                                    "1.5",
                                                    "1.5mb",
                                                    "mb",
                                                    "1tb",
                                                    "1 mb",
                                                    "1mbx",
                                                    "0x10",
                                                    "1e6",
                                                    "+1",
                                                    "18446744073709551616",
                                                    "99999999999999999999gb",
                                                    "18446744073709551615gb",
                                                    "nan",
                                                    "inf"};
  static const std::vector<std::string> kNoNumber = {
      "", " ", "abc", "-1", "1.5", "0x10", "1e3", "99999999999999999999", "nan"};
  static const std::vector<std::string> kNoBoolean = {"", " ", "maybe", "1", "0", "true", "yes ", " no", "yesyes"};
  static const std::vector<Row> kRows = {
      {"appendfsync", {"always", "everysec", "no"}, {"", "sometimes", "yes", "alway", "always ", "1"}},
      {"create", {"yes", "no"}, kNoBoolean},
      {"read-only", {"yes", "no"}, kNoBoolean},
      {"recovery", {"strict", "salvage"}, {"", "maybe", "yes", "salvage!"}},
      {"snapshot-wal-bytes", {"0", "1", "256mb", "1gb", "10kb", "1GB"}, kNoBytes},
      {"snapshot-interval", {"0", "1", "3600"}, kNoNumber},
      {"maxmemory", {"0", "100mb", "1gb"}, kNoBytes},
      {"maxmemory-policy",
       {"noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random",
        "volatile-ttl"},
       {"", "lru", "allkeys", "allkeys-ttl", "0"}},
      {"reaper-interval-ms", {"0", "1", "100"}, kNoNumber},
      {"notify-keyspace-events", {"", "KEA", "Ag$lshzxeKEtmdn"}, {"q", "yes", "K,E"}},
  };
  return kRows;
}

TEST(Options, EveryGoodValueIsTaken) {
  for (const Row& row : Rows()) {
    for (const std::string& value : row.good) {
      OptionSet options;
      EXPECT_EQ(options.Set(row.name, value), RL_OK) << row.name << "=" << value << ": " << Message();
    }
  }
}

TEST(Options, EveryBadValueIsRefusedByNameAndChangesNothing) {
  for (const Row& row : Rows()) {
    OptionSet options;
    for (const std::string& value : row.bad) {
      EXPECT_EQ(options.Set(row.name, value), RL_ERR_INVALID) << row.name << "='" << value << "'";
      EXPECT_NE(Message().find(row.name), std::string::npos) << row.name << "='" << value << "': " << Message();
    }
    // What was refused is not half taken: a store opens with the defaults.
    rl_db* db = nullptr;
    EXPECT_EQ(rl_open(":memory:", options.get(), &db), RL_OK) << row.name << ": " << Message();
    EXPECT_EQ(rl_close(db), RL_OK);
  }
}

TEST(Options, UnknownNamesAreRefusedAndNamed) {
  for (const std::string& name : std::vector<std::string>{"", " ", "nosuch", "appendfsync ", "append-fsync",
                                                          "maxmemory\n", "--maxmemory", "dir"}) {
    OptionSet options;
    EXPECT_EQ(options.Set(name, "yes"), RL_ERR_INVALID) << name;
    EXPECT_NE(Message().find(name), std::string::npos) << name << ": " << Message();
  }
}

TEST(Options, RandomNonsenseIsRefused) {
  Random random;
  OptionSet options;
  for (int i = 0; i < 2000; ++i) {
    std::string name = random.Bytes(random.Below(40)), value = random.Bytes(random.Below(2000));
    if (random.OneIn(2)) name = Rows()[random.Below(Rows().size())].name;
    // A NUL ends the text, and short digits are a good number.
    if (value.find('\0') <= 2 || value.size() <= 2) continue;
    EXPECT_EQ(options.Set(name, value), RL_ERR_INVALID);
  }
}

TEST(Options, AValueOfAMegabyteIsRefused) {
  OptionSet options;
  EXPECT_EQ(options.Set("appendfsync", std::string(1 << 20, 'a')), RL_ERR_INVALID);
  EXPECT_EQ(options.Set("maxmemory", std::string(1 << 20, '9')), RL_ERR_INVALID);
  EXPECT_EQ(options.Set(std::string(1 << 20, 'n'), "yes"), RL_ERR_INVALID);
}

TEST(Options, NullPointersAreMisuse) {
  OptionSet options;
  EXPECT_EQ(rl_options_new(nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set(nullptr, "create", "yes"), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set(options.get(), nullptr, "yes"), RL_ERR_INVALID);
  EXPECT_EQ(rl_options_set(options.get(), "create", nullptr), RL_ERR_INVALID);
  rl_options_free(nullptr);
  rl_buffer_free(nullptr);
  rl_reply_free(nullptr);
  rl_batch_free(nullptr);
  rl_db* db = nullptr;
  EXPECT_EQ(rl_open(":memory:", nullptr, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_set(nullptr, "k", 1, "v", 1), RL_ERR_INVALID);
  ASSERT_EQ(rl_open(nullptr, nullptr, &db), RL_OK);
  EXPECT_EQ(rl_set(db, nullptr, 1, "v", 1), RL_ERR_INVALID);
  EXPECT_EQ(rl_set(db, nullptr, 0, nullptr, 0), RL_OK);
  rl_reply* reply = nullptr;
  EXPECT_EQ(rl_command(db, 0, nullptr, nullptr, &reply), RL_ERR_INVALID);
  EXPECT_EQ(rl_close(db), RL_OK);
}

TEST(Options, ConfigSetRefusesTheSameNonsense) {
  rl_db* db = nullptr;
  ASSERT_EQ(rl_open(":memory:", nullptr, &db), RL_OK);
  for (const Row& row : Rows()) {
    for (const std::string& value : row.bad) {
      EXPECT_EQ(Do(db, {"CONFIG", "SET", row.name, value}).substr(0, 4), "-ERR") << row.name << "='" << value << "'";
    }
  }
  EXPECT_EQ(Do(db, {"SET", "k", "v"}), "OK");
  EXPECT_EQ(rl_close(db), RL_OK);
}

}  // namespace
}  // namespace stress
