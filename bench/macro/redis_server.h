// RedisServer: a redis-server of our own, on a socket in its directory, started for one measurement. What it took to
// load its data it says itself, in its log.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class RedisServer {
 public:
  // Starts it on what the directory holds, and waits until that is loaded. With a log it keeps an append-only file of
  // plain commands, without a snapshot before them.
  RedisServer(const std::string& directory, bool with_log);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void Fill(uint64_t keys, std::string_view value);
  void Save();
  void Stop();

  double load_s() const { return load_s_; }
  double cpu_s() const;
  uint64_t ResidentBytes() const;

 private:
  void Start(bool with_log);
  bool Connect();
  void Send(std::string_view bytes) const;
  // Reads this many replies of one line each.
  void ReadLines(uint64_t count) const;
  void Call(std::string_view command) const;

  const std::string directory_;
  pid_t process_ = -1;
  int socket_ = -1;
  double load_s_ = 0;
};

}  // namespace bench
