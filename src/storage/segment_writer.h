// SegmentWriter: the open segment of the log.
//
// Append writes a whole frame with one write behind the last one; Sync makes what was written durable. Space ahead is
// zero-filled in the background by ZeroFillAhead, because overwriting zeros needs no metadata in the sync (30 to 40 %
// faster than growing the file), and because the length that is durable before a frame is written shows a reader when
// the file was cut short. Who appends faster than the background fills makes room himself, when he cares for durability
// (MakeRoom); else the file grows with its frames.
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
  // Opens a cleanly closed segment to append behind `end`. Null when it is not fit to be open: other bytes than zeros
  // stand there, among which frames would be taken for the log's own, or it is shorter than its `extent` says.
  static Result<std::shared_ptr<SegmentWriter>> Reopen(os::FileSystem& files, const std::string& directory,
                                                       const FileHeader& header, uint64_t end, uint64_t extent,
                                                       uint64_t segment_bytes_max);

  const FileHeader& header() const { return header_; }
  // Bytes up to the end of the last frame.
  uint64_t bytes() const { return end_.load(std::memory_order_relaxed); }
  bool empty() const { return bytes() == kFileHeaderBytes; }
  // Whether a frame of this size still belongs here; an empty segment takes one of any size.
  bool HasRoomFor(uint64_t frame_bytes) const { return empty() || bytes() + frame_bytes <= segment_bytes_max_; }

  // The bytes that the file has durably, whole units of them: what FrameHeader::extent is to say.
  uint64_t extent() const { return extent_.load(std::memory_order_acquire); }
  // Whether a frame of this size at the end, and a mark behind it, lie within the extent that a frame before has told.
  // The leader's. (R8)
  bool IsCovered(uint64_t frame_bytes) const { return bytes() + frame_bytes + kMarkBytes <= told_extent_; }
  // Makes the extent cover a frame of this size. No system call when it does already. kFull: there is no room.
  Status MakeRoom(uint64_t frame_bytes);

  // `extent` is what the frame says. On an error nothing was appended. kFull: part of the frame may stand there, which
  // is no frame, and it may be tried again; anything else not (W5).
  Status Append(Bytes frame, uint64_t extent);
  Status Sync();

  // Extends the zeros when less than half a chunk is left. An error other than kFull means that the disk is not to be
  // trusted.
  Status ZeroFillAhead();

 private:
  SegmentWriter(FileHeader header, std::unique_ptr<os::File> file, std::unique_ptr<os::File> filler,
                uint64_t segment_bytes_max)
      : header_(header), file_(std::move(file)), filler_(std::move(filler)), segment_bytes_max_(segment_bytes_max) {}

  Status WriteZerosTo(uint64_t to) REQUIRES(fill_mu_);

  // Constant after construction.
  FileHeader header_;
  const std::unique_ptr<os::File> file_;
  const std::unique_ptr<os::File> filler_;
  const uint64_t segment_bytes_max_;

  std::atomic<uint64_t> end_{0};
  std::atomic<uint64_t> zeroed_to_{0};  // the file's length, as far as this process has made it
  std::atomic<uint64_t> extent_{0};
  uint64_t told_extent_ = 0;  // the leader's: the highest that the header or a frame says
  Mutex fill_mu_;             // held while zeros are being written: an append beyond zeroed_to_ waits for it
};

}  // namespace redislite::storage
