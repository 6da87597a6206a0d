#include "types/packed.h"

#include <functional>
#include <limits>
#include <new>

namespace redislite::types {

namespace {

// Block sizes beyond this cannot be addressed. Values are limited to far less.
constexpr size_t kBlockBytesMax = std::numeric_limits<uint32_t>::max();

// A block smaller than this is not worth making smaller.
constexpr size_t kShrinkBytesMin = 128;

// What is given anyway when asked for `size`.
size_t RoundUp(size_t size) { return Memory::Usable(size); }

// How much to ask for when `total` bytes are to grow on.
size_t Roomy(size_t total) {
  const size_t roomy = RoundUp(total + total / 2);
  return roomy <= kBlockBytesMax ? roomy : total;
}

char* NewBlock(Memory& memory, size_t capacity) {
  if (capacity > kBlockBytesMax) throw std::bad_alloc();
  return static_cast<char*>(memory.Allocate(capacity));
}

void Copy(char* to, const char* from, size_t size) {
  if (size != 0) std::memcpy(to, from, size);
}

void Move(char* to, const char* from, size_t size) {
  if (size != 0 && to != from) std::memmove(to, from, size);
}

size_t EncodedSizeOf(std::span<const Bytes> elements) {
  size_t size = 0;
  for (const Bytes element : elements) size += Packed::EncodedSize(element.size());
  return size;
}

}  // namespace

Packed Packed::Over(Bytes encoded) {
  Packed packed;
  packed.block_ = const_cast<char*>(encoded.data());
  packed.capacity_ = packed.size_ = static_cast<uint32_t>(encoded.size());
  return packed;
}

Packed Packed::Make(Memory& memory, Bytes encoded, std::span<const Bytes> elements) {
  const size_t total = encoded.size() + EncodedSizeOf(elements);
  Packed made;
  if (total == 0) return made;
  const size_t capacity = RoundUp(total) <= kBlockBytesMax ? RoundUp(total) : total;
  made.block_ = NewBlock(memory, capacity);
  made.capacity_ = static_cast<uint32_t>(capacity);
  made.size_ = static_cast<uint32_t>(total);
  Copy(made.block_, encoded.data(), encoded.size());
  WriteElements(made.block_ + encoded.size(), elements);
  return made;
}

void Packed::Release(Memory& memory) noexcept {
  memory.Free(block_, capacity_);
  *this = Packed();
}

// The length's low 7 bits come first, with the top bit set on all bytes but the last.
size_t Packed::ReadLongLength(size_t first, const char** at) {
  size_t length = first & 0x7f;
  for (int shift = 7;; shift += 7) {
    const size_t byte = static_cast<uint8_t>(*(*at)++);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length;
  }
}

size_t Packed::Previous(size_t offset) const {
  const char* end = contents() + offset;
  size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const size_t byte = static_cast<uint8_t>(*--end);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return offset - EncodedSize(length);
}

char* Packed::WriteElements(char* at, std::span<const Bytes> elements) {
  for (const Bytes element : elements) {
    char length[5];
    size_t bytes = 0;
    size_t rest = element.size();
    for (; rest >= 0x80; rest >>= 7) length[bytes++] = static_cast<char>(rest | 0x80);
    length[bytes++] = static_cast<char>(rest);
    Copy(at, length, bytes);
    at += bytes;
    Copy(at, element.data(), element.size());
    at += element.size();
    while (bytes > 0) *at++ = length[--bytes];
  }
  return at;
}

bool Packed::Holds(Bytes bytes) const {
  const std::less<const char*> less;
  return block_ != nullptr && !less(bytes.data(), block_) && less(bytes.data(), block_ + capacity_);
}

// Moves, within the block, the `before` bytes at begin_ to `begin`, and what follows from `after_from` to `after_to`.
void Packed::MoveApart(size_t begin, size_t before, size_t after_from, size_t after_to) {
  const size_t after = begin_ + size_ - after_from;
  if (begin <= begin_) {
    Move(block_ + begin, block_ + begin_, before);
    Move(block_ + after_to, block_ + after_from, after);
  } else {
    Move(block_ + after_to, block_ + after_from, after);
    Move(block_ + begin, block_ + begin_, before);
  }
}

// Makes `added` bytes of room in the place of `removed` ones, and calls write(there). When `may_move` is false, the
// bytes that write reads may lie in this block, so they must not move before it has run.
template <typename Write>
void Packed::Splice(Memory& memory, size_t offset, size_t removed, size_t added, bool may_move, const Write& write) {
  const size_t before = offset;
  const size_t after = size_ - offset - removed;
  const size_t total = before + added + after;
  const bool grows_in_front = before < after;

  if (may_move && total <= capacity_) {
    const size_t spare = capacity_ - total;
    bool fits = true;
    size_t begin = begin_;
    if (grows_in_front && begin_ + removed >= added) {
      begin = begin_ + removed - added;
    } else if (!grows_in_front && begin_ + total <= capacity_) {
      begin = begin_;
    } else if (spare >= capacity_ / 8) {
      // The room is on the wrong side. Give most of it to this side, but not all: who adds at both ends in turn must
      // not move everything each time.
      begin = grows_in_front ? spare - spare / 4 : spare / 4;
    } else {
      fits = false;
    }
    if (fits) {
      MoveApart(begin, before, begin_ + before + removed, begin + before + added);
      begin_ = static_cast<uint32_t>(begin);
      size_ = static_cast<uint32_t>(total);
      write(contents() + before);
      return;
    }
  }

  if (total > kBlockBytesMax) throw std::bad_alloc();
  const size_t capacity = block_ == nullptr ? total : Roomy(total);
  char* block = NewBlock(memory, capacity);
  const size_t begin = grows_in_front ? capacity - total : 0;
  Copy(block + begin, contents(), before);
  write(block + begin + before);
  Copy(block + begin + before + added, contents() + before + removed, after);
  memory.Free(block_, capacity_);
  block_ = block;
  capacity_ = static_cast<uint32_t>(capacity);
  begin_ = static_cast<uint32_t>(begin);
  size_ = static_cast<uint32_t>(total);
}

void Packed::Replace(Memory& memory, size_t offset, size_t removed, std::span<const Bytes> elements) {
  if (elements.empty()) return Erase(memory, offset, removed);
  if (block_ == nullptr) {
    *this = Make(memory, {}, elements);
    return;
  }
  bool may_move = true;
  for (const Bytes element : elements) may_move &= !Holds(element);
  Splice(memory, offset, removed, EncodedSizeOf(elements), may_move,
         [&](char* there) { WriteElements(there, elements); });
  ShrinkIfSparse(memory);
}

void Packed::AppendEncoded(Memory& memory, Bytes encoded) {
  if (block_ == nullptr) {
    *this = Make(memory, encoded, {});
    return;
  }
  Splice(memory, size_, 0, encoded.size(), !Holds(encoded),
         [&](char* there) { Copy(there, encoded.data(), encoded.size()); });
}

void Packed::Erase(Memory& memory, size_t offset, size_t removed) noexcept {
  if (removed == 0) return;
  if (removed == size_) return Release(memory);
  const size_t after = size_ - offset - removed;
  const size_t begin = offset < after ? begin_ + removed : begin_;
  MoveApart(begin, offset, begin_ + offset + removed, begin + offset);
  begin_ = static_cast<uint32_t>(begin);
  size_ -= static_cast<uint32_t>(removed);
  ShrinkIfSparse(memory);
}

void Packed::ShrinkIfSparse(Memory& memory) noexcept {
  if (capacity_ >= kShrinkBytesMin && size_ <= capacity_ / 4) MoveToBlock(memory, Roomy(size_));
}

void Packed::Fit(Memory& memory) noexcept {
  const size_t fitting = RoundUp(size_);
  if (size_ != 0 && fitting < capacity_) MoveToBlock(memory, fitting);
}

// Moves all to another block, if there is memory for it.
void Packed::MoveToBlock(Memory& memory, size_t capacity) noexcept {
  char* block;
  try {
    block = NewBlock(memory, capacity);
  } catch (const std::bad_alloc&) {
    return;
  }
  Copy(block, contents(), size_);
  memory.Free(block_, capacity_);
  block_ = block;
  capacity_ = static_cast<uint32_t>(capacity);
  begin_ = 0;
}

}  // namespace redislite::types
