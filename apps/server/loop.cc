#include "loop.h"

#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

namespace redislite::server {
namespace {

using std::chrono::steady_clock;

constexpr size_t kBufferBytes = 64 << 10;
// With less room in the buffer what has been read is fed before more is.
constexpr size_t kReadBytesMin = 16 << 10;
constexpr size_t kTurnEvents = 256;
// The replies of so many are in memory before the first of them is written.
constexpr size_t kFedTogether = 64;
constexpr std::chrono::seconds kLingeringLook{1};

int MakeEventDescriptor() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Loop::Loop(rl_db* db) : db_(db), wake_fd_(MakeEventDescriptor()), buffer_(kBufferBytes) {
  // Edge-triggered: each waking is told of once, and nobody has to take it away.
  if (!poller_.Watch(wake_fd_, 0, uint32_t{EPOLLIN} | uint32_t{EPOLLET}, nullptr)) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

Loop::~Loop() {
  // Sessions call Notify until they are closed: before anything of the loop goes.
  while (!connections_.empty()) (*connections_.begin())->Close(), LookAtNotified();
  close(wake_fd_);
}

void Loop::Run() {
  while (!done_) TakeTurn();
}

void Loop::TakeTurn() {
  std::array<epoll_event, kTurnEvents> room;
  bool woken = false;
  for (const epoll_event& event : poller_.Look(room, PatienceMs())) {
    auto* const connection = static_cast<Connection*>(event.data.ptr);
    woken |= connection == nullptr;
    if (connection != nullptr) connection->OnReady(event.events);
  }
  FeedAll();
  if (woken) {
    DoPosted();
    LookAtNotified();
  }
  if (finishing_ || !lingering_.empty()) LookAtTheClock();
  gone_.clear();
}

// ---- Connections that have sent something.

void Loop::Feed(Connection& connection, size_t size) {
  fed_.push_back(&connection);
  sessions_.push_back(connection.session_);
  inputs_.push_back(buffer().data());
  sizes_.push_back(size);
  turn_bytes_ += size;
  if (fed_.size() == kFedTogether || buffer().size() < kReadBytesMin) FeedAll();
}

void Loop::FeedAll() {
  // Flush sees whose session is over.
  (void)rl_sessions_feed(sessions_.data(), inputs_.data(), sizes_.data(), fed_.size(), nullptr);
  for (Connection* const connection : fed_) connection->Flush();
  fed_.clear();
  sessions_.clear();
  inputs_.clear();
  sizes_.clear();
  turn_bytes_ = 0;
}

// ---- What other threads want.

void Loop::Adopt(Socket socket, std::unique_ptr<Framing> framing, std::string peer, std::string local) {
  const auto connection = std::make_shared<Connection>(*this, std::move(socket), std::move(framing));
  Post([this, connection, peer = std::move(peer), local = std::move(local)] {
    connections_.insert(connection);
    const int code = finishing_ ? RL_ERR_CLOSED : connection->Start(db_, peer, local);
    if (finishing_) connection->Close();
    const auto level = code == RL_ERR_LIMIT ? spdlog::level::debug : spdlog::level::warn;  // who comes too often
    if (code != RL_OK) spdlog::log(level, "client {} is refused: {}", peer, rl_strerror(code));
  });
}

void Loop::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  Wake();
}

void Loop::Wake() noexcept {
  constexpr uint64_t kOne = 1;
  (void)!write(wake_fd_, &kOne, sizeof kOne);
}

void Loop::DoPosted() {
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  for (const std::function<void()>& work : posted) work();
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
  if (is_first) Wake();
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
}

// A connection that stands in the list of the notified goes when that is looked at.
void Loop::Remove(Connection& connection) {
  gone_.push_back(connection.shared_from_this());
  if (!connection.notified_.load()) connections_.erase(connection.shared_from_this());
}

// ---- Connections whose peer is given time to close first.

void Loop::AddLingering(Connection& connection) {
  lingering_.push_back(connection.weak_from_this());
  if (lingering_.size() == 1) next_look_at_lingering_ = steady_clock::now() + kLingeringLook;
}

void Loop::LookAtLingering() {
  const Time now = steady_clock::now();
  next_look_at_lingering_ = now + kLingeringLook;
  for (const std::weak_ptr<Connection>& weak : std::exchange(lingering_, {})) {
    const std::shared_ptr<Connection> connection = weak.lock();
    if (connection == nullptr) continue;
    connection->Tick(now);
    if (!connection->is_closed()) lingering_.push_back(weak);
  }
}

int Loop::PatienceMs() const {
  if (!finishing_ && lingering_.empty()) return -1;
  Time until = Time::max();
  if (finishing_) until = finish_until_;
  if (!lingering_.empty()) until = std::min(until, next_look_at_lingering_);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  return static_cast<int>(std::max<int64_t>(0, left.count()));
}

void Loop::LookAtTheClock() {
  const Time now = steady_clock::now();
  if (!lingering_.empty() && now >= next_look_at_lingering_) LookAtLingering();
  if (!finishing_) return;
  EndDrained();
  if (now >= finish_until_) done_ = true;
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
  finish_until_ = steady_clock::now() + patience;
}

void Loop::EndDrained() {
  const std::vector<std::shared_ptr<Connection>> all(connections_.begin(), connections_.end());
  for (const std::shared_ptr<Connection>& connection : all) {
    if (!connection->is_closed() && connection->IsDrained()) connection->Close();
  }
  if (std::all_of(all.begin(), all.end(), [](const auto& connection) { return connection->is_closed(); })) done_ = true;
}

}  // namespace redislite::server
