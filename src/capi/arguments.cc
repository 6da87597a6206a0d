#include "capi/arguments.h"

#include <string>

namespace redislite::capi {

namespace {

Status CheckBytes(const char* what, const void* bytes, size_t size, uint64_t size_max) {
  if (bytes == nullptr && size > 0) return {Code::kInvalid, std::string(what) + " is NULL and its length is not 0"};
  if (size > size_max) {
    return {Code::kLimit, std::string(what) + " of " + std::to_string(size) + " bytes is above the limit of " +
                              std::to_string(size_max)};
  }
  return Status::Ok();
}

}  // namespace

Status CheckKey(const void* key, size_t size) { return CheckBytes("key", key, size, kKeyBytesMax); }
Status CheckValue(const void* value, size_t size) { return CheckBytes("value", value, size, kValueBytesMax); }

Status Arguments::Read(size_t argc, const char* const* argv, const size_t* sizes) {
  if (argc == 0) return {Code::kInvalid, "argc is 0: a command has a name at least"};
  if (argv == nullptr) return {Code::kInvalid, "argv is NULL"};
  if (argc > few_.size()) many_.resize(argc);
  Bytes* out = argc > few_.size() ? many_.data() : few_.data();
  for (size_t i = 0; i < argc; ++i) {
    if (argv[i] == nullptr) {
      if (sizes == nullptr || sizes[i] > 0) {
        return {Code::kInvalid, "argv[" + std::to_string(i) + "] is NULL and its length is not 0"};
      }
      out[i] = "";
    } else {
      out[i] = sizes == nullptr ? Bytes(argv[i]) : Bytes(argv[i], sizes[i]);
    }
  }
  count_ = argc;
  return Status::Ok();
}

}  // namespace redislite::capi
