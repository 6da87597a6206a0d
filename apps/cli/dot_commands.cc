#include "dot_commands.h"

#include <algorithm>

#include "catalog.h"
#include "check.h"
#include "export.h"
#include "import.h"
#include "progress.h"
#include "split.h"
#include "stop.h"

namespace redislite::cli {

// One dot command being run: what it may use.
struct DotCall {
  Store& store;
  const Words& words;
  Outcome& outcome;
  std::string prefix;  // of a message

  void Fail(const std::string& text) const { outcome.Fail(prefix + text); }
  void Say(const std::string& text) const { (outcome.out += text) += '\n'; }
};

namespace {

std::string Plural(uint64_t count, const char* noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

void Help(const DotCall& call) {
  if (call.words.size() == 1) {
    for (const DotCommand& command : DotCommands()) {
      std::string left = std::string("  ") + command.name + ' ' + command.syntax;
      left.resize(std::max<size_t>(left.size() + 1, 22), ' ');
      call.Say(left + command.summary);
    }
    call.Say("");
    call.Say("Everything else is a command of the store: SET key value. MULTI ... EXEC is one atomic batch.");
    call.Say("Tab completes names; .help SET explains one; COMMAND LIST names all; docs/COMMANDS.md describes them.");
    return;
  }
  const Catalog catalog = Catalog::Load(call.store);
  const CommandDoc* doc = catalog.Find({call.words.begin() + 1, call.words.end()});
  if (doc == nullptr) return call.Fail("there is no command " + QuoteIfNeeded(call.words[1]));
  call.Say(ToUpper(doc->name) + (doc->syntax.empty() ? "" : " " + doc->syntax));
  call.Say("  " + doc->summary);
  call.Say("  since " + doc->since + ", group " + doc->group);
}

void Stats(const DotCall& call) {
  std::string text = call.store.Info(call.words.size() > 1 ? call.words[1].c_str() : nullptr);
  std::erase(text, '\r');
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.empty()) return call.Fail("there is no section " + QuoteIfNeeded(call.words.back()));
  call.Say(text);
}

void Snapshot(const DotCall& call) {
  const int code = rl_snapshot(call.store.db());
  if (code != RL_OK) return call.Fail(call.store.Message(code));
  call.Say("OK");
}

int OnBackupProgress(void* context, uint64_t done, uint64_t total) {
  static_cast<Progress*>(context)->Update(done, total);
  return StopSignal() != 0 ? 1 : 0;
}

void Backup(const DotCall& call) {
  int code;
  {
    Progress progress("backup", Unit::kKeys);
    code = rl_backup(call.store.db(), call.words[1].c_str(), &OnBackupProgress, &progress);
  }
  if (code == RL_CONDITION) return call.Fail("cancelled: " + call.words[1] + " was removed again");
  if (code != RL_OK) return call.Fail(call.store.Message(code));
  call.Say("OK");
}

void Check(const DotCall& call) {
  if (call.store.in_memory()) return call.Fail("a store in memory has no files to check");
  std::string error;
  if (!call.store.Close(error)) call.Fail(error);
  CheckStore(call.store.path(), Format::kTerminal, call.outcome);
  if (!call.store.Reopen(error)) {
    call.Fail("the store was closed for the check and cannot be opened again: " + error);
    call.outcome.quit = true;
  }
}

void Export(const DotCall& call) {
  uint64_t keys = 0;
  std::string error;
  if (!ExportKeys(call.store, call.words[1], keys, error)) return call.Fail(error);
  if (call.words[1] != "-") call.Say("exported " + Plural(keys, "key"));
}

void Import(const DotCall& call) {
  uint64_t keys = 0;
  std::string error;
  const bool ok = ImportKeys(call.store, call.words[1], kImportSplitBytes, keys, error);
  if (!ok) return call.Fail(error + " (" + Plural(keys, "key") + " imported)");
  call.Say("imported " + Plural(keys, "key"));
}

void Quit(const DotCall& call) { call.outcome.quit = true; }

constexpr DotCommand kDotCommands[] = {
    {".help", "[command]", "what can be typed here, or a command's syntax", 0, 2, Help},
    {".stats", "[section]", "what the store knows about itself (INFO)", 0, 1, Stats},
    {".snapshot", "", "take a snapshot; the log before it is released", 0, 0, Snapshot},
    {".backup", "directory", "a consistent copy of the store in a new directory", 1, 1, Backup},
    {".check", "", "verify every checksum of the files; the store is closed meanwhile and opened again", 0, 0, Check},
    {".export", "file", "write all keys as JSON lines (- for the standard output)", 1, 1, Export},
    {".import", "file", "read keys from JSON lines (- for the standard input); an existing key is replaced", 1, 1,
     Import},
    {".quit", "", "leave (also quit, exit, Ctrl-D)", 0, 0, Quit},
};

}  // namespace

std::span<const DotCommand> DotCommands() { return kDotCommands; }

bool IsDotCommand(const Words& words) {
  return words[0].starts_with('.') ||
         (words.size() == 1 && (EqualIgnoringCase(words[0], "quit") || EqualIgnoringCase(words[0], "exit")));
}

void RunDotCommand(Store& store, const Command& command, Outcome& outcome) {
  const Words& words = command.words;
  const DotCall call{store, words, outcome, command.place.empty() ? "" : command.place + ": "};
  if (!words[0].starts_with('.')) return Quit(call);
  const auto found = std::find_if(std::begin(kDotCommands), std::end(kDotCommands),
                                  [&](const DotCommand& row) { return EqualIgnoringCase(row.name, words[0]); });
  if (found == std::end(kDotCommands)) return call.Fail("there is no " + QuoteIfNeeded(words[0]) + "; see .help");
  const size_t arguments = words.size() - 1;
  if (arguments < found->arguments_min || arguments > found->arguments_max) {
    return call.Fail(std::string("usage: ") + found->name + ' ' + found->syntax);
  }
  found->run(call);
}

}  // namespace redislite::cli
