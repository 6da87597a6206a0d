#include "storage/log.h"

#include <algorithm>
#include <new>

#include "base/failpoint.h"
#include "storage/directory.h"
#include "storage/frame_reader.h"

namespace redislite::storage {

namespace {

constexpr int kReadOnlyTries = 10;

// An operation on the open segment. It needs memory only for the text of a failure, and one whose text finds none is a
// failure all the same.
template <typename Operation>
Status Attempt(const Operation& operation) {
  try {
    return operation();
  } catch (const std::bad_alloc&) {
    return {Code::kIo, OutOfMemory().message()};
  }
}

}  // namespace

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::Open(os::FileSystem& files, const std::string& directory, const LogOptions& options,
                                       const ReplayTarget& target) {
  std::unique_ptr<Log> log(new Log(files, directory, options));
  RL_RETURN_IF_ERROR(log->EnterDirectory());
  RL_RETURN_IF_ERROR(log->Load(target));
  if (log->lock_ != nullptr) log->lock_->Keep();
  return log;
}

Status Log::EnterDirectory() {
  if (!options_.create || options_.read_only) {
    // The directory must be there; what it holds is looked at later.
    if (Result<std::vector<std::string>> names = files_.List(directory_); !names.ok()) return names.status();
  } else {
    if (Status made = MakeDirectories(files_, directory_, nullptr); !made.ok()) {
      // A missing path is what `create` is for: when it cannot be made all the same, that is the device's refusal.
      return made.code() == Code::kPathNotFound ? Status(Code::kIo, made.message()) : made;
    }
  }
  if (options_.read_only) return Status::Ok();
  Result<std::unique_ptr<os::Lock>> lock = files_.LockFile(directory_ + "/" + kLockName);
  if (!lock.ok()) return lock.status();
  lock_ = std::move(*lock);
  RL_FAILPOINT(store_locked);
  return Status::Ok();
}

Status Log::Load(const ReplayTarget& target) {
  Status loaded = LoadOnce(target);
  if (!options_.read_only) return loaded;
  // Without the lock a writer may be at work: what looks damaged may be a file that it has just replaced or a frame
  // that it is just writing. It is damage when it looks so while nobody writes and the manifest stays what it is: a
  // writer may have come and gone, or died, in between.
  const auto generation = [&] {
    Result<Manifest> manifest = Manifest::Read(files_, directory_);
    return manifest.ok() ? manifest->generation : 0;
  };
  for (int tries = 1; !loaded.ok() && loaded.code() == Code::kCorrupt && tries < kReadOnlyTries; ++tries) {
    const uint64_t before = generation();
    const bool writer = files_.LockFileShared(directory_ + "/" + kLockName).status().code() == Code::kBusy;
    report_ = {};
    loaded = LoadOnce(target);
    if (!writer && generation() == before) break;
  }
  return loaded;
}

Status Log::LoadOnce(const ReplayTarget& target) {
  Result<Manifest> manifest = Manifest::Read(files_, directory_);
  if (manifest.status().code() == Code::kPathNotFound) {
    Result<std::vector<std::string>> names = files_.List(directory_);
    if (!names.ok()) return names.status();
    const auto stray = std::find_if(names->begin(), names->end(), [](const std::string& name) {
      return ParseSegmentName(name) || ParseSnapshotName(name);
    });
    if (stray == names->end()) {
      if (options_.read_only || !options_.create) {
        return {Code::kPathNotFound, directory_ + ": there is no store in this directory"};
      }
      return StartNewStore(target);
    }
    manifest = Status(Code::kCorrupt, directory_ + "/" + kManifestName +
                                          ": offset 0: expected a manifest, found none beside " + *stray);
  }
  const auto end = [&](Result<Recovered>& found) {
    if (!found.ok() || !target.end) return;
    if (Status ended = target.end(); !ended.ok()) found = std::move(ended);
  };
  Result<Recovered> recovered = Status::Ok();
  if (manifest.ok()) {
    target.begin(manifest->seed);
    recovered = Recover(files_, directory_, *manifest, target.frame);
    end(recovered);
  } else {
    recovered = manifest.status();
  }
  if (!recovered.ok() && recovered.status().code() == Code::kCorrupt && options_.salvage) {
    const std::string why = recovered.status().message();
    recovered = Salvage(files_, directory_, manifest, target.begin, target.frame);
    end(recovered);
    if (!recovered.ok()) return recovered.status();
    recovered->report.losses.insert(recovered->report.losses.begin(), why);
    needs_snapshot_ = !options_.read_only;
  }
  if (!recovered.ok()) return recovered.status();
  RL_FAILPOINT(recovery_read);

  report_ = recovered->report;
  store_ = recovered->manifest.store;
  last_lsn_ = report_.last_lsn;
  synced_lsn_ = report_.last_lsn;
  marked_lsn_ = report_.last_lsn;
  {
    MutexLock lock(manifest_mu_);
    manifest_ = recovered->manifest;
    closed_bytes_ = recovered->segment_bytes;
    snapshot_bytes_ = recovered->snapshot_bytes;
    if (recovered->tail) {
      closed_header_ = recovered->tail->header;
      closed_extent_ = recovered->tail->extent;
    }
  }
  if (options_.read_only) return Status::Ok();
  // W12: a process that was killed may have put the manifest in its place without syncing the directory. A power cut
  // would bring back the one before, which names what this one does not, or none, beside files of ours.
  RL_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  if (needs_snapshot_) return PutAside();
  if (!report_.clean) RL_RETURN_IF_ERROR(Resume(*recovered));
  RemoveLeftovers();
  return Status::Ok();
}

// W3: a manifest that names nothing comes before anything that it could name.
Status Log::StartNewStore(const ReplayTarget& target) {
  report_.created = true;
  SyncDirectoriesAbove(files_, directory_);
  Manifest manifest;
  RL_RETURN_IF_ERROR(files_.FillRandom(manifest.store.data(), manifest.store.size()));
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&manifest.seed), sizeof manifest.seed));
  manifest.generation = 1;
  RL_RETURN_IF_ERROR(manifest.Install(files_, directory_));
  RL_FAILPOINT(store_begun);
  store_ = manifest.store;
  target.begin(manifest.seed);
  MutexLock lock(manifest_mu_);
  manifest_ = manifest;
  return Status::Ok();
}

// W8: what recovery shows must not vanish in the next power cut, whatever the old segment's pages really are on the
// disk. So what no watermark calls durable is copied to a new segment, and the old one ends at the watermark.
Status Log::Resume(const Recovered& recovered) {
  const SegmentScan& tail = *recovered.tail;
  const Lsn old_first = tail.header.lsn;
  const Result<Lsn> frame_end = LastFrameEnd(tail, tail.watermark);
  if (!frame_end.ok()) return frame_end.status();
  const Lsn durable = *frame_end;
  const auto fill = [&](SegmentWriter& writer) -> Status {
    const std::string path = directory_ + "/" + SegmentName(old_first);
    Result<std::unique_ptr<os::File>> file = files_.Open(path, os::OpenMode::kRead);
    if (!file.ok()) return file.status();
    FrameReader reader(**file, tail.end, tail.header.crc);
    FrameBuilder builder;
    while (true) {
      Result<bool> found = reader.Read();
      if (!found.ok()) return found.status();
      if (!*found) break;
      if (const FrameHeader& frame = reader.header(); frame.lsn > durable && frame.count != 0) {
        builder.Clear();
        builder.buffer().append(reader.payload());
        FrameHeader header = frame;
        header.extent = writer.extent();
        RL_RETURN_IF_ERROR(writer.Append(builder.Seal(header, writer.header().crc), header.extent));
      }
      reader.Skip();
    }
    if (reader.offset() != tail.end) return {Code::kIo, path + ": the segment changed while it was being recovered"};
    RL_FAILPOINT(recovery_copied);
    return Status::Ok();
  };
  Result<std::shared_ptr<SegmentWriter>> writer = CreateSegment(durable + 1, fill);
  if (!writer.ok()) return writer.status();
  RL_FAILPOINT(recovery_prepared);
  SetSegment(std::move(*writer));
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  next.segments.pop_back();
  closed_bytes_.erase(old_first);
  if (durable >= old_first) {
    next.segments.push_back({old_first, durable});
    closed_bytes_[old_first] = tail.end;
  }
  next.segments.push_back({durable + 1, {}});
  next.durable = tail.last;
  RL_RETURN_IF_ERROR(Install(std::move(next)));
  RL_FAILPOINT(recovery_installed);
  return Status::Ok();
}

// No writer of ours calls the half of a frame durable, but a valid checksum does not say who wrote it: a segment that
// were closed within a frame would be damaged at the next open.
Result<Lsn> Log::LastFrameEnd(const SegmentScan& tail, Lsn limit) {
  const std::string path = directory_ + "/" + SegmentName(tail.header.lsn);
  Result<std::unique_ptr<os::File>> file = files_.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  FrameReader reader(**file, tail.end, tail.header.crc);
  Lsn end = tail.header.lsn - 1;
  while (true) {
    Result<bool> found = reader.Read();
    if (!found.ok()) return found.status();
    const FrameHeader& frame = reader.header();
    if (!*found || frame.lsn + frame.count - 1 > limit) return end;
    end = frame.lsn + frame.count - 1;
    reader.Skip();
  }
}

// Keeps a copy of every file of a damaged store before anything replaces or removes it. The copies' names become
// durable with that of the snapshot which must follow, and only behind it comes the manifest that replaces anything.
Status Log::PutAside() {
  Result<std::vector<std::string>> names = files_.List(directory_);
  if (!names.ok()) return names.status();
  int number = 1;
  const auto taken = [&](const std::string& prefix) {
    return std::any_of(names->begin(), names->end(), [&](const std::string& name) { return name.starts_with(prefix); });
  };
  while (taken("damaged-" + std::to_string(number) + "-")) ++number;
  for (const std::string& name : *names) {
    if (name != kManifestName && !ParseSegmentName(name) && !ParseSnapshotName(name)) continue;
    Result<std::unique_ptr<os::File>> from = files_.Open(directory_ + "/" + name, os::OpenMode::kRead);
    if (!from.ok()) return from.status();
    Result<std::unique_ptr<os::File>> to =
        files_.Open(directory_ + "/damaged-" + std::to_string(number) + "-" + name, os::OpenMode::kCreate);
    if (!to.ok()) return to.status();
    std::string buffer(1 << 20, '\0');
    for (uint64_t offset = 0;;) {
      Result<size_t> read = (*from)->Read(offset, buffer.data(), buffer.size());
      if (!read.ok()) return read.status();
      if (*read == 0) break;
      RL_RETURN_IF_ERROR((*to)->Write(offset, Bytes(buffer).substr(0, *read)));
      offset += *read;
    }
    RL_RETURN_IF_ERROR((*to)->Sync());
    RL_FAILPOINT(salvage_copied);
  }
  RL_FAILPOINT(salvage_kept);
  return Status::Ok();
}

// What a crash left and the manifest does not name. A file that cannot be removed does no harm: no manifest names it.
void Log::RemoveLeftovers() {
  Result<std::vector<std::string>> names = files_.List(directory_);
  if (!names.ok()) return;
  Manifest manifest;
  {
    MutexLock lock(manifest_mu_);
    manifest = manifest_;
  }
  std::vector<std::string> left_over;
  for (const std::string& name : *names) {
    bool unnamed = IsTemporaryName(name);
    if (const std::optional<Lsn> first = ParseSegmentName(name)) {
      unnamed = std::none_of(manifest.segments.begin(), manifest.segments.end(),
                             [&](const SegmentEntry& entry) { return entry.first == *first; });
    } else if (const std::optional<Lsn> lsn = ParseSnapshotName(name)) {
      unnamed = manifest.snapshot != *lsn;
    }
    if (unnamed) left_over.push_back(name);
  }
  if (!left_over.empty()) RL_FAILPOINT(leftovers_found);
  for (const std::string& name : left_over) {
    (void)files_.Remove(directory_ + "/" + name).ok();
    RL_FAILPOINT(leftover_removed);
  }
}

Result<FileHeader> Log::NewHeader(FileKind kind, Lsn lsn, int64_t time_ms) const {
  FileHeader header;
  header.kind = kind;
  header.store = store_;
  header.lsn = lsn;
  header.time_ms = time_ms;
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&header.salt), sizeof header.salt));
  return header;
}

Result<std::shared_ptr<SegmentWriter>> Log::CreateSegment(Lsn first, const SegmentWriter::Fill& fill) {
  Result<FileHeader> header = NewHeader(FileKind::kSegment, first, options_.now_ms());
  if (!header.ok()) return header.status();
  return SegmentWriter::Create(files_, directory_, *header, options_.segment_bytes, fill);
}

Status Log::Install(Manifest next) {
  ++next.generation;
  RL_RETURN_IF_ERROR(next.Install(files_, directory_));
  manifest_ = std::move(next);
  return Status::Ok();
}

std::shared_ptr<SegmentWriter> Log::Segment() const {
  MutexLock lock(segment_mu_);
  return segment_;
}

void Log::SetSegment(std::shared_ptr<SegmentWriter> segment) {
  MutexLock lock(segment_mu_);
  segment_ = std::move(segment);
}

// The first append after a clean open, or into a new store.
Status Log::OpenForAppend() {
  const Lsn last = last_lsn();
  {
    MutexLock lock(manifest_mu_);
    // Only a segment that was closed cleanly is appended to, and only after a manifest says that it is open again
    // (W11).
    const auto room = [&](const SegmentEntry& entry) REQUIRES(manifest_mu_) {
      const auto bytes = closed_bytes_.find(entry.first);
      return closed_header_.lsn == entry.first && bytes != closed_bytes_.end() &&
             bytes->second < options_.segment_bytes / 2;
    };
    if (!manifest_.segments.empty() && room(manifest_.segments.back())) {
      const SegmentEntry entry = manifest_.segments.back();
      Result<std::shared_ptr<SegmentWriter>> writer = SegmentWriter::Reopen(
          files_, directory_, closed_header_, closed_bytes_[entry.first], closed_extent_, options_.segment_bytes);
      if (!writer.ok()) return writer.status();
      if (*writer != nullptr) {
        RL_FAILPOINT(segment_reopened);
        Manifest next = manifest_;
        next.segments.back().last.reset();  // durable up to its end, as the seal has said
        RL_RETURN_IF_ERROR(Install(std::move(next)));
        closed_bytes_.erase(entry.first);
        SetSegment(std::move(*writer));
        return Status::Ok();
      }
    }
  }
  return RotateTo(last + 1);
}

// Makes a new segment and a manifest that closes the one before at `first` - 1, all of which is synced, and opens the
// new one (W7).
Status Log::RotateTo(Lsn first) {
  Result<std::shared_ptr<SegmentWriter>> writer = CreateSegment(first, {});
  if (!writer.ok()) return writer.status();
  RL_FAILPOINT(rotation_prepared);
  const std::shared_ptr<SegmentWriter> old = Segment();
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  std::map<Lsn, uint64_t> closed_bytes = closed_bytes_;
  if (old != nullptr) {
    next.segments.back().last = first - 1;
    closed_bytes[next.segments.back().first] = old->bytes();
  }
  next.segments.push_back({first, {}});
  next.durable = first - 1;
  if (Status installed = Install(std::move(next)); !installed.ok()) {
    // Whether the manifest that a crash would show names the new file is unknown after kIo; before that nothing does.
    if (installed.code() == Code::kFull) (void)files_.Remove(directory_ + "/" + SegmentName(first)).ok();
    return installed;
  }
  closed_bytes_ = std::move(closed_bytes);
  RL_FAILPOINT(rotation_installed);
  SetSegment(std::move(*writer));
  return Status::Ok();
}

Status Log::Append(FrameBuilder& builder, uint32_t count, int64_t time_ms, Durability wanted) {
  if (poisoned()) return poison();
  const auto fail = [&](const Status& status) { return status.code() == Code::kFull ? status : Poison(status); };
  std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr) {
    if (Status opened = OpenForAppend(); !opened.ok()) return fail(opened);
    segment = Segment();
  }
  FrameHeader header;
  header.kind = count == 0 ? FrameKind::kMark : FrameKind::kCommands;
  header.lsn = last_lsn() + 1;
  header.count = count;
  header.time_ms = time_ms;
  header.length = static_cast<uint32_t>(builder.payload_bytes());
  if (!segment->HasRoomFor(header.frame_bytes())) {
    RL_RETURN_IF_ERROR(Sync());
    if (Status rotated = RotateTo(header.lsn); !rotated.ok()) return fail(rotated);
    segment = Segment();
  }
  if (wanted == Durability::kSynced && !segment->IsCovered(header.frame_bytes())) {
    // A mark tells the new extent before the frame needs it. Where there is no room for more than the frame it is
    // written all the same, and the file grows with it.
    Status room = Attempt([&] { return segment->MakeRoom(kMarkBytes + header.frame_bytes()); });
    if (room.ok()) {
      FrameHeader mark = header;
      mark.kind = FrameKind::kMark;
      mark.count = 0;
      mark_frame_.Clear();
      room = AppendFrame(*segment, mark_frame_, mark);
    }
    if (!room.ok() && room.code() != Code::kFull) return Poison(room);
  }
  if (Status appended = AppendFrame(*segment, builder, header); !appended.ok()) return fail(appended);
  last_lsn_.store(header.lsn + count - 1, std::memory_order_release);
  RL_FAILPOINT(log_appended);
  return Status::Ok();
}

Status Log::AppendFrame(SegmentWriter& segment, FrameBuilder& builder, FrameHeader header) {
  header.synced_through = synced_lsn();
  header.extent = segment.extent();
  const Bytes frame = builder.Seal(header, segment.header().crc);
  RL_RETURN_IF_ERROR(Attempt([&] { return segment.Append(frame, header.extent); }));
  marked_lsn_ = header.synced_through;
  return Status::Ok();
}

Status Log::Sync() {
  MutexLock lock(sync_mu_);
  if (poisoned()) return poison();
  // The order matters: what is in a segment that a rotation replaces after this line was synced by the rotation.
  const Lsn target = last_lsn();
  if (synced_lsn() >= target) return Status::Ok();
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (Status synced = Attempt([&] { return segment->Sync(); }); !synced.ok()) return Poison(synced);
  RL_FAILPOINT(log_synced);
  synced_lsn_.store(target, std::memory_order_release);
  return Status::Ok();
}

Status Log::Rotate() {
  if (poisoned()) return poison();
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr || segment->empty()) return Status::Ok();
  RL_RETURN_IF_ERROR(Sync());
  if (Status rotated = RotateTo(last_lsn() + 1); !rotated.ok()) {
    return rotated.code() == Code::kFull ? rotated : Poison(rotated);
  }
  return Status::Ok();
}

Status Log::MarkDurable(int64_t time_ms) {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (poisoned() || segment == nullptr || segment->empty() || marked_lsn_ >= last_lsn() || synced_lsn() < last_lsn() ||
      !segment->HasRoomFor(kMarkBytes)) {
    return Status::Ok();
  }
  FrameBuilder empty;
  RL_RETURN_IF_ERROR(Append(empty, 0, time_ms, Durability::kSynced));
  RL_FAILPOINT(mark_written);
  return Status::Ok();
}

void Log::ZeroFillAhead() {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr || poisoned()) return;
  if (Status filled = Attempt([&] { return segment->ZeroFillAhead(); }); !filled.ok() && filled.code() != Code::kFull)
    (void)Poison(filled).ok();
}

Status Log::poison() const {
  MutexLock lock(poison_mu_);
  return poison_;
}

Status Log::Poison(const Status& why) {
  MutexLock lock(poison_mu_);
  if (poison_.ok()) {
    try {
      poison_ = Status(Code::kIo, why.message());
    } catch (const std::bad_alloc&) {
      poison_ = Status(Code::kIo, OutOfMemory().message());
    }
    poisoned_.store(true, std::memory_order_release);
  }
  return poison_;
}

Result<std::unique_ptr<SnapshotWriter>> Log::BeginSnapshot(Lsn lsn, int64_t time_ms) {
  if (poisoned()) return poison();
  Result<FileHeader> header = NewHeader(FileKind::kSnapshot, lsn, time_ms);
  if (!header.ok()) return header.status();
  return SnapshotWriter::Create(files_, directory_, *header);
}

Status Log::InstallSnapshot(Lsn lsn, uint64_t bytes) {
  std::vector<std::string> superseded;
  {
    MutexLock lock(manifest_mu_);
    if (poisoned()) return poison();
    Manifest next = manifest_;
    if (next.snapshot && *next.snapshot != lsn) superseded.push_back(SnapshotName(*next.snapshot));
    next.snapshot = lsn;
    next.durable = std::max(next.durable, lsn);
    std::map<Lsn, uint64_t> closed_bytes = closed_bytes_;
    while (!next.segments.empty() && next.segments.front().last && *next.segments.front().last <= lsn) {
      superseded.push_back(SegmentName(next.segments.front().first));
      closed_bytes.erase(next.segments.front().first);
      next.segments.erase(next.segments.begin());
    }
    if (Status installed = Install(std::move(next)); !installed.ok()) {
      return installed.code() == Code::kFull ? installed : Poison(installed);
    }
    closed_bytes_ = std::move(closed_bytes);
    snapshot_bytes_ = bytes;
  }
  RL_FAILPOINT(snapshot_installed);
  if (needs_snapshot_) {
    needs_snapshot_ = false;
    RemoveLeftovers();
  }
  for (const std::string& name : superseded) {
    (void)files_.Remove(directory_ + "/" + name).ok();
    RL_FAILPOINT(superseded_removed);
  }
  return Status::Ok();
}

uint64_t Log::wal_bytes() const {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  uint64_t bytes = segment == nullptr ? 0 : segment->bytes() - kFileHeaderBytes;
  MutexLock lock(manifest_mu_);
  for (const auto& [first, closed] : closed_bytes_) bytes += closed - kFileHeaderBytes;
  return bytes;
}

uint64_t Log::segment_count() const {
  MutexLock lock(manifest_mu_);
  return manifest_.segments.size();
}

uint64_t Log::snapshot_bytes() const {
  MutexLock lock(manifest_mu_);
  return snapshot_bytes_;
}

Lsn Log::snapshot_lsn() const {
  MutexLock lock(manifest_mu_);
  return manifest_.snapshot.value_or(0);
}

Status Log::Close() {
  if (options_.read_only) return Status::Ok();
  RL_RETURN_IF_ERROR(Sync());
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr) return Status::Ok();  // nothing was appended: the manifest's seal still stands
  RL_FAILPOINT(seal_prepared);
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  next.segments.back().last = last_lsn();
  next.durable = last_lsn();
  RL_RETURN_IF_ERROR(Install(std::move(next)));
  RL_FAILPOINT(seal_installed);
  SetSegment(nullptr);
  return Status::Ok();
}

}  // namespace redislite::storage
