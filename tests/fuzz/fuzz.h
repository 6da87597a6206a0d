// What the fuzz targets share: a claim that ends the run when it is false, and the fuzzer's own mutations on strings.
//
// A target takes any bytes, and says by Require what must hold whatever they are. Everything follows from the input: a
// failing one fails again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/random.h"

namespace redislite::fuzz {

// Ends the process, for the fuzzer to report and to keep the input, when the claim is false.
void Require(bool holds, const char* claim, Bytes details = {});

inline Bytes Input(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }
// Gives a mutated input back to the fuzzer, cut to its capacity.
size_t GiveBack(Bytes bytes, uint8_t* data, size_t capacity);

// libFuzzer's mutations: flips, insertions, copies, its dictionary and what it saw being compared.
std::string MutateBytes(Bytes bytes, size_t size_max);

// A number that is likely to matter: near `near`, small, or at the edge of a type.
uint64_t InterestingNumber(Random& random, uint64_t near);

}  // namespace redislite::fuzz
