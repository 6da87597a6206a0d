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

void* Memory::Get(size_t size, bool from_reserve) noexcept {
  return size <= Slab::kBlockMax ? slab_.Allocate(size, from_reserve) : std::malloc(Usable(size));
}

void Memory::Release(void* block, size_t size) noexcept {
  size <= Slab::kBlockMax ? slab_.Free(block, size) : std::free(block);
}

void* Memory::GetOrReserve(size_t size) noexcept {
  const bool refused = Refuses();
  void* block = refused ? nullptr : Get(size, false);
  if (block != nullptr || reserve_user_.load(std::memory_order_relaxed) != std::this_thread::get_id()) return block;
  // The system said no in the middle of an apply: give malloc the reserve back and ask again. One block, so that what
  // is freed is contiguous and large enough for what the leader foresaw.
  (void)ReleaseReserve();
  if (refused) {
    if (Footprint(size) > granted_) return nullptr;
    granted_ -= Footprint(size);
  }
  return Get(size, true);
}

void* Memory::Allocate(size_t size) {
  void* block = GetOrReserve(size);
  if (block == nullptr) throw std::bad_alloc();
  Account(size);
  return block;
}

void Memory::Free(void* pointer, size_t size) noexcept {
  if (pointer == nullptr) return;
  Release(pointer, size);
  used_.fetch_sub(Footprint(size), std::memory_order_relaxed);
}

void* Memory::Reallocate(void* pointer, size_t old_size, size_t new_size) {
  if (pointer == nullptr) return Allocate(new_size);
  if (Footprint(old_size) == Footprint(new_size)) return pointer;
  void* block = nullptr;
  if (old_size > Slab::kBlockMax && new_size > Slab::kBlockMax) {
    block = Refuses() ? nullptr : std::realloc(pointer, Usable(new_size));
  }
  if (block == nullptr) {
    block = GetOrReserve(new_size);
    if (block == nullptr) throw std::bad_alloc();
    std::memcpy(block, pointer, old_size < new_size ? old_size : new_size);
    Release(pointer, old_size);
  }
  used_.fetch_sub(Footprint(old_size), std::memory_order_relaxed);
  Account(new_size);
  return block;
}

bool Memory::ReleaseReserve() noexcept {
  if (reserve_ == nullptr) return false;
  std::free(std::exchange(reserve_, nullptr));
  granted_ = std::exchange(reserve_bytes_, 0);
  return true;
}

bool Memory::EnsureReserve(size_t bytes) noexcept {
  // A reserve that one huge record made is given back by the next ordinary one.
  if (reserve_bytes_ >= bytes && (reserve_bytes_ <= kReserveKeepBytes || bytes > kReserveKeepBytes)) return true;
  if (Refuses() || !slab_.EnsureReserve(bytes)) return reserve_bytes_ >= bytes;
  void* block = std::malloc(bytes);
  if (block == nullptr) return reserve_bytes_ >= bytes;
  std::free(std::exchange(reserve_, block));
  reserve_bytes_ = bytes;
  return true;
}

}  // namespace redislite
