// Keyspace: the sixteen databases, in memory.
//
// A key's hash chooses its stripe (top 7 bits) over all databases; a stripe is a lock and, in each database, a shard:
// a table and a heap of expiries. Walking stripes in order, and each shard's table in order, walks a database in the
// order of its hashes: SCAN's cursor is a position in that order, and so is a snapshot's.
//
// Expired keys are logically absent (I4): Find does not see them. They are removed by whoever writes over them and by
// Reap; that is not logged, since it can change no later result.
//
// Snapshots: BeginCut makes the present state the cut. From then on, an entry of an older generation that is changed,
// replaced or removed is first given to the SnapshotCut; entries that the snapshot has, or that are newer than the
// cut, have the present generation.
//
// Threads: functions that change are called by the leader under the exclusive lock of the stripes they touch;
// functions that look, by anybody under at least a shared one. Who needs which is said by the caller (Stripes), not
// known here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/rwlock.h"
#include "base/siphash.h"
#include "base/table.h"
#include "engine/entry.h"
#include "engine/expiry_heap.h"
#include "types/value.h"

namespace redislite::engine {

inline constexpr int kDatabases = 16;
inline constexpr int kStripeBits = 7;
inline constexpr int kStripes = 1 << kStripeBits;

inline int StripeOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kStripeBits)); }
inline uint64_t FirstHashOf(int stripe) { return static_cast<uint64_t>(stripe) << (64 - kStripeBits); }

// What a running snapshot gets of entries that the cut has and that are about to change. Called by the leader.
class SnapshotCut {
 public:
  virtual ~SnapshotCut() = default;
  // What it holds of the Memory until it is written.
  virtual uint64_t HeldBytes() const = 0;
  // A look at the entry as it is; `database` is its number at the cut. Must not throw.
  virtual void Keep(int database, Entry& entry) noexcept = 0;
  // The entry itself, already out of the keyspace.
  virtual void Adopt(int database, Entry* entry) noexcept = 0;
};

// A generator of the calling thread's. A fixed seed is as good as any: nothing secret or durable hangs on what is
// drawn, and every thread starts its own sequence.
Random& ThreadRandom();

class Keyspace {
 public:
  Keyspace(Memory& memory, const HashSeed& seed);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  Memory& memory() { return memory_; }
  const HashSeed& seed() const { return seed_; }
  uint64_t Hash(Bytes key) const { return SipHash13(seed_, key); }
  RwLock& stripe(int index) { return stripes_[static_cast<size_t>(index)]; }

  // ---- Looking.

  // The entry that exists at this time; null when there is none.
  Entry* Find(int db, uint64_t hash, Bytes key, int64_t now_ms) const {
    Entry* entry = FindEvenExpired(db, hash, key);
    return entry == nullptr || entry->ExpiredAt(now_ms) ? nullptr : entry;
  }
  Entry* FindEvenExpired(int db, uint64_t hash, Bytes key) const;
  // Fetches what Find will look at, for many keys at a time: the misses of the cache overlap, instead of one waiting
  // for the other.
  struct Place {
    int db;
    uint64_t hash;
  };
  static constexpr size_t kPrefetchMax = 32;  // more would push each other out
  void Prefetch(std::span<const Place> places) const;
  // The two halves of it, for one key, by a caller who has something to do after each.
  void PrefetchTable(const Place& place) const { shard(place.db, place.hash).table.PrefetchWords(place.hash); }
  void PrefetchEntry(const Place& place) const { shard(place.db, place.hash).table.PrefetchNode(place.hash); }
  // Keys that exist at this time. All stripes.
  size_t Count(int db, int64_t now_ms) const;
  size_t CountWithExpiry(int db, int64_t now_ms) const;
  // Keys of all databases, expired ones too. Leader, or all stripes.
  size_t TotalKeys() const;
  // All stripes; see Context::Scan. The cursor is a position in the order of hashes, its bits
  // reversed: positions differ in their top bits first, and some clients take a cursor for a signed number.
  uint64_t Scan(int db, uint64_t cursor, size_t count, int64_t now_ms,
                const std::function<void(const Entry&)>& visit) const;
  const Entry* RandomEntry(int db, int64_t now_ms, Random& random) const;

  // Notes that the entry was used. Readers, too.
  void NoteAccess(Entry& entry, int64_t now_ms) const;
  // Whether accesses are counted (LFU), or the last one is noted.
  bool counts_accesses() const { return counts_accesses_.load(std::memory_order_relaxed); }
  void CountAccesses(bool counts) { counts_accesses_.store(counts, std::memory_order_relaxed); }

  // An entry drawn at random of all databases, expired ones too: of all, of those with an expiry, or of those that are
  // the first to expire of their shard. Null when there is none. Leader only.
  enum class Among : uint8_t { kAll, kExpiring, kSoonest };
  std::pair<int, const Entry*> Draw(Among among, Random& random) const;
  // What a running snapshot keeps of what is gone. Leader only.
  uint64_t HeldBytes() const { return cut_ == nullptr ? 0 : cut_->HeldBytes(); }

  // ---- Changing. What allocates may throw std::bad_alloc, and has then changed nothing.

  // Tells a running snapshot that the entry is about to change in place.
  void WillChange(int db, Entry* entry) noexcept;
  // Puts the value at the key. The expiry is kept or removed.
  void Put(int db, uint64_t hash, Bytes key, types::Value value, bool keep_expiry, int64_t now_ms);
  // Takes the value of an entry that is there, and removes it; the expiry is lost.
  types::Value Take(int db, Entry* entry);
  // Removes an entry that is there.
  void Remove(int db, Entry* entry) noexcept;
  // kNever: none. The entry may move.
  void SetExpiry(int db, Entry* entry, int64_t at_ms);
  void Flush(int db) noexcept;
  void Swap(int a, int b) noexcept;

  // The earliest expiry of a stripe, of all databases; may be earlier than the truth, never later. No lock.
  int64_t NextExpiry(int stripe) const {
    return next_expiry_[static_cast<size_t>(stripe)].load(std::memory_order_relaxed);
  }
  // Removes up to `limit` entries of the stripe that have expired, and tells `visit` of each, which must not throw;
  // returns how many.
  size_t Reap(int stripe, int64_t now_ms, size_t limit, const std::function<void(int db, Bytes key)>& visit) noexcept;

  // Moves, where `hash` belongs in the database, the entries and the table's segment whose blocks are_to_move: one
  // segment, so some dozens of entries. Nothing else moves: not what an entry points to (a large value's buffer, a
  // collection), nor the heap and the table's directory. That changes nothing that can be seen, and no log knows of it;
  // who looks at entries does so under the stripe's lock, and a snapshot's cut, too, keeps no address of one that is
  // still here. What there is no memory for stays. Returns true when the stripe has more, and in `next` where to go on.
  struct Moved {
    uint64_t entries = 0;
    uint64_t segments = 0;
    uint64_t stayed = 0;  // entries
  };
  bool Move(int db, uint64_t hash, uint64_t* next,
            const std::function<bool(const void* block, size_t size)>& is_to_move, Moved& count) noexcept;

  // ---- Snapshots. Leader only.

  void BeginCut(SnapshotCut* cut) noexcept;
  // `complete`: everything was visited or handed over.
  void EndCut(bool complete) noexcept;
  // For the snapshot's walk, under the stripe's shared lock: visits the entries of the cut that are still in the
  // shard of what was database `db` at the cut, from a position on, some buckets at a time, until what `visit` returns
  // adds up to `enough`. True: there is more, at `next`.
  bool WalkCut(int db, int stripe, uint64_t from, uint64_t* next, size_t enough,
               const std::function<size_t(Entry&)>& visit);

  // Every entry of every database, without regard to expiry. All stripes.
  void ForEach(const std::function<void(int db, const Entry&)>& visit) const;
  // Everything goes, without regard to a snapshot.
  void Clear() noexcept;

 private:
  struct KeyHash {
    const HashSeed* seed;
    uint64_t operator()(const Entry& entry) const { return SipHash13(*seed, entry.key()); }
  };
  struct Shard {
    Shard(Memory& memory, const HashSeed& seed) : table(memory, kStripeBits, KeyHash{&seed}), heap(memory) {}
    Table<Entry, KeyHash> table;
    ExpiryHeap heap;
  };
  // One allocation a database: there are 2048 shards, and a store that is opened makes them all.
  struct Database {
    Database(Memory& memory, const HashSeed& seed, int number)
        : Database(memory, seed, number, std::make_index_sequence<kStripes>()) {}
    template <size_t... kStripe>
    Database(Memory& memory, const HashSeed& seed, int number, std::index_sequence<kStripe...>)
        : shards{{(static_cast<void>(kStripe), Shard(memory, seed))...}}, cut_number(number) {}

    std::array<Shard, kStripes> shards;
    int cut_number;   // its number at the cut
    size_t keys = 0;  // the leader's
  };

  Database& database(int db) const { return *databases_[static_cast<size_t>(db)]; }
  Shard& shard(int db, uint64_t hash) const { return database(db).shards[static_cast<size_t>(StripeOf(hash))]; }
  void NoteExpiry(uint64_t hash, int64_t at_ms) noexcept;
  uint32_t FirstAccess(int64_t now_ms) const;
  // Takes the entry out of table and heap and gives it to the snapshot or to the allocator.
  void Retire(Database& database, Shard& shard, uint64_t hash, Entry* entry) noexcept;
  bool IsWanted(const Entry& entry) const { return cut_ != nullptr && entry.generation != generation_; }
  void Dispose(const Database& database, Entry* entry) noexcept;

  Memory& memory_;
  const HashSeed seed_;
  std::array<std::unique_ptr<Database>, kDatabases> databases_;
  std::array<Database*, kDatabases> at_cut_{};
  std::unique_ptr<RwLock[]> stripes_;
  std::array<std::atomic<int64_t>, kStripes> next_expiry_;
  // One byte in an entry: enough, since a complete snapshot leaves none of an older generation behind, and after
  // kIncompleteMax that were given up the entries are gone through.
  uint8_t generation_ = 0;
  uint8_t incomplete_ = 0;
  std::atomic<bool> counts_accesses_{false};
  SnapshotCut* cut_ = nullptr;
};

}  // namespace redislite::engine
