// Access: 32 bits of an entry that say how it was used, in one of two forms, as the maxmemory-policy asks. After a
// change of the policy they mean something else until the key is used again, as in Redis.
//
//     LRU   | units of 2 ms, modulo 2^32: 99 days |
//     LFU   | minutes of the last use, modulo 2^24 (24) | counter (8) |
//
// The counter is logarithmic: the higher it is, the less likely a use raises it (lfu-log-factor 10: 255 stands for a
// million uses), and each minute without a use takes one away (lfu-decay-time 1). Source: Redis' evict.c.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace redislite::engine::access {

inline constexpr int64_t kTickMs = 2;             // a cache that is full may turn over in some dozens of milliseconds
inline constexpr uint32_t kNewKeysFrequency = 5;  // so that it is not the first to go
inline constexpr uint32_t kLogFactor = 10;

inline uint32_t UsedAt(int64_t now_ms) { return static_cast<uint32_t>(now_ms / kTickMs); }
inline int64_t IdleMs(uint32_t access, int64_t now_ms) {
  // A reader's clock may be ahead of the one who asks: that is a difference just below zero.
  constexpr uint32_t kAheadMax = 1u << 24;
  const uint32_t ticks = UsedAt(now_ms) - access;
  return ticks > ~kAheadMax ? 0 : ticks * kTickMs;
}

inline uint32_t Minutes(int64_t now_ms) { return static_cast<uint32_t>(now_ms / 60000) & 0xffffff; }
inline uint32_t WithFrequency(uint32_t frequency, int64_t now_ms) { return Minutes(now_ms) << 8 | frequency; }
inline uint32_t Frequency(uint32_t access, int64_t now_ms) {
  const uint32_t idle_minutes = (Minutes(now_ms) - (access >> 8)) & 0xffffff;
  const uint32_t frequency = access & 0xff;
  return idle_minutes < frequency ? frequency - idle_minutes : 0;
}
inline uint32_t Counted(uint32_t access, int64_t now_ms, Random& random) {
  const uint32_t frequency = Frequency(access, now_ms);
  const uint32_t above = frequency > kNewKeysFrequency ? frequency - kNewKeysFrequency : 0;
  const bool rises = frequency < 255 && random.Below(above * kLogFactor + 1) == 0;
  return WithFrequency(frequency + (rises ? 1 : 0), now_ms);
}

}  // namespace redislite::engine::access
