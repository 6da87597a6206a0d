// The list commands.
//
// A list that a command leaves empty is removed with its key. What would change nothing (an element that is not
// there, a trim to the whole, a move to where the element is) is answered without BeginWrite, so that it costs
// neither log nor sync.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "types/list.h"
#include "types/string.h"

namespace redislite::commands {
namespace {

using engine::Context;
using engine::Typed;
using types::List;

enum class End : uint8_t { kLeft, kRight };

std::optional<End> ParseEnd(Bytes text) {
  if (EqualsIgnoreCase(text, "left")) return End::kLeft;
  if (EqualsIgnoreCase(text, "right")) return End::kRight;
  return {};
}

// LPUSH and its kin. Each argument is pushed in turn, so that LPUSH leaves them in reverse.
enum class WhenMissing : uint8_t { kMakeList, kDoNothing };
void Push(Context& c, End end, WhenMissing when_missing) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing() && when_missing == WhenMissing::kDoNothing) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  List& target = c.ChangeOrCreate<List>(c.arg(1));
  if (end == End::kLeft) {
    target.PushAllFront(c.args().subspan(2));
  } else {
    target.PushAllBack(c.args().subspan(2));
  }
  c.reply().Integer(static_cast<int64_t>(target.size()));
}

// Replies `count` elements from an end on, as an array.
void WriteElements(const List& list, End end, size_t count, resp::Writer& reply) {
  reply.Array(count);
  size_t left = count;
  const auto visit = [&](Bytes element) {
    reply.Bulk(element);
    return --left > 0;
  };
  if (end == End::kLeft) {
    list.ForEach(0, visit);
  } else {
    list.ForEachBackward(list.size() - 1, visit);
  }
}

// Replies `count` elements from an end on, as an array, and takes them out. REQUIRES: 0 < count <= list.size(), after
// BeginWrite.
void TakeArray(Context& c, Bytes key, const List& list, End end, size_t count) {
  WriteElements(list, end, count, c.reply());
  if (count == list.size()) {
    c.Remove(key);
    return;
  }
  List& changed = *c.Change<List>(key);
  changed.Erase(end == End::kLeft ? 0 : changed.size() - count, count);
}

void Pop(Context& c, End end) {
  if (c.args().size() > 3) return c.WrongArity();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const Typed<const List> list = c.Read<List>(key);
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return count ? c.reply().NullArray() : c.reply().Null();
  if (count == 0) return c.reply().Array(0);
  if (!c.BeginWrite()) return;
  if (count) return TakeArray(c, key, *list, end, std::min(static_cast<size_t>(*count), list->size()));

  c.reply().Bulk(end == End::kLeft ? list->Front() : list->Back());
  if (list->size() == 1) {
    c.Remove(key);
  } else if (end == End::kLeft) {
    c.Change<List>(key)->PopFront();
  } else {
    c.Change<List>(key)->PopBack();
  }
}

// The position that an index means, negative ones counted from the end; nothing when it is outside.
std::optional<size_t> Position(int64_t index, size_t size) {
  const auto length = static_cast<int64_t>(size);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return {};
  return static_cast<size_t>(index);
}

// Calls visit(position, element) for every element from one end to the other, until it returns false.
template <typename Visit>
void ForEachFrom(const List& list, End end, const Visit& visit) {
  if (list.size() == 0) return;
  if (end == End::kLeft) {
    size_t position = 0;
    list.ForEach(0, [&](Bytes element) { return visit(position++, element); });
  } else {
    size_t position = list.size();
    list.ForEachBackward(position - 1, [&](Bytes element) { return visit(--position, element); });
  }
}

std::optional<size_t> FindFrom(const List& list, End end, Bytes element) {
  std::optional<size_t> found;
  ForEachFrom(list, end, [&](size_t position, Bytes candidate) {
    if (candidate == element) found = position;
    return !found;
  });
  return found;
}

void MoveElement(Context& c, End from, End to) {
  const Bytes source_key = c.arg(1);
  const Bytes target_key = c.arg(2);
  const Typed<const List> source = c.Read<List>(source_key);
  if (source.wrong_type) return c.WrongType();
  if (source.missing()) return c.reply().Null();
  if (c.Read<List>(target_key).wrong_type) return c.WrongType();

  const Bytes moved = from == End::kLeft ? source->Front() : source->Back();
  const bool stays = source_key == target_key && (from == to || source->size() == 1);
  if (stays) return c.reply().Bulk(moved);
  if (!c.BeginWrite()) return;
  c.reply().Bulk(moved);
  // A copy: both keys may be the same list, and `moved` lives only until it changes.
  const types::String element(c.memory(), moved);
  char scratch[kInt64TextMax];
  if (source->size() == 1) {
    c.Remove(source_key);  // so the keys differ
  } else if (from == End::kLeft) {
    c.Change<List>(source_key)->PopFront();
  } else {
    c.Change<List>(source_key)->PopBack();
  }
  List& target = c.ChangeOrCreate<List>(target_key);
  if (to == End::kLeft) {
    target.PushFront(element.View(scratch));
  } else {
    target.PushBack(element.View(scratch));
  }
}

struct PositionQuery {
  End from = End::kLeft;
  uint64_t rank = 1;              // the first match to reply, counted from `from`
  std::optional<uint64_t> count;  // how many to reply as an array, 0 all; not set: one, alone
  uint64_t compared_max = 0;      // how many elements to look at, 0 all
};

std::optional<PositionQuery> ParsePositionQuery(Context& c) {
  PositionQuery query;
  for (size_t i = 3; i < c.args().size(); i += 2) {
    const Bytes option = c.arg(i);
    if (i + 1 == c.args().size()) {
      c.SyntaxError();
      return {};
    }
    const Bytes value = c.arg(i + 1);
    if (EqualsIgnoreCase(option, "rank")) {
      const std::optional<int64_t> rank = NegatableArgument(value, c.reply());
      if (!rank) return {};
      if (*rank == 0) {
        c.reply().Error(Code::kValue,
                        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
                        "or use negative to start from the end of the list");
        return {};
      }
      query.from = *rank > 0 ? End::kLeft : End::kRight;
      query.rank = static_cast<uint64_t>(*rank > 0 ? *rank : -*rank);
    } else if (EqualsIgnoreCase(option, "count")) {
      const std::optional<int64_t> count = AtLeastArgument(value, 0, "ERR COUNT can't be negative", c.reply());
      if (!count) return {};
      query.count = static_cast<uint64_t>(*count);
    } else if (EqualsIgnoreCase(option, "maxlen")) {
      const std::optional<int64_t> maxlen = AtLeastArgument(value, 0, "ERR MAXLEN can't be negative", c.reply());
      if (!maxlen) return {};
      query.compared_max = static_cast<uint64_t>(*maxlen);
    } else {
      c.SyntaxError();
      return {};
    }
  }
  return query;
}

const char* NameOf(End end) { return end == End::kLeft ? "LEFT" : "RIGHT"; }

// BLPOP and BRPOP
void WaitingPop(Context& c, End end) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  for (const Bytes key : c.args().subspan(1, c.args().size() - 2)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    c.reply().Array(2);
    c.reply().Bulk(key);
    c.reply().Bulk(end == End::kLeft ? list->Front() : list->Back());
    return c.ReplaceWith({end == End::kLeft ? "LPOP" : "RPOP", std::string(key)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kList, *timeout);
}

void WaitingMove(Context& c, End from, End to) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  const Typed<const List> source = c.Read<List>(c.arg(1));
  if (source.wrong_type) return c.WrongType();
  if (source.missing()) {
    c.reply().Null();
    return c.WaitForKeys(types::Type::kList, *timeout, 1);
  }
  if (c.Read<List>(c.arg(2)).wrong_type) return c.WrongType();
  c.reply().Bulk(from == End::kLeft ? source->Front() : source->Back());
  c.ReplaceWith({"LMOVE", std::string(c.arg(1)), std::string(c.arg(2)), NameOf(from), NameOf(to)});
}

}  // namespace

void LPush(Context& c) { Push(c, End::kLeft, WhenMissing::kMakeList); }
void RPush(Context& c) { Push(c, End::kRight, WhenMissing::kMakeList); }
void LPushX(Context& c) { Push(c, End::kLeft, WhenMissing::kDoNothing); }
void RPushX(Context& c) { Push(c, End::kRight, WhenMissing::kDoNothing); }
void LPop(Context& c) { Pop(c, End::kLeft); }
void RPop(Context& c) { Pop(c, End::kRight); }

void LLen(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  c.reply().Integer(list ? static_cast<int64_t>(list->size()) : 0);
}

void LRange(Context& c) {
  const std::optional<int64_t> start = IntegerArgument(c.arg(2), c.reply());
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(c.arg(3), c.reply());
  if (!stop) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const IndexRange range = list ? ClampRange(*start, *stop, list->size()) : IndexRange();
  c.reply().Array(range.count);
  if (range.count == 0) return;
  size_t left = range.count;
  list->ForEach(range.first, [&](Bytes element) {
    c.reply().Bulk(element);
    return --left > 0;
  });
}

void LIndex(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.reply().Null();  // before the index is read, as in Redis
  const std::optional<int64_t> index = IntegerArgument(c.arg(2), c.reply());
  if (!index) return;
  const std::optional<size_t> position = Position(*index, list->size());
  return position ? c.reply().Bulk(list->At(*position)) : c.reply().Null();
}

void LSet(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.NoSuchKey();
  const std::optional<int64_t> index = IntegerArgument(c.arg(2), c.reply());
  if (!index) return;
  const std::optional<size_t> position = Position(*index, list->size());
  if (!position) return c.reply().Error(Code::kValue, "ERR index out of range");
  if (!c.BeginWrite()) return;
  c.Change<List>(c.arg(1))->Set(*position, c.arg(3));
  c.reply().Ok();
}

void LInsert(Context& c) {
  const bool before = EqualsIgnoreCase(c.arg(2), "before");
  if (!before && !EqualsIgnoreCase(c.arg(2), "after")) return c.SyntaxError();
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.reply().Integer(0);
  const std::optional<size_t> pivot = FindFrom(*list, End::kLeft, c.arg(3));
  if (!pivot) return c.reply().Integer(-1);
  if (!c.BeginWrite()) return;
  List& target = *c.Change<List>(c.arg(1));
  target.Insert(before ? *pivot : *pivot + 1, c.arg(4));
  c.reply().Integer(static_cast<int64_t>(target.size()));
}

void LRem(Context& c) {
  const std::optional<int64_t> count = IntegerArgument(c.arg(2), c.reply());
  if (!count) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const End from = *count < 0 ? End::kRight : End::kLeft;
  if (list.missing() || !FindFrom(*list, from, c.arg(3))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  List& target = *c.Change<List>(c.arg(1));
  // Unsigned, since the least int64 has no opposite; it means all of them, as in Redis 7.2.
  const uint64_t magnitude = *count < 0 ? 0 - static_cast<uint64_t>(*count) : static_cast<uint64_t>(*count);
  const size_t limit = magnitude == 0 ? target.size() : magnitude;
  c.reply().Integer(static_cast<int64_t>(target.EraseEqual(c.arg(3), limit, from == End::kRight)));
  if (target.size() == 0) c.Remove(c.arg(1));
}

void LTrim(Context& c) {
  const std::optional<int64_t> start = IntegerArgument(c.arg(2), c.reply());
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(c.arg(3), c.reply());
  if (!stop) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const IndexRange kept = list ? ClampRange(*start, *stop, list->size()) : IndexRange();
  if (list.missing() || kept.count == list->size()) return c.reply().Ok();
  if (!c.BeginWrite()) return;
  c.reply().Ok();
  if (kept.count == 0) {
    c.Remove(c.arg(1));
    return;
  }
  List& target = *c.Change<List>(c.arg(1));
  const size_t end = kept.first + kept.count;
  if (end < target.size()) target.Erase(end, target.size() - end);
  if (kept.first > 0) target.Erase(0, kept.first);
}

void LPos(Context& c) {
  const std::optional<PositionQuery> query = ParsePositionQuery(c);
  if (!query) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return query->count ? c.reply().Array(0) : c.reply().Null();

  const size_t mark = query->count ? c.reply().BeginArray() : 0;
  const uint64_t wanted = query->count.value_or(1);
  uint64_t compared = 0;
  uint64_t matches = 0;
  uint64_t replied = 0;
  ForEachFrom(*list, query->from, [&](size_t position, Bytes element) {
    if (element == c.arg(2) && ++matches >= query->rank) {
      c.reply().Integer(static_cast<int64_t>(position));
      if (++replied == wanted) return false;
    }
    return ++compared != query->compared_max;
  });
  if (query->count) {
    c.reply().EndArray(mark, replied);
  } else if (replied == 0) {
    c.reply().Null();
  }
}

void LMove(Context& c) {
  const std::optional<End> from = ParseEnd(c.arg(3));
  const std::optional<End> to = ParseEnd(c.arg(4));
  if (!from || !to) return c.SyntaxError();
  MoveElement(c, *from, *to);
}

void RPopLPush(Context& c) { MoveElement(c, End::kRight, End::kLeft); }

// LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]
void LMPop(Context& c) {
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 1, "left", "right", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(2, pop->keys)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    if (!c.BeginWrite()) return;
    c.reply().Array(2);
    c.reply().Bulk(key);
    return TakeArray(c, key, *list, *ParseEnd(pop->end), std::min(pop->count, list->size()));
  }
  c.reply().NullArray();
}

// ---- Those that wait. Each is logged as the one that does not.

void BLPop(Context& c) { WaitingPop(c, End::kLeft); }
void BRPop(Context& c) { WaitingPop(c, End::kRight); }
void BRPopLPush(Context& c) { WaitingMove(c, End::kRight, End::kLeft); }

void BLMove(Context& c) {
  const std::optional<End> from = ParseEnd(c.arg(3));
  const std::optional<End> to = ParseEnd(c.arg(4));
  if (!from || !to) return c.SyntaxError();
  WaitingMove(c, *from, *to);
}

void BLMPop(Context& c) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.arg(1), c.reply());
  if (!timeout) return;
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 2, "left", "right", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(3, pop->keys)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    const size_t count = std::min(pop->count, list->size());
    c.reply().Array(2);
    c.reply().Bulk(key);
    const End end = *ParseEnd(pop->end);
    WriteElements(*list, end, count, c.reply());
    return c.ReplaceWith({end == End::kLeft ? "LPOP" : "RPOP", std::string(key), std::to_string(count)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kList, *timeout);
}

}  // namespace redislite::commands
