// Recovery: reads what the manifest names and decides where the log ends. It changes no byte; Log acts on its answer.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"
#include "storage/manifest.h"
#include "storage/snapshot_file.h"
#include "storage/tail.h"

namespace redislite::storage {

// What one segment turned out to hold.
struct SegmentScan {
  FileHeader header;
  Lsn last = 0;         // of the last frame that counts; header.lsn - 1 when there is none
  uint64_t end = 0;     // the offset behind it
  Lsn watermark = 0;    // highest LSN that something calls durable (R5)
  int64_t time_ms = 0;  // of the last frame
  uint64_t frames = 0;
  uint64_t extent = 0;  // bytes that the file must have while it is open (R8)
  TailOutcome outcome = TailOutcome::kEnd;
  uint64_t bytes_cut = 0;  // of a torn tail
};

// Reads one segment; every valid frame in order goes to the sink. `durable` is the manifest's. Not ok: kCorrupt by R1
// or by the table, kIo by R2.
Result<SegmentScan> ScanSegment(os::FileSystem& files, const std::string& directory, const StoreId& store,
                                const SegmentEntry& entry, Lsn durable, const FrameSink& sink);

// How a store was opened: rl_info's section "recovery".
struct RecoveryReport {
  bool created = false;
  bool clean = true;  // the log was sealed
  bool salvaged = false;
  Lsn snapshot_lsn = 0;
  uint64_t snapshot_keys = 0;
  Lsn last_lsn = 0;
  int64_t time_ms = 0;  // highest time in the files
  uint64_t frames_replayed = 0;
  uint64_t records_replayed = 0;    // commands
  uint64_t records_skipped = 0;     // commands that the snapshot holds already
  uint64_t bytes_cut = 0;           // of a torn tail
  std::vector<std::string> losses;  // salvage: what is missing or damaged, a sentence each
};

// The state of the files after reading them.
struct Recovered {
  Manifest manifest;
  RecoveryReport report;
  std::optional<SegmentScan> tail;        // of the last segment
  std::map<Lsn, uint64_t> segment_bytes;  // up to each segment's end, by first LSN
  uint64_t snapshot_bytes = 0;
};

// The damage of a store whose files end below the manifest's durable LSN (R5).
Status EndsBeforeDurable(const std::string& directory, Lsn durable, Lsn last);

// Reads the store strictly: snapshot, then log, all given to the sink in order.
Result<Recovered> Recover(os::FileSystem& files, const std::string& directory, const Manifest& manifest,
                          const FrameSink& sink);

// Reads what is valid, whatever is damaged (FORMAT.md section 7). `manifest` may be the result of a failed read. The
// recovered manifest has the store's id and seed (given to `begin`) and nothing else; report.last_lsn is above every
// LSN seen. Not ok only for read errors and when the sink fails.
Result<Recovered> Salvage(os::FileSystem& files, const std::string& directory, const Result<Manifest>& manifest,
                          const std::function<void(const HashSeed& seed)>& begin, const FrameSink& sink);

}  // namespace redislite::storage
