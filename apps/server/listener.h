// Listener: an address that clients connect to, and who of them is let in.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "live_settings.h"
#include "loop.h"
#include "options.h"

namespace redislite::server {

// What the listeners of one server share.
struct Reception {
  boost::asio::io_context& io;
  rl_db* db;
  const Options& options;
  const LiveSettings& live;
  std::vector<std::unique_ptr<Loop>>& loops;
  size_t next_loop = 0;
};

// Whether protected mode turns away a client from there.
bool IsDenied(const boost::asio::ip::address& peer, bool protected_mode, bool has_password);

template <typename Protocol>
class Listener {
 public:
  using Endpoint = typename Protocol::endpoint;

  // Throws boost::system::system_error when the address cannot be listened on.
  Listener(Reception& reception, const Endpoint& endpoint, bool framed);
  void Accept();
  void Close();
  Endpoint local() const { return acceptor_.local_endpoint(); }

 private:
  using PeerSocket = typename Protocol::socket;
  void Receive(PeerSocket socket);

  Reception& reception_;
  boost::asio::basic_socket_acceptor<Protocol> acceptor_;
  boost::asio::steady_timer pause_;
  const bool framed_;
};

extern template class Listener<boost::asio::ip::tcp>;
extern template class Listener<boost::asio::local::stream_protocol>;

}  // namespace redislite::server
