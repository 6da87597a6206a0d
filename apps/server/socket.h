// Socket: a connected stream socket, which this owns. No call waits.
//
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace redislite::server {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() { Close(); }

  enum class Outcome {
    kDone,
    kNotNow,
    kEnd,  // the peer sends no more
    kBroken,
  };
  // `size`, when done: how many bytes there were, at least one.
  Outcome Read(std::span<char> into, size_t& size);
  Outcome Write(std::span<const char> from, size_t& size);
  // The peer is told that nothing more will come; false when he is gone.
  bool EndWriting();
  void Close();
  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace redislite::server
