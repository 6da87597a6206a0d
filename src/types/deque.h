// Deque: an array of small records in a store's Memory, with free room at both ends and place for one record in itself.
//
// Adding and removing at either end is O(1) amortised; elsewhere the shorter side moves. `T` is trivially copyable:
// records are moved as bytes, and what they point to is their owner's business, as is calling Release. It holds fewer
// than 2^32 of them. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#include "base/memory.h"

namespace redislite::types {

template <typename T>
class Deque {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Deque() : own_() {}
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  void Release(Memory& memory) noexcept {
    if (capacity_ > 1) memory.Free(array_, capacity_ * sizeof(T));
    capacity_ = 1;
    begin_ = size_ = 0;
  }

  size_t size() const { return size_; }
  T& operator[](size_t index) { return data()[begin_ + index]; }
  const T& operator[](size_t index) const { return data()[begin_ + index]; }
  T* begin() { return data() + begin_; }
  T* end() { return begin() + size_; }
  const T* begin() const { return data() + begin_; }
  const T* end() const { return begin() + size_; }

  // Makes sure that the next `more` Inserts need no memory. Throws std::bad_alloc and changes nothing. Invalidates
  // references.
  void Reserve(Memory& memory, size_t more) {
    // A part always stays free, so that making room on the side that needs it is rare.
    if (size_t{size_} + more + (capacity_ > 1 ? capacity_ / 8 : 0) > capacity_) {
      Reallocate(memory, (size_ + more) + (size_ + more) / 2);
    }
  }

  // Puts a record before the one at `index`. REQUIRES: room (Reserve).
  void Insert(size_t index, const T& record) noexcept {
    const size_t after = size_ - index;
    const bool in_front = index < after;
    if (in_front ? begin_ == 0 : begin_ + size_ == capacity_) {
      // The room is on the other side: leave it a quarter.
      const size_t spare = capacity_ - size_;
      const size_t to = in_front ? spare - spare / 4 : (spare - 1) / 4;
      Move(data() + to, begin(), size_);
      begin_ = static_cast<uint32_t>(to);
    }
    T* at = begin() + index;
    if (in_front) {
      Move(begin() - 1, begin(), index);
      --begin_;
      --at;
    } else {
      Move(at + 1, at, after);
    }
    *at = record;
    ++size_;
  }

  // Removes records, and gives memory back when most of it has become free.
  void Erase(Memory& memory, size_t index, size_t count) noexcept {
    const size_t after = size_ - index - count;
    if (index < after) {
      Move(begin() + count, begin(), index);
      begin_ += static_cast<uint32_t>(count);
    } else {
      Move(begin() + index, begin() + index + count, after);
    }
    size_ -= static_cast<uint32_t>(count);
    if (capacity_ > 1 && size_ <= capacity_ / 4) {
      try {
        Reallocate(memory, size_ + size_ / 2);
      } catch (const std::bad_alloc&) {
        // It stays larger than it need be.
      }
    }
  }

  // What the array takes of the Memory.
  size_t memory_bytes() const { return capacity_ > 1 ? Memory::Footprint(capacity_ * sizeof(T)) : 0; }

 private:
  T* data() { return capacity_ > 1 ? array_ : &own_; }
  const T* data() const { return capacity_ > 1 ? array_ : &own_; }

  static void Move(T* to, const T* from, size_t count) noexcept {
    if (count != 0 && to != from) std::memmove(static_cast<void*>(to), from, count * sizeof(T));
  }

  // Moves the records to an array of `capacity`, in the middle of it.
  void Reallocate(Memory& memory, size_t capacity) {
    if (capacity <= 1) {
      if (capacity_ == 1) return;
      T* old = array_;
      const T* record = old + begin_;
      const T only = size_ == 1 ? *record : T();
      memory.Free(old, capacity_ * sizeof(T));
      own_ = only;
      capacity_ = 1;
      begin_ = 0;
      return;
    }
    if (capacity > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
    T* array = static_cast<T*>(memory.Allocate(capacity * sizeof(T)));
    const size_t to = (capacity - size_) / 2;
    Move(array + to, begin(), size_);
    if (capacity_ > 1) memory.Free(array_, capacity_ * sizeof(T));
    array_ = array;
    capacity_ = static_cast<uint32_t>(capacity);
    begin_ = static_cast<uint32_t>(to);
  }

  union {
    T* array_;
    T own_;
  };
  uint32_t capacity_ = 1;
  uint32_t begin_ = 0;
  uint32_t size_ = 0;
};

}  // namespace redislite::types
