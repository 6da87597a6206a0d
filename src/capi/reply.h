// rl_reply: what a command answered, as the C API shows it.
//
// An rl_reply is never defined: a pointer to one is a pointer to a node of a resp::ReplyTree, and a root's is a pointer
// to the tree too, whose first member it is.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/status.h"
#include "redislite.h"
#include "resp/reply.h"
#include "resp/writer.h"

namespace redislite::capi {

// Makes a reply of what a command wrote. It is made before the command runs, so that the answer to one that has been
// carried out needs memory for a reply of several elements only.
class ReplyBuilder {
 public:
  ReplyBuilder() : tree_(std::make_unique<resp::ReplyTree>()) {}  // throws std::bad_alloc

  // Empties the writer. kNoMemory when it had run out; throws std::bad_alloc. Called once.
  Status Build(resp::Writer& writer, rl_reply** out);

 private:
  std::unique_ptr<resp::ReplyTree> tree_;
};

// The text of the error that a reply of one element consists of, without its "-" and line end; empty when it is no
// error.
Bytes ErrorText(const resp::Writer& writer);

}  // namespace redislite::capi
