// kill -9 at any moment: nothing acknowledged is lost, in any mode, and nothing half-done is seen. rounds.h has the
// method.
//
// REDISLITE_SEED repeats the plan of a run (not the moments at which the kernel switches threads);
// REDISLITE_KILL_ROUNDS says how many rounds.
#include <chrono>
#include <cstdlib>

#include "tests/kills/load.h"
#include "tests/kills/rounds.h"
#include "tests/support/figures.h"

namespace kills {
namespace {

using stress::InChild;
using stress::Random;
using stress::Store;

// Losing nothing is promised in every mode when only the process dies.
std::vector<Plan> RandomPlans(int rounds, Random& random) {
  std::vector<Plan> plans(static_cast<size_t>(rounds));
  for (Plan& plan : plans) {
    plan.end = random.OneIn(3) ? Plan::End::kAny : Plan::End::kHolder;
    plan.mode = kModes[random.Below(kModeCount)];
    plan.segment = random.OneIn(2) ? "64kb" : "1mb";
    plan.snapshot = random.OneIn(2) ? "64kb" : "0";
    if (random.OneIn(10)) plan.errand = Plan::Errand::kBackup;
  }
  return plans;
}

TEST(SlowKill, NothingIsLostInAnyMode) {
  const char* given = std::getenv("REDISLITE_KILL_ROUNDS");
  const int count = given != nullptr ? std::atoi(given) : KILL_ROUNDS;
  KillRounds rounds;
  rounds.Run(RandomPlans(count, rounds.random()));
  EXPECT_GT(rounds.shared().ledger.acknowledged, count);
  EXPECT_GT(rounds.shared().looked, 0);
  redislite::test::WriteFigures("kill", {{"kill rounds", static_cast<uint64_t>(rounds.shared().round)},
                                         {"violations", testing::Test::HasFailure()}});
}

TEST(SoakKill, KillsForAsLongAsAsked) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(stress::LoadSeconds(60));
  while (std::chrono::steady_clock::now() < end && !testing::Test::HasFailure()) {
    KillRounds rounds;
    rounds.Run(RandomPlans(100, rounds.random()));
  }
}

// The comparison must see a write that was acknowledged and is not there, one that is half there, and one that nobody
// made.
TEST(Kill, CanaryALostWriteIsSeen) {
  stress::Scratch scratch;
  SharedMemory<Ledger> ledger;
  const std::string path = scratch / "db";
  const auto wrong = [&] {
    return InChild([&] {
      Store store(path);
      return CompareAndAdopt(store, *ledger);
    });
  };
  const auto owe = [&](int64_t pending, int64_t done) {
    for (int slot = 0; slot < kKinds; ++slot) {
      ledger->slots[0][slot].pending = pending;
      ledger->slots[0][slot].done = done;
    }
  };
  {
    Store store(path);
    for (int slot = 0; slot < kKinds; ++slot) ASSERT_TRUE(WriteVersion(store, 0, slot, 1));
  }
  owe(1, 1);
  ASSERT_EQ(wrong(), 0);
  owe(2, 2);
  EXPECT_EQ(wrong(), kKinds) << "lost writes";
  owe(0, 0);
  EXPECT_EQ(wrong(), kKinds) << "writes that nobody made";
  owe(1, 1);
  {
    Store store(path);
    ASSERT_EQ(stress::Set(store, KeyOf(0, static_cast<int>(Kind::kPair)) + "a", "2"), RL_OK);
  }
  ledger->slots[0][static_cast<int>(Kind::kPair)].pending = 2;
  EXPECT_EQ(wrong(), 1) << "half a batch";
}

}  // namespace
}  // namespace kills
