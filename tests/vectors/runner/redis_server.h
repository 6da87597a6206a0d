// RedisServer: a private redis-server of the machine, over a Unix socket, as the oracle.
//
// Started by the constructor in a directory of its own, with nothing persistent and no port; ended by the destructor.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "target.h"

namespace vectors {

class RedisServer : public Target {
 public:
  // `directory` is made and removed.
  explicit RedisServer(std::string directory);
  ~RedisServer() override;
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Whether the machine has a redis-server.
  static bool IsInstalled();
  // Whether it answers; the reason when not.
  bool Start(std::string* error);
  std::string Version();

  bool Begin(std::string* error) override;
  Reply Run(const std::vector<std::string>& words) override;
  Outcome Reopen(std::string* error) override;               // DEBUG RELOAD
  Outcome Crash(std::string* error) override;                // skipped
  Outcome Advance(int64_t ms, std::string* error) override;  // sleeps a short time, skips a long one
  bool time_passes() const override { return true; }

 private:
  bool Send(const std::string& bytes);
  bool Byte(char* out);
  bool Line(std::string* out);
  bool Exactly(size_t count, std::string* out);
  bool Read(Reply* out);

  const std::string directory_;
  pid_t pid_ = -1;
  int socket_ = -1;
  std::string buffer_;
  size_t at_ = 0;
};

}  // namespace vectors
