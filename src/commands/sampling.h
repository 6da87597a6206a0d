// Choosing members of a collection at random: HRANDFIELD, SPOP, SRANDMEMBER, ZRANDMEMBER.
//
// A collection is a types::Hash, Set or SortedSet: it has size(), ForEach(visit), Sample(random, visit) and
// memory_bytes(), and calls visit(member) or visit(member, what belongs to it).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "base/bytes.h"
#include "base/random.h"
#include "commands/arguments.h"
#include "engine/context.h"

namespace redislite::commands {

// The choices are for a reader, or resolved before they are logged, so a generator a thread is enough; it is seeded
// from the store's secret.
inline Random& ReaderRandom(engine::Context& c) {
  thread_local Random random(c.hash_seed().k0 ^ static_cast<uint64_t>(c.now_ms()) ^ reinterpret_cast<uintptr_t>(&c));
  return random;
}

// Visits `count` distinct members. REQUIRES: count <= collection.size().
template <typename Collection, typename Visit>
void SampleDistinct(const Collection& collection, size_t count, Random& random, const Visit& visit) {
  constexpr size_t kFew = 512;  // so many may be integers, whose bytes do not last: the small forms have no more
  if (collection.size() > kFew && count * 3 <= collection.size()) {
    std::unordered_set<Bytes> drawn;  // draw again what was drawn before: less than one draw in three
    while (drawn.size() < count) {
      collection.Sample(random, [&](Bytes member, const auto&... more) {
        if (drawn.insert(member).second) visit(member, more...);
        return true;
      });
    }
    return;
  }
  // Selection sampling (Knuth, algorithm S): each member is taken with the chance that still makes `count` of those
  // left.
  if (count == 0) return;
  size_t left = collection.size();
  collection.ForEach([&](Bytes member, const auto&... more) {
    if (random.Below(left--) < count) {
      visit(member, more...);
      --count;
    }
    return count > 0;
  });
}

// Whether so many draws with repeats make a reply that can be held: there is no other limit on what a few bytes could
// ask for.
template <typename Collection>
bool DrawsFit(const Collection& collection, uint64_t draws) {
  const uint64_t bytes_each = collection.memory_bytes() / collection.size() + 8;
  return draws <= kRecordBytesMax / bytes_each;
}

// What XRANDMEMBER's count asks for: so many distinct ones at most, or when it is negative so many with repeats.
struct DrawCount {
  explicit DrawCount(int64_t count) : repeats(count < 0), number(static_cast<uint64_t>(count < 0 ? -count : count)) {}

  bool repeats;
  uint64_t number;
};

// How many members Draw visits.
template <typename Collection>
size_t DrawSize(const Collection& collection, const DrawCount& count) {
  return count.repeats || count.number < collection.size() ? static_cast<size_t>(count.number) : collection.size();
}

// Visits the members that are asked for.
template <typename Collection, typename Visit>
void Draw(const Collection& collection, const DrawCount& count, Random& random, const Visit& visit) {
  if (!count.repeats) return SampleDistinct(collection, DrawSize(collection, count), random, visit);
  for (uint64_t i = 0; i < count.number; ++i) {
    collection.Sample(random, [&](Bytes member, const auto&... more) {
      visit(member, more...);
      return true;
    });
  }
}

// HRANDFIELD and ZRANDMEMBER: key [count [WITHVALUES]]. `option` is the last word, and write(value) writes what belongs
// to a member.
template <typename Collection, typename Write>
void ReplyRandomMembers(engine::Context& c, Bytes option, const Write& write) {
  const engine::Args args = c.args();
  const bool one = args.size() == 2;
  const std::optional<int64_t> parsed = one ? -1 : NegatableArgument(args[2], c.reply());
  if (!parsed) return;
  const bool with_values = args.size() == 4 && EqualsIgnoreCase(args[3], option);
  if (args.size() > 3 && !with_values) return c.SyntaxError();
  const DrawCount count(*parsed);
  constexpr uint64_t kPairsMax = INT64_MAX / 2;
  const bool too_many = with_values && count.number > kPairsMax;
  if (too_many) return c.reply().Error(Code::kValue, "ERR value is out of range");

  const engine::Typed<const Collection> found = c.Read<Collection>(args[1]);
  if (found.wrong_type) return c.WrongType();
  if (found.missing() || count.number == 0) return one ? c.reply().Null() : c.reply().Array(0);
  if (count.repeats && !DrawsFit(*found, count.number)) {
    return c.reply().Error(Code::kValue, "ERR value is out of range");
  }
  const size_t size = DrawSize(*found, count);
  const bool nested = with_values && c.reply().protocol() > 2;
  if (!one) c.reply().Array(with_values && !nested ? size * 2 : size);
  Draw(*found, count, ReaderRandom(c), [&](Bytes member, const auto& value) {
    if (nested) c.reply().Array(2);
    c.reply().Bulk(member);
    if (with_values) write(value);
  });
}

}  // namespace redislite::commands
