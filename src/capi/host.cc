// The program around a store: what it tells of itself, and who answers for it.
#include "engine/host.h"

#include "capi/handle.h"
#include "redislite.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::Run;
using redislite::engine::Engine;
using redislite::engine::HostRequest;

static_assert(RL_HOST_CONFIG_SET == static_cast<int>(HostRequest::kConfigSet));
static_assert(RL_HOST_CONFIG_REWRITE == static_cast<int>(HostRequest::kConfigRewrite));
static_assert(RL_HOST_SHUTDOWN == static_cast<int>(HostRequest::kShutdown));

extern "C" {

int rl_host_setting(rl_db* db, const char* name, const char* value) {
  return Run(db, [&](Engine& engine) -> Status {
    if (name == nullptr) return {Code::kInvalid, "rl_host_setting: name is NULL"};
    if (value == nullptr) return {Code::kInvalid, "rl_host_setting: value is NULL"};
    engine.host().Tell(name, value);
    return Status::Ok();
  });
}

int rl_host_answer(rl_db* db, int (*answer)(void* ctx, int request, const char* name, const char* value), void* ctx) {
  return Run(db, [&](Engine& engine) {
    engine.host().Attach(answer, ctx);
    return Status::Ok();
  });
}

}  // extern "C"
