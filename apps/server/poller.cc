#include "poller.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace redislite::server {

Poller::Poller() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() { close(fd_); }

bool Poller::Watch(int fd, uint32_t before, uint32_t now, void* owner) {
  if (before == now) return true;
  epoll_event event{};
  event.events = now;
  event.data.ptr = owner;
  const int change = before == 0 ? EPOLL_CTL_ADD : now == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  return epoll_ctl(fd_, change, fd, &event) == 0;
}

std::span<const epoll_event> Poller::Look(std::span<epoll_event> events, int patience_ms) {
  const int count = epoll_wait(fd_, events.data(), static_cast<int>(events.size()), patience_ms);
  return events.first(count < 0 ? 0 : static_cast<size_t>(count));
}

}  // namespace redislite::server
