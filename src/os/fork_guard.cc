#include "os/fork_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <new>

namespace redislite::os {

namespace {

using Cell = std::atomic<uint64_t>;
static_assert(Cell::is_always_lock_free);

// The page's first word; &no_page when there can be none; null until it is known.
std::atomic<Cell*> token_cell{nullptr};
Cell no_page{0};

// How many processes of this line have asked for a token. A child inherits the count, so its own token is larger than
// any that its parent had given out before the fork.
Cell entered{0};

Cell* MakeCell() noexcept {
  constexpr size_t kBytes = 4096;
  void* page = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return &no_page;
#ifdef MADV_WIPEONFORK
  if (madvise(page, kBytes, MADV_WIPEONFORK) == 0) {
    Cell* mine = new (page) Cell(0);
    Cell* others = nullptr;
    if (token_cell.compare_exchange_strong(others, mine)) return mine;
    munmap(page, kBytes);  // another thread was faster
    return others;
  }
#endif
  munmap(page, kBytes);
  return &no_page;
}

uint64_t ProcessIdToken() noexcept { return static_cast<uint64_t>(getpid()); }

}  // namespace

uint64_t EnterProcess() noexcept {
  Cell* cell = token_cell.load(std::memory_order_acquire);
  if (cell == nullptr) {
    cell = MakeCell();
    if (cell == &no_page) {
      Cell* others = nullptr;
      if (!token_cell.compare_exchange_strong(others, cell)) cell = others;
    }
  }
  if (cell == &no_page) return ProcessIdToken();
  uint64_t token = cell->load();
  if (token != 0) return token;
  const uint64_t fresh = entered.fetch_add(1) + 1;
  return cell->compare_exchange_strong(token, fresh) ? fresh : token;
}

bool InProcess(uint64_t token) noexcept {
  const Cell* cell = token_cell.load(std::memory_order_acquire);
  if (cell == &no_page) return ProcessIdToken() == token;
  return cell != nullptr && cell->load(std::memory_order_relaxed) == token;
}

}  // namespace redislite::os
