// EntryCommands: the canonical commands that rebuild an entry, as a snapshot's blocks hold them. Replaying them is
// loading.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/entry.h"

namespace redislite::engine {

// A run of commands for one database, about kChunkBytes long; a big collection is spread over several.
struct CommandChunk {
  int db = 0;
  std::string bytes;
  uint32_t commands = 0;
  uint64_t keys = 0;
};

inline constexpr size_t kChunkBytes = 256 << 10;

// Adds the entry's commands to the last chunk, or to new ones when it is full or of another database. Throws
// std::bad_alloc; the chunks are then not to be used.
void AppendEntryCommands(std::vector<CommandChunk>& chunks, int db, const Entry& entry);

}  // namespace redislite::engine
