#include "types/int_set.h"

#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace redislite::types {

namespace {

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

uint8_t WidthOf(int64_t value) {
  if (Fits<int16_t>(value)) return sizeof(int16_t);
  return Fits<int32_t>(value) ? sizeof(int32_t) : sizeof(int64_t);
}

template <typename T>
int64_t Load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void Store(char* at, int64_t value) {
  const auto narrow = static_cast<T>(value);
  std::memcpy(at, &narrow, sizeof narrow);
}

}  // namespace

int64_t IntSet::At(size_t index) const {
  const char* at = block_ + index * width_;
  switch (width_) {
    case sizeof(int16_t):
      return Load<int16_t>(at);
    case sizeof(int32_t):
      return Load<int32_t>(at);
    default:
      return Load<int64_t>(at);
  }
}

void IntSet::Put(size_t index, int64_t value) {
  char* at = block_ + index * width_;
  switch (width_) {
    case sizeof(int16_t):
      return Store<int16_t>(at, value);
    case sizeof(int32_t):
      return Store<int32_t>(at, value);
    default:
      return Store<int64_t>(at, value);
  }
}

size_t IntSet::FirstAt(int64_t value) const {
  size_t begin = 0;
  for (size_t end = size_; begin < end;) {
    const size_t middle = (begin + end) / 2;
    if (At(middle) < value) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

bool IntSet::Has(int64_t value) const {
  const size_t index = FirstAt(value);
  return index < size_ && At(index) == value;
}

bool IntSet::Add(Memory& memory, int64_t value) {
  const size_t index = FirstAt(value);
  if (index < size_ && At(index) == value) return false;
  if (WidthOf(value) > width_) Widen(memory, WidthOf(value));
  if (size_ == capacity_) Resize(memory, size_ + size_ / 4 + 4);
  char* at = block_ + index * width_;
  std::memmove(at + width_, at, (size_ - index) * width_);
  ++size_;
  Put(index, value);
  return true;
}

bool IntSet::Erase(Memory& memory, int64_t value) noexcept {
  const size_t index = FirstAt(value);
  if (index == size_ || At(index) != value) return false;
  char* at = block_ + index * width_;
  --size_;
  std::memmove(at, at + width_, (size_ - index) * width_);
  if (size_ == 0) {
    Release(memory);
  } else if (capacity_ > 16 && size_ < capacity_ / 2) {
    try {
      Resize(memory, size_ + size_ / 4);
    } catch (const std::bad_alloc&) {  // then it stays large
    }
  }
  return true;
}

// To wider integers, in a block of their own; the order stays.
void IntSet::Widen(Memory& memory, uint8_t width) {
  IntSet wider;
  wider.width_ = width;
  wider.Resize(memory, size_ + 1);
  wider.size_ = size_;
  for (size_t i = 0; i < size_; ++i) wider.Put(i, At(i));
  std::swap(*this, wider);
  wider.Release(memory);
}

void IntSet::Resize(Memory& memory, uint32_t capacity) {
  const size_t bytes = size_t{capacity} * width_;
  block_ =
      static_cast<char*>(block_ == nullptr ? memory.Allocate(bytes) : memory.Reallocate(block_, block_bytes(), bytes));
  capacity_ = capacity;
}

IntSet IntSet::Clone(Memory& memory) const {
  IntSet clone;
  clone.width_ = width_;
  if (size_ == 0) return clone;
  clone.Resize(memory, size_);
  clone.size_ = size_;
  std::memcpy(clone.block_, block_, size_t{size_} * width_);
  return clone;
}

void IntSet::Release(Memory& memory) noexcept {
  memory.Free(block_, block_bytes());
  *this = IntSet();
}

}  // namespace redislite::types
