// The bytes of a store's files, as docs/FORMAT.md specifies them. Constants, names and headers; nothing here does I/O.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::storage {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kFileHeaderBytes = 64;
inline constexpr size_t kFrameHeaderBytes = 48;
inline constexpr size_t kFrameAlignment = 8;
inline constexpr uint64_t kExtentUnit = 512;  // a sector
inline constexpr uint64_t kPayloadBytesMax = kRecordBytesMax + (1ull << 20);

using StoreId = std::array<char, 16>;

// Log sequence number: counts commands from 1; 0 is "before the first".
using Lsn = uint64_t;

enum class FileKind : uint8_t { kSegment, kSnapshot };

// FORMAT.md section 3.
struct FileHeader {
  FileKind kind = FileKind::kSegment;
  StoreId store{};
  Lsn lsn = 0;
  uint64_t extent = 0;  // bytes that the file had at least, durably, when it got its name
  uint64_t salt = 0;
  int64_t time_ms = 0;
  uint32_t crc = 0;  // set by Encode and Decode: the seed of the file's frames

  std::string Encode();
  // kCorrupt (without the file's name) or kVersion.
  static Result<FileHeader> Decode(Bytes bytes, FileKind expected);
};

enum class FrameKind : uint16_t { kCommands = 1, kSnapshotBlock = 2, kSnapshotEnd = 3, kMark = 4 };

// FORMAT.md section 4.
struct FrameHeader {
  uint32_t crc = 0;
  uint32_t length = 0;
  FrameKind kind = FrameKind::kCommands;
  Lsn lsn = 0;
  uint32_t count = 0;
  uint64_t extent = 0;  // bytes that the file had at least, durably, when the frame was written: whole units
  int64_t time_ms = 0;
  Lsn synced_through = 0;

  // One to eight bytes of padding, each of which is their number.
  uint64_t padded_length() const { return (uint64_t{length} + kFrameAlignment) & ~uint64_t{kFrameAlignment - 1}; }
  uint64_t frame_bytes() const { return kFrameHeaderBytes + padded_length(); }
};

// A frame without a payload.
inline constexpr uint64_t kMarkBytes = kFrameHeaderBytes + kFrameAlignment;

// A frame under construction: a hole for the header, then the payload, which the caller appends to. Reused from batch
// to batch, so that the steady state allocates nothing.
class FrameBuilder {
 public:
  FrameBuilder() : buffer_(kFrameHeaderBytes, '\0') {}
  void Clear() noexcept {
    // one huge record must not cost its size for ever
    if (buffer_.capacity() > kKeepBytes) Shrink();
    buffer_.assign(kFrameHeaderBytes, '\0');
  }
  std::string& buffer() { return buffer_; }
  size_t payload_bytes() const { return buffer_.size() - kFrameHeaderBytes; }
  // Pads, fills in the header and returns the whole frame, valid until the builder changes.
  Bytes Seal(FrameHeader header, uint32_t file_crc);

 private:
  static constexpr size_t kKeepBytes = 4 << 20;
  void Shrink() noexcept;
  std::string buffer_;
};

// Reads the fields without judging them; nothing when the magic is missing.
std::optional<FrameHeader> ParseFrameHeader(Bytes bytes);
// Whether header and payload (padded) are those that Seal wrote into the file with this header crc.
bool FrameIsValid(const FrameHeader& header, Bytes header_bytes, Bytes padded_payload, uint32_t file_crc);
// Fields that only a newer version would write.
bool FrameIsNewer(const FrameHeader& header, Bytes header_bytes);

std::string SegmentName(Lsn first);
std::string SnapshotName(Lsn lsn);
// The LSN in a name of that shape, or nothing.
std::optional<Lsn> ParseSegmentName(Bytes name);
std::optional<Lsn> ParseSnapshotName(Bytes name);
inline constexpr char kManifestName[] = "MANIFEST";
inline constexpr char kLockName[] = "LOCK";
// The name under which a file is written before it gets its own: MANIFEST.tmp, wal-<LSN>.tmp, snapshot-<LSN>.tmp.
std::string TemporaryName(Bytes name);
bool IsTemporaryName(Bytes name);

std::string Hex(Bytes bytes);

}  // namespace redislite::storage
