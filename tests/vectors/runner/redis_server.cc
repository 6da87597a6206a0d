#include "redis_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
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

class Socket : public Link {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() override { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  bool Send(const std::string& bytes) override {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) return false;
      sent += static_cast<size_t>(count);
    }
    return true;
  }
  Heard Hear(int timeout_ms, std::string* buffer) override {
    pollfd readable = {fd_, POLLIN, 0};
    if (poll(&readable, 1, timeout_ms) == 0) return Heard::kNothing;
    char bytes[65536];
    const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) return Heard::kClosed;
    buffer->append(bytes, static_cast<size_t>(count));
    return Heard::kBytes;
  }

 private:
  const int fd_;
};

}  // namespace

// RESP3, whose types are those of the C API's replies.
RedisServer::RedisServer(std::string directory)
    : directory_(std::move(directory)),
      control_([this] { return Connect(); }, 3),
      connections_([this] { return Connect(); }, 3) {
  fs::create_directories(directory_);
}

RedisServer::~RedisServer() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

bool RedisServer::IsInstalled() { return access(kServer, X_OK) == 0; }

std::unique_ptr<Link> RedisServer::Connect() const {
  const std::string path = directory_ + "/s";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return nullptr;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  auto link = std::make_unique<Socket>(fd);
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? std::move(link) : nullptr;
}

bool RedisServer::Start(std::string* error) {
  const std::string path = directory_ + "/s";
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
    if (control_.Use("control", 3, error)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  *error = "redis-server does not answer on " + path + ": " + *error;
  return false;
}

std::string RedisServer::Version() {
  const Reply hello = control_.Run({"HELLO", "3"});
  for (size_t i = 0; i + 1 < hello.elements.size(); i += 2) {
    if (hello.elements[i].text == "version") return hello.elements[i + 1].text;
  }
  return "?";
}

void RedisServer::WaitForSave() {
  while (control_.Run({"INFO", "persistence"}).text.find("rdb_bgsave_in_progress:1") != std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool RedisServer::Begin(std::string* error) {
  connections_.CloseAll();
  if (control_.Run({"PING"}).is_error()) control_.CloseAll();  // a vector has killed it
  if (!control_.Use("control", 3, error)) return false;
  WaitForSave();  // one of the case before would refuse the saves of this one
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"CLIENT", "UNPAUSE"},
                                             {"CONFIG", "SET", "requirepass", ""},
                                             {"FLUSHALL"},
                                             {"CONFIG", "SET", "maxmemory-policy", "noeviction"},
                                             {"CONFIG", "SET", "maxmemory", "0"},
                                             {"DEBUG", "SET-ACTIVE-EXPIRE", "1"}}) {
    if (const Reply reply = control_.Run(words); reply.is_error()) {
      *error = words[0] + ": " + reply.text;
      return false;
    }
  }
  return connections_.Use("", 0, error);
}

// A background save that ends while the reload runs would put its older file in the place of the reload's.
Target::Outcome RedisServer::Reopen(std::string* error) {
  WaitForSave();
  const Reply reply = control_.Run({"DEBUG", "RELOAD"});
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
