// What the tests of a bare keyspace share: its time, its seed, and how a key's value and expiry are written down.
#pragma once

#include <cstdint>
#include <string>

#include "base/number.h"
#include "base/siphash.h"
#include "engine/entry.h"

namespace redislite::engine {

inline constexpr int64_t kNow = 1'700'000'000'000;
inline constexpr HashSeed kSeed = {1, 2};

struct Model {
  std::string value;
  int64_t expires_at_ms = kNever;
};

inline std::string Text(const Entry& entry) {
  char scratch[kInt64TextMax];
  return std::string(entry.value.As<types::String>()->View(scratch));
}

}  // namespace redislite::engine
