#include "storage/frame_reader.h"

#include <algorithm>

namespace redislite::storage {

namespace {

constexpr uint64_t kReadBytes = 1 << 20;

}  // namespace

Result<Bytes> FrameReader::Fetch(uint64_t offset, uint64_t size) {
  const uint64_t available = offset >= file_bytes_ ? 0 : std::min(size, file_bytes_ - offset);
  if (offset < buffer_offset_ || offset + available > buffer_offset_ + buffer_.size()) {
    const uint64_t wanted = std::min(std::max(available, kReadBytes), file_bytes_ - std::min(offset, file_bytes_));
    buffer_.resize(wanted);
    Result<size_t> read = file_.Read(offset, buffer_.data(), buffer_.size());
    if (!read.ok()) return read.status();
    buffer_.resize(*read);
    buffer_offset_ = offset;
  }
  return Bytes(buffer_).substr(offset - buffer_offset_, available);
}

Result<bool> FrameReader::Read() {
  Result<Bytes> head = Fetch(offset_, kFrameHeaderBytes);
  if (!head.ok()) return head.status();
  const std::optional<FrameHeader> header = ParseFrameHeader(*head);
  if (!header || header->length > kPayloadBytesMax || offset_ + header->frame_bytes() > file_bytes_) return false;
  Result<Bytes> whole = Fetch(offset_, header->frame_bytes());
  if (!whole.ok()) return whole.status();
  if (whole->size() < header->frame_bytes()) return false;  // the file became shorter under us
  const Bytes header_bytes = whole->substr(0, kFrameHeaderBytes);
  const Bytes padded = whole->substr(kFrameHeaderBytes);
  if (!FrameIsValid(*header, header_bytes, padded, crc_)) return false;
  if (FrameIsNewer(*header, header_bytes)) {
    return Status(Code::kVersion, "offset " + std::to_string(offset_) + ": a frame of a newer format");
  }
  header_ = *header;
  payload_ = padded.substr(0, header->length);
  return true;
}

Result<FrameReader::Rest> FrameReader::ExamineRest() {
  Rest rest;
  for (uint64_t at = offset_; at < file_bytes_;) {
    Result<Bytes> bytes = Fetch(at, kReadBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) break;
    if (const size_t last = bytes->find_last_not_of('\0'); last != Bytes::npos) rest.bytes = at + last + 1 - offset_;
    at += bytes->size();
  }
  rest.at_stop = rest.bytes == 0 ? AtStop::kZeros : AtStop::kGarbage;
  return rest;
}

Result<bool> FrameReader::Resync(const std::function<bool(const FrameHeader&)>& plausible) {
  const uint64_t begin = offset_;
  for (uint64_t at = begin + kFrameAlignment; at + kFrameHeaderBytes <= file_bytes_; at += kFrameAlignment) {
    Result<Bytes> head = Fetch(at, kFrameHeaderBytes);
    if (!head.ok()) return head.status();
    const std::optional<FrameHeader> header = ParseFrameHeader(*head);
    if (!header || !plausible(*header)) continue;
    offset_ = at;
    Result<bool> valid = Read();
    if (!valid.ok()) return valid.status();
    if (*valid) return true;
  }
  offset_ = begin;
  return false;
}

}  // namespace redislite::storage
