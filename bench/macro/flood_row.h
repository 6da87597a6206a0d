// FloodRow: keys that somebody has chosen so that they collide under the hash without a secret, beside random ones.
#pragma once

#include "macro/row.h"

namespace bench {

Row FloodRow(const Scale& scale);

}  // namespace bench
