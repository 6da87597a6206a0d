#include "connection.h"

#include <sys/epoll.h>

#include <string_view>
#include <utility>

#include "loop.h"

namespace redislite::server {
namespace {

constexpr size_t kUnwrittenMax = 1 << 20;
// A client may send all of a long pipeline before it reads: so much is taken in advance, or both would wait for ever.
constexpr size_t kAheadMax = 16 << 20;
// Others have their turn after so much.
constexpr size_t kTurnBytes = 4 << 20;
constexpr size_t kFramesEnough = 64 << 10;
constexpr std::chrono::seconds kLinger{2};
constexpr std::string_view kTooMany = "-ERR max number of clients reached\r\n";

}  // namespace

Connection::Connection(Loop& loop, Socket socket, std::unique_ptr<Framing> framing)
    : loop_(loop), socket_(std::move(socket)), framing_(std::move(framing)) {}

Connection::~Connection() { rl_session_close(session_); }

int Connection::Start(rl_db* db, const std::string& peer, const std::string& local) {
  const int code = rl_session_open(db, &session_);
  if (code != RL_OK) {
    // As far as the socket takes it: nobody waits for a client who is not one.
    size_t written = 0;
    if (code == RL_ERR_LIMIT) (void)socket_.Write(kTooMany, written);
    Close();
    return code;
  }
  (void)rl_session_set_peer(session_, peer.c_str(), local.c_str());
  (void)rl_session_notify(session_, &Connection::Notified, this);
  Watch();
  return closed_ ? RL_ERR_NOMEM : RL_OK;
}

// The session tells of nothing any more once it is closed, and it is closed before the connection goes.
void Connection::Notified(void* connection) {
  auto* self = static_cast<Connection*>(connection);
  self->loop_.Notify(*self);
}

// ---- Reading.

bool Connection::MayRead() const {
  return !closed_ && (lingering_ || (!reads_no_more_ && (unwritten_ < kUnwrittenMax || ahead_ < kAheadMax)));
}

// Whom it has stopped waiting for is left to the poller until that tells of him once more.
void Connection::Watch() {
  if (closed_) return;
  const uint32_t wanted = (MayRead() ? uint32_t{EPOLLIN} : 0) | (writing_ ? uint32_t{EPOLLOUT} : 0);
  if (!loop_.poller().Watch(socket_.fd(), watched_, wanted, this)) return Close();
  watched_ = wanted;
}

void Connection::OnReady(uint32_t events) {
  if (closed_) return;
  if (writing_ && (events & ~uint32_t{EPOLLIN}) != 0) {
    writing_ = false;
    Flush();
  }
  if ((events & ~uint32_t{EPOLLOUT}) != 0 && MayRead()) return Read();
  Watch();
}

void Connection::Read() {
  const std::span<char> buffer = loop_.buffer();
  size_t size = 0;
  switch (socket_.Read(buffer, size)) {
    case Socket::Outcome::kNotNow:
      return;
    case Socket::Outcome::kBroken:
      return Close();
    case Socket::Outcome::kEnd:
      if (lingering_) return Close();
      // The peer says no more, but may listen on: what it has asked for is answered, and what waits for a key given up.
      peer_is_done_ = true;
      return StopReading();
    case Socket::Outcome::kDone:
      break;
  }
  if (lingering_) return;
  if (unwritten_ >= kUnwrittenMax) ahead_ += size;
  if (framing_ == nullptr) return loop_.Feed(*this, size);
  (void)framing_->Feed(session_, {buffer.data(), size});  // RL_ERR_CLOSED: Flush sees it, too
  Flush();
}

void Connection::StopReading() {
  reads_no_more_ = true;
  Flush();
}

// ---- Writing.

Connection::Ready Connection::NextBytes(const void*& data, size_t& size) {
  int code = RL_OK;
  if (framing_ == nullptr) {
    code = rl_session_peek(session_, &data, &size);
  } else {
    if (frames_at_ == frames_.size()) {
      std::string().swap(frames_);
      frames_at_ = 0;
      code = framing_->Collect(session_, kFramesEnough, frames_);
    }
    data = frames_.data() + frames_at_;
    size = frames_.size() - frames_at_;
  }
  if (size > 0) return Ready::kSome;
  return code == RL_OK ? Ready::kNone : Ready::kEnded;
}

void Connection::Written(size_t size) {
  if (framing_ == nullptr) {
    (void)rl_session_consume(session_, size);
  } else {
    frames_at_ += size;
  }
}

void Connection::Flush() {
  if (closed_ || lingering_ || writing_) return;
  unwritten_ = 0;
  for (size_t written = 0;;) {
    const void* data = nullptr;
    size_t size = 0;
    switch (NextBytes(data, size)) {
      case Ready::kNone:
        ahead_ = 0;
        if (peer_is_done_ && IsDrained()) return Close();
        return Watch();
      case Ready::kEnded:
        return Linger();
      case Ready::kSome:
        break;
    }
    if (written > kTurnBytes) return loop_.Notify(*this);
    size_t count = 0;
    switch (socket_.Write({static_cast<const char*>(data), size}, count)) {
      case Socket::Outcome::kDone:
        break;
      case Socket::Outcome::kNotNow:
        unwritten_ = size;
        writing_ = true;
        return Watch();
      default:
        return Close();
    }
    Written(count);
    written += count;
  }
}

bool Connection::IsDrained() {
  if (closed_ || lingering_) return true;
  if (writing_ || frames_at_ != frames_.size()) return false;
  return rl_session_busy(session_) != 1 && rl_session_pending(session_) != 1;
}

// ---- The end.

void Connection::Linger() {
  rl_session_close(std::exchange(session_, nullptr));
  if (!socket_.EndWriting()) return Close();
  lingering_ = true;
  linger_until_ = std::chrono::steady_clock::now() + kLinger;
  loop_.AddLingering(*this);
  Watch();
}

void Connection::Tick(std::chrono::steady_clock::time_point now) {
  if (lingering_ && now >= linger_until_) Close();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  rl_session_close(std::exchange(session_, nullptr));
  socket_.Close();
  loop_.Remove(*this);
}

}  // namespace redislite::server
