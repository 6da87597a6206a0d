// What the files of the sorted set commands share.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/context.h"
#include "types/sorted_set.h"

namespace redislite::commands {

using ReadableSortedSet = engine::Typed<const types::SortedSet>;

// The sorted set at the key, or after writing an error nothing, when it holds another type. A missing key is a sorted
// set without members to most commands.
inline std::optional<ReadableSortedSet> ReadSortedSet(engine::Context& c, Bytes key) {
  const ReadableSortedSet set = c.Read<types::SortedSet>(key);
  if (!set.wrong_type) return set;
  c.WrongType();
  return {};
}

// An array of members, with their scores when `with_scores`: pairs in RESP3, flat before.
class MembersReply {
 public:
  MembersReply(resp::Writer& reply, size_t count, bool with_scores) : reply_(reply), with_scores_(with_scores) {
    reply_.Array(with_scores_ && reply_.protocol() == 2 ? count * 2 : count);
  }
  void Add(Bytes member, double score) {
    if (with_scores_ && reply_.protocol() > 2) reply_.Array(2);
    reply_.Bulk(member);
    if (with_scores_) reply_.Double(score);
  }

 private:
  resp::Writer& reply_;
  const bool with_scores_;
};

// After BeginWrite: puts the result at the key, or removes the key when the result is empty; replies its size.
inline void StoreSortedSet(engine::Context& c, Bytes key, types::Value result) {
  const size_t size = result.As<types::SortedSet>()->size();
  if (size == 0) {
    c.Remove(key);
  } else {
    c.Put(key, std::move(result));
  }
  c.reply().Integer(static_cast<int64_t>(size));
}

}  // namespace redislite::commands
