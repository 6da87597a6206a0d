#include "types/geohash.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace redislite::types {
namespace {

constexpr double kLongitudeMax = 180;
constexpr double kLatitudeMax = 85.05112878;
constexpr double kPole = 90;
constexpr double kEarthRadiusM = 6372797.560856;
constexpr double kMercatorMaxM = 20037726.37;
constexpr int kStepsMax = 26;
constexpr int kScoreBits = 2 * kStepsMax;

double Radians(double degrees) { return degrees * (std::numbers::pi / 180); }
double Degrees(double radians) { return radians / (std::numbers::pi / 180); }

// Every second bit: those of `even` at the even places.
uint64_t Mix(uint32_t even, uint32_t odd) {
  uint64_t mixed = 0;
  for (int bit = 31; bit >= 0; --bit) mixed = mixed << 2 | (odd >> bit & 1) << 1 | (even >> bit & 1);
  return mixed;
}

uint32_t EvenBits(uint64_t mixed) {
  uint32_t even = 0;
  for (int bit = 62; bit >= 0; bit -= 2) even = even << 1 | (mixed >> bit & 1);
  return even;
}

struct Cell {
  int steps = 0;
  uint32_t column = 0;  // from the west; a place on the eastern rim is in a column of its own behind the last
  uint32_t row = 0;     // from the south

  uint64_t bits() const { return Mix(row, column); }
  bool operator==(const Cell& other) const = default;

  double west() const { return Edge(column, kLongitudeMax); }
  double east() const { return Edge(column + 1.0, kLongitudeMax); }
  double south() const { return Edge(row, kLatitudeMax); }
  double north() const { return Edge(row + 1.0, kLatitudeMax); }

  // So many cells to the east and to the north, around the earth.
  Cell Moved(int columns, int rows) const {
    Cell moved = *this;
    const uint32_t mask = (1u << steps) - 1;
    if (columns != 0) moved.column = (column + static_cast<uint32_t>(columns)) & mask;
    if (rows != 0) moved.row = (row + static_cast<uint32_t>(rows)) & mask;
    return moved;
  }

  ScoreRange scores() const {
    const int shift = kScoreBits - steps * 2;
    return {static_cast<double>(bits() << shift), static_cast<double>((bits() + 1) << shift)};
  }

 private:
  double Edge(double number, double max) const {
    return -max + number / static_cast<double>(uint64_t{1} << steps) * (max - -max);
  }
};

// The cell of a place when the latitudes run to `latitude_max`.
Cell CellOf(const Place& place, int steps, double latitude_max) {
  const double cells = static_cast<double>(uint64_t{1} << steps);
  const double from_west = (place.longitude + kLongitudeMax) / (2 * kLongitudeMax);
  const double from_south = (place.latitude + latitude_max) / (2 * latitude_max);
  return {steps, static_cast<uint32_t>(from_west * cells), static_cast<uint32_t>(from_south * cells)};
}

// As the processors that Redis runs on make an unsigned integer of a double that none can hold.
uint64_t ToBits(double score) {
  constexpr double kHalf = 9223372036854775808.0;  // 2^63
  constexpr uint64_t kTop = uint64_t{1} << 63;
  if (score < kHalf) return score >= -kHalf ? static_cast<uint64_t>(static_cast<int64_t>(score)) : kTop;
  return score < 2 * kHalf ? static_cast<uint64_t>(score - kHalf) + kTop : 0;
}

double DistanceAlongMeridian(double latitude_a, double latitude_b) {
  return kEarthRadiusM * std::fabs(Radians(latitude_b) - Radians(latitude_a));
}

// The steps of cells that are about as large as what reaches so far around the place: those beside it then cover it.
int EstimateSteps(double reach_m, double latitude) {
  if (reach_m == 0) return kStepsMax;
  int steps = 1;
  for (; reach_m < kMercatorMaxM; reach_m *= 2) ++steps;
  steps -= 2;
  // Towards the poles a cell is narrower.
  if (std::fabs(latitude) > 66) --steps;
  if (std::fabs(latitude) > 80) --steps;
  return std::clamp(steps, 1, kStepsMax);
}

// What an area does not reach beyond.
struct Bounds {
  double west, south, east, north;
};

Bounds BoundsOf(const Area& area) {
  const double up_m = area.is_box ? area.height_m / 2 : area.radius_m;
  const double aside_m = area.is_box ? area.width_m / 2 : area.radius_m;
  const double up = Degrees(up_m / kEarthRadiusM);
  // The side that is nearer to a pole spans more degrees.
  const double nearer = area.center.latitude < 0 ? area.center.latitude - up : area.center.latitude + up;
  const double aside = Degrees(aside_m / kEarthRadiusM / std::cos(Radians(nearer)));
  return {area.center.longitude - aside, area.center.latitude - up, area.center.longitude + aside,
          area.center.latitude + up};
}

}  // namespace

bool IsOnTheMap(const Place& place) {
  return std::fabs(place.longitude) <= kLongitudeMax && std::fabs(place.latitude) <= kLatitudeMax;
}

uint64_t GeoScore(const Place& place) { return CellOf(place, kStepsMax, kLatitudeMax).bits(); }

Place PlaceOf(double score) {
  const uint64_t bits = ToBits(score);
  const Cell cell{kStepsMax, EvenBits(bits >> 1), EvenBits(bits)};
  return {std::clamp((cell.west() + cell.east()) / 2, -kLongitudeMax, kLongitudeMax),
          std::clamp((cell.south() + cell.north()) / 2, -kLatitudeMax, kLatitudeMax)};
}

std::string GeohashText(const Place& place) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr int kLetterBits = 5;
  const uint64_t bits = CellOf(place, kStepsMax, kPole).bits();
  std::string text;
  for (int shift = kScoreBits - kLetterBits; shift >= 0; shift -= kLetterBits) text += kAlphabet[bits >> shift & 31];
  return text + '0';
}

double Distance(const Place& a, const Place& b) {
  const double aside = std::sin((Radians(b.longitude) - Radians(a.longitude)) / 2);
  if (aside == 0) return DistanceAlongMeridian(a.latitude, b.latitude);
  const double latitude_a = Radians(a.latitude);
  const double latitude_b = Radians(b.latitude);
  const double up = std::sin((latitude_b - latitude_a) / 2);
  const double chord = up * up + std::cos(latitude_a) * std::cos(latitude_b) * aside * aside;
  return 2 * kEarthRadiusM * std::asin(std::sqrt(chord));
}

std::optional<double> Area::DistanceWithin(const Place& place) const {
  if (is_box) {
    if (DistanceAlongMeridian(place.latitude, center.latitude) > height_m / 2) return {};
    if (Distance(place, {center.longitude, place.latitude}) > width_m / 2) return {};
    return Distance(center, place);
  }
  const double distance = Distance(center, place);
  if (distance > radius_m) return {};
  return distance;
}

std::vector<ScoreRange> Cover(const Area& area) {
  const Bounds bounds = BoundsOf(area);
  const double reach_m =
      area.is_box ? std::sqrt(area.width_m / 2 * (area.width_m / 2) + area.height_m / 2 * (area.height_m / 2))
                  : area.radius_m;
  int steps = EstimateSteps(reach_m, area.center.latitude);
  Cell middle = CellOf(area.center, steps, kLatitudeMax);
  // A center near its cell's edge may reach beyond the next cell.
  const bool too_small = middle.Moved(0, 1).north() < bounds.north || middle.Moved(0, -1).south() > bounds.south ||
                         middle.Moved(1, 0).east() < bounds.east || middle.Moved(-1, 0).west() > bounds.west;
  if (too_small && steps > 1) middle = CellOf(area.center, --steps, kLatitudeMax);

  // What the middle's edge is beyond already is not looked for further out.
  const bool prune = steps >= 2;
  const bool no_south = prune && middle.south() < bounds.south;
  const bool no_north = prune && middle.north() > bounds.north;
  const bool no_west = prune && middle.west() < bounds.west;
  const bool no_east = prune && middle.east() > bounds.east;
  constexpr int kMoves[][2] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
  std::vector<ScoreRange> ranges;
  std::optional<Cell> last;
  for (const auto& [columns, rows] : kMoves) {
    if ((no_south && rows < 0) || (no_north && rows > 0) || (no_west && columns < 0) || (no_east && columns > 0)) {
      continue;
    }
    const Cell cell = middle.Moved(columns, rows);
    if (last == cell) continue;  // the cells are so large that two of them are one
    last = cell;
    ranges.push_back(cell.scores());
  }
  return ranges;
}

}  // namespace redislite::types
