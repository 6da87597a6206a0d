// redislite-cli: the store at a prompt, in a pipe, in one command. A customer of redislite.h like any other.
#include <poll.h>
#include <redislite.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include "catalog.h"
#include "check.h"
#include "console.h"
#include "exit_status.h"
#include "log_dump.h"
#include "options.h"
#include "prompt.h"
#include "runner.h"
#include "split.h"
#include "stop.h"

namespace redislite::cli {
namespace {

int Fail(const std::string& message) {
  Console::Get().Say("redislite-cli: " + message);
  return kExitCannotOpen;
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// `redislite-cli SET k v` would make a store in the directory SET: the directory was forgotten.
bool LooksLikeForgottenDirectory(const Options& options) {
  if (options.directory.find('/') != std::string::npos || Exists(options.directory)) return false;
  std::string error;
  const auto store = Store::Open(":memory:", {}, error);
  return store != nullptr && Catalog::Load(*store).Find({options.directory}) != nullptr;
}

int RunOneCommand(Store& store, const Options& options, const Style& style) {
  Words words = options.command;
  if (options.last_argument_from_stdin) {
    Input input(STDIN_FILENO);
    switch (input.ReadAll(words.emplace_back())) {
      case Got::kFailed:
        return Fail(std::string("cannot read the standard input: ") + std::strerror(errno));
      case Got::kStopped:
        return kExitOk;
      default:
        break;
    }
  }
  // One command as a source, so that one-shots and pipes are run by the same code.
  class Repeated : public CommandSource {
   public:
    Repeated(Words command, int64_t times, double interval_s)
        : command_(std::move(command)), left_(times), interval_s_(interval_s) {}
    Got Next(Command& command) override {
      if (left_ == 0) return Got::kEnd;
      if (begun_ && !Pause()) return Got::kStopped;
      begun_ = true;
      if (left_ > 0) --left_;
      command = {command_, "", ""};
      return Got::kData;
    }

   private:
    bool Pause() const {
      pollfd wake{WakeDescriptor(), POLLIN, 0};
      poll(&wake, 1, static_cast<int>(interval_s_ * 1000));
      return StopSignal() == 0;
    }

    const Words command_;
    int64_t left_;
    const double interval_s_;
    bool begun_ = false;
  };
  Repeated source(std::move(words), options.repeat, options.interval_s);
  const Totals totals = RunCommands(source, store, style, 1);
  return totals.errors > 0 || totals.broken ? kExitError : kExitOk;
}

int RunPipe(Store& store, const Options& options, Style style) {
  style.replies = false;
  Input input(STDIN_FILENO);
  RespSource source(input);
  const Totals totals = RunCommands(source, store, style, options.jobs);
  const std::string summary =
      "errors: " + std::to_string(totals.errors) + ", replies: " + std::to_string(totals.replies) + '\n';
  const bool written = WriteAll(STDOUT_FILENO, summary);
  return totals.errors > 0 || totals.broken || !written ? kExitError : kExitOk;
}

int RunLines(Store& store, const Options& options, const Style& style) {
  Input input(STDIN_FILENO);
  LineSource source(input);
  const Totals totals = RunCommands(source, store, style, options.jobs);
  return totals.errors > 0 || totals.broken ? kExitError : kExitOk;
}

int RunOnStore(const Options& options) {
  if (LooksLikeForgottenDirectory(options)) {
    return Fail(QuoteIfNeeded(options.directory) +
                " is a command: the directory comes first, as in redislite-cli ./data " + options.directory +
                " ... (for a store in a directory of that name, write ./" + options.directory + ")");
  }
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  Style style;
  style.format = options.format(terminal);
  style.resp3 = options.resp3 || style.format == Format::kJson;

  std::string error;
  const std::unique_ptr<Store> store = Store::Open(options.directory, options.store_options, error);
  if (store == nullptr) return Fail(error);
  int status;
  if (options.task == Task::kPipe) {
    status = RunPipe(*store, options, style);
  } else if (!options.command.empty()) {
    status = RunOneCommand(*store, options, style);
  } else if (isatty(STDIN_FILENO) == 1 && terminal) {
    status = RunPrompt(*store, style);
  } else {
    status = RunLines(*store, options, style);
  }
  // .check may have left it closed; then it has said why.
  if (store->db() != nullptr && !store->Close(error)) return Fail(error);
  return status;
}

int RunCheck(const Options& options) {
  Outcome outcome;
  const CheckResult result = CheckStore(options.directory, options.format(true), outcome);
  if (!outcome.err.empty()) WriteAll(STDERR_FILENO, outcome.err);
  const bool written = WriteAll(STDOUT_FILENO, outcome.out);
  if (result == CheckResult::kImpossible) return kExitCannotOpen;
  return result == CheckResult::kSound && written ? kExitOk : kExitError;
}

int Print(const std::string& text) { return WriteAll(STDOUT_FILENO, text) ? kExitOk : kExitError; }

int Main(const Words& arguments) {
  Options options;
  std::string error;
  if (!ParseOptions(arguments, options, error)) return Fail(error + " (see redislite-cli --help)");
  switch (options.task) {
    case Task::kHelp:
      return Print(HelpText());
    case Task::kVersion:
      return Print(std::string("redislite-cli ") + rl_version() + '\n');
    case Task::kCheck:
      return RunCheck(options);
    case Task::kLogDump:
      return DumpLog(options.directory, options.format(true));
    case Task::kCommands:
    case Task::kPipe:
      break;
  }
  return RunOnStore(options);
}

}  // namespace
}  // namespace redislite::cli

int main(int argc, char** argv) {
  using namespace redislite::cli;
  std::setlocale(LC_CTYPE, "");
  if (MB_CUR_MAX == 1) std::setlocale(LC_CTYPE, "C.UTF-8");  // a bare system has no locale, and still types UTF-8
  InstallStopHandlers();
  const int status = Main(redislite::apps::Words(argv + 1, argv + argc));
  return StopSignal() != 0 ? 128 + StopSignal() : status;
}
