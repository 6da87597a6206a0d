#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

namespace redislite::fuzz {

void Require(bool holds, const char* claim, Bytes details) {
  if (holds) return;
  std::fprintf(stderr, "\nFALSE: %s\n%.*s\n", claim, static_cast<int>(std::min<size_t>(details.size(), 4000)),
               details.data());
  std::abort();
}

size_t GiveBack(Bytes bytes, uint8_t* data, size_t capacity) {
  const size_t size = std::min(bytes.size(), capacity);
  if (size != 0) std::memcpy(data, bytes.data(), size);
  return size;
}

std::string MutateBytes(Bytes bytes, size_t size_max) {
  const size_t capacity = std::max<size_t>({bytes.size(), size_max, 1});
  std::vector<uint8_t> buffer(capacity);
  if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
  const size_t size = LLVMFuzzerMutate(buffer.data(), bytes.size(), capacity);
  return std::string(Input(buffer.data(), size));
}

uint64_t InterestingNumber(Random& random, uint64_t near) {
  switch (random.Below(6)) {
    case 0:
      return near + random.Below(3);
    case 1:
      return near - random.Below(3);
    case 2:
      return random.Below(64);
    case 3:
      return ~uint64_t{0} >> random.Below(64);
    case 4:
      return uint64_t{1} << random.Below(64);
    default:
      return random.Next() >> random.Below(64);
  }
}

}  // namespace redislite::fuzz
