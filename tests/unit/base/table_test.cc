#include "base/table.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite {
namespace {

struct Node {
  Node* next = nullptr;
  uint64_t hash = 0;
  uint64_t key = 0;
  uint64_t visits = 0;
};
using NodeTable = Table<Node>;

// Nodes whose hashes share their top skip_bits, as a stripe's do.
class Nodes {
 public:
  Nodes(Memory& memory, int skip_bits) : skip_bits_(skip_bits), table(memory, skip_bits) {}

  uint64_t HashOf(uint64_t key) const {
    Random random(key * 0x9e3779b97f4a7c15 + 1);
    random.Next();
    const uint64_t hash = random.Next();
    return skip_bits_ == 0 ? hash : (hash >> skip_bits_) | (uint64_t{0x55} << (64 - skip_bits_));
  }
  uint64_t first_hash() const { return skip_bits_ == 0 ? 0 : uint64_t{0x55} << (64 - skip_bits_); }

  Node* Find(uint64_t key) const {
    return table.Find(HashOf(key), [key](const Node& node) { return node.key == key; });
  }
  void Insert(uint64_t key) {
    auto node = std::make_unique<Node>();
    node->hash = HashOf(key);
    node->key = key;
    table.Insert(node.get());
    nodes[key] = std::move(node);
  }
  void Remove(uint64_t key, bool compact) {
    const auto at = nodes.find(key);
    table.Remove(at->second.get());
    if (compact) table.Compact(at->second->hash);
    nodes.erase(at);
  }
  // Checks the table against the map: lookups, both walks, their order.
  void Check() const {
    ASSERT_EQ(table.size(), nodes.size());
    for (const auto& [key, node] : nodes) ASSERT_EQ(Find(key), node.get());
    size_t count = 0;
    table.ForEach([&](const Node* node) {
      ++count;
      ASSERT_EQ(nodes.at(node->key).get(), node);
    });
    ASSERT_EQ(count, nodes.size());
    count = 0;
    uint64_t next = first_hash();
    uint64_t bucket_begin = next;
    while (true) {
      const bool more = table.Walk(
          next, &next,
          [&](const Node* node) {
            ++count;
            ASSERT_GE(node->hash, bucket_begin);
          },
          [] { return true; });
      if (!more) break;
      ASSERT_GT(next, bucket_begin);
      bucket_begin = next;
    }
    ASSERT_EQ(count, nodes.size());
  }

 private:
  int skip_bits_;

 public:
  NodeTable table;
  std::unordered_map<uint64_t, std::unique_ptr<Node>> nodes;
};

class TableTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(SkipBits, TableTest, testing::Values(0, 1, 7), testing::PrintToStringParamName());

TEST_P(TableTest, BehavesLikeAMapUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Nodes nodes(memory, GetParam());
      Random random(seed);
      const bool compact = seed % 2 == 0;
      const uint64_t keys = uint64_t{100} << seed;
      for (int phase = 0; phase < 8; ++phase) {
        // Growing and shrinking in turn.
        const uint64_t inserts_of_ten = phase % 2 == 0 ? 8 : 2;
        for (uint64_t step = 0; step < keys; ++step) {
          const uint64_t key = random.Below(keys);
          if (random.Below(10) < inserts_of_ten) {
            if (!nodes.nodes.contains(key)) nodes.Insert(key);
          } else if (nodes.nodes.contains(key)) {
            nodes.Remove(key, compact);
          } else {
            ASSERT_EQ(nodes.Find(key), nullptr);
          }
        }
        nodes.Check();
        if (HasFatalFailure()) return;
        ASSERT_EQ(memory.used(), nodes.table.memory_bytes());
      }
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST_P(TableTest, AWalkInStepsVisitsEveryNodeThatStaysExactlyOnce) {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Nodes nodes(memory, GetParam());
    Random random(seed);
    const uint64_t keys = uint64_t{50} << seed;
    for (uint64_t key = 0; key < keys; ++key) nodes.Insert(key);
    // Keys below `staying` stay; the others come and go between the steps, in waves large enough to split and join.
    const uint64_t staying = keys / (1 + random.Below(20));
    std::map<uint64_t, uint64_t> visits;
    uint64_t next = nodes.first_hash();
    uint64_t fresh = keys;
    bool growing = seed % 2 == 0;
    while (true) {
      const uint64_t buckets = 1 + random.Below(60);
      uint64_t done = 0;
      const bool more = nodes.table.Walk(
          next, &next, [&](const Node* node) { ++visits[node->key]; }, [&] { return ++done >= buckets; });
      if (!more) break;
      ASSERT_NE(next, 0u);
      if (random.Below(10) == 0) growing = !growing;
      if (fresh > 5 * keys) growing = false;  // the walk must come to an end
      for (uint64_t i = random.Below(keys / 20 + 2); i > 0; --i) {
        if (growing) {
          nodes.Insert(fresh++);
        } else {
          const uint64_t key = staying + random.Below(fresh - staying);
          if (nodes.nodes.contains(key)) nodes.Remove(key, true);
        }
      }
    }
    for (uint64_t key = 0; key < staying; ++key) ASSERT_EQ(visits[key], 1u) << "key " << key;
    for (const auto& [key, count] : visits) ASSERT_EQ(count, 1u) << "key " << key;
    nodes.Check();
    if (HasFatalFailure()) return;
  }
}

TEST_P(TableTest, ANodeMayBeRemovedByItsVisit) {
  for (const uint64_t keys : {1u, 2u, 300u, 5000u}) {
    Memory memory;
    Nodes nodes(memory, GetParam());
    for (uint64_t key = 0; key < keys; ++key) nodes.Insert(key);
    uint64_t removed = 0;
    uint64_t next = nodes.first_hash();
    const auto visit = [&](Node* node) {
      if (node->key % 3 == 0) return;
      ++removed;
      nodes.Remove(node->key, false);
    };
    while (nodes.table.Walk(next, &next, visit, [] { return true; })) {
    }
    EXPECT_EQ(removed, keys - (keys + 2) / 3);
    nodes.Check();
    // And all of them, down to the last, after which there is nothing to walk in.
    next = nodes.first_hash();
    while (nodes.table.Walk(
        next, &next, [&](Node* node) { nodes.Remove(node->key, false); }, [] { return true; })) {
    }
    EXPECT_EQ(nodes.table.size(), 0u);
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST_P(TableTest, AWalkFromAnyHashVisitsWhatIsThereOrBehind) {
  Memory memory;
  Nodes nodes(memory, GetParam());
  for (uint64_t key = 0; key < 3000; ++key) nodes.Insert(key);
  for (uint64_t key = 0; key < 3000; key += 7) {
    const uint64_t from = nodes.HashOf(key);
    uint64_t next = from;
    uint64_t visited = 0;
    const bool more = nodes.table.Walk(
        from, &next,
        [&](const Node* node) {
          ++visited;
          ASSERT_GE(node->hash, from);
        },
        [] { return false; });
    EXPECT_FALSE(more);
    uint64_t expected = 0;
    for (const auto& [other, node] : nodes.nodes) expected += node->hash >= from ? 1u : 0u;
    ASSERT_EQ(visited, expected);
  }
}

TEST_P(TableTest, AReplacementTakesTheNodesPlace) {
  Memory memory;
  Nodes nodes(memory, GetParam());
  for (uint64_t key = 0; key < 2000; ++key) nodes.Insert(key);
  for (uint64_t key = 0; key < 2000; key += 2) {
    auto replacement = std::make_unique<Node>();
    replacement->hash = nodes.HashOf(key);
    replacement->key = key;
    nodes.table.Replace(nodes.nodes[key].get(), replacement.get());
    EXPECT_EQ(nodes.nodes[key]->next, nullptr);
    nodes.nodes[key] = std::move(replacement);
  }
  nodes.Check();
}

TEST_P(TableTest, EqualHashesAreToldApartByTheirNodes) {
  Memory memory;
  NodeTable table(memory, GetParam());
  std::vector<std::unique_ptr<Node>> twins;
  for (uint64_t key = 0; key < 20; ++key) {
    twins.push_back(std::make_unique<Node>());
    twins.back()->hash = 12345;
    twins.back()->key = key;
    table.Insert(twins.back().get());
  }
  for (uint64_t key = 0; key < 20; ++key) {
    EXPECT_EQ(table.Find(12345, [key](const Node& node) { return node.key == key; }), twins[key].get());
  }
  EXPECT_EQ(table.Find(12345, [](const Node&) { return false; }), nullptr);
  for (uint64_t key = 0; key < 20; key += 2) table.Remove(twins[key].get());
  for (uint64_t key = 0; key < 20; ++key) {
    EXPECT_EQ(table.Find(12345, [key](const Node& node) { return node.key == key; }),
              key % 2 == 0 ? nullptr : twins[key].get());
  }
}

TEST_P(TableTest, SampleDrawsEveryNodeEquallyOften) {
  for (const uint64_t keys : {1u, 2u, 10u, 200u, 257u, 700u}) {
    Memory memory;
    Nodes nodes(memory, GetParam());
    Random random(keys);
    const auto below = [&random](uint64_t bound) { return random.Below(bound); };
    EXPECT_EQ(nodes.table.Sample(below), nullptr);
    for (uint64_t key = 0; key < keys; ++key) nodes.Insert(key);
    constexpr uint64_t kExpected = 300;
    for (uint64_t i = 0; i < keys * kExpected; ++i) ++nodes.table.Sample(below)->visits;
    // The sum of squares over the expectation is about `keys`, and hardly ever twice that. The draws are the same in
    // every run.
    double distance = 0;
    for (const auto& [key, node] : nodes.nodes) {
      const double off = static_cast<double>(node->visits) - kExpected;
      distance += off * off / kExpected;
    }
    EXPECT_LT(distance, static_cast<double>(keys) * 1.3 + 10) << keys << " keys";
  }
}

TEST_P(TableTest, SampleFindsTheLastNodesOfATableThatWasNotCompacted) {
  Memory memory;
  Nodes nodes(memory, GetParam());
  for (uint64_t key = 0; key < 20000; ++key) nodes.Insert(key);
  for (uint64_t key = 3; key < 20000; ++key) nodes.Remove(key, false);
  Random random(1);
  for (int i = 0; i < 200; ++i)
    EXPECT_LT(nodes.table.Sample([&](uint64_t bound) { return random.Below(bound); })->key, 3u);
}

TEST_P(TableTest, CompactingGivesMostOfTheMemoryBack) {
  Memory memory;
  Nodes nodes(memory, GetParam());
  for (uint64_t key = 0; key < 40000; ++key) nodes.Insert(key);
  const uint64_t full = memory.used();
  for (uint64_t key = 100; key < 40000; ++key) nodes.Remove(key, true);
  EXPECT_LT(memory.used(), full / 20);
  nodes.Check();
  for (uint64_t key = 0; key < 100; ++key) nodes.Remove(key, true);
  EXPECT_EQ(memory.used(), 0u);
}

TEST_P(TableTest, WithoutMemoryNothingChangesAndSegmentsStayWhole) {
  Memory memory;
  Nodes nodes(memory, GetParam());
  uint64_t failed = 0;
  for (uint64_t key = 0; key < 3000; ++key) {
    // With room for none to two allocations: to grow but not to split, or for a larger directory alone.
    memory.FailAfter(key % 3);
    try {
      nodes.Insert(key);
      memory.FailAfter(Memory::kNeverFail);
    } catch (const std::bad_alloc&) {
      ++failed;
      ASSERT_EQ(nodes.Find(key), nullptr);
      nodes.Check();
      memory.FailAfter(Memory::kNeverFail);
      nodes.Insert(key);
    }
    if (HasFatalFailure()) return;
  }
  nodes.Check();
  EXPECT_GT(failed, 50u);
  memory.FailAfter(0);
  for (uint64_t key = 0; key < 2900; ++key) nodes.Remove(key, true);
  nodes.Check();
  memory.FailAfter(Memory::kNeverFail);
}

TEST_P(TableTest, ANodeTakesLessThanTenBytesOfATableOfAnySize) {
  for (const uint64_t keys : {10000u, 13000u, 17000u, 20000u, 25000u, 33000u}) {
    Memory memory;
    Nodes nodes(memory, GetParam());
    for (uint64_t key = 0; key < keys; ++key) nodes.Insert(key);
    // 8 for the pointer; the rest is an eighth of spare words at most, and 24 bytes a segment of 32 to 64 nodes.
    EXPECT_LT(nodes.table.memory_bytes(), keys * 96 / 10) << keys;
  }
}

TEST_P(TableTest, WithoutMemoryForTheFirstNodeNothingChanges) {
  Memory memory;
  NodeTable table(memory, GetParam());
  Node node;
  const uint64_t failed = test::SweepAllocations(
      memory, [&] { table.Insert(&node); },
      [&] {
        EXPECT_EQ(table.size(), 0u);
        EXPECT_EQ(memory.used(), 0u);
      });
  EXPECT_EQ(failed, 2u);
  EXPECT_EQ(table.size(), 1u);
}

TEST_P(TableTest, SwapExchangesEverything) {
  Memory memory;
  Nodes first(memory, GetParam());
  Nodes second(memory, GetParam());
  for (uint64_t key = 0; key < 1000; ++key) first.Insert(key);
  for (uint64_t key = 5000; key < 5010; ++key) second.Insert(key);
  first.table.Swap(second.table);
  first.nodes.swap(second.nodes);
  first.Check();
  second.Check();
  EXPECT_EQ(first.table.size(), 10u);
  first.table.Clear();
  first.nodes.clear();
  first.Check();
  EXPECT_FALSE(first.table.Walk(
      0, nullptr, [](Node*) {}, [] { return true; }));
}

}  // namespace
}  // namespace redislite
