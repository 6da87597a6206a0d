// SimFileSystem: an os::FileSystem on a SimDisk, for testing the real code against faults and power cuts.
//
// It counts and can record every operation, with the disk as it was after it ("moments"): PowerCut then builds what a
// power cut there may leave, and a new SimFileSystem on such a disk is the machine after the reboot. A new
// SimFileSystem on the disk of a moment itself is the machine after the process was killed: the cache is still there.
// Both begin without locks and open files.
//
// A Fault makes chosen operations fail. EINTR and short counts are not simulated: os::File deals with them inside.
//
// Thread-safe. It must outlive its files and locks. All choices that it makes (random bytes) follow from the seed.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "os/file_system.h"
#include "tests/support/sim_disk.h"

namespace redislite::sim {

enum class Op : uint8_t {
  kOpen,
  kCreate,
  kRead,
  kWrite,
  kSync,
  kSize,
  kTruncate,
  kRename,
  kRemove,
  kSyncDirectory,
  kCreateDirectory,
  kRemoveDirectory,
  kList,
  kLock,
};
inline constexpr int kOpCount = 14;
const char* NameOf(Op op);

// Sets of operations, for Fault::ops.
constexpr uint32_t Bit(Op op) { return uint32_t{1} << static_cast<int>(op); }
inline constexpr uint32_t kEveryOp = (uint32_t{1} << kOpCount) - 1;
// Those that change the disk, or what is durable of it: the ones that make a moment.
inline constexpr uint32_t kChangingOps =
    kEveryOp & ~(Bit(Op::kOpen) | Bit(Op::kRead) | Bit(Op::kSize) | Bit(Op::kList) | Bit(Op::kLock));
// Those that need space.
inline constexpr uint32_t kSpaceOps = Bit(Op::kCreate) | Bit(Op::kWrite) | Bit(Op::kSync) | Bit(Op::kTruncate) |
                                      Bit(Op::kRename) | Bit(Op::kSyncDirectory) | Bit(Op::kCreateDirectory);

// An operation that was asked for.
struct Call {
  Op op = Op::kOpen;
  std::string path{};
  uint64_t offset = 0;  // of a read or write; the new size of a truncation
  uint64_t length = 0;
  bool failed = false;  // by a fault
};
std::string Describe(const Call& call);

struct Fault {
  enum class Effect : uint8_t {
    kNothingDone,  // the operation fails and has no effect
    kDone,         // the operation fails but has been carried out
    kPartly,       // a write fails after its first `length` bytes, but before its last
    kHalf,         // a write fails after half of its bytes
    kAllButOne,    // a write fails before its last byte
    kDropped,      // a sync fails, and what it should have written is gone from the cache too
    // a sync fails, and what it should have written stays in the cache but is not written by a later sync
    kStale,
  };
  uint32_t ops = 0;      // which operations it may hit
  uint64_t nth = 1;      // the first, second, ... of these, from the moment on when the fault is set
  bool forever = false;  // and all of these after it
  Effect effect = Effect::kNothingDone;
  int error = 0;  // an errno: EIO, ENOSPC
  uint64_t length = 0;
  bool silent = false;  // a planted bug: a write or sync that is hit says ok all the same
};

// A planted bug: syncs for which this holds say ok and do nothing. `before` is the last rename or directory sync before
// this call.
using Lie = std::function<bool(const Call& call, const Call& before)>;

// The disk right after a changing operation.
struct Moment {
  Call call;
  SimDisk disk;
};

class SimFileSystem final : public os::FileSystem {
 public:
  explicit SimFileSystem(SimDisk disk = SimDisk(), uint64_t seed = 1);
  ~SimFileSystem() override = default;

  Result<std::unique_ptr<os::File>> Open(const std::string& path, os::OpenMode mode) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status CreateDirectory(const std::string& path, bool* created) override;
  Status RemoveDirectory(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;
  Result<std::unique_ptr<os::Lock>> LockFile(const std::string& path) override;
  Result<std::unique_ptr<os::Lock>> LockFileShared(const std::string& path) override;
  Status FillRandom(char* buffer, size_t size) override;

  // The disk and its cache as they are now.
  SimDisk Snapshot() const;

  // ---- Recording. Moment number n is the disk after n changing operations; number 0 is the disk to begin with.

  enum class Recording : uint8_t { kNothing, kCalls, kMoments };
  // REQUIRES: nothing has been done yet.
  void Record(Recording recording);
  // The number of changing operations that have been carried out so far: of the last moment.
  uint64_t changes() const { return changes_.load(); }
  std::vector<Call> calls() const;
  std::vector<Moment> TakeMoments();

  // ---- Faults.

  void SetFault(const Fault& fault);
  void ClearFault();
  // How often a fault has hit since it was set.
  uint64_t hits() const;
  // The operations since then that it might have hit, and the last one that it has.
  uint64_t fault_calls() const;
  Call last_hit() const;

  // Open files and locks that are held: none when the stores above are closed.
  size_t open_handles() const;

  // REQUIRES: nothing has been done yet.
  void SetLie(Lie lie) { lie_ = std::move(lie); }

  // Called before each write of a file, without a lock: what another thread does then comes before it.
  // REQUIRES: nothing has been done yet.
  void SetBeforeWrite(std::function<void(const Call& call)> hook) { before_write_ = std::move(hook); }

  // A sync takes this long, and other threads go on meanwhile. What they write then is not covered by it.
  void SetSyncDelay(std::chrono::microseconds delay);

 private:
  class SimFile;
  class SimLock;
  struct LockState {
    bool exclusive = false;
    int readers = 0;
  };

  // What stands before every operation: counts it, records it, and says how it fails, if it does.
  const Fault* Begin(Call call);
  // What stands behind every changing one.
  void Changed();
  Status Failure(const Call& call, int error) const;
  // An operation on names without details.
  template <typename Do>
  Status Change(Call call, const Do& act);
  Status SyncInode(Call call, InodeId inode, uint64_t* seen_error, std::unique_lock<std::mutex>& lock);
  Result<std::unique_ptr<os::Lock>> TakeLock(const std::string& path, bool exclusive);
  void Collect();

  mutable std::mutex mutex_;
  SimDisk disk_;
  Random random_;
  std::map<InodeId, int> opened_;
  // How many syncs of a file have lost bytes. Each descriptor that was open then hears of it once: from its next sync.
  std::map<InodeId, uint64_t> errors_;
  std::map<InodeId, LockState> locks_;

  Recording recording_ = Recording::kNothing;
  std::vector<Call> calls_;
  std::vector<Moment> moments_;
  Call last_call_;
  std::atomic<uint64_t> changes_{0};

  Fault fault_;
  uint64_t fault_seen_ = 0;  // operations that the fault might have hit
  uint64_t fault_hits_ = 0;
  Call last_hit_;
  Lie lie_;
  std::function<void(const Call& call)> before_write_;
  Call last_name_call_;
  std::chrono::microseconds sync_delay_{0};
};

}  // namespace redislite::sim
