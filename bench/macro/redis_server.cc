#include "macro/redis_server.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "macro/load.h"
#include "macro/store.h"

extern char** environ;

namespace bench {

RedisServer::RedisServer(const std::string& directory, bool with_log) : directory_(directory) {
  Start(with_log);
  const double deadline = WallSeconds() + 600;
  while (!Connect()) {
    Require(waitpid(process_, nullptr, WNOHANG) == 0, "redis-server does not start: " + directory_ + "/log");
    Require(WallSeconds() < deadline, "redis-server does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  // While it loads it answers -LOADING.
  const std::string log_path = directory_ + "/log";
  for (bool ready = false; !ready;) {
    std::ifstream log(log_path);
    for (std::string line; std::getline(log, line);) {
      std::string what = "DB loaded from ";
      if (const size_t at = line.find(what); at != std::string::npos) {
        const size_t colon = line.find(": ", at);
        if (colon != std::string::npos) load_s_ = std::stod(line.substr(colon + 2));
      }
      // "Ready ..." on a port, "The server is now ready ..." on a Unix socket.
      ready |= line.find("eady to accept connections") != std::string::npos;
    }
    Require(WallSeconds() < deadline, "redis-server does not get ready");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

RedisServer::~RedisServer() {
  close(socket_);
  if (process_ > 0) {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
}

void RedisServer::Start(bool with_log) {
  (void)unlink((directory_ + "/log").c_str());
  std::vector<std::string> arguments = {"redis-server",
                                        "--port",
                                        "0",
                                        "--unixsocket",
                                        directory_ + "/socket",
                                        "--dir",
                                        directory_,
                                        "--save",
                                        "",
                                        "--logfile",
                                        directory_ + "/log",
                                        "--daemonize",
                                        "no",
                                        "--appendfsync",
                                        "no",
                                        "--auto-aof-rewrite-percentage",
                                        "0",
                                        "--appendonly",
                                        with_log ? "yes" : "no"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  Require(posix_spawnp(&process_, "redis-server", nullptr, nullptr, argv.data(), environ) == 0,
          "redis-server cannot be started");
}

bool RedisServer::Connect() {
  socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = directory_ + "/socket";
  Require(path.size() < sizeof address.sun_path, "the path of redis-server's socket is too long: " + path);
  path.copy(address.sun_path, path.size());
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  close(socket_);
  return false;
}

void RedisServer::Send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    Require(sent > 0, "redis-server is gone");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

void RedisServer::ReadLines(uint64_t count) const {
  char buffer[65536];
  while (count > 0) {
    const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
    Require(got > 0, "redis-server is gone");
    for (ssize_t i = 0; i < got; ++i) count -= buffer[i] == '\n' ? 1 : 0;
  }
}

void RedisServer::Call(std::string_view command) const {
  Send(std::string(command) + "\r\n");
  ReadLines(1);
}

void RedisServer::Fill(uint64_t keys, std::string_view value) {
  constexpr uint64_t kPipelined = 1000;
  std::string commands;
  const std::string tail = "\r\n$" + std::to_string(value.size()) + "\r\n" + std::string(value) + "\r\n";
  for (uint64_t done = 0; done < keys;) {
    commands.clear();
    const uint64_t end = std::min(keys, done + kPipelined);
    const uint64_t count = end - done;
    for (; done < end; ++done) commands.append("*3\r\n$3\r\nSET\r\n$16\r\n").append(Key(done).view()).append(tail);
    Send(commands);
    ReadLines(count);
  }
}

void RedisServer::Save() { Call("SAVE"); }

void RedisServer::Stop() {
  Send("SHUTDOWN NOSAVE\r\n");
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

double RedisServer::cpu_s() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

uint64_t RedisServer::ResidentBytes() const {
  std::ifstream file("/proc/" + std::to_string(process_) + "/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace bench
