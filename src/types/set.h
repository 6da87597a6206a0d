// Set: Redis' set value. Pure memory; knows no key, clock or disk.
//
// Three forms, with Redis' thresholds, each only left for one further down:
//
//   intset     only integers, up to 512: sorted, in the smallest width;
//   listpack   up to 128 members of at most 64 bytes: packed in order of insertion, found by looking through them;
//   hashtable  the hash-ordered table of base/table.h.
//
// Not thread-safe: the keyspace's stripe lock guards it. Reading never changes it. A call that throws std::bad_alloc
// has changed nothing. Members passed in may lie in the set itself; none is above 4 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/table.h"
#include "types/frozen.h"
#include "types/int_set.h"
#include "types/member.h"
#include "types/packed.h"

namespace redislite::types {

class Set {
 public:
  // Redis' set-max-intset-entries, set-max-listpack-entries and set-max-listpack-value.
  static constexpr size_t kIntegersMax = 512;
  static constexpr size_t kPackedMembersMax = 128;
  static constexpr size_t kPackedBytesMax = 64;

  // `seed` keys the table's hash and must outlive the object.
  Set(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~Set();
  Memory& memory() const { return memory_; }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  size_t size() const;

  bool Has(Bytes member) const;
  // True when the member is new.
  bool Add(Bytes member);
  // True when the member was there.
  bool Erase(Bytes member) noexcept;
  // So many members are about to be added, the first of them this one. Redis goes by that number, before it knows how
  // many are new: too many for a small form make a table at once.
  void Foresee(size_t members, Bytes first);

  // The bytes of an integer are valid for the call only, others until the set changes.
  using Visit = std::function<bool(Bytes member)>;  // false stops
  void ForEach(const Visit& visit) const;

  // Visits about `count` members from `cursor` (0 to begin) and returns the next cursor, 0 at the end. A member that
  // stays through the whole scan is visited exactly once, whatever is added or removed meanwhile; the small forms: all
  // at once. What `visit` returns does not matter.
  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  // One member, each equally likely. REQUIRES: size() > 0.
  void Sample(Random& random, const Visit& visit) const;

  // Redis' name: "intset", "listpack" or "hashtable".
  const char* encoding() const;

  // A copy in the same Memory, released with memory.Delete.
  Set* Clone() const;

  // For a reader in pieces of what it is now; null when it is so small that it may be read at once. What is kept is
  // counted in `kept`.
  std::unique_ptr<Frozen> Freeze(Frozen::Kept& kept);
  // That reader; null when there is none.
  Frozen* frozen() const { return large_ == nullptr ? nullptr : large_->reader; }

  // All bytes that this set holds, with its own (MEMORY USAGE).
  size_t memory_bytes() const;

 private:
  enum class Form : uint8_t { kIntegers, kPacked, kTable };
  class Reader;
  struct Large {
    Large(Memory& memory, const HashSeed& seed) : table(memory, 0, MemberHash{&seed}) {}

    Table<Member, MemberHash> table;
    size_t member_bytes = 0;   // what the members take of the Memory
    Frozen* reader = nullptr;  // a Reader
  };

  std::optional<size_t> FindPacked(Bytes member) const;
  Member* FindInTable(uint64_t hash, Bytes member) const;
  void AddToTable(uint64_t hash, Bytes member);
  void WillChange(uint64_t hash, Bytes member, bool is_there) noexcept;
  void BecomePacked(Bytes more);
  void BecomeTable(std::optional<Bytes> more);

  Memory& memory_;
  const HashSeed& seed_;
  Form form_ = Form::kIntegers;  // of the three below, the one that is in use; the others are empty
  uint32_t packed_members_ = 0;
  IntSet integers_;
  Packed packed_;
  Large* large_ = nullptr;
};

}  // namespace redislite::types
