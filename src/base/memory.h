// Memory: where all of a store's data comes from.
//
// Promise: exact accounting (`used()` is the sum of what was asked for and not yet freed, each rounded up to the block
// that it takes), one place where an allocation can fail, and a reserve that lets apply run without failing:
// the commit pipeline calls EnsureReserve before a record is logged (where running out of memory is still an ordinary
// error) and opens a ReserveScope while it applies; inside it, an allocation that malloc refuses is taken from the
// reserve.
//
// Blocks up to Slab::kBlockMax come from a Slab, larger ones from malloc.
//
// Owner: the engine, one a store. Threads: Allocate and Free from any; EnsureReserve and ReserveScope by the leader
// only. It never touches the host's allocator hooks (I9).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <thread>
#include <utility>

#include "base/slab.h"

namespace redislite {

class Memory {
 public:
  Memory() = default;
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Returns `size` bytes, aligned to 8. Throws std::bad_alloc when there are none, in a ReserveScope only after the
  // reserve is empty.
  void* Allocate(size_t size);

  // Releases what Allocate returned; `size` is the size that was asked for. NULL is accepted.
  void Free(void* pointer, size_t size) noexcept;

  // Grows what Allocate returned, keeping its bytes. Throws std::bad_alloc and leaves the old block as it was.
  void* Reallocate(void* pointer, size_t old_size, size_t new_size);

  template <typename T, typename... A>
  T* New(A&&... arguments) {
    static_assert(alignof(T) <= 8);
    void* place = Allocate(sizeof(T));
    try {
      return new (place) T(std::forward<A>(arguments)...);
    } catch (...) {
      Free(place, sizeof(T));
      throw;
    }
  }
  template <typename T>
  void Delete(T* object) noexcept {
    if (object == nullptr) return;
    object->~T();
    Free(object, sizeof(T));
  }

  // What a request of `size` bytes counts for in used(): its block, or what malloc really takes on a 64-bit glibc, an
  // 8-byte header, rounded to 16.
  static constexpr size_t Footprint(size_t size) {
    return size <= Slab::kBlockMax ? Slab::BlockSize(size) : (size + 8 + 15) & ~size_t{15};
  }
  // How many bytes such a request may as well ask for: they take no more.
  static constexpr size_t Usable(size_t size) {
    return size <= Slab::kBlockMax ? Slab::BlockSize(size) : Footprint(size) - 8;
  }

  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }
  // What the small blocks hold of the machine's memory, those included that are free for the next.
  size_t slab_bytes() const { return slab_.resident_bytes(); }

  // For who can move blocks: see Slab. Blocks that are not of the slab stay where they are.
  bool Empties(const void* block, size_t size) noexcept {
    return size <= Slab::kBlockMax && slab_.Empties(block, size);
  }
  size_t StopEmptying() noexcept { return slab_.StopEmptying(); }
  size_t spare_bytes() const { return slab_.spare_bytes(); }
  // For who can wait for the system's memory better than an Allocate: see Slab.
  void OnLow(std::function<void()> low) { slab_.OnLow(std::move(low)); }
  bool PrepareChunk() noexcept { return slab_.PrepareChunk(); }

  // Makes sure that at least `bytes` are held back for a ReserveScope. False when they are not to be had: nothing
  // changed.
  bool EnsureReserve(size_t bytes) noexcept;
  // Gives the reserve to the heap, for what does not come from here. False when it is gone already.
  bool ReleaseReserve() noexcept;

  // For tests: after `allocations` more, malloc says no, until told otherwise. The reserve stays good for the bytes it
  // has.
  static constexpr uint64_t kNeverFail = ~uint64_t{0};
  void FailAfter(uint64_t allocations) { allowed_.store(allocations, std::memory_order_relaxed); }

  class ReserveScope {
   public:
    explicit ReserveScope(Memory& memory) : memory_(memory) { memory_.reserve_user_ = std::this_thread::get_id(); }
    ~ReserveScope() {
      memory_.reserve_user_ = std::thread::id();
      memory_.granted_ = 0;
    }
    ReserveScope(const ReserveScope&) = delete;
    ReserveScope& operator=(const ReserveScope&) = delete;

   private:
    Memory& memory_;
  };

 private:
  void* Get(size_t size, bool from_reserve) noexcept;
  void Release(void* block, size_t size) noexcept;
  void* GetOrReserve(size_t size) noexcept;
  bool Refuses() noexcept;
  void Account(size_t size) noexcept;

  std::atomic<uint64_t> used_{0};
  std::atomic<uint64_t> peak_{0};

  std::atomic<uint64_t> allowed_{kNeverFail};  // allocations until FailAfter's refusal

  Slab slab_;

  // The reserve: pages of the slab, and a block that goes back to malloc when an apply needs it. Only the thread in a
  // ReserveScope may take it.
  std::atomic<std::thread::id> reserve_user_{};
  void* reserve_ = nullptr;
  size_t reserve_bytes_ = 0;
  size_t granted_ = 0;  // what a test's refusal still lets through, since the reserve went back to malloc
};

}  // namespace redislite
