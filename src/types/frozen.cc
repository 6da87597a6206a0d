#include "types/frozen.h"

#include <new>
#include <thread>
#include <utility>

namespace redislite::types {

bool Frozen::Read(const Visit& visit) {
  while (is_wanted_.load(std::memory_order_relaxed)) std::this_thread::yield();
  {
    MutexLock lock(mu_);
    if (reading_ == Reading::kLost) throw std::bad_alloc();
    if (ReadSome(visit)) return true;
    reading_ = Reading::kRead;
  }
  DeleteIfReaders();
  ReadRest(visit);
  Uncount();
  return false;
}

void Frozen::Thaw() noexcept {
  {
    MutexLock lock(mu_);
    if (reading_ == Reading::kReading) reading_ = Reading::kLost;
    if (collection_ == Collection::kAlive) place_ = nullptr;
  }
  DeleteIfReaders();
  Uncount();
}

bool Frozen::TakeOver() noexcept {
  MutexLock lock(mu_);
  if (reading_ != Reading::kReading) {
    collection_ = Collection::kGone;
    return false;
  }
  collection_ = Collection::kReaders;
  CountHeld(CollectionBytes());
  return true;
}

// REQUIRES: nobody is reading it any more, so that it cannot be taken over from now on.
void Frozen::DeleteIfReaders() noexcept {
  {
    MutexLock lock(mu_);
    if (collection_ != Collection::kReaders) return;
    collection_ = Collection::kGone;
  }
  Delete();
}

void Frozen::Uncount() noexcept {
  kept_.copied.fetch_sub(std::exchange(copied_, 0), std::memory_order_relaxed);
  kept_.held.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed);
}

void FrozenElements::KeepElement(Bytes name, std::optional<Bytes> value) noexcept {
  constexpr size_t kOverhead = 128;  // about, of the map's node
  try {
    const auto [at, is_first] = changed_.try_emplace(std::string(name));
    if (!is_first) return;
    if (value) at->second.emplace(*value);
    CountCopied(name.size() + (value ? value->size() : 0) + kOverhead);
  } catch (const std::bad_alloc&) {
    Lose();
  }
}

void FrozenElements::ReadRest(const Visit& visit) {
  for (const auto& [name, value] : changed_) {
    if (!value) continue;
    run_.push_back(name);
    if (have_values_) run_.push_back(*value);
    if (run_.size() >= kElementsPerHold) VisitRun(visit);
  }
  VisitRun(visit);
  changed_.clear();
}

}  // namespace redislite::types
