// Slab: small blocks of memory, of which a store has millions, without a header each.
//
// Memory comes from the system in chunks of 2 MiB, aligned to their size. A chunk is 32 pages of 64 KiB; a page holds
// blocks of one size class. What is known of a page stands at the head of its chunk, so a block's address leads to it:
//
//     chunk   | Chunk: 32 descriptors | page 0 (what is left of it) | page 1 | ... | page 31 |
//     page    | block | block | block | free, never used ... |
//     block   what was asked for, rounded up to its class; once freed, the place of the next freed one (4 bytes)
//
// A class keeps its pages that have room in a list, and takes blocks from the first. A page that becomes empty goes
// back to the pool for any class; beyond a megabyte of such pages their memory goes back to the system, and a chunk
// that is empty altogether is unmapped. A page that was never reached takes no memory of the machine.
//
// Whoever has millions of blocks touches one of them at random, and pays more for finding the page's address than for
// the block. So beyond kPlainChunks a chunk is one huge page of the system, which fills up before the next is mapped;
// the first page that it gives back makes an ordinary one of it again. The first touch of a huge page waits until all
// of it is there, some milliseconds where a host has to find it first: so the next chunk is asked for while there are
// still one to three to be filled, and somebody who has the time prepares it (OnLow, PrepareChunk).
//
// Deletes leave pages of which most blocks are free. Who can move blocks asks of each whether it Empties, and takes
// another for it when it does: a page under three quarters full is then given no more blocks, and goes back with its
// last one. No more pages are emptied than leave room on the others for all blocks, so that it takes no page to empty
// one. Rejected: keeping a class's pages in order of their blocks, to fill the fullest first, which costs each Free.
//
// EnsureReserve holds empty pages back for an apply (see Memory). Each class may need one of its own, whatever the
// bytes, so that many more are held: they are addresses, not memory.
//
// Sanitizers see each block on its own only when it comes from malloc: in their builds it does.
//
// Threads: any. A lock a class, and one for the pool.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/mutex.h"

namespace redislite {

class Slab {
 public:
  // Larger blocks are malloc's.
  static constexpr size_t kBlockMax = 2048;

  Slab();
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // What a request of `size` bytes, at most kBlockMax, takes: steps of 8 bytes to 256, then sixteen to each doubling.
  static constexpr size_t BlockSize(size_t size) { return SizeOfClass(ClassOf(size)); }

  // A block aligned to 8; null when there is none. `from_reserve`: the pages that are held back may be taken.
  void* Allocate(size_t size, bool from_reserve) noexcept;
  void Free(void* block, size_t size) noexcept;

  // Makes sure that `bytes` of blocks, of any sizes, can be had from the reserve. False: they cannot; no more is held
  // back than before.
  bool EnsureReserve(size_t bytes) noexcept EXCLUDES(pool_mu_);

  // `low` is called, under a lock, when there is little left beside what is held back; PrepareChunk then makes a chunk
  // more. True: it has, and there may be need of another. To be set before anybody else calls.
  void OnLow(std::function<void()> low) { low_ = std::move(low); }
  bool PrepareChunk() noexcept EXCLUDES(pool_mu_);

  // True: the block stands on a page that is to be emptied, and should be moved. Where blocks are malloc's, always: so
  // sanitizers see who keeps an old address.
  bool Empties(const void* block, size_t size) noexcept;
  // The pages that were to be emptied and still have blocks are given new ones again. Returns the bytes of those that
  // were emptied since the last call.
  size_t StopEmptying() noexcept;
  // What is free, in whole pages of each class, beyond what the moving that is asked for will fill: what emptying could
  // give back.
  size_t spare_bytes() const;

  // What is held of the system in pages that have a block, and in those kept for the next.
  size_t resident_bytes() const EXCLUDES(pool_mu_);
  // Chunks mapped, for tests.
  size_t chunks() const EXCLUDES(pool_mu_);

 private:
  static constexpr size_t kPageBytes = 64 << 10;
  static constexpr size_t kPages = 32;
  static constexpr size_t kChunkBytes = kPageBytes * kPages;
  static constexpr size_t kFineClasses = 32;  // of 8 bytes each
  static constexpr size_t kClasses = kFineClasses + size_t{16} * 3;
  static constexpr size_t kDirtyPagesMax = 16;
  static constexpr size_t kPlainChunks = 4;
  static constexpr size_t kChunksAnother = 64;  // for so many there is one more ahead, up to three

  static constexpr size_t ClassOf(size_t size) {
    if (size <= 8 * kFineClasses) return size == 0 ? 0 : (size - 1) / 8;
    const auto doubling = static_cast<size_t>(std::bit_width(size - 1)) - 9;  // 0: 257 to 512
    return kFineClasses + doubling * 16 + ((size - 1) >> (4 + doubling)) - 16;
  }
  static constexpr size_t SizeOfClass(size_t index) {
    if (index < kFineClasses) return (index + 1) * 8;
    const size_t doubling = (index - kFineClasses) / 16;
    return (17 + (index - kFineClasses) % 16) << (4 + doubling);
  }

  // In a list of its class when some of its blocks are used and some not; in the pool's when none is.
  struct Page {
    Page* next;
    Page* previous;
    char* base;
    uint32_t freed;  // offset of the block that was freed last; kNone
    uint16_t used;
    uint16_t fresh;  // blocks from this one on have never been used
    uint16_t capacity;
    bool dirty;     // takes the machine's memory
    bool emptying;  // is given no more blocks
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Chunk {
    std::array<Page, kPages> pages;
    Chunk* next;
    Chunk* previous;
    size_t pages_used;
    bool huge;
  };
  static constexpr size_t kChunkHeadBytes = 2048;
  static_assert(sizeof(Chunk) <= kChunkHeadBytes);

  struct Class {
    mutable Mutex mu;
    Page* with_room GUARDED_BY(mu) = nullptr;
    Page* emptying GUARDED_BY(mu) = nullptr;
    // Free blocks of all other pages, less those that the blocks of the emptying ones will take.
    int64_t room GUARDED_BY(mu) = 0;
    size_t emptied GUARDED_BY(mu) = 0;
  };

  static Chunk* ChunkOf(const void* address);
  static Page* PageOf(const void* block);
  static void Push(Page*& list, Page* page) noexcept;
  static void Unlink(Page*& list, Page* page) noexcept;

  Page* TakePage(bool from_reserve) noexcept EXCLUDES(pool_mu_);
  void ReturnPage(Page* page) noexcept EXCLUDES(pool_mu_);
  static Chunk* MapChunk(bool huge) noexcept;
  void Add(Chunk* chunk) noexcept REQUIRES(pool_mu_);
  bool AddChunk() noexcept REQUIRES(pool_mu_);
  // Free pages that are kept for the next to come.
  size_t PagesAhead() const REQUIRES(pool_mu_) {
    return kPages * (chunk_count_ < 2 * kChunksAnother ? 1 + chunk_count_ / kChunksAnother : 3);
  }
  bool IsLow() const REQUIRES(pool_mu_) {
    return chunk_count_ >= kPlainChunks && free_count_ < reserved_ + PagesAhead();
  }
  void UnmapSpareChunk(Chunk* chunk) noexcept REQUIRES(pool_mu_);

  std::array<Class, kClasses> classes_;

  mutable Mutex pool_mu_;
  Chunk* chunks_ GUARDED_BY(pool_mu_) = nullptr;
  size_t chunk_count_ GUARDED_BY(pool_mu_) = 0;
  Page* free_pages_ GUARDED_BY(pool_mu_) = nullptr;
  size_t free_count_ GUARDED_BY(pool_mu_) = 0;
  size_t dirty_count_ GUARDED_BY(pool_mu_) = 0;  // of the free ones
  size_t reserved_ GUARDED_BY(pool_mu_) = 0;
  bool is_low_ GUARDED_BY(pool_mu_) = false;  // and low_ has been called
  std::function<void()> low_;
};
static_assert(Slab::BlockSize(Slab::kBlockMax) == Slab::kBlockMax && Slab::BlockSize(257) == 272);

}  // namespace redislite
