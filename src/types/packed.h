// Packed: elements one after the other in a single block, readable in both directions.
//
//     block     | free | element | element | ... | free |
//     element   | length (1 to 5 bytes) | bytes | length again, its bytes in reverse order |
//
// The free room at both ends makes adding and removing at either end O(1) amortised; elsewhere the shorter side moves.
// Lists keep their nodes so, and small hashes their pairs.
//
// A Packed is a handle and owns nothing by itself: whoever holds it calls Release, with the Memory that it passed to
// the other calls. Copying the handle copies no bytes. Elements are named by their offset: 0 for the first, size()
// behind the last. What may throw std::bad_alloc leaves everything as it was. Not thread-safe; reading changes nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "base/memory.h"

namespace redislite::types {

class Packed {
 public:
  // What an element of `length` bytes takes up.
  static size_t EncodedSize(size_t length) { return length + 2 * LengthBytes(length); }

  // Encoded elements that lie elsewhere, to be read and not to be changed or released.
  static Packed Over(Bytes encoded);

  // A block that holds `encoded` (what Encoded returned) and then the elements, without free room.
  static Packed Make(Memory& memory, Bytes encoded, std::span<const Bytes> elements);
  void Release(Memory& memory) noexcept;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }  // bytes, not elements

  // Valid until the next change. REQUIRES: an element begins at `offset`.
  Bytes At(size_t offset) const {
    const char* at = contents() + offset;
    size_t length = static_cast<uint8_t>(*at++);
    if (length >= 0x80) length = ReadLongLength(length, &at);
    return {at, length};
  }
  size_t Next(size_t offset) const { return offset + EncodedSize(At(offset).size()); }
  // REQUIRES: offset > 0, and an element begins or the last one ends there.
  size_t Previous(size_t offset) const;
  // The elements between two offsets as they lie in the block.
  Bytes Encoded(size_t from, size_t to) const { return {contents() + from, to - from}; }

  // Puts the elements in the place of the `removed` bytes from `offset` on. The elements may lie in this block.
  void Replace(Memory& memory, size_t offset, size_t removed, std::span<const Bytes> elements);
  void Replace(Memory& memory, size_t offset, size_t removed, Bytes element) {
    Replace(memory, offset, removed, {&element, 1});
  }
  // Adds what another block's Encoded returned at the end.
  void AppendEncoded(Memory& memory, Bytes encoded);
  // Removes bytes; gives memory back when most of the block has become free.
  void Erase(Memory& memory, size_t offset, size_t removed) noexcept;
  // Removes every element for which remove(element) holds.
  template <typename Remove>
  void EraseIf(Memory& memory, const Remove& remove) noexcept {
    size_t kept = 0;
    for (size_t offset = 0; offset < size_;) {
      const Bytes element = At(offset);
      const size_t encoded = EncodedSize(element.size());
      if (!remove(element)) {
        if (kept != offset) std::memmove(contents() + kept, contents() + offset, encoded);
        kept += encoded;
      }
      offset += encoded;
    }
    Erase(memory, kept, size_ - kept);
  }
  // Gives the free room back.
  void Fit(Memory& memory) noexcept;

  // What the block takes of the Memory.
  size_t memory_bytes() const { return block_ == nullptr ? 0 : Memory::Footprint(capacity_); }

 private:
  static size_t LengthBytes(size_t length) {
    size_t bytes = 1;
    while (length >= 0x80) {
      length >>= 7;
      ++bytes;
    }
    return bytes;
  }
  static size_t ReadLongLength(size_t first, const char** at);
  static char* WriteElements(char* at, std::span<const Bytes> elements);

  char* contents() const { return block_ + begin_; }
  bool Holds(Bytes bytes) const;
  void MoveApart(size_t begin, size_t before, size_t after_from, size_t after_to);
  void ShrinkIfSparse(Memory& memory) noexcept;
  void MoveToBlock(Memory& memory, size_t capacity) noexcept;
  template <typename Write>
  void Splice(Memory& memory, size_t offset, size_t removed, size_t added, bool may_move, const Write& write);

  char* block_ = nullptr;
  uint32_t capacity_ = 0;
  uint32_t begin_ = 0;
  uint32_t size_ = 0;
};

}  // namespace redislite::types
