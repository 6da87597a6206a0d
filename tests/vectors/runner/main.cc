// vector_runner: runs the vectors of tests/vectors in process through the C API, or against the machine's redis-server.
//
//   vector_runner [--option NAME=VALUE]... [--in-memory] PATH...
//                                                    RedisLite in process; its files in memory, if there is room
//   vector_runner --session2 PATH..., --session3     the same through sessions that speak RESP2 or RESP3
//   vector_runner --driver COMMAND PATH...           a binding, which the command drives (driver_store.h)
//   vector_runner --driver2 COMMAND PATH..., --driver3  a Redis client library on one, with RESP2 or RESP3
//   vector_runner --crash-everywhere PATH...         the same with a crash after every command
//   vector_runner --oracle PATH...                   a private redis-server
//   vector_runner --coverage PATH...                 every command of the table is mentioned in some vector
//   vector_runner --canary PATH...                   every expectation of these files is wrong, and must be reported
//   vector_runner --list-differences PATH...         what Redis on this machine is said to answer otherwise
//   vector_runner --record PATH...                   prints what redis-server answers, in the syntax of the vectors
//
// A failure prints file:line, the command, what was expected and what came. Exit status: 0 all well, 1 a failure, 2
// misuse, 77 no redis-server on this machine (ctest reads it as skipped).
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>

#include "connections.h"
#include "driver_store.h"
#include "local_store.h"
#include "redis_server.h"
#include "script.h"
#include "session_store.h"
#include "wire.h"

namespace vectors {
namespace {

constexpr int kSkipped = 77;

struct Totals {
  int files = 0, cases = 0, commands = 0, failures = 0;
  int differences = 0;  // expectations that this Redis is said not to share
  int skipped_directives = 0;
  int skipped_commands = 0;  // what follows a clock that the oracle cannot move, to the end of the case
};

std::string Shorten(const std::string& text) { return text.size() <= 600 ? text : text.substr(0, 600) + "..."; }

std::string PrintCommand(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    const std::string quoted = Quote(word);
    const bool plain =
        !word.empty() && quoted.size() == word.size() + 2 && word.find_first_of(" '") == std::string::npos;
    out += (out.empty() ? "" : " ") + (plain ? word : quoted);
  }
  return Shorten(out);
}

void Report(const Script& script, const Step& step, const std::string& what, Totals* totals) {
  ++totals->failures;
  std::printf("%s:%d: %s\n", script.path.c_str(), step.line, what.c_str());
}

// "${A.id}" becomes the id of the connection A.
std::string WithIds(std::string text, const Connections& connections) {
  for (size_t begin = text.find("${"); begin != std::string::npos; begin = text.find("${", begin)) {
    const size_t end = text.find(".id}", begin);
    if (end == std::string::npos) break;
    text.replace(begin, end + 4 - begin, std::to_string(connections.Id(text.substr(begin + 2, end - begin - 2))));
  }
  return text;
}

// Runs one directive. False: the rest of the case makes no sense on this target.
bool RunDirective(const Script& script, const Step& step, Target& target, Totals* totals) {
  std::string error;
  Target::Outcome outcome = Target::Outcome::kDone;
  switch (step.kind) {
    case Step::Kind::kReopen:
      outcome = target.Reopen(&error);
      break;
    case Step::Kind::kCrash:
      outcome = target.Crash(&error);
      break;
    case Step::Kind::kClock:
      outcome = target.Advance(step.clock_ms, &error);
      break;
    case Step::Kind::kUse:
      if (target.connections() == nullptr) {
        outcome = Target::Outcome::kSkipped;
      } else if (!target.connections()->Use(step.connection, step.protocol, &error)) {
        outcome = Target::Outcome::kFailed;
      }
      break;
    case Step::Kind::kClosed:
      if (target.connections() == nullptr) {
        outcome = Target::Outcome::kSkipped;
      } else if (!target.connections()->IsClosed(&error)) {
        outcome = Target::Outcome::kFailed;
      }
      break;
    case Step::Kind::kCommand:
    case Step::Kind::kBytes:
    case Step::Kind::kLater:
      break;
  }
  if (outcome == Target::Outcome::kFailed) {
    Report(script, step, error, totals);
    return false;
  }
  if (outcome == Target::Outcome::kSkipped) {
    ++totals->skipped_directives;
    return step.kind == Step::Kind::kReopen || step.kind == Step::Kind::kCrash;
  }
  return true;
}

// The reply that the step asks for. False: none came.
bool Ask(const Step& step, Target& target, Reply* reply) {
  Connections* const connections = target.connections();
  if (connections == nullptr) {
    *reply = target.Run(step.words);
    return true;
  }
  std::vector<std::string> words = step.words;
  for (std::string& word : words) word = WithIds(std::move(word), *connections);
  if (step.kind == Step::Kind::kBytes) connections->Send(words[0]);
  if (step.kind == Step::Kind::kCommand) connections->Send(EncodeRequest(words));
  if (step.no_reply) return !connections->IsQuiet(reply);
  *reply = connections->Next();
  return true;
}

void RunCommand(const Script& script, const Step& step, Target& target, bool oracle, Totals* totals) {
  Connections* const connections = target.connections();
  if ((oracle && step.only_here) || (target.protocol() != 0 && step.only_rl_command)) {
    ++totals->skipped_commands;
    return;
  }
  ++totals->commands;
  Reply reply;
  const bool came = Ask(step, target, &reply);
  const bool is_library = target.protocol() != 0 && connections == nullptr;
  const Conditions conditions = {target.time_passes(), target.protocol() == 2, is_library};
  const bool matches = step.no_reply ? !came : Matches(step.expected, reply, conditions);
  const bool may_differ = oracle && !step.differs.empty();
  if (may_differ) ++totals->differences;
  if (matches == !may_differ) return;
  std::string what = "> " + PrintCommand(step.words) + "\n    expected " + Shorten(step.expected_text) +
                     "\n    got      " + (came ? Shorten(Print(reply)) : "nothing");
  if (may_differ) what += "\n    which is the same, though the vector says that it differs: " + step.differs;
  Report(script, step, what, totals);
}

struct Mode {
  bool oracle = false;
  bool crash_everywhere = false;
};

void RunCase(const Script& script, const Case& test, Target& target, Mode mode, Totals* totals) {
  ++totals->cases;
  std::string error;
  if (!target.Begin(&error)) {
    Step step;
    step.line = test.line;
    Report(script, step, error, totals);
    return;
  }
  for (size_t i = 0; i < test.steps.size(); ++i) {
    const Step& step = test.steps[i];
    if (step.is_asked()) {
      RunCommand(script, step, target, mode.oracle, totals);
    } else if (!RunDirective(script, step, target, totals)) {
      for (size_t rest = i + 1; rest < test.steps.size(); ++rest) {
        totals->skipped_commands += test.steps[rest].is_asked() ? 1 : 0;
      }
      return;
    }
    // A loop's commands are on one line: a crash at its end does.
    const bool in_loop = i + 1 < test.steps.size() && test.steps[i + 1].line == step.line;
    if (mode.crash_everywhere && !in_loop && target.Crash(&error) == Target::Outcome::kFailed) {
      Report(script, step, error, totals);
      return;
    }
  }
  if (target.connections() == nullptr) return;
  const std::string leftover = target.connections()->Leftover();
  if (!leftover.empty()) Report(script, test.steps.back(), "nobody expected what came at the end: " + leftover, totals);
}

void RunScript(const Script& script, Target& target, Mode mode, Totals* totals) {
  ++totals->files;
  for (const Case& test : script.cases) RunCase(script, test, target, mode, totals);
}

void PrintTotals(const Totals& totals, bool oracle) {
  std::printf("%d files, %d cases, %d commands: %d failures", totals.files, totals.cases, totals.commands,
              totals.failures);
  if (oracle) {
    std::printf("; %d expectations that differ on purpose; skipped: %d directives and %d commands after them",
                totals.differences, totals.skipped_directives, totals.skipped_commands);
  }
  std::printf("\n");
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Every name of COMMAND LIST ("object|encoding" for a subcommand) must be the beginning of some vector's command.
int CheckCoverage(const std::vector<Script>& scripts, Target& target) {
  std::string error;
  if (!target.Begin(&error)) {
    std::printf("%s\n", error.c_str());
    return 1;
  }
  std::set<std::string> mentioned;
  for (const Script& script : scripts) {
    for (const Case& test : script.cases) {
      for (const Step& step : test.steps) {
        if (step.kind != Step::Kind::kCommand) continue;
        mentioned.insert(Lower(step.words[0]));
        if (step.words.size() > 1) mentioned.insert(Lower(step.words[0]) + "|" + Lower(step.words[1]));
      }
    }
  }
  const Reply names = target.Run({"COMMAND", "LIST"});
  int missing = 0;
  for (const Reply& name : names.elements) {
    if (mentioned.contains(Lower(name.text))) continue;
    ++missing;
    std::printf("no vector mentions the command %s: add it to a file of tests/vectors\n", name.text.c_str());
  }
  if (names.elements.empty()) std::printf("COMMAND LIST answered %s\n", Print(names).c_str());
  std::printf("%zu commands in the table, %d without a vector\n", names.elements.size(), missing);
  return names.elements.empty() || missing > 0 ? 1 : 0;
}

int RunCanary(const std::vector<Script>& scripts, Target& target) {
  Totals totals;
  for (const Script& script : scripts) RunScript(script, target, {}, &totals);
  std::printf("canary: %d expectations are planted wrong, %d were found\n", totals.commands, totals.failures);
  return totals.commands > 0 && totals.failures == totals.commands ? 0 : 1;
}

int ListDifferences(const std::vector<Script>& scripts) {
  int count = 0;
  for (const Script& script : scripts) {
    for (const Case& test : script.cases) {
      for (const Step& step : test.steps) {
        if (step.differs.empty()) continue;
        ++count;
        std::printf("%s:%d: %s: %s\n", script.path.c_str(), step.line, PrintCommand(step.words).c_str(),
                    step.differs.c_str());
      }
    }
  }
  std::printf("%d differences\n", count);
  return 0;
}

int Record(const std::vector<Script>& scripts, Target& target) {
  std::string error;
  for (const Script& script : scripts) {
    for (const Case& test : script.cases) {
      if (!target.Begin(&error)) return 1;
      std::printf("case %s\n", test.title.c_str());
      for (const Step& step : test.steps) {
        if (!step.is_asked()) {
          Totals ignored;
          if (step.kind == Step::Kind::kUse) std::printf("on %s\n", step.connection.c_str());
          if (step.kind == Step::Kind::kClosed) std::printf("closed\n");
          if (!RunDirective(script, step, target, &ignored)) break;
          continue;
        }
        if (step.only_here) continue;
        Reply reply;
        const bool came = Ask(step, target, &reply);
        std::printf("> %s\n%s\n", PrintCommand(step.words).c_str(), came ? Print(reply).c_str() : "nothing");
      }
    }
  }
  return 0;
}

int Usage() {
  std::fprintf(
      stderr,
      "usage: vector_runner [--session2 | --session3 | --oracle | --crash-everywhere | --coverage | --canary |\n"
      "                      --driver COMMAND | --driver2 COMMAND | --driver3 COMMAND | --list-differences | "
      "--record]\n"
      "                     [--option NAME=VALUE]... [--in-memory] PATH...\n");
  return 2;
}

int Main(int argc, char** argv) {
  std::string mode;
  bool in_memory = false;
  std::string driver;
  std::vector<std::string> paths;
  std::vector<std::pair<std::string, std::string>> options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--option" && i + 1 < argc) {
      const std::string pair = argv[++i];
      const size_t equals = pair.find('=');
      if (equals == std::string::npos) return Usage();
      options.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    } else if (word == "--in-memory") {
      in_memory = true;
    } else if (word.starts_with("--")) {
      if (!mode.empty()) return Usage();
      mode = word;
      if (word.starts_with("--driver") && i + 1 < argc) driver = argv[++i];
    } else {
      for (const std::string& path : FindScripts(word)) paths.push_back(path);
    }
  }
  if (paths.empty()) return Usage();

  std::vector<Script> scripts;
  for (const std::string& path : paths) {
    std::string error;
    scripts.emplace_back();
    if (!ReadScript(path, &scripts.back(), &error)) {
      std::printf("%s\n", error.c_str());
      return 1;
    }
  }
  if (mode == "--list-differences") return ListDifferences(scripts);

  const std::string directory = ScratchDirectory("vectors", in_memory);
  const bool oracle = mode == "--oracle" || mode == "--record";
  std::unique_ptr<Target> target;
  if (oracle) {
    if (!RedisServer::IsInstalled()) {
      std::printf("skipped: no redis-server on this machine\n");
      return kSkipped;
    }
    auto server = std::make_unique<RedisServer>(directory);
    std::string error;
    if (!server->Start(&error)) {
      std::printf("%s\n", error.c_str());
      return 1;
    }
    std::printf("redis-server %s\n", server->Version().c_str());
    target = std::move(server);
  } else if (mode == "--session2" || mode == "--session3") {
    target = std::make_unique<SessionStore>(directory, options, mode.back() - '0');
  } else if (!driver.empty()) {
    target = std::make_unique<DriverStore>(directory, options, driver, mode == "--driver" ? 0 : mode.back() - '0');
  } else {
    target = std::make_unique<LocalStore>(directory, options);
  }

  if (mode == "--record") return Record(scripts, *target);
  if (mode == "--coverage") return CheckCoverage(scripts, *target);
  if (mode == "--canary") return RunCanary(scripts, *target);
  if (!mode.empty() && mode != "--oracle" && mode != "--crash-everywhere" && !mode.starts_with("--session") &&
      driver.empty()) {
    return Usage();
  }
  Totals totals;
  for (const Script& script : scripts) RunScript(script, *target, {oracle, mode == "--crash-everywhere"}, &totals);
  PrintTotals(totals, oracle);
  return totals.failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vectors

int main(int argc, char** argv) { return vectors::Main(argc, argv); }
