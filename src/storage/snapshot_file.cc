#include "storage/snapshot_file.h"

#include <new>
#include <utility>

#include "base/crc32.h"
#include "base/failpoint.h"
#include "base/little_endian.h"
#include "storage/frame_reader.h"

namespace redislite::storage {

namespace {

constexpr size_t kEndPayloadBytes = 32;
constexpr uint64_t kDropCacheEvery = 64;  // blocks

// The chain is over the checksums as they stand in the file: four little-endian bytes each.
uint32_t ExtendChain(uint32_t chain, uint32_t block_crc) {
  char bytes[4];
  StoreLittle(bytes, block_crc);
  return Crc32(chain, {bytes, sizeof bytes});
}

Status DamagedSnapshot(const std::string& path, uint64_t offset, const std::string& what) {
  return {Code::kCorrupt, path + ": offset " + std::to_string(offset) + ": " + what};
}

}  // namespace

Result<FileHeader> ReadFileHeader(os::File& file, const std::string& path, FileKind kind, const StoreId& store,
                                  Lsn lsn) {
  char bytes[kFileHeaderBytes];
  Result<size_t> read = file.Read(0, bytes, sizeof bytes);
  if (!read.ok()) return read.status();
  Result<FileHeader> header = FileHeader::Decode({bytes, *read}, kind);
  if (!header.ok()) return Status(header.status().code(), path + ": offset 0: " + header.status().message());
  if (header->store != store) {
    return DamagedSnapshot(path, 16,
                           "expected store " + Hex({store.data(), store.size()}) + ", found " +
                               Hex({header->store.data(), header->store.size()}));
  }
  if (header->lsn != lsn) {
    return DamagedSnapshot(path, 32, "expected LSN " + std::to_string(lsn) + ", found " + std::to_string(header->lsn));
  }
  return header;
}

std::string SnapshotWriter::TemporaryPath() const {
  return directory_ + "/" + TemporaryName(SnapshotName(header_.lsn));
}

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::Create(os::FileSystem& files, const std::string& directory,
                                                               FileHeader header) {
  const std::string header_bytes = header.Encode();
  std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(files, directory, header, nullptr));
  const std::string path = writer->TemporaryPath();
  if (Status removed = files.Remove(path); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  writer->file_ = std::move(*file);
  RL_FAILPOINT(snapshot_made);
  RL_RETURN_IF_ERROR(writer->file_->Write(0, header_bytes));
  return writer;
}

SnapshotWriter::~SnapshotWriter() {
  if (finished_ || file_ == nullptr) return;
  file_.reset();
  try {
    (void)files_.Remove(TemporaryPath()).ok();
  } catch (const std::bad_alloc&) {
    // the next writer removes what stays
  }
}

Status SnapshotWriter::WriteFrame(FrameBuilder& builder, FrameKind kind, Lsn lsn, uint32_t count) {
  FrameHeader frame;
  frame.kind = kind;
  frame.lsn = lsn;
  frame.count = count;
  frame.time_ms = header_.time_ms;
  frame.synced_through = header_.lsn;
  const Bytes bytes = builder.Seal(frame, header_.crc);
  RL_RETURN_IF_ERROR(file_->Write(offset_, bytes));
  offset_ += bytes.size();
  if (kind == FrameKind::kSnapshotBlock) chain_ = ExtendChain(chain_, LoadLittle<uint32_t>(bytes.data() + 4));
  builder.Clear();
  return Status::Ok();
}

Status SnapshotWriter::AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys) {
  RL_RETURN_IF_ERROR(WriteFrame(builder, FrameKind::kSnapshotBlock, blocks_, commands));
  RL_FAILPOINT(snapshot_block_written);
  ++blocks_;
  keys_ += keys;
  commands_ += commands;
  if (blocks_ % kDropCacheEvery == 0) file_->DropCache();
  return Status::Ok();
}

Status SnapshotWriter::Finish() {
  FrameBuilder builder;
  std::string& payload = builder.buffer();
  const size_t at = payload.size();
  payload.resize(at + kEndPayloadBytes, '\0');
  StoreLittle(payload.data() + at, blocks_);
  StoreLittle(payload.data() + at + 8, keys_);
  StoreLittle(payload.data() + at + 16, commands_);
  StoreLittle(payload.data() + at + 24, chain_);
  RL_RETURN_IF_ERROR(WriteFrame(builder, FrameKind::kSnapshotEnd, blocks_, 0));
  RL_FAILPOINT(snapshot_written);
  RL_RETURN_IF_ERROR(file_->Sync());
  RL_FAILPOINT(snapshot_synced);
  // What goes wrong on the way to the disk must show before the log that could repair it is gone (W9).
  const std::string temporary = TemporaryPath();
  Result<SnapshotSummary> back = ReadSnapshot(files_, temporary, header_.store, header_.lsn,
                                              [](const FrameHeader&, Bytes) { return Status::Ok(); });
  if (!back.ok()) return {Code::kIo, "the snapshot just written does not read back: " + back.status().message()};
  RL_FAILPOINT(snapshot_read_back);
  RL_RETURN_IF_ERROR(files_.Rename(temporary, directory_ + "/" + SnapshotName(header_.lsn)));
  finished_ = true;
  RL_FAILPOINT(snapshot_renamed);
  RL_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  RL_FAILPOINT(snapshot_in_place);
  return Status::Ok();
}

Result<SnapshotSummary> ReadSnapshot(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn lsn,
                                     const FrameSink& sink) {
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  Result<FileHeader> header = ReadFileHeader(**file, path, FileKind::kSnapshot, store, lsn);
  if (!header.ok()) return header.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  SnapshotSummary summary;
  summary.header = *header;
  summary.bytes = *size;
  uint32_t chain = 0;
  FrameReader reader(**file, *size, header->crc);
  while (true) {
    Result<bool> found = reader.Read();
    if (!found.ok()) return Status(found.status().code(), path + ": " + found.status().message());
    if (!*found)
      return DamagedSnapshot(path, reader.offset(),
                             "expected block " + std::to_string(summary.blocks) + ", found no valid frame");
    const FrameHeader& frame = reader.header();
    if (frame.kind == FrameKind::kSnapshotEnd) break;
    if (frame.kind != FrameKind::kSnapshotBlock || frame.lsn != summary.blocks) {
      return DamagedSnapshot(path, reader.offset(),
                             "expected block " + std::to_string(summary.blocks) + ", found kind " +
                                 std::to_string(static_cast<int>(frame.kind)) + " number " + std::to_string(frame.lsn));
    }
    RL_RETURN_IF_ERROR(sink(frame, reader.payload()));
    ++summary.blocks;
    summary.commands += frame.count;
    chain = ExtendChain(chain, frame.crc);
    reader.Skip();
  }
  const Bytes end = reader.payload();
  if (end.size() != kEndPayloadBytes || LoadLittle<uint64_t>(end.data()) != summary.blocks ||
      LoadLittle<uint64_t>(end.data() + 16) != summary.commands || LoadLittle<uint32_t>(end.data() + 24) != chain) {
    return DamagedSnapshot(path, reader.offset(),
                           "expected an end for " + std::to_string(summary.blocks) + " blocks, found another");
  }
  summary.keys = LoadLittle<uint64_t>(end.data() + 8);
  if (reader.Skip(); reader.offset() != *size) {
    return DamagedSnapshot(
        path, reader.offset(),
        "expected the end of the file, found " + std::to_string(*size - reader.offset()) + " bytes more");
  }
  return summary;
}

}  // namespace redislite::storage
