#include "types/packed.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

// The elements forwards; and, where they differ, backwards.
std::vector<std::string> Read(const Packed& packed) {
  std::vector<std::string> forwards;
  std::vector<size_t> offsets;
  for (size_t offset = 0; offset < packed.size(); offset = packed.Next(offset)) {
    forwards.emplace_back(packed.At(offset));
    offsets.push_back(offset);
  }
  size_t offset = packed.size();
  for (; !offsets.empty(); offsets.pop_back()) {
    offset = packed.Previous(offset);
    EXPECT_EQ(offset, offsets.back());
  }
  EXPECT_EQ(offset, 0u);
  return forwards;
}

size_t OffsetOf(const std::vector<std::string>& model, size_t index) {
  size_t offset = 0;
  for (size_t i = 0; i < index; ++i) offset += Packed::EncodedSize(model[i].size());
  return offset;
}

TEST(Packed, EveryLengthIsReadInBothDirections) {
  Memory memory;
  Packed packed;
  std::vector<std::string> model;
  for (const size_t length :
       {0u, 1u, 126u, 127u, 128u, 129u, 16382u, 16383u, 16384u, 16385u, 2097151u, 2097152u, 0u, 5u}) {
    model.push_back(std::string(length, static_cast<char>(length)));
    packed.Replace(memory, packed.size(), 0, model.back());
  }
  EXPECT_EQ(Read(packed), model);
  packed.Release(memory);
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Packed, BehavesLikeAVectorUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    Packed packed;
    std::vector<std::string> model;
    for (int step = 0; step < 300; ++step) {
      const size_t from = random.Below(3) == 0 ? random.Below(2) * model.size() : random.Below(model.size() + 1);
      const size_t count = random.Below(4) == 0 ? std::min<size_t>(random.Below(8), model.size() - from) : 0;
      const size_t offset = OffsetOf(model, from);
      const size_t removed = OffsetOf(model, from + count) - offset;
      std::vector<std::string> added;
      std::vector<Bytes> views;
      const uint64_t what = random.Below(step % 100 < 60 ? 4 : 12);
      for (uint64_t i = random.Below(3) + (what < 2 ? 1 : 0); what < 4 && i > 0; --i) {
        added.push_back(
            std::string(random.Below(uint64_t{1} << random.Below(9)), static_cast<char>('a' + random.Below(26))));
      }
      if (what == 3 && !model.empty()) {
        // An element of the block itself, or a part of it.
        const size_t own = random.Below(model.size());
        const Bytes element = packed.At(OffsetOf(model, own));
        views.push_back(element.substr(random.Below(element.size() + 1)));
        added.assign(1, std::string(views[0]));
      } else {
        views.assign(added.begin(), added.end());
      }
      packed.Replace(memory, offset, removed, views);
      model.erase(model.begin() + static_cast<ptrdiff_t>(from), model.begin() + static_cast<ptrdiff_t>(from + count));
      model.insert(model.begin() + static_cast<ptrdiff_t>(from), added.begin(), added.end());
      ASSERT_EQ(Read(packed), model) << "step " << step;
      ASSERT_EQ(memory.used(), packed.memory_bytes());
      ASSERT_LE(packed.memory_bytes(), 5 * packed.size() + 200) << "too much room";
      if (random.Below(40) == 0) packed.Fit(memory);
      if (random.Below(40) == 0) {
        const char letter = static_cast<char>('a' + random.Below(26));
        const auto remove = [letter](Bytes element) { return !element.empty() && element[0] <= letter; };
        packed.EraseIf(memory, remove);
        std::erase_if(model, remove);
        ASSERT_EQ(Read(packed), model) << "step " << step;
      }
    }
    Packed copy = Packed::Make(memory, packed.Encoded(0, packed.size()), {});
    EXPECT_EQ(Read(copy), model);
    copy.AppendEncoded(memory, copy.Encoded(0, copy.size()));
    const std::vector<std::string> once = model;
    model.insert(model.end(), once.begin(), once.end());
    EXPECT_EQ(Read(copy), model);
    copy.Release(memory);
    packed.Release(memory);
    EXPECT_EQ(memory.used(), 0u);
  }
}

// Whether moving bytes stays rare however the ends are used: counted in allocations, and in the room that is kept.
TEST(Packed, AQueueThroughABlockDoesNotGrowIt) {
  Memory memory;
  Packed packed;
  std::deque<std::string> model;
  uint64_t highest = 0;
  for (int i = 0; i < 20000; ++i) {
    model.push_back(std::to_string(i));
    packed.Replace(memory, packed.size(), 0, model.back());
    if (model.size() > 50) {
      ASSERT_EQ(packed.At(0), model.front());
      packed.Erase(memory, 0, packed.Next(0));
      model.pop_front();
    }
    highest = std::max(highest, memory.used());
  }
  EXPECT_LT(highest, 2000u);
  packed.Release(memory);
}

TEST(Packed, WithoutMemoryNothingChanges) {
  Memory memory;
  Packed packed;
  std::vector<std::string> model;
  for (int i = 0; i < 200; ++i) {
    const std::string element(static_cast<size_t>(i), 'x');
    const size_t from = static_cast<size_t>(i) / 2;
    test::SweepAllocations(
        memory, [&] { packed.Replace(memory, OffsetOf(model, from), 0, element); },
        [&] { EXPECT_EQ(Read(packed), model); });
    model.insert(model.begin() + i / 2, element);
    ASSERT_EQ(Read(packed), model);
  }
  // Giving back needs no memory.
  memory.FailAfter(0);
  while (model.size() > 1) {
    packed.Erase(memory, 0, packed.Next(0));
    model.erase(model.begin());
    packed.Fit(memory);
    ASSERT_EQ(Read(packed), model);
  }
  memory.FailAfter(Memory::kNeverFail);
  packed.Release(memory);
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace redislite::types
