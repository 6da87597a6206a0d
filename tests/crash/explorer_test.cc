// The explorer finds nothing in the store, and finds every planted bug.
#include "tests/crash/explorer.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/crash/storage_case.h"
#include "tests/crash/store_case.h"
#include "tests/crash/threads_case.h"

namespace redislite::crash {
namespace {

using sim::Call;
using sim::Op;

void ExpectNoViolation(const Case& run, const Limits& limits) {
  ASSERT_EQ(run.trouble(), "") << run.name();
  const Figures figures = Explore(run, limits);
  EXPECT_EQ(figures.violation, "");
  EXPECT_GT(figures.disks, 100u) << run.name();
}

constexpr Limits kShort = {.cut = {.torn_max = 16, .random_count = 5, .seed = 1}, .nested_every = 200};

TEST(Explorer, FindsNothingInTheLog) {
  for (uint64_t seed = 1; seed <= 3; ++seed) ExpectNoViolation(StorageCase(seed), kShort);
}

TEST(Explorer, FindsNothingInTheStore) {
  for (const char* mode : {"always", "everysec", "no"}) ExpectNoViolation(StoreCase(1, mode, 40), kShort);
}

TEST(Explorer, FindsNothingInTheStoreUnderThreads) { ExpectNoViolation(ThreadsCase(1, 3, 5), kShort); }

// ---- The planted bugs: a sync that is left out.

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Bug {
  const char* name;
  sim::Lie lie;
};

std::vector<Bug> PlantedBugs() {
  const auto directory_after = [](const std::string& renamed) {
    return [renamed](const Call& call, const Call& before) {
      return call.op == Op::kSyncDirectory && before.op == Op::kRename && Has(before.path, renamed);
    };
  };
  const auto directory = [](const std::string& path) {
    return [path](const Call& call, const Call&) { return call.op == Op::kSyncDirectory && call.path == path; };
  };
  // A segment keeps the name under which it was made: its first sync is that of the new file, the later ones are those
  // of appends.
  const auto segment = [](bool first) {
    return [first, synced = std::set<std::string>()](const Call& call, const Call&) mutable {
      if (!Has(call.path, "/wal-")) return false;
      const bool is_first = EndsWith(call.path, ".tmp") && synced.insert(call.path).second;
      return is_first == first;
    };
  };
  return {
      {"appends are not synced", segment(false)},
      {"a new segment is not synced", segment(true)},
      {"a new manifest is not synced", [](const Call& call, const Call&) { return Has(call.path, "/MANIFEST"); }},
      {"a snapshot is not synced", [](const Call& call, const Call&) { return Has(call.path, "/snapshot-"); }},
      {"the directory is not synced after a new segment", directory_after("/wal-")},
      {"the directory is not synced after a new manifest", directory_after("/MANIFEST")},
      {"the directory is not synced after a snapshot", directory_after("/snapshot-")},
      {"the store's parent is not synced", directory("/data")},
      {"the parent's parent is not synced", directory("/")},
      {"the directory is not synced before a store that was found is changed",
       [](const Call& call, const Call& before) {
         return call.op == Op::kSyncDirectory && EndsWith(call.path, "/db") && before.op != Op::kRename;
       }},
  };
}

// The first finding in a few runs; empty when there is none.
template <typename MakeCase>
std::string Find(const MakeCase& make) {
  constexpr uint64_t kRuns = 60;
  for (uint64_t seed = 1; seed <= kRuns; ++seed) {
    const auto run = make(seed);
    if (!run->trouble().empty()) return "seed " + std::to_string(seed) + ", in the run itself: " + run->trouble();
    const Figures figures =
        Explore(*run, {.cut = {.torn_max = 16, .random_count = 5, .seed = seed}, .nested_every = 10});
    if (!figures.violation.empty()) return "seed " + std::to_string(seed) + ": " + figures.violation;
  }
  return {};
}

TEST(SlowExplorer, NoticesEverySyncThatIsLeftOut) {
  for (const Bug& bug : PlantedBugs()) {
    const std::string below = Find([&](uint64_t seed) { return std::make_unique<StorageCase>(seed, 60, bug.lie); });
    EXPECT_NE(below, "") << bug.name << ": the runs of the log do not notice";
    std::printf("%s: the log: %s\n", bug.name, below.c_str());
    const std::string above =
        Find([&](uint64_t seed) { return std::make_unique<StoreCase>(seed, "always", 60, bug.lie); });
    EXPECT_NE(above, "") << bug.name << ": the runs of the store do not notice";
    std::printf("%s: the store: %s\n", bug.name, above.c_str());
  }
}

}  // namespace
}  // namespace redislite::crash
