// Geohash: places on the earth as Redis' geo commands keep them: the score of a sorted set's member.
//
// A cell halves the longitudes and the latitudes so many times (its steps); its bits are those of both, mixed, the
// longitude's above. A score is the cell of 26 steps in which a place lies, 52 bits, which a double holds. So the
// places in a larger cell are the scores in one range, and a search is a few ranges and a look at each member in them.
//
// Pure functions. What comes of sines is not the same on every machine to the last bit: results may be replied, and may
// not be what a log's replay works out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace redislite::types {

struct Place {
  double longitude = 0;  // degrees, -180 to 180
  double latitude = 0;   // degrees, to about 85.05 north and south, where Mercator's map is a square
};

bool IsOnTheMap(const Place& place);

// REQUIRES: IsOnTheMap(place).
uint64_t GeoScore(const Place& place);
// The middle of the score's cell. Any double is some place.
Place PlaceOf(double score);

// The eleven letters of the geohash that others use, whose latitudes run to the poles. The last is always 0.
std::string GeohashText(const Place& place);

// Meters, on a sphere.
double Distance(const Place& a, const Place& b);

// A circle, or a box whose sides run along the meridians and parallels.
struct Area {
  Place center;
  double radius_m = 0;
  bool is_box = false;
  double width_m = 0;
  double height_m = 0;

  // The distance of a place in it from its center.
  std::optional<double> DistanceWithin(const Place& place) const;
};

struct ScoreRange {
  double first;
  double end;  // not in it
};
// Ranges of scores that have every place in the area, and some more, in the order in which Redis looks at them: the
// cell with the center, then those around it.
std::vector<ScoreRange> Cover(const Area& area);

}  // namespace redislite::types
