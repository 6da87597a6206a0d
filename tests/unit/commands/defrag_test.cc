// MEMORY PURGE, and what INFO says of it.
#include <gtest/gtest.h>

#include <string>

#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"
#include "tests/unit/commands/replies.h"

namespace redislite::commands {
namespace {

using test::CommandHarness;
using test::InfoNumber;
using test::kOk;

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
  const uint64_t used = InfoNumber(store, "memory", "used_memory");
  const uint64_t logged = store.logged_commands();
  EXPECT_EQ(InfoNumber(store, "stats", "active_defrag_hits"), 0u);
  for (int times = 0; times < 2; ++times) {
    EXPECT_EQ(store.Run("MEMORY PURGE"), kOk);
    EXPECT_EQ(store.engine().Digest(), digest);
    EXPECT_EQ(InfoNumber(store, "memory", "used_memory"), used);
    EXPECT_EQ(store.logged_commands(), logged);
  }
  EXPECT_GT(InfoNumber(store, "stats", "active_defrag_key_hits"), 100u);
  EXPECT_GT(InfoNumber(store, "stats", "active_defrag_hits"), InfoNumber(store, "stats", "active_defrag_key_hits"));
  EXPECT_EQ(
      InfoNumber(store, "stats", "active_defrag_key_hits") + InfoNumber(store, "stats", "active_defrag_key_misses"),
      2u * 5000)
      << "each key was met once a pass";
  EXPECT_EQ(InfoNumber(store, "memory", "active_defrag_running"), 0u);
  EXPECT_EQ(store.Run("CONFIG RESETSTAT"), kOk);
  EXPECT_EQ(InfoNumber(store, "stats", "active_defrag_hits"), 0u);
  store.Reopen();
  EXPECT_EQ(store.engine().Digest(), digest);
}

}  // namespace
}  // namespace redislite::commands
