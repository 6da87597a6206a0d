// Verifying the files of a closed store: --check DIR and .check.
#pragma once

#include <string>

#include "format.h"
#include "outcome.h"

namespace redislite::cli {

enum class CheckResult { kSound, kDamaged, kImpossible };

// Puts the verdict into the outcome: lines for a person, or with Format::kJson the library's report as it is.
CheckResult CheckStore(const std::string& directory, Format format, Outcome& outcome);

}  // namespace redislite::cli
