// BackupWriter: a new store in a directory of its own that begins with a snapshot and has no log yet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "os/file_system.h"
#include "storage/snapshot_file.h"

namespace redislite::storage {

class BackupWriter {
 public:
  // Makes the directory, or takes an empty one. kInvalid when there is something in it.
  static Result<std::unique_ptr<BackupWriter>> Create(os::FileSystem& files, const std::string& directory);
  // Removes what was written, unless Finish returned ok.
  ~BackupWriter();

  Status Begin(Lsn lsn, int64_t time_ms);
  Status AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys) {
    return snapshot_->AddBlock(builder, commands, keys);
  }
  // The store is complete and durable.
  Status Finish();

 private:
  BackupWriter(os::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

  os::FileSystem& files_;
  const std::string directory_;
  bool made_directory_ = false;
  bool finished_ = false;
  Lsn lsn_ = 0;
  StoreId store_{};
  std::unique_ptr<SnapshotWriter> snapshot_;
};

}  // namespace redislite::storage
