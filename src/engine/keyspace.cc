#include "engine/keyspace.h"

#include <algorithm>
#include <utility>

#include "base/bits.h"
#include "engine/access.h"

namespace redislite::engine {

namespace {

// Snapshots that were given up, one after another, before generations could come round.
constexpr uint8_t kIncompleteMax = 250;

}  // namespace

Random& ThreadRandom() {
  static std::atomic<uint64_t> sequence{0};
  thread_local Random random((sequence.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9e3779b97f4a7c15);
  return random;
}

Keyspace::Keyspace(Memory& memory, const HashSeed& seed)
    : memory_(memory), seed_(seed), stripes_(new RwLock[kStripes]) {
  for (int db = 0; db < kDatabases; ++db) {
    databases_[static_cast<size_t>(db)] = std::make_unique<Database>(memory, seed_, db);
  }
  for (std::atomic<int64_t>& next : next_expiry_) next.store(ExpiryHeap::kNone, std::memory_order_relaxed);
}

Keyspace::~Keyspace() { Clear(); }

Entry* Keyspace::FindEvenExpired(int db, uint64_t hash, Bytes key) const {
  return shard(db, hash).table.Find(hash, [key](const Entry& candidate) { return candidate.key() == key; });
}

void Keyspace::Prefetch(std::span<const Place> places) const {
  for (const Place& place : places) shard(place.db, place.hash).table.PrefetchSlot(place.hash);
  for (const Place& place : places) PrefetchTable(place);
  for (const Place& place : places) PrefetchEntry(place);
}

size_t Keyspace::Count(int db, int64_t now_ms) const {
  size_t count = 0;
  for (const Shard& shard : database(db).shards) count += shard.table.size() - shard.heap.CountExpired(now_ms);
  return count;
}

size_t Keyspace::CountWithExpiry(int db, int64_t now_ms) const {
  size_t count = 0;
  for (const Shard& shard : database(db).shards) count += shard.heap.size() - shard.heap.CountExpired(now_ms);
  return count;
}

size_t Keyspace::TotalKeys() const {
  size_t count = 0;
  for (const auto& database : databases_) count += database->keys;
  return count;
}

uint32_t Keyspace::FirstAccess(int64_t now_ms) const {
  return counts_accesses() ? access::WithFrequency(access::kNewKeysFrequency, now_ms) : access::UsedAt(now_ms);
}

void Keyspace::NoteAccess(Entry& entry, int64_t now_ms) const {
  const uint32_t noted = counts_accesses()
                             ? access::Counted(entry.access.load(std::memory_order_relaxed), now_ms, ThreadRandom())
                             : access::UsedAt(now_ms);
  entry.access.store(noted, std::memory_order_relaxed);
}

std::pair<int, const Entry*> Keyspace::Draw(Among among, Random& random) const {
  const size_t total = TotalKeys();
  if (total == 0) return {0, nullptr};
  int db = 0;
  for (size_t left = random.Below(total); left >= database(db).keys; ++db) left -= database(db).keys;
  const auto below = [&random](uint64_t bound) { return random.Below(bound); };
  // Hashes fill the stripes evenly, so the stripe may be drawn first. One that has none leads to the next that has.
  const uint64_t first = random.Below(kStripes);
  for (int databases = 0; databases < kDatabases; ++databases, db = (db + 1) % kDatabases) {
    if (database(db).keys == 0) continue;
    for (uint64_t i = 0; i < kStripes; ++i) {
      const Shard& shard = database(db).shards[(first + i) % kStripes];
      if (among == Among::kAll && shard.table.size() != 0) return {db, shard.table.Sample(below)};
      if (among == Among::kExpiring && shard.heap.size() != 0) return {db, shard.heap.at(below(shard.heap.size()))};
      if (among == Among::kSoonest && shard.heap.size() != 0) return {db, shard.heap.first()};
    }
  }
  return {0, nullptr};
}

uint64_t Keyspace::Scan(int db, uint64_t cursor, size_t count, int64_t now_ms,
                        const std::function<void(const Entry&)>& visit) const {
  uint64_t from = ReverseBits(cursor);
  size_t visited = 0;
  for (int stripe = StripeOf(from); stripe < kStripes; ++stripe) {
    const auto see = [&](const Entry* entry) {
      ++visited;
      if (!entry->ExpiredAt(now_ms)) visit(*entry);
    };
    uint64_t next = 0;
    const bool more =
        database(db).shards[static_cast<size_t>(stripe)].table.Walk(from, &next, see, [&] { return visited >= count; });
    if (more) return ReverseBits(next);
    if (stripe + 1 == kStripes) break;
    from = FirstHashOf(stripe + 1);
    if (visited >= count) return ReverseBits(from);
  }
  return 0;
}

const Entry* Keyspace::RandomEntry(int db, int64_t now_ms, Random& random) const {
  size_t total = 0;
  for (const Shard& shard : database(db).shards) total += shard.table.size();
  if (total == 0) return nullptr;
  constexpr int kTries = 64;
  const auto below = [&random](uint64_t bound) { return random.Below(bound); };
  for (int i = 0; i < kTries; ++i) {
    size_t left = random.Below(total);
    for (const Shard& shard : database(db).shards) {
      if (left >= shard.table.size()) {
        left -= shard.table.size();
        continue;
      }
      const Entry* entry = shard.table.Sample(below);
      if (!entry->ExpiredAt(now_ms)) return entry;
      break;
    }
  }
  // Nearly all have expired: take the first that has not.
  const Entry* found = nullptr;
  uint64_t cursor = 0;
  do {
    cursor = Scan(db, cursor, 64, now_ms, [&](const Entry& entry) { found = &entry; });
  } while (found == nullptr && cursor != 0);
  return found;
}

void Keyspace::NoteExpiry(uint64_t hash, int64_t at_ms) noexcept {
  std::atomic<int64_t>& next = next_expiry_[static_cast<size_t>(StripeOf(hash))];
  if (at_ms < next.load(std::memory_order_relaxed)) next.store(at_ms, std::memory_order_relaxed);
}

void Keyspace::WillChange(int db, Entry* entry) noexcept {
  if (!IsWanted(*entry)) return;
  cut_->Keep(database(db).cut_number, *entry);
  entry->generation = generation_;
}

void Keyspace::Dispose(const Database& database, Entry* entry) noexcept {
  if (IsWanted(*entry)) {
    cut_->Adopt(database.cut_number, entry);
  } else {
    Entry::Free(memory_, entry);
  }
}

void Keyspace::Retire(Database& database, Shard& shard, uint64_t hash, Entry* entry) noexcept {
  shard.heap.Remove(entry);
  shard.table.Remove(hash, entry);
  shard.table.Compact(hash);
  --database.keys;
  Dispose(database, entry);
}

void Keyspace::Put(int db, uint64_t hash, Bytes key, types::Value value, bool keep_expiry, int64_t now_ms) {
  Shard& home = shard(db, hash);
  Entry* old = FindEvenExpired(db, hash, key);
  const bool keeps = keep_expiry && old != nullptr && old->expires_at_ms() != kNever && !old->ExpiredAt(now_ms);
  if (old != nullptr && !IsWanted(*old)) {
    value.Settle(memory_);
    if (old->Refill(key, value)) {
      if (!keeps && old->has_expiry_room()) home.heap.Update(old, kNever);
      old->generation = generation_;
      NoteAccess(*old, now_ms);
      return;
    }
  }
  Entry* entry = Entry::Make(memory_, key, std::move(value), keeps);
  entry->generation = generation_;
  entry->access.store(old == nullptr ? FirstAccess(now_ms) : old->access.load(std::memory_order_relaxed),
                      std::memory_order_relaxed);
  if (old == nullptr) {
    try {
      home.table.Insert(hash, entry);
      ++database(db).keys;
    } catch (...) {
      Entry::Free(memory_, entry);
      throw;
    }
    return;
  }
  NoteAccess(*entry, now_ms);
  if (keeps) {
    home.heap.Replace(old, entry);
  } else {
    home.heap.Remove(old);
  }
  home.table.Replace(hash, old, entry);
  Dispose(database(db), old);
}

types::Value Keyspace::Take(int db, Entry* entry) {
  WillChange(db, entry);
  types::Value value = entry->value.Take(memory_);
  Remove(db, entry);
  return value;
}

void Keyspace::Remove(int db, Entry* entry) noexcept {
  const uint64_t hash = Hash(entry->key());
  Retire(database(db), shard(db, hash), hash, entry);
}

void Keyspace::SetExpiry(int db, Entry* entry, int64_t at_ms) {
  if (entry->expires_at_ms() == at_ms) return;
  WillChange(db, entry);
  const uint64_t hash = Hash(entry->key());
  Shard& home = shard(db, hash);
  if (!entry->has_expiry_room()) {
    Entry* moved = entry->MoveWithExpiryRoom(memory_);
    home.table.Replace(hash, entry, moved);
    Entry::FreeBlock(memory_, std::exchange(entry, moved));
  }
  home.heap.Update(entry, at_ms);
  if (at_ms != kNever) NoteExpiry(hash, at_ms);
}

void Keyspace::Flush(int db) noexcept {
  Database& flushed = database(db);
  for (Shard& shard : flushed.shards) {
    shard.heap.Clear();
    if (shard.table.size() == 0) continue;
    shard.table.ForEach([&](Entry* entry) {
      if (entry->has_expiry_room()) entry->set_heap_index(kNotInHeap);
      Dispose(flushed, entry);
    });
    shard.table.Clear();
  }
  flushed.keys = 0;
}

void Keyspace::Swap(int a, int b) noexcept {
  databases_[static_cast<size_t>(a)].swap(databases_[static_cast<size_t>(b)]);
}

size_t Keyspace::Reap(int stripe, int64_t now_ms, size_t limit,
                      const std::function<void(int db, Bytes key)>& visit) noexcept {
  size_t reaped = 0;
  int64_t next = ExpiryHeap::kNone;
  for (int db = 0; db < kDatabases; ++db) {
    Database& home = database(db);
    Shard& shard = home.shards[static_cast<size_t>(stripe)];
    while (reaped < limit && shard.heap.next_ms() <= now_ms) {
      Entry* first = shard.heap.first();
      visit(db, first->key());
      Retire(home, shard, Hash(first->key()), first);
      ++reaped;
    }
    next = std::min(next, shard.heap.next_ms());
  }
  next_expiry_[static_cast<size_t>(stripe)].store(next, std::memory_order_relaxed);
  return reaped;
}

bool Keyspace::Move(int db, uint64_t hash, uint64_t* next,
                    const std::function<bool(const void* block, size_t size)>& is_to_move, Moved& count) noexcept {
  Shard& home = shard(db, hash);
  const auto move_entry = [&](Entry* entry) {
    ++count.stayed;
    if (!is_to_move(entry, entry->block_bytes())) return entry;
    Entry* moved;
    try {
      moved = entry->Move(memory_);
    } catch (const std::bad_alloc&) {
      return entry;
    }
    if (entry->heap_index() != kNotInHeap) home.heap.Replace(entry, moved);
    Entry::FreeBlock(memory_, entry);
    --count.stayed;
    ++count.entries;
    return moved;
  };
  const auto segment_is_to_move = [&](const void* segment, size_t size) {
    const bool is = is_to_move(segment, size);
    count.segments += is ? 1 : 0;
    return is;
  };
  return home.table.MoveSegment(hash, next, move_entry, segment_is_to_move);
}

void Keyspace::BeginCut(SnapshotCut* cut) noexcept {
  if (incomplete_ >= kIncompleteMax) {
    for (const auto& database : databases_) {
      for (const Shard& shard : database->shards) {
        shard.table.ForEach([this](Entry* entry) { entry->generation = generation_; });
      }
    }
    incomplete_ = 0;
  }
  ++generation_;
  cut_ = cut;
  for (size_t db = 0; db < kDatabases; ++db) {
    databases_[db]->cut_number = static_cast<int>(db);
    at_cut_[db] = databases_[db].get();
  }
}

void Keyspace::EndCut(bool complete) noexcept {
  cut_ = nullptr;
  incomplete_ = complete ? 0 : static_cast<uint8_t>(incomplete_ + 1);
}

bool Keyspace::WalkCut(int db, int stripe, uint64_t from, uint64_t* next, size_t enough,
                       const std::function<size_t(Entry&)>& visit) {
  size_t visited = 0;
  const auto see = [&](Entry* entry) {
    ++visited;
    if (entry->generation == generation_) return;
    visited += visit(*entry);
    entry->generation = generation_;
  };
  const Shard& shard = at_cut_[static_cast<size_t>(db)]->shards[static_cast<size_t>(stripe)];
  return shard.table.Walk(from, next, see, [&] { return visited >= enough; });
}

void Keyspace::ForEach(const std::function<void(int db, const Entry&)>& visit) const {
  for (int db = 0; db < kDatabases; ++db) {
    for (const Shard& shard : database(db).shards) shard.table.ForEach([&](Entry* entry) { visit(db, *entry); });
  }
}

void Keyspace::Clear() noexcept {
  cut_ = nullptr;
  for (int db = 0; db < kDatabases; ++db) Flush(db);
}

}  // namespace redislite::engine
