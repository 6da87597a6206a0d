// Hash: Redis' hash value. Pure memory; knows no key, clock or disk.
//
// Small (up to 512 fields, none of its fields or values above 64 bytes): packed pairs in order of insertion, found by
// looking through them. Larger: the hash-ordered table of base/table.h, and it stays one, as in Redis. Not thread-safe:
// the keyspace's stripe lock guards it. Reading never changes it. A call that throws std::bad_alloc has changed
// nothing. Fields and values passed in may lie in the hash itself; none is above 4 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/little_endian.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/siphash.h"
#include "base/table.h"
#include "types/frozen.h"
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

  size_t size() const { return large_ == nullptr ? pairs_ : large_->table.size(); }  // fields

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
  const char* encoding() const { return large_ == nullptr ? "listpack" : "hashtable"; }

  // A copy in the same Memory, released with memory.Delete.
  Hash* Clone() const;

  // For a reader in pieces of what it is now; null when it is so small that it may be read at once. What is kept is
  // counted in `kept`.
  std::unique_ptr<Frozen> Freeze(Frozen::Kept& kept);
  // That reader; null when there is none.
  Frozen* frozen() const { return large_ == nullptr ? nullptr : large_->reader; }

  // All bytes that this hash holds, with its own (MEMORY USAGE).
  size_t memory_bytes() const;

 private:
  // A pair of the table. Most are small, and there may be millions:
  //
  //     small   | the field's size, 1 byte | the value's, 1 byte | field | value |      both below 255
  //     large   | 255 | the field's size, 4 bytes | the value's, 4 bytes | field | value |
  class Pair {
   public:
    static size_t BytesHeld(size_t field_size, size_t value_size) {
      return HeadBytes(field_size, value_size) + field_size + value_size;
    }
    // In a block of BytesHeld. The sizes fit 32 bits.
    Pair(Bytes field, Bytes value);

    Bytes field() const { return {begin() + HeadBytes(), field_size()}; }
    Bytes value() const { return {begin() + HeadBytes() + field_size(), value_size()}; }
    size_t bytes_held() const { return BytesHeld(field_size(), value_size()); }
    // REQUIRES: a value of the same size. It may lie in this pair.
    void SetValue(Bytes value);

   private:
    static constexpr size_t kLarge = 255;
    static size_t HeadBytes(size_t field_size, size_t value_size) {
      return field_size < kLarge && value_size < kLarge ? 2 : 9;
    }
    char* begin() { return reinterpret_cast<char*>(this); }
    const char* begin() const { return reinterpret_cast<const char*>(this); }
    bool is_large() const { return first_ == kLarge; }
    size_t HeadBytes() const { return is_large() ? 9 : 2; }
    size_t field_size() const { return is_large() ? LoadLittle<uint32_t>(begin() + 1) : first_; }
    size_t value_size() const {
      return is_large() ? LoadLittle<uint32_t>(begin() + 5) : LoadLittle<uint8_t>(begin() + 1);
    }

    uint8_t first_;  // the rest lies behind it
  };
  struct PairHash {
    const HashSeed* seed;

    uint64_t operator()(const Pair& pair) const { return SipHash13(*seed, pair.field()); }
  };
  class Reader;
  struct Large {
    Large(Memory& memory, const HashSeed& seed) : table(memory, 0, PairHash{&seed}) {}

    Table<Pair, PairHash> table;
    size_t pair_bytes = 0;     // what the pairs take of the Memory
    Frozen* reader = nullptr;  // a Reader
  };

  Pair* MakePair(Bytes field, Bytes value);
  void FreePair(Pair* pair) noexcept;
  void AddPair(Pair* pair);
  Pair* FindPair(uint64_t hash, Bytes field) const;
  std::optional<size_t> FindPacked(Bytes field) const;
  bool SetInTable(Bytes field, Bytes value);
  void WillChange(uint64_t hash, Bytes field, const Pair* old) noexcept;

  Memory& memory_;
  const HashSeed& seed_;
  Packed packed_;           // field, value, field, value, ... in order of insertion
  uint32_t pairs_ = 0;      // in packed_
  Large* large_ = nullptr;  // when large; then packed_ is empty
};

}  // namespace redislite::types
