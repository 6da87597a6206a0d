// MEMORY PURGE, and what INFO says of it.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"

namespace redislite::commands {
namespace {

using test::CommandHarness;

constexpr char kOk[] = "+OK\r\n";

uint64_t Number(CommandHarness& store, Bytes section, const std::string& name) {
  const std::string info = store.engine().Info({&section, 1});
  const size_t at = info.find("\n" + name + ":");
  EXPECT_NE(at, std::string::npos) << name;
  return std::stoull(info.substr(at + name.size() + 2));
}

// Values of every type in two databases, of which two in three then go; `keys` stay.
void FillAndDelete(CommandHarness& store, int keys) {
  for (int i = 0; i < 3 * keys; ++i) {
    const std::string n = std::to_string(i);
    const int db = i % 7 == 0 ? 5 : 0;
    store.Run(
        "SET s" + n + " " + std::string(static_cast<size_t>(1 + i % 300), 'v') + " EX " + std::to_string(1000 + i), db);
    store.Run("RPUSH l" + n + " a b " + n, db);
    store.Run("HSET h" + n + " f " + n, db);
    store.Run("SADD i" + n + " 1 2 " + n, db);
    store.Run("ZADD z" + n + " 1 a 2 " + n, db);
  }
  for (int i = 0; i < 3 * keys; ++i) {
    if (i % 3 == 0) continue;
    const std::string n = std::to_string(i);
    for (const char* type : {"s", "l", "h", "i", "z"}) store.Run("DEL " + (type + n), i % 7 == 0 ? 5 : 0);
  }
}

TEST(MemoryPurge, ChangesNothingThatCanBeSeenAndLogsNothing) {
  test::ScratchDirectory directory;
  CommandHarness store(directory.path() + "/store");
  FillAndDelete(store, 1000);
  const std::string digest = store.engine().Digest();
  const uint64_t used = Number(store, "memory", "used_memory");
  const uint64_t logged = store.logged_commands();
  EXPECT_EQ(Number(store, "stats", "active_defrag_hits"), 0u);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(store.Run("MEMORY PURGE"), kOk);
    EXPECT_EQ(store.engine().Digest(), digest);
    EXPECT_EQ(Number(store, "memory", "used_memory"), used);
    EXPECT_EQ(store.logged_commands(), logged);
  }
  EXPECT_GT(Number(store, "stats", "active_defrag_key_hits"), 100u);
  EXPECT_GT(Number(store, "stats", "active_defrag_hits"), Number(store, "stats", "active_defrag_key_hits"));
  EXPECT_EQ(Number(store, "stats", "active_defrag_key_hits") + Number(store, "stats", "active_defrag_key_misses"),
            2u * 5000)
      << "each key was met once a pass";
  EXPECT_EQ(Number(store, "memory", "active_defrag_running"), 0u);
  EXPECT_EQ(store.Run("CONFIG RESETSTAT"), kOk);
  EXPECT_EQ(Number(store, "stats", "active_defrag_hits"), 0u);
  store.Reopen();
  EXPECT_EQ(store.engine().Digest(), digest);
}

}  // namespace
}  // namespace redislite::commands
