#include "base/memory.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstring>
#include <thread>
#include <vector>

#include "base/random.h"

namespace redislite {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

TEST(Memory, CountsExactlyWhatIsHeld) {
  Memory memory;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    std::vector<std::pair<void*, size_t>> blocks;
    uint64_t expected = 0;
    uint64_t peak = memory.peak();
    for (int step = 0; step < 5000; ++step) {
      const size_t size = random.Below(uint64_t{1} << random.Below(14));
      const uint64_t what = random.Below(3);
      if (what == 0 || blocks.empty()) {
        void* block = memory.Allocate(size);
        std::memset(block, 1, size);
        blocks.emplace_back(block, size);
        expected += Memory::Footprint(size);
      } else {
        auto& [block, old_size] = blocks[random.Below(blocks.size())];
        expected -= Memory::Footprint(old_size);
        if (what == 1) {
          block = memory.Reallocate(block, old_size, size);
          old_size = size;
          std::memset(block, 2, size);
          expected += Memory::Footprint(size);
        } else {
          memory.Free(block, old_size);
          std::swap(block, blocks.back().first);
          std::swap(old_size, blocks.back().second);
          blocks.pop_back();
        }
      }
      peak = std::max(peak, expected);
      ASSERT_EQ(memory.used(), expected);
      ASSERT_EQ(memory.peak(), peak);
    }
    for (const auto& [block, size] : blocks) memory.Free(block, size);
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Memory, TheFootprintOfALargeBlockIsWhatMallocTakes) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's malloc is another";
  Memory memory;
  for (size_t size = Slab::kBlockMax + 1; size < 9000; ++size) {
    void* block = memory.Allocate(size);
    ASSERT_LE(::malloc_usable_size(block) + 8, Memory::Footprint(size) + 16) << size;
    ASSERT_GE(::malloc_usable_size(block) + 8, Memory::Footprint(size)) << size;
    memory.Free(block, size);
  }
}

TEST(Memory, NothingIsFreedWhenNullIs) {
  Memory memory;
  memory.Free(nullptr, 100);
  EXPECT_EQ(memory.used(), 0u);
  memory.Delete<int>(nullptr);
}

TEST(Memory, ReallocateKeepsTheBytesThatBothSizesHave) {
  Memory memory;
  auto* block = static_cast<char*>(memory.Reallocate(nullptr, 0, 3));
  std::memcpy(block, "abc", 3);
  block = static_cast<char*>(memory.Reallocate(block, 3, 100000));
  EXPECT_EQ(std::memcmp(block, "abc", 3), 0);
  block = static_cast<char*>(memory.Reallocate(block, 100000, 2));
  EXPECT_EQ(std::memcmp(block, "ab", 2), 0);
  memory.Free(block, 2);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memory, AnObjectWhoseConstructorThrowsLeavesNothing) {
  struct Thrower {
    Thrower() { throw 1; }
  };
  Memory memory;
  EXPECT_THROW(memory.New<Thrower>(), int);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memory, ARefusalThrowsAndChangesNothing) {
  Memory memory;
  void* block = memory.Allocate(10);
  std::memcpy(block, "0123456789", 10);
  const uint64_t used = memory.used();
  memory.FailAfter(0);
  EXPECT_THROW(memory.Allocate(1), std::bad_alloc);
  EXPECT_THROW(memory.Reallocate(block, 10, 1000), std::bad_alloc);
  EXPECT_FALSE(memory.EnsureReserve(1));
  EXPECT_EQ(memory.used(), used);
  EXPECT_EQ(std::memcmp(block, "0123456789", 10), 0);
  memory.FailAfter(1);
  void* second = memory.Allocate(1);
  EXPECT_THROW(memory.Allocate(1), std::bad_alloc);
  memory.FailAfter(Memory::kNeverFail);
  memory.Free(second, 1);
  memory.Free(block, 10);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memory, TooMuchIsRefused) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer ends the program instead";
  Memory memory;
  EXPECT_THROW(memory.Allocate(size_t{1} << 62), std::bad_alloc);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memory, OnlyAReserveScopeMayTakeTheReserve) {
  Memory memory;
  ASSERT_TRUE(memory.EnsureReserve(1000));
  EXPECT_EQ(memory.used(), 0u) << "the reserve is no data";
  memory.FailAfter(0);
  EXPECT_THROW(memory.Allocate(10), std::bad_alloc);
  void* first = nullptr;
  void* second = nullptr;
  {
    Memory::ReserveScope scope(memory);
    first = memory.Allocate(400);
    second = memory.Allocate(400);
    EXPECT_THROW(memory.Allocate(400), std::bad_alloc) << "more than the reserve had";
  }
  EXPECT_THROW(memory.Allocate(10), std::bad_alloc);
  memory.FailAfter(Memory::kNeverFail);
  ASSERT_TRUE(memory.EnsureReserve(1000)) << "it can be filled again";
  memory.Free(first, 400);
  memory.Free(second, 400);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Memory, AnotherThreadCannotTakeTheReserve) {
  Memory memory;
  ASSERT_TRUE(memory.EnsureReserve(1000));
  memory.FailAfter(0);
  Memory::ReserveScope scope(memory);
  bool refused = false;
  std::thread([&] {
    try {
      memory.Free(memory.Allocate(10), 10);
    } catch (const std::bad_alloc&) {
      refused = true;
    }
  }).join();
  EXPECT_TRUE(refused);
  memory.Free(memory.Allocate(10), 10);
}

TEST(Memory, CountsRightWithManyThreads) {
  Memory memory;
  std::vector<std::thread> threads;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&memory, seed] {
      Random random(seed);
      std::vector<std::pair<void*, size_t>> blocks;
      for (int i = 0; i < 5000; ++i) {
        const size_t size = random.Below(200);
        blocks.emplace_back(memory.Allocate(size), size);
        if (random.Below(2) == 0) {
          memory.Free(blocks.back().first, blocks.back().second);
          blocks.pop_back();
        }
      }
      for (const auto& [block, size] : blocks) memory.Free(block, size);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_GT(memory.peak(), 0u);
}

}  // namespace
}  // namespace redislite
