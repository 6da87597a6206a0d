// FrameReader: walks the frames of one file.
//
// It says what it finds and judges nothing: where the next frame is not valid it stops, and tail.h decides what that
// means. A read error is an error, never an end (R2). Owner: whoever scans; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"
#include "storage/tail.h"

namespace redislite::storage {

class FrameReader {
 public:
  // Reads `file` of `file_bytes` bytes from `offset` on; `crc` is that of its header.
  FrameReader(os::File& file, uint64_t file_bytes, uint32_t crc, uint64_t offset = kFileHeaderBytes)
      : file_(file), file_bytes_(file_bytes), crc_(crc), offset_(offset) {}

  // Reads the frame at offset(): true when there is a valid one. False: what is there is no valid frame, or the file
  // ends. kVersion: a valid frame of a newer format.
  Result<bool> Read();

  // Of the frame that Read found. The payload is valid until the next call.
  const FrameHeader& header() const { return header_; }
  Bytes payload() const { return payload_; }
  // Where the frame begins that Read looked at.
  uint64_t offset() const { return offset_; }

  // Goes behind the frame that Read found.
  void Skip() { offset_ += header_.frame_bytes(); }

  // From where Read said false: what stands there, zeros or garbage, and how many bytes there are up to the last one
  // that is not 0.
  struct Rest {
    AtStop at_stop = AtStop::kZeros;
    uint64_t bytes = 0;
  };
  Result<Rest> ExamineRest();

  // Looks for the next valid frame behind offset(), at each multiple of 8, whose header the caller finds plausible,
  // and stands on it: true. False: there is none.
  Result<bool> Resync(const std::function<bool(const FrameHeader&)>& plausible);

 private:
  // Makes `size` bytes at `offset` available, fewer at the end of the file.
  Result<Bytes> Fetch(uint64_t offset, uint64_t size);

  os::File& file_;
  const uint64_t file_bytes_;
  const uint32_t crc_;
  uint64_t offset_;
  FrameHeader header_;
  Bytes payload_;
  std::string buffer_;
  uint64_t buffer_offset_ = 0;
};

}  // namespace redislite::storage
