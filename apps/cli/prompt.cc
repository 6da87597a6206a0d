#include "prompt.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "catalog.h"
#include "console.h"
#include "dot_commands.h"
#include "exit_status.h"
#include "line_editor.h"
#include "split.h"
#include "stop.h"

namespace redislite::cli {
namespace {

constexpr double kSlowSeconds = 0.5;  // from here on the time a command took is shown, as redis-cli does
constexpr size_t kPromptPathMax = 30;

bool IsLower(std::string_view text) { return ToLower(text) == text; }

// Names of files that begin as the text does.
std::vector<std::string> FilesThatBegin(const std::string& text) {
  const size_t slash = text.rfind('/');
  const std::string directory = slash == std::string::npos ? "" : text.substr(0, slash + 1);
  const std::string start = text.substr(directory.size());
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory.empty() ? "." : directory, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(start) || (name[0] == '.' && start.empty())) continue;
    std::error_code ignored;
    names.push_back(directory + name + (it->is_directory(ignored) ? "/" : ""));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What the line editor asks about commands.
class CommandAssistant : public Assistant {
 public:
  explicit CommandAssistant(Catalog catalog) : catalog_(std::move(catalog)) {}

  Completion Complete(std::string_view text) override {
    Completion completion;
    const size_t blank = text.find_last_of(" \t");
    completion.begin = blank == std::string_view::npos ? 0 : blank + 1;
    const std::string word(text.substr(completion.begin));
    Words before;
    std::string unused;
    if (!SplitLine(text.substr(0, completion.begin), before, unused)) return completion;
    if (before.empty()) {
      CompleteName(word, completion.words);
    } else if (IsAny(before[0], {".export", ".import", ".backup"}) && before.size() == 1) {
      completion.words = FilesThatBegin(word);
      completion.add_blank = false;
    } else if (EqualIgnoringCase(before[0], ".help") && before.size() == 1) {
      AddCommands("", word, completion.words);
    } else if (before.size() == 1) {
      AddCommands(ToLower(before[0]) + ' ', word, completion.words);
    }
    return completion;
  }

  std::string Hint(std::string_view line) override {
    Words words;
    std::string unused;
    if (!SplitLine(line, words, unused) || words.empty()) return "";
    DropRepetition(words);
    if (const DotCommand* dot = FindDotCommand(words[0])) return words.size() == 1 ? dot->syntax : "";
    const CommandDoc* doc = catalog_.Find(words);
    return doc == nullptr ? "" : RemainingSyntax(*doc, words);
  }

  std::string Explain(std::string_view line) override {
    Words words;
    std::string unused;
    if (!SplitLine(line, words, unused) || words.empty()) return "";
    DropRepetition(words);
    if (const DotCommand* dot = FindDotCommand(words[0])) {
      return std::string(dot->name) + ' ' + dot->syntax + "\n  " + dot->summary + '\n';
    }
    const CommandDoc* doc = catalog_.Find(words);
    return doc == nullptr ? "" : ToUpper(doc->name) + ' ' + doc->syntax + "\n  " + doc->summary + '\n';
  }

  // "5 INCR k" runs INCR k five times. Takes the number off.
  static int64_t DropRepetition(Words& words) {
    int64_t times = 1;
    if (words.size() < 2) return times;
    const char* const end = words[0].data() + words[0].size();
    const auto [stop, code] = std::from_chars(words[0].data(), end, times);
    if (code != std::errc() || stop != end || times < 1) return 1;
    words.erase(words.begin());
    return times;
  }

 private:
  static bool IsAny(const std::string& word, std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return EqualIgnoringCase(word, name); });
  }

  static const DotCommand* FindDotCommand(const std::string& word) {
    for (const DotCommand& command : DotCommands()) {
      if (EqualIgnoringCase(command.name, word)) return &command;
    }
    return nullptr;
  }

  void CompleteName(const std::string& word, std::vector<std::string>& words) const {
    for (const DotCommand& command : DotCommands()) {
      if (word.starts_with('.') && std::string_view(command.name).starts_with(ToLower(word)))
        words.push_back(command.name);
    }
    AddCommands("", word, words);
    for (const std::string name : {"multi", "exec", "discard"}) {  // the CLI's own, see session.h
      if (!word.empty() && name.starts_with(ToLower(word))) words.push_back(AsTyped(name, word));
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
  }

  // The next word of every name that goes on behind `container` as the text does.
  void AddCommands(const std::string& container, const std::string& word, std::vector<std::string>& words) const {
    for (const std::string& name : catalog_.NamesThatBegin(container + ToLower(word))) {
      const std::string rest = name.substr(container.size());
      words.push_back(AsTyped(rest.substr(0, rest.find(' ')), word));
    }
    words.erase(std::unique(words.begin(), words.end()), words.end());
  }

  // Whoever types small letters wants small letters.
  static std::string AsTyped(const std::string& name, const std::string& word) {
    return !word.empty() && IsLower(word) ? name : ToUpper(name);
  }

  const Catalog catalog_;
};

std::string HistoryPath() {
  if (const char* path = std::getenv("REDISLITE_HISTFILE")) return path;
  const char* home = std::getenv("HOME");
  return home != nullptr ? std::string(home) + "/.redislite_history" : "";
}

std::string PromptText(const Store& store, bool in_transaction) {
  std::string path = store.path();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  if (path.size() > kPromptPathMax) path = "..." + path.substr(path.size() - kPromptPathMax);
  return path + (in_transaction ? "(TX)> " : "> ");
}

std::string Greeting(const Store& store) {
  const Answer size = store.Run({"DBSIZE"});
  return std::string("RedisLite ") + rl_version() + ", " + std::to_string(size.reply.integer) +
         (size.reply.integer == 1 ? " key" : " keys") + ". Tab completes, .help helps, Ctrl-D leaves.\n";
}

class Prompt {
 public:
  Prompt(Store& store, const Style& style)
      : store_(store),
        interpreter_(store, style),
        assistant_(Catalog::Load(store)),
        editor_(assistant_, HistoryPath()) {}

  int Run() {
    Print(Greeting(store_));
    bool interrupted_before = false;
    while (true) {
      std::string line;
      switch (editor_.Read(PromptText(store_, interpreter_.in_transaction()), line)) {
        case Typed::kEnd:
          Print("\n");
          return kExitOk;
        case Typed::kInterrupted:
          if (StopSignal() != SIGINT) return kExitOk;
          ForgetInterrupt();
          Print(interrupted_before ? "\n" : "^C (again to leave)\n");
          if (interrupted_before) return kExitOk;
          interrupted_before = true;
          continue;
        case Typed::kLine:
          break;
      }
      interrupted_before = false;
      if (!RunLine(line)) return kExitOk;
      if (StopSignal() == SIGINT) ForgetInterrupt();  // it cancelled what was running, and no more
      if (StopSignal() != 0) return kExitOk;
    }
  }

 private:
  static void Print(const std::string& text) { WriteAll(STDOUT_FILENO, text); }

  // False: the person leaves.
  bool RunLine(const std::string& line) {
    Command command;
    if (!SplitLine(line, command.words, command.error)) {
      Print("(error) " + command.error + '\n');
      return true;
    }
    if (command.words.empty()) return true;
    int64_t times = CommandAssistant::DropRepetition(command.words);
    if (command.words.size() == 1 && EqualIgnoringCase(command.words[0], "clear")) {
      Print("\x1b[H\x1b[2J");
      return true;
    }
    if (EqualIgnoringCase(command.words[0], "help")) command.words[0] = ".help";
    for (; times > 0 && StopSignal() == 0; --times) {
      if (!RunOnce(command)) return false;
    }
    return true;
  }

  bool RunOnce(const Command& command) {
    const auto begin = std::chrono::steady_clock::now();
    Outcome outcome;
    interpreter_.Run(command, outcome);
    const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (elapsed_s >= kSlowSeconds && !outcome.quit) {
      char text[32];
      std::snprintf(text, sizeof text, "(%.2fs)\n", elapsed_s);
      outcome.out += text;
    }
    if (!outcome.err.empty()) WriteAll(STDERR_FILENO, outcome.err);
    return WriteAll(STDOUT_FILENO, outcome.out) && !outcome.quit;
  }

  Store& store_;
  Interpreter interpreter_;
  CommandAssistant assistant_;
  LineEditor editor_;
};

}  // namespace

int RunPrompt(Store& store, const Style& style) { return Prompt(store, style).Run(); }

}  // namespace redislite::cli
