// Poller: which sockets have something to be done, one look for all of them (epoll(7), level-triggered).
//
// A loop's connections wait here and not in Boost.Asio, which makes a system call for every single wait, a tenth of
// what a small request costs in all; and one look is the natural measure of what is fed together.
//
// Threads: one at a time.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

namespace redislite::server {

class Poller {
 public:
  Poller();  // throws std::system_error
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Changes what a descriptor is watched for, from `before` to `now`, each of EPOLLIN and EPOLLOUT; 0: nothing, not
  // even an error. `owner` comes back in data.ptr. False: the system has no room for it. Closing the descriptor ends
  // it, too.
  bool Watch(int fd, uint32_t before, uint32_t now, void* owner);

  // Waits until something is ready, `patience_ms` at most (-1: as long as it takes), and returns what is, as far as
  // `events` has room.
  std::span<const epoll_event> Look(std::span<epoll_event> events, int patience_ms);

 private:
  const int fd_;
};

}  // namespace redislite::server
