// Prefetch: asks for a line of memory before it is needed.
#pragma once

namespace redislite {

inline void Prefetch(const void* address) {
  __builtin_prefetch(address);
  // GCC takes a function that does nothing but prefetch for one without any effect, and leaves out the calls of it
  // (seen with GCC 12: not one instruction of Keyspace::Prefetch was left).
  asm volatile("");
}

}  // namespace redislite
