#include "options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace redislite::cli {
namespace {

Options ParsedOptions(const Words& arguments) {
  Options options;
  std::string error;
  EXPECT_TRUE(ParseOptions(arguments, options, error)) << error;
  return options;
}

std::string ErrorOfOptions(const Words& arguments) {
  Options options;
  std::string error;
  EXPECT_FALSE(ParseOptions(arguments, options, error));
  return error;
}

TEST(Options, DefaultsAreDataAndTheStandardInput) {
  const Options options = ParsedOptions({});
  EXPECT_EQ(options.task, Task::kCommands);
  EXPECT_EQ(options.directory, "./data");
  EXPECT_TRUE(options.command.empty());
  EXPECT_EQ(options.format(true), Format::kTerminal);
  EXPECT_EQ(options.format(false), Format::kRaw);
}

TEST(Options, WhatFollowsTheCommandBelongsToIt) {
  const Options options = ParsedOptions({"--json", "dir", "-3", "SET", "--json", "-r", "", "--", "-x"});
  EXPECT_EQ(options.directory, "dir");
  EXPECT_EQ(options.output, Options::Output::kJson);
  EXPECT_TRUE(options.resp3);
  EXPECT_FALSE(options.last_argument_from_stdin);
  EXPECT_EQ(options.command, (Words{"SET", "--json", "-r", "", "--", "-x"}));
}

TEST(Options, EveryStoreOptionIsTakenWithItsValue) {
  Words arguments;
  for (const StoreOption& option : KnownStoreOptions())
    arguments.insert(arguments.end(), {std::string("--") + option.name, "value"});
  const Options options = ParsedOptions(arguments);
  ASSERT_EQ(options.store_options.size(), KnownStoreOptions().size());
  for (size_t i = 0; i < options.store_options.size(); ++i) {
    EXPECT_EQ(options.store_options[i].first, KnownStoreOptions()[i].name);
    EXPECT_EQ(options.store_options[i].second, "value");
  }
  EXPECT_EQ(ParsedOptions({"--appendfsync=no"}).store_options, (StoreOptions{{"appendfsync", "no"}}));
}

TEST(Options, TheCommandLineWinsOverTheEnvironmentAndThatOverTheFile) {
  const std::string path = std::filesystem::temp_directory_path() / ("options_test." + std::to_string(getpid()));
  std::ofstream(path) << "# comment\n\n  appendfsync everysec\nread-only \"no\"\n";
  setenv("REDISLITE_READ_ONLY", "yes", 1);
  const Options options = ParsedOptions({"--options", path, "--maxmemory", "1mb", "d"});
  unsetenv("REDISLITE_READ_ONLY");
  std::filesystem::remove(path);
  EXPECT_EQ(
      options.store_options,
      (StoreOptions{{"appendfsync", "everysec"}, {"read-only", "no"}, {"read-only", "yes"}, {"maxmemory", "1mb"}}));
}

TEST(Options, ANonsenseFileIsRefusedWithItsLine) {
  const std::string path = std::filesystem::temp_directory_path() / ("options_test." + std::to_string(getpid()));
  const std::pair<const char*, const char*> cases[] = {
      {"\xff\xfe\n", ":1: there is no option \"\\xff\\xfe\""},
      {"appendfsync no\nport 6379\n", ":2: there is no option port"},
      {"appendfsync\n", ":1: expected one value for appendfsync"},
      {"appendfsync a b\n", ":1: expected one value for appendfsync"},
      {"\n\nappendfsync \"a\n", ":3: unbalanced double quote (column 13)"},
  };
  for (const auto& [text, error] : cases) {
    std::ofstream(path) << text;
    EXPECT_EQ(ErrorOfOptions({"--options", path}), path + error);
  }
  std::filesystem::remove(path);
  EXPECT_EQ(ErrorOfOptions({"--options", path}), path + ": cannot be read");
}

TEST(Options, OtherTasksAreRecognized) {
  EXPECT_EQ(ParsedOptions({"--help"}).task, Task::kHelp);
  EXPECT_EQ(ParsedOptions({"--version"}).task, Task::kVersion);
  const Options check = ParsedOptions({"--check", "d"});
  EXPECT_EQ(check.task, Task::kCheck);
  EXPECT_EQ(check.directory, "d");
  const Options pipe = ParsedOptions({"d", "--pipe", "-j", "8"});
  EXPECT_EQ(pipe.task, Task::kPipe);
  EXPECT_EQ(pipe.directory, "d");
  EXPECT_EQ(pipe.jobs, 8);
  const Options dump = ParsedOptions({"log", "dump", "d", "--json"});
  EXPECT_EQ(dump.task, Task::kLogDump);
  EXPECT_EQ(dump.directory, "d");
  EXPECT_EQ(dump.output, Options::Output::kJson);
  // In capitals it is the command DUMP on a store called log.
  EXPECT_EQ(ParsedOptions({"log", "DUMP", "k"}).command, (Words{"DUMP", "k"}));
}

TEST(Options, MistakesAreNamed) {
  EXPECT_NE(ErrorOfOptions({"--nonsense"}).find("--nonsense"), std::string::npos);
  EXPECT_NE(ErrorOfOptions({"--appendfsync"}).find("--appendfsync"), std::string::npos);
  EXPECT_NE(ErrorOfOptions({"-j", "0"}).find("--jobs"), std::string::npos);
  EXPECT_NE(ErrorOfOptions({"-r", "many"}).find("-r"), std::string::npos);
  EXPECT_EQ(ErrorOfOptions({"-x", "d"}), "-x needs a command to add the argument to");
  EXPECT_EQ(ErrorOfOptions({"log", "dump"}), "usage: redislite-cli log dump DIR");
  EXPECT_EQ(ErrorOfOptions({"--check", "a", "b"}), "--check takes one directory and no command");
  EXPECT_EQ(ErrorOfOptions({"--pipe", "d", "GET", "k"}), "--pipe reads its commands from the standard input");
}

TEST(Options, HelpNamesEveryOption) {
  const std::string help = HelpText();
  for (const StoreOption& option : KnownStoreOptions())
    EXPECT_NE(help.find(std::string("--") + option.name), std::string::npos);
  for (const char* name : {"--json", "--csv", "--raw", "--no-raw", "-3", "-x", "-r N", "-i ", "--jobs", "--pipe",
                           "--check", "--version", "--help", "--options", "log dump", ".import", ".export", ".quit"}) {
    EXPECT_NE(help.find(name), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace redislite::cli
