// kill -9 at every failpoint of src/base/failpoint.inc, in every mode, at the first time it is reached and at a later
// one. rounds.h has the method; the program is linked with the rooms built with failpoints.
#include "base/failpoint.h"

#include <algorithm>
#include <array>

#include "tests/kills/rounds.h"
#include "tests/support/figures.h"

namespace kills {
namespace {

using redislite::Failpoint;

constexpr int kFailpoints = static_cast<int>(Failpoint::kCount);
static_assert(kFailpoints <= kPlacesMax);

KillRounds* this_run = nullptr;

void Hook(Failpoint failpoint) { this_run->Reach(static_cast<int>(failpoint)); }

bool BeginsWith(const std::string& name, std::initializer_list<const char*> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](const char* text) { return name.starts_with(text); });
}

// What it takes to get there.
Plan PlanFor(int failpoint, const char* mode, stress::Random& random) {
  Plan plan;
  plan.end = Plan::End::kPlace;
  plan.place = failpoint;
  plan.name = redislite::kFailpointNames[failpoint];
  plan.mode = mode;
  plan.segment = random.OneIn(2) ? "64kb" : "1mb";
  plan.snapshot = random.OneIn(2) ? "64kb" : "0";
  if (BeginsWith(plan.name, {"recovery_"})) plan.errand = Plan::Errand::kRecovery;
  if (BeginsWith(plan.name, {"leftover"})) plan.errand = Plan::Errand::kLeftOvers;
  if (BeginsWith(plan.name, {"salvage_"})) plan.errand = Plan::Errand::kSalvage;
  if (BeginsWith(plan.name, {"store_"})) plan.errand = Plan::Errand::kNewStore;
  if (BeginsWith(plan.name, {"backup_"})) plan.errand = Plan::Errand::kBackup;
  // Zeros are written ahead in large segments only, and only a segment with room is opened again.
  if (BeginsWith(plan.name, {"zeros_", "segment_reopened"})) {
    plan.segment = "1mb";
    plan.snapshot = "0";
  }
  return plan;
}

// How many more times a round may wait for it.
int HitsMax(const std::string& name) {
  if (BeginsWith(name, {"frame_", "log_appended", "batch_"})) return 300;
  if (BeginsWith(name, {"manifest_", "snapshot_block", "log_synced"})) return 6;
  return 2;
}

TEST(SlowFailpoint, NothingIsLostAtAnyOfThemInAnyMode) {
  KillRounds rounds([] { redislite::failpoint_hook = Hook; });
  this_run = &rounds;
  std::vector<Plan> plans;
  for (const bool later : {false, true}) {
    for (int failpoint = 0; failpoint < kFailpoints; ++failpoint) {
      for (const char* mode : kModes) {
        Plan plan = PlanFor(failpoint, mode, rounds.random());
        if (later) plan.hits = 1 + static_cast<int>(rounds.random().Below(static_cast<uint64_t>(HitsMax(plan.name))));
        plans.push_back(plan);
      }
    }
  }
  std::shuffle(plans.begin(), plans.end(), std::mt19937_64(rounds.random().Next()));
  rounds.Run(plans);
  for (int failpoint = 0; failpoint < kFailpoints; ++failpoint) {
    EXPECT_GT(rounds.shared().reached[failpoint], 0) << redislite::kFailpointNames[failpoint] << " is never reached";
  }
  redislite::test::WriteFigures("failpoint", {{"kill rounds", static_cast<uint64_t>(rounds.shared().round)},
                                              {"failpoints", static_cast<uint64_t>(kFailpoints)},
                                              {"violations", testing::Test::HasFailure()}});
}

}  // namespace
}  // namespace kills
