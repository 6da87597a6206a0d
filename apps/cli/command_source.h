// Where commands come from when nobody types them: lines, or RESP.
#pragma once

#include <cstddef>
#include <string>

#include "input.h"
#include "words.h"

namespace redislite::cli {

struct Command {
  Words words;
  std::string place;  // for messages: "line 3"; empty for a command that was typed
  std::string error;  // not empty: it could not be understood, and there are no words
};

class CommandSource {
 public:
  virtual ~CommandSource() = default;
  // kData: a command, or one that could not be understood.
  virtual Got Next(Command& command) = 0;
};

// One command a line, in redis-cli's quoting. Empty lines are skipped.
class LineSource : public CommandSource {
 public:
  explicit LineSource(Input& input) : input_(input) {}
  Got Next(Command& command) override;

 private:
  Input& input_;
  size_t line_ = 0;
};

// RESP requests, one behind the other. What is no RESP is the last command, with its error: nothing behind it can be
// found.
class RespSource : public CommandSource {
 public:
  explicit RespSource(Input& input) : input_(input) {}
  Got Next(Command& command) override;

 private:
  Got Broken(Command& command, const std::string& what);

  Input& input_;
  size_t count_ = 0;
  bool broken_ = false;
};

}  // namespace redislite::cli
