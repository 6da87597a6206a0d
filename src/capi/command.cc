// Every command of the table, with a decoded reply.
#include <string>

#include "capi/arguments.h"
#include "capi/handle.h"
#include "capi/reply.h"
#include "engine/engine.h"
#include "redislite.h"
#include "resp/writer.h"
#include "session/session.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::Arguments;
using redislite::capi::ReplyBuilder;
using redislite::capi::Run;
using redislite::engine::Engine;

extern "C" {

int rl_command(rl_db* db, size_t argc, const char* const* argv, const size_t* argv_len, rl_reply** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine& engine) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_command: out is NULL"};
    Arguments arguments;
    RL_RETURN_IF_ERROR(arguments.Read(argc, argv, argv_len));
    ReplyBuilder builder;
    redislite::resp::Writer writer(3);
    if (!redislite::session::Session::RunOnce(db->hub(), arguments.args(), writer)) {
      RL_RETURN_IF_ERROR(engine.Execute(arguments.args(), 0, writer));
    }
    // The call has done its work and answers RL_OK, but a person who asks rl_errmsg means this error.
    if (const redislite::Bytes error = redislite::capi::ErrorText(writer); !error.empty()) {
      db->Answer({writer.error_codes().front(), std::string(error)});
    }
    return builder.Build(writer, out);
  });
}

}  // extern "C"
