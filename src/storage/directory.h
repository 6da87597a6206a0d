// Directories, made durably.
#pragma once

#include <string>

#include "base/status.h"
#include "os/file_system.h"

namespace redislite::storage {

// The directory that holds `path`.
std::string ParentOf(const std::string& path);

// Makes the directory with those above it that are missing, each durable in its parent. `created` (may be null) says
// whether it was missing.
Status MakeDirectories(os::FileSystem& files, const std::string& path, bool* created);

// For a store that begins in a directory which was there: it may be the left-over of a process that died between
// making it, or one above it, and syncing the parent. Best effort: what somebody else made may not be ours to open.
void SyncDirectoriesAbove(os::FileSystem& files, const std::string& path);

}  // namespace redislite::storage
