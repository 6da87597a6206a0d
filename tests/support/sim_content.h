// Content: the bytes of a simulated file, in pages that copies share.
//
// A copy costs a pointer a page. Who changes a content names itself as the owner: pages that another owner made are
// copied first, so that a snapshot of a whole disk is taken by taking a new owner number and costs no bytes. Pages
// that several threads share are never changed; one Content is used by one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace redislite::sim {

inline constexpr uint64_t kPageBytes = 4096;

// The hash of some bytes: for telling disks apart, no defence against anybody.
uint64_t HashBytes(uint64_t seed, Bytes bytes);
inline uint64_t MixHash(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

// An owner number that nobody has had.
uint64_t NewOwner();

class Content {
 public:
  uint64_t size() const { return size_; }

  // Reads up to `size` bytes; fewer at the end.
  size_t Read(uint64_t offset, char* buffer, size_t size) const;
  std::string ReadAll() const;
  // Writes, growing the file when need be; what lies between is zeros.
  void Write(uint64_t owner, uint64_t offset, Bytes bytes);
  // Cuts, or extends with zeros.
  void Resize(uint64_t owner, uint64_t size);
  // The same for the same bytes, however they came to be. Hashes of pages are kept, so that it costs what has changed.
  uint64_t Hash() const;

 private:
  struct Page {
    explicit Page(uint64_t owner_number) : owner(owner_number) {}
    Page(uint64_t owner_number, const Page& other);
    const uint64_t owner;
    mutable std::atomic<uint64_t> hash{0};  // 0: not known
    char bytes[kPageBytes] = {};
  };

  char* Own(uint64_t owner, size_t index);

  uint64_t size_ = 0;
  // As many as the size needs; null is a page of zeros, and bytes behind the size are zeros.
  std::vector<std::shared_ptr<Page>> pages_;
};

}  // namespace redislite::sim
