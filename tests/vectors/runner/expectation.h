// Expectation: one expected reply of a vector, and whether a reply is it. The syntax is that of
// tests/vectors/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reply.h"

namespace vectors {

struct Expectation {
  enum class Kind {
    kReply,      // exactly `reply` (its scalar), or a container of `children`
    kError,      // the text's first word is `text`, or the whole text is; a '*' in it stands for anything
    kArray,      // children in this order
    kUnordered,  // an array or set of the children in any order
    kPush,       // a push of the children in this order
    kMap,        // children are key, value, ...: any order
    kAny,        // anything but an error
    kAnyInteger,
    kAnyString,
    kRange,     // an integer from low to high
    kContains,  // a string, status or verbatim text with `text` in it
    kSubset,    // an array or map that has at least the children
  };

  Kind kind = Kind::kAny;
  Reply reply;
  std::string text;
  int64_t low = 0, high = 0;
  // Time passes on a running server: there the integer may be this much lower.
  int64_t slack = 0;
  std::vector<Expectation> children;
};

// Reads one expectation. False: `error` says what is wrong with the text.
bool ParseExpectation(const std::string& text, Expectation* out, std::string* error);

struct Conditions {
  bool time_passes = false;  // the store's clock runs by itself
  // RESP2 has no maps, sets, pushes, doubles, booleans or texts: an expectation of one is met by what stands for it
  // there, and one of an array of pairs by the flat array.
  bool resp2 = false;
  // Whoever reads the replies tells statuses and texts not apart from strings.
  bool untyped_text = false;
};

bool Matches(const Expectation& expected, const Reply& reply, const Conditions& conditions);

}  // namespace vectors
