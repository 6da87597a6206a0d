// WakeUp: a file descriptor that is readable while it is set, for those who wait in poll and the like.
//
// Owner: one session. Set and Clear are called by one thread at a time.
#pragma once

#include <memory>

#include "base/status.h"

namespace redislite::os {

class WakeUp {
 public:
  // kNoMemory when the process has no descriptor left.
  static Result<std::unique_ptr<WakeUp>> Make();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  int fd() const { return fd_; }
  void Set() noexcept;
  void Clear() noexcept;

 private:
  explicit WakeUp(int fd) : fd_(fd) {}

  const int fd_;
  bool set_ = false;
};

}  // namespace redislite::os
