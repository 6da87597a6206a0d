#include "progress.h"

#include <gtest/gtest.h>

namespace redislite::cli {
namespace {

TEST(Progress, ShowsShareAmountRateAndTimeToGo) {
  EXPECT_EQ(RenderProgress("export", 1500, 3000, Unit::kKeys, 0.5, 100),
            "export [============>           ]  50%  1,500/3,000 keys  3,000/s  ETA 0:01");
  EXPECT_EQ(RenderProgress("import", 3 << 20, 6 << 20, Unit::kBytes, 1, 100),
            "import [============>           ]  50%  3.0 MiB/6.0 MiB  3.0 MiB/s  ETA 0:01");
  EXPECT_EQ(RenderProgress("import", 512, 1 << 20, Unit::kBytes, 3600, 200),
            "import [>                       ]   0%  512 B/1.0 MiB  0 B/s  ETA 99:59:59");
}

TEST(Progress, IsFullAtTheEndAndNeverBeyond) {
  EXPECT_EQ(RenderProgress("x", 10, 10, Unit::kKeys, 1, 100),
            "x [========================] 100%  10/10 keys  10/s  ETA 0:00");
  EXPECT_EQ(RenderProgress("x", 99, 10, Unit::kKeys, 1, 100),
            "x [========================] 100%  10/10 keys  99/s  ETA 0:00");
}

TEST(Progress, CountsWhenTheTotalIsUnknownOrTheTimeZero) {
  EXPECT_EQ(RenderProgress("import", 1234567, 0, Unit::kKeys, 2, 100), "import 1,234,567 keys  617,283/s");
  EXPECT_EQ(RenderProgress("x", 0, 10, Unit::kKeys, 0, 100), "x [>                       ]   0%  0/10 keys  0/s");
}

TEST(Progress, FitsTheTerminal) {
  for (int width = 1; width < 90; ++width) {
    EXPECT_LE(RenderProgress("export", 1, 3, Unit::kKeys, 1, width).size(), static_cast<size_t>(width));
  }
}

}  // namespace
}  // namespace redislite::cli
