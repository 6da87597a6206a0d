// Options: what the command line, the environment and an options file say.
#pragma once

#include <string>

#include "format.h"
#include "store_options.h"
#include "words.h"

namespace redislite::cli {

enum class Task { kCommands, kPipe, kCheck, kLogDump, kHelp, kVersion };

struct Options {
  Task task = Task::kCommands;
  std::string directory = "./data";
  Words command;  // empty: read them from the standard input

  enum class Output { kByTerminal, kFormatted, kRaw, kJson, kCsv };
  Output output = Output::kByTerminal;
  bool resp3 = false;
  bool last_argument_from_stdin = false;
  int64_t repeat = 1;  // negative: for ever
  double interval_s = 0;
  int jobs = 1;
  StoreOptions store_options;  // a later one wins

  Format format(bool terminal) const;
};

// Reads the command line (without the program's name), REDISLITE_* and the file of --options. False with a message.
bool ParseOptions(const Words& arguments, Options& options, std::string& error);

// What --help prints.
std::string HelpText();

}  // namespace redislite::cli
