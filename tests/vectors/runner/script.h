// Script: a vector file, read. The format is that of tests/vectors/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expectation.h"

namespace vectors {

struct Step {
  enum class Kind { kCommand, kReopen, kCrash, kClock };

  Kind kind = Kind::kCommand;
  int line = 0;
  std::vector<std::string> words;  // the command
  Expectation expected;
  std::string expected_text;
  bool only_here = false;  // the oracle is not even asked
  std::string differs;     // why Debian's Redis answers otherwise; empty: it does not
  int64_t clock_ms = 0;
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
