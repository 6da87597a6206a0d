#include "types/lzf.h"

#include "types/byte_reader.h"

namespace redislite::types {

std::optional<std::string> ExpandLzf(Bytes compressed, uint64_t size) {
  std::string expanded;
  ByteReader reader(compressed);
  while (!reader.empty()) {
    const uint8_t control = reader.Byte();
    if (control < 32) {
      const Bytes plain = reader.Take(control + 1u);
      if (!reader.ok() || plain.size() > size - expanded.size()) return {};
      expanded.append(plain);
      continue;
    }
    uint64_t length = control >> 5;
    if (length == 7) length += reader.Byte();
    length += 2;
    const uint64_t distance = ((control & 31u) << 8 | reader.Byte()) + 1;
    if (!reader.ok() || distance > expanded.size() || length > size - expanded.size()) return {};
    // Byte by byte: what is copied may begin among what the copy adds.
    for (uint64_t i = 0; i < length; ++i) expanded.push_back(expanded[expanded.size() - distance]);
  }
  if (!reader.ok() || expanded.size() != size) return {};
  return expanded;
}

}  // namespace redislite::types
