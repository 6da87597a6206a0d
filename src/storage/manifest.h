// Manifest: which files make up the store (FORMAT.md section 2). The one truth about a directory: a file counts only
// if the manifest names it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/siphash.h"
#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"

namespace redislite::storage {

struct SegmentEntry {
  Lsn first = 0;
  std::optional<Lsn> last;  // nothing: the open segment
  bool operator==(const SegmentEntry&) const = default;
};

struct Manifest {
  StoreId store{};
  HashSeed seed;
  uint64_t generation = 0;
  Lsn durable = 0;
  std::optional<Lsn> snapshot;
  std::vector<SegmentEntry> segments;

  bool clean() const { return segments.empty() || segments.back().last.has_value(); }

  std::string Encode() const;
  // kCorrupt (says what is wrong, without the file's name) or kVersion.
  static Result<Manifest> Decode(Bytes text);

  // kPathNotFound when there is none.
  static Result<Manifest> Read(os::FileSystem& files, const std::string& directory);
  // Replaces the manifest atomically and durably (W2). An error after the rename leaves it unknown which one a crash
  // would show: the caller writes nothing more (kIo), while kFull is only returned before anything changed.
  Status Install(os::FileSystem& files, const std::string& directory) const;
};

}  // namespace redislite::storage
