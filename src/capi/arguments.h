// Arguments: the API's ways of passing bytes, checked and turned into Bytes. Nothing is copied.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "engine/command.h"

namespace redislite::capi {

// A key and a value of the fast lanes. kInvalid for a NULL pointer with a length, kLimit above the documented size.
Status CheckKey(const void* key, size_t size);
Status CheckValue(const void* value, size_t size);
inline Bytes ToBytes(const void* bytes, size_t size) { return {static_cast<const char*>(bytes), size}; }

// A command's argv. Lives as long as the caller's arrays; short ones take no allocation.
class Arguments {
 public:
  Arguments() = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  // kInvalid when there is no name, or a pointer is NULL that may not be. `sizes` NULL: NUL-terminated text.
  Status Read(size_t argc, const char* const* argv, const size_t* sizes);

  engine::Args args() const { return {many_.empty() ? few_.data() : many_.data(), count_}; }

 private:
  std::array<Bytes, 16> few_;
  std::vector<Bytes> many_;
  size_t count_ = 0;
};

}  // namespace redislite::capi
