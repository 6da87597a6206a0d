// Connection: a socket and its session. Bytes go from the one to the other and back, and nothing is kept here: an idle
// connection has no buffer of its own.
//
//     readable --> the loop: rl_sessions_feed --> Flush: rl_session_peek, write, rl_session_consume
//     notified (another thread made replies) --> Flush
//     the socket takes no more --> wait until it is writable --> Flush
//
// Who does not read his replies is not read from either: with kUnwrittenMax bytes unwritten the socket is left alone
// until it takes some.
//
// Threads: the loop's, but for Notified, which the session calls from any.
#pragma once

#include <redislite.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "framing.h"
#include "socket.h"

namespace redislite::server {

class Loop;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `framing` null: RESP as Redis speaks it.
  Connection(Loop& loop, Socket socket, std::unique_ptr<Framing> framing);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Opens the session and begins to serve it. An rl_session_open's code; the connection is closed when it is not RL_OK.
  int Start(rl_db* db, const std::string& peer, const std::string& local);

  // Writes what is ready, until the socket takes no more or there is nothing.
  void Flush();
  // Takes no more requests.
  void StopReading();
  // Everything is written.
  bool IsDrained();
  // Ends it, whatever is under way.
  void Close();
  bool is_closed() const { return closed_; }
  // Closes what only waits for the peer to close, for too long.
  void Tick(std::chrono::steady_clock::time_point now);

 private:
  friend class Loop;

  static void Notified(void* connection);
  // The poller's events.
  void OnReady(uint32_t events);
  void Read();
  bool MayRead() const;
  // Has the poller watch for what it waits for by now.
  void Watch();
  // What is to be written next; kEnded: nothing is, nor will be.
  enum class Ready { kSome, kNone, kEnded };
  Ready NextBytes(const void*& data, size_t& size);
  void Written(size_t size);
  // All is said: waits for the peer to close first, so that the last bytes are not lost to a reset.
  void Linger();

  Loop& loop_;
  Socket socket_;
  const std::unique_ptr<Framing> framing_;
  rl_session* session_ = nullptr;
  std::string frames_;  // of the framed protocol: what is to be written
  size_t frames_at_ = 0;
  size_t unwritten_ = 0;
  size_t ahead_ = 0;  // bytes read while too much was unwritten
  std::chrono::steady_clock::time_point linger_until_;
  uint32_t watched_ = 0;  // the poller's events
  bool writing_ = false;  // until the socket takes more
  bool reads_no_more_ = false;
  bool peer_is_done_ = false;  // it has sent its last byte
  bool lingering_ = false;
  bool closed_ = false;

  // The loop's list of who was notified.
  std::atomic<bool> notified_{false};
  Connection* next_notified_ = nullptr;
};

}  // namespace redislite::server
