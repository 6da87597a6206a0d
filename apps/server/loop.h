// Loop: one thread, the connections that it serves, and the buffer that they all read into.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "connection.h"

namespace redislite::server {

class Loop {
 public:
  // `client_count` is less by one for each connection that ends.
  Loop(rl_db* db, std::atomic<size_t>& client_count);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  boost::asio::io_context& io() { return io_; }
  // Serves, in the caller's thread, until Finish has been done.
  void Run();

  // ---- Any thread.

  // A client that was counted already. `framing` null: RESP as Redis speaks it.
  void Adopt(Socket socket, std::unique_ptr<Framing> framing, std::string peer, std::string local);
  // The connection is looked at soon. Never fails, and calls nothing of the library.
  void Notify(Connection& connection) noexcept;

  // ---- The loop's own thread.

  std::span<char> buffer() { return buffer_; }
  void Remove(Connection& connection);
  void AddLingering(Connection& connection);
  // No connection is read from any more.
  void StopReading();
  // Ends the connections that have nothing to write, the others when they have written it, all of them in the end.
  void Finish(std::chrono::seconds patience);

 private:
  void AwaitNotes();
  void LookAtNotified();
  void LookAtLingering();
  void EndDrained();

  rl_db* const db_;
  std::atomic<size_t>& client_count_;
  boost::asio::io_context io_{1};
  boost::asio::posix::stream_descriptor wake_;
  boost::asio::steady_timer lingering_timer_;
  boost::asio::steady_timer finish_timer_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::vector<std::weak_ptr<Connection>> lingering_;
  std::vector<char> buffer_;
  bool finishing_ = false;

  std::mutex mutex_;
  Connection* notified_ = nullptr;  // guarded by mutex_
};

}  // namespace redislite::server
