// CommandReader: reads the commands that a log record or a snapshot block consists of, RESP arrays of bulk strings end
// to end.
//
// The payload is what AppendCommand wrote and a checksum has vouched for, so the reader is strict: one spelling of each
// length (no sign, no leading zero), every array has at least a name, and nothing may be left over. What breaks a rule
// is malformed, at a named offset; a payload that ends early is malformed too. Lengths are checked against the bytes
// that are really there before anything is allocated, so that hostile ones cost nothing.
//
// Owner: the caller, who keeps the payload alive as long as the views into it. Not thread-safe. Knows nothing of what
// commands mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace redislite::resp {

class CommandReader {
 public:
  enum class Outcome : uint8_t { kCommand, kEnd, kMalformed };

  explicit CommandReader(Bytes payload) : payload_(payload) {}

  // Gives the next command as views into the payload; `argv` is emptied first and reused. After kEnd or kMalformed
  // every further call answers the same. Throws std::bad_alloc when `argv` cannot grow; the reader stays where it was.
  Outcome Next(std::vector<Bytes>& argv);

  // Where the next command begins; after kMalformed, the first byte that breaks the rules (the payload's size when it
  // ends early).
  size_t offset() const { return offset_; }

 private:
  // Reads `marker`, a count and a line end at `at`, and moves `at` behind them. False: `at` is the offending byte.
  bool ReadHeader(char marker, size_t& at, uint64_t& count) const;
  bool ReadLineEnd(size_t& at) const;

  Bytes payload_;
  size_t offset_ = 0;
  bool malformed_ = false;
};

}  // namespace redislite::resp
