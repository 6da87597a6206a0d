// How large Redis' listpack would be: what OBJECT ENCODING goes by.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace redislite::types {

// A listpack's header and end.
inline constexpr size_t kListpackOverhead = 7;

// What one element takes: small for an integer in canonical form, else a header, the bytes, and a length to walk back.
size_t ListpackElementBytes(Bytes element);
// What that length takes, for an element whose header and bytes are so many.
size_t ListpackBackBytes(uint64_t entry);

}  // namespace redislite::types
