// Hash: Redis' hash value. Pure memory; knows no key, clock or disk.
//
// Small (up to 512 fields, none of its fields or values above 64 bytes): packed pairs in order of insertion, found by
// looking through them. Larger: the hash-ordered table of base/table.h, and it stays one, as in Redis. Not thread-safe:
// the keyspace's stripe lock guards it. Reading never changes it. A call that throws std::bad_alloc has changed
// nothing. Fields and values passed in may lie in the hash itself; none is above 4 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/table.h"
#include "types/packed.h"

namespace redislite::types {

class Hash {
 public:
  // Redis' hash-max-listpack-entries and hash-max-listpack-value.
  static constexpr size_t kPackedFieldsMax = 512;
  static constexpr size_t kPackedBytesMax = 64;

  // `seed` keys the table's hash and must outlive the object.
  Hash(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~Hash();
  Memory& memory() const { return memory_; }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  size_t size() const { return table_ == nullptr ? pairs_ : table_->size(); }  // fields

  // The value of the field, valid until the hash changes; nothing when there is no such field.
  std::optional<Bytes> Get(Bytes field) const;
  // True when the field is new.
  bool Set(Bytes field, Bytes value);
  // True when the field was there.
  bool Erase(Bytes field) noexcept;

  using Visit = std::function<bool(Bytes field, Bytes value)>;  // false stops
  void ForEach(const Visit& visit) const;

  // Visits about `count` fields from `cursor` (0 to begin) and returns the next cursor, 0 at the end. A field that
  // stays through the whole scan is visited exactly once, whatever is added or removed meanwhile; packed: all at once.
  // What `visit` returns does not matter. Cursors are small numbers while the hash is small, like Redis'.
  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  // One field, each equally likely. REQUIRES: size() > 0.
  void Sample(Random& random, const Visit& visit) const;

  // Redis' name: "listpack" or "hashtable".
  const char* encoding() const { return table_ == nullptr ? "listpack" : "hashtable"; }

  // A copy in the same Memory, released with memory.Delete.
  Hash* Clone() const;

  // All bytes that this hash holds, with its own (MEMORY USAGE).
  size_t memory_bytes() const;

 private:
  // A pair of the table: this, then the field's bytes, then the value's.
  struct Pair {
    uint32_t field_size;
    uint32_t value_size;

    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    Bytes field() const { return {reinterpret_cast<const char*>(this + 1), field_size}; }
    Bytes value() const { return {reinterpret_cast<const char*>(this + 1) + field_size, value_size}; }
    size_t bytes_held() const { return sizeof(Pair) + field_size + value_size; }
  };
  struct PairHash {
    const HashSeed* seed;

    uint64_t operator()(const Pair& pair) const { return SipHash13(*seed, pair.field()); }
  };
  using Pairs = Table<Pair, PairHash>;

  Pair* MakePair(Bytes field, Bytes value);
  void FreePair(Pair* pair) noexcept;
  void AddPair(Pair* pair);
  Pair* FindPair(uint64_t hash, Bytes field) const;
  std::optional<size_t> FindPacked(Bytes field) const;
  bool SetInTable(Bytes field, Bytes value);

  Memory& memory_;
  const HashSeed& seed_;
  Packed packed_;           // field, value, field, value, ... in order of insertion
  uint32_t pairs_ = 0;      // in packed_
  Pairs* table_ = nullptr;  // when large; then packed_ is empty
  size_t pair_bytes_ = 0;   // what the table's pairs take of the Memory
};

}  // namespace redislite::types
