#include "types/sorted_set.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

constexpr HashSeed kSortedSetSeed{0x1234, 0x5678};
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The simpler truth: scores by member, and the order.
class SortedSetModel {
 public:
  bool Set(const std::string& member, double score) {
    const bool is_new = Erase(member) == 0;
    scores_[member] = score;
    order_.insert({score, member});
    return is_new;
  }
  size_t Erase(const std::string& member) {
    const auto found = scores_.find(member);
    if (found == scores_.end()) return 0;
    order_.erase({found->second, member});
    scores_.erase(found);
    return 1;
  }
  void EraseRange(size_t rank, size_t count) {
    for (; count > 0; --count) Erase(std::next(order_.begin(), static_cast<std::ptrdiff_t>(rank))->second);
  }
  std::optional<double> Score(const std::string& member) const {
    const auto found = scores_.find(member);
    return found == scores_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<size_t> Rank(const std::string& member) const {
    const std::optional<double> score = Score(member);
    if (!score) return {};
    return static_cast<size_t>(std::distance(order_.begin(), order_.find({*score, member})));
  }
  size_t size() const { return order_.size(); }
  using Pairs = std::vector<std::pair<double, std::string>>;
  Pairs pairs() const { return {order_.begin(), order_.end()}; }

 private:
  std::map<std::string, double> scores_;
  std::set<std::pair<double, std::string>> order_;
};

struct SortedSetDeleter {
  Memory* memory;
  void operator()(SortedSet* set) const { memory->Delete(set); }
};
using OwnedSortedSet = std::unique_ptr<SortedSet, SortedSetDeleter>;

OwnedSortedSet MakeSortedSet(Memory& memory) {
  return OwnedSortedSet(memory.New<SortedSet>(memory, kSortedSetSeed), SortedSetDeleter{&memory});
}

SortedSetModel::Pairs Read(const SortedSet& set, size_t rank = 0) {
  SortedSetModel::Pairs pairs;
  set.ForEachFrom(rank, [&](Bytes member, double score) {
    pairs.emplace_back(score, member);
    return true;
  });
  return pairs;
}

// Everything that can be asked.
void Check(const SortedSet& set, const SortedSetModel& model, Random& random) {
  ASSERT_TRUE(set.IsSound());
  const SortedSetModel::Pairs pairs = model.pairs();
  ASSERT_EQ(set.size(), pairs.size());
  ASSERT_EQ(Read(set), pairs);
  const size_t rank = random.Below(pairs.size() + 2);
  ASSERT_EQ(
      Read(set, rank),
      SortedSetModel::Pairs(pairs.begin() + static_cast<std::ptrdiff_t>(std::min(rank, pairs.size())), pairs.end()));
  SortedSetModel::Pairs backward;
  set.ForEachBackwardFrom(rank, [&](Bytes member, double score) {
    backward.emplace_back(score, member);
    return true;
  });
  if (rank >= pairs.size()) {
    ASSERT_TRUE(backward.empty());
  } else {
    ASSERT_EQ(SortedSetModel::Pairs(backward.rbegin(), backward.rend()),
              SortedSetModel::Pairs(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(rank + 1)));
  }
  if (pairs.empty()) return;
  const auto& [score, member] = pairs[random.Below(pairs.size())];
  size_t expected = 0;
  for (const auto& [each, other] : pairs) expected += each < score ? 1u : 0u;
  ASSERT_EQ(set.CountBefore([bound = score](double each, Bytes) { return each < bound; }), expected);
  ASSERT_EQ(set.Rank(member), model.Rank(member));
  ASSERT_EQ(set.CountBefore([](double, Bytes) { return true; }), pairs.size());
  ASSERT_EQ(set.CountBefore([](double, Bytes) { return false; }), 0u);
}

// Scores that are all different, or few, or one and the same, or at the ends of what there is.
double RandomScore(Random& random, uint64_t kind) {
  switch (kind % 4) {
    case 0:
      return static_cast<double>(random.Below(1'000'000)) / 16 - 30'000;
    case 1:
      return static_cast<double>(random.Below(8));
    case 2:
      return 0;
    default: {
      constexpr double kEdges[] = {kInfinity, -kInfinity, 0.0, -0.0, 5e-324, 1.7976931348623157e308, -1, 1};
      return kEdges[random.Below(std::size(kEdges))];
    }
  }
}

TEST(SortedSet, BehavesLikeAnOrderedMapUnderRandomChanges) {
  for (uint64_t seed = 0; seed < 32; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed + 1);
      const OwnedSortedSet set = MakeSortedSet(memory);
      SortedSetModel model;
      const uint64_t members = uint64_t{20} << (seed / 4 % 4 * 3);
      for (int i = 0; i < 2000; ++i) {
        std::string member = "m" + std::to_string(random.Below(members));
        if (seed % 8 > 5 && random.Below(200) == 0) member += std::string(40 + random.Below(400), 'x');
        const double score = RandomScore(random, seed);
        if (random.Below(10) < (i / 500 % 2 == 0 ? 8u : 3u)) {
          ASSERT_EQ(set->Set(member, score), model.Set(member, score));
        } else {
          ASSERT_EQ(set->Erase(member), model.Erase(member) == 1);
        }
        ASSERT_EQ(set->Score(member), model.Score(member));
        ASSERT_EQ(set->memory_bytes(), memory.used());
        if (i % 100 == 0 && model.size() > 0) {
          const size_t rank = random.Below(model.size());
          const size_t count = random.Below(std::min<size_t>(model.size() - rank, 20) + 1);
          set->EraseRange(rank, count);
          model.EraseRange(rank, count);
        }
        if (i % 10 == 0) Check(*set, model, random);
        if (HasFatalFailure()) return;
      }
      const OwnedSortedSet clone(set->Clone(), SortedSetDeleter{&memory});
      Check(*clone, model, random);
      EXPECT_STREQ(clone->encoding(), set->encoding());
      set->EraseRange(0, set->size());
      EXPECT_EQ(set->size(), 0u);
      EXPECT_TRUE(set->IsSound());
      Check(*clone, model, random);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

// Deep enough for two levels of inner nodes, in every order of coming and going.
TEST(SortedSet, TheTreeIsSoundAfterEachOfManyChanges) {
  constexpr int kMembers = 6000;
  for (const char* order : {"ascending", "descending", "shuffled"}) {
    SCOPED_TRACE(order);
    Memory memory;
    Random random(7);
    const OwnedSortedSet set = MakeSortedSet(memory);
    std::vector<int> scores(kMembers);
    for (int i = 0; i < kMembers; ++i) scores[static_cast<size_t>(i)] = i;
    const auto arrange = [&] {
      if (order[0] == 'd') std::reverse(scores.begin(), scores.end());
      if (order[0] != 's') return;
      for (size_t i = scores.size(); i > 1; --i) std::swap(scores[i - 1], scores[random.Below(i)]);
    };
    arrange();
    size_t step = 0;
    for (const int score : scores) {
      ASSERT_TRUE(set->Set("m" + std::to_string(score), score));
      if (++step % 64 == 0) {
        ASSERT_TRUE(set->IsSound()) << step;
      }
    }
    for (int i = 0; i < kMembers; i += 97) ASSERT_EQ(set->Rank("m" + std::to_string(i)), static_cast<size_t>(i));
    arrange();
    for (const int score : scores) {
      ASSERT_TRUE(set->Erase("m" + std::to_string(score)));
      if (++step % 64 == 0) {
        ASSERT_TRUE(set->IsSound()) << step;
      }
    }
    EXPECT_EQ(set->size(), 0u);
    EXPECT_TRUE(set->IsSound());
  }
}

TEST(SortedSet, TheEncodingIsRedis) {
  Memory memory;
  for (const size_t length : {63u, 64u, 65u}) {
    SortedSet set(memory, kSortedSetSeed);
    set.Set(std::string(length, 'm'), 1);
    EXPECT_STREQ(set.encoding(), length <= 64 ? "listpack" : "skiplist");
  }
  SortedSet set(memory, kSortedSetSeed);
  for (int i = 0; i < 128; ++i) set.Set(std::to_string(i), i);
  set.Set("7", 1000);
  EXPECT_STREQ(set.encoding(), "listpack");
  set.Set("128", 0);
  EXPECT_STREQ(set.encoding(), "skiplist");
  set.EraseRange(0, 128);
  EXPECT_STREQ(set.encoding(), "skiplist") << "it never goes back";
  SortedSet many(memory, kSortedSetSeed);
  many.Foresee(128);
  EXPECT_STREQ(many.encoding(), "listpack");
  many.Foresee(129);
  EXPECT_STREQ(many.encoding(), "skiplist");
  EXPECT_EQ(many.size(), 0u);
}

TEST(SortedSet, WithoutMemoryNothingChanges) {
  uint64_t failed = 0;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed + 1);
      const OwnedSortedSet set = MakeSortedSet(memory);
      SortedSetModel model;
      for (int i = 0; i < 700; ++i) {
        const std::string member = "m" + std::to_string(random.Below(500));
        const double score = RandomScore(random, seed);
        const std::string encoding = set->encoding();
        failed += test::SweepAllocations(
            memory, [&] { set->Set(member, score); },
            [&] {
              if (i % 16 == 0) Check(*set, model, random);
              EXPECT_EQ(set->size(), model.size());
              EXPECT_EQ(set->Score(member), model.Score(member));
              EXPECT_EQ(set->encoding(), encoding);
              EXPECT_EQ(set->memory_bytes(), memory.used());
            });
        model.Set(member, score);
        if (HasFailure()) return;
      }
      memory.FailAfter(0);
      for (const auto& [score, member] : model.pairs()) EXPECT_TRUE(set->Erase(member));
      memory.FailAfter(Memory::kNeverFail);
      EXPECT_EQ(set->size(), 0u);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
  EXPECT_GT(failed, 500u);
}

TEST(SortedSet, MembersOfTheSetItselfCanBeSet) {
  for (const int members : {100, 128, 1000}) {
    Memory memory;
    Random random(3);
    SortedSet set(memory, kSortedSetSeed);
    SortedSetModel model;
    for (int i = 0; i < members; ++i) {
      set.Set("m" + std::to_string(i), i);
      model.Set("m" + std::to_string(i), i);
    }
    for (int i = 0; i < 400; ++i) {
      const double score = static_cast<double>(random.Below(2000));
      Bytes member;
      set.ForEachFrom(random.Below(set.size()), [&](Bytes found, double) {
        member = found;
        return false;
      });
      const std::string name(member);
      EXPECT_FALSE(set.Set(member, score));
      model.Set(name, score);
      ASSERT_EQ(set.Score(name), score);
    }
    Check(set, model, random);
  }
}

TEST(SortedSet, AScanVisitsEveryMemberThatStaysExactlyOnceWhateverItsScore) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    SortedSet set(memory, kSortedSetSeed);
    const uint64_t members = seed * 700;
    for (uint64_t i = 0; i < members; ++i) set.Set("m" + std::to_string(i), 0);
    std::map<std::string, int> seen;
    uint64_t cursor = 0;
    uint64_t fresh = 0;
    do {
      cursor = set.Scan(cursor, 10, [&](Bytes member, double) {
        ++seen[std::string(member)];
        return true;
      });
      for (int i = 0; i < 20; ++i) {
        const std::string other = "m" + std::to_string(random.Below(members) / 3 * 3);
        if (i % 4 == 0) set.Erase("m" + std::to_string(random.Below(members) / 3 * 3 + 1));
        if (set.Score(other)) set.Set(other, static_cast<double>(random.Below(1000)));
        set.Set("fresh" + std::to_string(++fresh), 1);
      }
    } while (cursor != 0 && fresh < members * 20);
    ASSERT_EQ(cursor, 0u);
    for (uint64_t i = 0; i < members; i += 3) ASSERT_EQ(seen["m" + std::to_string(i)], 1) << i;
    for (const auto& [member, count] : seen) ASSERT_EQ(count, 1) << member;
  }
}

TEST(SortedSet, ALargeOneTakesLittleBesideItsMembers) {
  constexpr int kMembers = 50'000;
  Memory memory;
  Random random(1);
  SortedSet set(memory, kSortedSetSeed);
  for (int i = 0; i < kMembers; ++i) set.Set("member:" + std::to_string(i), static_cast<double>(random.Below(1 << 30)));
  // A block of 32 bytes (score, length and up to 15 bytes), and about 20 of table and tree.
  EXPECT_LT(set.memory_bytes(), size_t{kMembers} * 54);
}

}  // namespace
}  // namespace redislite::types
