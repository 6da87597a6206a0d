// Figures: what a test says of its extent, for the table at the end of `make test` (tools/test).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace redislite::test {

using Figures = std::vector<std::pair<std::string, uint64_t>>;

// Writes them to $RL_FIGURES_DIR/<file>.json: {"disks explored": 12, "violations": 0}. Nothing where the variable is
// not set. The names are summed over all files, so that the file's name must be the test's own. False: not written.
bool WriteFigures(const std::string& file, const Figures& figures);

}  // namespace redislite::test
