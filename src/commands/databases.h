// The numbers of the logical databases, as arguments.
#pragma once

#include "engine/keyspace.h"
#include "resp/writer.h"

namespace redislite::commands {

inline bool IsDatabase(int number) { return number >= 0 && number < engine::kDatabases; }

inline void WriteNoSuchDatabase(resp::Writer& reply) { reply.Error(Code::kValue, "ERR DB index is out of range"); }

}  // namespace redislite::commands
