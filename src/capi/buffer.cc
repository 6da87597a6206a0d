#include "capi/buffer.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "redislite.h"

namespace redislite::capi {

char* NewBuffer(Bytes bytes) {
  char* buffer = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (buffer == nullptr) throw std::bad_alloc();
  if (!bytes.empty()) std::memcpy(buffer, bytes.data(), bytes.size());
  buffer[bytes.size()] = '\0';
  return buffer;
}

}  // namespace redislite::capi

extern "C" {

void rl_buffer_free(void* buffer) { std::free(buffer); }

}  // extern "C"
