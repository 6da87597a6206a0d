// Session: runs commands one after the other and keeps what a connection would: the transaction that is being queued.
//
// MULTI ... EXEC becomes one rl_batch, so it is one record in the log and one sync: whole or absent, whatever
// happens. Its rules and texts are those of Redis. Used by one thread; several sessions may share a store.
#pragma once

#include <redislite.h>

#include <memory>

#include "reply.h"
#include "store.h"
#include "words.h"

namespace redislite::cli {

class Session {
 public:
  explicit Session(const Store& store) : store_(store), batch_(nullptr, &rl_batch_free) {}

  Answer Run(const Words& command);
  bool in_transaction() const { return batch_ != nullptr; }
  // Drops what is queued.
  void Discard();

 private:
  Answer Begin();
  Answer Queue(const Words& command);
  Answer Commit();

  const Store& store_;
  std::unique_ptr<rl_batch, void (*)(rl_batch*)> batch_;
  bool refused_ = false;  // a command could not be queued: EXEC will refuse
};

}  // namespace redislite::cli
