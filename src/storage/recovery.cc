#include "storage/recovery.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "storage/frame_reader.h"

namespace redislite::storage {

namespace {

Status Damaged(const std::string& path, uint64_t offset, const std::string& what) {
  return {Code::kCorrupt, path + ": offset " + std::to_string(offset) + ": " + what};
}

// The LSN behind a log frame.
Lsn NextLsn(const FrameHeader& frame) { return frame.lsn + frame.count; }

bool IsLogFrame(const FrameHeader& frame) {
  return frame.kind == FrameKind::kCommands || frame.kind == FrameKind::kMark;
}

struct OpenedSegment {
  std::unique_ptr<os::File> file;
  FileHeader header;
  uint64_t bytes = 0;
};

Result<OpenedSegment> OpenSegment(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn first) {
  OpenedSegment segment;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) {
    if (file.status().code() != Code::kPathNotFound) return file.status();
    return Status(Code::kCorrupt,
                  path + ": offset 0: expected a segment from LSN " + std::to_string(first) + ", found no file");
  }
  segment.file = std::move(*file);
  Result<FileHeader> header = ReadFileHeader(*segment.file, path, FileKind::kSegment, store, first);
  if (!header.ok()) return header.status();
  segment.header = *header;
  Result<uint64_t> size = segment.file->Size();
  if (!size.ok()) return size.status();
  segment.bytes = *size;
  return segment;
}

}  // namespace

Status EndsBeforeDurable(const std::string& directory, Lsn durable, Lsn last) {
  return Damaged(directory + "/" + kManifestName, 0,
                 "expected files that reach the durable LSN " + std::to_string(durable) + ", found their end at " +
                     std::to_string(last));
}

Result<SegmentScan> ScanSegment(os::FileSystem& files, const std::string& directory, const StoreId& store,
                                const SegmentEntry& entry, Lsn durable, const FrameSink& sink) {
  const std::string path = directory + "/" + SegmentName(entry.first);
  Result<OpenedSegment> opened = OpenSegment(files, path, store, entry.first);
  if (!opened.ok()) return opened.status();
  FrameReader reader(*opened->file, opened->bytes, opened->header.crc);
  SegmentScan scan;
  scan.header = opened->header;
  scan.last = entry.first - 1;
  scan.watermark = std::max(durable, entry.first - 1);
  scan.extent = opened->header.extent;
  TailFacts facts;
  facts.closed = entry.last.has_value();
  std::string found_there = "no valid frame";
  bool stopped = false;
  while (true) {
    facts.reached = facts.closed && scan.last == *entry.last;
    if (facts.reached) break;
    Result<bool> found = reader.Read();
    if (!found.ok()) return Status(found.status().code(), path + ": " + found.status().message());
    if (!*found) {
      stopped = true;
      break;
    }
    const FrameHeader& frame = reader.header();
    if (!IsLogFrame(frame) || frame.lsn != scan.last + 1 || (entry.last && NextLsn(frame) > *entry.last + 1)) {
      facts.at_stop = AtStop::kForeign;
      found_there = "a frame of LSN " + std::to_string(frame.lsn) + " to " + std::to_string(NextLsn(frame) - 1);
      scan.watermark = std::max(scan.watermark, frame.synced_through);
      break;
    }
    if (frame.synced_through >= frame.lsn) {  // it would call itself durable, or what comes after it
      return Damaged(path, reader.offset() + 40,
                     "expected a durable LSN below " + std::to_string(frame.lsn) + ", found " +
                         std::to_string(frame.synced_through));
    }
    RL_RETURN_IF_ERROR(sink(frame, reader.payload()));
    scan.last = NextLsn(frame) - 1;
    scan.watermark = std::max(scan.watermark, frame.synced_through);
    scan.extent = std::max(scan.extent, frame.extent);
    scan.time_ms = std::max(scan.time_ms, frame.time_ms);
    ++scan.frames;
    reader.Skip();
  }
  scan.end = reader.offset();
  if (!facts.closed && opened->bytes < scan.extent) {
    return Damaged(path, opened->bytes,
                   "expected a file of at least " + std::to_string(scan.extent) + " bytes, found its end");
  }
  if (stopped) {
    Result<FrameReader::Rest> rest = reader.ExamineRest();
    if (!rest.ok()) return rest.status();
    facts.at_stop = rest->at_stop;
    scan.bytes_cut = rest->bytes;
    // Does a frame behind the stop say that the one missing here was durable? Only such frames matter, so only they
    // are checked.
    const Lsn expected = scan.last + 1;
    if (rest->at_stop == AtStop::kGarbage && scan.watermark < expected) {
      Result<bool> later = reader.Resync(
          [&](const FrameHeader& frame) { return frame.lsn > expected && frame.synced_through >= expected; });
      if (!later.ok()) return Status(later.status().code(), path + ": " + later.status().message());
      if (*later) scan.watermark = std::max(scan.watermark, reader.header().synced_through);
    }
  }
  facts.promised = scan.watermark > scan.last;
  scan.outcome = DecideTail(facts);
  if (scan.outcome == TailOutcome::kCorrupt) {
    const Lsn promised = entry.last ? *entry.last : scan.watermark;
    return Damaged(path, scan.end,
                   "expected LSN " + std::to_string(scan.last + 1) +
                       (promised > scan.last ? " (durable up to " + std::to_string(promised) + ")" : "") + ", found " +
                       found_there);
  }
  if (scan.outcome == TailOutcome::kEnd) scan.bytes_cut = 0;
  return scan;
}

Result<Recovered> Recover(os::FileSystem& files, const std::string& directory, const Manifest& manifest,
                          const FrameSink& sink) {
  Recovered recovered;
  recovered.manifest = manifest;
  RecoveryReport& report = recovered.report;
  report.clean = manifest.clean();
  if (manifest.snapshot) {
    const std::string path = directory + "/" + SnapshotName(*manifest.snapshot);
    Result<SnapshotSummary> snapshot = ReadSnapshot(files, path, manifest.store, *manifest.snapshot, sink);
    if (!snapshot.ok()) {
      if (snapshot.status().code() != Code::kPathNotFound) return snapshot.status();
      return Status(Code::kCorrupt, path + ": offset 0: expected a snapshot, found no file");
    }
    report.snapshot_lsn = *manifest.snapshot;
    report.snapshot_keys = snapshot->keys;
    report.time_ms = snapshot->header.time_ms;
    recovered.snapshot_bytes = snapshot->bytes;
  }
  report.last_lsn = report.snapshot_lsn;
  for (const SegmentEntry& entry : manifest.segments) {
    const std::string path = directory + "/" + SegmentName(entry.first);
    const auto replay = [&](const FrameHeader& frame, Bytes payload) -> Status {
      if (frame.count != 0 && NextLsn(frame) <= report.snapshot_lsn + 1) {
        report.records_skipped += frame.count;
        return Status::Ok();
      }
      if (frame.lsn <= report.snapshot_lsn && NextLsn(frame) > report.snapshot_lsn + 1) {
        return {Code::kCorrupt,
                path + ": a frame lies across the snapshot's LSN " + std::to_string(report.snapshot_lsn)};
      }
      if (frame.count == 0) return Status::Ok();
      ++report.frames_replayed;
      report.records_replayed += frame.count;
      return sink(frame, payload);
    };
    Result<SegmentScan> scan = ScanSegment(files, directory, manifest.store, entry, manifest.durable, replay);
    if (!scan.ok()) return scan.status();
    report.last_lsn = std::max(report.last_lsn, scan->last);
    report.time_ms = std::max(report.time_ms, scan->time_ms);
    report.bytes_cut += scan->bytes_cut;
    recovered.segment_bytes[entry.first] = scan->end;
    recovered.tail = *scan;
  }
  if (report.last_lsn < manifest.durable) {
    return EndsBeforeDurable(directory, manifest.durable, report.last_lsn);
  }
  return recovered;
}

Result<Recovered> Salvage(os::FileSystem& files, const std::string& directory, const Result<Manifest>& manifest,
                          const std::function<void(const HashSeed& seed)>& begin, const FrameSink& sink) {
  Recovered recovered;
  RecoveryReport& report = recovered.report;
  report.clean = false;
  report.salvaged = true;
  if (!manifest.ok()) report.losses.push_back(manifest.status().message());
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  Lsn highest = 0;  // of everything that was ever named or seen

  // The store's identity: the manifest's, or that of any good header.
  bool identified = manifest.ok();
  if (manifest.ok()) {
    recovered.manifest.store = manifest->store;
    recovered.manifest.seed = manifest->seed;
    recovered.manifest.generation = manifest->generation;
    highest = std::max(manifest->durable, manifest->snapshot.value_or(0));
    for (const SegmentEntry& entry : manifest->segments)
      highest = std::max(highest, entry.last.value_or(entry.first - 1));
  } else {
    RL_RETURN_IF_ERROR(files.FillRandom(reinterpret_cast<char*>(&recovered.manifest.seed), sizeof(HashSeed)));
  }
  begin(recovered.manifest.seed);
  const auto open_header = [&](const std::string& name, FileKind kind,
                               std::unique_ptr<os::File>* file) -> Result<FileHeader> {
    Result<std::unique_ptr<os::File>> opened = files.Open(directory + "/" + name, os::OpenMode::kRead);
    if (!opened.ok()) return opened.status();
    char bytes[kFileHeaderBytes];
    Result<size_t> read = (*opened)->Read(0, bytes, sizeof bytes);
    if (!read.ok()) return read.status();
    Result<FileHeader> header = FileHeader::Decode({bytes, *read}, kind);
    if (!header.ok()) return header.status();
    if (!identified) {
      recovered.manifest.store = header->store;
      identified = true;
    }
    if (header->store != recovered.manifest.store) return Status(Code::kCorrupt, "the file is of another store");
    *file = std::move(*opened);
    return header;
  };
  // Gives all valid frames of a file to `visit`, in order; behind damage it goes on at the next valid frame that is
  // plausible.
  using Plausible = std::function<bool(const FrameHeader&)>;
  const auto read_valid = [&](const std::string& name, os::File& file, const FileHeader& header,
                              const Plausible& plausible, const FrameSink& visit) -> Status {
    Result<uint64_t> size = file.Size();
    if (!size.ok()) return size.status();
    FrameReader reader(file, *size, header.crc);
    while (true) {
      Result<bool> found = reader.Read();
      if (!found.ok()) return found.status();
      if (!*found) {
        Result<FrameReader::Rest> rest = reader.ExamineRest();
        if (!rest.ok()) return rest.status();
        if (rest->at_stop == AtStop::kZeros) return Status::Ok();
        const uint64_t bad_from = reader.offset();
        found = reader.Resync(plausible);
        if (!found.ok()) return found.status();
        const uint64_t bad_bytes = *found ? reader.offset() - bad_from : rest->bytes;
        report.losses.push_back(name + ": offset " + std::to_string(bad_from) + ": " + std::to_string(bad_bytes) +
                                " bytes hold no valid frame");
        report.bytes_cut += bad_bytes;
        if (!*found) return Status::Ok();
      }
      RL_RETURN_IF_ERROR(visit(reader.header(), reader.payload()));
      reader.Skip();
    }
  };

  // The newest snapshot that opens.
  std::vector<std::string> snapshots;
  std::vector<std::string> segments;
  for (const std::string& name : *names) {
    if (ParseSnapshotName(name)) snapshots.push_back(name);
    if (ParseSegmentName(name)) segments.push_back(name);
  }
  std::reverse(snapshots.begin(), snapshots.end());
  if (manifest.ok() && manifest->snapshot &&
      std::find(names->begin(), names->end(), SnapshotName(*manifest->snapshot)) == names->end()) {
    report.losses.push_back(SnapshotName(*manifest->snapshot) + ": the file is missing");
  }
  for (const std::string& name : snapshots) {
    std::unique_ptr<os::File> file;
    Result<FileHeader> header = open_header(name, FileKind::kSnapshot, &file);
    if (!header.ok()) {
      if (header.status().code() == Code::kIo) return header.status();
      report.losses.push_back(name + ": offset 0: " + header.status().message());
      continue;
    }
    bool ended = false;
    Lsn next_block = 0;
    const auto plausible = [&](const FrameHeader& frame) {
      return frame.kind == FrameKind::kSnapshotEnd ||
             (frame.kind == FrameKind::kSnapshotBlock && frame.lsn >= next_block);
    };
    const auto visit = [&](const FrameHeader& frame, Bytes payload) -> Status {
      if (frame.kind == FrameKind::kSnapshotEnd) ended = true;
      if (frame.kind != FrameKind::kSnapshotBlock || frame.lsn < next_block) return Status::Ok();
      next_block = frame.lsn + 1;
      return sink(frame, payload);
    };
    RL_RETURN_IF_ERROR(read_valid(name, *file, *header, plausible, visit));
    if (!ended) report.losses.push_back(name + ": the end is missing");
    report.snapshot_lsn = header->lsn;
    report.time_ms = header->time_ms;
    break;
  }

  // Then every valid frame of the log, in order of LSN.
  Lsn last = report.snapshot_lsn;
  highest = std::max(highest, last);
  const auto note_gap = [&](Lsn next, const std::string& where) {
    if (next > last + 1) {
      report.losses.push_back(where + ": LSN " + std::to_string(last + 1) + " to " + std::to_string(next - 1) +
                              " are missing");
    }
  };
  for (const std::string& name : segments) {
    std::unique_ptr<os::File> file;
    Result<FileHeader> header = open_header(name, FileKind::kSegment, &file);
    if (!header.ok()) {
      if (header.status().code() == Code::kIo) return header.status();
      report.losses.push_back(name + ": offset 0: " + header.status().message());
      continue;
    }
    // A closed segment ends at the last LSN that the manifest gives it; what follows in the file was never part of
    // the log.
    Lsn limit = std::numeric_limits<Lsn>::max();
    if (manifest.ok()) {
      for (const SegmentEntry& entry : manifest->segments) {
        if (entry.first == header->lsn && entry.last) limit = *entry.last;
      }
    }
    const auto plausible = [&](const FrameHeader& frame) { return frame.lsn > last; };
    const auto visit = [&](const FrameHeader& frame, Bytes payload) -> Status {
      const Lsn frame_last = NextLsn(frame) - 1;
      highest = std::max({highest, frame.synced_through, frame.kind == FrameKind::kCommands ? frame_last : Lsn{0}});
      if (frame.kind != FrameKind::kCommands || frame.lsn <= last || frame_last > limit) return Status::Ok();
      note_gap(frame.lsn, name);
      last = frame_last;
      ++report.frames_replayed;
      report.records_replayed += frame.count;
      report.time_ms = std::max(report.time_ms, frame.time_ms);
      return sink(frame, payload);
    };
    RL_RETURN_IF_ERROR(read_valid(name, *file, *header, plausible, visit));
  }
  note_gap(highest + 1, "the log's end");
  report.last_lsn = std::max(highest, last);
  return recovered;
}

}  // namespace redislite::storage
