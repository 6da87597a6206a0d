#include "line_editor.h"

#include <fcntl.h>
#include <histedit.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>

#include "stop.h"

namespace redislite::cli {
namespace {

constexpr int kHistoryLines = 1000;

std::wstring Widen(std::string_view text) {
  std::wstring wide;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t c = 0;
    const size_t size = std::mbrtowc(&c, text.data(), text.size(), &state);
    if (size == 0 || size > text.size()) {  // a NUL, or no character in this locale
      c = L'?';
      state = {};
      text.remove_prefix(1);
    } else {
      text.remove_prefix(size);
    }
    wide += c;
  }
  return wide;
}

size_t Columns(std::wstring_view text) {
  size_t columns = 0;
  for (const wchar_t c : text) columns += static_cast<size_t>(std::max(wcwidth(c), 0));
  return columns;
}

size_t TerminalColumns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

// The text in front of the cursor.
std::string_view BeforeCursor(EditLine* editor) {
  const LineInfo* info = el_line(editor);
  return {info->buffer, static_cast<size_t>(info->cursor - info->buffer)};
}

std::string WholeLine(EditLine* editor) {
  const LineInfo* info = el_line(editor);
  return {info->buffer, static_cast<size_t>(info->lastchar - info->buffer)};
}

std::string CommonStart(const std::vector<std::string>& words) {
  std::string start = words.front();
  for (const std::string& word : words) {
    const auto [end, other] = std::mismatch(start.begin(), start.end(), word.begin(), word.end());
    start.erase(end, start.end());
  }
  return start;
}

// In columns, as a shell lists files.
std::string Listing(const std::vector<std::string>& words) {
  size_t width = 0;
  for (const std::string& word : words) width = std::max(width, word.size() + 2);
  const size_t columns = std::max<size_t>(TerminalColumns() / width, 1);
  const size_t rows = (words.size() + columns - 1) / columns;
  std::string text;
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = row; i < words.size(); i += rows) {
      text += words[i];
      if (i + rows < words.size()) text.append(width - words[i].size(), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace

struct LineEditor::Parts {
  Parts(Assistant& the_assistant, std::string path) : assistant(the_assistant), history_path(std::move(path)) {}

  Assistant& assistant;
  std::string history_path;
  EditLine* editor = nullptr;
  History* history = nullptr;
  HistEvent event{};
  std::wstring prompt;
  size_t columns_known = 0;  // how wide libedit takes the terminal to be
  bool can_hint = false;     // the terminal knows colours and how to erase
  bool interrupted = false;

  static Parts& Of(EditLine* editor) {
    Parts* parts = nullptr;
    el_get(editor, EL_CLIENTDATA, &parts);
    return *parts;
  }

  static wchar_t* Prompt(EditLine* editor) { return Of(editor).prompt.data(); }

  // What fits behind the line; empty when the cursor is not at its end.
  std::string HintThatFits() const {
    const std::string line = WholeLine(editor);
    if (!can_hint || BeforeCursor(editor).size() != line.size()) return "";
    const size_t columns = TerminalColumns();
    const size_t used = (Columns(prompt) + Columns(Widen(line))) % columns;
    const size_t room = columns - used - 1;
    std::string hint = assistant.Hint(line);
    if (hint.empty() || used == 0) return "";
    if (line.back() != ' ') hint.insert(0, 1, ' ');
    if (hint.size() > room) hint.resize(room);  // ASCII: syntax from the command table
    return hint;
  }

  // libedit knows nothing of the hint: it is on the screen only while a key is waited for, and the cursor stays where
  // it was.
  bool ShowHint() const {
    const std::string hint = HintThatFits();
    if (hint.empty()) return false;
    std::fputs(("\x1b"
                "7\x1b[90m" +
                hint +
                "\x1b[0m\x1b"
                "8")
                   .c_str(),
               stdout);
    std::fflush(stdout);
    return true;
  }
  static void EraseHint() {
    std::fputs("\x1b[K", stdout);
    std::fflush(stdout);
  }

  static unsigned char Tab(EditLine* editor, int) {
    Parts& parts = Of(editor);
    const std::string before(BeforeCursor(editor));
    const Assistant::Completion completion = parts.assistant.Complete(before);
    const std::string typed = before.substr(completion.begin);
    if (completion.words.empty()) return Show(parts.assistant.Explain(before));
    std::string word = CommonStart(completion.words);
    if (completion.words.size() == 1 && completion.add_blank) word += ' ';
    if (word.size() < typed.size() || word == typed) {
      return Show(completion.words.size() == 1 ? parts.assistant.Explain(before) : Listing(completion.words));
    }
    el_deletestr(editor, static_cast<int>(Widen(typed).size()));
    return el_insertstr(editor, word.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
  }

  // Under the line, which is then shown again.
  static unsigned char Show(const std::string& text) {
    if (text.empty()) return CC_ERROR;
    std::fputs(("\n" + text).c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  // One character, unless a signal comes first.
  static int ReadCharacter(EditLine* editor, wchar_t* out) {
    Parts& parts = Of(editor);
    std::mbstate_t state{};
    while (true) {
      if (parts.columns_known != TerminalColumns()) {
        parts.columns_known = TerminalColumns();
        el_resize(editor);
      }
      const bool hinted = !InputIsThere() && parts.ShowHint();
      const bool readable = WaitReadable(STDIN_FILENO);
      if (hinted) EraseHint();
      if (!readable) {
        parts.interrupted = true;
        return -1;
      }
      char byte = 0;
      const ssize_t size = read(STDIN_FILENO, &byte, 1);
      if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (size <= 0) return static_cast<int>(size);
      const size_t used = std::mbrtowc(out, &byte, 1, &state);
      if (used == static_cast<size_t>(-1)) {  // no character of this locale: what came of it is dropped
        state = {};
        continue;
      }
      if (used != static_cast<size_t>(-2)) return 1;
    }
  }

  static bool InputIsThere() {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, 0) > 0;
  }
};

LineEditor::LineEditor(Assistant& assistant, const std::string& history_path)
    : parts_(new Parts(assistant, history_path)) {
  Parts& parts = *parts_;
  parts.editor = el_init("redislite-cli", stdin, stdout, stderr);
  parts.history = history_init();
  history(parts.history, &parts.event, H_SETSIZE, kHistoryLines);
  history(parts.history, &parts.event, H_SETUNIQUE, 1);
  if (!history_path.empty()) history(parts.history, &parts.event, H_LOAD, history_path.c_str());

  EditLine* const editor = parts.editor;
  el_set(editor, EL_CLIENTDATA, &parts);
  el_wset(editor, EL_PROMPT, &Parts::Prompt);
  el_set(editor, EL_HIST, history, parts.history);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_GETCFN, &Parts::ReadCharacter);
  // Wide: libedit never frees the wide copies that it makes of narrow names.
  el_wset(editor, EL_ADDFN, L"redislite-complete", L"complete, or explain", &Parts::Tab);
  el_set(editor, EL_BIND, "\t", "redislite-complete", nullptr);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(editor, nullptr);
  const char* const terminal = std::getenv("TERM");
  parts.can_hint = terminal != nullptr && *terminal != '\0' && std::string_view(terminal) != "dumb";
}

LineEditor::~LineEditor() {
  Parts& parts = *parts_;
  if (!parts.history_path.empty()) {
    // Values may be secrets: the file is its owner's only.
    const int fd = open(parts.history_path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
    history(parts.history, &parts.event, H_SAVE, parts.history_path.c_str());
  }
  history_end(parts.history);
  el_end(parts.editor);
}

Typed LineEditor::Read(const std::string& prompt, std::string& line) {
  Parts& parts = *parts_;
  parts.prompt = Widen(prompt);
  parts.interrupted = false;
  parts.columns_known = 0;  // whatever the terminal was, it may have changed meanwhile
  int count = 0;
  const char* text = el_gets(parts.editor, &count);
  if (parts.interrupted) return Typed::kInterrupted;
  if (text == nullptr || count <= 0) return Typed::kEnd;
  line.assign(text, static_cast<size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.find_first_not_of(" \t") != std::string::npos) history(parts.history, &parts.event, H_ENTER, line.c_str());
  return Typed::kLine;
}

}  // namespace redislite::cli
