// SipHash-1-3: the keyed hash of the keyspace and of large hashes. A keyed PRF, so that nobody who does not know the
// store's seed can choose keys that collide (unkeyed or weakly keyed hashes can be flooded whatever the seed).
// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), with 1 compression and 3 finalisation
// rounds.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace redislite {

struct HashSeed {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

uint64_t SipHash13(const HashSeed& seed, Bytes bytes);

}  // namespace redislite
