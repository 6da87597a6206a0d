#include "types/string.h"

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "base/number.h"
#include "base/random.h"
#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

TEST(String, KeepsTheBytesItWasGiven) {
  Memory memory;
  {
    std::vector<std::string> texts = {"",
                                      "a",
                                      "-",
                                      "-0",
                                      "01",
                                      "1.5",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      std::string("1\0", 2),
                                      "9223372036854775808",
                                      "99999999999999999999",
                                      "100000000000000000000"};
    for (size_t size = 0; size < 200; ++size) texts.push_back(std::string(size, '\xff'));
    for (const size_t size : {4096u, 1000003u}) texts.push_back(std::string(size, '\0'));
    for (const std::string& text : texts) {
      const String string(memory, text);
      EXPECT_FALSE(string.is_integer()) << text;
      EXPECT_EQ(string.size(), text.size());
      EXPECT_EQ(string.ToString(), text);
      char scratch[kInt64TextMax];
      const Bytes view = string.View(scratch);
      EXPECT_EQ(view, text);
      EXPECT_NE(view.data(), nullptr);
      if (string.buffer() != nullptr) {
        EXPECT_EQ(view.data()[view.size()], '\0') << "a NUL follows";
      }
      EXPECT_EQ(memory.used(), string.memory_bytes());
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(String, AnIntegerInCanonicalFormTakesNoMemory) {
  Memory memory;
  Random random(1);
  std::vector<int64_t> integers = {
      0, -1, 9, 10, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (int i = 0; i < 200; ++i) integers.push_back(static_cast<int64_t>(random.Next()) >> random.Below(64));
  for (const int64_t integer : integers) {
    const std::string text = std::to_string(integer);
    const String string(memory, text);
    EXPECT_TRUE(string.is_integer());
    EXPECT_EQ(string.integer(), integer);
    EXPECT_EQ(string.size(), text.size());
    EXPECT_EQ(string.ToString(), text);
    EXPECT_EQ(String(integer).ToString(), text);
    EXPECT_STREQ(string.encoding(), "int");
    EXPECT_EQ(string.buffer(), nullptr);
    EXPECT_EQ(string.memory_bytes(), 0u);
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(String, TheEncodingIsRedis) {
  Memory memory;
  EXPECT_STREQ(String().encoding(), "embstr");
  EXPECT_STREQ(String(memory, "").encoding(), "embstr");
  EXPECT_STREQ(String(memory, std::string(44, 'x')).encoding(), "embstr");
  EXPECT_STREQ(String(memory, std::string(45, 'x')).encoding(), "raw");
  String appended(memory, "12");
  appended.Append(memory, "3");
  EXPECT_STREQ(appended.encoding(), "raw");
  EXPECT_EQ(appended.ToString(), "123");
  EXPECT_FALSE(appended.is_integer());
  EXPECT_STREQ(appended.Clone().encoding(), "raw");
  String untouched(memory, "abc");
  untouched.Append(memory, "");
  EXPECT_STREQ(untouched.encoding(), "raw");
  String overwritten(memory, "abc");
  overwritten.Overwrite(memory, 1, "");
  EXPECT_STREQ(overwritten.encoding(), "embstr");
  overwritten.Overwrite(memory, 1, "x");
  EXPECT_STREQ(overwritten.encoding(), "raw");
}

// One step of a random life, on the string and on a std::string.
void Change(Random& random, Memory& memory, String& string, std::string& model) {
  std::string bytes(random.Below(uint64_t{1} << random.Below(12)), static_cast<char>('a' + random.Below(26)));
  const size_t offset = random.Below(model.size() + 50);
  switch (random.Below(4)) {
    case 0:
      string.Append(memory, bytes);
      model += bytes;
      break;
    case 1:
      string.Overwrite(memory, offset, bytes);
      if (!bytes.empty()) {
        if (model.size() < offset + bytes.size()) model.resize(offset + bytes.size());
        model.replace(offset, bytes.size(), bytes);
      }
      break;
    case 2: {
      // A part of the string itself.
      char scratch[kInt64TextMax];
      const Bytes own = string.View(scratch).substr(random.Below(model.size() + 1), random.Below(300));
      const std::string copy(own);
      if (random.Below(2) == 0) {
        string.Append(memory, own);
        model += copy;
      } else {
        string.Overwrite(memory, offset, own);
        if (!copy.empty()) {
          if (model.size() < offset + copy.size()) model.resize(offset + copy.size());
          model.replace(offset, copy.size(), copy);
        }
      }
      break;
    }
    default:
      if (random.Below(10) == 0) {
        model = random.Below(2) == 0 ? std::to_string(random.Below(1000)) : std::string(random.Below(60), 'z');
        string = String(memory, model);
      }
  }
}

TEST(String, ChangesLikeAStdString) {
  Memory memory;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    String string;
    std::string model;
    std::vector<std::pair<String, std::string>> clones;
    std::vector<std::pair<Pin, std::string>> pins;
    for (int step = 0; step < 200; ++step) {
      Change(random, memory, string, model);
      ASSERT_EQ(string.ToString(), model) << "step " << step;
      if (string.buffer() != nullptr) {
        ASSERT_EQ(string.buffer()->bytes[string.size()], '\0');
        ASSERT_EQ(string.buffer()->size, model.size());
        ASSERT_LE(string.buffer()->capacity, 4 * model.size() + 100);
      }
      if (random.Below(10) == 0) clones.emplace_back(string.Clone(), model);
      if (random.Below(10) == 0 && string.buffer() != nullptr) pins.emplace_back(Pin(string.buffer()), model);
      if (random.Below(20) == 0 && !clones.empty()) {
        std::swap(string, clones.back().first);
        std::swap(model, clones.back().second);
      }
      if (random.Below(20) == 0) clones.clear();
    }
    for (const auto& [clone, was] : clones) ASSERT_EQ(clone.ToString(), was);
    for (const auto& [pin, was] : pins) ASSERT_EQ(pin.view(), was);
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(String, WithoutMemoryNothingChanges) {
  for (const char* text : {"", "12345", "some bytes that are no integer"}) {
    for (const bool shared : {false, true}) {
      for (const int change : {0, 1, 2}) {
        Memory memory;
        {
          String string(memory, text);
          const String other = shared ? string.Clone() : String();
          const std::string encoding = string.encoding();
          const uint64_t failed = test::SweepAllocations(
              memory,
              [&] {
                if (change == 0) string.Append(memory, std::string(100, 'x'));
                if (change == 1) string.Overwrite(memory, 50, "x");
                if (change == 2) string = String(memory, "another text, and a longer one");
              },
              [&] {
                EXPECT_EQ(string.ToString(), text);
                EXPECT_EQ(string.encoding(), encoding);
              });
          EXPECT_GE(failed, 1u);
        }
        EXPECT_EQ(memory.used(), 0u);
      }
    }
  }
}

TEST(String, ACloneSharesTheBytesUntilEitherChanges) {
  Memory memory;
  String first(memory, std::string(1000, 'x'));
  const uint64_t used = memory.used();
  String second = first.Clone();
  EXPECT_EQ(memory.used(), used);
  EXPECT_EQ(second.buffer(), first.buffer());
  second.Append(memory, "y");
  EXPECT_NE(second.buffer(), first.buffer());
  EXPECT_EQ(first.ToString(), std::string(1000, 'x'));
  EXPECT_EQ(second.ToString(), std::string(1000, 'x') + "y");
}

TEST(String, AppendingGrowsInPlaceAndSeldomMoves) {
  Memory memory;
  String string(memory, "x");
  size_t moves = 0;
  const Buffer* last = nullptr;
  uint64_t capacity = 0;
  for (int i = 0; i < 100000; ++i) {
    string.Append(memory, "y");
    if (string.buffer() != last || string.buffer()->capacity != capacity) ++moves;
    last = string.buffer();
    capacity = last->capacity;
  }
  EXPECT_LT(moves, 40u);
}

TEST(String, MovingLeavesTheEmptyString) {
  Memory memory;
  for (const char* text : {"12", "abc"}) {
    String from(memory, text);
    String to(std::move(from));
    EXPECT_EQ(to.ToString(), text);
    EXPECT_EQ(from.ToString(), "");  // NOLINT(bugprone-use-after-move): the point of the test
    from = std::move(to);
    EXPECT_EQ(from.ToString(), text);
    String& same = from;
    from = std::move(same);
    EXPECT_EQ(from.ToString(), text);
  }
}

TEST(String, RawHoldsWhatIsFilledInAndStaysRaw) {
  Memory memory;
  {
    char* bytes;
    String string = String::Raw(memory, 2, &bytes);
    bytes[0] = '1';
    bytes[1] = '2';
    EXPECT_EQ(string.ToString(), "12");
    EXPECT_FALSE(string.is_integer());
    EXPECT_STREQ(string.encoding(), "raw");
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(String, MutableBytesAreItsOwn) {
  Memory memory;
  for (const char* text : {"12", "abc"}) {
    String string(memory, text);
    const String shared = string.Clone();
    string.Mutable(memory)[0] = 'X';
    EXPECT_EQ(string.ToString(), std::string("X") + (text + 1));
    EXPECT_STREQ(string.encoding(), "raw");
    EXPECT_EQ(shared.ToString(), text);
    const char* place = string.Mutable(memory);
    EXPECT_EQ(string.Mutable(memory), place);
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Pin, KeepsItsBytesWhateverHappensToTheString) {
  Memory memory;
  {
    Pin pin;
    {
      String string(memory, "the first bytes");
      pin = Pin(string.buffer());
      string.Append(memory, " and more");
      EXPECT_EQ(pin.view(), "the first bytes");
      EXPECT_EQ(string.ToString(), "the first bytes and more");
    }
    EXPECT_EQ(pin.view(), "the first bytes");
    Pin moved(std::move(pin));
    EXPECT_EQ(moved.view(), "the first bytes");
    EXPECT_EQ(pin.view(), "");  // NOLINT(bugprone-use-after-move): the point of the test
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Pin, IsDroppedByAnyThread) {
  Memory memory;
  String string(memory, std::string(100, 'a'));
  std::atomic<bool> wrong{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    std::vector<Pin> pins;
    for (int j = 0; j < 200; ++j) pins.emplace_back(string.buffer());
    threads.emplace_back([&wrong, pins = std::move(pins)]() mutable {
      while (!pins.empty()) {
        if (pins.back().view().front() != 'a' || pins.back().view().size() % 100 != 0) wrong = true;
        pins.pop_back();
      }
    });
    // Meanwhile the string goes on; whether it must copy depends on how far the threads are.
    string.Append(memory, std::string(100, 'a'));
    string.Overwrite(memory, 0, "a");
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(wrong);
  string = String();
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace redislite::types
