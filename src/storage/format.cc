#include "storage/format.h"

#include <algorithm>
#include <new>

#include "base/crc32.h"
#include "base/little_endian.h"
#include "base/number.h"

namespace redislite::storage {

namespace {

constexpr char kSegmentMagic[] = "RLSEGMNT";
constexpr char kSnapshotMagic[] = "RLSNAPSH";
constexpr char kFrameMagic[] = "RLF1";
constexpr size_t kLsnDigits = 20;

const char* MagicOf(FileKind kind) { return kind == FileKind::kSegment ? kSegmentMagic : kSnapshotMagic; }

uint32_t HeaderCrc(Bytes bytes) { return Crc32(Crc32(0, bytes.substr(0, 12)), bytes.substr(16, 48)); }

std::string NumberedName(Bytes prefix, Lsn lsn, Bytes suffix) {
  char text[kInt64TextMax];
  const Bytes digits = FormatInt64(static_cast<int64_t>(lsn), text);
  std::string name(prefix);
  name.append(kLsnDigits - digits.size(), '0').append(digits).append(suffix);
  return name;
}

std::optional<Lsn> ParseNumberedName(Bytes name, Bytes prefix, Bytes suffix) {
  if (name.size() != prefix.size() + kLsnDigits + suffix.size()) return {};
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  Lsn lsn = 0;
  for (const char digit : name.substr(prefix.size(), kLsnDigits)) {
    if (digit < '0' || digit > '9') return {};
    if (__builtin_mul_overflow(lsn, Lsn{10}, &lsn)) return {};
    if (__builtin_add_overflow(lsn, static_cast<Lsn>(digit - '0'), &lsn)) return {};
  }
  return lsn;
}

}  // namespace

std::string FileHeader::Encode() {
  std::string bytes(kFileHeaderBytes, '\0');
  char* at = bytes.data();
  std::memcpy(at, MagicOf(kind), 8);
  StoreLittle(at + 8, kFormatVersion);
  std::memcpy(at + 16, store.data(), store.size());
  StoreLittle(at + 32, lsn);
  StoreLittle(at + 40, extent);
  StoreLittle(at + 48, salt);
  StoreLittle(at + 56, time_ms);
  crc = HeaderCrc(bytes);
  StoreLittle(at + 12, crc);
  return bytes;
}

Result<FileHeader> FileHeader::Decode(Bytes bytes, FileKind expected) {
  if (bytes.size() < kFileHeaderBytes) {
    return Status(Code::kCorrupt, "expected a header of 64 bytes, found " + std::to_string(bytes.size()) + " bytes");
  }
  bytes = bytes.substr(0, kFileHeaderBytes);
  const char* at = bytes.data();
  if (std::memcmp(at, MagicOf(expected), 8) != 0) {
    return Status(Code::kCorrupt,
                  "expected the magic " + std::string(MagicOf(expected)) + ", found " + Hex(bytes.substr(0, 8)));
  }
  FileHeader header;
  header.crc = LoadLittle<uint32_t>(at + 12);
  if (header.crc != HeaderCrc(bytes)) {
    return Status(Code::kCorrupt, "expected a header with crc32 " + Hex(bytes.substr(12, 4)) + ", found another");
  }
  if (const auto version = LoadLittle<uint32_t>(at + 8); version != kFormatVersion) {
    return Status(Code::kVersion, "format version " + std::to_string(version) + " is newer than this library's, " +
                                      std::to_string(kFormatVersion));
  }
  header.kind = expected;
  std::memcpy(header.store.data(), at + 16, header.store.size());
  header.lsn = LoadLittle<uint64_t>(at + 32);
  header.extent = LoadLittle<uint64_t>(at + 40);
  header.salt = LoadLittle<uint64_t>(at + 48);
  header.time_ms = LoadLittle<int64_t>(at + 56);
  return header;
}

void FrameBuilder::Shrink() noexcept {
  try {
    buffer_ = std::string(kFrameHeaderBytes, '\0');
  } catch (const std::bad_alloc&) {
    // it stays large
  }
}

Bytes FrameBuilder::Seal(FrameHeader header, uint32_t file_crc) {
  header.length = static_cast<uint32_t>(payload_bytes());
  const uint64_t padding = header.padded_length() - header.length;
  buffer_.append(padding, static_cast<char>(padding));
  char* at = buffer_.data();
  std::memcpy(at, kFrameMagic, 4);
  StoreLittle(at + 8, header.length);
  StoreLittle(at + 12, static_cast<uint16_t>(header.kind));
  StoreLittle(at + 14, uint16_t{0});
  StoreLittle(at + 16, header.lsn);
  StoreLittle(at + 24, header.count);
  StoreLittle(at + 28, static_cast<uint32_t>(std::min<uint64_t>(header.extent / kExtentUnit, ~uint32_t{0})));
  StoreLittle(at + 32, header.time_ms);
  StoreLittle(at + 40, header.synced_through);
  StoreLittle(at + 4, Crc32(file_crc, Bytes(buffer_).substr(8)));
  return buffer_;
}

std::optional<FrameHeader> ParseFrameHeader(Bytes bytes) {
  if (bytes.size() < kFrameHeaderBytes || std::memcmp(bytes.data(), kFrameMagic, 4) != 0) return {};
  const char* at = bytes.data();
  FrameHeader header;
  header.crc = LoadLittle<uint32_t>(at + 4);
  header.length = LoadLittle<uint32_t>(at + 8);
  header.kind = static_cast<FrameKind>(LoadLittle<uint16_t>(at + 12));
  header.lsn = LoadLittle<uint64_t>(at + 16);
  header.count = LoadLittle<uint32_t>(at + 24);
  header.extent = uint64_t{LoadLittle<uint32_t>(at + 28)} * kExtentUnit;
  header.time_ms = LoadLittle<int64_t>(at + 32);
  header.synced_through = LoadLittle<uint64_t>(at + 40);
  return header;
}

bool FrameIsValid(const FrameHeader& header, Bytes header_bytes, Bytes padded_payload, uint32_t file_crc) {
  return Crc32(Crc32(file_crc, header_bytes.substr(8, kFrameHeaderBytes - 8)), padded_payload) == header.crc;
}

bool FrameIsNewer(const FrameHeader& header, Bytes header_bytes) {
  const auto kind = static_cast<uint16_t>(header.kind);
  return kind < 1 || kind > 4 || LoadLittle<uint16_t>(header_bytes.data() + 14) != 0;
}

std::string SegmentName(Lsn first) { return NumberedName("wal-", first, ".log"); }
std::string SnapshotName(Lsn lsn) { return NumberedName("snapshot-", lsn, ".rls"); }
std::optional<Lsn> ParseSegmentName(Bytes name) { return ParseNumberedName(name, "wal-", ".log"); }
std::optional<Lsn> ParseSnapshotName(Bytes name) { return ParseNumberedName(name, "snapshot-", ".rls"); }

std::string TemporaryName(Bytes name) { return std::string(name.substr(0, name.find('.'))) + ".tmp"; }

bool IsTemporaryName(Bytes name) {
  if (!name.ends_with(".tmp")) return false;
  const std::string stem(name.substr(0, name.size() - 4));
  return stem == kManifestName || ParseSegmentName(stem + ".log") || ParseSnapshotName(stem + ".rls");
}

std::string Hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace redislite::storage
