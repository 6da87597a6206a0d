#include "loop.h"

#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace redislite::server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr size_t kBufferBytes = 64 << 10;

int MakeEventDescriptor() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Loop::Loop(rl_db* db, std::atomic<size_t>& client_count)
    : db_(db),
      client_count_(client_count),
      wake_(io_, MakeEventDescriptor()),
      lingering_timer_(io_),
      finish_timer_(io_),
      buffer_(kBufferBytes) {
  AwaitNotes();
}

Loop::~Loop() {
  // Sessions call Notify until they are closed: before anything of the loop goes.
  while (!connections_.empty()) (*connections_.begin())->Close(), LookAtNotified();
}

void Loop::Run() { io_.run(); }

void Loop::Adopt(Socket socket, std::unique_ptr<Framing> framing, std::string peer, std::string local) {
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(framing));
  asio::post(io_, [this, connection, peer = std::move(peer), local = std::move(local)] {
    connections_.insert(connection);
    const int code = finishing_ ? RL_ERR_CLOSED : connection->Start(db_, peer, local);
    if (finishing_) connection->Close();
    if (code != RL_OK) spdlog::warn("client {} is refused: {}", peer, rl_strerror(code));
  });
}

// ---- Connections that other threads have made replies for.

void Loop::Notify(Connection& connection) noexcept {
  if (connection.notified_.exchange(true)) return;
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = notified_ == nullptr;
    connection.next_notified_ = std::exchange(notified_, &connection);
  }
  constexpr uint64_t kOne = 1;
  if (is_first) (void)!write(wake_.native_handle(), &kOne, sizeof kOne);
}

void Loop::AwaitNotes() {
  wake_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
    if (error) return;
    uint64_t count = 0;
    (void)!read(wake_.native_handle(), &count, sizeof count);
    LookAtNotified();
    AwaitNotes();
  });
}

void Loop::LookAtNotified() {
  Connection* list = nullptr;
  {
    const std::lock_guard lock(mutex_);
    list = std::exchange(notified_, nullptr);
  }
  // Who came first stands last.
  Connection* first = nullptr;
  while (list != nullptr) {
    Connection* const next = list->next_notified_;
    list->next_notified_ = std::exchange(first, list);
    list = next;
  }
  while (first != nullptr) {
    const std::shared_ptr<Connection> connection = first->shared_from_this();
    first = first->next_notified_;
    connection->notified_.store(false);
    if (connection->is_closed()) {
      connections_.erase(connection);
    } else {
      connection->Flush();
    }
  }
  if (finishing_) EndDrained();
}

// A connection that stands in the list of the notified goes when that is looked at.
void Loop::Remove(Connection& connection) {
  client_count_.fetch_sub(1);
  if (!connection.notified_.load()) connections_.erase(connection.shared_from_this());
}

// ---- Connections whose peer is given time to close first.

void Loop::AddLingering(Connection& connection) {
  lingering_.push_back(connection.weak_from_this());
  if (lingering_.size() == 1) LookAtLingering();
}

void Loop::LookAtLingering() {
  const steady_clock::time_point now = steady_clock::now();
  for (const std::weak_ptr<Connection>& weak : std::exchange(lingering_, {})) {
    const std::shared_ptr<Connection> connection = weak.lock();
    if (connection == nullptr) continue;
    connection->Tick(now);
    if (!connection->is_closed()) lingering_.push_back(weak);
  }
  if (lingering_.empty()) return;
  lingering_timer_.expires_after(std::chrono::seconds(1));
  lingering_timer_.async_wait([this](const error_code& error) {
    if (!error) LookAtLingering();
  });
}

// ---- The end.

void Loop::StopReading() {
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : all) connection->StopReading();
}

void Loop::Finish(std::chrono::seconds patience) {
  finishing_ = true;
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : all) connection->Flush();
  finish_timer_.expires_after(patience);
  finish_timer_.async_wait([this](const error_code&) { io_.stop(); });
  EndDrained();
}

void Loop::EndDrained() {
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : all) {
    if (!connection->is_closed() && connection->IsDrained()) connection->Close();
  }
  if (std::all_of(all.begin(), all.end(), [](const auto& connection) { return connection->is_closed(); })) io_.stop();
}

}  // namespace redislite::server
