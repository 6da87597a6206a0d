#include "base/crc32.h"

#include <zlib.h>

namespace redislite {

uint32_t Crc32(uint32_t seed, Bytes bytes) {
  if (bytes.empty()) return seed;  // zlib answers 0 for a null pointer, whatever the seed
  return static_cast<uint32_t>(::crc32_z(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace redislite
