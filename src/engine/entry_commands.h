// EntryCommands: the canonical commands that rebuild an entry, as a snapshot's blocks hold them. Replaying them is
// loading.
#pragma once

#include <cstdint>
#include <memory>
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

// An entry with a big collection as it was when it was frozen, whose commands are written in pieces while writers go on
// (types/frozen.h).
class FrozenEntry {
 public:
  // Under the entry's lock. Null when the entry is small, or a string: it is for AppendEntryCommands. Throws
  // std::bad_alloc.
  static std::unique_ptr<FrozenEntry> Freeze(int db, Entry& entry, types::Frozen::Kept& kept);

  // Adds the commands of some more elements to the last chunk, or to new ones. False: there are no more, and the key's
  // expiry is there as well. Without any lock. Throws std::bad_alloc; the chunks are then not to be used.
  bool Append(std::vector<CommandChunk>& chunks);
  // Under the lock of whoever changes entries: the collection forgets this object, which can then go.
  void Thaw() noexcept { frozen_->Thaw(); }

 private:
  FrozenEntry() = default;

  int db_ = 0;
  std::string key_;
  types::Type type_ = types::Type::kNone;
  int64_t expires_at_ms_ = kNever;
  bool is_counted_ = false;  // in a chunk's keys
  std::unique_ptr<types::Frozen> frozen_;
};

}  // namespace redislite::engine
