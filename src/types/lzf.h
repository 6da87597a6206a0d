// LZF, in which Redis compresses strings in its dumps: read only. What is written here is not compressed, which any
// Redis takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace redislite::types {

// The `size` bytes that `compressed` stands for; nothing when it stands for more, fewer, or none at all. Takes no more
// memory than the bytes that are really there.
//
//     000nnnnn                    n + 1 bytes follow as they are
//     lllooooo oooooooo           l + 2 bytes (l below 7) that stand o + 1 before
//     111ooooo llllllll oooooooo  l + 9 bytes that stand o + 1 before
std::optional<std::string> ExpandLzf(Bytes compressed, uint64_t size);

}  // namespace redislite::types
