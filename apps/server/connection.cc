#include "connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "loop.h"

namespace redislite::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t kUnwrittenMax = 1 << 20;
// A client may send all of a long pipeline before it reads: so much is taken in advance, or both would wait for ever.
constexpr size_t kAheadMax = 16 << 20;
// Others have their turn after so much.
constexpr size_t kTurnBytes = 4 << 20;
constexpr size_t kFramesEnough = 64 << 10;
constexpr std::chrono::seconds kLinger{2};

}  // namespace

Connection::Connection(Loop& loop, Socket socket, std::unique_ptr<Framing> framing)
    : loop_(loop), socket_(std::move(socket)), framing_(std::move(framing)) {}

Connection::~Connection() { rl_session_close(session_); }

int Connection::Start(rl_db* db, const std::string& peer, const std::string& local) {
  error_code error;
  socket_.non_blocking(true, error);
  const int code = rl_session_open(db, &session_);
  if (code != RL_OK) {
    Close();
    return code;
  }
  (void)rl_session_set_peer(session_, peer.c_str(), local.c_str());
  (void)rl_session_notify(session_, &Connection::Notified, this);
  AwaitReadable();
  return RL_OK;
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

// Waits rather than reads: a read would need a buffer while it waits.
void Connection::AwaitReadable() {
  if (reading_ || !MayRead()) return;
  reading_ = true;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->reading_ = false;
    if (!error) self->OnReadable();
  });
}

void Connection::OnReadable() {
  if (!MayRead()) return;
  error_code error;
  const std::span<char> buffer = loop_.buffer();
  const size_t size = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
  if (error == asio::error::would_block || error == asio::error::interrupted) return AwaitReadable();
  if (error == asio::error::eof || (!error && size == 0)) {
    if (lingering_) return Close();
    // The peer says no more, but may listen on: what it has asked for is answered, and what waits for a key given up.
    peer_is_done_ = true;
    return StopReading();
  }
  if (error) return Close();
  if (!lingering_) {
    if (unwritten_ >= kUnwrittenMax) ahead_ += size;
    // RL_ERR_CLOSED: Flush sees it, too.
    if (framing_ == nullptr) {
      (void)rl_session_feed(session_, buffer.data(), size);
    } else {
      (void)framing_->Feed(session_, {buffer.data(), size});
    }
    Flush();
  }
  AwaitReadable();
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
        return AwaitReadable();
      case Ready::kEnded:
        return Linger();
      case Ready::kSome:
        break;
    }
    if (written > kTurnBytes) return loop_.Notify(*this);
    error_code error;
    const size_t count = socket_.write_some(asio::buffer(data, size), error);
    if (error == asio::error::would_block || error == asio::error::interrupted) {
      unwritten_ = size;
      return AwaitWritable();
    }
    if (error) return Close();
    Written(count);
    written += count;
  }
}

void Connection::AwaitWritable() {
  writing_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    if (error) return;
    self->Flush();
    self->AwaitReadable();
  });
}

bool Connection::IsDrained() {
  if (closed_ || lingering_) return true;
  if (writing_ || frames_at_ != frames_.size()) return false;
  return rl_session_busy(session_) != 1 && rl_session_pending(session_) != 1;
}

// ---- The end.

void Connection::Linger() {
  rl_session_close(std::exchange(session_, nullptr));
  error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return Close();
  lingering_ = true;
  linger_until_ = std::chrono::steady_clock::now() + kLinger;
  loop_.AddLingering(*this);
  AwaitReadable();
}

void Connection::Tick(std::chrono::steady_clock::time_point now) {
  if (lingering_ && now >= linger_until_) Close();
}

void Connection::Close() {
  if (closed_) return;
  closed_ = true;
  rl_session_close(std::exchange(session_, nullptr));
  error_code error;
  socket_.close(error);
  loop_.Remove(*this);
}

}  // namespace redislite::server
