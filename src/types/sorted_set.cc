#include "types/sorted_set.h"

#include <cstring>
#include <string>
#include <utility>

#include "base/bits.h"

namespace redislite::types {

namespace {

Bytes BytesOf(const double& score) { return {reinterpret_cast<const char*>(&score), sizeof score}; }

}  // namespace

// Reads in the order of the members, so that whoever puts them into another set appends.
class SortedSet::Reader final : public FrozenOf<SortedSet, FrozenElements> {
 public:
  Reader(SortedSet& set, Kept& kept) : FrozenOf(set, kept, set.large_->reader, true) {}

  // A member that comes to where the reader has not been is not to be read there, whether or not it was read before.
  void WillChange(Bytes member, std::optional<double> old_score, std::optional<double> score) noexcept {
    if (!is_reading()) return;
    const bool is_ahead = old_score && IsAhead(*old_score, member);
    if (!is_ahead && !(score && IsAhead(*score, member))) return;
    KeepElement(member, is_ahead ? std::optional(BytesOf(*old_score)) : std::nullopt);
  }

 private:
  bool IsAhead(double score, Bytes member) const {
    return !has_begun_ || IsBefore(last_score_, last_member_, score, member);
  }
  bool ReadSome(const Visit& visit) override {
    const ScoreTree& tree = collection_.large_->tree;
    const size_t rank = tree.CountBefore([this](double score, Bytes member) { return !IsAhead(score, member); });
    const Scored* last = nullptr;
    bool more = false;
    if (rank < tree.size()) {
      tree.ForEach(rank, [&](const Scored& scored) {
        more = IsEnough();
        if (more) return false;
        last = &scored;
        Add(scored.member(), BytesOf(scored.score));
        return true;
      });
    }
    VisitRun(visit);
    if (last == nullptr) return false;
    has_begun_ = true;
    last_score_ = last->score;
    last_member_ = last->member();
    return more;
  }

  bool has_begun_ = false;
  double last_score_ = 0;
  std::string last_member_;  // everything up to it has been read
};

std::unique_ptr<Frozen> SortedSet::Freeze(Frozen::Kept& kept) {
  if (large_ == nullptr || !Frozen::IsBig(size(), large_->member_bytes)) return nullptr;
  return Frozen::Begin(std::make_unique<Reader>(*this, kept));
}

// Within a Pause: tells the reader of a member that is about to come, to go, or to get another score.
void SortedSet::WillChange(Bytes member, std::optional<double> old_score, std::optional<double> score) noexcept {
  if (large_->reader != nullptr) static_cast<Reader*>(large_->reader)->WillChange(member, old_score, score);
}

SortedSet::~SortedSet() {
  packed_.Release(memory_);
  if (large_ == nullptr) return;
  large_->table.ForEach([this](Scored* scored) { Scored::Free(memory_, scored); });
  memory_.Delete(large_);
}

// ---- Packed.

// The score of the member at `offset`.
double SortedSet::PackedScore(size_t offset) const {
  double score;
  std::memcpy(&score, packed_.At(packed_.Next(offset)).data(), sizeof score);
  return score;
}

std::optional<SortedSet::Place> SortedSet::FindPacked(Bytes member) const {
  for (size_t offset = 0; offset < packed_.size();) {
    const size_t end = packed_.Next(packed_.Next(offset));
    if (packed_.At(offset) == member) return Place{offset, end};
    offset = end;
  }
  return {};
}

size_t SortedSet::PackedOffset(size_t rank) const {
  size_t offset = 0;
  for (; rank > 0; --rank) offset = packed_.Next(packed_.Next(offset));
  return offset;
}

bool SortedSet::SetPacked(Bytes member, double score) {
  std::optional<Place> old = FindPacked(member);
  if (old && PackedScore(old->offset) == score) return false;
  if (!old && (packed_members_ == kPackedMembersMax || member.size() > kPackedBytesMax)) {
    BecomeLarge(member, score);
    return true;
  }
  size_t offset = 0;
  while (offset < packed_.size() && IsBefore(PackedScore(offset), packed_.At(offset), score, member)) {
    offset = packed_.Next(packed_.Next(offset));
  }
  // In, then out: the second cannot fail.
  const size_t before = packed_.size();
  const Bytes pair[] = {member, BytesOf(score)};
  packed_.Replace(memory_, offset, 0, pair);
  if (!old) {
    ++packed_members_;
    return true;
  }
  if (offset <= old->offset) old->offset += packed_.size() - before;
  packed_.Erase(memory_, old->offset, packed_.size() - before);
  return false;
}

// ---- Large.

Scored* SortedSet::FindLarge(uint64_t hash, Bytes member) const {
  return large_->table.Find(hash, [member](const Scored& scored) { return scored.member() == member; });
}

void SortedSet::AddLarge(Bytes member, double score) {
  Scored* scored = Scored::Make(memory_, score, member);
  try {
    large_->tree.Insert(scored);
    try {
      large_->table.Insert(scored);
    } catch (...) {
      large_->tree.Remove(scored);
      throw;
    }
  } catch (...) {
    Scored::Free(memory_, scored);
    throw;
  }
  large_->member_bytes += Memory::Footprint(scored->size());
}

bool SortedSet::SetLarge(Bytes member, double score) {
  Scored* old = FindLarge(SipHash13(seed_, member), member);
  const Frozen::Pause pause(large_->reader);
  WillChange(member, old == nullptr ? std::nullopt : std::optional(old->score), score);
  if (old == nullptr) {
    AddLarge(member, score);
    return true;
  }
  if (old->score == score || large_->tree.MoveInPlace(old, score)) return false;
  // Another block with the new score, so that nothing has changed when the tree finds no room.
  Scored* moved = Scored::Make(memory_, score, old->member());
  try {
    large_->tree.Insert(moved);
  } catch (...) {
    Scored::Free(memory_, moved);
    throw;
  }
  large_->table.Replace(old, moved);
  large_->tree.Remove(old);
  Scored::Free(memory_, old);
  return false;
}

void SortedSet::EraseLarge(Scored* scored) noexcept {
  const uint64_t hash = SipHash13(seed_, scored->member());
  const Frozen::Pause pause(large_->reader);
  WillChange(scored->member(), scored->score, {});
  large_->tree.Remove(scored);
  large_->table.Remove(scored);
  large_->table.Compact(hash);
  large_->member_bytes -= Memory::Footprint(scored->size());
  Scored::Free(memory_, scored);
}

// The large form, with one member more, is built whole beside this one, then takes its place.
void SortedSet::BecomeLarge(std::optional<Bytes> more, double score) {
  SortedSet large(memory_, seed_);
  large.large_ = memory_.New<Large>(memory_, seed_);
  ForEach([&large](Bytes member, double each) {
    large.AddLarge(member, each);
    return true;
  });
  if (more) large.AddLarge(*more, score);
  std::swap(packed_, large.packed_);
  std::swap(large_, large.large_);
  packed_members_ = 0;
}

// ---- Both.

std::optional<double> SortedSet::Score(Bytes member) const {
  if (large_ != nullptr) {
    const Scored* scored = FindLarge(SipHash13(seed_, member), member);
    return scored == nullptr ? std::nullopt : std::optional(scored->score);
  }
  const std::optional<Place> place = FindPacked(member);
  return place ? std::optional(PackedScore(place->offset)) : std::nullopt;
}

bool SortedSet::Set(Bytes member, double score) {
  return large_ == nullptr ? SetPacked(member, score) : SetLarge(member, score);
}

bool SortedSet::Erase(Bytes member) noexcept {
  if (large_ != nullptr) {
    Scored* scored = FindLarge(SipHash13(seed_, member), member);
    if (scored != nullptr) EraseLarge(scored);
    return scored != nullptr;
  }
  const std::optional<Place> place = FindPacked(member);
  if (!place) return false;
  packed_.Erase(memory_, place->offset, place->end - place->offset);
  --packed_members_;
  return true;
}

void SortedSet::EraseRange(size_t rank, size_t count) noexcept {
  if (large_ != nullptr) {
    for (size_t i = 0; i < count; ++i) EraseLarge(large_->tree.At(rank));
    return;
  }
  const size_t begin = PackedOffset(rank);
  size_t end = begin;
  for (size_t i = 0; i < count; ++i) end = packed_.Next(packed_.Next(end));
  packed_.Erase(memory_, begin, end - begin);
  packed_members_ -= static_cast<uint32_t>(count);
}

std::optional<size_t> SortedSet::Rank(Bytes member) const {
  if (large_ != nullptr) {
    const Scored* scored = FindLarge(SipHash13(seed_, member), member);
    if (scored == nullptr) return {};
    return large_->tree.Rank(scored);
  }
  size_t rank = 0;
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset)), ++rank) {
    if (packed_.At(offset) == member) return rank;
  }
  return {};
}

size_t SortedSet::CountBefore(const Before& before) const {
  if (large_ != nullptr) return large_->tree.CountBefore(before);
  size_t count = 0;
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset)), ++count) {
    if (!before(PackedScore(offset), packed_.At(offset))) break;
  }
  return count;
}

void SortedSet::ForEachFrom(size_t rank, const Visit& visit) const {
  if (large_ != nullptr) {
    return large_->tree.ForEach(rank, [&](const Scored& scored) { return visit(scored.member(), scored.score); });
  }
  if (rank >= packed_members_) return;
  bool more = true;
  for (size_t offset = PackedOffset(rank); offset < packed_.size() && more;) {
    more = visit(packed_.At(offset), PackedScore(offset));
    offset = packed_.Next(packed_.Next(offset));
  }
}

void SortedSet::ForEachBackwardFrom(size_t rank, const Visit& visit) const {
  if (large_ != nullptr) {
    return large_->tree.ForEachBackward(rank,
                                        [&](const Scored& scored) { return visit(scored.member(), scored.score); });
  }
  if (rank >= packed_members_) return;
  bool more = true;
  for (size_t offset = PackedOffset(rank + 1); offset > 0 && more;) {
    offset = packed_.Previous(packed_.Previous(offset));
    more = visit(packed_.At(offset), PackedScore(offset));
  }
}

uint64_t SortedSet::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (large_ == nullptr) {
    ForEach([&](Bytes member, double score) {
      visit(member, score);
      return true;
    });
    return 0;
  }
  size_t visited = 0;
  uint64_t next = 0;
  const bool more = large_->table.Walk(
      ReverseBits(cursor), &next,
      [&](const Scored* scored) {
        ++visited;
        visit(scored->member(), scored->score);
      },
      [&] { return visited >= count; });
  return more ? ReverseBits(next) : 0;
}

void SortedSet::Sample(Random& random, const Visit& visit) const {
  if (large_ != nullptr) {
    const Scored* scored = large_->table.Sample([&random](uint64_t bound) { return random.Below(bound); });
    visit(scored->member(), scored->score);
    return;
  }
  const size_t offset = PackedOffset(random.Below(packed_members_));
  visit(packed_.At(offset), PackedScore(offset));
}

SortedSet* SortedSet::Clone() const {
  SortedSet* clone = memory_.New<SortedSet>(memory_, seed_);
  try {
    if (large_ == nullptr) {
      clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
      clone->packed_members_ = packed_members_;
      return clone;
    }
    clone->large_ = memory_.New<Large>(memory_, seed_);
    ForEach([clone](Bytes member, double score) {
      clone->AddLarge(member, score);
      return true;
    });
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t SortedSet::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(SortedSet)) + packed_.memory_bytes();
  if (large_ != nullptr) {
    bytes += Memory::Footprint(sizeof(Large)) + large_->table.memory_bytes() + large_->tree.memory_bytes() +
             large_->member_bytes;
  }
  return bytes;
}

bool SortedSet::IsSound() const {
  if (large_ != nullptr) {
    bool same = large_->table.size() == large_->tree.size() && large_->tree.IsSound();
    large_->tree.ForEach(0, [&](const Scored& scored) {
      return same = same && FindLarge(SipHash13(seed_, scored.member()), scored.member()) == &scored;
    });
    return same;
  }
  size_t members = 0;
  for (size_t offset = 0, before = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset))) {
    const bool in_order =
        members == 0 || IsBefore(PackedScore(before), packed_.At(before), PackedScore(offset), packed_.At(offset));
    if (!in_order) return false;
    before = offset;
    ++members;
  }
  return members == packed_members_;
}

}  // namespace redislite::types
