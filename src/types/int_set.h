// IntSet: a sorted array of integers, all of the smallest width (2, 4 or 8 bytes) that holds each of them, in one
// block.
//
// An IntSet is a handle and owns nothing by itself, as a Packed: whoever holds it calls Release, with the Memory that
// it passed to the other calls. What may throw std::bad_alloc leaves everything as it was. Not thread-safe; reading
// changes nothing.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/memory.h"

namespace redislite::types {

class IntSet {
 public:
  size_t size() const { return size_; }
  // In ascending order.
  int64_t At(size_t index) const;
  bool Has(int64_t value) const;
  // False when it was there.
  bool Add(Memory& memory, int64_t value);
  // False when it was not there.
  bool Erase(Memory& memory, int64_t value) noexcept;

  IntSet Clone(Memory& memory) const;
  void Release(Memory& memory) noexcept;
  // What the block takes of the Memory.
  size_t memory_bytes() const { return block_ == nullptr ? 0 : Memory::Footprint(block_bytes()); }

 private:
  size_t block_bytes() const { return size_t{capacity_} * width_; }
  // The index of the first integer that is not below `value`.
  size_t FirstAt(int64_t value) const;
  void Put(size_t index, int64_t value);
  void Widen(Memory& memory, uint8_t width);
  void Resize(Memory& memory, uint32_t capacity);

  char* block_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // integers
  uint8_t width_ = 2;
};

}  // namespace redislite::types
