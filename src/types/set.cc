#include "types/set.h"

#include <utility>

#include "base/bits.h"
#include "base/number.h"

namespace redislite::types {

// What the reader has not come to has a hash from next_ on.
class Set::Reader final : public FrozenOf<Set, FrozenElements> {
 public:
  Reader(Set& set, Kept& kept) : FrozenOf(set, kept, set.large_->reader, false) {}

  void WillChange(uint64_t hash, Bytes member, bool is_there) noexcept {
    if (!is_reading() || hash < next_) return;
    KeepElement(member, is_there ? std::optional(Bytes()) : std::nullopt);
  }

 private:
  bool ReadSome(const Visit& visit) override {
    const auto see = [this](const Member* member) { Add(member->bytes(), {}); };
    const bool more = collection_.large_->table.Walk(next_, &next_, see, [this] { return IsEnough(); });
    VisitRun(visit);
    return more;
  }

  uint64_t next_ = 0;
};

std::unique_ptr<Frozen> Set::Freeze(Frozen::Kept& kept) {
  if (large_ == nullptr || !Frozen::IsBig(size(), large_->member_bytes)) return nullptr;
  return Frozen::Begin(std::make_unique<Reader>(*this, kept));
}

// Within a Pause: tells the reader of a member that is about to leave, or to come.
void Set::WillChange(uint64_t hash, Bytes member, bool is_there) noexcept {
  if (large_->reader != nullptr) static_cast<Reader*>(large_->reader)->WillChange(hash, member, is_there);
}

Set::~Set() {
  integers_.Release(memory_);
  packed_.Release(memory_);
  if (large_ == nullptr) return;
  large_->table.ForEach([this](Member* member) { Member::Free(memory_, member); });
  memory_.Delete(large_);
}

size_t Set::size() const {
  switch (form_) {
    case Form::kIntegers:
      return integers_.size();
    case Form::kPacked:
      return packed_members_;
    case Form::kTable:
      break;
  }
  return large_->table.size();
}

const char* Set::encoding() const {
  switch (form_) {
    case Form::kIntegers:
      return "intset";
    case Form::kPacked:
      return "listpack";
    case Form::kTable:
      break;
  }
  return "hashtable";
}

// The offset of the member in packed_.
std::optional<size_t> Set::FindPacked(Bytes member) const {
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(offset)) {
    if (packed_.At(offset) == member) return offset;
  }
  return std::nullopt;
}

Member* Set::FindInTable(uint64_t hash, Bytes member) const {
  return large_->table.Find(hash, [member](const Member& other) { return other.bytes() == member; });
}

bool Set::Has(Bytes member) const {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      return integer && integers_.Has(*integer);
    }
    case Form::kPacked:
      return FindPacked(member).has_value();
    case Form::kTable:
      break;
  }
  return FindInTable(SipHash13(seed_, member), member) != nullptr;
}

// REQUIRES: it is not there.
void Set::AddToTable(uint64_t hash, Bytes member) {
  Member* made = Member::Make(memory_, member);
  const Frozen::Pause pause(large_->reader);
  WillChange(hash, member, false);
  try {
    large_->table.Insert(hash, made);
  } catch (...) {
    Member::Free(memory_, made);
    throw;
  }
  large_->member_bytes += Memory::Footprint(made->size());
}

// The next form, with one member more, is built whole beside this one, then takes its place.
void Set::BecomePacked(Bytes more) {
  Packed packed;
  try {
    for (size_t i = 0; i < integers_.size(); ++i) {
      char text[kInt64TextMax];
      packed.Replace(memory_, packed.size(), 0, FormatInt64(integers_.At(i), text));
    }
    packed.Replace(memory_, packed.size(), 0, more);
  } catch (...) {
    packed.Release(memory_);
    throw;
  }
  packed_ = packed;
  packed_members_ = static_cast<uint32_t>(integers_.size() + 1);
  integers_.Release(memory_);
  form_ = Form::kPacked;
}

void Set::BecomeTable(std::optional<Bytes> more) {
  Set large(memory_, seed_);
  large.large_ = memory_.New<Large>(memory_, seed_);
  large.form_ = Form::kTable;
  ForEach([&large, this](Bytes member) {
    large.AddToTable(SipHash13(seed_, member), member);
    return true;
  });
  if (more) large.AddToTable(SipHash13(seed_, *more), *more);
  std::swap(integers_, large.integers_);
  std::swap(packed_, large.packed_);
  std::swap(large_, large.large_);
  std::swap(form_, large.form_);
  packed_members_ = 0;
}

void Set::Foresee(size_t members, Bytes first) {
  if (form_ == Form::kTable) return;
  const bool integers = form_ == Form::kIntegers && (size() > 0 || ParseInt64(first));
  if (members > (integers ? kIntegersMax : kPackedMembersMax)) BecomeTable({});
}

bool Set::Add(Bytes member) {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      if (integer && integers_.size() < kIntegersMax) return integers_.Add(memory_, *integer);
      if (integer && integers_.Has(*integer)) return false;
      if (!integer && member.size() <= kPackedBytesMax && integers_.size() < kPackedMembersMax) {
        BecomePacked(member);
      } else {
        BecomeTable(member);
      }
      return true;
    }
    case Form::kPacked:
      if (FindPacked(member)) return false;
      if (member.size() <= kPackedBytesMax && packed_members_ < kPackedMembersMax) {
        packed_.Replace(memory_, packed_.size(), 0, member);
        ++packed_members_;
      } else {
        BecomeTable(member);
      }
      return true;
    case Form::kTable:
      break;
  }
  const uint64_t hash = SipHash13(seed_, member);
  if (FindInTable(hash, member) != nullptr) return false;
  AddToTable(hash, member);
  return true;
}

bool Set::Erase(Bytes member) noexcept {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      return integer && integers_.Erase(memory_, *integer);
    }
    case Form::kPacked: {
      const std::optional<size_t> offset = FindPacked(member);
      if (!offset) return false;
      packed_.Erase(memory_, *offset, packed_.Next(*offset) - *offset);
      --packed_members_;
      return true;
    }
    case Form::kTable:
      break;
  }
  const uint64_t hash = SipHash13(seed_, member);
  Member* found = FindInTable(hash, member);
  if (found == nullptr) return false;
  const Frozen::Pause pause(large_->reader);
  WillChange(hash, member, true);
  large_->table.Remove(found);
  large_->table.Compact(hash);
  large_->member_bytes -= Memory::Footprint(found->size());
  Member::Free(memory_, found);
  return true;
}

void Set::ForEach(const Visit& visit) const {
  bool more = true;
  switch (form_) {
    case Form::kIntegers:
      for (size_t i = 0; i < integers_.size() && more; ++i) {
        char text[kInt64TextMax];
        more = visit(FormatInt64(integers_.At(i), text));
      }
      return;
    case Form::kPacked:
      for (size_t offset = 0; offset < packed_.size() && more; offset = packed_.Next(offset)) {
        more = visit(packed_.At(offset));
      }
      return;
    case Form::kTable:
      break;
  }
  uint64_t next = 0;
  large_->table.Walk(
      0, &next, [&](const Member* member) { more = more && visit(member->bytes()); }, [&] { return !more; });
}

uint64_t Set::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (form_ != Form::kTable) {
    ForEach([&](Bytes member) {
      visit(member);
      return true;
    });
    return 0;
  }
  size_t visited = 0;
  uint64_t next = 0;
  const bool more = large_->table.Walk(
      ReverseBits(cursor), &next,
      [&](const Member* member) {
        ++visited;
        visit(member->bytes());
      },
      [&] { return visited >= count; });
  return more ? ReverseBits(next) : 0;
}

void Set::Sample(Random& random, const Visit& visit) const {
  switch (form_) {
    case Form::kIntegers: {
      char text[kInt64TextMax];
      visit(FormatInt64(integers_.At(random.Below(integers_.size())), text));
      return;
    }
    case Form::kPacked: {
      size_t offset = 0;
      for (uint64_t left = random.Below(packed_members_); left > 0; --left) offset = packed_.Next(offset);
      visit(packed_.At(offset));
      return;
    }
    case Form::kTable:
      break;
  }
  visit(large_->table.Sample([&random](uint64_t bound) { return random.Below(bound); })->bytes());
}

Set* Set::Clone() const {
  Set* clone = memory_.New<Set>(memory_, seed_);
  try {
    clone->integers_ = integers_.Clone(memory_);
    clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
    clone->packed_members_ = packed_members_;
    if (form_ == Form::kTable) {
      clone->large_ = memory_.New<Large>(memory_, seed_);
      large_->table.ForEach([clone, this](const Member* member) {
        clone->AddToTable(SipHash13(seed_, member->bytes()), member->bytes());
      });
    }
    clone->form_ = form_;
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t Set::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(Set)) + integers_.memory_bytes() + packed_.memory_bytes();
  if (large_ != nullptr)
    bytes += Memory::Footprint(sizeof(Large)) + large_->table.memory_bytes() + large_->member_bytes;
  return bytes;
}

}  // namespace redislite::types
