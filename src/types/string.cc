#include "types/string.h"

#include <cstddef>
#include <cstring>
#include <functional>
#include <new>
#include <optional>
#include <utility>

#include "base/number.h"

namespace redislite::types {

namespace {

// Longer strings Redis keeps apart from their object ("raw").
constexpr size_t kRedisEmbeddedMax = 44;

// From here on a growing buffer gets a quarter more than it needs, below as much again.
constexpr uint64_t kLargeBytes = uint64_t{1} << 20;

size_t BufferBytes(uint64_t capacity) {
  const size_t bytes = offsetof(Buffer, bytes) + capacity + 1;
  return bytes < sizeof(Buffer) ? sizeof(Buffer) : bytes;
}

uint64_t RoomyCapacity(uint64_t size) { return size + (size < kLargeBytes ? size : size / 4); }

bool LiesIn(Bytes bytes, const Buffer& buffer) {
  const std::less<const char*> less;
  return !less(bytes.data(), buffer.bytes) && less(bytes.data(), buffer.bytes + buffer.capacity + 1);
}

}  // namespace

Buffer* Buffer::Make(Memory& memory, uint64_t capacity) {
  auto* buffer = new (memory.Allocate(BufferBytes(capacity))) Buffer{{1}, 0, capacity, &memory, {}};
  return buffer;
}

Buffer* Buffer::Ref(Buffer* buffer) noexcept {
  buffer->refs.fetch_add(1, std::memory_order_relaxed);
  return buffer;
}

void Buffer::Unref(Buffer* buffer) noexcept {
  if (buffer->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  buffer->memory->Free(buffer, BufferBytes(buffer->capacity));
}

Pin::Pin(Pin&& other) noexcept
    : buffer_(std::exchange(other.buffer_, nullptr)), view_(std::exchange(other.view_, Bytes())) {}

Pin& Pin::operator=(Pin&& other) noexcept {
  std::swap(buffer_, other.buffer_);
  std::swap(view_, other.view_);
  return *this;
}

Pin::~Pin() {
  if (buffer_ != nullptr) Buffer::Unref(buffer_);
}

String::String(Memory& memory, Bytes bytes) : String(Borrow(bytes)) {
  if (kind() != kBorrowed) return;
  tag_ = kEmbedded;  // borrows no longer, should there be no memory
  size_ = 0;
  Buffer* buffer = Buffer::Make(memory, bytes.size());
  std::memcpy(buffer->bytes, bytes.data(), bytes.size());
  buffer->bytes[bytes.size()] = '\0';
  buffer->size = bytes.size();
  SetWord(kBuffer, buffer);
}

String String::Borrow(Bytes bytes) {
  String string;
  if (const std::optional<int64_t> integer = ParseInt64(bytes)) {
    string.SetWord(kInteger, *integer);
  } else if (bytes.size() <= kPayload) {
    string.size_ = static_cast<uint8_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(string.bytes_, bytes.data(), bytes.size());
  } else {
    string.SetWord(kBorrowed, bytes.data());
    const uint64_t size = bytes.size();
    std::memcpy(string.bytes_ + kPayloadMin, &size, kPayload - kPayloadMin);
  }
  return string;
}

String String::Raw(Memory& memory, uint64_t size, char** bytes) {
  String string;
  Buffer* buffer = Buffer::Make(memory, size);
  buffer->size = size;
  buffer->bytes[size] = '\0';
  string.SetWord(kBuffer, buffer);
  string.tag_ |= kChangedBit;
  *bytes = buffer->bytes;
  return string;
}

String::String(String&& other) noexcept : tag_(other.tag_), size_(other.size_) {
  std::memcpy(bytes_, other.bytes_, kPayload);
  other.tag_ = kEmbedded;
  other.size_ = 0;
}

String& String::operator=(String&& other) noexcept {
  if (this != &other) {
    const auto type = static_cast<uint8_t>(tag_ & ~kOwnBits);
    this->~String();
    new (this) String(std::move(other));
    tag_ = static_cast<uint8_t>((tag_ & kOwnBits) | type);
  }
  return *this;
}

void String::Drop() noexcept {
  if (kind() == kBuffer) Buffer::Unref(Word<Buffer*>());
}

String String::Clone() const {
  String clone;
  if (is_integer()) {
    clone.SetWord(kInteger, integer());
  } else if (Buffer* shared = buffer()) {
    clone.SetWord(kBuffer, Buffer::Ref(shared));
  } else {
    char unused[kInt64TextMax];
    const Bytes view = View(unused);
    if (view.size() <= kPayload) {
      clone.size_ = static_cast<uint8_t>(view.size());
      std::memcpy(clone.bytes_, view.data(), view.size());
    } else {
      clone = Borrow(view);
    }
  }
  if (changed_in_place()) clone.tag_ |= kChangedBit;
  return clone;
}

size_t String::size() const {
  char scratch[kInt64TextMax];
  return View(scratch).size();
}

Bytes String::View(char* scratch) const {
  switch (kind()) {
    case kEmbedded:
      return {payload(), size_};
    case kInteger:
      return FormatInt64(integer(), scratch);
    case kBuffer:
      return {Word<Buffer*>()->bytes, Word<Buffer*>()->size};
    case kBorrowed: {
      uint64_t size = 0;
      std::memcpy(&size, bytes_ + kPayloadMin, kPayload - kPayloadMin);
      return {Word<const char*>(), size};
    }
    case kObject:
      break;
  }
  return {};
}

std::string String::ToString() const {
  char scratch[kInt64TextMax];
  return std::string(View(scratch));
}

bool String::Embeds() const {
  switch (kind()) {
    case kEmbedded:
      return true;
    case kBuffer:
      return !changed_in_place() && Word<Buffer*>()->size <= kEmbeddedMax;
    case kBorrowed:
      return size() <= kEmbeddedMax;
    case kInteger:
    case kObject:
      break;
  }
  return false;
}

size_t String::RoomInEntry() const {
  const size_t bytes = Embeds() ? size() : 0;
  return bytes < kPayloadMin ? kPayloadMin : bytes;
}

void String::Settle(Memory& memory) {
  if (kind() != kBorrowed || Embeds()) return;
  char unused[kInt64TextMax];
  const Bytes bytes = View(unused);
  Buffer* buffer = Buffer::Make(memory, bytes.size());
  std::memcpy(buffer->bytes, bytes.data(), bytes.size());
  buffer->bytes[bytes.size()] = '\0';
  buffer->size = bytes.size();
  SetWord(kBuffer, buffer);
}

void String::MoveToEntry(void* place) noexcept {
  auto* to = static_cast<char*>(place);
  if (Embeds()) {
    char unused[kInt64TextMax];
    const Bytes bytes = View(unused);
    to[0] = static_cast<char>(tag_ & ~kKindBits);
    to[1] = static_cast<char>(bytes.size());
    if (!bytes.empty()) std::memcpy(to + 2, bytes.data(), bytes.size());
    Drop();
  } else {
    to[0] = static_cast<char>(tag_);
    to[1] = kPayloadMin;
    std::memcpy(to + 2, bytes_, kPayloadMin);
  }
  tag_ = kEmbedded;
  size_ = 0;
}

String String::Take(Memory& memory) {
  String taken;
  if (kind() == kEmbedded && size_ > kPayload) {
    Buffer* buffer = Buffer::Make(memory, size_);
    std::memcpy(buffer->bytes, payload(), size_);
    buffer->bytes[size_] = '\0';
    buffer->size = size_;
    taken.tag_ = tag_;
    taken.SetWord(kBuffer, buffer);
  } else {
    taken.tag_ = tag_;
    taken.size_ = kind() == kEmbedded ? size_ : kPayloadMin;
    std::memcpy(taken.bytes_, payload(), room() < kPayload ? room() : kPayload);
  }
  SetWord(kInteger, int64_t{0});  // keeps the room, by which the entry is freed
  return taken;
}

// This string's bytes in a buffer of its own that has room for `size`: the string's, or another for it to Hold when the
// caller has copied what is arriving, which may lie among the old bytes.
Buffer* String::MakeWritable(Memory& memory, uint64_t size, Bytes arriving) {
  Buffer* old = buffer();
  const bool own = old != nullptr && old->refs.load(std::memory_order_acquire) == 1;
  if (own && size <= old->capacity) return old;

  if (own && !LiesIn(arriving, *old)) {
    // Large blocks grow without a copy, where the system can remap them.
    const uint64_t capacity = RoomyCapacity(size);
    auto* moved = static_cast<Buffer*>(memory.Reallocate(old, BufferBytes(old->capacity), BufferBytes(capacity)));
    moved->capacity = capacity;
    SetWord(kBuffer, moved);
    return moved;
  }

  char scratch[kInt64TextMax];
  const Bytes before = View(scratch);
  Buffer* made = Buffer::Make(memory, RoomyCapacity(size > before.size() ? size : before.size()));
  std::memcpy(made->bytes, before.data(), before.size());
  made->size = before.size();
  return made;
}

void String::Hold(Buffer* buffer) noexcept {
  if (this->buffer() == buffer) return;
  Drop();
  SetWord(kBuffer, buffer);
}

void String::Append(Memory& memory, Bytes tail) {
  const uint64_t before = size();
  if (before + tail.size() != 0) {
    Buffer* to = MakeWritable(memory, before + tail.size(), tail);
    if (!tail.empty()) std::memcpy(to->bytes + before, tail.data(), tail.size());
    to->size = before + tail.size();
    to->bytes[to->size] = '\0';
    Hold(to);
  }
  tag_ |= kChangedBit;
}

void String::Overwrite(Memory& memory, size_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  const uint64_t before = size();
  const uint64_t end = offset + bytes.size();
  const uint64_t after = end > before ? end : before;
  if (kind() == kEmbedded && end <= before) {
    std::memmove(payload() + offset, bytes.data(), bytes.size());
  } else {
    Buffer* to = MakeWritable(memory, after, bytes);
    std::memmove(to->bytes + offset, bytes.data(), bytes.size());
    if (offset > before) std::memset(to->bytes + before, 0, offset - before);
    to->size = after;
    to->bytes[after] = '\0';
    Hold(to);
  }
  tag_ |= kChangedBit;
}

char* String::Mutable(Memory& memory) {
  tag_ |= kChangedBit;
  if (kind() == kEmbedded) return payload();
  Buffer* to = MakeWritable(memory, size(), {});
  to->bytes[to->size] = '\0';
  Hold(to);
  return to->bytes;
}

const char* String::encoding() const {
  if (is_integer()) return "int";
  return !changed_in_place() && size() <= kRedisEmbeddedMax ? "embstr" : "raw";
}

size_t String::memory_bytes() const {
  return kind() == kBuffer ? Memory::Footprint(BufferBytes(Word<Buffer*>()->capacity)) : 0;
}

}  // namespace redislite::types
