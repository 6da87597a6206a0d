// How large Redis' listpack would be: what OBJECT ENCODING goes by.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace redislite::types {

// A listpack's header and end.
inline constexpr size_t kListpackOverhead = 7;

// What one element takes: small for an integer in canonical form, else a header, the bytes, and a length to walk back.
size_t ListpackElementBytes(Bytes element);

}  // namespace redislite::types
