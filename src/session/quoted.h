// How Redis prints bytes for people: in double quotes, with escapes.
#pragma once

#include <string>

#include "base/bytes.h"

namespace redislite::session {

std::string Quoted(Bytes bytes);

}  // namespace redislite::session
