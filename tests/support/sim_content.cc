#include "tests/support/sim_content.h"

#include <algorithm>
#include <cstring>

namespace redislite::sim {
namespace {

constexpr uint64_t kMultiplier = 0xff51afd7ed558ccd;

bool AllZeros(const char* bytes, size_t size) {
  return size == 0 || (bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0);
}

}  // namespace

uint64_t HashBytes(uint64_t seed, Bytes bytes) {
  // Four lanes, so that the multiplications do not wait for each other.
  uint64_t lanes[4] = {seed, seed ^ 0x243f6a8885a308d3, seed ^ 0x13198a2e03707344, seed ^ 0xa4093822299f31d0};
  while (bytes.size() >= sizeof(lanes)) {
    uint64_t words[4];
    std::memcpy(words, bytes.data(), sizeof(words));
    for (int i = 0; i < 4; ++i) {
      lanes[i] = (lanes[i] ^ words[i]) * kMultiplier;
      lanes[i] ^= lanes[i] >> 29;
    }
    bytes.remove_prefix(sizeof(words));
  }
  uint64_t hash = bytes.size();
  for (const uint64_t lane : lanes) hash = MixHash(hash, lane);
  for (const char byte : bytes) hash = MixHash(hash, static_cast<unsigned char>(byte));
  return hash;
}

uint64_t NewOwner() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

Content::Page::Page(uint64_t owner_number, const Page& other) : owner(owner_number) {
  std::memcpy(bytes, other.bytes, kPageBytes);
}

size_t Content::Read(uint64_t offset, char* buffer, size_t size) const {
  if (offset >= size_) return 0;
  size = static_cast<size_t>(std::min<uint64_t>(size, size_ - offset));
  for (size_t done = 0; done < size;) {
    const uint64_t position = offset + done;
    const size_t start = position % kPageBytes;
    const size_t count = std::min<size_t>(kPageBytes - start, size - done);
    const Page* page = pages_[position / kPageBytes].get();
    if (page != nullptr) {
      std::memcpy(buffer + done, page->bytes + start, count);
    } else {
      std::memset(buffer + done, 0, count);
    }
    done += count;
  }
  return size;
}

std::string Content::ReadAll() const {
  std::string bytes(size_, '\0');
  Read(0, bytes.data(), bytes.size());
  return bytes;
}

char* Content::Own(uint64_t owner, size_t index) {
  std::shared_ptr<Page>& page = pages_[index];
  if (page == nullptr) {
    page = std::make_shared<Page>(owner);
  } else if (page->owner != owner) {
    page = std::make_shared<Page>(owner, *page);
  } else {
    page->hash.store(0, std::memory_order_relaxed);
  }
  return page->bytes;
}

void Content::Write(uint64_t owner, uint64_t offset, Bytes bytes) {
  if (offset + bytes.size() > size_) Resize(owner, offset + bytes.size());
  while (!bytes.empty()) {
    const size_t index = offset / kPageBytes;
    const size_t start = offset % kPageBytes;
    const size_t count = std::min<size_t>(kPageBytes - start, bytes.size());
    if (pages_[index] != nullptr || !AllZeros(bytes.data(), count)) {
      std::memcpy(Own(owner, index) + start, bytes.data(), count);
    }
    bytes.remove_prefix(count);
    offset += count;
  }
}

void Content::Resize(uint64_t owner, uint64_t size) {
  const bool shrinks = size < size_;
  size_ = size;
  pages_.resize((size + kPageBytes - 1) / kPageBytes);
  const size_t used = size % kPageBytes;
  if (shrinks && used != 0 && pages_.back() != nullptr) {
    std::memset(Own(owner, pages_.size() - 1) + used, 0, kPageBytes - used);
  }
}

uint64_t Content::Hash() const {
  static const uint64_t zeros = HashBytes(0, Bytes(Page(0).bytes, kPageBytes));
  uint64_t hash = size_;
  for (const std::shared_ptr<Page>& page : pages_) {
    uint64_t page_hash = zeros;
    if (page != nullptr) {
      page_hash = page->hash.load(std::memory_order_relaxed);
      if (page_hash == 0) {
        page_hash = HashBytes(0, Bytes(page->bytes, kPageBytes));
        page->hash.store(page_hash, std::memory_order_relaxed);
      }
    }
    hash = MixHash(hash, page_hash);
  }
  return hash;
}

}  // namespace redislite::sim
