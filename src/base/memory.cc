#include "base/memory.h"

#include <cstdlib>
#include <cstring>

namespace redislite {

namespace {

// A reserve up to this size is kept from record to record.
constexpr size_t kReserveKeepBytes = 4 << 20;

}  // namespace

Memory::~Memory() { std::free(reserve_); }

void Memory::Account(size_t size) noexcept {
  const uint64_t now = used_.fetch_add(Footprint(size), std::memory_order_relaxed) + Footprint(size);
  uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

bool Memory::Refuses() noexcept {
  uint64_t allowed = allowed_.load(std::memory_order_relaxed);
  while (allowed != kNeverFail && allowed != 0 &&
         !allowed_.compare_exchange_weak(allowed, allowed - 1, std::memory_order_relaxed)) {
  }
  return allowed == 0;
}

void* Memory::MallocOrReserve(size_t size) noexcept {
  const bool refused = Refuses();
  void* block = refused ? nullptr : std::malloc(size);
  if (block != nullptr || reserve_user_.load(std::memory_order_relaxed) != std::this_thread::get_id()) return block;
  // malloc said no in the middle of an apply: give it the reserve back and ask again. One block, so that what is freed
  // is contiguous and large enough for what the leader foresaw.
  if (reserve_ != nullptr) {
    std::free(std::exchange(reserve_, nullptr));
    granted_ = std::exchange(reserve_bytes_, 0);
  }
  if (refused) {
    if (Footprint(size) > granted_) return nullptr;
    granted_ -= Footprint(size);
  }
  return std::malloc(size);
}

void* Memory::Allocate(size_t size) {
  void* block = MallocOrReserve(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  Account(size);
  return block;
}

void Memory::Free(void* pointer, size_t size) noexcept {
  if (pointer == nullptr) return;
  std::free(pointer);
  used_.fetch_sub(Footprint(size), std::memory_order_relaxed);
}

void* Memory::Reallocate(void* pointer, size_t old_size, size_t new_size) {
  const size_t wanted = new_size == 0 ? 1 : new_size;
  void* block = Refuses() ? nullptr : std::realloc(pointer, wanted);
  if (block == nullptr) {
    block = MallocOrReserve(wanted);
    if (block == nullptr) throw std::bad_alloc();
    if (pointer != nullptr) {
      std::memcpy(block, pointer, old_size < new_size ? old_size : new_size);
      std::free(pointer);
    }
  }
  if (pointer != nullptr) used_.fetch_sub(Footprint(old_size), std::memory_order_relaxed);
  Account(new_size);
  return block;
}

bool Memory::EnsureReserve(size_t bytes) noexcept {
  // A reserve that one huge record made is given back by the next ordinary one.
  if (reserve_bytes_ >= bytes && (reserve_bytes_ <= kReserveKeepBytes || bytes > kReserveKeepBytes)) return true;
  void* block = Refuses() ? nullptr : std::malloc(bytes);
  if (block == nullptr) return reserve_bytes_ >= bytes;
  std::free(std::exchange(reserve_, block));
  reserve_bytes_ = bytes;
  return true;
}

}  // namespace redislite
