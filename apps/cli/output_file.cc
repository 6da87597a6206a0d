#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "console.h"

namespace redislite::cli {

constexpr size_t kBufferBytes = 1 << 20;

OutputFile::~OutputFile() {
  if (fd_ >= 0 && fd_ != STDOUT_FILENO) close(fd_);
  if (!unfinished_.empty()) unlink(unfinished_.c_str());
}

bool OutputFile::Fail(const char* what, std::string& error) const {
  error = std::string("cannot ") + what + ' ' + path_ + ": " + std::strerror(errno);
  return false;
}

bool OutputFile::Open(std::string& error) {
  if (path_ == "-") {
    fd_ = STDOUT_FILENO;
    return true;
  }
  struct stat status {};
  const bool exists = stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return Fail("write", error);
  }
  if (exists && !S_ISREG(status.st_mode)) {
    fd_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    return fd_ >= 0 || Fail("open", error);
  }
  const std::string temporary = path_ + ".tmp-" + std::to_string(getpid());
  fd_ = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) return Fail("make", error);
  unfinished_ = temporary;
  return true;
}

bool OutputFile::Write(std::string_view bytes, std::string& error) {
  buffer_ += bytes;
  return buffer_.size() < kBufferBytes || Flush(error);
}

bool OutputFile::Flush(std::string& error) {
  const bool ok = WriteAll(fd_, buffer_);
  buffer_.clear();
  return ok || Fail("write", error);
}

bool OutputFile::Finish(std::string& error) {
  if (!Flush(error)) return false;
  if (unfinished_.empty()) return true;
  if (fsync(fd_) != 0) return Fail("sync", error);
  if (close(std::exchange(fd_, -1)) != 0) return Fail("close", error);
  if (rename(unfinished_.c_str(), path_.c_str()) != 0) return Fail("rename to", error);
  unfinished_.clear();
  const std::filesystem::path parent = std::filesystem::path(path_).parent_path();
  const int directory = open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return Fail("sync the directory of", error);
  const bool synced = fsync(directory) == 0;
  close(directory);
  return synced || Fail("sync the directory of", error);
}

}  // namespace redislite::cli
