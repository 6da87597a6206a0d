// Any names and values for the options: one is taken as a whole or refused without a change, and what is taken is
// printed so that it can be set again.
//
// An input is lines of words; the words of a line are names and values in turn. A line is set on options as a caller
// of rl_options_set does it, then on an open store by CONFIG SET.
#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "commands/table.h"
#include "engine/engine.h"
#include "engine/options.h"
#include "resp/reply.h"
#include "split.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/line_mutator.h"
#include "tests/support/sim_file_system.h"

namespace redislite::fuzz {
namespace {

using engine::Options;
using engine::OptionSpec;
using engine::OptionTable;

std::vector<std::string> Print(const Options& options) {
  std::vector<std::string> printed;
  for (const OptionSpec& spec : OptionTable()) printed.push_back(spec.print(options));
  return printed;
}

// What redis.conf's byte counts mean, in arithmetic that cannot overflow. False: no such count.
bool ReadByteCount(Bytes text, unsigned __int128& count) {
  size_t digits = 0;
  count = 0;
  constexpr unsigned __int128 kEnough = static_cast<unsigned __int128>(1) << 90;  // far above what fits; stays there
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    count = std::min(count * 10 + static_cast<unsigned>(text[digits++] - '0'), kEnough);
  }
  if (digits == 0) return false;
  std::string unit;
  for (const char c : text.substr(digits)) unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::pair<const char*, uint64_t> units[] = {
      {"", 1},          {"b", 1},           {"k", 1000},          {"kb", 1ull << 10},
      {"m", 1'000'000}, {"mb", 1ull << 20}, {"g", 1'000'000'000}, {"gb", 1ull << 30}};
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    count *= factor;
    return true;
  }
  return false;
}

void SetOne(Options& options, const std::string& name, const std::string& value) {
  const std::vector<std::string> before = Print(options);
  const Status status = engine::SetOption(options, name, value);
  const OptionSpec* const spec = engine::FindOption(name);
  if (!status.ok()) {
    Require(status.code() == Code::kInvalid && !status.message().empty(), "a refusal says why");
    Require(Print(options) == before, "a refused value changes nothing", name + " " + value);
    return;
  }
  Require(spec != nullptr, "what was set exists", name);
  const std::vector<std::string> after = Print(options);
  Options again;
  for (size_t i = 0; i < after.size(); ++i) {
    const OptionSpec& each = OptionTable()[i];
    Require(&each == spec || after[i] == before[i], "one option is set", each.name);
    const Status set = engine::SetOption(again, each.name, after[i]);
    Require(set.ok(), "what is printed can be set", set.message());
  }
  Require(Print(again) == after, "what is printed means the same");
  if (Bytes(spec->name) == "maxmemory") {
    unsigned __int128 count = 0;
    Require(ReadByteCount(value, count) && count == options.maxmemory, "a byte count is what it says", value);
  }
}

// The first value that CONFIG GET has for the pattern; empty when it has none.
std::string Get(engine::Engine& engine, Bytes pattern) {
  resp::Writer reply(3);
  const std::vector<Bytes> args = {"CONFIG", "GET", pattern};
  Require(engine.Execute(args, 0, reply).ok(), "CONFIG GET has a reply");
  resp::ReplyTree tree;
  Require(tree.Decode(std::string(reply.bytes()), reply.error_codes()), "a reply is well formed");
  if (tree.root().size == 0) return "";
  const resp::ReplyNode& value = tree.root().children[1];
  return {value.text, value.size};
}

void SetOnOpenStore(engine::Engine& engine, const Words& words) {
  const std::vector<std::string> before = Print(engine.options());
  std::vector<Bytes> args = {"CONFIG", "SET"};
  args.insert(args.end(), words.begin(), words.end());
  resp::Writer reply(3);
  const Status status = engine.Execute(args, 0, reply);
  Require(status.ok(), "CONFIG SET has a reply", status.message());
  const bool refused = !reply.error_codes().empty();
  if (refused) Require(Print(engine.options()) == before, "a refused CONFIG SET changes nothing");
  resp::ReplyTree tree;
  Require(tree.Decode(std::string(reply.bytes()), reply.error_codes()), "a reply is well formed");
  (void)Get(engine, words.empty() ? "*" : words[0]);
  if (refused) return;
  const std::vector<std::string> after = Print(engine.options());
  for (size_t i = 0; i < after.size(); ++i) {
    const OptionSpec& each = OptionTable()[i];
    Require(after[i] == before[i] || each.changeable, "only what may change is changed", each.name);
  }
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    if (const OptionSpec* const spec = engine::FindOption(words[i])) {
      Require(spec->changeable, "only what may change is set", words[i]);
      Options expected;
      Require(engine::SetOption(expected, spec->name, words[i + 1]).ok(), "CONFIG SET takes what an option takes");
      Require(spec->print(engine.options()) == spec->print(expected), "CONFIG SET sets it", words[i + 1]);
    } else {
      Require(Get(engine, words[i]) == words[i + 1], "a fixed setting is only said again as it is", words[i]);
    }
  }
}

void TestOneInput(Bytes input) {
  static sim::SimFileSystem files;
  Options in_memory;
  in_memory.service_thread = false;
  auto opened = engine::Engine::Open("", in_memory, commands::Commands(), files);
  Require(opened.ok(), "a store in memory opens", opened.status().message());
  Options options;
  for (const std::string& line : SplitLines(input)) {
    Words words;
    std::string error;
    if (!apps::SplitLine(line, words, error)) {
      Require(!error.empty() && words.empty(), "a line that cannot be split says why");
      continue;
    }
    for (size_t i = 0; i + 1 < words.size(); i += 2) SetOne(options, words[i], words[i + 1]);
    SetOnOpenStore(**opened, words);
  }
  Require((*opened)->Close().ok(), "a store in memory closes");
}

std::string NewName(Random& random) {
  constexpr const char* kFixed[] = {"lazyfree-lazy-eviction", "cluster-enabled", "masterauth",
                                    "hash-max-listpack-value"};
  if (random.Below(8) == 0) return kFixed[random.Below(std::size(kFixed))];
  return OptionTable()[random.Below(OptionTable().size())].name;
}

std::string NewWord(Random& random) {
  constexpr const char* kValues[] = {"always", "everysec",   "no",          "yes",  "strict", "salvage",
                                     "0",      "1",          "4kb",         "1gb",  "1gbb",   "17g",
                                     "-1",     "noeviction", "allkeys-lru", "1 kb", ""};
  constexpr const char* kUnits[] = {"", "b", "k", "kb", "m", "mb", "g", "gb", "KB", "Gb", "x"};
  switch (random.Below(4)) {
    case 0:
      return NewName(random);
    case 1:
      return kValues[random.Below(std::size(kValues))];
    default:
      return std::to_string(InterestingNumber(random, 4096)) + kUnits[random.Below(std::size(kUnits))];
  }
}

Words NewLine(Random& random) {
  Words words;
  for (uint64_t i = 0; i <= random.Below(3); ++i) {
    words.push_back(NewName(random));
    words.push_back(NewWord(random));
  }
  return words;
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  redislite::Random random(uint64_t{seed} + 1);
  const std::string mutated = redislite::fuzz::MutateLines(
      redislite::fuzz::Input(data, size), {redislite::fuzz::NewLine, redislite::fuzz::NewWord}, random, capacity);
  return redislite::fuzz::GiveBack(mutated, data, capacity);
}
