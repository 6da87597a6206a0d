// Console: what is written to stderr. Messages, and under them at most one progress bar, which a message moves down.
//
// Any thread may call it: the store's own threads report through it too.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace redislite::cli {

class Console {
 public:
  static Console& Get();

  // stderr is a terminal: bars are drawn only then.
  bool is_terminal() const { return is_terminal_; }
  // Columns of the terminal.
  static int Width();

  // Writes the line and a newline.
  void Say(std::string_view line);
  // Draws the bar in place of the one that is there; empty removes it.
  void ShowBar(std::string bar);

 private:
  Console();

  const bool is_terminal_;
  std::mutex mutex_;
  std::string bar_;
};

// Writes all of the bytes to the descriptor; false when it cannot (errno says why).
bool WriteAll(int fd, std::string_view bytes);

}  // namespace redislite::cli
