#include "tests/support/sim_content.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace redislite::sim {
namespace {

TEST(Content, BehavesAsAString) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Content content;
    std::string model;
    for (int step = 0; step < 200; ++step) {
      const uint64_t owner = 1 + random.Below(2);
      const size_t offset = random.Below(20'000);
      if (random.Below(4) == 0) {
        content.Resize(owner, offset);
        model.resize(offset);
      } else {
        const std::string bytes(random.Below(6'000),
                                random.Below(3) == 0 ? '\0' : static_cast<char>('a' + random.Below(26)));
        content.Write(owner, offset, bytes);
        if (model.size() < offset + bytes.size()) model.resize(offset + bytes.size());
        model.replace(offset, bytes.size(), bytes);
      }
      ASSERT_EQ(content.ReadAll(), model) << "seed " << seed << " step " << step;
    }
    std::string part(100, 'x');
    EXPECT_EQ(content.Read(model.size(), part.data(), 100), 0u);
    if (model.size() > 50) {
      EXPECT_EQ(content.Read(model.size() - 50, part.data(), 100), 50u);
    }
  }
}

TEST(Content, ACopyDoesNotChangeWithTheOriginal) {
  Content one;
  one.Write(1, 0, std::string(10'000, 'a'));
  const Content copy = one;
  const uint64_t hash = copy.Hash();
  one.Write(2, 5'000, "b");
  one.Resize(2, 7'000);
  EXPECT_EQ(copy.ReadAll(), std::string(10'000, 'a'));
  EXPECT_EQ(copy.Hash(), hash);
  EXPECT_NE(one.Hash(), hash);
}

TEST(Content, TheHashDependsOnTheBytesAloneAndOnEachOfThem) {
  Content written;
  written.Write(1, 0, std::string(9'000, '\0'));
  Content extended;
  extended.Resize(1, 9'000);
  Content cut;
  cut.Write(1, 0, std::string(12'000, 'x'));
  cut.Resize(1, 0);
  cut.Resize(1, 9'000);
  EXPECT_EQ(written.Hash(), extended.Hash());
  EXPECT_EQ(written.Hash(), cut.Hash());

  std::string bytes(9'000, '\0');
  for (size_t i = 0; i < bytes.size(); i += 7) {
    Content changed = written;
    changed.Write(2, i, "\1");
    ASSERT_NE(changed.Hash(), written.Hash()) << i;
    changed.Write(2, i, Bytes("\0", 1));
    ASSERT_EQ(changed.Hash(), written.Hash()) << i;
  }
  extended.Resize(1, 9'001);
  EXPECT_NE(written.Hash(), extended.Hash());
}

}  // namespace
}  // namespace redislite::sim
