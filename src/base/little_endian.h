// Numbers in bytes, the lowest byte first, wherever they lie.
#pragma once

#include <cstring>

namespace redislite {

template <typename T>
T LoadLittle(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <typename T>
void StoreLittle(char* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "LoadLittle and StoreLittle need a byte swap here");

}  // namespace redislite
