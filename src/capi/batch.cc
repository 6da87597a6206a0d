// rl_batch: commands that are collected here and happen together or not at all.
//
// A batch holds a reference to its store's shell, so that it can be used, and answers RL_ERR_CLOSED, after the store
// was closed.
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "capi/arguments.h"
#include "capi/handle.h"
#include "capi/reply.h"
#include "engine/engine.h"
#include "redislite.h"
#include "resp/writer.h"

using redislite::Code;
using redislite::Status;
using redislite::capi::Arguments;
using redislite::capi::Run;
using redislite::engine::Engine;

struct rl_batch {
  explicit rl_batch(rl_db* store) noexcept : db(store) { db->Ref(); }
  ~rl_batch() { db->Unref(); }
  rl_batch(const rl_batch&) = delete;
  rl_batch& operator=(const rl_batch&) = delete;

  rl_db* const db;
  std::vector<std::vector<std::string>> commands;
};

namespace {

// Gives the reply of a batch that is done. A code other than RL_OK would say that it is not, so without memory for the
// reply there is none: every accessor takes the NULL.
void TakeReply(redislite::resp::Writer& writer, rl_reply** out) noexcept {
  try {
    (void)redislite::capi::ReplyBuilder().Build(writer, out);
  } catch (const std::bad_alloc&) {
    *out = nullptr;
  }
}

}  // namespace

extern "C" {

int rl_batch_new(rl_db* db, rl_batch** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine&) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_batch_new: out is NULL"};
    *out = new rl_batch(db);
    return Status::Ok();
  });
}

int rl_batch_add(rl_batch* batch, size_t argc, const char* const* argv, const size_t* argv_len) {
  if (batch == nullptr) return RL_ERR_INVALID;
  return Run(batch->db, [&](Engine& engine) -> Status {
    Arguments arguments;
    RL_RETURN_IF_ERROR(arguments.Read(argc, argv, argv_len));
    RL_RETURN_IF_ERROR(engine.CheckForBatch(arguments.args()));
    std::vector<std::string> command(arguments.args().begin(), arguments.args().end());
    batch->commands.push_back(std::move(command));
    return Status::Ok();
  });
}

int rl_batch_commit(rl_batch* batch, rl_reply** out) {
  if (out != nullptr) *out = nullptr;
  if (batch == nullptr) return RL_ERR_INVALID;
  return Run(batch->db, [&](Engine& engine) -> Status {
    redislite::resp::Writer writer(3);
    if (batch->commands.empty()) {
      writer.Array(0);
    } else {
      RL_RETURN_IF_ERROR(engine.ExecuteBatch(batch->commands, 0, writer));
    }
    batch->commands.clear();
    if (out != nullptr) TakeReply(writer, out);
    return Status::Ok();
  });
}

void rl_batch_free(rl_batch* batch) { delete batch; }

}  // extern "C"
