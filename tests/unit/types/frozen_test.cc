#include "types/frozen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "types/value.h"

namespace redislite::types {
namespace {

constexpr HashSeed kFrozenSeed{0x1234, 0x5678};

using FrozenContent = std::vector<std::pair<std::string, std::string>>;  // value: empty where there is none

std::string ScoreBytes(double score) { return {reinterpret_cast<const char*>(&score), sizeof score}; }

// A collection of each type, what it holds, and a change of it at random.
struct FrozenKind {
  const char* name;
  bool have_values;
  std::function<Value(Memory&)> make;
  std::function<FrozenContent(const Value&)> read;
  std::function<void(Value&, Random&)> change;
};

std::string FrozenName(uint64_t number) { return "name:" + std::to_string(number) + std::string(number % 90, 'n'); }

const FrozenKind kFrozenKinds[] = {
    {"hash", true, [](Memory& memory) { return Value(memory, memory.New<Hash>(memory, kFrozenSeed)); },
     [](const Value& value) {
       FrozenContent elements;
       value.As<Hash>()->ForEach([&](Bytes field, Bytes held) {
         elements.emplace_back(field, held);
         return true;
       });
       return elements;
     },
     [](Value& value, Random& random) {
       const std::string name = FrozenName(random.Below(4000));
       if (random.Below(3) == 0) {
         value.As<Hash>()->Erase(name);
       } else {
         value.As<Hash>()->Set(name, std::string(random.Below(20), static_cast<char>('a' + random.Below(26))));
       }
     }},
    {"set", false, [](Memory& memory) { return Value(memory, memory.New<Set>(memory, kFrozenSeed)); },
     [](const Value& value) {
       FrozenContent elements;
       value.As<Set>()->ForEach([&](Bytes member) {
         elements.emplace_back(member, "");
         return true;
       });
       return elements;
     },
     [](Value& value, Random& random) {
       const std::string name = FrozenName(random.Below(4000));
       if (random.Below(3) == 0) {
         value.As<Set>()->Erase(name);
       } else {
         value.As<Set>()->Add(name);
       }
     }},
    {"sorted set", true, [](Memory& memory) { return Value(memory, memory.New<SortedSet>(memory, kFrozenSeed)); },
     [](const Value& value) {
       FrozenContent elements;
       value.As<SortedSet>()->ForEach([&](Bytes member, double score) {
         elements.emplace_back(member, ScoreBytes(score));
         return true;
       });
       return elements;
     },
     [](Value& value, Random& random) {
       SortedSet& set = *value.As<SortedSet>();
       const std::string name = FrozenName(random.Below(4000));
       const uint64_t what = random.Below(100);
       if (what < 30) {
         set.Erase(name);
       } else if (what < 32 && set.size() > 2000) {
         set.EraseRange(random.Below(set.size() - 5), 5);
       } else {
         set.Set(name, static_cast<double>(random.Below(50)));
       }
     }},
    {"list", false, [](Memory& memory) { return Value(memory, memory.New<List>(memory)); },
     [](const Value& value) {
       FrozenContent elements;
       value.As<List>()->ForEach(0, [&](Bytes element) {
         elements.emplace_back(element, "");
         return true;
       });
       return elements;
     },
     [](Value& value, Random& random) {
       List& list = *value.As<List>();
       const std::string element = random.Below(300) == 0 ? std::string(9000, 'l') : FrozenName(random.Below(50));
       const size_t size = list.size();
       switch (size < 1500 ? 0 : random.Below(9)) {
         case 0:
         case 1:
           return list.PushBack(element);
         case 2:
           return list.PushFront(element);
         case 3:
           return list.PopFront();
         case 4:
           return list.PopBack();
         case 5:
           return list.Set(random.Below(size), element);
         case 6:
           return list.Insert(random.Below(size + 1), element);
         case 7:
           return list.Erase(random.Below(size - 300), random.Below(20) == 0 ? 300 : 1);
         default:
           list.EraseEqual(element, 1 + random.Below(3), random.Below(2) == 0);
       }
     }},
};

// What a hold of the reader's gives, as elements.
Frozen::Visit Into(const FrozenKind& kind, FrozenContent& elements) {
  return [&](std::span<const Bytes> run) {
    const size_t step = kind.have_values ? 2 : 1;
    ASSERT_EQ(run.size() % step, 0u);
    for (size_t i = 0; i < run.size(); i += step) {
      elements.emplace_back(run[i], kind.have_values ? run[i + 1] : Bytes());
    }
  };
}

void ExpectSameContent(const FrozenKind& kind, FrozenContent read, FrozenContent expected) {
  // A list has an order; names come in any.
  if (std::strcmp(kind.name, "list") != 0) {
    std::sort(read.begin(), read.end());
    std::sort(expected.begin(), expected.end());
  }
  ASSERT_EQ(read.size(), expected.size());
  ASSERT_TRUE(read == expected);
}

enum class FrozenEnd { kStays, kDeletedHalfWay, kGivenUp };

void RunFrozen(const FrozenKind& kind, uint64_t seed, FrozenEnd end) {
  SCOPED_TRACE(testing::Message() << kind.name << ", seed " << seed << ", end " << static_cast<int>(end));
  Memory memory;
  Frozen::Kept kept;
  {
    Random random(seed);
    Value value = kind.make(memory);
    EXPECT_EQ(value.Freeze(kept), nullptr) << "it is empty";
    for (int i = 0; i < 6000; ++i) kind.change(value, random);
    for (int round = 0; round < 3; ++round) {
      const FrozenContent expected = kind.read(value);
      std::unique_ptr<Frozen> frozen = value.Freeze(kept);
      ASSERT_NE(frozen, nullptr) << expected.size();
      FrozenContent read;
      const uint64_t changes_a_hold = random.Below(200);
      int holds = 0;
      bool more = true;
      while (more && !(end == FrozenEnd::kGivenUp && holds == 4)) {
        for (uint64_t i = random.Below(changes_a_hold + 1); i > 0 && value.type() != Type::kNone; --i) {
          kind.change(value, random);
        }
        if (end == FrozenEnd::kDeletedHalfWay && holds == 3) {
          value = Value();
          EXPECT_GT(kept.held, 0u);
        }
        more = frozen->Read(Into(kind, read));
        ++holds;
      }
      EXPECT_GT(holds, 3);
      for (int i = 0; i < 50 && value.type() != Type::kNone; ++i) kind.change(value, random);
      frozen->Thaw();
      EXPECT_EQ(kept.copied, 0u);
      EXPECT_EQ(kept.held, 0u);
      if (end != FrozenEnd::kGivenUp) ExpectSameContent(kind, std::move(read), expected);
      if (end == FrozenEnd::kDeletedHalfWay) break;
      for (int i = 0; i < 500; ++i) kind.change(value, random);
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Frozen, IsReadAsItWasWhateverWritersDo) {
  for (const FrozenKind& kind : kFrozenKinds) {
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      for (const FrozenEnd end : {FrozenEnd::kStays, FrozenEnd::kDeletedHalfWay, FrozenEnd::kGivenUp})
        RunFrozen(kind, seed, end);
    }
  }
}

// Deleted once it has been read: then by its owner, as ever.
TEST(Frozen, WhatHasBeenReadIsItsOwnersAgain) {
  for (const FrozenKind& kind : kFrozenKinds) {
    SCOPED_TRACE(kind.name);
    Memory memory;
    Frozen::Kept kept;
    {
      Random random(7);
      Value value = kind.make(memory);
      for (int i = 0; i < 6000; ++i) kind.change(value, random);
      std::unique_ptr<Frozen> frozen = value.Freeze(kept);
      FrozenContent read;
      while (frozen->Read(Into(kind, read))) {
      }
      value = Value();
      EXPECT_EQ(memory.used(), 0u);
      frozen->Thaw();
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

// What is kept is what has changed, however many elements there are.
TEST(Frozen, KeepsOnlyWhatChanges) {
  Memory memory;
  Frozen::Kept kept;
  Value hash(memory, memory.New<Hash>(memory, kFrozenSeed));
  Value list(memory, memory.New<List>(memory));
  for (uint64_t i = 0; i < 100000; ++i) {
    hash.As<Hash>()->Set(FrozenName(i), "value");
    list.As<List>()->PushBack(FrozenName(i));
  }
  const std::unique_ptr<Frozen> fields = hash.Freeze(kept);
  const std::unique_ptr<Frozen> elements = list.Freeze(kept);
  hash.As<Hash>()->Set(FrozenName(5), "another");
  list.As<List>()->Set(50000, "another");
  EXPECT_GT(kept.copied, 8000u);
  EXPECT_LT(kept.copied, 10000u);
  EXPECT_EQ(kept.held, 0u);
  fields->Thaw();
  elements->Thaw();
}

}  // namespace
}  // namespace redislite::types
