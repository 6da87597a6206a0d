// Words: one command line, taken apart. Each word is bytes: any of the 256 values may stand in it.
#pragma once

#include <string>
#include <vector>

namespace redislite::inline apps {

using Words = std::vector<std::string>;

}  // namespace redislite::inline apps
