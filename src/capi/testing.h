// Seams for tests that link the rooms statically: another file system under the public API, no thread of its own. Not
// exported.
#pragma once

#include "os/file_system.h"
#include "redislite.h"

namespace redislite::capi {

// Stores opened with these options use `files`, which outlives them; null is the process' own.
void SetFileSystem(rl_options* options, os::FileSystem* files);

// Stores opened with these options have no thread of their own: nothing is done in the background, and every run does
// the same.
void SetNoServiceThread(rl_options* options);

}  // namespace redislite::capi
