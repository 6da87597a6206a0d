// bench_macro: measures every row, engines in turn, and prints a JSON line for each slice.
//
//   bench_macro [--quick] [--row PREFIX] [--directory PATH]     the rows
//   bench_macro --smoke ENGINE [--directory PATH]               100 operations on one engine, read back
//   bench_macro --engines                                       what this build knows
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>

#include "macro/load.h"
#include "macro/row.h"
#include "macro/store.h"

namespace bench {
namespace {

void Print(const std::string& row, const std::string& engine, int repeat, const Figures& figures) {
  std::printf("{\"row\": \"%s\", \"engine\": \"%s\", \"repeat\": %d", row.c_str(), engine.c_str(), repeat);
  for (const auto& [name, value] : figures) std::printf(", \"%s\": %.6g", name.c_str(), value);
  std::printf("}\n");
  std::fflush(stdout);
}

void Run(const Row& row, const Scale& scale) {
  std::fprintf(stderr, "%s\n", row.name.c_str());
  if (row.once) {
    // One after the other: what such a row measures is as large as the data.
    for (const Entrant& entrant : row.entrants) {
      Worker worker(entrant.job);
      worker.WaitUntilReady();
      Print(row.name, entrant.name, 0, worker.Measure());
    }
  } else {
    std::vector<std::unique_ptr<Worker>> workers;
    for (const Entrant& entrant : row.entrants) {
      workers.push_back(std::make_unique<Worker>(entrant.job));
      workers.back()->WaitUntilReady();
    }
    for (int repeat = 0; repeat < scale.repeats; ++repeat) {
      for (size_t i = 0; i < workers.size(); ++i) {
        Print(row.name, row.entrants[i].name, repeat, workers[i]->Measure());
      }
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(scale.directory)) {
    std::filesystem::remove_all(entry.path());
  }
}

// 100 keys set, read back, some removed. What the engine cannot do at all (the raw ones keep no keys) is not asked.
void Smoke(const Engine& engine, const std::string& directory) {
  std::filesystem::create_directories(directory);
  const std::unique_ptr<Store> store = engine.open(directory);
  const bool keeps_keys = !std::string_view(engine.name).starts_with("raw_");
  constexpr uint64_t kKeys = 100;
  for (uint64_t i = 0; i < kKeys; ++i) {
    Require(store->Set(Key(i).view(), "value " + std::to_string(i)), "Set failed");
  }
  if (!keeps_keys) return;
  std::string value;
  for (uint64_t i = 0; i < kKeys; ++i) {
    Require(store->Get(Key(i).view(), &value), "a key is missing");
    Require(value == "value " + std::to_string(i), "expected 'value " + std::to_string(i) + "', found '" + value + "'");
  }
  for (uint64_t i = 0; i < kKeys; i += 2) Require(store->Delete(Key(i).view()), "Delete failed");
  for (uint64_t i = 0; i < kKeys; ++i) {
    Require(store->Get(Key(i).view(), &value) == (i % 2 != 0), "a deleted key is there, or another is not");
  }
}

int Main(const std::vector<std::string>& arguments) {
  Scale scale;
  scale.directory = "bench-data";
  std::string prefix;
  std::string smoke;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool more = i + 1 < arguments.size();
    if (arguments[i] == "--engines") {
      for (const Engine& engine : Engines()) std::printf("%s\n", engine.name);
      return 0;
    }
    if (arguments[i] == "--quick") {
      scale.keys = 250'000;
      scale.many_keys = 1'000'000;
      scale.cache_keys = 20'000;
      scale.slice_s = 0.4;
      scale.repeats = 3;
    } else if (arguments[i] == "--row" && more) {
      prefix = arguments[++i];
    } else if (arguments[i] == "--directory" && more) {
      scale.directory = arguments[++i];
    } else if (arguments[i] == "--smoke" && more) {
      smoke = arguments[++i];
    } else {
      std::fprintf(stderr, "bench_macro: what is '%s'?\n", arguments[i].c_str());
      return 2;
    }
  }
  if (!smoke.empty()) {
    const Engine* engine = FindEngine(smoke);
    Require(engine != nullptr, "there is no engine " + smoke);
    std::filesystem::remove_all(scale.directory);
    Smoke(*engine, scale.directory);
    std::filesystem::remove_all(scale.directory);
    return 0;
  }
  std::filesystem::create_directories(scale.directory);
  scale.directory = std::filesystem::absolute(scale.directory);  // redis-server changes to its own
  for (const Row& row : MakeRows(scale)) {
    if (row.name.rfind(prefix, 0) == 0) Run(row, scale);
  }
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  try {
    return bench::Main(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_macro: %s\n", error.what());
    return 1;
  }
}
