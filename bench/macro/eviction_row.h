// EvictionRow: the misses of a cache that holds a tenth of its keys, asked for by Zipf's law, beside an exact LRU.
#pragma once

#include "macro/row.h"

namespace bench {

Row EvictionRow(const Scale& scale);

}  // namespace bench
