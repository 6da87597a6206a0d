// Loop: one thread, the connections that it serves, and the buffer that they all read into.
//
//     turn: look at the poller --> read what has come --> feed all of it together --> write the replies
//           \--> woken: what other threads have posted, connections that other threads have made replies for
//
// What the connections of a turn have sent is fed together (rl_sessions_feed), so that their writes are one append to
// the log.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "connection.h"
#include "poller.h"

namespace redislite::server {

class Loop {
 public:
  explicit Loop(rl_db* db);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Serves, in the caller's thread, until Finish has been done.
  void Run();

  // ---- Any thread.

  // A client, who is told when he is one too many. `framing` null: RESP as Redis speaks it.
  void Adopt(Socket socket, std::unique_ptr<Framing> framing, std::string peer, std::string local);
  // Has the loop's thread do something soon.
  void Post(std::function<void()> work);
  // The connection is looked at soon. Never fails, and calls nothing of the library.
  void Notify(Connection& connection) noexcept;

  // ---- The loop's own thread.

  // Where a connection reads to, next; never empty.
  std::span<char> buffer() { return std::span(buffer_).subspan(turn_bytes_); }
  // Feeds the session of a connection with the first `size` bytes of the buffer by the end of the turn.
  void Feed(Connection& connection, size_t size);
  Poller& poller() { return poller_; }
  void Remove(Connection& connection);
  void AddLingering(Connection& connection);
  // No connection is read from any more.
  void StopReading();
  // Ends the connections that have nothing to write, the others when they have written it, all of them in the end.
  void Finish(std::chrono::seconds patience);

 private:
  void Wake() noexcept;
  void TakeTurn();
  void FeedAll();
  void DoPosted();
  void LookAtNotified();
  void LookAtLingering();
  void EndDrained();
  // How long the next look may wait; -1: until something happens.
  int PatienceMs() const;
  void LookAtTheClock();

  using Time = std::chrono::steady_clock::time_point;

  rl_db* const db_;
  const int wake_fd_;
  Poller poller_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::vector<std::weak_ptr<Connection>> lingering_;
  Time next_look_at_lingering_;
  std::vector<char> buffer_;
  std::vector<std::shared_ptr<Connection>> gone_;  // in this turn, which may still come to them
  // Those to be fed, and their bytes, which stand one after the other in the buffer.
  std::vector<Connection*> fed_;
  std::vector<rl_session*> sessions_;
  std::vector<const void*> inputs_;
  std::vector<size_t> sizes_;
  size_t turn_bytes_ = 0;
  bool finishing_ = false;
  Time finish_until_;
  bool done_ = false;

  std::mutex mutex_;
  // Guarded by mutex_:
  Connection* notified_ = nullptr;
  std::vector<std::function<void()>> posted_;
};

}  // namespace redislite::server
