#include "redis_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

namespace vectors {
namespace {

namespace fs = std::filesystem;

constexpr const char* kServer = "/usr/bin/redis-server";
// What a vector may move the clock by before the oracle gives up the rest of the case instead of sleeping.
constexpr int64_t kSleepMaxMs = 120;

}  // namespace

RedisServer::RedisServer(std::string directory) : directory_(std::move(directory)) {
  fs::create_directories(directory_);
}

RedisServer::~RedisServer() {
  if (socket_ >= 0) close(socket_);
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

bool RedisServer::IsInstalled() { return access(kServer, X_OK) == 0; }

bool RedisServer::Start(std::string* error) {
  const std::string path = directory_ + "/s";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    *error = "the directory's name is too long for a socket: " + directory_;
    return false;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());

  pid_ = fork();
  if (pid_ == 0) {
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execl(kServer, kServer, "--port", "0", "--unixsocket", path.c_str(), "--dir", directory_.c_str(), "--save", "",
          "--appendonly", "no", "--enable-debug-command", "yes", "--daemonize", "no", static_cast<char*>(nullptr));
    _exit(127);
  }
  for (int attempt = 0; attempt < 500; ++attempt) {
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      // RESP3, whose types are those of the C API's replies.
      if (!Run({"HELLO", "3"}).is_error()) return true;
      *error = "the server does not speak RESP3";
      return false;
    }
    close(socket_);
    socket_ = -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  *error = "redis-server did not start";
  return false;
}

std::string RedisServer::Version() {
  const Reply hello = Run({"HELLO", "3"});
  for (size_t i = 0; i + 1 < hello.elements.size(); i += 2) {
    if (hello.elements[i].text == "version") return hello.elements[i + 1].text;
  }
  return "?";
}

bool RedisServer::Send(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<size_t>(count);
  }
  return true;
}

bool RedisServer::Byte(char* out) {
  if (at_ == buffer_.size()) {
    buffer_.resize(65536);
    at_ = 0;
    const ssize_t count = recv(socket_, buffer_.data(), buffer_.size(), 0);
    buffer_.resize(count > 0 ? static_cast<size_t>(count) : 0);
    if (count <= 0) return false;
  }
  *out = buffer_[at_++];
  return true;
}

bool RedisServer::Line(std::string* out) {
  out->clear();
  for (char c = 0; Byte(&c);) {
    if (c == '\n') {
      if (!out->empty() && out->back() == '\r') out->pop_back();
      return true;
    }
    *out += c;
  }
  return false;
}

bool RedisServer::Exactly(size_t count, std::string* out) {
  out->clear();
  for (char c = 0; out->size() < count;) {
    if (!Byte(&c)) return false;
    *out += c;
  }
  return true;
}

bool RedisServer::Read(Reply* out) {
  std::string line, end;
  if (!Line(&line) || line.empty()) return false;
  const std::string rest = line.substr(1);
  const long long number = std::atoll(rest.c_str());
  switch (line[0]) {
    case '_':
      out->type = Reply::Type::kNil;
      return true;
    case '+':
      out->type = Reply::Type::kStatus;
      out->text = rest;
      return true;
    case '-':
      out->type = Reply::Type::kError;
      out->text = rest;
      return true;
    case '(':
      out->type = Reply::Type::kBigNumber;
      out->text = rest;
      return true;
    case ':':
      out->type = Reply::Type::kInteger;
      out->integer = number;
      return true;
    case ',':
      out->type = Reply::Type::kDouble;
      out->number = std::strtod(rest.c_str(), nullptr);
      out->text = rest;
      return true;
    case '#':
      out->type = Reply::Type::kBoolean;
      out->integer = rest == "t" ? 1 : 0;
      return true;
    case '$':
    case '=':
      if (number < 0) {
        out->type = Reply::Type::kNil;
        return true;
      }
      out->type = line[0] == '$' ? Reply::Type::kString : Reply::Type::kVerbatim;
      if (!Exactly(static_cast<size_t>(number), &out->text) || !Exactly(2, &end)) return false;
      if (line[0] == '=') out->text.erase(0, 4);  // "txt:"
      return true;
    case '*':
      out->type = Reply::Type::kArray;
      break;
    case '%':
      out->type = Reply::Type::kMap;
      break;
    case '~':
      out->type = Reply::Type::kSet;
      break;
    case '>':
      out->type = Reply::Type::kPush;
      break;
    default:
      return false;
  }
  if (number < 0) {
    out->type = Reply::Type::kNil;
    return true;
  }
  out->elements.resize(static_cast<size_t>(number) * (line[0] == '%' ? 2 : 1));
  for (Reply& element : out->elements) {
    if (!Read(&element)) return false;
  }
  return true;
}

Reply RedisServer::Run(const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  Reply reply;
  if (Send(request) && Read(&reply)) return reply;
  reply = {};
  reply.type = Reply::Type::kError;
  reply.text = "the connection to redis-server broke";
  return reply;
}

bool RedisServer::Begin(std::string* error) {
  // A background save of the case before would refuse the saves of this one.
  while (Run({"INFO", "persistence"}).text.find("rdb_bgsave_in_progress:1") != std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"FLUSHALL"},
                                             {"CONFIG", "SET", "maxmemory-policy", "noeviction"},
                                             {"CONFIG", "SET", "maxmemory", "0"},
                                             {"DEBUG", "SET-ACTIVE-EXPIRE", "1"}}) {
    if (const Reply reply = Run(words); reply.is_error()) {
      *error = words[0] + ": " + reply.text;
      return false;
    }
  }
  return true;
}

// A background save that ends while the reload runs would put its older file in the place of the reload's.
Target::Outcome RedisServer::Reopen(std::string* error) {
  while (Run({"INFO", "persistence"}).text.find("rdb_bgsave_in_progress:1") != std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const Reply reply = Run({"DEBUG", "RELOAD"});
  if (!reply.is_error()) return Outcome::kDone;
  *error = "DEBUG RELOAD: " + reply.text;
  return Outcome::kFailed;
}

Target::Outcome RedisServer::Crash(std::string*) { return Outcome::kSkipped; }

Target::Outcome RedisServer::Advance(int64_t ms, std::string*) {
  if (ms > kSleepMaxMs) return Outcome::kSkipped;
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  return Outcome::kDone;
}

}  // namespace vectors
