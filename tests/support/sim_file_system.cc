#include "tests/support/sim_file_system.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <thread>

namespace redislite::sim {
namespace {

constexpr const char* kOpNames[kOpCount] = {"open",           "create",           "read",   "write",  "sync",
                                            "stat",           "truncate",         "rename", "remove", "sync directory",
                                            "make directory", "remove directory", "list",   "lock"};

Code CodeOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Code::kFull;
    case ENOENT:
      return Code::kPathNotFound;
    default:
      return Code::kIo;
  }
}

// How many bytes of a write a fault lets through.
size_t WrittenOf(const Fault& fault, size_t size) {
  switch (fault.effect) {
    case Fault::Effect::kNothingDone:
      return 0;
    case Fault::Effect::kPartly:
      return size == 0 ? 0 : std::min<size_t>(size - 1, fault.length);
    case Fault::Effect::kHalf:
      return size / 2;
    case Fault::Effect::kAllButOne:
      return size == 0 ? 0 : size - 1;
    default:
      return size;
  }
}

}  // namespace

const char* NameOf(Op op) { return kOpNames[static_cast<int>(op)]; }

std::string Describe(const Call& call) {
  std::string text = std::string(NameOf(call.op)) + " " + call.path;
  if (call.op == Op::kRead || call.op == Op::kWrite)
    text += " " + std::to_string(call.offset) + "+" + std::to_string(call.length);
  if (call.op == Op::kTruncate) text += " to " + std::to_string(call.offset);
  if (call.failed) text += " (fails)";
  return text;
}

// ---- Files and locks.

class SimFileSystem::SimFile final : public os::File {
 public:
  SimFile(SimFileSystem& files, InodeId inode, std::string path, bool writable)
      : files_(files), inode_(inode), path_(std::move(path)), writable_(writable), seen_error_(files.errors_[inode]) {}

  ~SimFile() override {
    const std::lock_guard lock(files_.mutex_);
    if (--files_.opened_[inode_] == 0) files_.opened_.erase(inode_);
  }

  Result<size_t> Read(uint64_t offset, char* buffer, size_t size) override {
    const std::lock_guard lock(files_.mutex_);
    const Call call{Op::kRead, path_, offset, size};
    if (const Fault* fault = files_.Begin(call)) return files_.Failure(call, fault->error);
    if (files_.disk_.IsDirectory(inode_)) return files_.Failure(call, EISDIR);
    return files_.disk_.Read(inode_, offset, buffer, size);
  }

  Status Write(uint64_t offset, Bytes bytes) override {
    const Call call{Op::kWrite, path_, offset, bytes.size()};
    if (files_.before_write_) files_.before_write_(call);
    const std::lock_guard lock(files_.mutex_);
    const Fault* fault = files_.Begin(call);
    if (!writable_) return files_.Failure(call, EBADF);
    if (fault != nullptr) {
      bytes = bytes.substr(0, WrittenOf(*fault, bytes.size()));
    }
    files_.disk_.Write(inode_, offset, bytes);
    files_.Changed();
    return fault == nullptr || fault->silent ? Status::Ok() : files_.Failure(call, fault->error);
  }

  Status Sync() override {
    std::unique_lock lock(files_.mutex_);
    return files_.SyncInode({Op::kSync, path_}, inode_, &seen_error_, lock);
  }

  Result<uint64_t> Size() override {
    const std::lock_guard lock(files_.mutex_);
    const Call call{Op::kSize, path_};
    if (const Fault* fault = files_.Begin(call)) return files_.Failure(call, fault->error);
    return files_.disk_.Size(inode_);
  }

  Status Truncate(uint64_t size) override {
    const std::lock_guard lock(files_.mutex_);
    return files_.Change({Op::kTruncate, path_, size}, [&] {
      if (!writable_) return EINVAL;
      files_.disk_.Truncate(inode_, size);
      return 0;
    });
  }

 private:
  SimFileSystem& files_;
  const InodeId inode_;
  const std::string path_;
  const bool writable_;
  uint64_t seen_error_;
};

class SimFileSystem::SimLock final : public os::Lock {
 public:
  SimLock(SimFileSystem& files, InodeId inode) : files_(files), inode_(inode) {}
  ~SimLock() override {
    const std::lock_guard lock(files_.mutex_);
    LockState& state = files_.locks_[inode_];
    if (state.exclusive) {
      state.exclusive = false;
    } else {
      --state.readers;
    }
  }

 private:
  SimFileSystem& files_;
  const InodeId inode_;
};

// ---- Before and after every operation.

SimFileSystem::SimFileSystem(SimDisk disk, uint64_t seed) : disk_(std::move(disk)), random_(seed) {}

const Fault* SimFileSystem::Begin(Call call) {
  const bool counts = (fault_.ops & Bit(call.op)) != 0;
  if (counts) ++fault_seen_;
  const bool hit = counts && (fault_seen_ == fault_.nth || (fault_.forever && fault_seen_ > fault_.nth));
  if (hit) {
    ++fault_hits_;
    last_hit_ = call;
  }
  if (recording_ != Recording::kNothing) {
    call.failed = hit;
    calls_.push_back(call);
    last_call_ = std::move(call);
  }
  return hit ? &fault_ : nullptr;
}

void SimFileSystem::Changed() {
  if (recording_ == Recording::kMoments) moments_.push_back({last_call_, disk_});
  changes_.fetch_add(1);
}

Status SimFileSystem::Failure(const Call& call, int error) const {
  return {CodeOf(error),
          std::string(NameOf(call.op)) + " " + call.path + ": " + std::generic_category().message(error)};
}

template <typename Do>
Status SimFileSystem::Change(Call call, const Do& act) {
  const Fault* fault = Begin(call);
  if (fault != nullptr && fault->effect == Fault::Effect::kNothingDone) return Failure(call, fault->error);
  const int error = act();
  if (error != 0) return Failure(call, error);
  Changed();
  return fault == nullptr ? Status::Ok() : Failure(call, fault->error);
}

Status SimFileSystem::SyncInode(Call call, InodeId inode, uint64_t* seen_error, std::unique_lock<std::mutex>& lock) {
  const Fault* hit = Begin(call);
  const Fault fault = hit == nullptr ? Fault() : *hit;
  const uint64_t upto = disk_.sequence();
  if (sync_delay_.count() != 0) {
    const std::chrono::microseconds delay = sync_delay_;
    lock.unlock();
    std::this_thread::sleep_for(delay);
    lock.lock();
    last_call_ = call;
  }
  const bool lies = lie_ && lie_(call, last_name_call_);
  if (call.op == Op::kSyncDirectory) last_name_call_ = call;
  if (!lies && (hit == nullptr || fault.effect == Fault::Effect::kDone)) disk_.Sync(inode, upto);
  if (hit != nullptr && fault.effect == Fault::Effect::kDropped) disk_.SyncFailsDropping(inode);
  if (hit != nullptr && fault.effect == Fault::Effect::kStale) disk_.SyncFailsStale(inode);
  const bool lost =
      hit != nullptr && (fault.effect == Fault::Effect::kDropped || fault.effect == Fault::Effect::kStale);
  if (lost && !fault.silent) ++errors_[inode];
  Changed();
  if (seen_error != nullptr && *seen_error != errors_[inode]) {
    *seen_error = errors_[inode];
    if (hit == nullptr) return Failure(call, EIO);
  }
  return hit == nullptr || fault.silent ? Status::Ok() : Failure(call, fault.error);
}

// ---- The operations.

Result<std::unique_ptr<os::File>> SimFileSystem::Open(const std::string& path, os::OpenMode mode) {
  const std::lock_guard lock(mutex_);
  InodeId inode = 0;
  const bool creates = mode == os::OpenMode::kCreate;
  const Call call{creates ? Op::kCreate : Op::kOpen, path};
  if (creates) {
    RL_RETURN_IF_ERROR(Change(call, [&] { return disk_.CreateFile(path, &inode); }));
  } else {
    if (const Fault* fault = Begin(call)) return Failure(call, fault->error);
    if (const int error = disk_.Find(path, &inode); error != 0) return Failure(call, error);
    if (mode == os::OpenMode::kReadWrite && disk_.IsDirectory(inode)) return Failure(call, EISDIR);
  }
  ++opened_[inode];
  return std::unique_ptr<os::File>(new SimFile(*this, inode, path, mode != os::OpenMode::kRead));
}

Status SimFileSystem::Rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const Call call{Op::kRename, from};
  last_name_call_ = call;
  return Change(call, [&] { return disk_.Rename(from, to); });
}

Status SimFileSystem::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return Change({Op::kRemove, path}, [&] { return disk_.Remove(path); });
}

Status SimFileSystem::SyncDirectory(const std::string& path) {
  std::unique_lock lock(mutex_);
  const Call call{Op::kSyncDirectory, path};
  InodeId inode = 0;
  if (const int error = disk_.Find(path, &inode); error != 0) return Failure(call, error);
  if (!disk_.IsDirectory(inode)) return Failure(call, ENOTDIR);
  RL_RETURN_IF_ERROR(SyncInode(call, inode, nullptr, lock));
  Collect();
  return Status::Ok();
}

Status SimFileSystem::CreateDirectory(const std::string& path, bool* created) {
  const std::lock_guard lock(mutex_);
  *created = false;
  InodeId inode = 0;
  if (disk_.Find(path, &inode) == 0 && disk_.IsDirectory(inode)) return Status::Ok();
  const Status status = Change({Op::kCreateDirectory, path}, [&] {
    const int error = disk_.CreateDirectory(path);
    return error == EEXIST ? ENOTDIR : error;
  });
  *created = status.ok();
  return status;
}

Status SimFileSystem::RemoveDirectory(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return Change({Op::kRemoveDirectory, path}, [&] { return disk_.RemoveDirectory(path); });
}

Result<std::vector<std::string>> SimFileSystem::List(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const Call call{Op::kList, path};
  if (const Fault* fault = Begin(call)) return Failure(call, fault->error);
  std::vector<std::string> names;
  if (const int error = disk_.List(path, &names); error != 0) return Failure(call, error);
  return names;
}

Result<std::unique_ptr<os::Lock>> SimFileSystem::TakeLock(const std::string& path, bool exclusive) {
  const std::lock_guard lock(mutex_);
  const Call call{Op::kLock, path};
  if (const Fault* fault = Begin(call)) return Failure(call, fault->error);
  InodeId inode = 0;
  int error = disk_.Find(path, &inode);
  if (error == ENOENT && !exclusive) return std::unique_ptr<os::Lock>();
  if (error == ENOENT) error = disk_.CreateFile(path, &inode);
  if (error != 0) return Failure(call, error);
  LockState& state = locks_[inode];
  if (state.exclusive || (exclusive && state.readers != 0)) {
    return Status(Code::kBusy, path + " is in use by process " + std::to_string(os::ProcessId()));
  }
  if (exclusive) {
    state.exclusive = true;
  } else {
    ++state.readers;
  }
  return std::unique_ptr<os::Lock>(new SimLock(*this, inode));
}

Result<std::unique_ptr<os::Lock>> SimFileSystem::LockFile(const std::string& path) { return TakeLock(path, true); }

Result<std::unique_ptr<os::Lock>> SimFileSystem::LockFileShared(const std::string& path) {
  return TakeLock(path, false);
}

Status SimFileSystem::FillRandom(char* buffer, size_t size) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < size; ++i) buffer[i] = static_cast<char>(random_.Next() >> 56);
  return Status::Ok();
}

void SimFileSystem::Collect() {
  disk_.Collect([this](InodeId inode) { return opened_.count(inode) != 0; });
}

// ---- For tests.

SimDisk SimFileSystem::Snapshot() const {
  const std::lock_guard lock(mutex_);
  return disk_;
}

void SimFileSystem::Record(Recording recording) {
  const std::lock_guard lock(mutex_);
  recording_ = recording;
  if (recording == Recording::kMoments) moments_.push_back({Call(), disk_});
}

std::vector<Call> SimFileSystem::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<Moment> SimFileSystem::TakeMoments() {
  const std::lock_guard lock(mutex_);
  return std::move(moments_);
}

void SimFileSystem::SetFault(const Fault& fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  fault_seen_ = 0;
  fault_hits_ = 0;
}

void SimFileSystem::ClearFault() { SetFault(Fault()); }

uint64_t SimFileSystem::hits() const {
  const std::lock_guard lock(mutex_);
  return fault_hits_;
}

uint64_t SimFileSystem::fault_calls() const {
  const std::lock_guard lock(mutex_);
  return fault_seen_;
}

Call SimFileSystem::last_hit() const {
  const std::lock_guard lock(mutex_);
  return last_hit_;
}

size_t SimFileSystem::open_handles() const {
  const std::lock_guard lock(mutex_);
  size_t handles = opened_.size();
  for (const auto& [inode, state] : locks_) handles += (state.exclusive ? 1 : 0) + static_cast<size_t>(state.readers);
  return handles;
}

void SimFileSystem::SetSyncDelay(std::chrono::microseconds delay) {
  const std::lock_guard lock(mutex_);
  sync_delay_ = delay;
}

}  // namespace redislite::sim
