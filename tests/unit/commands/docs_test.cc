// docs/COMMANDS.md is derived from the command table. After a change of the table, run this test with
// REDISLITE_REWRITE=1 in the environment: it writes the page anew.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "commands/table.h"

namespace redislite {
namespace {

constexpr const char* kPage = REDISLITE_SOURCE_DIR "/docs/COMMANDS.md";

struct Group {
  const char* name;
  const char* title;
};
const Group kGroups[] = {
    {"generic", "Keys"},
    {"string", "Strings"},
    {"bitmap", "Bitmaps"},
    {"hyperloglog", "HyperLogLogs"},
    {"list", "Lists"},
    {"hash", "Hashes"},
    {"set", "Sets"},
    {"sorted-set", "Sorted sets"},
    {"geo", "Places"},
    {"connection", "Connection"},
    {"transactions", "Transactions"},
    {"pubsub", "Publishing and subscribing"},
    {"server", "Server"},
};

// "object|encoding" as a user types it: "OBJECT ENCODING".
std::string Typed(const engine::Command& row) {
  std::string name = row.name;
  for (char& byte : name) byte = byte == '|' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(byte)));
  return row.syntax[0] == '\0' ? name : name + " " + row.syntax;
}

std::string RenderPage() {
  std::ostringstream page;
  page << "# Commands\n\n"
          "What a session, `rl_command`, `rl_batch_add` and `redislite-cli` understand, with the meaning, replies and "
          "error texts "
          "of Redis 7.2. Names and\n"
          "option words may be in any case. This page is made from the command table (`src/commands/table.inc`) and "
          "tested against it.\n";
  size_t listed = 0;
  for (const Group& group : kGroups) {
    page << "\n## " << group.title << "\n\n";
    for (const engine::Command& row : commands::AllCommands()) {
      if (Bytes(row.group) != group.name) continue;
      ++listed;
      if ((row.flags & engine::kContainer) != 0 && row.handler == nullptr)
        continue;  // a container that is nothing by itself
      page << "- `" << Typed(row) << "`: " << row.summary;
      if ((row.flags & (engine::kNoBatch | engine::kAdmin)) != 0) page << " Not in a batch.";
      if ((row.flags & engine::kNeedsSession) != 0) page << " Needs a session.";
      page << " *(since Redis " << row.since << ")*\n";
    }
  }
  EXPECT_EQ(listed, commands::AllCommands().size()) << "a group is missing from the page";
  return page.str();
}

TEST(CommandsPage, SaysWhatTheTableSays) {
  const std::string expected = RenderPage();
  if (std::getenv("REDISLITE_REWRITE") != nullptr) {
    std::ofstream(kPage, std::ios::binary) << expected;
  }
  std::ifstream file(kPage, std::ios::binary);
  std::istringstream wanted(expected);
  std::string line;
  std::string found;
  for (int number = 1; std::getline(wanted, line); ++number) {
    const bool more = static_cast<bool>(std::getline(file, found));
    ASSERT_EQ(more ? found : "(end)", line)
        << "docs/COMMANDS.md:" << number << " is stale: run this test with REDISLITE_REWRITE=1";
  }
  EXPECT_FALSE(std::getline(file, found)) << "docs/COMMANDS.md goes on after the last command: " << found;
}

}  // namespace
}  // namespace redislite
