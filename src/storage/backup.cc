#include "storage/backup.h"

#include <new>

#include "base/failpoint.h"
#include "storage/directory.h"
#include "storage/manifest.h"

namespace redislite::storage {

Result<std::unique_ptr<BackupWriter>> BackupWriter::Create(os::FileSystem& files, const std::string& directory) {
  std::unique_ptr<BackupWriter> backup(new BackupWriter(files, directory));
  backup->finished_ = true;  // nothing to remove yet
  RL_RETURN_IF_ERROR(MakeDirectories(files, directory, &backup->made_directory_));
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  if (!names->empty())
    return Status(Code::kInvalid,
                  directory + ": a backup needs a new or empty directory, this one has " + names->front());
  backup->finished_ = false;
  return backup;
}

BackupWriter::~BackupWriter() {
  if (finished_) return;
  snapshot_.reset();
  try {
    if (Result<std::vector<std::string>> names = files_.List(directory_); names.ok()) {
      for (const std::string& name : *names) (void)files_.Remove(directory_ + "/" + name).ok();
    }
    if (made_directory_) (void)files_.RemoveDirectory(directory_).ok();
  } catch (const std::bad_alloc&) {
    // without a manifest, what stays is no store
  }
}

Status BackupWriter::Begin(Lsn lsn, int64_t time_ms) {
  FileHeader header;
  header.kind = FileKind::kSnapshot;
  header.lsn = lsn_ = lsn;
  header.time_ms = time_ms;
  RL_RETURN_IF_ERROR(files_.FillRandom(store_.data(), store_.size()));
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&header.salt), sizeof header.salt));
  header.store = store_;
  Result<std::unique_ptr<SnapshotWriter>> snapshot = SnapshotWriter::Create(files_, directory_, header);
  if (!snapshot.ok()) return snapshot.status();
  snapshot_ = std::move(*snapshot);
  RL_FAILPOINT(backup_begun);
  return Status::Ok();
}

Status BackupWriter::Finish() {
  RL_RETURN_IF_ERROR(snapshot_->Finish());
  RL_FAILPOINT(backup_snapshot_in_place);
  Manifest manifest;
  manifest.store = store_;
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&manifest.seed), sizeof manifest.seed));
  manifest.generation = 1;
  manifest.durable = lsn_;
  manifest.snapshot = lsn_;
  RL_RETURN_IF_ERROR(manifest.Install(files_, directory_));
  RL_FAILPOINT(backup_installed);
  RL_RETURN_IF_ERROR(files_.SyncDirectory(ParentOf(directory_)));
  SyncDirectoriesAbove(files_, ParentOf(directory_));
  finished_ = true;
  return Status::Ok();
}

}  // namespace redislite::storage
