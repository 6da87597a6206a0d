#include "storage/segment_writer.h"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/failpoint.h"

namespace redislite::storage {

namespace {

constexpr uint64_t kFirstZeros = 256 << 10;
constexpr uint64_t kZerosMax = 8 << 20;

// How far ahead of `end` zeros should reach: small for a small store, up to 8 MiB for a busy one.
uint64_t ChunkAt(uint64_t end) { return std::clamp(end, kFirstZeros, kZerosMax); }

// Made before a segment is: a write of zeros needs no memory, so that it fails only for the device's reasons. From
// calloc, which touches nothing of a block of this size: what is only read is the system's one page of zeros, and takes
// none of the machine's memory.
Bytes Zeros() {
  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  static const std::unique_ptr<char, Free> zeros = [] {
    auto* const block = static_cast<char*>(std::calloc(1, kFirstZeros));
    if (block == nullptr) throw std::bad_alloc();
    return std::unique_ptr<char, Free>(block);
  }();
  return {zeros.get(), kFirstZeros};
}

uint64_t WholeUnits(uint64_t bytes) { return bytes / kExtentUnit * kExtentUnit; }

// Up to where a segment may be zero-filled: its last frame has room behind it, too (MakeRoom).
uint64_t ZerosEnd(uint64_t segment_bytes_max) { return WholeUnits(segment_bytes_max) + 2 * kExtentUnit; }

Result<bool> IsZeros(os::File& file, uint64_t from, uint64_t to) {
  std::string buffer(std::min(kFirstZeros, to - std::min(from, to)), '\0');
  while (from < to) {
    Result<size_t> read = file.Read(from, buffer.data(), std::min<uint64_t>(to - from, buffer.size()));
    if (!read.ok()) return read.status();
    if (*read == 0) break;
    if (Bytes(buffer).substr(0, *read).find_first_not_of('\0') != Bytes::npos) return false;
    from += *read;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<SegmentWriter>> SegmentWriter::Create(os::FileSystem& files, const std::string& directory,
                                                             FileHeader header, uint64_t segment_bytes_max,
                                                             const Fill& fill) {
  (void)Zeros();
  const std::string temporary = directory + "/" + TemporaryName(SegmentName(header.lsn));
  if (Status removed = files.Remove(temporary); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  Result<std::unique_ptr<os::File>> file = files.Open(temporary, os::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(temporary, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  RL_FAILPOINT(segment_made);
  header.extent = std::min(ZerosEnd(segment_bytes_max), kFirstZeros);
  const std::string header_bytes = header.Encode();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  writer->zeroed_to_ = header.extent;
  writer->end_ = kFileHeaderBytes;
  const auto fill_and_sync = [&]() -> Status {
    std::string first(writer->zeroed_to_, '\0');
    first.replace(0, kFileHeaderBytes, header_bytes);
    Status written = writer->file_->Write(0, first);
    if (written.code() == Code::kFull) {
      // No room for zeros ahead: a store on a full disk still opens if what it must hold fits.
      RL_RETURN_IF_ERROR(writer->file_->Truncate(0));
      writer->header_.extent = 0;
      writer->zeroed_to_ = kFileHeaderBytes;
      written = writer->file_->Write(0, writer->header_.Encode());
    }
    RL_RETURN_IF_ERROR(written);
    writer->extent_ = writer->told_extent_ = writer->header_.extent;  // durable before the file has its name
    if (fill) RL_RETURN_IF_ERROR(fill(*writer));
    RL_FAILPOINT(segment_written);
    RL_RETURN_IF_ERROR(writer->file_->Sync());
    writer->extent_ = WholeUnits(writer->zeroed_to_);
    return Status::Ok();
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
                                                             const FileHeader& header, uint64_t end, uint64_t extent,
                                                             uint64_t segment_bytes_max) {
  (void)Zeros();
  const std::string path = directory + "/" + SegmentName(header.lsn);
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kReadWrite);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(path, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  if (*size < extent) return std::shared_ptr<SegmentWriter>();
  Result<bool> zeros = IsZeros(**file, end, *size);
  if (!zeros.ok()) return zeros.status();
  if (!*zeros) return std::shared_ptr<SegmentWriter>();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  writer->end_ = end;
  writer->zeroed_to_ = std::max(*size, end);
  writer->extent_ = writer->told_extent_ = WholeUnits(extent);
  return writer;
}

Status SegmentWriter::WriteZerosTo(uint64_t to) {
  for (uint64_t from = zeroed_to_.load(std::memory_order_relaxed); from < to;) {
    const uint64_t step = std::min<uint64_t>(to - from, Zeros().size());
    RL_RETURN_IF_ERROR(filler_->Write(from, Zeros().substr(0, step)));
    from += step;
    zeroed_to_.store(from, std::memory_order_release);
  }
  RL_FAILPOINT(zeros_written);
  RL_RETURN_IF_ERROR(filler_->Sync());
  RL_FAILPOINT(zeros_synced);
  extent_.store(WholeUnits(zeroed_to_), std::memory_order_release);
  return Status::Ok();
}

Status SegmentWriter::MakeRoom(uint64_t frame_bytes) {
  const uint64_t needed = bytes() + frame_bytes + kMarkBytes;
  if (needed <= extent()) return Status::Ok();
  MutexLock lock(fill_mu_);
  if (needed <= extent()) return Status::Ok();
  const uint64_t enough = WholeUnits(needed) + kExtentUnit;
  return WriteZerosTo(std::max(enough, std::min(enough + kFirstZeros, ZerosEnd(segment_bytes_max_))));
}

Status SegmentWriter::Append(Bytes frame, uint64_t extent) {
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
  RL_RETURN_IF_ERROR(written);
  RL_FAILPOINT(frame_written);
  end_.store(to, std::memory_order_relaxed);
  told_extent_ = std::max(told_extent_, extent);
  return Status::Ok();
}

Status SegmentWriter::Sync() { return file_->Sync(); }

Status SegmentWriter::ZeroFillAhead() {
  MutexLock lock(fill_mu_);
  const uint64_t end = bytes();
  const uint64_t zeroed_to = zeroed_to_.load(std::memory_order_relaxed);
  const uint64_t chunk = ChunkAt(end);
  const uint64_t last = ZerosEnd(segment_bytes_max_);
  if (zeroed_to >= last || zeroed_to - end > chunk / 2) return Status::Ok();
  return WriteZerosTo(std::min(zeroed_to + chunk, last));
}

}  // namespace redislite::storage
