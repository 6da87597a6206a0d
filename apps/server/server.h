// Server: the listeners and the loops around one open store, from the first client to the last.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "host_answers.h"
#include "listener.h"
#include "live_settings.h"
#include "loop.h"
#include "options.h"

namespace redislite::server {

class Server {
 public:
  Server(rl_db* db, const Options& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Begins to listen. False, with a message, when it cannot.
  bool Listen(std::string& error);
  // Serves until SIGTERM, SIGINT or SHUTDOWN. When it returns all that was acknowledged is on its way to the device,
  // what was ready has been sent as far as clients took it, and every session is closed.
  void Run();

 private:
  using TcpListener = Listener<boost::asio::ip::tcp>;
  using LocalListener = Listener<boost::asio::local::stream_protocol>;

  // `port` becomes the one that the system chose.
  void ListenOnPort(int& port, bool framed);
  void ListenOnPath();
  void AwaitSignal();
  void StopBecauseOf(const char* what);
  void Stop();
  void LookForIdle();

  rl_db* const db_;
  Options options_;
  LiveSettings live_;
  boost::asio::io_context io_{1};  // the listeners, signals and timers: the thread of Run
  std::vector<std::unique_ptr<Loop>> loops_;
  Reception reception_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer idle_timer_;
  std::vector<std::unique_ptr<TcpListener>> tcp_;
  std::unique_ptr<LocalListener> local_;
  bool stopping_ = false;
  std::atomic<size_t> loops_to_stop_{0};
  std::unique_ptr<HostAnswers> host_;  // from Listen on
};

}  // namespace redislite::server
