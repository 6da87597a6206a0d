// The set commands.
//
// A set that a command leaves empty is removed with its key. What would change nothing is answered without BeginWrite.
// SPOP's choice is fixed before it is logged; the results of SINTERSTORE and its kin follow from their sources and are
// made again by a replay.
#include <algorithm>
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
#include "types/set.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Typed;

// The set at the key, or after writing an error nothing, when it holds another type. A missing key is a set without
// members to most commands.
std::optional<Typed<const types::Set>> ReadSet(Context& c, Bytes key) {
  const Typed<const types::Set> set = c.Read<types::Set>(key);
  if (!set.wrong_type) return set;
  c.WrongType();
  return {};
}

bool Has(const Typed<const types::Set>& set, Bytes member) { return set && set->Has(member); }

// ---- Several sets at once.

// The sets at the keys in their order, null for a missing one; or after writing an error nothing.
using Sources = std::vector<const types::Set*>;
std::optional<Sources> ReadSets(Context& c, Args keys) {
  Sources sets;
  for (const Bytes key : keys) {
    const std::optional<Typed<const types::Set>> set = ReadSet(c, key);
    if (!set) return {};
    sets.push_back(set->object);
  }
  return sets;
}

// Each of these visits the members of a result, once each, until visit(member) returns false.

template <typename Visit>
void VisitIntersection(Sources sets, const Visit& visit) {
  if (std::find(sets.begin(), sets.end(), nullptr) != sets.end()) return;
  // The smallest is walked; a member that is not there is sooner found in a small one.
  std::stable_sort(sets.begin(), sets.end(),
                   [](const types::Set* a, const types::Set* b) { return a->size() < b->size(); });
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  sets.front()->ForEach([&](Bytes member) {
    const bool everywhere =
        std::all_of(sets.begin() + 1, sets.end(), [member](const types::Set* set) { return set->Has(member); });
    return !everywhere || visit(member);
  });
}

template <typename Visit>
void VisitUnion(const Sources& sets, const Visit& visit) {
  bool more = true;
  for (size_t i = 0; i < sets.size() && more; ++i) {
    if (sets[i] == nullptr) continue;
    sets[i]->ForEach([&](Bytes member) {
      const bool seen = std::any_of(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(i),
                                    [member](const types::Set* set) { return set != nullptr && set->Has(member); });
      more = seen || visit(member);
      return more;
    });
  }
}

template <typename Visit>
void VisitDifference(const Sources& sets, const Visit& visit) {
  if (sets.front() == nullptr) return;
  sets.front()->ForEach([&](Bytes member) {
    const bool elsewhere = std::any_of(sets.begin() + 1, sets.end(),
                                       [member](const types::Set* set) { return set != nullptr && set->Has(member); });
    return elsewhere || visit(member);
  });
}

enum class Operation : uint8_t { kIntersection, kUnion, kDifference };

template <typename Visit>
void VisitResult(Operation operation, const Sources& sets, const Visit& visit) {
  switch (operation) {
    case Operation::kIntersection:
      return VisitIntersection(sets, visit);
    case Operation::kUnion:
      return VisitUnion(sets, visit);
    case Operation::kDifference:
      return VisitDifference(sets, visit);
  }
}

// SINTER key [key ...] and its kin
void ReplyResult(Context& c, Operation operation) {
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(1));
  if (!sets) return;
  const size_t mark = c.reply().BeginArray();
  size_t count = 0;
  VisitResult(operation, *sets, [&](Bytes member) {
    c.reply().Bulk(member);
    ++count;
    return true;
  });
  c.reply().EndSet(mark, count);
}

// SINTERSTORE destination key [key ...] and its kin. An empty result removes the destination.
void StoreResult(Context& c, Operation operation) {
  const Bytes destination = c.arg(1);
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(2));
  if (!sets) return;
  bool empty = true;
  VisitResult(operation, *sets, [&](Bytes) { return empty = false; });
  if (empty) {
    if (c.Exists(destination) && c.BeginWrite()) c.Remove(destination);
    return c.reply().Integer(0);
  }
  uint64_t bytes = 0;
  for (const types::Set* set : *sets) bytes += set == nullptr ? 0 : set->memory_bytes();
  if (!c.BeginWrite(bytes)) return;
  types::Value value(c.memory(), c.New<types::Set>());
  types::Set& result = *value.As<types::Set>();
  VisitResult(operation, *sets, [&](Bytes member) {
    result.Add(member);
    return true;
  });
  c.Put(destination, std::move(value));
  c.reply().Integer(static_cast<int64_t>(result.size()));
}

}  // namespace

void SAdd(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::all_of(members.begin(), members.end(), [&](Bytes member) { return Has(*set, member); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  types::Set& target = c.ChangeOrCreate<types::Set>(c.arg(1));
  target.Foresee(members.size(), members.front());
  int64_t added = 0;
  for (const Bytes member : members) added += target.Add(member) ? 1 : 0;
  c.reply().Integer(added);
}

void SRem(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::none_of(members.begin(), members.end(), [&](Bytes member) { return Has(*set, member); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  types::Set& target = *c.Change<types::Set>(c.arg(1));
  int64_t erased = 0;
  for (const Bytes member : members) erased += target.Erase(member) ? 1 : 0;
  if (target.size() == 0) c.Remove(c.arg(1));
  c.reply().Integer(erased);
}

// SMOVE source destination member
void SMove(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  const Bytes member = c.arg(3);
  const std::optional<Typed<const types::Set>> source = ReadSet(c, from);
  if (!source) return;
  if (source->missing()) return c.reply().Integer(0);
  const std::optional<Typed<const types::Set>> target = ReadSet(c, to);
  if (!target) return;
  if (!(*source)->Has(member)) return c.reply().Integer(0);
  if (from == to) return c.reply().Integer(1);
  if (!c.BeginWrite()) return;
  // First, since it may run out of memory.
  if (!Has(*target, member)) c.ChangeOrCreate<types::Set>(to).Add(member);
  types::Set& rest = *c.Change<types::Set>(from);
  rest.Erase(member);
  if (rest.size() == 0) c.Remove(from);
  c.reply().Integer(1);
}

void SIsMember(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (set) c.reply().Integer(Has(*set, c.arg(2)) ? 1 : 0);
}

void SMIsMember(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) c.reply().Integer(Has(*set, member) ? 1 : 0);
}

void SCard(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>((*set)->size()) : 0);
}

void SMembers(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return c.reply().Set(0);
  c.reply().Set((*set)->size());
  (*set)->ForEach([&](Bytes member) {
    c.reply().Bulk(member);
    return true;
  });
}

// SPOP key [count]. Resolved to SREM of what was drawn, or to DEL of the key when that is all.
void SPop(Context& c) {
  if (c.args().size() > 3) return c.SyntaxError();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const std::optional<Typed<const types::Set>> found = ReadSet(c, key);
  if (!found) return;
  if (found->missing()) return count ? c.reply().Set(0) : c.reply().Null();
  if (count == 0) return c.reply().Set(0);

  const types::Set& set = **found;
  const size_t drawn = count ? static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(*count), set.size())) : 1;
  std::vector<std::string> removal = {"SREM", std::string(key)};
  const bool all = drawn == set.size();
  if (all) removal.front() = "DEL";
  if (count) c.reply().Set(drawn);
  const auto take = [&](Bytes member) {
    c.reply().Bulk(member);
    if (!all) removal.emplace_back(member);
    return true;
  };
  if (count) {
    SampleDistinct(set, drawn, ReaderRandom(c), take);
  } else {
    set.Sample(ReaderRandom(c), take);
  }
  c.ReplaceWith(std::move(removal));
}

// SRANDMEMBER key [count]
void SRandMember(Context& c) {
  if (c.args().size() > 3) return c.SyntaxError();
  const bool one = c.args().size() == 2;
  const std::optional<int64_t> parsed = one ? -1 : NegatableArgument(c.arg(2), c.reply());
  if (!parsed) return;
  const DrawCount count(*parsed);
  const std::optional<Typed<const types::Set>> found = ReadSet(c, c.arg(1));
  if (!found) return;
  if (found->missing() || count.number == 0) return one ? c.reply().Null() : c.reply().Array(0);
  const types::Set& set = **found;
  if (count.repeats && !DrawsFit(set, count.number)) {
    return c.reply().Error(Code::kValue, "ERR value is out of range");
  }
  if (!one) c.reply().Array(DrawSize(set, count));
  Draw(set, count, ReaderRandom(c), [&](Bytes member) { c.reply().Bulk(member); });
}

void SInter(Context& c) { ReplyResult(c, Operation::kIntersection); }
void SUnion(Context& c) { ReplyResult(c, Operation::kUnion); }
void SDiff(Context& c) { ReplyResult(c, Operation::kDifference); }
void SInterStore(Context& c) { StoreResult(c, Operation::kIntersection); }
void SUnionStore(Context& c) { StoreResult(c, Operation::kUnion); }
void SDiffStore(Context& c) { StoreResult(c, Operation::kDifference); }

// SINTERCARD numkeys key [key ...] [LIMIT limit]
void SInterCard(Context& c) {
  const std::optional<CardArguments> card = ParseInterCard(c.args(), c.reply());
  if (!card) return;
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(2, card->keys));
  if (!sets) return;
  int64_t count = 0;
  VisitIntersection(*sets, [&](Bytes) { return ++count != card->limit; });
  c.reply().Integer(count);
}

void SScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  std::vector<std::string> found;  // the cursor is replied first and known last
  const uint64_t next = (*set)->Scan(scan->cursor, scan->count, [&](Bytes member) {
    if (!scan->pattern || GlobMatch(*scan->pattern, member)) found.emplace_back(member);
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size());
  for (const std::string& member : found) c.reply().Bulk(member);
}

}  // namespace redislite::commands
