#include "server.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "descriptors.h"
#include "service_manager.h"
#include "store.h"

namespace redislite::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using boost::system::system_error;

// How long clients that are asked to take the last replies have for it.
constexpr std::chrono::seconds kPatience{3};

std::vector<std::unique_ptr<Loop>> MakeLoops(rl_db* db, int count) {
  std::vector<std::unique_ptr<Loop>> loops;
  loops.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) loops.push_back(std::make_unique<Loop>(db));
  return loops;
}

}  // namespace

Server::Server(rl_db* db, const Options& options)
    : db_(db),
      options_(options),
      live_(options),
      loops_(MakeLoops(db, options.threads)),
      reception_{io_, db, options_, live_, loops_},
      signals_(io_, SIGTERM, SIGINT),
      idle_timer_(io_) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
}

Server::~Server() {
  if (local_ != nullptr) unlink(options_.unix_socket.c_str());
}

// ---- Listening.

bool Server::Listen(std::string& error) {
  if (const int possible = MakeRoomForClients(options_.clients_max); possible < options_.clients_max) {
    spdlog::warn("maxclients is {}, not {}: the process may not open more files", possible, options_.clients_max);
    options_.clients_max = possible;
  }
  try {
    if (options_.port != kNoPort) ListenOnPort(options_.port, false);
    if (options_.framed_port != kNoPort) ListenOnPort(options_.framed_port, true);
    if (!options_.unix_socket.empty()) ListenOnPath();
  } catch (const std::exception& exception) {
    return error = std::string("cannot listen: ") + exception.what(), false;
  }
  if (tcp_.empty() && local_ == nullptr)
    return error = "there is nothing to listen on: no port and no unixsocket", false;
  host_ = std::make_unique<HostAnswers>(
      db_, options_, live_, [this] { asio::post(io_, [this] { StopBecauseOf("SHUTDOWN"); }); });
  if (options_.port_file.empty()) return true;
  std::ofstream file(options_.port_file);
  if (options_.port != kNoPort) file << "port " << options_.port << '\n';
  if (options_.framed_port != kNoPort) file << "framed-port " << options_.framed_port << '\n';
  file.close();
  if (!file) return error = options_.port_file + ": cannot be written", false;
  return true;
}

void Server::ListenOnPort(int& port, bool framed) {
  for (std::string text : options_.bind) {
    const bool may_be_missing = text.starts_with('-');
    if (may_be_missing) text.erase(0, 1);
    if (text == "*") text = "0.0.0.0";
    try {
      const tcp::endpoint endpoint(asio::ip::make_address(text), static_cast<uint16_t>(port));
      tcp_.push_back(std::make_unique<TcpListener>(reception_, endpoint, framed));
    } catch (const system_error& exception) {
      // An address that this machine has not, or a kind of address; never one that somebody else listens on.
      const bool missing = exception.code() == asio::error::address_family_not_supported ||
                           exception.code() == std::errc::address_not_available;
      if (may_be_missing && missing) continue;
      throw std::runtime_error(text + ":" + std::to_string(port) + ": " + exception.code().message());
    }
    port = tcp_.back()->local().port();
    spdlog::info("listening on {} port {}{}", text, port, framed ? ", framed" : "");
  }
}

void Server::ListenOnPath() {
  const std::string& path = options_.unix_socket;
  // What a process that was killed has left. A socket that somebody listens on is taken from him, as Redis does it:
  // the store's lock has told already that nobody serves the same data.
  struct stat found {};
  if (lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) unlink(path.c_str());
  local_ = std::make_unique<LocalListener>(reception_, asio::local::stream_protocol::endpoint(path), false);
  if (options_.unix_socket_mode != 0) (void)chmod(path.c_str(), static_cast<mode_t>(options_.unix_socket_mode));
  spdlog::info("listening on {}", path);
}

// ---- Serving.

void Server::Run() {
  for (const auto& listener : tcp_) listener->Accept();
  if (local_ != nullptr) local_->Accept();
  AwaitSignal();
  LookForIdle();
  TellServiceManager("READY=1");
  spdlog::info("ready");

  std::vector<std::thread> threads;
  for (const auto& loop : loops_) threads.emplace_back([&loop = *loop] { loop.Run(); });
  io_.run();
  for (std::thread& thread : threads) thread.join();
}

void Server::AwaitSignal() {
  signals_.async_wait([this](const error_code& error, int number) {
    if (error) return;
    StopBecauseOf(number == SIGINT ? "SIGINT" : "SIGTERM");
    AwaitSignal();
  });
}

void Server::StopBecauseOf(const char* what) {
  if (std::exchange(stopping_, true)) return;
  spdlog::info("stopping on {}", what);
  Stop();
}

// No more clients, no more requests, then the replies to those that were taken, then the end.
void Server::Stop() {
  TellServiceManager("STOPPING=1");
  for (const auto& listener : tcp_) listener->Close();
  if (local_ != nullptr) local_->Close();
  idle_timer_.cancel();
  loops_to_stop_ = loops_.size();
  for (const auto& loop : loops_) {
    loop->Post([this, &loop = *loop] {
      loop.StopReading();
      if (--loops_to_stop_ > 0) return;
      // The last one: behind this sync nothing that was taken is without its reply, but for what is blocked.
      const int code = rl_sync(db_);
      if (code != RL_OK) spdlog::error("the last sync failed: {}", ErrorMessage(db_, code));
      for (const auto& each : loops_) each->Post([&each = *each] { each.Finish(kPatience); });
      io_.stop();
    });
  }
}

// ---- The clients that say nothing.

void Server::LookForIdle() {
  idle_timer_.expires_after(std::chrono::seconds(1));
  idle_timer_.async_wait([this](const error_code& error) {
    if (error || stopping_) return;
    if (const int timeout_s = live_.timeout_s; timeout_s > 0) EndIdleSessions(db_, timeout_s);
    LookForIdle();
  });
}

}  // namespace redislite::server
