#include "engine/request.h"

namespace redislite::engine {

void Request::FindKeys(const Keyspace& keyspace) {
  keys.Clear();
  all_keys = (command->flags & kAllKeys) != 0;
  (void)ForEachKey(*command, args, [&](size_t position) { keys.Add({args[position], keyspace.Hash(args[position])}); });
}

}  // namespace redislite::engine
