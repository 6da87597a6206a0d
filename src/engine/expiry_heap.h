// ExpiryHeap: the keys of one shard that expire, soonest first.
//
// An exact 4-ary min-heap; each entry knows its place in it, so that a changed or removed expiry is O(log n) and
// nothing stale stays behind (lazy deletion alone drowns in SET EX 86400 + DEL). Guarded by the shard's stripe lock.
#pragma once

#include <cstdint>
#include <limits>

#include "base/memory.h"
#include "engine/entry.h"

namespace redislite::engine {

class ExpiryHeap {
 public:
  explicit ExpiryHeap(Memory& memory) : memory_(memory) {}
  ~ExpiryHeap() { memory_.Free(items_, capacity_ * sizeof(Item)); }
  ExpiryHeap(const ExpiryHeap&) = delete;
  ExpiryHeap& operator=(const ExpiryHeap&) = delete;

  size_t size() const { return size_; }
  // The soonest expiry; kNone when there is none, or when it is at the end of time.
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  int64_t next_ms() const { return size_ == 0 ? kNone : items_[0].at_ms; }
  Entry* at(uint64_t index) const { return items_[index].entry; }  // in no particular order
  Entry* first() const { return size_ == 0 ? nullptr : items_[0].entry; }

  // Puts the entry, in the heap or not yet, at this time, and writes it into the entry; out of the heap when it is
  // kNever. Throws std::bad_alloc and changes nothing. REQUIRES: the entry has room for an expiry.
  void Update(Entry* entry, int64_t at_ms) {
    if (at_ms == kNever) {
      Remove(entry);
      return entry->set_expires_at_ms(kNever);
    }
    if (entry->heap_index() == kNotInHeap) {
      if (size_ == capacity_) Grow();
      entry->set_heap_index(size_++);
    }
    entry->set_expires_at_ms(at_ms);
    items_[entry->heap_index()] = {at_ms, entry};
    SiftDown(SiftUp(entry->heap_index()));
  }
  void Remove(Entry* entry) noexcept {
    const uint32_t index = entry->heap_index();
    if (index == kNotInHeap) return;
    entry->set_heap_index(kNotInHeap);
    if (index == --size_) return;
    Place(index, items_[size_]);
    SiftDown(SiftUp(index));
  }
  // `entry` is replaced by another, which gets its expiry. REQUIRES: it is in the heap.
  void Replace(Entry* entry, Entry* by) noexcept {
    by->set_expires_at_ms(entry->expires_at_ms());
    by->set_heap_index(entry->heap_index());
    items_[by->heap_index()].entry = by;
    entry->set_heap_index(kNotInHeap);
  }
  void Clear() noexcept {
    memory_.Free(items_, capacity_ * sizeof(Item));
    items_ = nullptr;
    size_ = capacity_ = 0;
  }

  // How many have expired at `now_ms`. O(that number): a child is never sooner than its parent.
  size_t CountExpired(int64_t now_ms) const { return CountExpired(0, now_ms); }

 private:
  struct Item {
    int64_t at_ms;
    Entry* entry;
  };

  void Grow() {
    const uint32_t larger = capacity_ == 0 ? 16 : capacity_ * 2;
    items_ = static_cast<Item*>(memory_.Reallocate(items_, capacity_ * sizeof(Item), larger * sizeof(Item)));
    capacity_ = larger;
  }
  void Place(uint32_t index, const Item& item) noexcept {
    items_[index] = item;
    item.entry->set_heap_index(index);
  }
  uint32_t SiftUp(uint32_t index) noexcept {
    const Item item = items_[index];
    while (index > 0) {
      const uint32_t parent = (index - 1) / 4;
      if (items_[parent].at_ms <= item.at_ms) break;
      Place(index, items_[parent]);
      index = parent;
    }
    Place(index, item);
    return index;
  }
  void SiftDown(uint32_t index) noexcept {
    const Item item = items_[index];
    while (true) {
      uint32_t least = index;
      int64_t least_ms = item.at_ms;
      for (uint64_t child = uint64_t{index} * 4 + 1; child <= uint64_t{index} * 4 + 4 && child < size_; ++child) {
        if (items_[child].at_ms < least_ms) {
          least = static_cast<uint32_t>(child);
          least_ms = items_[child].at_ms;
        }
      }
      if (least == index) break;
      Place(index, items_[least]);
      index = least;
    }
    Place(index, item);
  }
  // Recursion is as deep as the heap: 16 levels hold 4 billion.
  size_t CountExpired(uint64_t index, int64_t now_ms) const {
    if (index >= size_ || items_[index].at_ms > now_ms) return 0;
    size_t count = 1;
    for (uint64_t child = index * 4 + 1; child <= index * 4 + 4; ++child) count += CountExpired(child, now_ms);
    return count;
  }

  Memory& memory_;
  Item* items_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace redislite::engine
