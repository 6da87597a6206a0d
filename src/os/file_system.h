// FileSystem: every file operation of the library, as an interface.
//
// The POSIX implementation is the only place below apps/ that calls the operating system; tests put a simulated disk
// under the real code through the same interface. Durability contract, which the callers rely on and the simulation
// enforces:
//
//   - bytes written are durable only after Sync() on the file has returned ok;
//   - a name made, replaced or removed is durable only after SyncDirectory() on its directory has returned ok;
//   - after a failed Sync nothing is known about the bytes written since the last good one, and a second Sync
//     proves nothing.
//
// Threads: a FileSystem may be used by any; a File by several at once as long as they write to different ranges.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::os {

// Errors: kFull for no space (ENOSPC, EDQUOT), kPathNotFound for a missing name (ENOENT), kIo for the rest; the
// message names the operation, the path and the system's reason. EINTR and short counts are dealt with inside.
class File {
 public:
  virtual ~File() = default;  // closes
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // Reads up to `size` bytes at `offset`; fewer only at the end of the file.
  virtual Result<size_t> Read(uint64_t offset, char* buffer, size_t size) = 0;
  // Writes all of the bytes at `offset`. On an error some of them may have been written.
  virtual Status Write(uint64_t offset, Bytes bytes) = 0;
  // fdatasync: content and size.
  virtual Status Sync() = 0;
  virtual Result<uint64_t> Size() = 0;
  virtual Status Truncate(uint64_t size) = 0;
  // Tells the system that the file's pages are not needed soon; never fails.
  virtual void DropCache() {}

 protected:
  File() = default;
};

// Held for the life of the object.
class Lock {
 public:
  virtual ~Lock() = default;
  // The holder stays: the process id in the lock file is to be left there. A lock that is given up without it leaves
  // the file as it was found, so that an open that is refused changes no byte.
  virtual void Keep() {}
};

enum class OpenMode : uint8_t {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // read and write; made, must not exist
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  // Makes one directory; ok when it exists already, and says so in `created`.
  virtual Status CreateDirectory(const std::string& path, bool* created) = 0;
  virtual Status RemoveDirectory(const std::string& path) = 0;
  // The names in the directory, sorted. kPathNotFound when there is none, kIo when it is no directory.
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  // Takes the exclusive lock on the file, which is made when missing, and writes this process' id into it. kBusy when
  // it is held, by this process or another; the message names the holder's process id.
  virtual Result<std::unique_ptr<Lock>> LockFile(const std::string& path) = 0;
  // Takes the lock for looking only: changes no byte and makes no file. kBusy when a writer holds it; a null lock
  // when there is no lock file.
  virtual Result<std::unique_ptr<Lock>> LockFileShared(const std::string& path) = 0;
  // Random bytes, from the system.
  virtual Status FillRandom(char* buffer, size_t size) = 0;
};

// The process' POSIX file system; lives for ever.
FileSystem& PosixFileSystem();

// Wall-clock Unix time in milliseconds.
int64_t SystemNowMs();
// The same as of the system's last tick, some milliseconds ago at most, for a fifth of the price.
int64_t SystemLastTickMs();
// A clock that never goes back, in microseconds: for durations.
int64_t MonotonicUs();
// Makes the calling thread wait at least this long.
void SleepUs(int64_t us);
int64_t ProcessId();

}  // namespace redislite::os
