// Sessions: declared because the ABI is fixed; this version has none.
#include "capi/handle.h"
#include "engine/engine.h"
#include "redislite.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::Run;
using redislite::engine::Engine;

extern "C" {

int rl_session_open(rl_db* db, rl_session** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [](Engine&) -> Status { return {Code::kInvalid, "this version of RedisLite has no sessions"}; });
}

int rl_session_feed(rl_session*, const void*, size_t) { return RL_ERR_INVALID; }

int rl_session_peek(rl_session*, const void** bytes, size_t* len) {
  if (bytes != nullptr) *bytes = nullptr;
  if (len != nullptr) *len = 0;
  return RL_ERR_INVALID;
}

int rl_session_consume(rl_session*, size_t) { return RL_ERR_INVALID; }
int rl_session_pending(rl_session*) { return RL_ERR_INVALID; }
int rl_session_wait(rl_session*, int) { return RL_ERR_INVALID; }
int rl_session_fd(rl_session*) { return RL_ERR_INVALID; }
int rl_session_interrupt(rl_session*) { return RL_ERR_INVALID; }
void rl_session_close(rl_session*) {}

}  // extern "C"
