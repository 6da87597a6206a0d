// Redis' glob patterns: * ? [abc] [a-z] [^a] and backslash.
#pragma once

#include "base/bytes.h"

namespace redislite {

// Whether the whole text matches. As in Redis, an empty text matches only an empty pattern; where "*" is to mean
// everything, the caller says so. Iterative in the number of stars, so that no pattern can exhaust the stack
// (CVE-2024-31228) or take more than O(pattern x text).
bool GlobMatch(Bytes pattern, Bytes text, bool ignore_case = false);

}  // namespace redislite
