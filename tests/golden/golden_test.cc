// Directories that a version has written, and what they hold: v0.1/killed is a store, v0.1/killed.txt has questions
// and their answers, a line each. Every later version opens them all, finds them sound, answers the same, and writes to
// a copy of them. They are never written anew: a change of the format adds a directory.
//
// REDISLITE_WRITE_GOLDEN=v0.2 makes that version's, which must not be there yet.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "redislite.h"
#include "tests/support/scratch_directory.h"

namespace {

namespace fs = std::filesystem;

const fs::path kGolden = REDISLITE_GOLDEN_DIR;

constexpr int64_t kWrittenMs = 1'546'300'800'000;  // 2019: what was to expire in 2020 has expired for every reader

// A client of an open store.
class Client {
 public:
  explicit Client(rl_db* db) { EXPECT_EQ(rl_session_open(db, &session_), RL_OK); }
  ~Client() { rl_session_close(session_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The answer to a line as one types it, or to several, in RESP.
  std::string Ask(const std::string& line) {
    const std::string bytes = line + "\r\nECHO end-of-answer\r\n";
    const std::string end = "$13\r\nend-of-answer\r\n";
    EXPECT_EQ(rl_session_feed(session_, bytes.data(), bytes.size()), RL_OK);
    std::string answer;
    while (!answer.ends_with(end) && rl_session_wait(session_, 10'000) == RL_OK) {
      const void* ready = nullptr;
      size_t size = 0;
      EXPECT_EQ(rl_session_peek(session_, &ready, &size), RL_OK);
      answer.append(static_cast<const char*>(ready), size);
      EXPECT_EQ(rl_session_consume(session_, size), RL_OK);
    }
    if (!answer.ends_with(end)) return "no answer: " + answer;
    return answer.substr(0, answer.size() - end.size());
  }

 private:
  rl_session* session_ = nullptr;
};

rl_db* Open(const fs::path& path, std::vector<std::pair<const char*, const char*>> settings, bool long_ago = false) {
  rl_options* options = nullptr;
  EXPECT_EQ(rl_options_new(&options), RL_OK);
  for (const auto& [name, value] : settings) EXPECT_EQ(rl_options_set(options, name, value), RL_OK) << name;
  const auto clock = [](void*) { return kWrittenMs; };
  if (long_ago) {
    EXPECT_EQ(rl_options_set_clock(options, clock, nullptr), RL_OK);
  }
  rl_db* db = nullptr;
  const int opened = rl_open(path.c_str(), options, &db);
  char why[500] = "";
  if (opened != RL_OK) (void)rl_errmsg(nullptr, why, sizeof why);
  EXPECT_EQ(opened, RL_OK) << path << ": " << why;
  rl_options_free(options);
  return db;
}

// On one line.
std::string Escaped(const std::string& text) {
  std::string line;
  for (const char c : text) {
    char hex[8];
    if (c == '\r') {
      line += "\\r";
    } else if (c == '\n') {
      line += "\\n";
    } else if (c >= 0x20 && c < 0x7f && c != '\\') {
      line += c;
    } else {
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
      line += hex;
    }
  }
  return line;
}

std::string Letters(size_t count, int seed) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += static_cast<char>('a' + (i * 7 + static_cast<size_t>(seed)) % 26);
  return text;
}

// ---- What the directories hold: each type, small and large, in several databases.

std::vector<std::string> Writes() {
  std::vector<std::string> lines = {
      "SET text hello",
      "SET integer -1234567890123",
      "SET bytes \"\\x00\\x01\\xfe\\xff\\r\\n\"",
      "APPEND grown " + Letters(300, 1),
      "APPEND grown " + Letters(300, 2),
      "SET late value PXAT 4102444800000",
      "SET gone value PXAT 1577836800000",
      "INCRBYFLOAT pi 3.14159",
      "SETBIT bits 1000 1",
      "PFADD distinct a b c d e f g",
      "RPUSH list a b 1 2 -3",
      "LPUSH list z",
      "HSET hash one 1 two 2 three drei",
      "SADD integers 1 2 3 70000 5000000000",
      "SADD words alpha beta gamma",
      "ZADD scores 1 one 2.5 two -inf low +inf high 3 three",
      "GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
      "MULTI\r\nSET both-1 x\r\nLPOP list\r\nEXPIREAT hash 4102444800\r\nSET both-2 y\r\nEXEC",
      "SELECT 3",
      "SET text other",
      "SELECT 15",
      "RPUSH far 1 2 3",
      "SELECT 0",
      "SET removed x",
      "DEL removed",
      "RENAME words names",
  };
  for (int i = 0; i < 300; ++i) {
    const std::string n = std::to_string(i);
    lines.push_back("RPUSH long-list item-" + n + "-" + Letters(static_cast<size_t>(i % 60 + 1), i));
    lines.push_back("HSET long-hash field-" + n + " " + Letters(static_cast<size_t>(i % 90 + 1), i));
    lines.push_back("SADD long-set member-" + n);
    lines.push_back("ZADD long-zset " + std::to_string(i * 3 % 300) + ".5 member-" + n);
  }
  lines.push_back("SET large " + Letters(100'000, 5));
  return lines;
}

const std::vector<std::string>& Questions() {
  static const std::vector<std::string> lines = {
      "DBSIZE",
      "GET text",
      "GET integer",
      "OBJECT ENCODING integer",
      "GET bytes",
      "GET grown",
      "GET late",
      "PEXPIRETIME late",
      "EXISTS gone",
      "GET pi",
      "BITCOUNT bits",
      "STRLEN bits",
      "PFCOUNT distinct",
      "LRANGE list 0 -1",
      "HGETALL hash",
      "EXPIRETIME hash",
      "SORT integers",
      "SORT names ALPHA",
      "ZRANGE scores 0 -1 WITHSCORES",
      "GEOHASH places Palermo Catania",
      "MGET both-1 both-2 removed last",
      "LRANGE long-list 0 -1",
      "HLEN long-hash",
      "HMGET long-hash field-0 field-77 field-299 field-300",
      "SCARD long-set",
      "SMISMEMBER long-set member-0 member-150 member-299 member-300",
      "ZRANGE long-zset 0 -1 WITHSCORES",
      "ZRANK long-zset member-10",
      "STRLEN large",
      "GETRANGE large 99900 -1",
      "SELECT 3",
      "DBSIZE",
      "GET text",
      "SELECT 15",
      "LRANGE far 0 -1",
      "SELECT 0",
  };
  return lines;
}

void CopyStore(const fs::path& from, const fs::path& to) { fs::copy(from, to, fs::copy_options::recursive); }

fs::path LastSegment(const fs::path& store) {
  fs::path last;
  for (const auto& entry : fs::directory_iterator(store)) {
    if (entry.path().extension() == ".log" && entry.path() > last) last = entry.path();
  }
  return last;
}

// What a power cut in the last write leaves: the sectors of its end were not written.
void TearTheEnd(const fs::path& store) {
  const fs::path path = LastSegment(store);
  std::string bytes;
  {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  const size_t end = bytes.find_last_not_of('\0');
  for (size_t i = end / 512 * 512; i <= end; ++i) bytes[i] = '\0';
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void WriteAnswers(const fs::path& store, const fs::path& text) {
  redislite::test::ScratchDirectory scratch;
  const fs::path copy = fs::path(scratch.path()) / "store";
  CopyStore(store, copy);
  rl_db* db = Open(copy, {});
  ASSERT_NE(db, nullptr);
  std::ofstream file(text, std::ios::binary);
  {
    Client client(db);
    for (const std::string& question : Questions()) file << question << "\n" << Escaped(client.Ask(question)) << "\n";
  }
  ASSERT_EQ(rl_close(db), RL_OK);
}

void Write(const fs::path& directory) {
  ASSERT_FALSE(fs::exists(directory)) << directory << " is there already, and stays as it is";
  fs::create_directories(directory);
  const auto fill = [](rl_db* db, size_t from, size_t to) {
    Client client(db);
    const std::vector<std::string> lines = Writes();
    for (size_t i = from; i < std::min(to, lines.size()); ++i) {
      const std::string answer = client.Ask(lines[i]);
      ASSERT_NE(answer.front(), '-') << lines[i] << ": " << answer;
    }
  };
  const size_t half = Writes().size() / 2;
  const size_t all = Writes().size();
  const std::vector<std::pair<const char*, const char*>> settings = {{"wal-segment-bytes", "65536"}};

  rl_db* db = Open(directory / "closed", settings, true);
  ASSERT_NE(db, nullptr);
  fill(db, 0, all);
  ASSERT_EQ(rl_close(db), RL_OK);

  redislite::test::ScratchDirectory scratch;
  const fs::path live = fs::path(scratch.path()) / "live";
  db = Open(live, settings, true);
  ASSERT_NE(db, nullptr);
  fill(db, 0, all);
  CopyStore(live, directory / "killed");
  ASSERT_EQ(rl_close(db), RL_OK);

  const fs::path again = fs::path(scratch.path()) / "again";
  db = Open(again, settings, true);
  ASSERT_NE(db, nullptr);
  fill(db, 0, half);
  ASSERT_EQ(rl_snapshot(db), RL_OK);
  fill(db, half, all);
  {
    Client client(db);
    ASSERT_EQ(client.Ask("SET last " + Letters(2'000, 9)), "+OK\r\n");
  }
  CopyStore(again, directory / "snapshot");
  CopyStore(again, directory / "torn");
  TearTheEnd(directory / "torn");
  ASSERT_EQ(rl_close(db), RL_OK);
  for (const char* name : {"closed", "killed", "snapshot", "torn"}) {
    fs::remove(directory / name / "LOCK");
    WriteAnswers(directory / name, directory / (std::string(name) + ".txt"));
  }
}

void Check(const fs::path& store) {
  SCOPED_TRACE(store);
  redislite::test::ScratchDirectory scratch;
  const fs::path copy = fs::path(scratch.path()) / "store";
  CopyStore(store, copy);
  char* report = nullptr;
  EXPECT_EQ(rl_check(copy.c_str(), &report, nullptr), RL_OK) << report;
  rl_buffer_free(report);

  const fs::path text = store.string() + ".txt";
  const auto answer_as_then = [&](rl_db* db) {
    Client client(db);
    std::ifstream file(text);
    std::string question;
    std::string answer;
    int asked = 0;
    while (std::getline(file, question) && std::getline(file, answer)) {
      EXPECT_EQ(Escaped(client.Ask(question)), answer) << question;
      ++asked;
    }
    EXPECT_GT(asked, 30) << text;
  };
  for (const char* read_only : {"yes", "no", "no"}) {  // the last finds what the one before has made of it
    rl_db* db = Open(copy, {{"read-only", read_only}});
    ASSERT_NE(db, nullptr);
    answer_as_then(db);
    ASSERT_EQ(rl_close(db), RL_OK);
  }
  rl_db* db = Open(copy, {});
  ASSERT_NE(db, nullptr);
  {
    Client client(db);
    EXPECT_EQ(client.Ask("SET written-now yes"), "+OK\r\n");
    EXPECT_EQ(client.Ask("RPUSH long-list more"), ":301\r\n");
  }
  ASSERT_EQ(rl_close(db), RL_OK);
  db = Open(copy, {});
  ASSERT_NE(db, nullptr);
  {
    Client client(db);
    EXPECT_EQ(client.Ask("GET written-now"), "$3\r\nyes\r\n");
    EXPECT_EQ(client.Ask("LINDEX long-list -1"), "$4\r\nmore\r\n");
  }
  ASSERT_EQ(rl_close(db), RL_OK);
}

TEST(Golden, EveryDirectoryThatAVersionHasWrittenOpensAndHoldsWhatItHeld) {
  if (const char* version = std::getenv("REDISLITE_WRITE_GOLDEN")) Write(kGolden / version);
  int stores = 0;
  for (const auto& version : fs::directory_iterator(kGolden)) {
    if (!version.is_directory()) continue;
    for (const auto& store : fs::directory_iterator(version)) {
      if (!store.is_directory()) continue;
      Check(store.path());
      ++stores;
    }
  }
  EXPECT_GE(stores, 4);
}

}  // namespace
