// Log: an open store directory. Recovers it, then appends records, syncs them, rotates segments and installs snapshots.
//
// It holds opaque payloads and LSNs; what the commands mean is the engine's business. Promise: a record whose Append
// and Sync returned ok is found by every later Open, whatever happens in between that docs/FORMAT.md covers.
//
// After a failed sync, or a failed write for any reason but space, the log is poisoned: nothing is written any more
// and every call returns the first cause (I7). Only opening again heals.
//
// Threads: the leader's functions by one thread at a time (the engine's commit lock); the others by any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"
#include "storage/manifest.h"
#include "storage/recovery.h"
#include "storage/segment_writer.h"
#include "storage/snapshot_file.h"

namespace redislite::storage {

struct LogOptions {
  bool create = true;
  bool read_only = false;
  bool salvage = false;
  uint64_t segment_bytes = 64ull << 20;  // a rotation's threshold
  std::function<int64_t()> now_ms;       // for the headers of files
};

// Who gets what the store holds when it is opened. `begin` comes before the first frame, with the keyspace's hash
// seed; when it comes again, what was given before is to be forgotten. `end` (may be empty) comes behind the last
// frame, before anything is changed on the disk; its failure is the opening's.
struct ReplayTarget {
  std::function<void(const HashSeed& seed)> begin;
  FrameSink frame;
  std::function<Status()> end;
};

class Log {
 public:
  // Opens the directory and gives what it holds to the target: snapshot blocks first, then the log's frames, in
  // order. When it returns ok, everything given is durable (unless read_only).
  static Result<std::unique_ptr<Log>> Open(os::FileSystem& files, const std::string& directory,
                                           const LogOptions& options, const ReplayTarget& target);
  ~Log();

  const RecoveryReport& report() const { return report_; }

  // A salvaged store must not be served before a snapshot of it has been installed.
  bool needs_snapshot() const { return needs_snapshot_; }

  // ---- The leader's.

  // Appends one record of `count` commands, the first with LSN last_lsn() + 1. kFull: nothing was appended, later
  // tries may succeed. kSynced: the caller will sync it before it acknowledges it, and waits for room in the file to be
  // durable first, when there is none yet, so that a file that is cut short later is known for it (FORMAT.md, R8).
  enum class Durability : uint8_t { kRelaxed, kSynced };
  Status Append(FrameBuilder& builder, uint32_t count, int64_t time_ms, Durability wanted);
  // Closes the open segment, so that the log before this point can be removed whole when a snapshot covers it.
  Status Rotate();
  // When everything is durable but no frame says so yet: writes a mark that does, so that damage to the last record
  // can be told from a torn tail. No sync: losing the mark loses nothing.
  Status MarkDurable(int64_t time_ms);

  // ---- Any thread's.

  // Everything appended before the call is durable on return. No system call when it is already.
  Status Sync();

  Lsn last_lsn() const { return last_lsn_.load(std::memory_order_acquire); }
  Lsn synced_lsn() const { return synced_lsn_.load(std::memory_order_acquire); }

  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }
  Status poison() const;             // the first cause, or ok
  Status Poison(const Status& why);  // returns the first cause, as kIo

  // For the service thread: extends the zeros ahead of the log's end.
  void ZeroFillAhead();

  Result<std::unique_ptr<SnapshotWriter>> BeginSnapshot(Lsn lsn, int64_t time_ms);
  // The finished snapshot becomes the store's start; the log and the snapshots that it covers are removed.
  Status InstallSnapshot(Lsn lsn, uint64_t bytes);

  uint64_t wal_bytes() const;  // of log since the last snapshot
  uint64_t segment_count() const;
  uint64_t snapshot_bytes() const;
  Lsn snapshot_lsn() const;

  // Syncs and seals. The leader's. Not ok: the store recovers at the next open.
  Status Close();

 private:
  Log(os::FileSystem& files, std::string directory, LogOptions options)
      : files_(files), directory_(std::move(directory)), options_(std::move(options)) {}

  Status EnterDirectory();
  Status Load(const ReplayTarget& target);
  Status LoadOnce(const ReplayTarget& target);
  Status StartNewStore(const ReplayTarget& target);
  Status Resume(const Recovered& recovered);
  // The LSN with which the last frame of the segment ends that does not go beyond the limit.
  Result<Lsn> LastFrameEnd(const SegmentScan& tail, Lsn limit);
  Status PutAside();
  void RemoveLeftovers();
  Result<FileHeader> NewHeader(FileKind kind, Lsn lsn, int64_t time_ms) const;
  Result<std::shared_ptr<SegmentWriter>> CreateSegment(Lsn first, const SegmentWriter::Fill& fill);
  Status OpenForAppend();
  Status RotateTo(Lsn first);
  Status Install(Manifest next) REQUIRES(manifest_mu_);
  Status AppendFrame(SegmentWriter& segment, FrameBuilder& builder, FrameHeader header);
  std::shared_ptr<SegmentWriter> Segment() const;
  void SetSegment(std::shared_ptr<SegmentWriter> segment);

  os::FileSystem& files_;
  const std::string directory_;
  const LogOptions options_;
  std::unique_ptr<os::Lock> lock_;
  RecoveryReport report_;
  bool needs_snapshot_ = false;
  StoreId store_{};

  std::atomic<Lsn> last_lsn_{0};
  std::atomic<Lsn> synced_lsn_{0};
  Lsn marked_lsn_ = 0;       // the leader's: what the last frame or mark calls durable
  FrameBuilder mark_frame_;  // the leader's

  // The open segment; null while the last one is closed, as it is after a clean open until the first append. Changed
  // by the leader only.
  mutable Mutex segment_mu_;
  std::shared_ptr<SegmentWriter> segment_ GUARDED_BY(segment_mu_);

  Mutex sync_mu_;  // one sync at a time, so that each sees its own error

  mutable Mutex manifest_mu_;
  Manifest manifest_ GUARDED_BY(manifest_mu_);
  std::map<Lsn, uint64_t> closed_bytes_ GUARDED_BY(manifest_mu_);  // of closed segments, by first LSN
  // of the last segment, when it was found cleanly closed
  FileHeader closed_header_ GUARDED_BY(manifest_mu_);
  uint64_t closed_extent_ GUARDED_BY(manifest_mu_) = 0;
  uint64_t snapshot_bytes_ GUARDED_BY(manifest_mu_) = 0;

  std::atomic<bool> poisoned_{false};
  mutable Mutex poison_mu_;
  Status poison_ GUARDED_BY(poison_mu_);
};

}  // namespace redislite::storage
