// CRC-64 with Jones' polynomial, as Redis ends a DUMP's payload.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace redislite {

// Extends `seed` (0 to begin) over the bytes. Of "123456789": 0xe9c6d914c4b8d9ca.
uint64_t Crc64(uint64_t seed, Bytes bytes);

}  // namespace redislite
