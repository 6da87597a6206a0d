#include "listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

#include "store.h"

namespace redislite::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::string_view kDenied =
    "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the "
    "default user. In this mode connections are only accepted from the loopback interface. To connect from other "
    "computers set a password (requirepass), or start the server with '--protected-mode no' when nobody else can "
    "reach it.\r\n";
// When there is no descriptor left for a client, others are given the time to leave.
constexpr std::chrono::milliseconds kPause{100};

std::string Name(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

void KeepAlive(int fd, int seconds) {
  const auto set = [fd](int level, int option, int value) {
    (void)setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  // Silent for so long: asked three times within as long again.
  set(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / 3));
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

bool IsDenied(const asio::ip::address& peer, bool protected_mode, bool has_password) {
  if (!protected_mode || has_password) return false;
  if (peer.is_v6() && peer.to_v6().is_v4_mapped()) {
    return !asio::ip::make_address_v4(asio::ip::v4_mapped, peer.to_v6()).is_loopback();
  }
  return !peer.is_loopback();
}

template <typename Protocol>
Listener<Protocol>::Listener(Reception& reception, const Endpoint& endpoint, bool framed)
    : reception_(reception),
      acceptor_(reception.io),
      pause_(reception.io),
      framed_(framed) {
  acceptor_.open(endpoint.protocol());
  if constexpr (std::is_same_v<Protocol, tcp>) {
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    // "::" beside "0.0.0.0" is two sockets, each for its own kind.
    if (endpoint.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(true));
  }
  acceptor_.bind(endpoint);
  acceptor_.listen(reception.options.backlog);
}

template <typename Protocol>
void Listener<Protocol>::Accept() {
  acceptor_.async_accept([this](const error_code& error, PeerSocket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      Receive(std::move(socket));
      return Accept();
    }
    if (error == asio::error::connection_aborted) return Accept();
    spdlog::warn("cannot accept a client: {}", error.message());
    pause_.expires_after(kPause);
    pause_.async_wait([this](const error_code& stopped) {
      if (!stopped) Accept();
    });
  });
}

template <typename Protocol>
void Listener<Protocol>::Receive(PeerSocket socket) {
  error_code error;
  std::string peer, local;
  if constexpr (std::is_same_v<Protocol, tcp>) {
    const tcp::endpoint from = socket.remote_endpoint(error);
    if (error) return;  // gone already
    peer = Name(from);
    local = Name(socket.local_endpoint(error));
    // The password can be changed by CONFIG SET, so it is asked for when it matters.
    if (IsDenied(from.address(), reception_.live.protected_mode, false) && !HasPassword(reception_.db)) {
      spdlog::debug("client {} is refused by protected mode", peer);
      socket.non_blocking(true, error);
      (void)socket.write_some(asio::buffer(kDenied.data(), kDenied.size()), error);
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    const int keepalive_s = reception_.live.keepalive_s;
    if (keepalive_s > 0) KeepAlive(socket.native_handle(), keepalive_s);
  } else {
    peer = local = reception_.options.unix_socket + ":0";
  }
  std::unique_ptr<Framing> framing;
  if (framed_) framing = std::make_unique<Framing>(reception_.options.framed_bytes_max);
  Loop& loop = *reception_.loops[reception_.next_loop++ % reception_.loops.size()];
  loop.Adopt(Socket(socket.release()), std::move(framing), std::move(peer), std::move(local));
}

template <typename Protocol>
void Listener<Protocol>::Close() {
  error_code error;
  acceptor_.close(error);
  pause_.cancel();
}

template class Listener<tcp>;
template class Listener<Local>;

}  // namespace redislite::server
