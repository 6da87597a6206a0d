#include "engine/request.h"

#include <array>

namespace redislite::engine {

void Request::FindKeys(const Keyspace& keyspace) {
  keys.Clear();
  all_keys = (command->flags & kAllKeys) != 0;
  (void)ForEachKey(*command, args, [&](size_t position) { keys.Add({args[position], keyspace.Hash(args[position])}); });
}

void Request::Prefetch(const Keyspace& keyspace) const {
  const Request* const self = this;
  if (keys.size() > 1) PrefetchKeys(keyspace, {&self, 1});
}

void PrefetchKeys(const Keyspace& keyspace, std::span<const Request* const> requests) {
  std::array<Keyspace::Place, Keyspace::kPrefetchMax> places;
  size_t count = 0;
  for (const Request* request : requests) {
    for (const KeyRef& key : request->keys) {
      if (count == places.size()) break;
      places[count++] = {request->db, key.hash};
    }
  }
  keyspace.Prefetch(std::span(places).first(count));
}

}  // namespace redislite::engine
