// Telling text from bytes.
#pragma once

#include <string_view>

namespace redislite::cli {

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view bytes);

}  // namespace redislite::cli
