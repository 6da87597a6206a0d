// Member: the bytes of a set's member, in one block with their length in front.
//
//     | length below 255 | bytes |        or        | 0xff | length, 4 bytes | bytes |
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/siphash.h"

namespace redislite::types {

class Member {
 public:
  static Member* Make(Memory& memory, Bytes bytes) {
    char* at = static_cast<char*>(memory.Allocate(SizeOf(bytes)));
    Write(at, bytes);
    return reinterpret_cast<Member*>(at);
  }
  static void Free(Memory& memory, Member* member) noexcept { memory.Free(member, member->size()); }

  Bytes bytes() const { return Read(reinterpret_cast<const char*>(this)); }
  size_t size() const { return SizeOf(bytes()); }  // of the block

  // For who keeps something in front of the member. Throws std::bad_alloc for a length that nothing can have.
  static size_t SizeOf(Bytes bytes) {
    if (bytes.size() > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
    return bytes.size() + (bytes.size() < kLong ? 1 : 1 + sizeof(uint32_t));
  }
  static void Write(char* at, Bytes bytes) {
    if (bytes.size() < kLong) {
      *at++ = static_cast<char>(bytes.size());
    } else {
      const auto length = static_cast<uint32_t>(bytes.size());
      *at++ = static_cast<char>(kLong);
      std::memcpy(at, &length, sizeof length);
      at += sizeof length;
    }
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  }
  static Bytes Read(const char* at) {
    const auto first = static_cast<uint8_t>(*at++);
    if (first < kLong) return {at, first};
    uint32_t length;
    std::memcpy(&length, at, sizeof length);
    return {at + sizeof length, length};
  }

 private:
  static constexpr size_t kLong = 0xff;
};

// Computed again when it is needed: 8 bytes a member are worth more.
struct MemberHash {
  const HashSeed* seed;

  uint64_t operator()(const Member& member) const { return SipHash13(*seed, member.bytes()); }
};

}  // namespace redislite::types
