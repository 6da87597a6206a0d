// Entry: one key of the keyspace with its value. One allocation, the key's bytes at its end.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "base/memory.h"
#include "types/value.h"

namespace redislite::engine {

// No expiry. As an unsigned number it is later than any time there is, so one comparison serves both.
inline constexpr int64_t kNever = -1;
inline constexpr uint32_t kNotInHeap = std::numeric_limits<uint32_t>::max();

struct Entry {
  Entry* next = nullptr;  // in its bucket; for an entry that a snapshot keeps, in the list of those
  uint64_t hash = 0;
  int64_t expires_at_ms = kNever;
  uint32_t heap_index = kNotInHeap;
  uint32_t generation = 0;              // of the last snapshot that has it, or that it is newer than
  std::atomic<uint32_t> accessed_s{0};  // seconds of Unix time; readers write it under a shared lock
  uint32_t key_size = 0;
  types::Value value;

  Bytes key() const { return {reinterpret_cast<const char*>(this + 1), key_size}; }
  // REQUIRES: now_ms >= 0, which the store's clock sees to.
  bool ExpiredAt(int64_t now_ms) const {
    return static_cast<uint64_t>(expires_at_ms) <= static_cast<uint64_t>(now_ms);
  }

  static Entry* Make(Memory& memory, uint64_t hash, Bytes key, types::Value value) {
    void* place = memory.Allocate(sizeof(Entry) + key.size());
    Entry* entry = new (place) Entry;
    entry->hash = hash;
    entry->key_size = static_cast<uint32_t>(key.size());
    entry->value = std::move(value);
    if (!key.empty()) std::memcpy(static_cast<void*>(entry + 1), key.data(), key.size());
    return entry;
  }
  static void Free(Memory& memory, Entry* entry) noexcept {
    const size_t size = sizeof(Entry) + entry->key_size;
    entry->~Entry();
    memory.Free(entry, size);
  }
};

}  // namespace redislite::engine
