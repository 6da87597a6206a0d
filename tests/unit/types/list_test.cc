#include "types/list.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

using ListModel = std::deque<std::string>;

struct ListDeleter {
  Memory* memory;
  void operator()(List* list) const { memory->Delete(list); }
};
using OwnedList = std::unique_ptr<List, ListDeleter>;

OwnedList MakeList(Memory& memory) { return OwnedList(memory.New<List>(memory), ListDeleter{&memory}); }

ListModel Read(const List& list) {
  ListModel read;
  list.ForEach(0, [&](Bytes element) {
    read.emplace_back(element);
    return true;
  });
  return read;
}

// All ways to read a list tell the same. `spots` indices are read one by one.
void Check(const List& list, const ListModel& model, Random& random, uint64_t spots = 20) {
  ASSERT_EQ(list.size(), model.size());
  ASSERT_EQ(Read(list), model);
  ListModel backward;
  if (!model.empty()) {
    list.ForEachBackward(model.size() - 1, [&](Bytes element) {
      backward.emplace_front(element);
      return true;
    });
    ASSERT_EQ(list.Front(), model.front());
    ASSERT_EQ(list.Back(), model.back());
  }
  ASSERT_EQ(backward, model);
  for (uint64_t i = 0; i < spots && !model.empty(); ++i) {
    const size_t index = random.Below(model.size());
    ASSERT_EQ(list.At(index), model[index]) << index;
    size_t left = 1 + random.Below(30);
    size_t at = index;
    list.ForEach(index, [&](Bytes element) {
      EXPECT_EQ(element, model[at++]);
      return --left > 0;
    });
    ASSERT_TRUE(left == 0 || at == model.size());
    left = 1 + random.Below(30);
    at = index + 1;
    list.ForEachBackward(index, [&](Bytes element) {
      EXPECT_EQ(element, model[--at]);
      return --left > 0;
    });
    ASSERT_TRUE(left == 0 || at == 0);
  }
}

// Mostly small, now and then at the edge of what a node takes, seldom large.
std::string RandomElement(Random& random) {
  const char letter = static_cast<char>('a' + random.Below(4));
  const uint64_t what = random.Below(100);
  if (what < 50) return std::string(random.Below(20), letter);
  if (what < 70) return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
  if (what < 90) return std::string(random.Below(300), letter);
  if (what < 97) return std::string(random.Below(4000), letter);
  return std::string(8000 + random.Below(400), letter);
}

// A random change, drawn up front so that it can be tried more than once.
struct Step {
  uint64_t what = 0;
  size_t index = 0;
  size_t count = 0;
  bool front = false;
  std::vector<std::string> elements;

  Step(Random& random, size_t size, bool growing) {
    what = random.Below(growing ? 6 : 10);
    index = size == 0 ? 0 : random.Below(size);
    count = size == 0 ? 0 : random.Below(std::min<size_t>(size - index, random.Below(4) == 0 ? size : 5) + 1);
    front = random.Below(2) == 0;
    for (uint64_t i = 1 + (random.Below(5) == 0 ? random.Below(30) : 0); i > 0; --i)
      elements.push_back(RandomElement(random));
  }

  bool Applies(size_t size) const { return size > 0 || what <= 2; }

  void Do(List& list) const {
    const std::vector<Bytes> views(elements.begin(), elements.end());
    switch (what) {
      case 0:
        return front ? list.PushFront(views[0]) : list.PushBack(views[0]);
      case 1:
      case 2:
        return front ? list.PushAllFront(views) : list.PushAllBack(views);
      case 3:
      case 4:
        return list.Insert(front ? index : list.size() - index, views[0]);
      case 5:
        return list.Set(index, views[0]);
      case 6:
        return front ? list.PopFront() : list.PopBack();
      case 7:
        return list.Erase(index, count);
      case 8:
        return list.Erase(front ? 0 : list.size() - count, count);
      default:
        list.EraseEqual(list.size() > 0 ? std::string(list.At(index)) : "", count + 1, !front);
    }
  }

  void Do(ListModel& model) const {
    const auto at = [&model](size_t i) { return model.begin() + static_cast<ptrdiff_t>(i); };
    switch (what) {
      case 0:
        front ? model.push_front(elements[0]) : model.push_back(elements[0]);
        return;
      case 1:
      case 2:
        for (const std::string& element : elements) front ? model.push_front(element) : model.push_back(element);
        return;
      case 3:
      case 4:
        model.insert(at(front ? index : model.size() - index), elements[0]);
        return;
      case 5:
        model[index] = elements[0];
        return;
      case 6:
        front ? model.pop_front() : model.pop_back();
        return;
      case 7:
        model.erase(at(index), at(index + count));
        return;
      case 8:
        front ? model.erase(at(0), at(count)) : model.erase(at(model.size() - count), model.end());
        return;
      default: {
        const std::string element = model[index];
        for (size_t left = count + 1; left > 0; --left) {
          auto found = model.end();
          for (auto i = model.begin(); i != model.end(); ++i) {
            if (*i == element) found = i;
            if (found != model.end() && front) break;
          }
          if (found == model.end()) return;
          model.erase(found);
        }
      }
    }
  }
};

TEST(List, BehavesLikeADequeUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed);
      const OwnedList list = MakeList(memory);
      ListModel model;
      for (int i = 0; i < 400; ++i) {
        SCOPED_TRACE(testing::Message() << "step " << i);
        const Step step(random, model.size(), i / 100 % 2 == 0);
        if (!step.Applies(model.size())) continue;
        step.Do(*list);
        step.Do(model);
        Check(*list, model, random, 2);
        ASSERT_EQ(list->memory_bytes(), memory.used());
        if (HasFatalFailure()) return;
      }
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(List, WithoutMemoryNothingChanges) {
  uint64_t failed = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed);
      const OwnedList list = MakeList(memory);
      ListModel model;
      for (int i = 0; i < 200; ++i) {
        SCOPED_TRACE(testing::Message() << "step " << i);
        const Step step(random, model.size(), i / 100 % 2 == 0);
        if (!step.Applies(model.size())) continue;
        const std::string encoding = list->encoding();
        failed += test::SweepAllocations(
            memory, [&] { step.Do(*list); },
            [&] {
              Check(*list, model, random, 1);
              EXPECT_EQ(list->encoding(), encoding);
              EXPECT_EQ(list->memory_bytes(), memory.used());
            });
        step.Do(model);
        Check(*list, model, random, 1);
        if (HasFailure()) return;
      }
    }
    EXPECT_EQ(memory.used(), 0u);
  }
  EXPECT_GT(failed, 500u);
}

TEST(List, TakingOutNeedsNoMemory) {
  Memory memory;
  Random random(1);
  const OwnedList list = MakeList(memory);
  ListModel model;
  for (int i = 0; i < 3000; ++i) model.push_back(RandomElement(random));
  for (const std::string& element : model) list->PushBack(element);
  memory.FailAfter(0);
  while (!model.empty()) {
    Step step(random, model.size(), false);
    step.what = 6 + step.what % 4;
    step.count = std::min<size_t>(step.count, 40);
    step.Do(*list);
    step.Do(model);
    if (model.size() % 16 == 0) Check(*list, model, random, 1);
    if (HasFatalFailure()) return;
  }
  memory.FailAfter(Memory::kNeverFail);
  EXPECT_EQ(list->size(), 0u);
}

TEST(List, AnElementOfTheListItselfCanBeAdded) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    const OwnedList list = MakeList(memory);
    ListModel model;
    for (int i = 0; i < 30; ++i) {
      model.push_back(RandomElement(random));
      list->PushBack(model.back());
    }
    for (int i = 0; i < 150; ++i) {
      const size_t from = random.Below(model.size());
      const size_t to = random.Below(model.size());
      const std::string element = model[from];
      switch (random.Below(4)) {
        case 0:
          list->PushFront(list->At(from));
          model.push_front(element);
          break;
        case 1:
          list->PushBack(list->At(from));
          model.push_back(element);
          break;
        case 2:
          list->Insert(to, list->At(from));
          model.insert(model.begin() + static_cast<ptrdiff_t>(to), element);
          break;
        default:
          list->Set(to, list->At(from));
          model[to] = element;
      }
      ASSERT_EQ(Read(*list), model) << "step " << i;
    }
  }
}

TEST(List, ACloneIsEqualAndApart) {
  Memory memory;
  {
    Random random(3);
    const OwnedList list = MakeList(memory);
    for (const size_t size : {0u, 1u, 50u, 2000u}) {
      while (list->size() < size) list->PushBack(RandomElement(random));
      const ListModel model = Read(*list);
      OwnedList clone(nullptr, ListDeleter{&memory});
      test::SweepAllocations(
          memory, [&] { clone.reset(list->Clone()); }, [&] { EXPECT_EQ(memory.used(), list->memory_bytes()); });
      EXPECT_EQ(memory.used(), list->memory_bytes() + clone->memory_bytes());
      EXPECT_STREQ(clone->encoding(), list->encoding());
      clone->PushFront("x");
      clone->Set(clone->size() - 1, "y");
      EXPECT_EQ(Read(*list), model);
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(List, PopFrontOfTheLastElementLeavesItEmpty) {
  Memory memory;
  List list(memory);
  for (const bool front : {false, true}) {
    list.PushBack("x");
    front ? list.PopFront() : list.PopBack();
    EXPECT_EQ(list.size(), 0u);
    EXPECT_EQ(Read(list), ListModel());
    list.ForEach(0, [](Bytes) -> bool { throw 1; });
    list.ForEachBackward(0, [](Bytes) -> bool { throw 1; });
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(List, EraseEqualTakesFromTheEndItIsTold) {
  for (const bool from_back : {false, true}) {
    for (size_t count = 0; count <= 5; ++count) {
      Memory memory;
      List list(memory);
      ListModel model;
      // Three nodes' worth of other elements between the four equal ones.
      for (int i = 0; i < 4; ++i) {
        list.PushBack("equal");
        model.push_back("equal");
        for (int j = 0; j < 100; ++j) {
          list.PushBack(std::string(100, 'x'));
          model.push_back(std::string(100, 'x'));
        }
      }
      EXPECT_EQ(list.EraseEqual("equal", count, from_back), std::min<size_t>(count, 4));
      for (size_t left = count; left > 0; --left) {
        size_t found = model.size();
        for (size_t i = 0; i < model.size(); ++i) {
          if (model[i] == "equal" && (from_back || found == model.size())) found = i;
        }
        if (found < model.size()) model.erase(model.begin() + static_cast<ptrdiff_t>(found));
      }
      EXPECT_EQ(Read(list), model);
      EXPECT_EQ(list.EraseEqual("absent", 100, from_back), 0u);
      EXPECT_EQ(list.EraseEqual(std::string(100, 'x'), 1000, from_back), 400u);
      EXPECT_EQ(list.size(), 4 - std::min<size_t>(count, 4));
    }
  }
}

// ---- OBJECT ENCODING, which goes by the size of Redis' listpack ----

TEST(List, BecomesAQuicklistWhenThePlainBytesToComeWouldNotFit) {
  Memory memory;
  for (const size_t length : {0u, 1u, 10u, 63u, 64u, 100u, 126u, 1000u, 4095u, 4096u, 8185u}) {
    // What one takes, from the layout of a listpack; an empty element adds two bytes although Redis' estimate says
    // none.
    const size_t header = length < 64 ? 1 : length < 4096 ? 2 : 5;
    const size_t back = length + header <= 127 ? 1 : 2;
    List list(memory);
    size_t listpack = 7;
    while (listpack + length <= 8192) {
      list.PushBack(std::string(length, 'x'));
      ASSERT_STREQ(list.encoding(), "listpack") << length << " after " << list.size();
      listpack += length + header + back;
    }
    list.PushBack(std::string(length, 'x'));
    EXPECT_STREQ(list.encoding(), "quicklist") << length << " after " << list.size();
  }
}

TEST(List, AnElementTooLargeForAListpackMakesAQuicklistAtOnce) {
  Memory memory;
  for (const bool front : {false, true}) {
    List list(memory);
    front ? list.PushFront(std::string(8185, 'x')) : list.PushBack(std::string(8185, 'x'));
    EXPECT_STREQ(list.encoding(), "listpack");
    list.PopBack();
    front ? list.PushFront(std::string(8186, 'x')) : list.PushBack(std::string(8186, 'x'));
    EXPECT_STREQ(list.encoding(), "quicklist");
    list.Set(0, "small again");
    EXPECT_STREQ(list.encoding(), "listpack");
    list.Set(0, std::string(9000, 'x'));
    EXPECT_STREQ(list.encoding(), "quicklist");
    list.PushBack("small");
    list.PopFront();
    EXPECT_STREQ(list.encoding(), "listpack");
  }
}

TEST(List, SeveralPushesAtOnceAreJudgedByTheirPlainBytes) {
  Memory memory;
  // 2000 * 5 bytes in the listpack, but 2000 * 3 by Redis' estimate.
  const std::vector<Bytes> small(2000, "abc");
  List one_by_one(memory);
  for (const Bytes element : small) one_by_one.PushBack(element);
  EXPECT_STREQ(one_by_one.encoding(), "quicklist");
  List together(memory);
  together.PushAllBack(small);
  EXPECT_STREQ(together.encoding(), "listpack");
  together.PushBack("abc");
  EXPECT_STREQ(together.encoding(), "quicklist");
  // The other way round: 1000 * 12 bytes that would be 1000 * 10.
  const std::vector<Bytes> integers(700, "123456789012");
  List numbers(memory);
  numbers.PushAllFront(integers);
  EXPECT_STREQ(numbers.encoding(), "quicklist");
}

TEST(List, GoesBackToAListpackBelowHalf) {
  Memory memory;
  List list(memory);
  // 100 bytes each, in the listpack 103: 7 + 79 * 103 is within the limit, and one more by the estimate is not.
  for (int i = 0; i < 81; ++i) list.PushBack(std::string(100, 'x'));
  ASSERT_STREQ(list.encoding(), "quicklist");
  // Two nodes: one of 79 (or 80) and the rest. Taking the front ones out leaves one node only when the first has gone.
  while (list.size() > 3) {
    list.PopBack();
    size_t listpack = 7 + list.size() * 103;
    EXPECT_STREQ(list.encoding(), listpack <= 4096 ? "listpack" : "quicklist") << list.size();
  }
}

TEST(List, AMillionElementsInAndOut) {
  Memory memory;
  List list(memory);
  for (int i = 0; i < 500000; ++i) {
    list.PushBack(std::to_string(i));
    list.PushFront(std::to_string(-i - 1));
  }
  ASSERT_EQ(list.size(), 1000000u);
  EXPECT_LT(list.memory_bytes(), 11u * 1000000);
  for (int i = 0; i < 1000000; i += 997) ASSERT_EQ(list.At(static_cast<size_t>(i)), std::to_string(i - 500000));
  list.Erase(100, 999800);
  ASSERT_EQ(list.size(), 200u);
  EXPECT_EQ(list.At(99), "-499901");
  EXPECT_EQ(list.At(100), "499900");
  EXPECT_LT(list.memory_bytes(), 20000u);
}

}  // namespace
}  // namespace redislite::types
