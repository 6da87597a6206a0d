#include "types/deque.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

TEST(Deque, BehavesLikeAVectorUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    Deque<uint64_t> deque;
    std::vector<uint64_t> model;
    for (int step = 0; step < 2000; ++step) {
      const bool growing = step / 300 % 2 == 0;
      if (random.Below(10) < (growing ? 8u : 2u)) {
        const size_t more = 1 + random.Below(3);
        deque.Reserve(memory, more);
        memory.FailAfter(0);
        for (size_t i = 0; i < more; ++i) {
          const size_t at = random.Below(2) == 0 ? random.Below(2) * model.size() : random.Below(model.size() + 1);
          const uint64_t value = random.Next();
          deque.Insert(at, value);
          model.insert(model.begin() + static_cast<ptrdiff_t>(at), value);
        }
        memory.FailAfter(Memory::kNeverFail);
      } else if (!model.empty()) {
        const size_t at = random.Below(2) == 0 ? random.Below(2) * (model.size() - 1) : random.Below(model.size());
        const size_t count = std::min<size_t>(model.size() - at, random.Below(8) == 0 ? random.Below(20) : 1);
        deque.Erase(memory, at, count);
        model.erase(model.begin() + static_cast<ptrdiff_t>(at), model.begin() + static_cast<ptrdiff_t>(at + count));
      }
      ASSERT_EQ(std::vector<uint64_t>(deque.begin(), deque.end()), model) << "step " << step;
      ASSERT_EQ(memory.used(), deque.memory_bytes());
      ASSERT_LE(deque.memory_bytes(), 8 * (5 * model.size() + 20));
    }
    deque.Release(memory);
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Deque, OneRecordTakesNoMemory) {
  Memory memory;
  Deque<uint64_t> deque;
  memory.FailAfter(0);
  for (int i = 0; i < 10; ++i) {
    deque.Reserve(memory, 1);
    deque.Insert(0, 7);
    EXPECT_EQ(deque[0], 7u);
    deque.Erase(memory, 0, 1);
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Deque, WithoutMemoryNothingChanges) {
  Memory memory;
  Deque<uint64_t> deque;
  for (uint64_t i = 0; i < 100; ++i) {
    test::SweepAllocations(
        memory, [&] { deque.Reserve(memory, 1); },
        [&] {
          ASSERT_EQ(deque.size(), i);
          for (uint64_t j = 0; j < i; ++j) ASSERT_EQ(deque[j], j);
        });
    deque.Insert(i, i);
  }
  memory.FailAfter(0);
  while (deque.size() > 0) deque.Erase(memory, 0, 1);
  memory.FailAfter(Memory::kNeverFail);
  deque.Release(memory);
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace redislite::types
