// What opening had to recover, in one line for a person.
#pragma once

#include <string>

namespace redislite::cli {

// From rl_info's section "recovery". Empty when there is nothing to tell: the store was new, or had been closed
// cleanly.
std::string RecoveryLine(const std::string& info);

}  // namespace redislite::cli
