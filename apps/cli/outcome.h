// Outcome: what running commands has to show for itself.
#pragma once

#include <cstdint>
#include <string>

namespace redislite::cli {

struct Outcome {
  std::string out;       // for stdout
  std::string err;       // for stderr
  uint64_t replies = 0;  // commands answered
  uint64_t errors = 0;   // of them with an error, and commands that could not be understood
  bool quit = false;     // .quit: no command follows

  // A failure that is not a reply: the text goes to stderr as a line.
  void Fail(const std::string& text) {
    (err += text) += '\n';
    ++errors;
  }
};

}  // namespace redislite::cli
