#include "base/siphash.h"

#include <bit>
#include <cstring>

namespace redislite {

namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

}  // namespace

uint64_t SipHash13(const HashSeed& seed, Bytes bytes) {
  State s{seed.k0 ^ 0x736f6d6570736575, seed.k1 ^ 0x646f72616e646f6d, seed.k0 ^ 0x6c7967656e657261,
          seed.k1 ^ 0x7465646279746573};
  const char* at = bytes.data();
  const size_t words = bytes.size() / 8;
  for (size_t i = 0; i < words; ++i, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    s.v3 ^= word;
    s.Round();
    s.v0 ^= word;
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  if (const size_t rest = bytes.size() % 8; rest != 0) {
    uint64_t tail = 0;
    std::memcpy(&tail, at, rest);
    last |= tail;
  }
  s.v3 ^= last;
  s.Round();
  s.v0 ^= last;
  s.v2 ^= 0xff;
  s.Round();
  s.Round();
  s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace redislite
