// A replay long enough for its second thread: the same data as without it, and every failure comes back.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "commands/table.h"
#include "engine/keyspace.h"
#include "engine/replay.h"
#include "resp/command_encoder.h"
#include "tests/support/command_harness.h"
#include "tests/support/scratch_directory.h"

namespace redislite::test {
namespace {

constexpr int kFrames = 60;
constexpr int kCommandsAFrame = 400;

std::string Payload(const std::vector<std::vector<std::string>>& commands) {
  std::string payload;
  for (const std::vector<std::string>& words : commands) {
    const std::vector<Bytes> args(words.begin(), words.end());
    resp::AppendCommand(payload, args);
  }
  return payload;
}

// About 4 MiB in all.
class LongReplay : public testing::Test {
 protected:
  LongReplay() : replay_(Make()) {}

  std::unique_ptr<engine::Replay> Make() {
    return std::make_unique<engine::Replay>(store_.engine(), keyspace_, commands::Commands(),
                                            [this](uint64_t commands) { told_ = commands; });
  }

  Status TakeSets(int frame) {
    std::vector<std::vector<std::string>> sets = {{"SELECT", std::to_string(frame % 16)}};
    for (int i = 1; i < kCommandsAFrame; ++i) {
      sets.push_back({"SET", "key:" + std::to_string(frame * kCommandsAFrame + i), std::string(150, 'v')});
    }
    return Take(Payload(sets), kCommandsAFrame);
  }
  Status Take(const std::string& payload, uint32_t count) {
    storage::FrameHeader header;
    header.count = count;
    header.time_ms = CommandHarness::kStartMs;
    return replay_->Take(header, payload);
  }

  CommandHarness store_;
  Memory memory_;
  engine::Keyspace keyspace_{memory_, {1, 2}};
  uint64_t told_ = 0;
  std::unique_ptr<engine::Replay> replay_;
};

TEST_F(LongReplay, AppliesEveryCommandInOrder) {
  for (int frame = 0; frame < kFrames; ++frame) ASSERT_TRUE(TakeSets(frame).ok());
  ASSERT_TRUE(Take(Payload({{"SELECT", "3"}, {"MSET", "a", "1", "b", "2"}, {"DEL", "a"}, {"FLUSHDB"}}), 4).ok());
  ASSERT_TRUE(replay_->Finish().ok());
  const int flushed = kFrames / 16 + (kFrames % 16 > 3 ? 1 : 0);
  EXPECT_EQ(keyspace_.TotalKeys(), uint64_t{(kFrames - flushed) * (kCommandsAFrame - 1)});
}

TEST_F(LongReplay, IsForgottenWhenItIsDestroyed) {
  for (int frame = 0; frame < kFrames; ++frame) ASSERT_TRUE(TakeSets(frame).ok());
  replay_.reset();
  EXPECT_LE(keyspace_.TotalKeys(), uint64_t{kFrames * kCommandsAFrame});
}

TEST_F(LongReplay, RefusesWhatNoWriterOfOursLogs) {
  for (int frame = 0; frame < kFrames; ++frame) ASSERT_TRUE(TakeSets(frame).ok());
  EXPECT_EQ(Take("*1\r\n$3\r\nDE", 1).code(), Code::kCorrupt);
  EXPECT_EQ(Take(Payload({{"DEL", "a"}}), 2).code(), Code::kCorrupt);
  EXPECT_EQ(Take(Payload({{"SELECT", "16"}}), 1).code(), Code::kCorrupt);
  EXPECT_EQ(Take(Payload({{"GET", "a"}}), 1).code(), Code::kVersion);
  EXPECT_EQ(Take(Payload({{"FROBNICATE"}}), 1).code(), Code::kVersion);
  EXPECT_TRUE(replay_->Finish().ok()) << "who reads may go on (salvage)";
}

// Wherever memory runs out, in this thread or the other, the opener hears of it, and nothing waits for ever.
TEST_F(LongReplay, SaysThatMemoryHasRunOut) {
  for (const uint64_t allocations : {uint64_t{0}, uint64_t{500}, uint64_t{5000}, uint64_t{20000}}) {
    replay_ = Make();
    memory_.FailAfter(allocations);
    Status status;
    for (int frame = 0; frame < kFrames && status.ok(); ++frame) status = TakeSets(frame);
    if (status.ok()) status = replay_->Finish();
    EXPECT_EQ(status.code(), Code::kNoMemory) << allocations;
    memory_.FailAfter(Memory::kNeverFail);
    replay_.reset();
    for (int db = 0; db < engine::kDatabases; ++db) keyspace_.Flush(db);
  }
}

TEST(LongReplayOfAStore, IsTheStore) {
  const ScratchDirectory scratch;
  CommandHarness store(scratch.path() + "/store");
  for (int i = 0; i < 30'000; ++i) {
    const std::string number = std::to_string(i % 5000);
    store.RunWords({"SET", "s" + number, std::string(static_cast<size_t>(i % 300), 'v')}, i % 3);
    store.RunWords({"HSET", "h" + std::to_string(i % 700), "f" + number, number});
    if (i % 7 == 0) store.RunWords({"DEL", "s" + std::to_string(i % 4000), "h" + std::to_string(i % 300)});
    if (i % 11 == 0) store.RunWords({"RENAME", "s" + number, "s" + std::to_string(i % 900)});
    if (i % 10'000 == 9'999) store.Run("FLUSHDB", 1);
  }
  const std::string digest = store.engine().Digest();
  store.Reopen();
  EXPECT_EQ(store.engine().Digest(), digest);
}

}  // namespace
}  // namespace redislite::test
