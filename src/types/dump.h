// Dump: a value as Redis' DUMP prints it and RESTORE takes it, so that data moves both ways.
//
//     kind (1) | value | version (2) | CRC-64 of all before (8)
//
// The value is an object of an RDB file. Written is what Redis 7.0 and later load; read is what Redis 2.6 to 7.2 write
// for these types. Nobody vouches for the bytes: every length is checked before it is believed, and what is not exactly
// one whole value is refused.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/siphash.h"
#include "types/value.h"

namespace redislite::types {

// REQUIRES: the value is not none.
std::string Dump(const Value& value);

// Whether the checksum is right and the version not above Redis 7.2's.
bool IsDump(Bytes dump);
// The value, or nothing when it is damaged or of a type that there is none of here. REQUIRES: IsDump(dump). May throw
// std::bad_alloc.
std::optional<Value> Restore(Memory& memory, const HashSeed& seed, Bytes dump);

}  // namespace redislite::types
