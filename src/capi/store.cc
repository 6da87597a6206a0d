// The store as a whole: open, close, durability, care.
#include <cstring>
#include <string>

#include "capi/buffer.h"
#include "capi/errors.h"
#include "capi/handle.h"
#include "capi/options.h"
#include "commands/table.h"
#include "engine/engine.h"
#include "os/file_system.h"
#include "os/fork_guard.h"
#include "redislite.h"

using redislite::Bytes;
using redislite::Code;
using redislite::Status;
using redislite::capi::NewBuffer;
using redislite::capi::Run;
using redislite::capi::RunWithoutHandle;
using redislite::engine::Engine;

extern "C" {

int rl_open(const char* path, const rl_options* options, rl_db** out) {
  if (out != nullptr) *out = nullptr;
  return RunWithoutHandle([&]() -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_open: out is NULL"};
    // To the engine an empty path is a store in memory; from a caller it is more likely a variable that was never set.
    if (path != nullptr && *path == '\0') return {Code::kInvalid, "rl_open: the path is empty"};
    const bool in_memory = path == nullptr || std::strcmp(path, ":memory:") == 0;
    const rl_options defaults;
    const rl_options& chosen = options == nullptr ? defaults : *options;
    redislite::os::FileSystem& files = chosen.files == nullptr ? redislite::os::PosixFileSystem() : *chosen.files;
    const uint64_t process_token = redislite::os::EnterProcess();
    auto engine = Engine::Open(in_memory ? "" : path, chosen.options, redislite::commands::Commands(), files);
    if (!engine.ok()) return engine.status();
    *out = new rl_db(std::move(*engine), process_token);
    return Status::Ok();
  });
}

int rl_close(rl_db* db) { return db == nullptr ? static_cast<int>(RL_OK) : db->Close(); }

size_t rl_errmsg(rl_db* db, char* buffer, size_t capacity) {
  if (db == nullptr) return redislite::capi::CopyMessage(redislite::capi::ThreadMessage(), buffer, capacity);
  return db->CopyMessage(buffer, capacity);
}

int rl_sync(rl_db* db) {
  return Run(db, [](Engine& engine) { return engine.Sync(); });
}

int rl_snapshot(rl_db* db) {
  return Run(db, [](Engine& engine) { return engine.Snapshot(); });
}

int rl_backup(rl_db* db, const char* path, int (*progress)(void* ctx, uint64_t done, uint64_t total), void* ctx) {
  return Run(db, [&](Engine& engine) -> Status {
    if (path == nullptr) return {Code::kInvalid, "rl_backup: path is NULL"};
    if (*path == '\0') return {Code::kInvalid, "rl_backup: the path is empty"};
    return engine.Backup(
        path, [&](uint64_t done, uint64_t total) { return progress == nullptr || progress(ctx, done, total) == 0; });
  });
}

int rl_info(rl_db* db, const char* section, char** text, size_t* text_len) {
  if (text != nullptr) *text = nullptr;
  if (text_len != nullptr) *text_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (text == nullptr) return {Code::kInvalid, "rl_info: text is NULL"};
    const redislite::Bytes sections[] = {section == nullptr ? "all" : section};
    const std::string info = engine.Info(sections);
    *text = NewBuffer(info);
    if (text_len != nullptr) *text_len = info.size();
    return Status::Ok();
  });
}

}  // extern "C"
