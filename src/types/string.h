// String: Redis' string value. Pure memory; knows no key, clock or disk.
//
// An integer in canonical form is kept as an int64_t; a short string in the object itself; anything else in a
// reference-counted buffer that does not change while somebody else holds it, so that a pinned read, a COPY and a
// snapshot need no copy of the bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
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

// A string has two places: a variable, and an entry of the keyspace (see engine/entry.h), where it has no more payload
// than it needs, and at least 8 bytes, so that whatever it is, it can become a buffer where it stands:
//
//     | tag (1) | size (1) | payload: 14 bytes in a variable, size or 8 of them in an entry |
//
//     tag        kind in bits 0 to 2, changed in place in bit 3, the Value's type in bits 4 to 6
//     embedded   size = the string's bytes, in the payload
//     integer    size = the payload's bytes; an int64_t in the first 8
//     buffer     size = the payload's bytes; a Buffer* in the first 8
//     borrowed   in a variable only: bytes of somebody else's, a const char* and 48 bits of length
//
// It has no alignment: what is in the payload is copied in and out.
class String {
 public:
  // The longest that an entry takes in.
  static constexpr size_t kEmbeddedMax = 255;

  String() = default;  // the empty string
  // "12" becomes an integer; other bytes are copied. May throw std::bad_alloc, as everything below that takes a Memory.
  String(Memory& memory, Bytes bytes);
  // As String(memory, bytes), without a copy: the bytes must stay until the string is put into an entry or dies.
  static String Borrow(Bytes bytes);
  // `size` bytes, at least one, which the caller fills in at `bytes` before the string is used. The result is raw,
  // whatever it comes to say.
  static String Raw(Memory& memory, uint64_t size, char** bytes);
  explicit String(int64_t integer) { SetWord(kInteger, integer); }
  // Only variables are moved: an entry's string leaves by Take.
  String(String&& other) noexcept;
  String& operator=(String&& other) noexcept;
  ~String() { Drop(); }

  // Shares the bytes with this one until either changes. Those that an entry has embedded are borrowed.
  String Clone() const;

  size_t size() const;
  bool is_integer() const { return kind() == kInteger; }
  int64_t integer() const { return Word<int64_t>(); }

  // The bytes; an integer is printed into `scratch` (kInt64TextMax bytes). Valid until this string changes or scratch
  // dies.
  Bytes View(char* scratch) const;
  std::string ToString() const;
  // The buffer to pin for a read without a copy; null when the bytes are not in one.
  Buffer* buffer() const { return kind() == kBuffer ? Word<Buffer*>() : nullptr; }

  // Adds bytes at the end. The result is raw, as in Redis. `tail` may lie in this string.
  void Append(Memory& memory, Bytes tail);
  // Writes bytes at an offset, padding with zeros when the string is shorter (SETRANGE). Writing no bytes changes
  // nothing. `bytes` may lie in this string.
  void Overwrite(Memory& memory, size_t offset, Bytes bytes);

  // The bytes, to be changed in their place. REQUIRES: size() > 0.
  char* Mutable(Memory& memory);

  // Redis' name: "int", "embstr" (44 bytes or less, never changed in place) or "raw".
  const char* encoding() const;

  // What the bytes take of the Memory, shared or not, beside this object.
  size_t memory_bytes() const;

 private:
  friend class Value;
  enum Kind : uint8_t { kEmbedded, kInteger, kBuffer, kBorrowed, kObject };  // an object is no string, but a Value
  static constexpr uint8_t kKindBits = 7;
  static constexpr uint8_t kChangedBit = 8;
  static constexpr uint8_t kOwnBits = kKindBits | kChangedBit;  // the others are the Value's
  static constexpr size_t kPayload = 14;
  static constexpr size_t kPayloadMin = 8;

  Kind kind() const { return static_cast<Kind>(tag_ & kKindBits); }
  bool changed_in_place() const { return (tag_ & kChangedBit) != 0; }
  // The payload of this place. Not the array: an entry's may be longer.
  char* payload() { return reinterpret_cast<char*>(this) + 2; }
  const char* payload() const { return reinterpret_cast<const char*>(this) + 2; }
  size_t room() const { return size_ < kPayloadMin ? kPayloadMin : size_; }
  template <typename T>
  T Word() const {
    T word;
    std::memcpy(&word, payload(), sizeof(word));
    return word;
  }
  template <typename T>
  void SetWord(Kind kind, T word) {
    static_assert(sizeof(word) == kPayloadMin);
    size_ = static_cast<uint8_t>(room());
    tag_ = static_cast<uint8_t>((tag_ & ~kKindBits) | kind);
    std::memcpy(payload(), &word, sizeof(word));
  }
  void Drop() noexcept;

  // Whether an entry takes its bytes in, after Settle.
  bool Embeds() const;
  // The payload that an entry must have for it, after Settle.
  size_t RoomInEntry() const;
  // Gives a borrowed string that is too long for an entry a buffer.
  void Settle(Memory& memory);
  // Writes it to an entry's place, which is raw memory with that much room. This one is then empty.
  void MoveToEntry(void* place) noexcept;
  // Takes it out of an entry, which is then only to be freed.
  String Take(Memory& memory);

  Buffer* MakeWritable(Memory& memory, uint64_t size, Bytes arriving);
  void Hold(Buffer* buffer) noexcept;

  uint8_t tag_ = kEmbedded;
  uint8_t size_ = 0;
  char bytes_[kPayload];  // NOLINT(modernize-use-default-member-init): written when there is something to write
};

}  // namespace redislite::types
