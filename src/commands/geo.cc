// The commands of places, which are the members of a sorted set with the scores of types/geohash.h.
//
// GEOADD becomes ZADD before it is queued. What a search stores has come of sines, which are not the same to the last
// bit on every machine: it is found in the preview, and logged as the sorted set that it makes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/sorted_sets.h"
#include "engine/context.h"
#include "types/dump.h"
#include "types/geohash.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;
using types::Place;
using types::SortedSet;

// ---- Reading.

std::optional<double> DoubleArgument(Bytes text, Bytes text_of_error, resp::Writer& reply) {
  const std::optional<double> value = ParseDouble(text);
  if (!value) reply.Error(Code::kValue, text_of_error);
  return value;
}

// Longitude and latitude, from argument `at` on; or the error.
std::optional<Place> PlaceArgument(Args args, size_t at, resp::Writer& reply) {
  double numbers[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::optional<double> number = DoubleArgument(args[at + i], "ERR value is not a valid float", reply);
    if (!number) return {};
    numbers[i] = *number;
  }
  const Place place{numbers[0], numbers[1]};
  if (types::IsOnTheMap(place)) return place;
  reply.Error(Code::kValue, "ERR invalid longitude,latitude pair " + FormatFixed(place.longitude, 6) + "," +
                                FormatFixed(place.latitude, 6));
  return {};
}

// How many meters the unit has; or the error.
std::optional<double> UnitArgument(Bytes text, resp::Writer& reply) {
  if (EqualsIgnoreCase(text, "m")) return 1;
  if (EqualsIgnoreCase(text, "km")) return 1000;
  if (EqualsIgnoreCase(text, "ft")) return 0.3048;
  if (EqualsIgnoreCase(text, "mi")) return 1609.34;
  reply.Error(Code::kValue, "ERR unsupported unit provided. please use M, KM, FT, MI");
  return {};
}

enum class SearchKind : uint8_t { kRadius, kRadiusByMember, kSearch, kSearchStore };

struct Search {
  types::Area area;
  double unit_m = 1;
  bool with_distance = false;
  bool with_hash = false;
  bool with_place = false;
  enum class Order : uint8_t { kNone, kAscending, kDescending } order = Order::kNone;
  bool any = false;
  size_t count = 0;  // 0: all
  std::optional<Bytes> store;
  bool store_distances = false;
};

// Reads a search's arguments in the order in which Redis does, which shows in its errors.
class SearchParser {
 public:
  SearchParser(Context& c, const ReadableSortedSet& set, SearchKind kind, bool may_store)
      : c_(c), set_(set), kind_(kind), may_store_(may_store) {}

  std::optional<Search> Parse() {
    if (!ParseFront()) return {};
    while (at_ < c_.args().size()) {
      if (!ParseOption()) return {};
    }
    if (!Check()) return {};
    return search_;
  }

 private:
  bool Fail(Bytes text) {
    c_.reply().Error(Code::kCommand, text);
    return false;
  }
  bool searches() const { return kind_ == SearchKind::kSearch || kind_ == SearchKind::kSearchStore; }
  size_t left() const { return c_.args().size() - at_; }  // from the option's name on

  bool ParseFront() {
    switch (kind_) {
      case SearchKind::kRadius:
        at_ = 6;
        return ParseCenter(2) && ParseRadius(4);
      case SearchKind::kRadiusByMember:
        at_ = 5;
        return set_.missing() || (ParseMember(2) && ParseRadius(3));
      case SearchKind::kSearch:
        at_ = 2;
        return true;
      default:
        at_ = 3;
        search_.store = c_.arg(1);
        return true;
    }
  }

  bool ParseCenter(size_t at) {
    const std::optional<Place> place = PlaceArgument(c_.args(), at, c_.reply());
    if (place) search_.area.center = *place;
    return place.has_value();
  }

  bool ParseMember(size_t at) {
    if (set_.missing()) return true;  // whatever else is wrong is said first
    const std::optional<double> score = set_->Score(c_.arg(at));
    if (!score) return Fail("ERR could not decode requested zset member");
    search_.area.center = types::PlaceOf(*score);
    return true;
  }

  bool ParseUnit(size_t at) {
    const std::optional<double> unit = UnitArgument(c_.arg(at), c_.reply());
    if (unit) search_.unit_m = *unit;
    return unit.has_value();
  }

  bool ParseRadius(size_t at) {
    const std::optional<double> radius = DoubleArgument(c_.arg(at), "ERR need numeric radius", c_.reply());
    if (!radius) return false;
    if (*radius < 0) return Fail("ERR radius cannot be negative");
    if (!ParseUnit(at + 1)) return false;
    search_.area.radius_m = *radius * search_.unit_m;
    return true;
  }

  bool ParseBox(size_t at) {
    const std::optional<double> width = DoubleArgument(c_.arg(at), "ERR need numeric width", c_.reply());
    if (!width) return false;
    const std::optional<double> height = DoubleArgument(c_.arg(at + 1), "ERR need numeric height", c_.reply());
    if (!height) return false;
    if (*width < 0 || *height < 0) return Fail("ERR height or width cannot be negative");
    if (!ParseUnit(at + 2)) return false;
    search_.area.is_box = true;
    search_.area.width_m = *width * search_.unit_m;
    search_.area.height_m = *height * search_.unit_m;
    return true;
  }

  bool ParseCount(size_t at) {
    const std::optional<int64_t> count = IntegerArgument(c_.arg(at), c_.reply());
    if (!count) return false;
    if (*count <= 0) return Fail("ERR COUNT must be > 0");
    search_.count = static_cast<size_t>(*count);
    return true;
  }

  // One option; at_ is then behind it.
  bool ParseOption() {
    const Bytes option = c_.arg(at_);
    const auto is = [&](Bytes name, size_t values) { return EqualsIgnoreCase(option, name) && left() > values; };
    const size_t value = at_ + 1;
    if (is("withdist", 0)) {
      search_.with_distance = true;
    } else if (is("withhash", 0)) {
      search_.with_hash = true;
    } else if (is("withcoord", 0)) {
      search_.with_place = true;
    } else if (is("any", 0)) {
      search_.any = true;
    } else if (is("asc", 0)) {
      search_.order = Search::Order::kAscending;
    } else if (is("desc", 0)) {
      search_.order = Search::Order::kDescending;
    } else if (is("count", 1)) {
      at_ += 1;
      if (!ParseCount(value)) return false;
    } else if (may_store_ && !searches() && (is("store", 1) || is("storedist", 1))) {
      search_.store_distances = EqualsIgnoreCase(option, "storedist");
      search_.store = c_.arg(value);
      at_ += 1;
    } else if (kind_ == SearchKind::kSearchStore && is("storedist", 0)) {
      search_.store_distances = true;
    } else if (searches() && is("frommember", 1) && !from_place_) {
      from_member_ = true;
      at_ += 1;
      if (!ParseMember(value)) return false;
    } else if (searches() && is("fromlonlat", 2) && !from_member_) {
      from_place_ = true;
      at_ += 2;
      if (!ParseCenter(value)) return false;
    } else if (searches() && is("byradius", 2) && !by_box_) {
      by_radius_ = true;
      at_ += 2;
      if (!ParseRadius(value)) return false;
    } else if (searches() && is("bybox", 3) && !by_radius_) {
      by_box_ = true;
      at_ += 3;
      if (!ParseBox(value)) return false;
    } else {
      c_.SyntaxError();
      return false;
    }
    ++at_;
    return true;
  }

  // Whether the options go together.
  bool Check() {
    if (search_.store && (search_.with_distance || search_.with_hash || search_.with_place)) {
      const std::string what = kind_ == SearchKind::kSearchStore ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      return Fail("ERR " + what + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
    }
    if (searches() && !from_member_ && !from_place_) {
      return Fail("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + std::string(c_.arg(0)));
    }
    if (searches() && !by_radius_ && !by_box_) {
      return Fail("ERR exactly one of BYRADIUS and BYBOX can be specified for " + std::string(c_.arg(0)));
    }
    if (search_.any && search_.count == 0) return Fail("ERR the ANY argument requires COUNT argument");
    return true;
  }

  Context& c_;
  const ReadableSortedSet& set_;
  const SearchKind kind_;
  const bool may_store_;
  size_t at_ = 0;
  Search search_;
  bool from_member_ = false;
  bool from_place_ = false;
  bool by_radius_ = false;
  bool by_box_ = false;
};

// ---- Searching.

struct FoundMember {
  Bytes member;
  double score;
  Place place;
  double distance_m;
};

std::vector<FoundMember> FindWithin(const SortedSet& set, const types::Area& area, size_t enough) {
  std::vector<FoundMember> found;
  for (const types::ScoreRange& range : types::Cover(area)) {
    if (enough != 0 && found.size() >= enough) break;
    const size_t first = set.CountBefore([&](double score, Bytes) { return score < range.first; });
    set.ForEachFrom(first, [&](Bytes member, double score) {
      if (score >= range.end) return false;
      const Place place = types::PlaceOf(score);
      if (const std::optional<double> distance = area.DistanceWithin(place)) {
        found.push_back({member, score, place, *distance});
      }
      return enough == 0 || found.size() < enough;
    });
  }
  return found;
}

// What the search is for, in its order and number.
std::vector<FoundMember> Results(const SortedSet& set, const Search& search) {
  std::vector<FoundMember> found = FindWithin(set, search.area, search.any ? search.count : 0);
  // Without an order the nearest are counted, unless any will do.
  const bool sorts = search.order != Search::Order::kNone || (search.count != 0 && !search.any);
  if (sorts) {
    const bool descending = search.order == Search::Order::kDescending;
    std::stable_sort(found.begin(), found.end(), [&](const FoundMember& a, const FoundMember& b) {
      return descending ? a.distance_m > b.distance_m : a.distance_m < b.distance_m;
    });
  }
  if (search.count != 0 && found.size() > search.count) found.resize(search.count);
  return found;
}

void WritePlace(const Place& place, resp::Writer& reply) {
  reply.Array(2);
  reply.LongDouble(place.longitude);
  reply.LongDouble(place.latitude);
}

void WriteDistance(double distance, resp::Writer& reply) { reply.Bulk(FormatFixed(distance, 4)); }

void Reply(const std::vector<FoundMember>& found, const Search& search, resp::Writer& reply) {
  const size_t more = size_t{search.with_distance} + search.with_hash + search.with_place;
  reply.Array(found.size());
  for (const FoundMember& each : found) {
    if (more != 0) reply.Array(1 + more);
    reply.Bulk(each.member);
    if (search.with_distance) WriteDistance(each.distance_m / search.unit_m, reply);
    if (search.with_hash) reply.Integer(static_cast<int64_t>(each.score));
    if (search.with_place) WritePlace(each.place, reply);
  }
}

void Store(Context& c, const std::vector<FoundMember>& found, const Search& search) {
  c.reply().Integer(static_cast<int64_t>(found.size()));
  const std::string key(*search.store);
  if (found.empty()) {
    if (c.Exists(key)) c.ReplaceWith({"DEL", key});
    return;
  }
  SortedSet* set = c.New<SortedSet>();
  const types::Value value(c.memory(), set);
  for (const FoundMember& each : found) {
    set->Set(each.member, search.store_distances ? each.distance_m / search.unit_m : each.score);
  }
  c.ReplaceWith({"RESTORE", key, "0", types::Dump(value), "REPLACE"});
}

void Run(Context& c, SearchKind kind, bool may_store) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(kind == SearchKind::kSearchStore ? 2 : 1));
  if (!set) return;
  const std::optional<Search> search = SearchParser(c, *set, kind, may_store).Parse();
  if (!search) return;
  const std::vector<FoundMember> found = set->missing() ? std::vector<FoundMember>() : Results(**set, *search);
  search->store ? Store(c, found, *search) : Reply(found, *search, c.reply());
}

// Where the last STORE or STOREDIST of a GEORADIUS names its key; 0: nowhere.
size_t StoreKey(Args args) {
  size_t position = 0;
  for (size_t i = 5; i + 1 < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "store") || EqualsIgnoreCase(args[i], "storedist")) position = ++i;
  }
  return position;
}

}  // namespace

// GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]
//
// Becomes ZADD, so its row has ZADD's handler.
bool RewriteGeoAdd(Rewrite& rewrite) {
  const Args args = rewrite.args();
  std::vector<std::string> canonical = {"ZADD", std::string(args[1])};
  bool only_new = false;
  bool only_existing = false;
  size_t at = 2;
  for (; at < args.size(); ++at) {
    const bool is_nx = EqualsIgnoreCase(args[at], "nx");
    const bool is_xx = EqualsIgnoreCase(args[at], "xx");
    if (!is_nx && !is_xx && !EqualsIgnoreCase(args[at], "ch")) break;
    only_new |= is_nx;
    only_existing |= is_xx;
    canonical.emplace_back(args[at]);
  }
  if (at == args.size() || (args.size() - at) % 3 != 0 || (only_new && only_existing)) {
    WriteSyntaxError(rewrite.reply());
    return false;
  }
  for (; at < args.size(); at += 3) {
    const std::optional<Place> place = PlaceArgument(args, at, rewrite.reply());
    if (!place) return false;
    canonical.push_back(std::to_string(types::GeoScore(*place)));
    canonical.emplace_back(args[at + 2]);
  }
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

// GEOPOS key [member ...]
void GeoPos(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) {
    const std::optional<double> score = *set ? (*set)->Score(member) : std::nullopt;
    score ? WritePlace(types::PlaceOf(*score), c.reply()) : c.reply().NullArray();
  }
}

// GEOHASH key [member ...]
void GeoHash(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) {
    const std::optional<double> score = *set ? (*set)->Score(member) : std::nullopt;
    score ? c.reply().Bulk(types::GeohashText(types::PlaceOf(*score))) : c.reply().Null();
  }
}

// GEODIST key member1 member2 [M | KM | FT | MI]
void GeoDist(Context& c) {
  double unit_m = 1;
  if (c.args().size() > 5) return c.SyntaxError();
  if (c.args().size() == 5) {
    const std::optional<double> unit = UnitArgument(c.arg(4), c.reply());
    if (!unit) return;
    unit_m = *unit;
  }
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  const std::optional<double> from = *set ? (*set)->Score(c.arg(2)) : std::nullopt;
  const std::optional<double> to = *set ? (*set)->Score(c.arg(3)) : std::nullopt;
  if (!from || !to) return c.reply().Null();
  WriteDistance(types::Distance(types::PlaceOf(*from), types::PlaceOf(*to)) / unit_m, c.reply());
}

void GeoRadius(Context& c) { Run(c, SearchKind::kRadius, true); }
void GeoRadiusRo(Context& c) { Run(c, SearchKind::kRadius, false); }
void GeoRadiusByMember(Context& c) { Run(c, SearchKind::kRadiusByMember, true); }
void GeoRadiusByMemberRo(Context& c) { Run(c, SearchKind::kRadiusByMember, false); }
void GeoSearch(Context& c) { Run(c, SearchKind::kSearch, false); }
void GeoSearchStore(Context& c) { Run(c, SearchKind::kSearchStore, true); }

// Without STORE it is a reader.
bool RewriteGeoRadius(Rewrite& rewrite) {
  if (StoreKey(rewrite.args()) != 0) return true;
  std::vector<std::string> canonical(rewrite.args().begin(), rewrite.args().end());
  canonical[0] += "_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

bool GeoRadiusKeys(Args args, std::vector<size_t>& positions) {
  positions.push_back(1);
  if (const size_t position = StoreKey(args); position != 0) positions.push_back(position);
  return true;
}

}  // namespace redislite::commands
