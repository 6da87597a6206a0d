// The sorted set commands that name members, or take them from an end. Ranges are in sorted_set_ranges.cc, those of
// several sets in sorted_set_operations.cc.
//
// A sorted set that a command leaves empty is removed with its key. What would change nothing is answered without
// BeginWrite. Scores are doubles, whose sums are the same on every machine, so ZINCRBY is logged as it stands.
#include "commands/sorted_sets.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/glob.h"
#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/sampling.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

std::optional<double> ScoreOf(const ReadableSortedSet& set, Bytes member) {
  return set ? set->Score(member) : std::nullopt;
}

// ---- ZADD and ZINCRBY.

struct AddOptions {
  bool only_new = false;       // NX
  bool only_existing = false;  // XX
  bool only_greater = false;   // GT
  bool only_less = false;      // LT
  bool count_changes = false;  // CH
  bool increment = false;      // INCR
};

struct Addition {
  double score;
  Bytes member;
};

// What an addition does to a member with or without a score.
struct Effect {
  enum class Kind : uint8_t { kNothing, kKept, kAdded, kUpdated, kNotANumber };
  Kind kind;
  double score = 0;  // afterwards, but for kNothing
};

Effect EffectOf(const AddOptions& options, const Addition& addition, std::optional<double> before) {
  using enum Effect::Kind;
  if (!before) return options.only_existing ? Effect{kNothing} : Effect{kAdded, addition.score};
  if (options.only_new) return {kNothing};
  const double score = options.increment ? *before + addition.score : addition.score;
  if (std::isnan(score)) return {kNotANumber};
  if (options.only_greater && score <= *before) return {kNothing};
  if (options.only_less && score >= *before) return {kNothing};
  return {score == *before ? kKept : kUpdated, score};
}

// ZADD's options; where the scores begin is left in `next`.
AddOptions ParseAddOptions(Args args, size_t& next) {
  AddOptions options;
  for (next = 2; next < args.size(); ++next) {
    if (EqualsIgnoreCase(args[next], "nx")) {
      options.only_new = true;
    } else if (EqualsIgnoreCase(args[next], "xx")) {
      options.only_existing = true;
    } else if (EqualsIgnoreCase(args[next], "gt")) {
      options.only_greater = true;
    } else if (EqualsIgnoreCase(args[next], "lt")) {
      options.only_less = true;
    } else if (EqualsIgnoreCase(args[next], "ch")) {
      options.count_changes = true;
    } else if (EqualsIgnoreCase(args[next], "incr")) {
      options.increment = true;
    } else {
      break;
    }
  }
  return options;
}

// True when the options go together; else an error is written.
bool CheckAddOptions(const AddOptions& options, size_t additions, resp::Writer& reply) {
  Bytes error;
  if (options.only_new && options.only_existing) {
    error = "ERR XX and NX options at the same time are not compatible";
  } else if (options.only_new + options.only_greater + options.only_less > 1) {
    error = "ERR GT, LT, and/or NX options at the same time are not compatible";
  } else if (options.increment && additions > 1) {
    error = "ERR INCR option supports a single increment-element pair";
  }
  if (error.empty()) return true;
  reply.Error(Code::kCommand, error);
  return false;
}

// Applies the additions at the key, and replies.
void Add(Context& c, const AddOptions& options, const std::vector<Addition>& additions) {
  using enum Effect::Kind;
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  bool changes = false;
  Effect last{kNothing};
  for (const Addition& addition : additions) {
    last = EffectOf(options, addition, ScoreOf(*set, addition.member));
    if (last.kind == kNotANumber) {
      return c.reply().Error(Code::kValue, "ERR resulting score is not a number (NaN)");
    }
    changes = changes || last.kind == kAdded || last.kind == kUpdated;
  }
  int64_t added = 0;
  int64_t updated = 0;
  if (changes) {
    if (!c.BeginWrite()) return;
    SortedSet& target = c.ChangeOrCreate<SortedSet>(key);
    target.Foresee(additions.size());
    for (const Addition& addition : additions) {
      const Effect effect = EffectOf(options, addition, target.Score(addition.member));
      if (effect.kind != kAdded && effect.kind != kUpdated) continue;
      target.Set(addition.member, effect.score);
      ++(effect.kind == kAdded ? added : updated);
    }
  }
  if (!options.increment) return c.reply().Integer(options.count_changes ? added + updated : added);
  last.kind == kNothing ? c.reply().Null() : c.reply().Double(last.score);
}

// ---- ZPOPMIN, ZPOPMAX and ZMPOP.

enum class ScoreEnd : uint8_t { kMin, kMax };

enum class Scores : uint8_t { kFlat, kPairs };

// Replies `count` members from an end on with their scores, behind each other. REQUIRES: 0 < count <= set.size().
void WriteMembers(const SortedSet& set, ScoreEnd end, size_t count, Scores scores, resp::Writer& reply) {
  size_t left = count;
  const auto visit = [&](Bytes member, double score) {
    if (scores == Scores::kPairs) reply.Array(2);
    reply.Bulk(member);
    reply.Double(score);
    return --left > 0;
  };
  if (end == ScoreEnd::kMin) {
    set.ForEachFrom(0, visit);
  } else {
    set.ForEachBackwardFrom(set.size() - 1, visit);
  }
}

// Replies `count` members from an end on as an array, and takes them out. REQUIRES: 0 < count <= set.size(), after
// BeginWrite.
void TakeMembers(Context& c, Bytes key, const SortedSet& set, ScoreEnd end, size_t count, Scores scores) {
  c.reply().Array(scores == Scores::kPairs ? count : count * 2);
  WriteMembers(set, end, count, scores, c.reply());
  const size_t size = set.size();
  if (count == size) {
    c.Remove(key);
  } else {
    c.Change<SortedSet>(key)->EraseRange(end == ScoreEnd::kMin ? 0 : size - count, count);
  }
}

void PopScored(Context& c, ScoreEnd end) {
  if (c.args().size() > 3) return c.SyntaxError();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  if (set->missing() || count == 0) return c.reply().Array(0);
  if (!c.BeginWrite()) return;
  const size_t taken = std::min(static_cast<size_t>(count.value_or(1)), (*set)->size());
  TakeMembers(c, key, **set, end, taken, count && c.reply().protocol() > 2 ? Scores::kPairs : Scores::kFlat);
}

const char* PopFrom(ScoreEnd end) { return end == ScoreEnd::kMin ? "ZPOPMIN" : "ZPOPMAX"; }

ScoreEnd EndNamed(Bytes text) { return EqualsIgnoreCase(text, "min") ? ScoreEnd::kMin : ScoreEnd::kMax; }

// BZPOPMIN and BZPOPMAX
void WaitingPopScored(Context& c, ScoreEnd end) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  for (const Bytes key : c.args().subspan(1, c.args().size() - 2)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    c.reply().Array(3);
    c.reply().Bulk(key);
    WriteMembers(**set, end, 1, Scores::kFlat, c.reply());
    return c.ReplaceWith({PopFrom(end), std::string(key)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kSortedSet, *timeout);
}

enum class RankOrder : uint8_t { kAscending, kDescending };

// ZRANK key member [WITHSCORE]
void ReplyRank(Context& c, RankOrder order) {
  if (c.args().size() > 4) return c.WrongArity();
  const bool with_score = c.args().size() == 4;
  if (with_score && !EqualsIgnoreCase(c.arg(3), "withscore")) return c.SyntaxError();
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  const std::optional<size_t> rank = *set ? (*set)->Rank(c.arg(2)) : std::nullopt;
  if (!rank) return with_score ? c.reply().NullArray() : c.reply().Null();
  if (with_score) c.reply().Array(2);
  c.reply().Integer(static_cast<int64_t>(order == RankOrder::kAscending ? *rank : (*set)->size() - 1 - *rank));
  if (with_score) c.reply().Double(*(*set)->Score(c.arg(2)));
}

void WriteScore(std::optional<double> score, resp::Writer& reply) { score ? reply.Double(*score) : reply.Null(); }

}  // namespace

// ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]
void ZAdd(Context& c) {
  size_t first = 0;
  const AddOptions options = ParseAddOptions(c.args(), first);
  const Args pairs = c.args().subspan(first);
  if (pairs.empty() || pairs.size() % 2 != 0) return c.SyntaxError();
  if (!CheckAddOptions(options, pairs.size() / 2, c.reply())) return;
  std::vector<Addition> additions;
  additions.reserve(pairs.size() / 2);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    const std::optional<double> score = ParseDouble(pairs[i]);
    if (!score) return c.NotFloat();
    additions.push_back({*score, pairs[i + 1]});
  }
  Add(c, options, additions);
}

// ZINCRBY key increment member
void ZIncrBy(Context& c) {
  const std::optional<double> increment = ParseDouble(c.arg(2));
  if (!increment) return c.NotFloat();
  AddOptions options;
  options.increment = true;
  Add(c, options, {{*increment, c.arg(3)}});
}

void ZRem(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::none_of(members.begin(), members.end(), [&](Bytes member) { return ScoreOf(*set, member).has_value(); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  SortedSet& target = *c.Change<SortedSet>(key);
  int64_t erased = 0;
  for (const Bytes member : members) erased += target.Erase(member) ? 1 : 0;
  if (target.size() == 0) c.Remove(key);
  c.reply().Integer(erased);
}

void ZCard(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>((*set)->size()) : 0);
}

void ZScore(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) WriteScore(ScoreOf(*set, c.arg(2)), c.reply());
}

void ZMScore(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) WriteScore(ScoreOf(*set, member), c.reply());
}

void ZRank(Context& c) { ReplyRank(c, RankOrder::kAscending); }
void ZRevRank(Context& c) { ReplyRank(c, RankOrder::kDescending); }

void ZPopMin(Context& c) { PopScored(c, ScoreEnd::kMin); }
void ZPopMax(Context& c) { PopScored(c, ScoreEnd::kMax); }

// ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]
void ZMPop(Context& c) {
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 1, "min", "max", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(2, pop->keys)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    if (!c.BeginWrite()) return;
    c.reply().Array(2);
    c.reply().Bulk(key);
    return TakeMembers(c, key, **set, EndNamed(pop->end), std::min(pop->count, (*set)->size()), Scores::kPairs);
  }
  c.reply().NullArray();
}

// ---- Those that wait. Each is logged as the one that does not.

void BZPopMin(Context& c) { WaitingPopScored(c, ScoreEnd::kMin); }
void BZPopMax(Context& c) { WaitingPopScored(c, ScoreEnd::kMax); }

// BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]
void BZMPop(Context& c) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.arg(1), c.reply());
  if (!timeout) return;
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 2, "min", "max", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(3, pop->keys)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    const size_t count = std::min(pop->count, (*set)->size());
    const ScoreEnd end = EndNamed(pop->end);
    c.reply().Array(2);
    c.reply().Bulk(key);
    c.reply().Array(count);
    WriteMembers(**set, end, count, Scores::kPairs, c.reply());
    return c.ReplaceWith({PopFrom(end), std::string(key), std::to_string(count)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kSortedSet, *timeout);
}

void ZRandMember(Context& c) {
  ReplyRandomMembers<SortedSet>(c, "withscores", [&c](double score) { c.reply().Double(score); });
}

void ZScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  std::vector<std::pair<Bytes, double>> found;  // the cursor is replied first and known last
  const uint64_t next = (*set)->Scan(scan->cursor, scan->count, [&](Bytes member, double score) {
    if (!scan->pattern || GlobMatch(*scan->pattern, member)) found.emplace_back(member, score);
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size() * 2);
  for (const auto& [member, score] : found) {
    c.reply().Bulk(member);
    c.reply().Bulk(FormatDouble(score));  // text in RESP3 too, as in Redis
  }
}

}  // namespace redislite::commands
