#include "base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace redislite {
namespace {

TEST(Random, TheSameSeedGivesTheSameNumbers) {
  Random first(42);
  Random second(42);
  Random other(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t number = first.Next();
    EXPECT_EQ(number, second.Next());
    differs |= number != other.Next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, ASeedOfZeroIsAsGoodAsAnyOther) {
  Random random(0);
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Random, BelowStaysBelowAndReachesEverything) {
  Random random(1);
  for (uint64_t bound = 1; bound <= 40; ++bound) {
    std::vector<int> drawn(bound);
    for (uint64_t i = 0; i < bound * 200; ++i) {
      const uint64_t number = random.Below(bound);
      ASSERT_LT(number, bound);
      ++drawn[number];
    }
    // 200 are expected of each. The numbers are the same in every run, so this cannot fail by chance.
    for (const int count : drawn) {
      EXPECT_GT(count, 130) << bound;
      EXPECT_LT(count, 270) << bound;
    }
  }
}

}  // namespace
}  // namespace redislite
