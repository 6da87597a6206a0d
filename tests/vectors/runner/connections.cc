#include "connections.h"

#include <cstdint>

#include "wire.h"

namespace vectors {
namespace {

// What must come has come after this; what must not come would have come after that.
constexpr int kPatienceMs = 10'000;
constexpr int kQuietMs = 40;

}  // namespace

bool Connections::Use(const std::string& name, int protocol, std::string* error) {
  current_ = name;
  if (connections_.contains(name)) return true;
  Connection& connection = connections_[name];
  connection.link = open_();
  connection.protocol = protocol == 0 ? protocol_ : protocol;
  if (connection.link == nullptr) {
    *error = "a connection does not open";
    connections_.erase(name);
    return false;
  }
  connection.id = Run({"CLIENT", "ID"}).integer;
  if (connection.protocol == 2) return true;
  const Reply hello = Run({"HELLO", "3"});
  if (hello.is_error()) *error = "HELLO 3: " + hello.text;
  return !hello.is_error();
}

Connections::Connection& Connections::Current() {
  std::string error;
  if (!connections_.contains(current_)) (void)Use(current_, 0, &error);
  return connections_[current_];
}

Connections::Got Connections::Take(Connection& connection, int timeout_ms, Reply* reply) {
  while (true) {
    size_t at = connection.at;
    switch (DecodeReply(connection.buffer, &at, reply)) {
      case Decoded::kReply:
        connection.at = at;
        if (at == connection.buffer.size()) {
          connection.buffer.clear();
          connection.at = 0;
        }
        return Got::kReply;
      case Decoded::kMalformed:
        *reply = Problem("these bytes are no reply: " + Quote(connection.buffer.substr(connection.at, 200)));
        connection.at = connection.buffer.size();
        return Got::kReply;
      case Decoded::kIncomplete:
        break;
    }
    if (connection.closed || connection.link == nullptr) return Got::kClosed;
    switch (connection.link->Hear(timeout_ms, &connection.buffer)) {
      case Link::Heard::kBytes:
        break;
      case Link::Heard::kNothing:
        return Got::kNothing;
      case Link::Heard::kClosed:
        connection.closed = true;
        return Got::kClosed;
    }
  }
}

// A connection that is closed says so when it is read.
void Connections::Send(const std::string& bytes) {
  const Connection& connection = Current();
  if (connection.link != nullptr) (void)connection.link->Send(bytes);
}

Reply Connections::Next() {
  Reply reply;
  switch (Take(Current(), kPatienceMs, &reply)) {
    case Got::kReply:
      return reply;
    case Got::kNothing:
      return Problem("no reply came");
    case Got::kClosed:
      return Problem("the connection was closed");
  }
  return reply;
}

Reply Connections::Run(const std::vector<std::string>& words) {
  Send(EncodeRequest(words));
  return Next();
}

bool Connections::IsQuiet(Reply* reply) { return Take(Current(), kQuietMs, reply) != Got::kReply; }

bool Connections::IsClosed(std::string* error) {
  Reply reply;
  const Got got = Take(Current(), kPatienceMs, &reply);
  if (got == Got::kNothing) *error = "the connection is still open";
  if (got == Got::kReply) *error = "the connection said " + Print(reply);
  return got == Got::kClosed;
}

std::string Connections::Leftover() {
  for (auto& [name, connection] : connections_) {
    Reply reply;
    if (Take(connection, 0, &reply) == Got::kReply) return "connection '" + name + "': " + Print(reply);
  }
  return "";
}

int64_t Connections::Id(const std::string& name) const {
  const auto found = connections_.find(name);
  return found == connections_.end() ? 0 : found->second.id;
}

int Connections::protocol() const {
  const auto found = connections_.find(current_);
  return found == connections_.end() ? protocol_ : found->second.protocol;
}

}  // namespace vectors
