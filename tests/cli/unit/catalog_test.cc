#include "catalog.h"

#include <gtest/gtest.h>

#include "split.h"

namespace redislite::cli {
namespace {

Catalog Sample() {
  return Catalog({{"set", "key value [NX | XX] [GET] [EX seconds | PX milliseconds]", "Sets.", "1.0.0", "string"},
                  {"object", "subcommand [argument ...]", "Looks.", "2.2.3", "generic"},
                  {"object encoding", "key", "Encoding.", "2.2.3", "generic"},
                  {"lmpop", "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]", "Pops.", "7.0.0", "list"},
                  {"ping", "[message]", "Pings.", "1.0.0", "connection"}});
}

std::string Remaining(const Catalog& catalog, std::string_view line) {
  Words words;
  std::string error;
  EXPECT_TRUE(SplitLine(line, words, error));
  const CommandDoc* doc = catalog.Find(words);
  return doc == nullptr ? "-" : RemainingSyntax(*doc, words);
}

TEST(Catalog, FindsInAnyCaseAndASubcommandBeforeItsContainer) {
  const Catalog catalog = Sample();
  EXPECT_EQ(catalog.Find({"SeT"})->name, "set");
  EXPECT_EQ(catalog.Find({"OBJECT", "ENCODING", "k"})->name, "object encoding");
  EXPECT_EQ(catalog.Find({"OBJECT", "x"})->name, "object");
  EXPECT_EQ(catalog.Find({"SETS"}), nullptr);
  EXPECT_EQ(catalog.Find({}), nullptr);
}

TEST(Catalog, HintsWhatIsStillToBeTyped) {
  const Catalog catalog = Sample();
  EXPECT_EQ(Remaining(catalog, "set"), "key value [NX | XX] [GET] [EX seconds | PX milliseconds]");
  EXPECT_EQ(Remaining(catalog, "set k"), "value [NX | XX] [GET] [EX seconds | PX milliseconds]");
  EXPECT_EQ(Remaining(catalog, "set k v nx"), "[NX | XX] [GET] [EX seconds | PX milliseconds]");
  EXPECT_EQ(Remaining(catalog, "OBJECT ENCODING"), "key");
  EXPECT_EQ(Remaining(catalog, "OBJECT ENCODING k"), "");
  EXPECT_EQ(Remaining(catalog, "lmpop 1 k"), "[key ...] <LEFT | RIGHT> [COUNT count]");
  EXPECT_EQ(Remaining(catalog, "nonsense"), "-");
}

TEST(Catalog, ListsNamesByTheirStart) {
  const Catalog catalog = Sample();
  EXPECT_EQ(catalog.NamesThatBegin("OB"), (std::vector<std::string>{"object", "object encoding"}));
  EXPECT_EQ(catalog.NamesThatBegin("").size(), 5u);
  EXPECT_EQ(catalog.NamesThatBegin("x").size(), 0u);
}

}  // namespace
}  // namespace redislite::cli
