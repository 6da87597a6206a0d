// Script: a vector file, read. The format is that of tests/vectors/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expectation.h"

namespace vectors {

struct Step {
  // kBytes: `words[0]` is sent as it is. kLater: a reply to what was sent before.
  enum class Kind { kCommand, kBytes, kLater, kClosed, kUse, kReopen, kCrash, kClock };

  Kind kind = Kind::kCommand;
  int line = 0;
  std::vector<std::string> words;  // the command
  Expectation expected;
  std::string expected_text;
  bool no_reply = false;         // none comes: a command that blocks, or whose reply nobody wants
  bool only_here = false;        // the oracle is not even asked
  bool only_rl_command = false;  // nor is a session
  std::string differs;           // why Debian's Redis answers otherwise; empty: it does not
  int64_t clock_ms = 0;
  std::string connection;  // of kUse
  int protocol = 0;        // of kUse; 0: the run's

  // Whether a reply is expected of it.
  bool is_asked() const { return kind == Kind::kCommand || kind == Kind::kBytes || kind == Kind::kLater; }
};

// Steps that begin with an empty store.
struct Case {
  std::string title;
  int line = 0;
  std::vector<Step> steps;
};

struct Script {
  std::string path;
  std::string claim;
  std::vector<Case> cases;
};

// Splits as redis-cli does: "double" with escapes, 'single', plain words. False on unbalanced quotes.
bool SplitWords(const std::string& line, std::vector<std::string>* words);

// Reads the file. False: `error` is "path:line: what".
bool ReadScript(const std::string& path, Script* out, std::string* error);

// All *.rlt files under the path (or the path itself), sorted.
std::vector<std::string> FindScripts(const std::string& path);

}  // namespace vectors
