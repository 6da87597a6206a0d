#include "tests/kills/disk.h"

#include <fcntl.h>
#include <linux/types.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "tests/stress/support.h"

namespace kills {
namespace {

namespace fs = std::filesystem;

// FS_IOC_SHUTDOWN, which is XFS_IOC_GOINGDOWN and EXT4_IOC_SHUTDOWN too; no header of Debian 12 names it for all.
constexpr unsigned long kShutdown = _IOR('X', 125, __u32);

// mkfs.xfs makes nothing smaller than 300 MiB. The file has holes: it takes what is written.
constexpr off_t kImageBytes = off_t{320} << 20;

bool RunQuietly(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

}  // namespace

Disk::Disk(const std::string& directory, const std::string& kind)
    : kind_(kind), image_(directory + "/" + kind + ".image"), path_(directory + "/" + kind) {
  if (reason_ = stress::EnterOwnMounts(); !reason_.empty()) return;
  fs::create_directories(path_);
  const int fd = open(image_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  const bool made = fd >= 0 && ftruncate(fd, kImageBytes) == 0;
  if (fd >= 0) close(fd);
  if (!made) {
    reason_ = "no file of " + std::to_string(kImageBytes) + " bytes";
  } else if (!RunQuietly("PATH=$PATH:/usr/sbin:/sbin mkfs." + kind + " -q '" + image_ + "'")) {
    reason_ = "mkfs." + kind + " does not work here";
  } else if (!Mount()) {
    reason_ = "a file of " + kind + " cannot be mounted here: no loop devices?";
  }
}

Disk::~Disk() {
  if (mounted_) umount2(path_.c_str(), MNT_DETACH);
}

bool Disk::Mount() {
  mounted_ = RunQuietly("PATH=$PATH:/usr/sbin:/sbin mount -t " + kind_ + " -o loop '" + image_ + "' '" + path_ + "'");
  return mounted_;
}

bool Disk::CutPower(Cut cut) {
  const int fd = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  auto flags = static_cast<__u32>(cut);
  const bool done = ioctl(fd, kShutdown, &flags) == 0;
  close(fd);
  return done;
}

bool Disk::Restart() {
  // The last file of a process that has just died may be on its way out still.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (umount(path_.c_str()) != 0) {
    if (errno != EBUSY || std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Mount();
}

}  // namespace kills
