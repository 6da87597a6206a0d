#include "commands/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

namespace redislite {
namespace {

using engine::Command;

std::string Upper(std::string text) {
  for (char& byte : text) byte = static_cast<char>(std::toupper(static_cast<unsigned char>(byte)));
  return text;
}

// What dispatch finds for these words.
const Command* Find(const std::vector<std::string>& words) {
  const std::vector<Bytes> args(words.begin(), words.end());
  return commands::Commands().Find(args);
}

std::string Unknown(const std::vector<std::string>& words) {
  const std::vector<Bytes> args(words.begin(), words.end());
  resp::Writer reply;
  commands::Commands().WriteUnknown(args, reply);
  EXPECT_EQ(reply.error_codes(), std::vector<Code>{Code::kCommand});
  return std::string(reply.bytes());
}

bool IsSubcommand(const Command& row) { return Bytes(row.name).find('|') != Bytes::npos; }

TEST(CommandTable, FindsEveryCommandInAnyCase) {
  for (const Command& row : commands::AllCommands()) {
    const std::string name = row.name;
    std::vector<std::string> words{name};
    if (const size_t bar = name.find('|'); bar != std::string::npos)
      words = {name.substr(0, bar), name.substr(bar + 1)};
    EXPECT_EQ(Find(words), &row) << name;
    for (std::string& word : words) word = Upper(word);
    EXPECT_EQ(Find(words), &row) << name;
    words[0][0] = static_cast<char>(std::tolower(words[0][0]));
    EXPECT_EQ(Find(words), &row) << name;
    EXPECT_EQ(commands::FindCommand(name), &row);
    EXPECT_EQ(commands::FindCommand(Upper(name)), &row);
  }
}

TEST(CommandTable, FindsNothingElse) {
  for (const Command& row : commands::AllCommands()) {
    const std::string name = row.name;
    for (const std::string& near : {name + "_", "_" + name, name + '\0', name + "|", "|" + name, name + " "}) {
      EXPECT_EQ(Find({near}), nullptr) << near;
      EXPECT_EQ(commands::FindCommand(near), nullptr) << near;
    }
    if (IsSubcommand(row)) {
      EXPECT_EQ(Find({name, "k"}), nullptr) << "a subcommand is no command by itself";
    }
  }
  EXPECT_EQ(Find({}), nullptr);
  EXPECT_EQ(Find({""}), nullptr);
  EXPECT_EQ(Find({"object", ""}), nullptr);
  EXPECT_EQ(Find({"object", "encodin"}), nullptr);
}

TEST(CommandTable, AContainerAloneIsItsOwnRow) {
  const Command* object = Find({"OBJECT"});
  ASSERT_NE(object, nullptr);
  EXPECT_STREQ(object->name, "object");
}

TEST(CommandTable, EveryRowIsWellFormed) {
  const std::set<std::string> groups{"generic", "string",     "bitmap",     "hyperloglog",  "list",   "hash",  "geo",
                                     "set",     "sorted-set", "connection", "transactions", "pubsub", "server"};
  std::set<std::string> seen;
  std::set<std::string> closed_sections;
  std::string section;
  std::string container;
  std::string before;
  for (const Command& row : commands::AllCommands()) {
    const std::string name = row.name;
    SCOPED_TRACE(name);
    EXPECT_TRUE(seen.insert(name).second) << "twice in the table";
    EXPECT_EQ(std::find_if(name.begin(), name.end(), [](unsigned char c) { return std::isupper(c); }), name.end());
    EXPECT_TRUE(groups.contains(row.group)) << row.group;
    if (section != row.group) {
      EXPECT_TRUE(closed_sections.insert(row.group).second) << "a group is one section";
      section = row.group;
      before.clear();
    }
    EXPECT_LT(before, name) << "sections are sorted";
    before = name;

    EXPECT_NE(row.arity, 0);
    EXPECT_NE(std::string(row.since), "");
    const std::string summary = row.summary;
    EXPECT_TRUE(summary.ends_with('.')) << summary;
    EXPECT_FALSE((row.flags & engine::kWrite) != 0 && (row.flags & engine::kReadOnly) != 0);
    EXPECT_TRUE(row.canonical == nullptr || (row.flags & engine::kWrite) != 0) << "only writes are rewritten";
    EXPECT_EQ(row.keys != nullptr, (row.flags & engine::kMovableKeys) != 0);
    EXPECT_TRUE((row.flags & engine::kResolve) == 0 || (row.flags & engine::kWrite) != 0);

    const int words_min = row.arity < 0 ? -row.arity : row.arity;
    EXPECT_LT(row.first_key, words_min) << "the first key may be missing";
    EXPECT_EQ(row.first_key == 0, row.key_step == 0);
    if (row.last_key > 0) {
      EXPECT_GE(row.last_key, row.first_key);
      EXPECT_LT(row.last_key, words_min);
    }
    if ((row.flags & engine::kContainer) != 0) container = name;
    if (IsSubcommand(row)) {
      EXPECT_EQ(name.substr(0, name.find('|')), container) << "subcommands follow their container";
      EXPECT_GE(words_min, 2);
    }
    const bool none_is_needed = (row.flags & (engine::kContainer | engine::kSession)) != 0;
    EXPECT_TRUE(row.handler != nullptr || none_is_needed);
    EXPECT_TRUE(row.handler == nullptr || (row.flags & engine::kSession) == 0) << "a session runs it";
    EXPECT_TRUE((row.flags & engine::kNeedsSession) == 0 || (row.flags & engine::kSession) != 0);
  }
}

TEST(CommandTable, AnUnknownCommandIsNamedWithItsArguments) {
  EXPECT_EQ(Unknown({"foo"}), "-ERR unknown command 'foo', with args beginning with: \r\n");
  EXPECT_EQ(Unknown({"FOO", "a", ""}), "-ERR unknown command 'FOO', with args beginning with: 'a' '' \r\n");
  EXPECT_EQ(Unknown({"a\r\nb", "c\nd"}), "-ERR unknown command 'a  b', with args beginning with: 'c d' \r\n");
  EXPECT_EQ(Unknown({std::string("a\0b", 3)}), "-ERR unknown command 'a', with args beginning with: \r\n");
}

TEST(CommandTable, AnUnknownCommandIsCutAt128BytesOfNameAndOfArguments) {
  EXPECT_EQ(Unknown({std::string(200, 'x'), std::string(200, 'y'), "z"}),
            "-ERR unknown command '" + std::string(128, 'x') + "', with args beginning with: '" +
                std::string(128, 'y') + "' \r\n");
  // 'yyy...' takes 103 bytes of the 128, so that 25 are left to the next.
  EXPECT_EQ(Unknown({"x", std::string(100, 'y'), std::string(100, 'z'), "w"}),
            "-ERR unknown command 'x', with args beginning with: '" + std::string(100, 'y') + "' '" +
                std::string(25, 'z') + "' \r\n");
}

TEST(CommandTable, AnUnknownSubcommandPointsToHelp) {
  EXPECT_EQ(Unknown({"object", "Foo", "k"}), "-ERR unknown subcommand 'Foo'. Try OBJECT HELP.\r\n");
  EXPECT_EQ(Unknown({"Object", std::string(200, 'x')}),
            "-ERR unknown subcommand '" + std::string(128, 'x') + "'. Try OBJECT HELP.\r\n");
}

}  // namespace
}  // namespace redislite
