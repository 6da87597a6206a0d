// rl_options: how to open a store, as the C API collects it.
#pragma once

#include "engine/options.h"
#include "os/file_system.h"
#include "redislite.h"

struct rl_options {
  redislite::engine::Options options;
  redislite::os::FileSystem* files = nullptr;  // null: the process' own (see testing.h)
};
