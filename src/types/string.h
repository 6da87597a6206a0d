// String: Redis' string value. Pure memory; knows no key, clock or disk.
//
// An integer in canonical form is kept as an int64_t; anything else in a reference-counted buffer that does not change
// while somebody else holds it, so that a pinned read, a COPY and a snapshot need no copy of the bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/memory.h"

namespace redislite::types {

// A reference-counted run of bytes in a store's Memory:
//
//     | refs (4) | pad (4) | size (8) | capacity (8) | Memory* (8) | bytes ... capacity | NUL |
struct Buffer {
  std::atomic<uint32_t> refs;
  uint64_t size;
  uint64_t capacity;
  Memory* memory;
  char bytes[1];

  static Buffer* Make(Memory& memory, uint64_t capacity);
  static Buffer* Ref(Buffer* buffer) noexcept;
  static void Unref(Buffer* buffer) noexcept;
};

// Bytes that stay as they are for as long as the pin lives, whatever happens to the key. Any thread may drop it, before
// the store is closed.
class Pin {
 public:
  Pin() = default;
  explicit Pin(Buffer* buffer) : buffer_(Buffer::Ref(buffer)), view_(buffer->bytes, buffer->size) {}
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  ~Pin();
  Bytes view() const { return view_; }

 private:
  Buffer* buffer_ = nullptr;
  Bytes view_;
};

class String {
 public:
  String() = default;  // the empty string
  // "12" becomes an integer; other bytes are copied. May throw std::bad_alloc, as everything below that takes a Memory.
  String(Memory& memory, Bytes bytes);
  // `size` bytes, at least one, which the caller fills in at `bytes` before the string is used. The result is raw,
  // whatever it comes to say.
  static String Raw(Memory& memory, uint64_t size, char** bytes);
  explicit String(int64_t integer) : is_integer_(true), integer_(integer) {}
  String(String&& other) noexcept;
  String& operator=(String&& other) noexcept;
  ~String();

  // Shares the bytes with this one until either changes.
  String Clone() const;

  size_t size() const;
  bool is_integer() const { return is_integer_; }
  int64_t integer() const { return integer_; }

  // The bytes; an integer is printed into `scratch` (kInt64TextMax bytes). Valid until this string changes or scratch
  // dies.
  Bytes View(char* scratch) const;
  std::string ToString() const;
  // The buffer to pin for a read without a copy; null for an integer and for the empty string.
  Buffer* buffer() const { return is_integer_ ? nullptr : buffer_; }

  // Adds bytes at the end. The result is raw, as in Redis. `tail` may lie in this string.
  void Append(Memory& memory, Bytes tail);
  // Writes bytes at an offset, padding with zeros when the string is shorter (SETRANGE). Writing no bytes changes
  // nothing. `bytes` may lie in this string.
  void Overwrite(Memory& memory, size_t offset, Bytes bytes);

  // The bytes, to be changed in their place. REQUIRES: size() > 0.
  char* Mutable(Memory& memory);

  // Redis' name: "int", "embstr" (44 bytes or less, never changed in place) or "raw".
  const char* encoding() const;

  // What the bytes take of the Memory, shared or not; nothing for an integer and the empty string.
  size_t memory_bytes() const;

 private:
  char* MakeWritable(Memory& memory, uint64_t size, Bytes arriving, Buffer** replaced);

  bool is_integer_ = false;
  bool changed_in_place_ = false;
  union {
    int64_t integer_;
    Buffer* buffer_ = nullptr;
  };
};

}  // namespace redislite::types
