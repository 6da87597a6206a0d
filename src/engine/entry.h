// Entry: one key of the keyspace with its value, in one block of memory: no more than 8 bytes above key and value.
//
//     | access (4) | generation (1) | shape (1) | value: tag (1), size (1), payload (8 to 255) |
//     | key size (4), of a long key | key | expires_at_ms (8), heap index (4), when it has one |
//
//     shape   bit 7: has room for an expiry; bit 6: a long key; bits 0 to 5: the size of a short key
//
// The payload (types/string.h) is a short string or an integer itself, else a pointer, and never less than a pointer's
// 8 bytes, so that a value can be changed where it stands. What is behind the payload has no alignment.
//
// The hash is not kept: it is needed again only when a segment of the table splits or an entry leaves it, and eight
// bytes a key cost more than that. Rejected too: integers in fewer than 8 bytes, which would have to move to become
// anything else.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/memory.h"
#include "types/value.h"

namespace redislite::engine {

// No expiry. As an unsigned number it is later than any time there is, so one comparison serves both.
inline constexpr int64_t kNever = -1;
inline constexpr uint32_t kNotInHeap = std::numeric_limits<uint32_t>::max();

struct Entry {
  std::atomic<uint32_t> access;  // engine/access.h; readers write it under a shared lock
  uint8_t generation;            // of the last snapshot that has it, or that it is newer than
  uint8_t shape;
  types::Value value;  // as much of it as its payload needs

  Entry() = delete;  // made in its block by Make
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Bytes key() const {
    const char* at = behind_value();
    if ((shape & kLongKey) == 0) return {at, size_t{shape} & kKeySizeMax};
    uint32_t size;
    std::memcpy(&size, at, sizeof(size));
    return {at + sizeof(size), size};
  }

  bool has_expiry_room() const { return (shape & kExpiryRoom) != 0; }
  int64_t expires_at_ms() const { return has_expiry_room() ? Load<int64_t>(expiry()) : kNever; }
  uint32_t heap_index() const { return has_expiry_room() ? Load<uint32_t>(expiry() + 8) : kNotInHeap; }
  // REQUIRES: has_expiry_room()
  void set_expires_at_ms(int64_t at_ms) { std::memcpy(expiry(), &at_ms, sizeof(at_ms)); }
  void set_heap_index(uint32_t index) { std::memcpy(expiry() + 8, &index, sizeof(index)); }
  // REQUIRES: now_ms >= 0, which the store's clock sees to.
  bool ExpiredAt(int64_t now_ms) const {
    return static_cast<uint64_t>(expires_at_ms()) <= static_cast<uint64_t>(now_ms);
  }

  // Of its own block.
  size_t block_bytes() const { return BlockBytes(value.room(), key().size(), has_expiry_room()); }
  // What it takes of the Memory in all: MEMORY USAGE.
  size_t memory_bytes() const { return Memory::Footprint(block_bytes()) + value.memory_bytes(); }

  // May throw std::bad_alloc; the value is then lost.
  static Entry* Make(Memory& memory, Bytes key, types::Value value, bool with_expiry_room) {
    value.Settle(memory);
    const size_t bytes = BlockBytes(value.RoomInEntry(), key.size(), with_expiry_room);
    auto* entry = static_cast<Entry*>(memory.Allocate(bytes));
    new (&entry->access) std::atomic<uint32_t>(0);
    entry->generation = 0;
    entry->Fill(key, value, with_expiry_room);
    return entry;
  }
  // Puts a settled value in the place of the old one, when that needs a block of the same size: true. The expiry stays.
  bool Refill(Bytes key, types::Value& by) noexcept {
    const size_t bytes = BlockBytes(by.RoomInEntry(), key.size(), has_expiry_room());
    if (Memory::Footprint(bytes) != Memory::Footprint(block_bytes())) return false;
    const int64_t expires = expires_at_ms();
    const uint32_t index = heap_index();
    value.~Value();
    Fill(key, by, has_expiry_room());
    if (has_expiry_room()) {
      set_expires_at_ms(expires);
      set_heap_index(index);
    }
    return true;
  }
  // Another like this one; this one's value is then gone, and only its block is to be freed. May throw std::bad_alloc.
  Entry* Move(Memory& memory) const {
    const size_t bytes = block_bytes();
    return static_cast<Entry*>(std::memcpy(memory.Allocate(bytes), static_cast<const void*>(this), bytes));
  }
  // The same, with room for an expiry.
  Entry* MoveWithExpiryRoom(Memory& memory) {
    const size_t bytes = block_bytes();
    auto* moved = static_cast<Entry*>(memory.Allocate(bytes + kExpiryBytes));
    std::memcpy(static_cast<void*>(moved), static_cast<const void*>(this), bytes);
    moved->shape |= kExpiryRoom;
    moved->set_expires_at_ms(kNever);
    moved->set_heap_index(kNotInHeap);
    return moved;
  }
  static void FreeBlock(Memory& memory, Entry* entry) noexcept { memory.Free(entry, entry->block_bytes()); }
  static void Free(Memory& memory, Entry* entry) noexcept {
    const size_t bytes = entry->block_bytes();
    entry->value.~Value();
    memory.Free(entry, bytes);
  }

 private:
  static constexpr uint8_t kExpiryRoom = 0x80;
  static constexpr uint8_t kLongKey = 0x40;
  static constexpr size_t kKeySizeMax = 0x3f;
  static constexpr size_t kHeadBytes = 8;
  static constexpr size_t kExpiryBytes = 12;

  template <typename T>
  static T Load(const char* from) {
    T loaded;
    std::memcpy(&loaded, from, sizeof(loaded));
    return loaded;
  }
  static size_t BlockBytes(size_t room, size_t key_size, bool with_expiry_room) {
    return kHeadBytes + room + (key_size > kKeySizeMax ? sizeof(uint32_t) : 0) + key_size +
           (with_expiry_room ? kExpiryBytes : 0);
  }

  const char* behind_value() const { return reinterpret_cast<const char*>(this) + kHeadBytes + value.room(); }
  char* expiry() { return const_cast<char*>(std::as_const(*this).expiry()); }
  const char* expiry() const {
    const Bytes name = key();
    return name.data() + name.size();
  }

  void Fill(Bytes key, types::Value& from, bool with_expiry_room) noexcept {
    const bool is_long = key.size() > kKeySizeMax;
    const size_t room = from.RoomInEntry();
    from.MoveToEntry(&value);
    char* at = reinterpret_cast<char*>(this) + kHeadBytes + room;
    if (is_long) {
      const auto size = static_cast<uint32_t>(key.size());
      std::memcpy(at, &size, sizeof(size));
      at += sizeof(size);
    }
    if (!key.empty()) std::memcpy(at, key.data(), key.size());
    shape = static_cast<uint8_t>((is_long ? kLongKey : key.size()) | (with_expiry_room ? kExpiryRoom : 0));
    if (!with_expiry_room) return;
    set_expires_at_ms(kNever);
    set_heap_index(kNotInHeap);
  }
};
static_assert(alignof(types::Value) == 1 && offsetof(Entry, value) + types::Value::kHeadBytes == 8);

}  // namespace redislite::engine
