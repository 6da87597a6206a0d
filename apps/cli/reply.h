// Reply: an answer as a tree of plain values, which the output formats print.
//
// The texts are borrowed: from the rl_reply that View read, or from whoever made the Reply (a test, the CLI itself).
// Answer keeps the two together.
#pragma once

#include <redislite.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "words.h"

namespace redislite::cli {

struct Reply {
  int type = RL_REPLY_NIL;      // RL_REPLY_*
  int64_t integer = 0;          // integer, boolean
  double number = 0;            // double
  std::string_view text;        // status, error, string, verbatim, big number, double
  std::vector<Reply> elements;  // a map's are key, value, key, value ...
  int code = RL_OK;             // what an error stands for

  bool is_error() const { return type == RL_REPLY_ERROR; }
};

// The tree of a reply of the library, which must outlive it.
Reply View(const rl_reply* reply);

// The same answer as a RESP2 client sees it: maps, sets and pushes are arrays, doubles, big numbers and verbatim
// texts are strings, booleans are integers. `command` is what was asked: where RESP3 nests pairs (HRANDFIELD ...
// WITHVALUES) RESP2 is flat.
Reply AsResp2(Reply reply, const Words& command);

// A reply and what its texts live in.
class Answer {
 public:
  // Takes the reply over.
  explicit Answer(rl_reply* root) : root_(root, &rl_reply_free), reply(View(root)) {}
  // The CLI's own answers.
  static Answer Status(std::string text) { return Answer(RL_REPLY_STATUS, RL_OK, std::move(text)); }
  static Answer Error(int code, std::string text) { return Answer(RL_REPLY_ERROR, code, std::move(text)); }

 private:
  Answer(int type, int code, std::string text)
      : root_(nullptr, &rl_reply_free), text_(new std::string(std::move(text))) {
    reply.type = type;
    reply.code = code;
    reply.text = *text_;
  }

  std::unique_ptr<rl_reply, void (*)(rl_reply*)> root_;
  std::unique_ptr<std::string> text_;  // on the heap: its bytes stay where they are when the Answer is moved

 public:
  Reply reply;
};

}  // namespace redislite::cli
