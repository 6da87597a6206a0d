#include "types/int_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

constexpr int64_t kRangeEdges[] = {0,
                                   -1,
                                   32767,
                                   32768,
                                   -32768,
                                   -32769,
                                   2147483647,
                                   2147483648,
                                   -2147483648,
                                   -2147483649,
                                   std::numeric_limits<int64_t>::max(),
                                   std::numeric_limits<int64_t>::min()};

void Check(const IntSet& ints, const std::set<int64_t>& model) {
  ASSERT_EQ(ints.size(), model.size());
  size_t index = 0;
  for (const int64_t value : model) ASSERT_EQ(ints.At(index++), value);
}

TEST(IntSet, BehavesLikeASetUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    IntSet ints;
    std::set<int64_t> model;
    Random random(seed);
    // Of one width, or of any.
    const auto draw = [&]() -> int64_t {
      if (seed % 4 == 0 && random.Below(50) == 0) return kRangeEdges[random.Below(std::size(kRangeEdges))];
      const auto value = static_cast<int64_t>(random.Below(300)) - 150;
      return seed % 4 == 1 ? value * 1000 : seed % 4 == 2 ? value * 10'000'000'000 : value;
    };
    for (int i = 0; i < 3000; ++i) {
      const int64_t value = draw();
      if (random.Below(10) < (i / 1000 % 2 == 0 ? 7u : 3u)) {
        ASSERT_EQ(ints.Add(memory, value), model.insert(value).second);
      } else {
        ASSERT_EQ(ints.Erase(memory, value), model.erase(value) == 1);
      }
      ASSERT_EQ(ints.Has(value), model.contains(value));
      ASSERT_EQ(ints.memory_bytes(), memory.used());
      if (i % 20 == 0) Check(ints, model);
      if (HasFatalFailure()) return;
    }
    IntSet clone = ints.Clone(memory);
    Check(clone, model);
    clone.Release(memory);
    ints.Release(memory);
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(IntSet, WidensAtTheEdgesOfEachWidthAndKeepsTheOrder) {
  for (const int64_t first : kRangeEdges) {
    for (const int64_t second : kRangeEdges) {
      Memory memory;
      IntSet ints;
      ints.Add(memory, 7);
      ints.Add(memory, first);
      ints.Add(memory, second);
      Check(ints, {7, first, second});
      EXPECT_TRUE(ints.Has(first) && ints.Has(second) && ints.Has(7));
      EXPECT_FALSE(ints.Has(8));
      ints.Release(memory);
    }
  }
}

TEST(IntSet, WithoutMemoryNothingChanges) {
  Memory memory;
  IntSet ints;
  std::set<int64_t> model;
  Random random(5);
  uint64_t failed = 0;
  for (int i = 0; i < 600; ++i) {
    const int64_t value = static_cast<int64_t>(random.Next() >> random.Below(63));
    failed += test::SweepAllocations(
        memory, [&] { ints.Add(memory, value); }, [&] { Check(ints, model); });
    model.insert(value);
    if (HasFailure()) return;
  }
  memory.FailAfter(0);
  for (const int64_t value : model) EXPECT_TRUE(ints.Erase(memory, value));
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_GT(failed, 10u);
}

}  // namespace
}  // namespace redislite::types
