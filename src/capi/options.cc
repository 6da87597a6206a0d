#include "capi/options.h"

#include <new>

#include "capi/errors.h"
#include "capi/testing.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::RunWithoutHandle;
using redislite::engine::LogLevel;

namespace redislite::capi {

void SetFileSystem(rl_options* options, os::FileSystem* files) { options->files = files; }
void SetNoServiceThread(rl_options* options) { options->options.service_thread = false; }

}  // namespace redislite::capi

extern "C" {

int rl_options_new(rl_options** out) {
  if (out != nullptr) *out = nullptr;
  return RunWithoutHandle([&]() -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_options_new: out is NULL"};
    *out = new rl_options();
    return Status::Ok();
  });
}

int rl_options_set(rl_options* options, const char* name, const char* value) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set: options is NULL"};
    if (name == nullptr) return {Code::kInvalid, "rl_options_set: name is NULL"};
    if (value == nullptr) return {Code::kInvalid, "rl_options_set: value is NULL"};
    return redislite::engine::SetOption(options->options, name, value);
  });
}

void rl_options_free(rl_options* options) { delete options; }

int rl_options_set_log(rl_options* options, void (*log)(void* ctx, int level, const char* message), void* ctx) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set_log: options is NULL"};
    options->options.log = nullptr;
    if (log != nullptr) {
      options->options.log = [log, ctx](LogLevel level, const char* message) {
        log(ctx, static_cast<int>(level), message);
      };
    }
    return Status::Ok();
  });
}

int rl_options_set_clock(rl_options* options, int64_t (*now_ms)(void* ctx), void* ctx) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set_clock: options is NULL"};
    options->options.now_ms = nullptr;
    if (now_ms != nullptr) options->options.now_ms = [now_ms, ctx] { return now_ms(ctx); };
    return Status::Ok();
  });
}

}  // extern "C"
