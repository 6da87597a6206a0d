// Base64 as RFC 4648 section 4 has it: with padding, without line breaks, and strict when read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace redislite::cli {

std::string EncodeBase64(std::string_view bytes);
// Nothing when the text is not what EncodeBase64 would have written for any bytes.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace redislite::cli
