// SnapshotWriter and ReadSnapshot: the file that holds the data as of one LSN (FORMAT.md section 4).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"

namespace redislite::storage {

// Writes blocks to snapshot-<LSN>.tmp and, at the end, gives the file its name. One thread. When it is destroyed
// without a Finish that returned ok, the temporary file is removed.
class SnapshotWriter {
 public:
  // The snapshot is exact at header.lsn.
  static Result<std::unique_ptr<SnapshotWriter>> Create(os::FileSystem& files, const std::string& directory,
                                                        FileHeader header);
  ~SnapshotWriter();

  // Writes the builder's payload, `commands` commands that make `keys` keys, as the next block and clears the builder.
  Status AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys);

  // Writes the end, syncs, reads the whole back, renames and syncs the directory: the snapshot is durable.
  Status Finish();

  uint64_t bytes() const { return offset_; }

 private:
  SnapshotWriter(os::FileSystem& files, std::string directory, FileHeader header, std::unique_ptr<os::File> file)
      : files_(files), directory_(std::move(directory)), header_(header), file_(std::move(file)) {}
  std::string TemporaryPath() const;
  Status WriteFrame(FrameBuilder& builder, FrameKind kind, Lsn lsn, uint32_t count);

  os::FileSystem& files_;
  const std::string directory_;
  const FileHeader header_;
  std::unique_ptr<os::File> file_;
  uint64_t offset_ = kFileHeaderBytes;
  uint64_t blocks_ = 0;
  uint64_t keys_ = 0;
  uint64_t commands_ = 0;
  uint32_t chain_ = 0;
  bool finished_ = false;
};

struct SnapshotSummary {
  FileHeader header;
  uint64_t blocks = 0;
  uint64_t keys = 0;
  uint64_t commands = 0;
  uint64_t bytes = 0;
};

// Gets each frame that is good; an error ends the reading.
using FrameSink = std::function<Status(const FrameHeader& header, Bytes payload)>;

// Reads the whole file at `path`, which must be a good snapshot of this store at this LSN, and gives the blocks to
// the sink. kCorrupt names file, offset, expected and found.
Result<SnapshotSummary> ReadSnapshot(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn lsn,
                                     const FrameSink& sink);

// Opens a file and reads its header; the message of an error names the file.
Result<FileHeader> ReadFileHeader(os::File& file, const std::string& path, FileKind kind, const StoreId& store,
                                  Lsn lsn);

}  // namespace redislite::storage
