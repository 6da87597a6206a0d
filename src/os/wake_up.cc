#include "os/wake_up.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace redislite::os {

Result<std::unique_ptr<WakeUp>> WakeUp::Make() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return Status(Code::kNoMemory, std::string("no file descriptor: ") + std::strerror(errno));
  return std::unique_ptr<WakeUp>(new WakeUp(fd));
}

WakeUp::~WakeUp() { close(fd_); }

void WakeUp::Set() noexcept {
  if (set_) return;
  set_ = true;
  (void)eventfd_write(fd_, 1);
}

void WakeUp::Clear() noexcept {
  if (!set_) return;
  set_ = false;
  eventfd_t value = 0;
  (void)eventfd_read(fd_, &value);
}

}  // namespace redislite::os
