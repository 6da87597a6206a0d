#include "types/hash.h"

#include <cstring>
#include <limits>
#include <new>

#include "base/bits.h"

namespace redislite::types {

Hash::Pair::Pair(Bytes field, Bytes value)
    : first_(static_cast<uint8_t>(HeadBytes(field.size(), value.size()) == 2 ? field.size() : kLarge)) {
  if (is_large()) {
    StoreLittle(begin() + 1, static_cast<uint32_t>(field.size()));
    StoreLittle(begin() + 5, static_cast<uint32_t>(value.size()));
  } else {
    StoreLittle(begin() + 1, static_cast<uint8_t>(value.size()));
  }
  char* const at = begin() + HeadBytes();
  if (!field.empty()) std::memcpy(at, field.data(), field.size());
  if (!value.empty()) std::memcpy(at + field.size(), value.data(), value.size());
}

void Hash::Pair::SetValue(Bytes value) {
  if (!value.empty()) std::memmove(begin() + HeadBytes() + field_size(), value.data(), value.size());
}

// What the reader has not come to has a hash from next_ on.
class Hash::Reader final : public FrozenOf<Hash, FrozenElements> {
 public:
  Reader(Hash& hash, Kept& kept) : FrozenOf(hash, kept, hash.large_->reader, true) {}

  void WillChange(uint64_t hash, Bytes field, const Pair* old) noexcept {
    if (!is_reading() || hash < next_) return;
    KeepElement(field, old == nullptr ? std::nullopt : std::optional(old->value()));
  }

 private:
  bool ReadSome(const Visit& visit) override {
    const auto see = [this](const Pair* pair) { Add(pair->field(), pair->value()); };
    const bool more = collection_.large_->table.Walk(next_, &next_, see, [this] { return IsEnough(); });
    VisitRun(visit);
    return more;
  }

  uint64_t next_ = 0;
};

std::unique_ptr<Frozen> Hash::Freeze(Frozen::Kept& kept) {
  if (large_ == nullptr || !Frozen::IsBig(size(), large_->pair_bytes)) return nullptr;
  return Frozen::Begin(std::make_unique<Reader>(*this, kept));
}

// Within a Pause: tells the reader of a pair that is about to change, or null of one that is about to come.
void Hash::WillChange(uint64_t hash, Bytes field, const Pair* old) noexcept {
  if (large_->reader != nullptr) static_cast<Reader*>(large_->reader)->WillChange(hash, field, old);
}

Hash::~Hash() {
  packed_.Release(memory_);
  if (large_ == nullptr) return;
  large_->table.ForEach([this](Pair* pair) { FreePair(pair); });
  memory_.Delete(large_);
}

Hash::Pair* Hash::MakePair(Bytes field, Bytes value) {
  constexpr size_t kBytesMax = std::numeric_limits<uint32_t>::max();
  if (field.size() > kBytesMax || value.size() > kBytesMax) throw std::bad_alloc();
  return new (memory_.Allocate(Pair::BytesHeld(field.size(), value.size()))) Pair(field, value);
}

void Hash::FreePair(Pair* pair) noexcept {
  large_->pair_bytes -= Memory::Footprint(pair->bytes_held());
  memory_.Free(pair, pair->bytes_held());
}

Hash::Pair* Hash::FindPair(uint64_t hash, Bytes field) const {
  return large_->table.Find(hash, [field](const Pair& pair) { return pair.field() == field; });
}

// The offset of the field in packed_.
std::optional<size_t> Hash::FindPacked(Bytes field) const {
  for (size_t offset = 0; offset < packed_.size();) {
    const Bytes candidate = packed_.At(offset);
    if (candidate == field) return offset;
    offset = packed_.Next(offset + Packed::EncodedSize(candidate.size()));
  }
  return std::nullopt;
}

std::optional<Bytes> Hash::Get(Bytes field) const {
  if (large_ != nullptr) {
    const Pair* pair = FindPair(SipHash13(seed_, field), field);
    if (pair == nullptr) return std::nullopt;
    return pair->value();
  }
  const std::optional<size_t> offset = FindPacked(field);
  if (!offset) return std::nullopt;
  return packed_.At(packed_.Next(*offset));
}

bool Hash::Set(Bytes field, Bytes value) {
  if (large_ != nullptr) return SetInTable(field, value);
  const std::optional<size_t> offset = FindPacked(field);
  const bool fits = field.size() <= kPackedBytesMax && value.size() <= kPackedBytesMax;
  if (!fits || (!offset && pairs_ == kPackedFieldsMax)) {
    Hash large(memory_, seed_);
    large.large_ = memory_.New<Large>(memory_, seed_);
    for (size_t at = 0; at < packed_.size();) {
      const size_t value_at = packed_.Next(at);
      large.SetInTable(packed_.At(at), packed_.At(value_at));
      at = packed_.Next(value_at);
    }
    large.SetInTable(field, value);
    std::swap(large_, large.large_);
    packed_.Release(memory_);
    pairs_ = 0;
    return !offset;
  }
  if (offset) {
    const size_t value_at = packed_.Next(*offset);
    packed_.Replace(memory_, value_at, packed_.Next(value_at) - value_at, value);
    return false;
  }
  const Bytes pair[] = {field, value};
  packed_.Replace(memory_, packed_.size(), 0, pair);
  ++pairs_;
  return true;
}

bool Hash::SetInTable(Bytes field, Bytes value) {
  const uint64_t hash = SipHash13(seed_, field);
  Pair* old = FindPair(hash, field);
  const Frozen::Pause pause(large_->reader);
  WillChange(hash, field, old);
  if (old != nullptr && old->value().size() == value.size()) {
    old->SetValue(value);
    return false;
  }
  if (old == nullptr) {
    AddPair(MakePair(field, value));
    return true;
  }
  Pair* pair = MakePair(field, value);
  large_->table.Replace(old, pair);
  large_->pair_bytes += Memory::Footprint(pair->bytes_held());
  FreePair(old);
  return false;
}

// Takes the pair over, even when there is no memory for the table.
void Hash::AddPair(Pair* pair) {
  large_->pair_bytes += Memory::Footprint(pair->bytes_held());
  try {
    large_->table.Insert(pair);
  } catch (...) {
    FreePair(pair);
    throw;
  }
}

bool Hash::Erase(Bytes field) noexcept {
  if (large_ == nullptr) {
    const std::optional<size_t> offset = FindPacked(field);
    if (!offset) return false;
    packed_.Erase(memory_, *offset, packed_.Next(packed_.Next(*offset)) - *offset);
    --pairs_;
    return true;
  }
  const uint64_t hash = SipHash13(seed_, field);
  Pair* pair = FindPair(hash, field);
  if (pair == nullptr) return false;
  const Frozen::Pause pause(large_->reader);
  WillChange(hash, field, pair);
  large_->table.Remove(pair);
  large_->table.Compact(hash);
  FreePair(pair);
  return true;
}

void Hash::ForEach(const Visit& visit) const {
  bool more = true;
  if (large_ != nullptr) {
    uint64_t next = 0;
    large_->table.Walk(
        0, &next, [&](const Pair* pair) { more = more && visit(pair->field(), pair->value()); }, [&] { return !more; });
    return;
  }
  for (size_t at = 0; at < packed_.size() && more;) {
    const size_t value_at = packed_.Next(at);
    more = visit(packed_.At(at), packed_.At(value_at));
    at = packed_.Next(value_at);
  }
}

uint64_t Hash::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (large_ == nullptr) {
    ForEach([&](Bytes field, Bytes value) {
      visit(field, value);
      return true;
    });
    return 0;
  }
  // As in Redis, a table that is nearly empty must not make one call walk through all of it.
  constexpr size_t kEmptyBucketsPerField = 10;
  size_t visited = 0;
  size_t buckets = 0;
  uint64_t next = 0;
  const bool more = large_->table.Walk(
      ReverseBits(cursor), &next,
      [&](const Pair* pair) {
        ++visited;
        visit(pair->field(), pair->value());
      },
      [&] { return visited >= count || ++buckets / kEmptyBucketsPerField >= count; });
  return more ? ReverseBits(next) : 0;
}

void Hash::Sample(Random& random, const Visit& visit) const {
  if (large_ != nullptr) {
    const Pair* pair = large_->table.Sample([&random](uint64_t bound) { return random.Below(bound); });
    visit(pair->field(), pair->value());
    return;
  }
  size_t at = 0;
  for (uint64_t left = random.Below(pairs_); left > 0; --left) at = packed_.Next(packed_.Next(at));
  visit(packed_.At(at), packed_.At(packed_.Next(at)));
}

Hash* Hash::Clone() const {
  Hash* clone = memory_.New<Hash>(memory_, seed_);
  try {
    if (large_ == nullptr) {
      clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
      clone->pairs_ = pairs_;
      return clone;
    }
    clone->large_ = memory_.New<Large>(memory_, seed_);
    large_->table.ForEach([clone](const Pair* pair) { clone->AddPair(clone->MakePair(pair->field(), pair->value())); });
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t Hash::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(Hash)) + packed_.memory_bytes();
  if (large_ != nullptr) bytes += Memory::Footprint(sizeof(Large)) + large_->table.memory_bytes() + large_->pair_bytes;
  return bytes;
}

}  // namespace redislite::types
