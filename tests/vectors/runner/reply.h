// Reply: what a command answered, whoever answered it: the C API, or a Redis server over a socket.
//
// A plain tree with the types of RESP3, printed in the syntax of the vectors so that a failure can be pasted into one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vectors {

struct Reply {
  enum class Type {
    kNil,
    kStatus,
    kError,
    kInteger,
    kString,
    kArray,
    kDouble,
    kBoolean,
    kMap,
    kSet,
    kBigNumber,
    kVerbatim,
    kPush
  };

  Type type = Type::kNil;
  std::string text;  // status, error, string, verbatim, big number
  int64_t integer = 0;
  double number = 0;
  std::vector<Reply> elements;  // a map's keys and values alternate

  bool is_error() const { return type == Type::kError; }
};

// What the runner itself has to say: an error that no store has given.
Reply Problem(const std::string& text);

// The bytes between double quotes, with redis-cli's escapes.
std::string Quote(const std::string& bytes);

std::string Print(const Reply& reply);

// Deep equality; maps and sets compare without order.
bool Same(const Reply& a, const Reply& b);

}  // namespace vectors
