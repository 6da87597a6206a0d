// What the stress tests share: a scratch directory, the public C API in few words, and a seed that is printed.
//
// Nothing here or in the tests sees more of RedisLite than include/redislite.h.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "redislite.h"

namespace stress {

// A directory of its own, removed at the end.
class Scratch {
 public:
  // kMemory: where files live in memory, if the system has that and it has room; for tests that ask nothing of a disk.
  enum class Where { kDisk, kMemory };
  explicit Scratch(Where where = Where::kDisk);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

using Options = std::map<std::string, std::string>;

// Opens a store; *db is null on an error.
int Open(const std::string& path, rl_db** db, const Options& options = {});
// The message of the handle's last failed call; of the thread's last failed open for null.
std::string Message(rl_db* db = nullptr);

// A store that must open, closed at the end.
class Store {
 public:
  explicit Store(const std::string& path, const Options& options = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  rl_db* get() const { return db_; }
  operator rl_db*() const { return db_; }
  void Close();

 private:
  rl_db* db_ = nullptr;
};

// Runs a command and prints its reply in one line: OK, 3, (nil), bytes as they are, [a, b], and errors with a '-' in
// front.
std::string Do(rl_db* db, const std::vector<std::string>& words);

// Gives this process mounts of its own, which end with it. Empty, or why it cannot have them.
std::string EnterOwnMounts();

// The fast lanes with strings.
int Set(rl_db* db, const std::string& key, const std::string& value);
// "(none)" when there is none, "(code -2)" for an error.
std::string Get(rl_db* db, const std::string& key);

// All of database 0, a line a key, sorted: key, type, absolute expiry, value.
std::string Contents(rl_db* db);

// Copies the files of a store that may be open, without LOCK: what a process that dies now leaves behind.
void CopyAsAfterACrash(const std::string& from, const std::string& to);
// Copies all the files.
void CopyDirectory(const std::string& from, const std::string& to);

// A random generator whose seed is REDISLITE_SEED or new, and printed; a failing test is repeated with that variable.
class Random {
 public:
  Random();
  explicit Random(uint64_t seed) : seed_(seed), engine_(seed) {}

  uint64_t seed() const { return seed_; }
  uint64_t Next() { return engine_(); }
  uint64_t Below(uint64_t bound) { return bound == 0 ? 0 : engine_() % bound; }
  bool OneIn(uint64_t count) { return Below(count) == 0; }
  // Bytes of any value.
  std::string Bytes(size_t size);

 private:
  uint64_t seed_ = 0;
  std::mt19937_64 engine_;
};

// How long a test of load goes on: `normal` seconds, or REDISLITE_SOAK_SECONDS.
double LoadSeconds(double normal);

// Runs `body` in a forked child and gives its exit status, or -signal when it was killed; a child that hangs for
// `seconds` is killed and gives -SIGKILL.
template <typename Body>
int InChild(Body body, int seconds = 60);

int WaitForChild(int pid, int seconds);
int ForkQuietly();
[[noreturn]] void ExitNow(int status);

template <typename Body>
int InChild(Body body, int seconds) {
  const int pid = ForkQuietly();
  if (pid == 0) ExitNow(body());
  return WaitForChild(pid, seconds);
}

}  // namespace stress
