// The first, second, third ... operation of the file system fails, in each way there is, until a run has none left to
// fail: the store answers right, loses nothing, and goes on.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "tests/faults/fault_run.h"
#include "tests/support/figures.h"

namespace redislite::faults {
namespace {

using sim::Fault;

FaultRun::Plan PlanOf(const std::string& mode, uint64_t seed, const FaultKind& kind, uint64_t nth, bool forever) {
  FaultRun::Plan plan;
  plan.appendfsync = mode;
  plan.seed = seed;
  plan.fault = {kind.ops, nth, forever, kind.effect, kind.error, kind.length};
  return plan;
}

std::string NameOf(const std::string& mode, uint64_t seed, const FaultKind& kind, uint64_t nth, bool forever) {
  return mode + "/" + std::to_string(seed) + "/" + kind.name + "/" + (forever ? "for-ever" : "once") + "/" +
         std::to_string(nth);
}

struct Sweep {
  std::string mode;
  uint64_t seed = 1;
  uint64_t stride = 1;  // 1: every operation; more: a part of them, another one for each kind
};

// Returns the number of runs. REDISLITE_FAULT=<name> runs that one alone.
uint64_t FailInTurn(const Sweep& sweep) {
  const char* only = std::getenv("REDISLITE_FAULT");
  uint64_t runs = 0;
  uint64_t injected = 0;
  for (const FaultKind& kind : FaultKinds()) {
    for (const bool forever : {false, true}) {
      uint64_t hit = 0;
      for (uint64_t nth = 1 + (runs % sweep.stride);; nth += sweep.stride) {
        const std::string name = NameOf(sweep.mode, sweep.seed, kind, nth, forever);
        if (only != nullptr && nth > 5000) break;
        if (only != nullptr && name != only) continue;
        const FaultRun run(PlanOf(sweep.mode, sweep.seed, kind, nth, forever));
        ++runs;
        if (!run.trouble().empty()) {
          ADD_FAILURE() << run.trouble() << "\nrepeat: REDISLITE_FAULT=" << name
                        << " fault_test --gtest_filter='*InMode*'";
          return runs;
        }
        if (!run.injected()) break;
        ++hit;
      }
      injected += hit;
    }
  }
  if (only == nullptr) {
    EXPECT_GT(injected * sweep.stride, 1000u) << "nothing was tested";
    EXPECT_TRUE(test::WriteFigures(
        "faults-" + sweep.mode + "-" + std::to_string(sweep.seed) + "-" + std::to_string(sweep.stride),
        {{"fault runs", runs}, {"faults injected", injected}, {"violations", 0}}));
  }
  return runs;
}

class Faults : public testing::TestWithParam<const char*> {};

std::string ModeName(const testing::TestParamInfo<const char*>& mode) { return mode.param; }

INSTANTIATE_TEST_SUITE_P(InMode, Faults, testing::Values("always", "everysec", "no"), ModeName);

TEST_P(Faults, OfAnyKindLoseNothing) { FailInTurn({GetParam(), 1, 13}); }

TEST_P(Faults, SlowOfAnyKindAtAnyOperationLoseNothing) {
  uint64_t runs = 0;
  for (uint64_t seed = 1; seed <= 3 && !HasFailure(); ++seed) runs += FailInTurn({GetParam(), seed, 1});
  std::printf("%llu runs\n", static_cast<unsigned long long>(runs));
}

// ---- The planted bugs.

// The first finding of runs in which the fault hits silently: a write or sync that has failed and says ok.
std::string FindTheLie(Fault fault) {
  fault.silent = true;
  for (fault.nth = 1;; ++fault.nth) {
    FaultRun::Plan plan;
    plan.fault = fault;
    const FaultRun run(plan);
    if (!run.trouble().empty()) return run.trouble();
    if (!run.injected()) return {};
  }
}

TEST(FaultCanary, AWriteThatIsHalfDoneAndSaysOkIsSeen) {
  for (const Fault::Effect effect : {Fault::Effect::kNothingDone, Fault::Effect::kHalf, Fault::Effect::kAllButOne}) {
    EXPECT_NE(FindTheLie({.ops = sim::Bit(sim::Op::kWrite), .effect = effect, .error = EIO}), "");
  }
}

TEST(FaultCanary, ASyncThatFailsAndSaysOkIsSeen) {
  for (const Fault::Effect effect : {Fault::Effect::kNothingDone, Fault::Effect::kDropped, Fault::Effect::kStale}) {
    EXPECT_NE(FindTheLie({.ops = sim::Bit(sim::Op::kSync), .effect = effect, .error = EIO}), "");
  }
  EXPECT_NE(FindTheLie({.ops = sim::Bit(sim::Op::kSyncDirectory), .effect = Fault::Effect::kStale, .error = EIO}), "");
}

TEST(FaultCanary, AWriteThatTheModelDoesNotKnowIsSeen) {
  FaultRun::Plan plan;
  EXPECT_EQ(FaultRun(plan).trouble(), "");
  plan.forget_a_write = true;
  EXPECT_NE(FaultRun(plan).trouble(), "");
}

}  // namespace
}  // namespace redislite::faults
