// A buffer that is filled and emptied again and again. What one large filling has left does not stay with it.
#pragma once

#include <cstddef>
#include <string>

namespace redislite {

inline constexpr size_t kBufferKeptBytes = 64 << 10;

inline void Empty(std::string& buffer) noexcept {
  if (buffer.capacity() > kBufferKeptBytes) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace redislite
