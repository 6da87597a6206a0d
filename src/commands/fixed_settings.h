// The settings of Redis that are no options here: tools ask for them, and what they are told is true of this store.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace redislite::commands {

// Names and values, in no order.
std::vector<std::pair<const char*, std::string>> FixedSettings(const engine::Engine& engine);

}  // namespace redislite::commands
