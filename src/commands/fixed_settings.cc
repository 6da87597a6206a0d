#include "commands/fixed_settings.h"

#include "engine/keyspace.h"
#include "types/hash.h"
#include "types/hyperloglog.h"
#include "types/set.h"
#include "types/sorted_set.h"

namespace redislite::commands {

std::vector<std::pair<const char*, std::string>> FixedSettings(const engine::Engine& engine) {
  const auto number = [](size_t value) { return std::to_string(value); };
  return {
      // Where the data is, and that there is a log: what `save` would do stands in snapshot-interval.
      {"appendonly", engine.in_memory() ? "no" : "yes"},
      {"databases", number(engine::kDatabases)},
      {"dbfilename", ""},
      {"dir", engine.path()},
      {"save", ""},
      {"no-appendfsync-on-rewrite", "no"},
      {"rdbcompression", "no"},
      {"rdbchecksum", "yes"},
      {"activedefrag", "yes"},
      {"stop-writes-on-bgsave-error", "no"},
      // When a small collection is no longer kept packed.
      {"hash-max-listpack-entries", number(types::Hash::kPackedFieldsMax)},
      {"hash-max-listpack-value", number(types::Hash::kPackedBytesMax)},
      {"hash-max-ziplist-entries", number(types::Hash::kPackedFieldsMax)},
      {"hash-max-ziplist-value", number(types::Hash::kPackedBytesMax)},
      {"hll-sparse-max-bytes", number(types::hyperloglog::kSparseBytesMax)},
      {"list-compress-depth", "0"},
      {"list-max-listpack-size", "-2"},
      {"list-max-ziplist-size", "-2"},
      {"set-max-intset-entries", number(types::Set::kIntegersMax)},
      {"set-max-listpack-entries", number(types::Set::kPackedMembersMax)},
      {"set-max-listpack-value", number(types::Set::kPackedBytesMax)},
      {"zset-max-listpack-entries", number(types::SortedSet::kPackedMembersMax)},
      {"zset-max-listpack-value", number(types::SortedSet::kPackedBytesMax)},
      {"zset-max-ziplist-entries", number(types::SortedSet::kPackedMembersMax)},
      {"zset-max-ziplist-value", number(types::SortedSet::kPackedBytesMax)},
      // What there is none of.
      {"cluster-enabled", "no"},
      {"lazyfree-lazy-eviction", "no"},
      {"lazyfree-lazy-expire", "no"},
      {"lazyfree-lazy-server-del", "no"},
      {"lazyfree-lazy-user-del", "no"},
      {"lazyfree-lazy-user-flush", "no"},
      {"masterauth", ""},
      {"min-replicas-to-write", "0"},
      {"replica-read-only", "yes"},
      {"replicaof", ""},
      {"slaveof", ""},
      {"tls-port", "0"},
  };
}

}  // namespace redislite::commands
