// LineEditor: one line typed on a terminal, by libedit.
//
// It knows nothing of Redis: what completes and what is hinted comes from an Assistant. One at a time, on one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace redislite::cli {

class Assistant {
 public:
  virtual ~Assistant() = default;

  struct Completion {
    size_t begin = 0;                // where the word begins that is completed
    std::vector<std::string> words;  // what it may become
    bool add_blank = true;           // after a word that is the only one
  };
  // For the text in front of the cursor.
  virtual Completion Complete(std::string_view text) = 0;
  // What is shown in grey behind the line; empty for nothing.
  virtual std::string Hint(std::string_view line) = 0;
  // What Tab shows when there is nothing to complete: a few lines, or nothing.
  virtual std::string Explain(std::string_view line) = 0;
};

enum class Typed { kLine, kEnd, kInterrupted };

class LineEditor {
 public:
  // `history_path` empty: the history is not kept. The assistant outlives the editor.
  LineEditor(Assistant& assistant, const std::string& history_path);
  ~LineEditor();

  // Shows the prompt and reads a line, without its newline, which joins the history unless it is blank. kInterrupted:
  // a signal came.
  Typed Read(const std::string& prompt, std::string& line);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace redislite::cli
