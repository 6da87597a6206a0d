// The POSIX file system. Every descriptor is close-on-exec; every EINTR and every short count ends here.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "os/file_system.h"

namespace redislite::os {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

// strerror_r exists in two shapes: GNU returns the text, POSIX fills the buffer.
[[maybe_unused]] const char* ReasonText(const char* returned, const char*) { return returned; }
[[maybe_unused]] const char* ReasonText(int, const char* buffer) { return buffer; }

std::string Reason(int error) {
  char buffer[256] = "";
  return ReasonText(strerror_r(error, buffer, sizeof(buffer)), buffer);
}

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

// The Status of a system call that has just failed with `error`: "open /x/y: Permission denied".
Status Failure(const char* operation, const std::string& path, int error) {
  return {CodeOf(error), std::string(operation) + " " + path + ": " + Reason(error)};
}

// Calls until the result is not an interruption.
template <typename Call>
auto Retry(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// Owns an open descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    // Not retried on EINTR: Linux has closed it by then. Nothing is lost with an error here: what has to last was
    // synced.
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Descriptor OpenDescriptor(const std::string& path, int flags) {
  return Descriptor(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

// Reads until `size` bytes are there or the file ends.
Result<size_t> ReadFully(int fd, const std::string& path, uint64_t offset, char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count =
        Retry([&] { return pread(fd, buffer + done, size - done, static_cast<off_t>(offset + done)); });
    if (count < 0) return Failure("read", path, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

// The most that one system call writes. Linux keeps what a call wrote in as large a folio as it can, and each later
// small write into it looks at every block of the folio (ext4): a record's write into zeros that came in pieces of
// 1 MiB takes 1.2 us, of 256 KiB 0.5 us, of 32 KiB 0.33 us. The zeros themselves are cheaper, too, by five to ten.
constexpr size_t kWriteMax = 32 << 10;

// One system call, unless there is more than kWriteMax or the system takes less than all.
Status WriteFully(int fd, const std::string& path, uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const size_t size = std::min(bytes.size(), kWriteMax);
    const ssize_t count = Retry([&] { return pwrite(fd, bytes.data(), size, static_cast<off_t>(offset)); });
    if (count < 0) return Failure("write", path, errno);
    if (count == 0) return Failure("write", path, EIO);  // no progress and no reason: never tried for ever
    bytes.remove_prefix(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Status::Ok();
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  Result<size_t> Read(uint64_t offset, char* buffer, size_t size) override {
    return ReadFully(descriptor_.get(), path_, offset, buffer, size);
  }

  Status Write(uint64_t offset, Bytes bytes) override { return WriteFully(descriptor_.get(), path_, offset, bytes); }

  Status Sync() override {
    // An interrupted sync has neither failed nor reported anything, so that this is the one case in which it is
    // called again.
    if (Retry([&] { return fdatasync(descriptor_.get()); }) < 0) return Failure("sync", path_, errno);
    return Status::Ok();
  }

  Result<uint64_t> Size() override {
    struct stat info;
    if (fstat(descriptor_.get(), &info) < 0) return Failure("stat", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  Status Truncate(uint64_t size) override {
    if (Retry([&] { return ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) < 0) {
      return Failure("truncate", path_, errno);
    }
    return Status::Ok();
  }

  void DropCache() override { posix_fadvise(descriptor_.get(), 0, 0, POSIX_FADV_DONTNEED); }

 private:
  const std::string path_;
  const Descriptor descriptor_;
};

// A flock, and not an fcntl lock: those vanish when any descriptor of the file is closed, and do not keep a second
// opener in the same process out.
class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)), owner_(getpid()) {}

  ~PosixLock() override {
    // The lock belongs to the open file, which a forked child shares: closing alone would leave it with the child. A
    // child that gets here must not release the parent's.
    if (getpid() != owner_) return;
    if (restore_) Restore();
    flock(descriptor_.get(), LOCK_UN);
  }

  void Keep() override { restore_ = false; }

  // Until Keep is called: gives the file back these bytes. A file that was made stays, empty: whoever has opened it
  // meanwhile must find the same one locked.
  void RestoreLater(std::string path, std::string bytes) {
    restore_ = true;
    path_ = std::move(path);
    bytes_ = std::move(bytes);
  }

 private:
  // Best effort: the file says who holds the lock, and nobody does any more.
  void Restore() {
    if (Retry([&] { return ftruncate(descriptor_.get(), 0); }) != 0) return;
    (void)WriteFully(descriptor_.get(), path_, 0, bytes_).ok();
  }

  const Descriptor descriptor_;
  const pid_t owner_;
  bool restore_ = false;
  std::string path_;
  std::string bytes_;
};

bool TryLock(int fd, int kind) {
  return Retry([&] { return flock(fd, kind | LOCK_NB); }) == 0;
}

// Who holds the lock, as the file says it: the holder writes its id right after it got the lock, so it may be missing
// still. Readers write nothing: when they are in the way, the file has the id of a writer of the past.
std::string HolderOf(int fd, const std::string& path) {
  if (TryLock(fd, LOCK_SH)) return "a process that reads it";
  char text[32];
  const Result<size_t> size = ReadFully(fd, path, 0, text, sizeof(text));
  std::string digits;
  for (size_t i = 0; size.ok() && i < *size && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "another process" : "process " + digits;
}

class PosixFileSystemImpl final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
    int flags = O_RDONLY;
    if (mode == OpenMode::kReadWrite) flags = O_RDWR;
    if (mode == OpenMode::kCreate) flags = O_RDWR | O_CREAT | O_EXCL;
    Descriptor descriptor = OpenDescriptor(path, flags);
    if (!descriptor.ok()) return Failure("open", path, errno);
    return std::unique_ptr<File>(new PosixFile(path, std::move(descriptor)));
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) < 0) return Failure("rename", from, errno);
    return Status::Ok();
  }

  Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) < 0) return Failure("remove", path, errno);
    return Status::Ok();
  }

  Status SyncDirectory(const std::string& path) override {
    const Descriptor descriptor = OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
    if (!descriptor.ok()) return Failure("open", path, errno);
    if (Retry([&] { return fsync(descriptor.get()); }) < 0) return Failure("sync", path, errno);
    return Status::Ok();
  }

  Status CreateDirectory(const std::string& path, bool* created) override {
    *created = mkdir(path.c_str(), kDirectoryMode) == 0;
    if (*created) return Status::Ok();
    const int error = errno;
    struct stat info;
    if (error == EEXIST && stat(path.c_str(), &info) == 0) {
      if (S_ISDIR(info.st_mode)) return Status::Ok();
      return Failure("make directory", path, ENOTDIR);
    }
    return Failure("make directory", path, error);
  }

  Status RemoveDirectory(const std::string& path) override {
    if (rmdir(path.c_str()) < 0) return Failure("remove directory", path, errno);
    return Status::Ok();
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);  // close-on-exec by itself
    if (directory == nullptr) return Failure("open", path, errno);
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* entry = readdir(directory.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) return Failure("list", path, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    Descriptor descriptor = OpenDescriptor(path, O_RDWR | O_CREAT);
    if (!descriptor.ok()) return Failure("open", path, errno);
    if (!TryLock(descriptor.get(), LOCK_EX)) {
      if (errno != EWOULDBLOCK) return Failure("lock", path, errno);
      return Status(Code::kBusy, path + " is in use by " + HolderOf(descriptor.get(), path));
    }
    const int fd = descriptor.get();
    auto lock = std::make_unique<PosixLock>(std::move(descriptor));
    std::string before(64, '\0');
    const Result<size_t> had = ReadFully(fd, path, 0, before.data(), before.size());
    if (!had.ok()) return had.status();
    before.resize(*had);
    lock->RestoreLater(path, before);
    if (Retry([&] { return ftruncate(fd, 0); }) < 0) return Failure("truncate", path, errno);
    RL_RETURN_IF_ERROR(WriteFully(fd, path, 0, std::to_string(getpid()) + "\n"));
    return std::unique_ptr<Lock>(std::move(lock));
  }

  Result<std::unique_ptr<Lock>> LockFileShared(const std::string& path) override {
    Descriptor descriptor = OpenDescriptor(path, O_RDONLY);
    if (!descriptor.ok()) {
      if (errno == ENOENT) return std::unique_ptr<Lock>();
      return Failure("open", path, errno);
    }
    if (!TryLock(descriptor.get(), LOCK_SH)) {
      if (errno != EWOULDBLOCK) return Failure("lock", path, errno);
      return Status(Code::kBusy, path + " is in use by " + HolderOf(descriptor.get(), path));
    }
    return std::unique_ptr<Lock>(new PosixLock(std::move(descriptor)));
  }

  Status FillRandom(char* buffer, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t count = Retry([&] { return getrandom(buffer + done, size - done, 0); });
      if (count < 0 && errno == ENOSYS) return FillFromDevice(buffer, size);
      if (count < 0) return Failure("read", "getrandom", errno);
      done += static_cast<size_t>(count);
    }
    return Status::Ok();
  }

 private:
  // For a kernel, or a sandbox, that does not know getrandom.
  static Status FillFromDevice(char* buffer, size_t size) {
    const std::string path = "/dev/urandom";
    const Descriptor descriptor = OpenDescriptor(path, O_RDONLY);
    if (!descriptor.ok()) return Failure("open", path, errno);
    const Result<size_t> count = ReadFully(descriptor.get(), path, 0, buffer, size);
    if (!count.ok()) return count.status();
    if (*count < size) return Failure("read", path, EIO);
    return Status::Ok();
  }
};

}  // namespace

FileSystem& PosixFileSystem() {
  // never destroyed: threads may outlive static destructors
  static PosixFileSystemImpl* const files = new PosixFileSystemImpl;
  return *files;
}

}  // namespace redislite::os
