// The words for what commands do to keys: Redis' keyspace notifications.
#pragma once

#include <functional>
#include <vector>

#include "engine/events.h"

namespace redislite::commands {

// An engine::Describe.
void ForEachEvent(const engine::Command& command, engine::Args args, int db,
                  const std::vector<engine::KeyChange>& changes, const std::function<void(const engine::Event&)>& tell);

}  // namespace redislite::commands
