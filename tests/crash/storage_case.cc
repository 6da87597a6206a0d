#include "tests/crash/storage_case.h"

#include <algorithm>

#include "tests/crash/verify_store.h"

namespace redislite::crash {
namespace {

using sim::SimDisk;
using sim::SimFileSystem;
using storage::FrameBuilder;
using storage::FrameHeader;
using storage::Log;

constexpr char kDirectory[] = "/data/db";
constexpr uint64_t kSegmentBytes = 4096;
constexpr char kProbe[] = "[written after the recovery]";

int64_t Now() { return 1'700'000'000'000; }

}  // namespace

StorageCase::StorageCase(uint64_t seed, size_t steps, sim::Lie lie) : seed_(seed), lie_(std::move(lie)), random_(seed) {
  Run(steps);
}

// ---- The run.

void StorageCase::Run(size_t steps) {
  StartMachine(SimDisk());
  Reopen(false);
  for (size_t i = 0; i < steps && trouble_.empty(); ++i) Step();
  if (trouble_.empty() && random_.Below(2) == 0) Check(log_->Close(), "close");
  log_.reset();
  CollectMoments();
}

void StorageCase::Step() {
  const uint64_t choice = random_.Below(100);
  if (choice < 62) {
    AppendRecords();
  } else if (choice < 68) {
    Check(log_->Rotate(), "rotate");
  } else if (choice < 76) {
    TakeSnapshot();
  } else if (choice < 81) {
    Check(log_->MarkDurable(Now()), "mark");
  } else if (choice < 90) {
    log_->ZeroFillAhead();
  } else if (choice < 95) {
    Reopen(false);
  } else {
    Reopen(true);
  }
}

void StorageCase::AppendRecords() {
  FrameBuilder builder;
  const uint32_t count = static_cast<uint32_t>(1 + random_.Below(3));
  std::string payload;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t length = random_.Below(8) == 0 ? random_.Below(3000) : random_.Below(60);
    payload +=
        "<" + std::to_string(last_lsn_ + 1 + i) + std::string(length, static_cast<char>('a' + random_.Below(26))) + ">";
  }
  builder.buffer() += payload;
  truth_ += payload;
  frame_ends_.push_back(truth_.size());
  last_lsn_ += count;
  Begun();
  const bool synced = random_.Below(8) != 0;  // otherwise the next one covers it
  using Durability = storage::Log::Durability;
  if (!Check(log_->Append(builder, count, Now(), synced ? Durability::kSynced : Durability::kRelaxed), "append"))
    return;
  if (!synced) return;
  if (Check(log_->Sync(), "sync")) Acknowledged();
}

// As the engine does it: cut the log, write what the store held at the cut while records go on being appended, install.
void StorageCase::TakeSnapshot() {
  if (last_lsn_ == 0 || !Check(log_->Rotate(), "rotate")) return;
  const storage::Lsn lsn = last_lsn_;
  const std::string data = truth_;
  Result<std::unique_ptr<storage::SnapshotWriter>> writer = log_->BeginSnapshot(lsn, Now());
  if (!Check(writer.status(), "begin the snapshot")) return;
  const size_t blocks = 1 + random_.Below(3);
  for (size_t i = 0; i < blocks; ++i) {
    FrameBuilder builder;
    const size_t start = data.size() * i / blocks;
    builder.buffer().append(data, start, data.size() * (i + 1) / blocks - start);
    if (!Check((*writer)->AddBlock(builder, 1, 1), "add a block")) return;
    if (random_.Below(3) == 0) AppendRecords();
  }
  if (random_.Below(5) == 0) return;  // given up: the temporary file is removed
  if (!Check((*writer)->Finish(), "finish the snapshot")) return;
  if (random_.Below(3) == 0) AppendRecords();
  Check(log_->InstallSnapshot(lsn, (*writer)->bytes()), "install the snapshot");
}

void StorageCase::Reopen(bool killed) {
  if (killed) {
    const SimDisk disk = files_->Snapshot();
    CollectMoments();
    log_.reset();
    StartMachine(disk);
  } else if (log_ != nullptr) {
    if (!Check(log_->Close(), "close")) return;
    Acknowledged();
    log_.reset();
  }
  Opened opened = Open(*files_);
  if (!opened.wrong.empty()) {
    trouble_ = "open: " + opened.wrong;
  } else if (opened.content != truth_) {
    trouble_ = "open without a power cut: expected " + std::to_string(truth_.size()) + " bytes, found " +
               std::to_string(opened.content.size());
  }
  log_ = std::move(opened.log);
  if (trouble_.empty()) Acknowledged();  // what was shown must not vanish
}

void StorageCase::StartMachine(SimDisk disk) {
  files_ = std::make_unique<SimFileSystem>(std::move(disk), random_.Next());
  files_->Record(SimFileSystem::Recording::kMoments);
  files_->SetLie(lie_);
  first_moment_ = moments_.size();
}

void StorageCase::CollectMoments() {
  std::vector<sim::Moment> moments = files_->TakeMoments();
  std::move(moments.begin(), moments.end(), std::back_inserter(moments_));
}

bool StorageCase::Check(const Status& status, const char* what) {
  if (!status.ok() && trouble_.empty()) trouble_ = std::string(what) + ": " + status.message();
  return status.ok();
}

void StorageCase::Begun() { begun_.emplace_back(first_moment_ + files_->changes() + 1, truth_.size()); }

void StorageCase::Acknowledged() { acknowledged_.emplace_back(first_moment_ + files_->changes(), truth_.size()); }

// ---- The verification.

StorageCase::Range StorageCase::RangeAt(size_t moment) const {
  const auto at = [moment](const std::vector<std::pair<size_t, size_t>>& marks) {
    size_t length = 0;
    for (const auto& [from, bytes] : marks) {
      if (from <= moment) length = std::max(length, bytes);
    }
    return length;
  };
  return {at(acknowledged_), at(begun_)};
}

uint64_t StorageCase::Expectation(size_t moment) const {
  const Range range = RangeAt(moment);
  return sim::MixHash(range.low, range.high);
}

StorageCase::Opened StorageCase::Open(SimFileSystem& files) const {
  Opened opened;
  storage::LogOptions options;
  options.segment_bytes = kSegmentBytes;
  options.now_ms = Now;
  storage::ReplayTarget target;
  target.begin = [&](const HashSeed&) { opened.content.clear(); };
  target.frame = [&](const FrameHeader&, Bytes payload) {
    opened.content += payload;
    return Status::Ok();
  };
  Result<std::unique_ptr<Log>> log = Log::Open(files, kDirectory, options, target);
  if (log.ok()) {
    opened.log = std::move(*log);
  } else {
    opened.wrong = log.status().message();
  }
  return opened;
}

std::string StorageCase::Judge(const std::string& content, const Range& range) const {
  const size_t size = content.size();
  const auto where = [&] {
    return ": " + std::to_string(size) + " bytes, " + std::to_string(range.low) + " acknowledged, " +
           std::to_string(range.high) + " begun";
  };
  if (truth_.compare(0, size, content) != 0) return "something that was never written" + where();
  if (size < range.low) return "an acknowledged record is missing" + where();
  if (size > range.high) return "a record that was not begun" + where();
  if (!std::binary_search(frame_ends_.begin(), frame_ends_.end(), size)) return "part of a batch" + where();
  return {};
}

std::string StorageCase::Verify(const SimDisk& disk, const Request& request, uint64_t* nested_disks) const {
  const Range range = RangeAt(request.moment);
  SimFileSystem files(disk, kRecoverySeed);
  files.SetLie(lie_);
  if (request.nested) files.Record(SimFileSystem::Recording::kMoments);
  Opened first = Open(files);
  if (!first.wrong.empty()) return "refused: " + first.wrong;
  if (std::string wrong = Judge(first.content, range); !wrong.empty()) return wrong;
  const uint64_t opened_at = files.changes();
  if (request.nested) {
    SimFileSystem again(disk, kRecoverySeed);
    again.SetLie(lie_);
    const Opened second = Open(again);
    if (second.content != first.content) return "recovered twice, the same disk gives different contents";
    if (again.Snapshot().Hash() != files.Snapshot().Hash())
      return "recovered twice, the same disk gives different bytes";
  } else if (!request.is_new(sim::HashBytes(files.Snapshot().Hash(), first.content))) {
    return {};
  }

  FrameBuilder probe;
  probe.buffer() += kProbe;
  const std::string written = first.content + kProbe;
  if (Status status = first.log->Append(probe, 1, Now(), storage::Log::Durability::kSynced); !status.ok())
    return "append after recovery: " + status.message();
  if (Status status = first.log->Sync(); !status.ok()) return "sync after recovery: " + status.message();
  if (Status status = first.log->Close(); !status.ok()) return "close after recovery: " + status.message();
  first.log.reset();
  const Opened second = Open(files);
  if (!second.wrong.empty()) return "refused after a recovery and a clean close: " + second.wrong;
  if (second.content != written) return "after a recovery, a write and a clean close: another content";
  if (!request.nested) return {};
  return VerifyNested(files, opened_at, range, first.content, written, request, nested_disks);
}

std::string StorageCase::VerifyNested(SimFileSystem& files, uint64_t opened_at, const Range& range,
                                      const std::string& shown, const std::string& written, const Request& request,
                                      uint64_t* nested_disks) const {
  const std::vector<sim::Moment> moments = files.TakeMoments();
  std::string wrong;
  std::unordered_set<uint64_t> seen;
  for (size_t i = 0; i < moments.size() && wrong.empty(); ++i) {
    // Once the recovery has shown something, that must stay.
    std::vector<std::string> allowed;
    if (i >= opened_at) allowed = {shown, written};
    if (i == opened_at) seen.clear();
    const auto visit = [&](const SimDisk& after, const std::string& label) {
      ++*nested_disks;
      wrong = VerifyOne(after, range, allowed);
      if (!wrong.empty()) {
        wrong = "a second cut, at operation " + std::to_string(i) + " of the recovery (" +
                sim::Describe(moments[i].call) + "), " + label + ": " + wrong;
      }
      return wrong.empty();
    };
    sim::PowerCut(moments[i].disk).Enumerate({.torn_max = 8, .random_count = 4, .seed = request.choice}, visit, &seen);
  }
  return wrong;
}

std::string StorageCase::VerifyOne(const SimDisk& disk, const Range& range,
                                   const std::vector<std::string>& allowed) const {
  SimFileSystem files(disk, kSecondRecoverySeed);
  const Opened opened = Open(files);
  if (!opened.wrong.empty()) return "refused: " + opened.wrong;
  if (allowed.empty()) return Judge(opened.content, range);
  if (std::find(allowed.begin(), allowed.end(), opened.content) == allowed.end()) {
    return "not what the recovery had shown: " + std::to_string(opened.content.size()) + " bytes instead of " +
           std::to_string(allowed[0].size());
  }
  return {};
}

}  // namespace redislite::crash
