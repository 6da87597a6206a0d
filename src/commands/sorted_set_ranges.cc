// The sorted set commands of ranges: by rank, by score, by member (BYLEX).
//
// Whatever a range is given by, it comes down to the ranks of a first and a last member, found in O(log n) steps: to
// count is to subtract, LIMIT is arithmetic, and to reply or remove is to walk from there.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/sorted_sets.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

enum class By : uint8_t { kRank, kScore, kLex };
enum class Order : uint8_t { kAscending, kDescending };

// The ranks that a range covers.
using Ranks = IndexRange;

Ranks RanksBetween(size_t begin, size_t end) { return {begin, end > begin ? end - begin : 0}; }

// One end of a range of scores: "1.5", "(1.5" without it, "-inf".
struct ScoreBound {
  double score = 0;
  bool exclusive = false;
};

// As strtod reads it: space in front is skipped, no text at all is 0, and what is out of range is infinite or 0.
std::optional<ScoreBound> ParseScoreBound(Bytes text) {
  ScoreBound bound;
  bound.exclusive = text.starts_with('(');
  if (bound.exclusive) text.remove_prefix(1);
  if (text.empty()) return bound;
  text = WithoutLeadingSpace(text);
  const std::optional<long double> score = ParseLongDouble(text);
  if (!score) return {};
  bound.score = ParseDouble(text).value_or(static_cast<double>(*score));
  return bound;
}

// One end of a range of members: "[a", "(a" without it, "-" before all, "+" behind all.
struct LexBound {
  enum class Kind : uint8_t { kBeforeAll, kMember, kBehindAll };
  Kind kind = Kind::kMember;
  Bytes member = {};
  bool exclusive = false;
};

std::optional<LexBound> ParseLexBound(Bytes text) {
  if (text == "-") return LexBound{LexBound::Kind::kBeforeAll};
  if (text == "+") return LexBound{LexBound::Kind::kBehindAll};
  if (!text.starts_with('[') && !text.starts_with('(')) return {};
  return LexBound{LexBound::Kind::kMember, text.substr(1), text.front() == '('};
}

// Whether members that equal the bound are in front of the range's begin or end.
size_t CountBefore(const SortedSet& set, const ScoreBound& bound, bool with_equal) {
  return set.CountBefore(
      [&](double score, Bytes) { return score < bound.score || (with_equal && score == bound.score); });
}
size_t CountBefore(const SortedSet& set, const LexBound& bound, bool with_equal) {
  if (bound.kind == LexBound::Kind::kBeforeAll) return 0;
  if (bound.kind == LexBound::Kind::kBehindAll) return set.size();
  return set.CountBefore(
      [&](double, Bytes member) { return member < bound.member || (with_equal && member == bound.member); });
}

// A range as it was asked for.
struct RangeQuery {
  By by = By::kRank;
  Order order = Order::kAscending;
  int64_t start = 0, stop = 0;  // kRank
  ScoreBound min_score, max_score;
  LexBound min_member, max_member;
  int64_t offset = 0, limit = -1;  // LIMIT; a negative limit is none
  bool with_scores = false;
};

// Reads both ends. False: an error is written.
bool ParseEnds(Bytes min, Bytes max, RangeQuery& query, resp::Writer& reply) {
  switch (query.by) {
    case By::kRank: {
      const std::optional<int64_t> start = IntegerArgument(min, reply);
      if (!start) return false;
      const std::optional<int64_t> stop = IntegerArgument(max, reply);
      if (!stop) return false;
      query.start = *start;
      query.stop = *stop;
      return true;
    }
    case By::kScore: {
      const std::optional<ScoreBound> first = ParseScoreBound(min);
      const std::optional<ScoreBound> last = ParseScoreBound(max);
      if (!first || !last) {
        reply.Error(Code::kValue, "ERR min or max is not a float");
        return false;
      }
      query.min_score = *first;
      query.max_score = *last;
      return true;
    }
    case By::kLex:
      break;
  }
  const std::optional<LexBound> first = ParseLexBound(min);
  const std::optional<LexBound> last = ParseLexBound(max);
  if (!first || !last) {
    reply.Error(Code::kValue, "ERR min or max not valid string range item");
    return false;
  }
  query.min_member = *first;
  query.max_member = *last;
  return true;
}

// The ranks, in ascending order, of what the query selects.
Ranks RanksOf(const SortedSet& set, const RangeQuery& query) {
  Ranks ranks;
  switch (query.by) {
    case By::kRank: {
      ranks = ClampRange(query.start, query.stop, set.size());
      if (query.order == Order::kDescending) ranks.first = set.size() - ranks.first - ranks.count;
      return ranks;
    }
    case By::kScore:
      ranks = RanksBetween(CountBefore(set, query.min_score, query.min_score.exclusive),
                           CountBefore(set, query.max_score, !query.max_score.exclusive));
      break;
    case By::kLex:
      ranks = RanksBetween(CountBefore(set, query.min_member, query.min_member.exclusive),
                           CountBefore(set, query.max_member, !query.max_member.exclusive));
      break;
  }
  if (query.offset < 0 || static_cast<uint64_t>(query.offset) >= ranks.count) return {};
  const size_t kept = std::min<uint64_t>(ranks.count - static_cast<size_t>(query.offset),
                                         query.limit < 0 ? ranks.count : static_cast<uint64_t>(query.limit));
  if (query.order == Order::kAscending) return {ranks.first + static_cast<size_t>(query.offset), kept};
  return {ranks.first + ranks.count - static_cast<size_t>(query.offset) - kept, kept};
}

// Visits the selected members in the query's order.
template <typename Visit>
void VisitRanks(const SortedSet& set, const Ranks& ranks, Order order, const Visit& visit) {
  if (ranks.count == 0) return;
  size_t left = ranks.count;
  const auto step = [&](Bytes member, double score) {
    visit(member, score);
    return --left > 0;
  };
  if (order == Order::kAscending) {
    set.ForEachFrom(ranks.first, step);
  } else {
    set.ForEachBackwardFrom(ranks.first + ranks.count - 1, step);
  }
}

// What the name of a command has settled before its options are read.
struct RangeForm {
  std::optional<By> by;
  std::optional<Order> order;
  size_t key = 1;  // the position of the key that is read
  bool store = false;
};

// [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES], and the ends in front of them.
std::optional<RangeQuery> ParseRange(Context& c, const RangeForm& form) {
  const Args args = c.args();
  RangeQuery query;
  std::optional<By> by = form.by;
  std::optional<Order> order = form.order;
  for (size_t i = form.key + 3; i < args.size(); ++i) {
    if (!form.store && EqualsIgnoreCase(args[i], "withscores")) {
      query.with_scores = true;
    } else if (i + 2 < args.size() && EqualsIgnoreCase(args[i], "limit")) {
      const std::optional<int64_t> offset = IntegerArgument(args[i + 1], c.reply());
      if (!offset) return {};
      const std::optional<int64_t> limit = IntegerArgument(args[i + 2], c.reply());
      if (!limit) return {};
      query.offset = *offset;
      query.limit = *limit;
      i += 2;
    } else if (!form.order && EqualsIgnoreCase(args[i], "rev")) {
      order = Order::kDescending;
    } else if (!by && EqualsIgnoreCase(args[i], "bylex")) {
      by = By::kLex;
    } else if (!by && EqualsIgnoreCase(args[i], "byscore")) {
      by = By::kScore;
    } else {
      c.SyntaxError();
      return {};
    }
  }
  query.by = by.value_or(By::kRank);
  query.order = order.value_or(Order::kAscending);
  if (query.by == By::kRank && query.limit != -1) {
    c.reply().Error(Code::kCommand,
                    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return {};
  }
  if (query.by == By::kLex && query.with_scores) {
    c.reply().Error(Code::kCommand, "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return {};
  }
  Bytes min = args[form.key + 1];
  Bytes max = args[form.key + 2];
  if (query.by != By::kRank && query.order == Order::kDescending) std::swap(min, max);
  if (!ParseEnds(min, max, query, c.reply())) return {};
  return query;
}

void ReplyRange(Context& c, const RangeForm& form) {
  const std::optional<RangeQuery> query = ParseRange(c, form);
  if (!query) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return c.reply().Array(0);
  const Ranks ranks = RanksOf(**set, *query);
  MembersReply reply(c.reply(), ranks.count, query->with_scores);
  VisitRanks(**set, ranks, query->order, [&](Bytes member, double score) { reply.Add(member, score); });
}

// ZCOUNT and ZLEXCOUNT key min max
void ReplyCount(Context& c, By by) {
  RangeQuery query;
  query.by = by;
  if (!ParseEnds(c.arg(2), c.arg(3), query, c.reply())) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>(RanksOf(**set, query).count) : 0);
}

// ZREMRANGEBYRANK key start stop and its kin
void RemoveRange(Context& c, By by) {
  RangeQuery query;
  query.by = by;
  if (!ParseEnds(c.arg(2), c.arg(3), query, c.reply())) return;
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  const Ranks ranks = *set ? RanksOf(**set, query) : Ranks();
  if (ranks.count == 0) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  if (ranks.count == (*set)->size()) {
    c.Remove(key);
  } else {
    c.Change<SortedSet>(key)->EraseRange(ranks.first, ranks.count);
  }
  c.reply().Integer(static_cast<int64_t>(ranks.count));
}

}  // namespace

void ZRange(Context& c) { ReplyRange(c, {}); }
void ZRevRange(Context& c) { ReplyRange(c, {By::kRank, Order::kDescending}); }
void ZRangeByScore(Context& c) { ReplyRange(c, {By::kScore, Order::kAscending}); }
void ZRevRangeByScore(Context& c) { ReplyRange(c, {By::kScore, Order::kDescending}); }
void ZRangeByLex(Context& c) { ReplyRange(c, {By::kLex, Order::kAscending}); }
void ZRevRangeByLex(Context& c) { ReplyRange(c, {By::kLex, Order::kDescending}); }

// ZRANGESTORE destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]
void ZRangeStore(Context& c) {
  const std::optional<RangeQuery> query = ParseRange(c, {{}, {}, 2, true});
  if (!query) return;
  const Bytes destination = c.arg(1);
  const std::optional<ReadableSortedSet> source = ReadSortedSet(c, c.arg(2));
  if (!source) return;
  const Ranks ranks = *source ? RanksOf(**source, *query) : Ranks();
  if (ranks.count == 0 && !c.Exists(destination)) return c.reply().Integer(0);
  if (!c.BeginWrite(ranks.count == 0 ? 0 : (*source)->memory_bytes())) return;
  types::Value result(c.memory(), c.New<SortedSet>());
  if (ranks.count > 0) {
    VisitRanks(**source, ranks, Order::kAscending,
               [&](Bytes member, double score) { result.As<SortedSet>()->Set(member, score); });
  }
  StoreSortedSet(c, destination, std::move(result));
}

void ZCount(Context& c) { ReplyCount(c, By::kScore); }
void ZLexCount(Context& c) { ReplyCount(c, By::kLex); }

void ZRemRangeByRank(Context& c) { RemoveRange(c, By::kRank); }
void ZRemRangeByScore(Context& c) { RemoveRange(c, By::kScore); }
void ZRemRangeByLex(Context& c) { RemoveRange(c, By::kLex); }

}  // namespace redislite::commands
