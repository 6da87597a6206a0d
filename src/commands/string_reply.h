// A string value as a reply.
#pragma once

#include "base/number.h"
#include "resp/writer.h"
#include "types/string.h"

namespace redislite::commands {

inline void WriteString(const types::String& string, resp::Writer& reply) {
  char scratch[kInt64TextMax];
  reply.Bulk(string.View(scratch));
}

inline void WriteStringOrNull(const types::String* string, resp::Writer& reply) {
  if (string == nullptr) return reply.Null();
  WriteString(*string, reply);
}

}  // namespace redislite::commands
