// The table of the keyspace and of large hashes: look-up, insertion, and what a flood of chosen keys does.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/table.h"

namespace redislite {
namespace {

struct Node {
  Node* next = nullptr;
  uint64_t hash = 0;
};

constexpr HashSeed kSeed{0x0706050403020100, 0x0f0e0d0c0b0a0908};

std::vector<Node> MakeNodes(size_t count) {
  std::vector<Node> nodes(count);
  for (size_t i = 0; i < count; ++i) {
    nodes[i].hash = SipHash13(kSeed, {reinterpret_cast<const char*>(&i), sizeof i});
  }
  return nodes;
}

void BM_TableFind(benchmark::State& state) {
  Memory memory;
  std::vector<Node> nodes = MakeNodes(static_cast<size_t>(state.range(0)));
  Table<Node> table(memory, 0);
  for (Node& node : nodes) table.Insert(&node);
  Random random(1);
  for ([[maybe_unused]] auto _ : state) {
    const Node& wanted = nodes[random.Below(nodes.size())];
    benchmark::DoNotOptimize(table.Find(wanted.hash, [&](const Node& node) { return &node == &wanted; }));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_TableFind)->Arg(1 << 10)->Arg(1 << 16)->Arg(1 << 20);

void BM_TableInsert(benchmark::State& state) {
  Memory memory;
  std::vector<Node> nodes = MakeNodes(static_cast<size_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    Table<Node> table(memory, 0);
    for (Node& node : nodes) table.Insert(&node);
    benchmark::DoNotOptimize(table.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_TableInsert)->Arg(1 << 16)->Arg(1 << 20)->Unit(benchmark::kMillisecond);

// Keys whose hash under another key (as good as none: everybody knows it) share their top 12 bits, and as many that
// were not chosen. With the store's own key the first must be no slower.
void BM_TableFlood(benchmark::State& state) {
  constexpr HashSeed kKnown{};
  constexpr size_t kKeys = 20'000;
  const bool chosen = state.range(0) != 0;
  std::vector<Node> nodes;
  for (uint64_t i = 0; nodes.size() < kKeys; ++i) {
    const Bytes key(reinterpret_cast<const char*>(&i), sizeof i);
    if (chosen && SipHash13(kKnown, key) >> 52 != 0) continue;
    nodes.push_back({nullptr, SipHash13(kSeed, key)});
  }
  Memory memory;
  Table<Node> table(memory, 0);
  for (Node& node : nodes) table.Insert(&node);
  Random random(1);
  for ([[maybe_unused]] auto _ : state) {
    const Node& wanted = nodes[random.Below(nodes.size())];
    benchmark::DoNotOptimize(table.Find(wanted.hash, [&](const Node& node) { return &node == &wanted; }));
  }
}
BENCHMARK(BM_TableFlood)->ArgName("chosen")->Arg(0)->Arg(1);

}  // namespace
}  // namespace redislite
