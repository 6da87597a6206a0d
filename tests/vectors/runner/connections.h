// Connections: the clients of one store, each with a name, of which one is speaking. What carries the bytes is a Link:
// a socket to redis-server, or a session of RedisLite.
//
// Every connection says CLIENT ID when it opens, so that a vector can name it by its id, and HELLO 3 where the run or
// the vector wants RESP3.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "reply.h"

namespace vectors {

class Link {
 public:
  virtual ~Link() = default;
  virtual bool Send(const std::string& bytes) = 0;
  // Appends what comes within the time.
  enum class Heard { kBytes, kNothing, kClosed };
  virtual Heard Hear(int timeout_ms, std::string* buffer) = 0;
};

class Connections {
 public:
  using Open = std::function<std::unique_ptr<Link>()>;
  // `protocol` is what a connection speaks when its vector does not say.
  Connections(Open open, int protocol) : open_(std::move(open)), protocol_(protocol) {}

  // The connection that the next calls mean; opened when there is none of that name. `protocol` 0: the run's.
  bool Use(const std::string& name, int protocol, std::string* error);
  void CloseAll() { connections_.clear(); }

  void Send(const std::string& bytes);
  // The next reply; an error reply of the runner's own making when the connection breaks or talks nonsense.
  Reply Next();
  // Sends and takes one reply.
  Reply Run(const std::vector<std::string>& words);
  // Whether no reply has come, after a short time in which it would have.
  bool IsQuiet(Reply* reply);
  // Whether the other side has closed, and said nothing before.
  bool IsClosed(std::string* error);
  // A reply on any connection that nobody asked for: its text; empty when there is none.
  std::string Leftover();
  // The id of the connection, as its store numbers it; 0 when there is none of that name.
  int64_t Id(const std::string& name) const;
  // The protocol that the connection was opened for.
  int protocol() const;

 private:
  struct Connection {
    std::unique_ptr<Link> link;
    std::string buffer;
    size_t at = 0;
    int64_t id = 0;
    int protocol = 2;
    bool closed = false;
  };
  enum class Got { kReply, kNothing, kClosed };

  Connection& Current();
  // One reply, waited for so long.
  static Got Take(Connection& connection, int timeout_ms, Reply* reply);

  const Open open_;
  const int protocol_;
  std::map<std::string, Connection> connections_;
  std::string current_;
};

}  // namespace vectors
