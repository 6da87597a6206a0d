// SortedSet: Redis' sorted set value. Pure memory; knows no key, clock or disk.
//
// Small (up to 128 members of at most 64 bytes): packed members and scores in their order. Larger: the hash-ordered
// table of base/table.h from member to score, and types/score_tree.h for the order, which share one block a member;
// and it stays so, as in Redis. Members are in order of score, then of their bytes; a rank is a place in that order,
// from 0.
//
// Not thread-safe: the keyspace's stripe lock guards it. Reading never changes it. A call that throws std::bad_alloc
// has changed nothing. Members passed in may lie in the set itself; none is above 4 GiB. Scores are never NaN.
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
#include "types/packed.h"
#include "types/score_tree.h"

namespace redislite::types {

class SortedSet {
 public:
  // Redis' zset-max-listpack-entries and zset-max-listpack-value.
  static constexpr size_t kPackedMembersMax = 128;
  static constexpr size_t kPackedBytesMax = 64;

  // `seed` keys the table's hash and must outlive the object.
  SortedSet(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~SortedSet();
  Memory& memory() const { return memory_; }
  SortedSet(const SortedSet&) = delete;
  SortedSet& operator=(const SortedSet&) = delete;

  size_t size() const { return large_ == nullptr ? packed_members_ : large_->tree.size(); }

  std::optional<double> Score(Bytes member) const;
  // True when the member is new.
  bool Set(Bytes member, double score);
  // True when the member was there.
  bool Erase(Bytes member) noexcept;
  // Removes `count` members from a rank on. REQUIRES: rank + count <= size().
  void EraseRange(size_t rank, size_t count) noexcept;
  // So many members are about to be added. Redis goes by that number, before it knows how many are new.
  void Foresee(size_t members) {
    if (members > kPackedMembersMax && large_ == nullptr) BecomeLarge({}, 0);
  }

  std::optional<size_t> Rank(Bytes member) const;
  // How many members come before all others: those for which before(score, member) holds, which must be so for all in
  // front of one for which it is.
  using Before = std::function<bool(double score, Bytes member)>;
  size_t CountBefore(const Before& before) const;

  using Visit = std::function<bool(Bytes member, double score)>;  // false stops; the bytes last until the set changes
  void ForEach(const Visit& visit) const { ForEachFrom(0, visit); }
  // Upwards or downwards from a rank on.
  void ForEachFrom(size_t rank, const Visit& visit) const;
  void ForEachBackwardFrom(size_t rank, const Visit& visit) const;

  // Visits about `count` members from `cursor` (0 to begin) and returns the next cursor, 0 at the end. A member that
  // stays through the whole scan is visited exactly once, whatever happens to others and to its score; packed: all at
  // once. What `visit` returns does not matter.
  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  // One member, each equally likely. REQUIRES: size() > 0.
  void Sample(Random& random, const Visit& visit) const;

  // Redis' name: "listpack" or "skiplist".
  const char* encoding() const { return large_ == nullptr ? "listpack" : "skiplist"; }

  // A copy in the same Memory, released with memory.Delete.
  SortedSet* Clone() const;

  // For a reader in pieces of what it is now; null when it is so small that it may be read at once. What is kept is
  // counted in `kept`.
  std::unique_ptr<Frozen> Freeze(Frozen::Kept& kept);
  // That reader; null when there is none.
  Frozen* frozen() const { return large_ == nullptr ? nullptr : large_->reader; }

  // All bytes that this set holds, with its own (MEMORY USAGE).
  size_t memory_bytes() const;

  // For tests: whether table and tree hold the same and the order is right.
  bool IsSound() const;

 private:
  class Reader;
  struct Large {
    Large(Memory& memory, const HashSeed& seed) : table(memory, 0, ScoredHash{&seed}), tree(memory) {}

    Table<Scored, ScoredHash> table;
    ScoreTree tree;
    size_t member_bytes = 0;   // what the members take of the Memory
    Frozen* reader = nullptr;  // a Reader
  };

  // A member of packed_: its offset, and that of what follows its score.
  struct Place {
    size_t offset;
    size_t end;
  };
  double PackedScore(size_t offset) const;
  std::optional<Place> FindPacked(Bytes member) const;
  size_t PackedOffset(size_t rank) const;
  bool SetPacked(Bytes member, double score);
  Scored* FindLarge(uint64_t hash, Bytes member) const;
  void AddLarge(Bytes member, double score);
  bool SetLarge(Bytes member, double score);
  void EraseLarge(Scored* scored) noexcept;
  void WillChange(Bytes member, std::optional<double> old_score, std::optional<double> score) noexcept;
  void BecomeLarge(std::optional<Bytes> more, double score);

  Memory& memory_;
  const HashSeed& seed_;
  Packed packed_;  // member, score, member, score, ... in their order; a score is the 8 bytes of the double
  uint32_t packed_members_ = 0;
  Large* large_ = nullptr;  // when large; then packed_ is empty
};

}  // namespace redislite::types
