#include "base/slab.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace redislite {

namespace {

// The sweep over all allocations (tests/faults) asks for malloc too.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(REDISLITE_SLAB_IS_MALLOC)
constexpr bool kUsesMalloc = true;
#elif defined(__has_feature)
constexpr bool kUsesMalloc =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool kUsesMalloc = false;
#endif

}  // namespace

Slab::Slab() = default;

Slab::~Slab() {
  MutexLock lock(pool_mu_);
  while (chunks_ != nullptr) ::munmap(std::exchange(chunks_, chunks_->next), kChunkBytes);
}

Slab::Chunk* Slab::ChunkOf(const void* address) {
  const auto number = reinterpret_cast<uintptr_t>(address) & ~(uintptr_t{kChunkBytes} - 1);
  return reinterpret_cast<Chunk*>(number);  // NOLINT(performance-no-int-to-ptr): chunks are aligned to their size
}

Slab::Page* Slab::PageOf(const void* block) {
  return &ChunkOf(block)->pages[reinterpret_cast<uintptr_t>(block) / kPageBytes % kPages];
}

void Slab::Push(Page*& list, Page* page) noexcept {
  page->previous = nullptr;
  page->next = list;
  if (list != nullptr) list->previous = page;
  list = page;
}

void Slab::Unlink(Page*& list, Page* page) noexcept {
  if (page->next != nullptr) page->next->previous = page->previous;
  (page->previous != nullptr ? page->previous->next : list) = page->next;
}

Slab::Chunk* Slab::MapChunk(bool huge) noexcept {
  // Twice as much, of which the part that is aligned is kept.
  void* mapped =
      ::mmap(nullptr, 2 * kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const begin = static_cast<char*>(mapped);
  const size_t before = (kChunkBytes - reinterpret_cast<uintptr_t>(begin) % kChunkBytes) % kChunkBytes;
  char* const base = begin + before;
  if (before != 0) ::munmap(begin, before);
  ::munmap(base + kChunkBytes, kChunkBytes - before);

  // Before it is touched; where the system has none, it is an ordinary one.
  huge = huge && ::madvise(base, kChunkBytes, MADV_HUGEPAGE) == 0;
  auto* chunk = reinterpret_cast<Chunk*>(base);  // all zeros
  chunk->huge = huge;
  return chunk;
}

void Slab::Add(Chunk* chunk) noexcept {
  char* const base = reinterpret_cast<char*>(chunk);
  for (size_t i = kPages; i-- > 0;) {
    Page& page = chunk->pages[i];
    page.base = base + i * kPageBytes + (i == 0 ? kChunkHeadBytes : 0);
    Push(free_pages_, &page);
  }
  free_count_ += kPages;
  chunk->next = chunks_;
  if (chunks_ != nullptr) chunks_->previous = chunk;
  chunks_ = chunk;
  ++chunk_count_;
}

bool Slab::AddChunk() noexcept {
  Chunk* chunk = MapChunk(chunk_count_ >= kPlainChunks);
  if (chunk == nullptr) return false;
  Add(chunk);
  return true;
}

bool Slab::PrepareChunk() noexcept {
  {
    MutexLock lock(pool_mu_);
    if (!is_low_) return false;
  }
  Chunk* chunk = MapChunk(true);
  MutexLock lock(pool_mu_);
  if (chunk != nullptr) Add(chunk);
  is_low_ = chunk != nullptr && IsLow();
  return chunk != nullptr;
}

void Slab::UnmapSpareChunk(Chunk* chunk) noexcept {
  if (chunk->pages_used != 0 || free_count_ < reserved_ + kPages + PagesAhead()) return;
  for (Page& page : chunk->pages) {
    Unlink(free_pages_, &page);
    dirty_count_ -= page.dirty ? 1 : 0;
  }
  free_count_ -= kPages;
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  (chunk->previous != nullptr ? chunk->previous->next : chunks_) = chunk->next;
  --chunk_count_;
  ::munmap(chunk, kChunkBytes);
}

Slab::Page* Slab::TakePage(bool from_reserve) noexcept {
  MutexLock lock(pool_mu_);
  if (free_count_ <= reserved_ && !AddChunk() && !from_reserve) return nullptr;
  Page* page = free_pages_;
  if (page == nullptr) return nullptr;
  Unlink(free_pages_, page);
  --free_count_;
  if (page->dirty) --dirty_count_;
  page->dirty = true;
  ++ChunkOf(page)->pages_used;
  if (low_ != nullptr && IsLow() && !std::exchange(is_low_, true)) low_();
  return page;
}

void Slab::ReturnPage(Page* page) noexcept {
  MutexLock lock(pool_mu_);
  if (dirty_count_ < kDirtyPagesMax) {
    ++dirty_count_;
  } else {
    // Else the system would make the huge page whole again behind our back.
    if (Chunk* chunk = ChunkOf(page); std::exchange(chunk->huge, false))
      (void)::madvise(chunk, kChunkBytes, MADV_NOHUGEPAGE);
    // The chunk's head stays: of page 0, what is behind the head's own page of the system.
    constexpr size_t kSystemPageMax = 16 << 10;
    const bool first = reinterpret_cast<uintptr_t>(page->base) % kPageBytes != 0;
    char* const from = first ? page->base - kChunkHeadBytes + kSystemPageMax : page->base;
    (void)::madvise(from, kPageBytes - (first ? kSystemPageMax : 0), MADV_DONTNEED);
    page->dirty = false;
  }
  Push(free_pages_, page);
  ++free_count_;
  Chunk* chunk = ChunkOf(page);
  --chunk->pages_used;
  UnmapSpareChunk(chunk);
}

void* Slab::Allocate(size_t size, bool from_reserve) noexcept {
  // A block is good for any size of its class.
  if (kUsesMalloc) return std::malloc(BlockSize(size));
  const size_t index = ClassOf(size);
  const size_t block_size = SizeOfClass(index);
  Class& home = classes_[index];
  MutexLock lock(home.mu);
  Page* page = home.with_room;
  if (page == nullptr) {
    page = TakePage(from_reserve);
    if (page == nullptr) return nullptr;
    const size_t room = kPageBytes - reinterpret_cast<uintptr_t>(page->base) % kPageBytes;
    page->freed = kNone;
    page->used = page->fresh = 0;
    page->capacity = static_cast<uint16_t>(room / block_size);
    home.room += page->capacity;
    Push(home.with_room, page);
  }
  --home.room;
  char* block;
  if (page->freed != kNone) {
    block = page->base + page->freed;
    std::memcpy(&page->freed, block, sizeof(page->freed));
  } else {
    block = page->base + page->fresh++ * block_size;
  }
  if (++page->used == page->capacity) Unlink(home.with_room, page);
  return block;
}

void Slab::Free(void* block, size_t size) noexcept {
  if (kUsesMalloc) return std::free(block);
  Class& home = classes_[ClassOf(size)];
  Page* page = PageOf(block);
  MutexLock lock(home.mu);
  std::memcpy(block, &page->freed, sizeof(page->freed));
  page->freed = static_cast<uint32_t>(static_cast<char*>(block) - page->base);
  if (page->used == page->capacity) Push(home.with_room, page);
  ++home.room;
  if (--page->used != 0) return;
  if (std::exchange(page->emptying, false)) {
    Unlink(home.emptying, page);
    ++home.emptied;
  } else {
    Unlink(home.with_room, page);
    home.room -= page->capacity;
  }
  ReturnPage(page);
}

bool Slab::Empties(const void* block, size_t size) noexcept {
  if (kUsesMalloc) return true;
  Class& home = classes_[ClassOf(size)];
  Page* page = PageOf(block);
  MutexLock lock(home.mu);
  if (page->emptying) return true;
  if (page->used >= page->capacity / 4 * 3 || home.room < page->capacity) return false;
  Unlink(home.with_room, page);
  Push(home.emptying, page);
  page->emptying = true;
  home.room -= page->capacity;
  return true;
}

size_t Slab::StopEmptying() noexcept {
  size_t emptied = 0;
  for (Class& home : classes_) {
    while (true) {
      MutexLock lock(home.mu);  // for each page anew: others want it too
      Page* page = home.emptying;
      emptied += std::exchange(home.emptied, 0);
      if (page == nullptr) break;
      Unlink(home.emptying, page);
      Push(home.with_room, page);
      page->emptying = false;
      home.room += page->capacity;
    }
  }
  return emptied * kPageBytes;
}

size_t Slab::spare_bytes() const {
  size_t pages = 0;
  for (size_t i = 0; i < kClasses; ++i) {
    MutexLock lock(classes_[i].mu);
    const int64_t room = classes_[i].room;
    if (room > 0) pages += static_cast<size_t>(room) * SizeOfClass(i) / kPageBytes;
  }
  return pages * kPageBytes;
}

bool Slab::EnsureReserve(size_t bytes) noexcept {
  if (kUsesMalloc) return true;
  // What a page loses at its head and its end is less than an eighth of it.
  const size_t pages = (bytes + bytes / 8) / kPageBytes + kClasses + 1;
  MutexLock lock(pool_mu_);
  while (free_count_ < pages) {
    if (!AddChunk()) return false;
  }
  const bool shrinks = pages < std::exchange(reserved_, pages);
  for (Chunk* chunk = shrinks ? chunks_ : nullptr; chunk != nullptr;) {
    Chunk* next = chunk->next;
    UnmapSpareChunk(chunk);
    chunk = next;
  }
  return true;
}

size_t Slab::resident_bytes() const {
  MutexLock lock(pool_mu_);
  return (chunk_count_ * kPages - free_count_ + dirty_count_) * kPageBytes;
}

size_t Slab::chunks() const {
  MutexLock lock(pool_mu_);
  return chunk_count_;
}

}  // namespace redislite
