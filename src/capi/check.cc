// rl_check: verifies a closed store. It has no handle; failures are kept for rl_errmsg(NULL, ...).
#include "storage/check.h"

#include <string>

#include "capi/buffer.h"
#include "capi/errors.h"
#include "os/file_system.h"
#include "redislite.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::NewBuffer;
using redislite::capi::RunWithoutHandle;

extern "C" {

int rl_check(const char* path, char** report, size_t* report_len) {
  if (report != nullptr) *report = nullptr;
  if (report_len != nullptr) *report_len = 0;
  return RunWithoutHandle([&]() -> Status {
    if (path == nullptr) return {Code::kInvalid, "rl_check: path is NULL"};
    if (*path == '\0') return {Code::kInvalid, "rl_check: the path is empty"};
    if (report == nullptr) return {Code::kInvalid, "rl_check: report is NULL"};
    const auto found = redislite::storage::Check(redislite::os::PosixFileSystem(), path);
    if (!found.ok()) return found.status();
    if (found->status.ok() || found->status.code() == Code::kCorrupt) {
      const std::string json = found->ToJson();
      *report = NewBuffer(json);
      if (report_len != nullptr) *report_len = json.size();
    }
    return found->status;
  });
}

}  // extern "C"
