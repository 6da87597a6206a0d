#include "options.h"

#include <CLI/CLI.hpp>

#include "settings.h"
#include "split.h"

namespace redislite::cli {
namespace {

constexpr int kJobsMax = 256;

// Where CLI11 puts what it reads. Parsing stops at the first word that is no option: what a command's arguments look
// like is not our business.
class Parser {
 public:
  explicit Parser(Options& options) : options_(options) {
    app_.set_help_flag("");
    app_.prefix_command();
    app_.add_flag_callback("-h,--help", [this] { options_.task = Task::kHelp; });
    app_.add_flag_callback("-v,--version", [this] { options_.task = Task::kVersion; });
    app_.add_flag_callback("--pipe", [this] { options_.task = Task::kPipe; });
    app_.add_option_function<std::string>("--check", [this](const std::string& directory) {
      options_.task = Task::kCheck;
      options_.directory = directory;
    });
    app_.add_flag_callback("--json", [this] { options_.output = Options::Output::kJson; });
    app_.add_flag_callback("--csv", [this] { options_.output = Options::Output::kCsv; });
    app_.add_flag_callback("--raw", [this] { options_.output = Options::Output::kRaw; });
    app_.add_flag_callback("--no-raw", [this] { options_.output = Options::Output::kFormatted; });
    app_.add_flag("-3", options_.resp3);
    app_.add_flag("-x", options_.last_argument_from_stdin);
    app_.add_flag("-e");  // redis-cli's; here the exit status always tells
    app_.add_option("-r", options_.repeat);
    app_.add_option("-i", options_.interval_s)->check(CLI::NonNegativeNumber);
    app_.add_option("-j,--jobs", options_.jobs)->check(CLI::Range(1, kJobsMax));
    app_.add_option("--options", file_);
    for (const StoreOption& option : KnownStoreOptions()) {
      const std::string name = option.name;
      app_.add_option_function<std::string>(
          "--" + name, [this, name](const std::string& value) { given_.emplace_back(name, value); });
    }
  }

  // Takes the options off the front; what is left begins with the first other word.
  bool Take(Words& arguments, std::string& error) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::ParseError& exception) {
      error = exception.what();
      return false;
    }
    arguments = app_.remaining();
    if (!arguments.empty() && arguments[0].size() > 1 && arguments[0][0] == '-') {
      error = "there is no option " + QuoteIfNeeded(arguments[0]);
      return false;
    }
    return true;
  }

  const std::string& file() const { return file_; }
  const StoreOptions& given() const { return given_; }

 private:
  Options& options_;
  CLI::App app_;
  std::string file_;
  StoreOptions given_;
};

// Lines "name value", as in redis.conf.
bool TakeFile(const std::string& path, StoreOptions& options, std::string& error) {
  return ReadSettings(
      path,
      [&](const std::string& name, const Words& values, std::string& problem) {
        if (const StoreOption* option = FindStoreOption(name))
          return TakeStoreOption(*option, values, options, problem);
        return problem = "there is no option " + QuoteIfNeeded(name), false;
      },
      error);
}

bool TakeOperands(Parser& parser, Words words, Options& options, std::string& error) {
  if (words.size() >= 2 && words[0] == "log" && words[1] == "dump") {
    options.task = Task::kLogDump;
    words.erase(words.begin(), words.begin() + 2);
    if (!parser.Take(words, error)) return false;
    if (words.empty()) return error = "usage: redislite-cli log dump DIR", false;
    options.directory = words[0];
    words.erase(words.begin());
    if (!parser.Take(words, error)) return false;
    return words.empty() || (error = "usage: redislite-cli log dump DIR", false);
  }
  if (words.empty()) return true;
  if (options.task == Task::kCheck) return error = "--check takes one directory and no command", false;
  options.directory = words[0];
  words.erase(words.begin());
  if (!parser.Take(words, error)) return false;
  if (options.task == Task::kPipe && !words.empty())
    return error = "--pipe reads its commands from the standard input", false;
  options.command = std::move(words);
  return true;
}

}  // namespace

Format Options::format(bool terminal) const {
  switch (output) {
    case Output::kFormatted:
      return Format::kTerminal;
    case Output::kRaw:
      return Format::kRaw;
    case Output::kJson:
      return Format::kJson;
    case Output::kCsv:
      return Format::kCsv;
    case Output::kByTerminal:
      break;
  }
  return terminal ? Format::kTerminal : Format::kRaw;
}

bool ParseOptions(const Words& arguments, Options& options, std::string& error) {
  Parser parser(options);
  Words words = arguments;
  if (!parser.Take(words, error) || !TakeOperands(parser, words, options, error)) return false;
  if (!parser.file().empty() && !TakeFile(parser.file(), options.store_options, error)) return false;
  if (!TakeStoreEnvironment(options.store_options, error)) return false;
  options.store_options.insert(options.store_options.end(), parser.given().begin(), parser.given().end());
  if (options.last_argument_from_stdin && options.command.empty())
    return error = "-x needs a command to add the argument to", false;
  return true;
}

}  // namespace redislite::cli
