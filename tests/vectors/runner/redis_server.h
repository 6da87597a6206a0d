// RedisServer: a private redis-server of the machine, over Unix sockets, as the oracle.
//
// Started by Start in a directory of its own, with nothing persistent and no port; ended by the destructor.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "connections.h"
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
  Reply Run(const std::vector<std::string>& words) override { return connections_.Run(words); }
  Outcome Reopen(std::string* error) override;               // DEBUG RELOAD
  Outcome Crash(std::string* error) override;                // skipped
  Outcome Advance(int64_t ms, std::string* error) override;  // sleeps a short time, skips a long one
  Connections* connections() override { return &connections_; }
  int protocol() const override { return connections_.protocol(); }
  bool time_passes() const override { return true; }

 private:
  std::unique_ptr<Link> Connect() const;
  void WaitForSave();

  const std::string directory_;
  pid_t pid_ = -1;
  // The runner's own, which no vector can close or leave in another state.
  Connections control_;
  Connections connections_;
};

}  // namespace vectors
