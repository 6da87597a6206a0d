// DriverStore: a store that another program has open, in whatever language: a binding, or a client library on one. So
// that the vectors are read and judged here, and nowhere else.
//
// The driver reads requests of RESP2 from its standard input, arrays of strings whose first word says what to do, and
// answers each with one reply of RESP3:
//
//   open PATH NOW_MS [NAME VALUE]...   opens a store with these options and a clock that stands at NOW_MS: +OK
//   close                              +OK
//   clock NOW_MS                       moves the clock: +OK
//   do WORD...                         runs a command: its reply, an error as Redis' text
//
// It ends when its input does.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "local_store.h"

namespace vectors {

class DriverStore : public LocalStore {
 public:
  // `command` is a line for the shell. `protocol`: 2 or 3 when a Redis client library answers, which has a connection's
  // state, and may tell fewer types apart; 0 for a binding.
  DriverStore(std::string directory, std::vector<std::pair<std::string, std::string>> options,
              const std::string& command, int protocol);
  ~DriverStore() override;
  DriverStore(const DriverStore&) = delete;
  DriverStore& operator=(const DriverStore&) = delete;

  Outcome Advance(int64_t ms, std::string* error) override;
  int protocol() const override { return protocol_; }

 protected:
  bool OpenStore(const std::string& path, std::string* error) override;
  bool CloseStore(std::string* error) override;
  Reply Command(const std::vector<std::string>& words) override;

 private:
  Reply Talk(const std::vector<std::string>& request);

  const int protocol_;
  bool open_ = false;
  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  std::string heard_;
};

}  // namespace vectors
