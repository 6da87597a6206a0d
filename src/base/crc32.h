// CRC-32 with zlib's polynomial, so that any tool can verify a file (Python: zlib.crc32).
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace redislite {

// Extends `seed` (0 to begin) over the bytes; equals zlib's crc32(seed, bytes).
uint32_t Crc32(uint32_t seed, Bytes bytes);

}  // namespace redislite
