// ZUNION, ZINTER, ZDIFF, their STORE forms and ZINTERCARD: several sorted sets, or plain sets whose members have the
// score 1.
//
// The result is made of sums in a fixed order (by size of the sources, then as they were given), so a replay makes the
// same (I2).
#include <algorithm>
#include <cmath>
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
#include "types/set.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

enum class SortedOperation : uint8_t { kUnion, kIntersection, kDifference };
enum class Aggregate : uint8_t { kSum, kMin, kMax };

// A source: a sorted set, a set, or nothing.
struct Source {
  const SortedSet* sorted = nullptr;
  const types::Set* plain = nullptr;
  double weight = 1;

  size_t size() const { return sorted != nullptr ? sorted->size() : plain != nullptr ? plain->size() : 0; }
  size_t memory_bytes() const {
    return sorted != nullptr ? sorted->memory_bytes() : plain != nullptr ? plain->memory_bytes() : 0;
  }
  std::optional<double> Score(Bytes member) const {
    if (sorted != nullptr) return sorted->Score(member);
    return plain != nullptr && plain->Has(member) ? std::optional(1.0) : std::nullopt;
  }
  // visit(member, score) until it returns false.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (sorted != nullptr) sorted->ForEach(visit);
    if (plain != nullptr) plain->ForEach([&](Bytes member) { return visit(member, 1.0); });
  }
};

struct Query {
  SortedOperation operation = SortedOperation::kUnion;
  std::vector<Source> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  int64_t limit = 0;  // ZINTERCARD's; 0: none
};

// What a command of this family takes.
struct Form {
  SortedOperation operation;
  size_t numkeys = 1;  // the position of the number of keys
  bool store = false;
  bool card = false;
};

// The sources at the keys, or after writing an error nothing.
std::optional<std::vector<Source>> ReadSources(Context& c, Args keys) {
  std::vector<Source> sources;
  for (const Bytes key : keys) {
    const types::Value* value = c.Find(key);
    Source& source = sources.emplace_back();
    if (value == nullptr) continue;
    source.sorted = value->As<SortedSet>();
    source.plain = value->As<types::Set>();
    if (source.sorted != nullptr || source.plain != nullptr) continue;
    c.WrongType();
    return {};
  }
  return sources;
}

std::optional<Aggregate> ParseAggregate(Bytes word) {
  if (EqualsIgnoreCase(word, "sum")) return Aggregate::kSum;
  if (EqualsIgnoreCase(word, "min")) return Aggregate::kMin;
  if (EqualsIgnoreCase(word, "max")) return Aggregate::kMax;
  return {};
}

// [WEIGHTS weight ...] [AGGREGATE SUM | MIN | MAX] [WITHSCORES] [LIMIT limit], those that the form takes, from `at` on.
// False: an error is written.
bool ParseOperationOptions(Context& c, const Form& form, size_t at, Query& query) {
  const Args args = c.args();
  const bool weighs = form.operation != SortedOperation::kDifference && !form.card;
  while (at < args.size()) {
    const Bytes word = args[at++];
    const size_t left = args.size() - at;
    if (weighs && left >= query.sources.size() && EqualsIgnoreCase(word, "weights")) {
      for (Source& source : query.sources) {
        const std::optional<double> weight = ParseDouble(args[at++]);
        if (!weight) {
          c.reply().Error(Code::kValue, "ERR weight value is not a float");
          return false;
        }
        source.weight = *weight;
      }
    } else if (weighs && left >= 1 && EqualsIgnoreCase(word, "aggregate")) {
      const std::optional<Aggregate> aggregate = ParseAggregate(args[at++]);
      if (!aggregate) {
        c.SyntaxError();
        return false;
      }
      query.aggregate = *aggregate;
    } else if (!form.store && !form.card && EqualsIgnoreCase(word, "withscores")) {
      query.with_scores = true;
    } else if (form.card && left >= 1 && EqualsIgnoreCase(word, "limit")) {
      const std::optional<int64_t> limit = AtLeastArgument(args[at++], 0, "ERR LIMIT can't be negative", c.reply());
      if (!limit) return false;
      query.limit = *limit;
    } else {
      c.SyntaxError();
      return false;
    }
  }
  return true;
}

std::optional<Query> ParseQuery(Context& c, const Form& form) {
  const std::optional<int64_t> keys = IntegerArgument(c.arg(form.numkeys), c.reply());
  if (!keys) return {};
  if (*keys < 1) {
    c.reply().Error(
        Code::kCommand,
        std::string("ERR at least 1 input key is needed for '").append(c.command().name).append("' command"));
    return {};
  }
  const size_t first = form.numkeys + 1;
  if (static_cast<uint64_t>(*keys) > c.args().size() - first) {
    c.SyntaxError();
    return {};
  }
  const auto count = static_cast<size_t>(*keys);
  std::optional<std::vector<Source>> sources = ReadSources(c, c.args().subspan(first, count));
  if (!sources) return {};
  Query query;
  query.operation = form.operation;
  query.sources = std::move(*sources);
  if (!ParseOperationOptions(c, form, first + count, query)) return {};
  if (query.operation != SortedOperation::kDifference) {
    std::stable_sort(query.sources.begin(), query.sources.end(),
                     [](const Source& a, const Source& b) { return a.size() < b.size(); });
  }
  return query;
}

// Infinities that cancel each other out, or an infinity times 0, are 0 as in Redis.
double OrZero(double score) { return std::isnan(score) ? 0 : score; }

double Combine(Aggregate aggregate, double before, double score) {
  switch (aggregate) {
    case Aggregate::kSum:
      return OrZero(before + score);
    case Aggregate::kMin:
      return std::min(before, score);
    case Aggregate::kMax:
      break;
  }
  return std::max(before, score);
}

// visit(member, score) for each member of the intersection, until it returns false.
template <typename Visit>
void VisitIntersection(const Query& query, const Visit& visit) {
  const Source& smallest = query.sources.front();
  smallest.ForEach([&](Bytes member, double score) {
    double combined = OrZero(smallest.weight * score);
    for (size_t i = 1; i < query.sources.size(); ++i) {
      const std::optional<double> other = query.sources[i].Score(member);
      if (!other) return true;
      combined = Combine(query.aggregate, combined, query.sources[i].weight * *other);
    }
    return visit(member, combined);
  });
}

void BuildUnion(const Query& query, SortedSet& result) {
  for (const Source& source : query.sources) {
    source.ForEach([&](Bytes member, double score) {
      const double weighed = OrZero(source.weight * score);
      const std::optional<double> before = result.Score(member);
      result.Set(member, before ? Combine(query.aggregate, *before, weighed) : weighed);
      return true;
    });
  }
}

void BuildDifference(const Query& query, SortedSet& result) {
  query.sources.front().ForEach([&](Bytes member, double score) {
    const bool elsewhere = std::any_of(query.sources.begin() + 1, query.sources.end(),
                                       [member](const Source& source) { return source.Score(member).has_value(); });
    if (!elsewhere) result.Set(member, score);
    return true;
  });
}

types::Value Build(Context& c, const Query& query) {
  types::Value value(c.memory(), c.New<SortedSet>());
  SortedSet& result = *value.As<SortedSet>();
  switch (query.operation) {
    case SortedOperation::kUnion:
      BuildUnion(query, result);
      break;
    case SortedOperation::kIntersection:
      VisitIntersection(query, [&](Bytes member, double score) {
        result.Set(member, score);
        return true;
      });
      break;
    case SortedOperation::kDifference:
      BuildDifference(query, result);
      break;
  }
  return value;
}

void ReplySortedResult(Context& c, SortedOperation operation) {
  const std::optional<Query> query = ParseQuery(c, {operation});
  if (!query) return;
  const types::Value value = Build(c, *query);
  const SortedSet& result = *value.As<SortedSet>();
  MembersReply reply(c.reply(), result.size(), query->with_scores);
  result.ForEach([&](Bytes member, double score) {
    reply.Add(member, score);
    return true;
  });
}

// Whether the result has a member; cheaper than to make it.
bool IsEmpty(Context& c, const Query& query) {
  bool empty = true;
  switch (query.operation) {
    case SortedOperation::kUnion:
      return std::all_of(query.sources.begin(), query.sources.end(), [](const Source& s) { return s.size() == 0; });
    case SortedOperation::kIntersection:
      VisitIntersection(query, [&](Bytes, double) { return empty = false; });
      return empty;
    case SortedOperation::kDifference:
      break;
  }
  const types::Value result = Build(c, query);
  return result.As<SortedSet>()->size() == 0;
}

void StoreSortedResult(Context& c, SortedOperation operation) {
  const std::optional<Query> query = ParseQuery(c, {operation, 2, true});
  if (!query) return;
  if (!c.Exists(c.arg(1)) && IsEmpty(c, *query)) return c.reply().Integer(0);
  uint64_t bytes = 0;
  for (const Source& source : query->sources) bytes += source.memory_bytes();
  if (!c.BeginWrite(bytes)) return;
  StoreSortedSet(c, c.arg(1), Build(c, *query));
}

}  // namespace

void ZUnion(Context& c) { ReplySortedResult(c, SortedOperation::kUnion); }
void ZInter(Context& c) { ReplySortedResult(c, SortedOperation::kIntersection); }
void ZDiff(Context& c) { ReplySortedResult(c, SortedOperation::kDifference); }
void ZUnionStore(Context& c) { StoreSortedResult(c, SortedOperation::kUnion); }
void ZInterStore(Context& c) { StoreSortedResult(c, SortedOperation::kIntersection); }
void ZDiffStore(Context& c) { StoreSortedResult(c, SortedOperation::kDifference); }

// ZINTERCARD numkeys key [key ...] [LIMIT limit]
void ZInterCard(Context& c) {
  const std::optional<Query> query = ParseQuery(c, {SortedOperation::kIntersection, 1, false, true});
  if (!query) return;
  int64_t count = 0;
  VisitIntersection(*query, [&](Bytes, double) { return ++count != query->limit; });
  c.reply().Integer(count);
}

}  // namespace redislite::commands
