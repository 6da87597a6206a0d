// A real file system on a loop device, whose power can be cut: the kernel's own shutdown ioctl ends it under load, and
// mounting it again replays its journal.
#pragma once

#include <string>

namespace kills {

class Disk {
 public:
  enum class Cut {
    kFlushAll,  // everything that was written reaches the disk first
    kFlushLog,  // the file system's journal does
    kNothing,   // what is not on the disk now never gets there
  };

  // Makes a file system of this kind ("ext4", "xfs") in a file of the directory, and mounts it. ready() says whether it
  // could; if not, reason() says why.
  Disk(const std::string& directory, const std::string& kind);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  bool ready() const { return reason_.empty(); }
  const std::string& reason() const { return reason_; }
  const std::string& path() const { return path_; }

  // Ends the file system; every later write to it fails. False: this kernel or file system cannot.
  bool CutPower(Cut cut);
  // Unmounts and mounts again. Nobody may have a file open.
  bool Restart();

 private:
  bool Mount();

  const std::string kind_;
  const std::string image_;
  const std::string path_;
  std::string reason_;
  bool mounted_ = false;
};

}  // namespace kills
