// CommandParser: finds the commands in what a client sends: RESP arrays of bulk strings, or lines of words.
//
// The bytes stay the caller's and are parsed where they are; `argv` are views into them. An unfinished command is
// remembered, so that one which arrives in a thousand pieces is not parsed a thousand times: the caller comes back with
// the same bytes and more behind them, wherever they are now. Nothing is allocated on the word of a length; one that is
// negative, too large or no number is an error as soon as its line is there. The texts and limits are Redis'
// (networking.c, processMultibulkBuffer and processInlineBuffer).
//
// Owner: a session. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace redislite::resp {

class CommandParser {
 public:
  struct Limits {
    uint64_t arguments_max = 2147483647;  // of one command
    uint64_t argument_bytes_max = 512ull << 20;
    bool authenticated = true;  // who is not may send only what AUTH needs
  };
  enum class Outcome : uint8_t { kCommand, kIncomplete, kError };

  // Looks at the first command in `bytes`. kCommand: it takes the first `*used` bytes; an empty line or array is one
  // without arguments. kIncomplete: `bytes` is the beginning of a command. kError: error() says why; the stream cannot
  // be read on. Throws std::bad_alloc, and can be called again.
  Outcome Next(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used);
  const std::string& error() const { return error_; }
  // Forgets an unfinished command.
  void Reset();

 private:
  struct Place {
    size_t offset;
    size_t size;
  };

  Outcome Fail(std::string why);
  Outcome NextLine(Bytes bytes, std::vector<Bytes>& argv, size_t* used);
  Outcome NextArray(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used);

  size_t at_ = 0;         // parsed so far
  size_t scanned_ = 0;    // no line end before this
  int64_t missing_ = -1;  // arguments still to come; -1: the array's header is
  int64_t size_ = -1;     // bytes of the next one; -1: its header is still to come
  std::vector<Place> places_;
  std::vector<std::string> words_;
  std::string error_;
};

// Splits a line into words as Redis does (sdssplitargs): "..." with escapes, '...', blanks between. False: quotes are
// unbalanced. Throws std::bad_alloc.
bool SplitWords(Bytes line, std::vector<std::string>* words);

}  // namespace redislite::resp
