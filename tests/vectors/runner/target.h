// Target: a store that vectors can be run against.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reply.h"

namespace vectors {

class Connections;

class Target {
 public:
  virtual ~Target() = default;

  // A new, empty store. False: `error` says why.
  virtual bool Begin(std::string* error) = 0;
  virtual Reply Run(const std::vector<std::string>& words) = 0;

  // The directives. kSkipped: this target cannot do it.
  enum class Outcome { kDone, kSkipped, kFailed };
  virtual Outcome Reopen(std::string* error) = 0;  // closed cleanly and opened again
  virtual Outcome Crash(std::string* error) = 0;   // the process died, and another opens the directory
  virtual Outcome Advance(int64_t ms, std::string* error) = 0;

  // The store's clients, for targets that have any: what Run speaks through.
  virtual Connections* connections() { return nullptr; }

  // The protocol in which a client speaks to the store: 2 or 3; 0 where no connection stands between.
  virtual int protocol() const { return 0; }

  // Whether the store's clock runs by itself.
  virtual bool time_passes() const = 0;
};

// A name for a directory that only this process uses: where files live in memory, if that is wanted and has room, or in
// the directory for temporary files.
std::string ScratchDirectory(const std::string& purpose, bool in_memory);

}  // namespace vectors
