// Buffers that belong to the caller: malloc'ed, so that rl_buffer_free is free whoever wrote them.
#pragma once

#include "base/bytes.h"

namespace redislite::capi {

// A copy of the bytes, followed by a NUL. Throws std::bad_alloc.
char* NewBuffer(Bytes bytes);

}  // namespace redislite::capi
