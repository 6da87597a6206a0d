#include "types/set.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

constexpr HashSeed kSetSeed{0x1234, 0x5678};

using SetModel = std::set<std::string>;

struct SetDeleter {
  Memory* memory;
  void operator()(Set* set) const { memory->Delete(set); }
};
using OwnedSet = std::unique_ptr<Set, SetDeleter>;

OwnedSet MakeSet(Memory& memory) { return OwnedSet(memory.New<Set>(memory, kSetSeed), SetDeleter{&memory}); }

std::vector<std::string> Read(const Set& set) {
  std::vector<std::string> members;
  set.ForEach([&](Bytes member) {
    members.emplace_back(member);
    return true;
  });
  return members;
}

void Check(const Set& set, const SetModel& model) {
  ASSERT_EQ(set.size(), model.size());
  const std::vector<std::string> members = Read(set);
  ASSERT_EQ(members.size(), model.size());
  ASSERT_EQ(SetModel(members.begin(), members.end()), model);
}

// The members of a round: integers only, short ones, or some that are long.
std::string RandomMember(Random& random, uint64_t kind, uint64_t members) {
  const std::string number = std::to_string(random.Below(members));
  if (kind == 0) return random.Below(2) == 0 ? number : "-" + number + "0";
  if (kind == 1) return random.Below(2) == 0 ? number : "m" + number;
  if (random.Below(50) == 0) return number + std::string(60 + random.Below(300), 'x');
  return "m" + number;
}

TEST(Set, BehavesLikeASetUnderRandomChanges) {
  for (uint64_t seed = 0; seed < 36; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed + 1);
      const OwnedSet set = MakeSet(memory);
      SetModel model;
      const uint64_t members = uint64_t{10} << (seed / 3 % 6 * 2);
      for (int i = 0; i < 1500; ++i) {
        const std::string member = RandomMember(random, seed % 3, members);
        ASSERT_EQ(set->Has(member), model.contains(member));
        if (random.Below(10) < (i / 500 % 2 == 0 ? 8u : 3u)) {
          ASSERT_EQ(set->Add(member), model.insert(member).second);
        } else {
          ASSERT_EQ(set->Erase(member), model.erase(member) == 1);
        }
        ASSERT_EQ(set->Has(member), model.contains(member));
        ASSERT_EQ(set->memory_bytes(), memory.used());
        if (i % 50 == 0) Check(*set, model);
        if (HasFatalFailure()) return;
      }
      const OwnedSet clone(set->Clone(), SetDeleter{&memory});
      Check(*clone, model);
      EXPECT_STREQ(clone->encoding(), set->encoding());
      while (!model.empty()) {
        ASSERT_TRUE(set->Erase(*model.begin()));
        model.erase(model.begin());
      }
      EXPECT_EQ(set->size(), 0u);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Set, TheEncodingIsRedis) {
  Memory memory;
  const auto encoding_of = [&memory](const std::vector<std::string>& members) {
    Set set(memory, kSetSeed);
    for (const std::string& member : members) set.Add(member);
    return std::string(set.encoding());
  };
  const auto numbers = [](int count) {
    std::vector<std::string> members;
    for (int i = 0; i < count; ++i) members.push_back(std::to_string(i));
    return members;
  };
  const auto with = [](std::vector<std::string> members, const std::string& more) {
    members.push_back(more);
    return members;
  };
  EXPECT_EQ(encoding_of(numbers(512)), "intset");
  EXPECT_EQ(encoding_of(with(numbers(512), "511")), "intset");
  EXPECT_EQ(encoding_of(numbers(513)), "hashtable");
  EXPECT_EQ(encoding_of({"a"}), "listpack");
  EXPECT_EQ(encoding_of(with(numbers(127), "a")), "listpack");
  EXPECT_EQ(encoding_of(with(numbers(128), "a")), "hashtable");
  EXPECT_EQ(encoding_of(with(numbers(3), std::string(64, 'x'))), "listpack");
  EXPECT_EQ(encoding_of(with(numbers(3), std::string(65, 'x'))), "hashtable");
  EXPECT_EQ(encoding_of({"a", std::string(65, 'x')}), "hashtable");
  for (const char* word : {"01", "+1", "1.0", "", "-0", " 1", "9223372036854775808"}) {
    EXPECT_EQ(encoding_of({word}), "listpack") << word;
  }
  EXPECT_EQ(encoding_of({"-9223372036854775808", "9223372036854775807", "0"}), "intset");

  Set set(memory, kSetSeed);
  for (const std::string& member : with(numbers(128), "a")) set.Add(member);
  for (const std::string& member : with(numbers(127), "a")) set.Erase(member);
  EXPECT_STREQ(set.encoding(), "hashtable") << "it never goes back";
}

TEST(Set, ManyMembersForeseenMakeATableAtOnce) {
  Memory memory;
  const auto foreseen = [&memory](const std::vector<std::string>& members, size_t count, Bytes first) {
    Set set(memory, kSetSeed);
    for (const std::string& member : members) set.Add(member);
    set.Foresee(count, first);
    set.Add(first);
    EXPECT_TRUE(set.Has(first));
    EXPECT_EQ(set.size(), members.size() + 1);
    return std::string(set.encoding());
  };
  EXPECT_EQ(foreseen({}, 512, "1"), "intset");
  EXPECT_EQ(foreseen({}, 513, "1"), "hashtable");
  EXPECT_EQ(foreseen({}, 128, "a"), "listpack");
  EXPECT_EQ(foreseen({}, 129, "a"), "hashtable");
  EXPECT_EQ(foreseen({"1"}, 512, "a"), "listpack");
  EXPECT_EQ(foreseen({"1"}, 513, "2"), "hashtable");
  EXPECT_EQ(foreseen({"a"}, 128, "2"), "listpack");
  EXPECT_EQ(foreseen({"a"}, 129, "2"), "hashtable");
}

TEST(Set, WithoutMemoryNothingChanges) {
  uint64_t failed = 0;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed + 1);
      const OwnedSet set = MakeSet(memory);
      SetModel model;
      for (int i = 0; i < 900; ++i) {
        const std::string member = RandomMember(random, seed % 3, 700);
        const std::string encoding = set->encoding();
        failed += test::SweepAllocations(
            memory, [&] { set->Add(member); },
            [&] {
              if (i % 16 == 0 || set->size() == Set::kIntegersMax) Check(*set, model);
              EXPECT_EQ(set->size(), model.size());
              EXPECT_EQ(set->encoding(), encoding);
              EXPECT_EQ(set->memory_bytes(), memory.used());
            });
        model.insert(member);
        if (HasFailure()) return;
      }
      memory.FailAfter(0);
      for (const std::string& member : model) EXPECT_TRUE(set->Erase(member));
      memory.FailAfter(Memory::kNeverFail);
      EXPECT_EQ(set->size(), 0u);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
  EXPECT_GT(failed, 300u);
}

TEST(Set, ACloneWithoutMemoryLeavesNothingBehind) {
  for (const int members : {5, 100, 1000}) {
    for (const char* prefix : {"", "m"}) {
      Memory memory;
      Set set(memory, kSetSeed);
      for (int i = 0; i < members; ++i) set.Add(prefix + std::to_string(i));
      const uint64_t used = memory.used();
      Set* clone = nullptr;
      test::SweepAllocations(
          memory, [&] { clone = set.Clone(); }, [&] { EXPECT_EQ(memory.used(), used); });
      ASSERT_NE(clone, nullptr);
      EXPECT_EQ(clone->size(), set.size());
      memory.Delete(clone);
      EXPECT_EQ(memory.used(), used);
    }
  }
}

TEST(Set, AScanVisitsEveryMemberThatStaysExactlyOnce) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    Set set(memory, kSetSeed);
    const uint64_t members = seed * 700;
    for (uint64_t i = 0; i < members; ++i) set.Add("m" + std::to_string(i));
    std::map<std::string, int> seen;
    uint64_t cursor = 0;
    uint64_t fresh = 0;
    do {
      cursor = set.Scan(cursor, 10, [&](Bytes member) {
        ++seen[std::string(member)];
        return true;
      });
      // A third of the members stay; the others go and new ones come.
      for (int i = 0; i < 20; ++i) {
        const uint64_t other = random.Below(members);
        if (other % 3 != 0) set.Erase("m" + std::to_string(other));
        set.Add("fresh" + std::to_string(++fresh));
      }
    } while (cursor != 0 && fresh < members * 20);
    ASSERT_EQ(cursor, 0u);
    for (uint64_t i = 0; i < members; i += 3) ASSERT_EQ(seen["m" + std::to_string(i)], 1) << i;
    for (const auto& [member, count] : seen) ASSERT_EQ(count, 1) << member;
  }
}

TEST(Set, ASampleIsAnyOfThemEquallyOften) {
  for (const char* prefix : {"", "m"}) {
    for (const int members : {1, 2, 100, 700}) {
      Memory memory;
      Random random(static_cast<uint64_t>(members));
      Set set(memory, kSetSeed);
      for (int i = 0; i < members; ++i) set.Add(prefix + std::to_string(i));
      std::map<std::string, int> drawn;
      constexpr int kEach = 200;
      for (int i = 0; i < members * kEach; ++i) {
        set.Sample(random, [&](Bytes member) {
          ++drawn[std::string(member)];
          return true;
        });
      }
      ASSERT_EQ(drawn.size(), set.size());
      double distance = 0;
      for (const auto& [member, count] : drawn) distance += double(count - kEach) * (count - kEach) / kEach;
      EXPECT_LT(distance, members * 1.4 + 10) << prefix << members;
    }
  }
}

}  // namespace
}  // namespace redislite::types
