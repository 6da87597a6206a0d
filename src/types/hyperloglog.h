// HyperLogLog: an estimate of how many different elements were added, in Redis' own bytes, so that a string that is one
// here is one there. Plain functions on bytes; 16,384 registers of 6 bits.
//
//     "HYLL" | encoding (1) | 0 0 0 | cached count (8, its top bit: not valid) | registers ...
//
// Dense: the registers one after the other, from the low bits of each byte up. Sparse: runs of equal registers,
//
//     00nnnnnn             n + 1 registers of 0
//     01nnnnnn nnnnnnnn    n + 1 registers of 0, up to all of them
//     1vvvvvnn             n + 1 registers of v + 1
//
// for as long as they fit kSparseBytesMax and no register is above 32. The runs are divided exactly as Redis divides
// them. The count is not cached here: PFCOUNT is a reader, and a reader changes nothing. A count that Redis left is
// used.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace redislite::types::hyperloglog {

inline constexpr size_t kRegisters = 16384;
inline constexpr size_t kHeaderBytes = 16;
inline constexpr size_t kDenseBytes = kHeaderBytes + kRegisters * 6 / 8;
inline constexpr size_t kSparseBytesMax = 3000;  // Redis' hll-sparse-max-bytes, the header included

// Whether Redis takes the bytes for one. Its registers may still be damaged: see Registers::Merge.
bool IsOne(Bytes bytes);
// REQUIRES of this and all below: IsOne.
bool IsDense(Bytes bytes);

// One without elements: sparse.
std::string MakeEmpty();
// The same, dense. Nothing: its registers are damaged.
std::optional<std::string> MakeDense(Bytes sparse);

// What an element raises: a register, to a number that is the higher the rarer.
struct Rank {
  uint32_t index;
  uint8_t value;  // 1 to 51
};
Rank RankOf(Bytes element);

// Whether the runs are those of all registers, neither more nor less; true of any dense one.
bool IsWhole(Bytes bytes);

// Raises one register to the value, if it is lower; true when it was. A sparse one may become dense. REQUIRES: IsWhole.
bool Raise(std::string& bytes, Rank rank);
// The same for a dense one in its place.
bool WouldRaiseDense(Bytes bytes, Rank rank);
void RaiseDense(char* bytes, Rank rank);

// The count in the header is that of other registers.
void ForgetCount(char* bytes);
std::optional<uint64_t> CachedCount(Bytes bytes);

class Registers {
 public:
  // Raises each to that of the other. False: its registers are damaged.
  bool Merge(Bytes bytes);
  uint8_t operator[](size_t index) const { return values_[index]; }
  // About how many different elements have been added.
  uint64_t Estimate() const;

 private:
  std::array<uint8_t, kRegisters> values_{};
};

}  // namespace redislite::types::hyperloglog
