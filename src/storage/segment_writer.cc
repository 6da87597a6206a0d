#include "storage/segment_writer.h"

#include <algorithm>

#include "base/failpoint.h"

namespace redislite::storage {

namespace {

constexpr uint64_t kFirstZeros = 256 << 10;
constexpr uint64_t kZerosMax = 8 << 20;

// How far ahead of `end` zeros should reach: small for a small store, up to 8 MiB for a busy one.
uint64_t ChunkAt(uint64_t end) { return std::clamp(end, kFirstZeros, kZerosMax); }

Status WriteZeros(os::File& file, uint64_t from, uint64_t to) {
  static const std::string zeros(kFirstZeros, '\0');
  while (from < to) {
    const uint64_t step = std::min<uint64_t>(to - from, zeros.size());
    RL_RETURN_IF_ERROR(file.Write(from, Bytes(zeros).substr(0, step)));
    from += step;
  }
  return Status::Ok();
}

}  // namespace

Result<std::shared_ptr<SegmentWriter>> SegmentWriter::Create(os::FileSystem& files, const std::string& directory,
                                                             FileHeader header, uint64_t segment_bytes_max,
                                                             const Fill& fill) {
  const std::string temporary = directory + "/" + TemporaryName(SegmentName(header.lsn));
  if (Status removed = files.Remove(temporary); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  Result<std::unique_ptr<os::File>> file = files.Open(temporary, os::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(temporary, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  RL_FAILPOINT(segment_made);
  const std::string header_bytes = header.Encode();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  const uint64_t zeroed_to = std::clamp<uint64_t>(segment_bytes_max, kFileHeaderBytes, kFirstZeros);
  writer->end_ = kFileHeaderBytes;
  writer->zeroed_to_ = zeroed_to;
  const auto fill_and_sync = [&]() -> Status {
    std::string first(zeroed_to, '\0');
    first.replace(0, kFileHeaderBytes, header_bytes);
    Status written = writer->file_->Write(0, first);
    if (written.code() == Code::kFull) {
      // No room for zeros ahead: a store on a full disk still opens if what it must hold fits.
      RL_RETURN_IF_ERROR(writer->file_->Truncate(0));
      writer->zeroed_to_ = kFileHeaderBytes;
      written = writer->file_->Write(0, header_bytes);
    }
    RL_RETURN_IF_ERROR(written);
    if (fill) RL_RETURN_IF_ERROR(fill(*writer));
    RL_FAILPOINT(segment_written);
    return writer->file_->Sync();
  };
  if (Status made = fill_and_sync(); !made.ok()) {
    (void)files.Remove(temporary).ok();  // no manifest names it; the first error is the one that counts
    return made;
  }
  RL_FAILPOINT(segment_synced);
  const auto unknown = [](const Status& status) { return status.ok() ? status : Status(Code::kIo, status.message()); };
  RL_RETURN_IF_ERROR(unknown(files.Rename(temporary, directory + "/" + SegmentName(header.lsn))));
  RL_FAILPOINT(segment_renamed);
  RL_RETURN_IF_ERROR(unknown(files.SyncDirectory(directory)));
  RL_FAILPOINT(segment_in_place);
  return writer;
}

Result<std::shared_ptr<SegmentWriter>> SegmentWriter::Reopen(os::FileSystem& files, const std::string& directory,
                                                             const FileHeader& header, uint64_t end,
                                                             uint64_t segment_bytes_max) {
  const std::string path = directory + "/" + SegmentName(header.lsn);
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kReadWrite);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(path, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  writer->end_ = end;
  writer->zeroed_to_ = std::max(*size, end);
  return writer;
}

Status SegmentWriter::Append(Bytes frame) {
  const uint64_t from = bytes();
  const uint64_t to = from + frame.size();
  RL_FAILPOINT(frame_sealed);
  Status written;
  if (to <= zeroed_to_.load(std::memory_order_acquire)) {
    written = file_->Write(from, frame);
  } else {
    // Beyond the zeros: the file grows under this write, and no zeros may be on their way to the same place.
    MutexLock lock(fill_mu_);
    written = file_->Write(from, frame);
    if (written.ok() && to > zeroed_to_.load(std::memory_order_relaxed))
      zeroed_to_.store(to, std::memory_order_release);
  }
  if (written.code() == Code::kFull) RL_RETURN_IF_ERROR(TakeBack());
  RL_RETURN_IF_ERROR(written);
  RL_FAILPOINT(frame_written);
  end_.store(to, std::memory_order_relaxed);
  return Status::Ok();
}

// A full disk may have taken all of a frame but its padding: with the zeros that stand there it is whole, and the next
// open would take for a record what was refused. So the file is cut to where it ended, durably (W5).
Status SegmentWriter::TakeBack() {
  MutexLock lock(fill_mu_);
  Status cut = file_->Truncate(bytes());
  if (cut.ok()) cut = file_->Sync();
  zeroed_to_.store(bytes(), std::memory_order_release);
  return cut.ok() ? cut : Status(Code::kIo, cut.message());
}

Status SegmentWriter::Sync() { return file_->Sync(); }

Status SegmentWriter::ZeroFillAhead() {
  MutexLock lock(fill_mu_);
  const uint64_t end = bytes();
  const uint64_t zeroed_to = zeroed_to_.load(std::memory_order_relaxed);
  const uint64_t chunk = ChunkAt(end);
  if (zeroed_to >= segment_bytes_max_ || zeroed_to - end > chunk / 2) return Status::Ok();
  const uint64_t target = std::min(zeroed_to + chunk, segment_bytes_max_);
  RL_RETURN_IF_ERROR(WriteZeros(*filler_, zeroed_to, target));
  RL_FAILPOINT(zeros_written);
  RL_RETURN_IF_ERROR(filler_->Sync());
  RL_FAILPOINT(zeros_synced);
  zeroed_to_.store(target, std::memory_order_release);
  return Status::Ok();
}

}  // namespace redislite::storage
