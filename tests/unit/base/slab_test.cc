#include "base/slab.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"

namespace redislite {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSlabIsMalloc = true;
#elif defined(__has_feature)
constexpr bool kSlabIsMalloc =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool kSlabIsMalloc = false;
#endif

TEST(Slab, ABlockIsTheSmallestThatHoldsWhatWasAskedFor) {
  size_t before = Slab::BlockSize(0);
  EXPECT_EQ(before, 8u);
  for (size_t size = 1; size <= Slab::kBlockMax; ++size) {
    const size_t block = Slab::BlockSize(size);
    ASSERT_GE(block, size);
    ASSERT_EQ(block % 8, 0u);
    ASSERT_EQ(Slab::BlockSize(block), block) << "a block is of its own class";
    ASSERT_TRUE(block == before || (before < size && block > before)) << size;
    ASSERT_LE(block - size, size <= 256 ? 7 : size / 16) << size;
    before = block;
  }
}

// Blocks are told apart by what is written into them from end to end.
TEST(Slab, BlocksNeverOverlapAndKeepTheirBytes) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Slab slab;
    Random random(seed);
    std::map<char*, std::pair<size_t, char>> model;
    const size_t size_max = seed % 2 == 0 ? Slab::kBlockMax : 100;
    for (int phase = 0; phase < 6; ++phase) {
      const uint64_t allocations_of_ten = phase % 2 == 0 ? 8 : 2;
      for (int step = 0; step < 8000; ++step) {
        if (model.empty() || random.Below(10) < allocations_of_ten) {
          const size_t size = random.Below(size_max) + 1;
          auto* block = static_cast<char*>(slab.Allocate(size, false));
          ASSERT_NE(block, nullptr);
          ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % 8, 0u);
          const auto mark = static_cast<char>(random.Below(256));
          std::memset(block, mark, size);
          const auto [at, is_new] = model.emplace(block, std::pair(size, mark));
          ASSERT_TRUE(is_new);
          if (at != model.begin()) {
            const auto before = std::prev(at);
            ASSERT_LE(before->first + before->second.first, block);
          }
          if (std::next(at) != model.end()) {
            ASSERT_LE(block + size, std::next(at)->first);
          }
        } else {
          auto at = model.lower_bound(
              std::next(model.begin(), static_cast<long>(random.Below(8)) % static_cast<long>(model.size()))->first);
          const auto [block, held] = *at;
          ASSERT_EQ(std::string(block, held.first), std::string(held.first, held.second));
          slab.Free(block, held.first);
          model.erase(at);
        }
      }
    }
    for (const auto& [block, held] : model) {
      ASSERT_EQ(std::string(block, held.first), std::string(held.first, held.second));
      slab.Free(block, held.first);
    }
  }
}

TEST(Slab, GivesBackWhatIsFreed) {
  if (kSlabIsMalloc) GTEST_SKIP() << "the blocks are malloc's";
  Slab slab;
  std::vector<void*> blocks;
  for (int i = 0; i < 1000000; ++i) blocks.push_back(slab.Allocate(48, false));
  const size_t full = slab.resident_bytes();
  EXPECT_GE(full, size_t{48} * 1000000);
  EXPECT_LE(full, size_t{48} * 1000000 * 101 / 100) << "within one in a hundred of what the blocks are";
  EXPECT_GT(slab.chunks(), 20u);
  for (void* block : blocks) slab.Free(block, 48);
  EXPECT_LE(slab.resident_bytes(), size_t{1} << 20);
  EXPECT_LE(slab.chunks(), 4u);
}

size_t ResidentBytes() {
  size_t total = 0;
  size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Enough for huge pages, where the system has them: half of them is given back, here and there, and then all.
TEST(Slab, TheSystemHasBackWhatIsFreed) {
  if (kSlabIsMalloc) GTEST_SKIP() << "the blocks are malloc's";
  constexpr size_t kBlock = 2048;
  constexpr size_t kBlocks = (size_t{160} << 20) / kBlock;
  constexpr size_t kSlack = size_t{16} << 20;
  Slab slab;
  std::vector<void*> blocks(kBlocks);
  const size_t before = ResidentBytes();
  for (void*& block : blocks) {
    block = slab.Allocate(kBlock, false);
    std::memset(block, 'x', kBlock);
  }
  EXPECT_GE(ResidentBytes() - before, kBlock * kBlocks);
  EXPECT_LE(ResidentBytes() - before, kBlock * kBlocks + kSlack);
  const auto half = [](size_t i) { return i / 1024 % 2 == 0; };  // 32 pages of the slab at a time
  for (size_t i = 0; i < kBlocks; ++i) {
    if (half(i)) slab.Free(blocks[i], kBlock);
  }
  EXPECT_LE(ResidentBytes() - before, kBlock * kBlocks / 2 + kSlack);
  for (size_t i = 0; i < kBlocks; ++i) {
    if (!half(i)) slab.Free(blocks[i], kBlock);
  }
  EXPECT_LE(ResidentBytes() - before, kSlack);
}

TEST(Slab, AnEmptiedPageServesAnotherClass) {
  if (kSlabIsMalloc) GTEST_SKIP() << "the blocks are malloc's";
  Slab slab;
  size_t chunks_max = 0;
  for (const size_t size : {16u, 200u, 1000u, 2048u, 64u}) {
    std::vector<void*> blocks;
    for (size_t bytes = 0; bytes < (size_t{8} << 20); bytes += size) blocks.push_back(slab.Allocate(size, false));
    chunks_max = std::max(chunks_max, slab.chunks());
    for (void* block : blocks) slab.Free(block, size);
  }
  EXPECT_LE(chunks_max, 8u);
}

TEST(Slab, TheReserveServesEverySizeAndNobodyElse) {
  if (kSlabIsMalloc) GTEST_SKIP() << "the blocks are malloc's";
  Slab slab;
  constexpr size_t kReserve = size_t{3} << 20;
  ASSERT_TRUE(slab.EnsureReserve(kReserve));
  const size_t chunks = slab.chunks();
  // One block of each size, and the rest in the worst of them, whose pages lose most.
  size_t taken = 0;
  for (size_t size = 8; size <= Slab::kBlockMax; size = Slab::BlockSize(size + 1)) {
    ASSERT_NE(slab.Allocate(size, true), nullptr);
    taken += size;
  }
  while (taken + 1984 <= kReserve) {
    ASSERT_NE(slab.Allocate(1984, true), nullptr);
    taken += 1984;
  }
  EXPECT_GE(slab.chunks(), chunks);
  EXPECT_TRUE(slab.EnsureReserve(1000)) << "it can be filled again";
}

// What stays of `count` blocks when nine of ten, drawn at random, are freed; each begins with its number.
std::vector<char*> SparseBlocks(Slab& slab, size_t size, uint64_t count) {
  std::vector<char*> blocks;
  for (uint64_t i = 0; i < count; ++i) {
    blocks.push_back(static_cast<char*>(slab.Allocate(size, false)));
    std::memcpy(blocks.back(), &i, sizeof i);
  }
  Random random(1);
  std::vector<char*> left;
  for (char* block : blocks) {
    if (random.Below(10) == 0) {
      left.push_back(block);
    } else {
      slab.Free(block, size);
    }
  }
  return left;
}

// As whoever can move blocks does.
char* Moved(Slab& slab, char* block, size_t size) {
  if (!slab.Empties(block, size)) return block;
  auto* moved = static_cast<char*>(slab.Allocate(size, false));
  std::memcpy(moved, block, size);
  slab.Free(block, size);
  return moved;
}

TEST(Slab, SparsePagesGoBackWhenTheirBlocksAreMoved) {
  if (kSanitized) GTEST_SKIP() << "the blocks are malloc's";
  for (const size_t size : {8u, 48u, 300u, 2048u}) {
    SCOPED_TRACE(size);
    Slab slab;
    const std::vector<char*> before = SparseBlocks(slab, size, (size_t{32} << 20) / size);
    const size_t used = before.size() * Slab::BlockSize(size);
    EXPECT_GT(slab.resident_bytes(), 4 * used);
    EXPECT_LE(slab.spare_bytes(), slab.resident_bytes() - used);
    EXPECT_GT(slab.spare_bytes() + used, slab.resident_bytes() * 9 / 10);
    std::vector<char*> after;
    const size_t resident = slab.resident_bytes();
    for (char* block : before) {
      after.push_back(Moved(slab, block, size));
      ASSERT_LE(slab.resident_bytes(), resident) << "no page is taken to empty another";
    }
    EXPECT_GE(slab.StopEmptying() + slab.resident_bytes() + (size_t{2} << 20), resident);
    EXPECT_EQ(slab.StopEmptying(), 0u);
    EXPECT_LE(slab.resident_bytes(), used * 102 / 100 + (size_t{1} << 20) + (64 << 10));
    EXPECT_LE(slab.spare_bytes(), size_t{64} << 10);
    for (size_t i = 0; i < after.size(); ++i) {
      uint64_t number = 0;
      std::memcpy(&number, after[i], sizeof number);
      uint64_t last = 0;
      if (i > 0) std::memcpy(&last, after[i - 1], sizeof last);
      ASSERT_TRUE(i == 0 || number > last);
    }
    for (char* block : after) slab.Free(block, size);
    EXPECT_EQ(slab.spare_bytes(), 0u) << "the count is exact";
    EXPECT_LE(slab.resident_bytes(), size_t{1} << 20);
  }
}

TEST(Slab, APageThatIsToBeEmptiedIsGivenNoBlocksUntilThatIsGivenUp) {
  if (kSanitized) GTEST_SKIP() << "the blocks are malloc's";
  constexpr size_t kSize = 64;
  const auto page_of = [](const char* block) { return reinterpret_cast<uintptr_t>(block) / (64 << 10); };
  Slab slab;
  const std::vector<char*> blocks = SparseBlocks(slab, kSize, 100000);
  std::set<uintptr_t> emptying;
  for (char* block : blocks) {
    if (slab.Empties(block, kSize)) emptying.insert(page_of(block));
  }
  EXPECT_GT(emptying.size(), 80u);
  std::vector<char*> more;
  for (int i = 0; i < 50000; ++i) {
    more.push_back(static_cast<char*>(slab.Allocate(kSize, false)));
    ASSERT_FALSE(emptying.contains(page_of(more.back())));
  }
  slab.StopEmptying();
  const size_t resident = slab.resident_bytes();
  for (int i = 0; i < 50000; ++i) more.push_back(static_cast<char*>(slab.Allocate(kSize, false)));
  EXPECT_EQ(slab.resident_bytes(), resident) << "they have room again";
  for (char* block : blocks) slab.Free(block, kSize);
  for (char* block : more) slab.Free(block, kSize);
  EXPECT_LE(slab.resident_bytes(), size_t{1} << 20);
}

TEST(Slab, WithoutRoomElsewhereNoPageIsEmptied) {
  if (kSanitized) GTEST_SKIP() << "the blocks are malloc's";
  Slab slab;
  auto* alone = static_cast<char*>(slab.Allocate(64, false));
  EXPECT_FALSE(slab.Empties(alone, 64));
  std::vector<char*> blocks;
  for (int i = 0; i < 10000; ++i) blocks.push_back(static_cast<char*>(slab.Allocate(64, false)));
  for (char* block : blocks) EXPECT_FALSE(slab.Empties(block, 64)) << "all are full but the last";
}

// Whoever allocates finds the next chunk there already, when somebody else prepares it in time.
TEST(Slab, TheNextChunkIsPreparedBeforeTheLastIsFull) {
  if (kSlabIsMalloc) GTEST_SKIP() << "blocks are malloc's here";
  Slab slab;
  int low = 0;
  slab.OnLow([&] { ++low; });
  constexpr size_t kSize = 2048;
  std::vector<void*> blocks;
  const auto allocate = [&](size_t count) {
    for (size_t i = 0; i < count; ++i) blocks.push_back(slab.Allocate(kSize, false));
  };
  EXPECT_FALSE(slab.PrepareChunk()) << "there is no need";
  allocate(5000);
  EXPECT_EQ(low, 1) << "it is told once";
  const size_t before = slab.chunks();
  EXPECT_TRUE(slab.PrepareChunk());
  EXPECT_EQ(slab.chunks(), before + 1);
  EXPECT_FALSE(slab.PrepareChunk()) << "one is enough";
  for (int round = 0; round < 10; ++round) {
    const size_t chunks = slab.chunks();
    const int told = low;
    while (low == told) {
      allocate(1);
      ASSERT_EQ(slab.chunks(), chunks) << "nobody had to wait for one";
    }
    ASSERT_TRUE(slab.PrepareChunk());
  }
  for (void* block : blocks) slab.Free(block, kSize);
  EXPECT_LE(slab.chunks(), 3u);
}

TEST(Slab, ThreadsMayFreeWhatOthersAllocated) {
  Slab slab;
  constexpr size_t kThreads = 4;
  std::vector<std::vector<char*>> blocks(kThreads);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (size_t n = 0; n < 20000; ++n) {
        auto* block = static_cast<char*>(slab.Allocate(24 + n % 5 * 8, false));
        std::memset(block, static_cast<int>(i), 24 + n % 5 * 8);
        blocks[i].push_back(block);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
  std::vector<int> wrong(kThreads);
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const size_t from = (i + 1) % kThreads;
      for (size_t n = 0; n < blocks[from].size(); ++n) {
        if (blocks[from][n][23] != static_cast<char>(from)) ++wrong[i];
        slab.Free(blocks[from][n], 24 + n % 5 * 8);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : wrong) EXPECT_EQ(count, 0);
  EXPECT_LE(slab.resident_bytes(), size_t{1} << 20);
}

}  // namespace
}  // namespace redislite
