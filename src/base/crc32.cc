#include "base/crc32.h"

#include <zlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace redislite {

#if defined(__x86_64__)
namespace {

// By carry-less multiplication, 16 bytes at a time: five to ten times as fast as Debian's zlib, whose share of a
// record's way into the log, and of its way back, would be the largest. Source: Gopal and others, "Fast CRC Computation
// for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009); the constants are the paper's for this
// polynomial, bits reflected: x to the power of the distance folded over, modulo the polynomial.
constexpr size_t kBlock = sizeof(__m128i);
constexpr size_t kLanes = 4;

__attribute__((target("pclmul,sse4.1"))) inline __m128i Load(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// What `sum` amounts to a distance further on, together with what stands there.
__attribute__((target("pclmul,sse4.1"))) inline __m128i Fold(__m128i sum, __m128i distance, __m128i there) {
  const __m128i low = _mm_clmulepi64_si128(sum, distance, 0x00);
  const __m128i high = _mm_clmulepi64_si128(sum, distance, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

// REQUIRES: `blocks` > 0.
__attribute__((target("pclmul,sse4.1"))) uint32_t ByMultiplication(uint32_t seed, const char* at, size_t blocks) {
  const __m128i by_four_blocks = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
  const __m128i by_a_block = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
  const __m128i by_half_a_block = _mm_set_epi64x(0, 0x0163cd6124);
  const __m128i polynomial_and_inverse = _mm_set_epi64x(0x01f7011641, 0x01db710641);

  __m128i sum = _mm_xor_si128(Load(at), _mm_cvtsi32_si128(static_cast<int>(~seed)));
  at += kBlock;
  --blocks;
  if (blocks >= 2 * kLanes) {
    __m128i lanes[kLanes] = {sum, Load(at), Load(at + kBlock), Load(at + 2 * kBlock)};
    at += (kLanes - 1) * kBlock;
    blocks -= kLanes - 1;
    for (; blocks >= kLanes; blocks -= kLanes, at += kLanes * kBlock) {
      for (size_t i = 0; i < kLanes; ++i) lanes[i] = Fold(lanes[i], by_four_blocks, Load(at + i * kBlock));
    }
    sum = Fold(lanes[0], by_a_block, lanes[1]);
    sum = Fold(sum, by_a_block, lanes[2]);
    sum = Fold(sum, by_a_block, lanes[3]);
  }
  for (; blocks > 0; --blocks, at += kBlock) sum = Fold(sum, by_a_block, Load(at));

  // 128 bits to 64, to 32, and what is left over a multiple of the polynomial (Barrett).
  const __m128i low_half = _mm_set_epi32(0, ~0, 0, ~0);
  sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_a_block, 0x10));
  sum =
      _mm_xor_si128(_mm_srli_si128(sum, 4), _mm_clmulepi64_si128(_mm_and_si128(sum, low_half), by_half_a_block, 0x00));
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low_half), polynomial_and_inverse, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_half), polynomial_and_inverse, 0x00);
  return ~static_cast<uint32_t>(_mm_extract_epi32(_mm_xor_si128(sum, quotient), 1));
}

bool Multiplies() {
  static const bool multiplies = __builtin_cpu_supports("pclmul") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return multiplies;
}

}  // namespace
#endif

uint32_t Crc32(uint32_t seed, Bytes bytes) {
#if defined(__x86_64__)
  if (const size_t blocks = bytes.size() / kBlock; blocks > 0 && Multiplies()) {
    seed = ByMultiplication(seed, bytes.data(), blocks);
    bytes.remove_prefix(blocks * kBlock);
  }
#endif
  if (bytes.empty()) return seed;  // zlib answers 0 for a null pointer, whatever the seed
  return static_cast<uint32_t>(::crc32_z(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace redislite
