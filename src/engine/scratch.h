// Scratch: a copy of the keys that some commands name, on which the leader tries what they would do when what one does
// depends on what those before it did.
//
// Owner: the leader, for the time of one decision. What was done here is thrown away; what is kept of it is the list of
// commands, resolved, that do the same to the store.
#pragma once

#include <memory>
#include <vector>

#include "engine/keyspace.h"
#include "engine/request.h"
#include "resp/writer.h"

namespace redislite::engine {

class Scratch {
 public:
  Scratch(Keyspace& store, const CommandTable& commands, int64_t now_ms)
      : store_(store), commands_(commands), now_ms_(now_ms), copy_(store.memory(), store.seed()) {}

  // Copies what the command may touch and is not here yet.
  void Copy(const Request& request);

  // Runs the command here and writes its reply. When it changed something, what does the same to the store is added to
  // `resolved`: the command itself, or what it was resolved to, which `owned` then keeps alive.
  // False: it would wait, and has no reply.
  bool Run(Request& request, resp::Writer& reply, std::vector<Request*>* resolved,
           std::vector<std::unique_ptr<Request>>* owned);

  // kNone: there is no such key.
  types::Type TypeOf(int db, const KeyRef& key) const {
    const Entry* entry = copy_.Find(db, key.hash, key.key, now_ms_);
    return entry == nullptr ? types::Type::kNone : entry->value.type();
  }

 private:
  void CopyEntry(int db, const Entry& entry);

  Keyspace& store_;
  const CommandTable& commands_;
  const int64_t now_ms_;
  Keyspace copy_;
  bool has_all_ = false;
  std::vector<KeyRef> copied_;
};

}  // namespace redislite::engine
