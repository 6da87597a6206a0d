// SessionStore: RedisLite in this process, spoken to through sessions: the bytes of RESP, fed and peeked.
//
// The store, its clock, its crashes and its comparisons are LocalStore's; the vectors' commands go through a session.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connections.h"
#include "local_store.h"

namespace vectors {

class SessionStore : public LocalStore {
 public:
  SessionStore(std::string directory, std::vector<std::pair<std::string, std::string>> options, int protocol);
  ~SessionStore() override { connections_.CloseAll(); }

  bool Begin(std::string* error) override;
  Reply Run(const std::vector<std::string>& words) override { return connections_.Run(words); }
  Outcome Reopen(std::string* error) override;
  int protocol() const override { return connections_.protocol(); }
  Outcome Crash(std::string* error) override;
  Connections* connections() override { return &connections_; }

 private:
  Connections connections_;
};

}  // namespace vectors
