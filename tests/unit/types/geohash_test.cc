#include "types/geohash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace redislite::types {
namespace {

double Between(Random& random, double low, double high) {
  return low + (high - low) * static_cast<double>(random.Next() >> 11) / static_cast<double>(uint64_t{1} << 53);
}

Place AnyPlace(Random& random) { return {Between(random, -180, 180), Between(random, -85, 85)}; }

TEST(Geohash, AScoreIsAPlaceToHalfAMeter) {
  Random random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Place place = AnyPlace(random);
    const uint64_t score = GeoScore(place);
    ASSERT_LT(score, uint64_t{1} << 52);
    const Place back = PlaceOf(static_cast<double>(score));
    ASSERT_LE(std::fabs(back.longitude - place.longitude), 180.0 / (1 << 26));
    ASSERT_LE(std::fabs(back.latitude - place.latitude), 85.05112878 / (1 << 26));
    ASSERT_EQ(GeoScore(back), score);
  }
}

TEST(Geohash, WhatIsWithinAnAreaIsInTheRangesThatCoverIt) {
  Random random(2);
  int within = 0;
  for (int i = 0; i < 2'000; ++i) {
    Area area;
    area.center = {Between(random, -150, 150), Between(random, -60, 60)};
    const double size_m = std::pow(10, Between(random, 0, 6));
    area.is_box = i % 2 == 0;
    area.radius_m = size_m;
    area.width_m = size_m;
    area.height_m = size_m / 3;
    const std::vector<ScoreRange> ranges = Cover(area);
    ASSERT_LE(ranges.size(), 9u);
    const double degrees = size_m / 50'000;
    for (int j = 0; j < 50; ++j) {
      const Place place{std::clamp(area.center.longitude + Between(random, -degrees, degrees), -180.0, 180.0),
                        std::clamp(area.center.latitude + Between(random, -degrees, degrees), -85.0, 85.0)};
      if (!area.DistanceWithin(place)) continue;
      ++within;
      const auto score = static_cast<double>(GeoScore(place));
      EXPECT_TRUE(std::any_of(ranges.begin(), ranges.end(),
                              [&](const ScoreRange& range) { return range.first <= score && score < range.end; }))
          << area.center.longitude << " " << area.center.latitude << " " << size_m;
    }
  }
  EXPECT_GT(within, 10'000);
}

TEST(Geohash, DistancesAreThoseOfASphere) {
  EXPECT_EQ(Distance({13, 38}, {13, 38}), 0);
  EXPECT_NEAR(Distance({0, 0}, {180, 0}), 6372797.560856 * M_PI, 1e-3);
  EXPECT_NEAR(Distance({0, 0}, {90, 0}), Distance({7, -45}, {7, 45}), 1e-3);
  EXPECT_NEAR(Distance({10, 20}, {30, 40}), Distance({30, 40}, {10, 20}), 1e-6);
}

TEST(Geohash, AnyDoubleIsSomePlaceOnTheMap) {
  for (const double score : {-1.0, 0.5, 1e300, -1e300, 9.3e18, 1.8e19, 4503599627370496.0, -HUGE_VAL, HUGE_VAL}) {
    EXPECT_TRUE(IsOnTheMap(PlaceOf(score))) << score;
    EXPECT_EQ(GeohashText(PlaceOf(score)).size(), 11u);
  }
}

}  // namespace
}  // namespace redislite::types
