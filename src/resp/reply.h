// ReplyTree: a RESP2 or RESP3 reply, decoded into a flat tree.
//
// The tree owns the reply's bytes and one vector of nodes. Texts stay where they are in the bytes, and are
// NUL-terminated there (each is followed by a line end that is no longer needed), so that decoding a value of 512 MiB
// copies nothing. The children of a node are contiguous.
//
// Safe for any input: a scan without allocation finds the end of the reply and counts its nodes before anything is
// built, nesting is bounded, and no recursion depends on the input. Attributes ("|") and streamed strings and
// aggregates ("$?", "*?") are refused as malformed: nothing here writes them.
//
// Owner: the caller. Not thread-safe while decoding; afterwards nothing changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::resp {

// Numbered as RL_REPLY_* of redislite.h (capi asserts it).
enum class ReplyType : uint8_t {
  kNil = 0,
  kStatus = 1,
  kError = 2,
  kInteger = 3,
  kString = 4,
  kArray = 5,
  kDouble = 6,
  kBoolean = 7,
  kMap = 8,
  kSet = 9,
  kBigNumber = 10,
  kVerbatim = 11,
  kPush = 12,
};

struct ReplyNode {
  ReplyType type = ReplyType::kNil;
  Code code = Code::kOk;  // of an error
  size_t size = 0;        // bytes of the text, or number of children (a map's keys and values are counted both)
  union {
    int64_t integer = 0;  // kInteger, kBoolean
    double number;        // kDouble
  };
  union {
    const char* text = nullptr;  // kStatus, kError, kString, kDouble, kBigNumber, kVerbatim; NUL-terminated
    const ReplyNode* children;   // kArray, kMap, kSet, kPush
  };

  bool has_text() const;
  bool has_children() const;
};

// What a run of bytes begins with. Only kComplete says something of `bytes` and `nodes`. Whether the text of a double
// or a big number is one is for Decode to say.
struct ReplyExtent {
  enum class Kind : uint8_t { kComplete, kIncomplete, kMalformed };
  Kind kind;
  size_t bytes;  // of the first reply
  size_t nodes;  // in its tree, the root included
};

// Looks at the first reply in `bytes` without allocating. Every proper prefix of a reply is kIncomplete, so that a
// reader of a stream knows when to ask for more; kMalformed is said when the element that is wrong has arrived, or
// earlier.
ReplyExtent ScanReply(Bytes bytes) noexcept;

class ReplyTree {
 public:
  ReplyTree() = default;
  ReplyTree(const ReplyTree&) = delete;  // nodes point into the bytes
  ReplyTree& operator=(const ReplyTree&) = delete;

  // Decodes exactly one reply; false when the bytes are anything else. The k-th error takes error_codes[k], and
  // kCommand when there are fewer. Throws std::bad_alloc. Called once.
  bool Decode(std::string bytes, std::span<const Code> error_codes);

  const ReplyNode& root() const { return root_; }

 private:
  ReplyNode root_;  // stays the first member: capi takes a pointer to it for one to the tree
  std::vector<ReplyNode> descendants_;
  std::string bytes_;
};

}  // namespace redislite::resp
