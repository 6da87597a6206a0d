// Catalog: what the store says about its own commands (COMMAND DOCS): for completion, hints and .help.
#pragma once

#include <string>
#include <vector>

#include "store.h"
#include "words.h"

namespace redislite::cli {

struct CommandDoc {
  std::string name;    // lower case; of a subcommand "object encoding"
  std::string syntax;  // of the arguments behind the name: "key seconds [NX | XX | GT | LT]"
  std::string summary, since, group;
};

class Catalog {
 public:
  static Catalog Load(const Store& store);
  // For tests.
  explicit Catalog(std::vector<CommandDoc> docs);

  // The command that these words begin with, a subcommand rather than its container; null when there is none.
  const CommandDoc* Find(const Words& words) const;
  // Names, sorted, that begin with this, in any case.
  std::vector<std::string> NamesThatBegin(std::string_view start) const;

 private:
  std::vector<CommandDoc> docs_;  // sorted by name
};

// What is still to be typed when `words` (the name included) stand there already: "value [NX | XX] ..." after SET key.
std::string RemainingSyntax(const CommandDoc& doc, const Words& words);

}  // namespace redislite::cli
