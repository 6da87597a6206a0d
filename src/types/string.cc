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
constexpr size_t kEmbeddedBytesMax = 44;

// From here on a growing buffer gets a quarter more than it needs, below as much again.
constexpr uint64_t kLargeBytes = uint64_t{1} << 20;

size_t BufferBytes(uint64_t capacity) {
  const size_t bytes = offsetof(Buffer, bytes) + capacity + 1;
  return bytes < sizeof(Buffer) ? sizeof(Buffer) : bytes;
}

uint64_t Roomy(uint64_t size) { return size + (size < kLargeBytes ? size : size / 4); }

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

String::String(Memory& memory, Bytes bytes) {
  if (bytes.empty()) return;
  if (const std::optional<int64_t> integer = ParseInt64(bytes)) {
    is_integer_ = true;
    integer_ = *integer;
    return;
  }
  buffer_ = Buffer::Make(memory, bytes.size());
  std::memcpy(buffer_->bytes, bytes.data(), bytes.size());
  buffer_->bytes[bytes.size()] = '\0';
  buffer_->size = bytes.size();
}

String String::Raw(Memory& memory, uint64_t size, char** bytes) {
  String string;
  string.buffer_ = Buffer::Make(memory, size);
  string.buffer_->size = size;
  string.buffer_->bytes[size] = '\0';
  string.changed_in_place_ = true;
  *bytes = string.buffer_->bytes;
  return string;
}

String::String(String&& other) noexcept
    : is_integer_(std::exchange(other.is_integer_, false)),
      changed_in_place_(std::exchange(other.changed_in_place_, false)) {
  if (is_integer_) {
    integer_ = other.integer_;
    other.buffer_ = nullptr;
  } else {
    buffer_ = std::exchange(other.buffer_, nullptr);
  }
}

String& String::operator=(String&& other) noexcept {
  if (this != &other) {
    this->~String();
    new (this) String(std::move(other));
  }
  return *this;
}

String::~String() {
  if (!is_integer_ && buffer_ != nullptr) Buffer::Unref(buffer_);
}

String String::Clone() const {
  if (is_integer_) return String(integer_);
  String clone;
  clone.changed_in_place_ = changed_in_place_;
  if (buffer_ != nullptr) clone.buffer_ = Buffer::Ref(buffer_);
  return clone;
}

size_t String::size() const {
  char scratch[kInt64TextMax];
  return View(scratch).size();
}

Bytes String::View(char* scratch) const {
  if (is_integer_) return FormatInt64(integer_, scratch);
  if (buffer_ == nullptr) return "";
  return {buffer_->bytes, buffer_->size};
}

std::string String::ToString() const {
  char scratch[kInt64TextMax];
  return std::string(View(scratch));
}

// Makes this string's bytes its own, with room for `size` of them, and returns where they are. When they had to move
// and `arriving` lies among the old ones, those are left in `replaced`, for the caller to release when it has copied.
char* String::MakeWritable(Memory& memory, uint64_t size, Bytes arriving, Buffer** replaced) {
  Buffer* old = is_integer_ ? nullptr : buffer_;
  const bool own = old != nullptr && old->refs.load(std::memory_order_acquire) == 1;
  if (own && size <= old->capacity) return old->bytes;

  if (own && !LiesIn(arriving, *old)) {
    // Large blocks grow without a copy, where the system can remap them.
    const uint64_t capacity = Roomy(size);
    void* moved = memory.Reallocate(old, BufferBytes(old->capacity), BufferBytes(capacity));
    buffer_ = static_cast<Buffer*>(moved);
    buffer_->capacity = capacity;
    return buffer_->bytes;
  }

  char scratch[kInt64TextMax];
  const Bytes before = View(scratch);
  Buffer* made = Buffer::Make(memory, Roomy(size > before.size() ? size : before.size()));
  std::memcpy(made->bytes, before.data(), before.size());
  made->size = before.size();
  *replaced = old;
  is_integer_ = false;
  buffer_ = made;
  return made->bytes;
}

void String::Append(Memory& memory, Bytes tail) {
  const uint64_t before = size();
  if (before + tail.size() != 0) {
    Buffer* replaced = nullptr;
    char* bytes = MakeWritable(memory, before + tail.size(), tail, &replaced);
    if (!tail.empty()) std::memcpy(bytes + before, tail.data(), tail.size());
    buffer_->size = before + tail.size();
    bytes[buffer_->size] = '\0';
    if (replaced != nullptr) Buffer::Unref(replaced);
  }
  changed_in_place_ = true;
}

void String::Overwrite(Memory& memory, size_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  const uint64_t before = size();
  const uint64_t end = offset + bytes.size();
  const uint64_t after = end > before ? end : before;
  Buffer* replaced = nullptr;
  char* to = MakeWritable(memory, after, bytes, &replaced);
  std::memmove(to + offset, bytes.data(), bytes.size());
  if (offset > before) std::memset(to + before, 0, offset - before);
  buffer_->size = after;
  to[after] = '\0';
  if (replaced != nullptr) Buffer::Unref(replaced);
  changed_in_place_ = true;
}

char* String::Mutable(Memory& memory) {
  Buffer* replaced = nullptr;
  char* bytes = MakeWritable(memory, size(), {}, &replaced);
  if (replaced != nullptr) Buffer::Unref(replaced);
  changed_in_place_ = true;
  return bytes;
}

const char* String::encoding() const {
  if (is_integer_) return "int";
  return !changed_in_place_ && size() <= kEmbeddedBytesMax ? "embstr" : "raw";
}

size_t String::memory_bytes() const {
  return is_integer_ || buffer_ == nullptr ? 0 : Memory::Footprint(BufferBytes(buffer_->capacity));
}

}  // namespace redislite::types
