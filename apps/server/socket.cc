#include "socket.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

namespace redislite::server {
namespace {

Socket::Outcome OutcomeOf(ssize_t count, size_t& size) {
  if (count > 0) return size = static_cast<size_t>(count), Socket::Outcome::kDone;
  if (count == 0) return Socket::Outcome::kEnd;
  const bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  return later ? Socket::Outcome::kNotNow : Socket::Outcome::kBroken;
}

}  // namespace

Socket::Outcome Socket::Read(std::span<char> into, size_t& size) {
  return OutcomeOf(recv(fd_, into.data(), into.size(), MSG_DONTWAIT), size);
}

Socket::Outcome Socket::Write(std::span<const char> from, size_t& size) {
  return OutcomeOf(send(fd_, from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL), size);
}

bool Socket::EndWriting() { return shutdown(fd_, SHUT_WR) == 0; }

void Socket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace redislite::server
