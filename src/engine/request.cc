#include "engine/request.h"

#include <array>
#include <span>

namespace redislite::engine {

void Request::FindKeys(const Keyspace& keyspace) {
  keys.Clear();
  all_keys = (command->flags & kAllKeys) != 0;
  (void)ForEachKey(*command, args, [&](size_t position) { keys.Add({args[position], keyspace.Hash(args[position])}); });
}

void Request::Prefetch(const Keyspace& keyspace) const {
  if (keys.size() < 2) return;
  std::array<Keyspace::Place, Keyspace::kPrefetchMax> places;
  size_t count = 0;
  for (const KeyRef& key : keys) {
    if (count == places.size()) break;
    places[count++] = {db, key.hash};
  }
  keyspace.Prefetch(std::span(places).first(count));
}

}  // namespace redislite::engine
