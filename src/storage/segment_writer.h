// SegmentWriter: the open segment of the log.
//
// Append writes a whole frame with one write behind the last one; Sync makes what was written durable. Space ahead is
// zero-filled in the background by ZeroFillAhead, because overwriting zeros needs no metadata in the sync (30 to 40 %
// faster than growing the file).
//
// Two descriptors: the kernel reports a failed write-back once to each descriptor, so the zero-filler has its own and
// can never swallow the error that Append's sync must see (W10).
//
// Threads: Append by the leader only; Sync by one thread at a time (Log sees to it); ZeroFillAhead by the service
// thread, at the same time as either.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"

namespace redislite::storage {

class SegmentWriter {
 public:
  // Makes the segment under a temporary name with its header and the first zeros, lets `fill` (may be empty) append
  // what it must hold from the start, and when all of it is durable gives it its name, durably, in place of a file of
  // that name. kFull only while nothing has the name.
  // (Shared from the start: nothing may run out of memory once a manifest names the segment.)
  using Fill = std::function<Status(SegmentWriter&)>;
  static Result<std::shared_ptr<SegmentWriter>> Create(os::FileSystem& files, const std::string& directory,
                                                       FileHeader header, uint64_t segment_bytes_max, const Fill& fill);
  // Opens a cleanly closed segment to append behind `end`.
  static Result<std::shared_ptr<SegmentWriter>> Reopen(os::FileSystem& files, const std::string& directory,
                                                       const FileHeader& header, uint64_t end,
                                                       uint64_t segment_bytes_max);

  const FileHeader& header() const { return header_; }
  // Bytes up to the end of the last frame.
  uint64_t bytes() const { return end_.load(std::memory_order_relaxed); }
  bool empty() const { return bytes() == kFileHeaderBytes; }
  // Whether a frame of this size still belongs here; an empty segment takes one of any size.
  bool HasRoomFor(uint64_t frame_bytes) const { return empty() || bytes() + frame_bytes <= segment_bytes_max_; }

  // On an error nothing was appended. kFull: what the disk had room for is gone again, and it may be tried again;
  // anything else not (W5).
  Status Append(Bytes frame);
  Status Sync();

  // Extends the zeros when less than half a chunk is left. An error other than kFull means that the disk is not to be
  // trusted.
  Status ZeroFillAhead();

 private:
  SegmentWriter(FileHeader header, std::unique_ptr<os::File> file, std::unique_ptr<os::File> filler,
                uint64_t segment_bytes_max)
      : header_(header), file_(std::move(file)), filler_(std::move(filler)), segment_bytes_max_(segment_bytes_max) {}

  Status TakeBack();

  // Constant after construction.
  const FileHeader header_;
  const std::unique_ptr<os::File> file_;
  const std::unique_ptr<os::File> filler_;
  const uint64_t segment_bytes_max_;

  std::atomic<uint64_t> end_{0};
  std::atomic<uint64_t> zeroed_to_{0};
  Mutex fill_mu_;  // held while zeros are being written: an append beyond zeroed_to_ waits for it
};

}  // namespace redislite::storage
