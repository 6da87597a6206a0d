#include "engine/eviction.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/access.h"

namespace redislite::engine {

namespace {

// Rounds of drawing in which nothing may go (expired keys that wait for their removal, keys already chosen) before it
// is given up.
constexpr int kFruitlessDraws = 64;

Keyspace::Among AmongFor(Policy policy) {
  switch (policy) {
    case Policy::kVolatileLru:
    case Policy::kVolatileLfu:
    case Policy::kVolatileRandom:
      return Keyspace::Among::kExpiring;
    case Policy::kVolatileTtl:
      return Keyspace::Among::kSoonest;
    case Policy::kNoEviction:
    case Policy::kAllKeysLru:
    case Policy::kAllKeysRandom:
    case Policy::kAllKeysLfu:
      break;
  }
  return Keyspace::Among::kAll;
}

}  // namespace

void Eviction::Begin(Policy policy, uint64_t samples, int64_t now_ms) {
  if (policy != policy_) pool_.clear();
  policy_ = policy;
  samples_ = samples;
  now_ms_ = now_ms;
  chosen_.clear();
}

bool Eviction::MayGo(const Entry& entry) const { return !entry.ExpiredAt(now_ms_) && !chosen_.contains(&entry); }

uint64_t Eviction::Score(const Entry& entry) const {
  const uint32_t used = entry.access.load(std::memory_order_relaxed);
  switch (policy_) {
    case Policy::kAllKeysLru:
    case Policy::kVolatileLru:
      return static_cast<uint64_t>(access::IdleMs(used, now_ms_));
    case Policy::kAllKeysLfu:
    case Policy::kVolatileLfu:
      return 255 - access::Frequency(used, now_ms_);
    case Policy::kVolatileTtl:
      return std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(entry.expires_at_ms());
    case Policy::kAllKeysRandom:
    case Policy::kVolatileRandom:
    case Policy::kNoEviction:
      break;
  }
  return 0;
}

void Eviction::Consider(int db, const Entry& entry) {
  const uint64_t score = Score(entry);
  if (pool_.size() == kPoolMax && score <= pool_.front().score) return;
  const Bytes key = entry.key();
  if (std::any_of(pool_.begin(), pool_.end(), [&](const Candidate& c) { return c.db == db && c.key == key; })) return;
  const auto at = std::upper_bound(pool_.begin(), pool_.end(), score,
                                   [](uint64_t bound, const Candidate& candidate) { return bound < candidate.score; });
  pool_.insert(at, {score, db, keyspace_.Hash(key), std::string(key)});
  if (pool_.size() > kPoolMax) pool_.erase(pool_.begin());
}

void Eviction::Draw() {
  for (uint64_t i = 0; i < samples_; ++i) {
    const auto [db, entry] = keyspace_.Draw(AmongFor(policy_), random_);
    if (entry == nullptr) return;
    if (MayGo(*entry)) Consider(db, *entry);
  }
}

Eviction::Victim Eviction::TakeBest() {
  const bool needs_expiry = AmongFor(policy_) != Keyspace::Among::kAll;
  while (!pool_.empty()) {
    const Candidate best = std::move(pool_.back());
    pool_.pop_back();
    const Entry* entry = keyspace_.Find(best.db, best.hash, best.key, now_ms_);
    if (entry == nullptr || !MayGo(*entry) || (needs_expiry && entry->expires_at_ms() == kNever)) continue;
    chosen_.insert(entry);
    return {best.db, entry};
  }
  return {};
}

Eviction::Victim Eviction::Choose() {
  const bool at_random = policy_ == Policy::kAllKeysRandom || policy_ == Policy::kVolatileRandom;
  for (int draws = 0; draws < kFruitlessDraws && policy_ != Policy::kNoEviction; ++draws) {
    if (at_random) {
      const auto [db, entry] = keyspace_.Draw(AmongFor(policy_), random_);
      if (entry == nullptr) break;
      if (!MayGo(*entry)) continue;
      chosen_.insert(entry);
      return {db, entry};
    }
    Draw();
    if (const Victim victim = TakeBest(); victim.entry != nullptr) return victim;
    if (keyspace_.TotalKeys() == chosen_.size()) break;
  }
  return {};
}

}  // namespace redislite::engine
