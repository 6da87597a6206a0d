// HyperLogLogs against a plain array of registers. That bytes and estimates are Redis' own, the vectors say.
#include "types/hyperloglog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <string>

namespace redislite::types::hyperloglog {
namespace {

std::string Element(uint64_t number) { return "element:" + std::to_string(number); }

TEST(HyperLogLog, EstimatesWithinAFewPercentAndBecomesDense) {
  std::string bytes = MakeEmpty();
  uint64_t count = 0;
  for (const uint64_t until : {uint64_t{10}, uint64_t{100}, uint64_t{1000}, uint64_t{20'000}, uint64_t{200'000}}) {
    for (; count < until; ++count) Raise(bytes, RankOf(Element(count)));
    ASSERT_TRUE(IsOne(bytes) && IsWhole(bytes));
    Registers registers;
    ASSERT_TRUE(registers.Merge(bytes));
    const double error = std::abs(static_cast<double>(registers.Estimate()) / static_cast<double>(count) - 1);
    EXPECT_LT(error, 0.03) << count;
    EXPECT_EQ(IsDense(bytes), count > 1000);
    EXPECT_LE(bytes.size(), IsDense(bytes) ? kDenseBytes : kSparseBytesMax);
  }
}

TEST(HyperLogLog, KeepsTheHighestRankOfEachRegister) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::map<uint32_t, uint8_t> model;
    std::string bytes = MakeEmpty();
    const uint32_t spread = 1 + static_cast<uint32_t>(random() % (round % 2 == 0 ? 60 : kRegisters));
    const uint8_t highest = round % 3 == 0 ? 40 : 4;
    for (int step = 0; step < 400; ++step) {
      const auto base = static_cast<uint32_t>(round % 4 == 0 ? kRegisters - spread : 0);
      const Rank rank{base + static_cast<uint32_t>(random() % spread), static_cast<uint8_t>(1 + random() % highest)};
      uint8_t& known = model[rank.index];
      ASSERT_EQ(Raise(bytes, rank), rank.value > known) << "round " << round << " step " << step;
      known = std::max(known, rank.value);
      ASSERT_TRUE(IsWhole(bytes)) << "round " << round << " step " << step;
    }
    const std::optional<std::string> dense = IsDense(bytes) ? bytes : MakeDense(bytes);
    ASSERT_TRUE(dense && IsOne(*dense));
    for (const Bytes form : {Bytes(bytes), Bytes(*dense)}) {
      Registers registers;
      ASSERT_TRUE(registers.Merge(form));
      for (uint32_t i = 0; i < kRegisters; ++i) {
        const auto known = model.find(i);
        ASSERT_EQ(registers[i], known == model.end() ? 0 : known->second) << i;
      }
    }
  }
}

TEST(HyperLogLog, ARankAboveWhatIsSparseMakesItDense) {
  std::string bytes = MakeEmpty();
  EXPECT_TRUE(Raise(bytes, {5, 32}));
  EXPECT_FALSE(IsDense(bytes));
  EXPECT_TRUE(Raise(bytes, {6, 33}));
  EXPECT_TRUE(IsDense(bytes));
  EXPECT_FALSE(Raise(bytes, {5, 32}));
  EXPECT_TRUE(WouldRaiseDense(bytes, {16383, 1}));
  EXPECT_TRUE(Raise(bytes, {16383, 63}));
  EXPECT_FALSE(WouldRaiseDense(bytes, {16383, 63}));
  EXPECT_TRUE(WouldRaiseDense(bytes, {16382, 1}));
}

TEST(HyperLogLog, WhatIsCutOrLongerIsNotWhole) {
  std::string bytes = MakeEmpty();
  for (uint64_t i = 0; i < 50; ++i) Raise(bytes, RankOf(Element(i)));
  for (size_t size = kHeaderBytes; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    EXPECT_TRUE(IsOne(cut));
    EXPECT_FALSE(IsWhole(cut)) << size;
    EXPECT_FALSE(MakeDense(cut));
    EXPECT_FALSE(Registers().Merge(cut));
  }
  EXPECT_FALSE(IsWhole(bytes + '\0'));
  EXPECT_FALSE(IsWhole(bytes + '\x7f'));
  EXPECT_FALSE(Registers().Merge(bytes + '\x80'));
  for (size_t size = 0; size < kHeaderBytes; ++size) EXPECT_FALSE(IsOne(bytes.substr(0, size))) << size;
  EXPECT_FALSE(IsOne(*MakeDense(bytes) + '\0'));
}

TEST(HyperLogLog, TheCachedCountCountsUntilItIsForgotten) {
  std::string bytes = MakeEmpty();
  EXPECT_EQ(CachedCount(bytes), 0u);
  bytes[8] = 7;
  bytes[9] = 1;
  EXPECT_EQ(CachedCount(bytes), 263u);
  ForgetCount(bytes.data());
  EXPECT_FALSE(CachedCount(bytes));
}

}  // namespace
}  // namespace redislite::types::hyperloglog
