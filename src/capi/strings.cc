// The fast lanes for strings and keys: one command or look-up on database 0, without a decoded reply in between.
#include <algorithm>
#include <cstring>
#include <span>

#include "base/number.h"
#include "capi/arguments.h"
#include "capi/buffer.h"
#include "capi/handle.h"
#include "capi/reply.h"
#include "engine/engine.h"
#include "redislite.h"
#include "resp/writer.h"

using redislite::Bytes;
using redislite::Code;
using redislite::Status;
using redislite::capi::CheckKey;
using redislite::capi::CheckValue;
using redislite::capi::NewBuffer;
using redislite::capi::Run;
using redislite::capi::ToBytes;
using redislite::engine::Engine;

namespace {

// What the reply of a command of one element says.
struct Outcome {
  bool nil = false;
  int64_t integer = 0;
};

// Runs the command; an error reply becomes a Status with its code and text.
Status Execute(Engine& engine, std::span<const Bytes> args, Outcome& outcome) {
  redislite::resp::Writer writer(3);
  RL_RETURN_IF_ERROR(engine.Execute(args, 0, writer));
  if (writer.out_of_memory()) return {Code::kNoMemory, "out of memory for the reply"};
  if (writer.has_error()) return {writer.error_codes().front(), std::string(redislite::capi::ErrorText(writer))};
  const Bytes reply = writer.bytes();
  outcome.nil = reply.starts_with('_');
  if (reply.starts_with(':')) {
    outcome.integer = redislite::ParseInt64(reply.substr(1, reply.size() - 3)).value_or(0);
  }
  return Status::Ok();
}

// For commands that answer how many keys they touched, one at most.
Status ExecuteOnKey(Engine& engine, std::span<const Bytes> args) {
  Outcome outcome;
  RL_RETURN_IF_ERROR(Execute(engine, args, outcome));
  return outcome.integer == 0 ? Status(Code::kNotFound, {}) : Status::Ok();
}

Status CheckSetFlags(int64_t ttl_ms, unsigned flags) {
  constexpr unsigned kAll = RL_SET_NX | RL_SET_XX | RL_SET_KEEPTTL;
  if ((flags & ~kAll) != 0)
    return {Code::kInvalid, "flags has unknown bits: RL_SET_NX, RL_SET_XX and RL_SET_KEEPTTL exist"};
  if ((flags & RL_SET_NX) != 0 && (flags & RL_SET_XX) != 0) {
    return {Code::kInvalid, "RL_SET_NX and RL_SET_XX contradict each other"};
  }
  if (ttl_ms < 0) return {Code::kInvalid, "ttl_ms is negative: 0 is for no expiry"};
  if (ttl_ms > 0 && (flags & RL_SET_KEEPTTL) != 0)
    return {Code::kInvalid, "RL_SET_KEEPTTL and a ttl_ms contradict each other"};
  return Status::Ok();
}

}  // namespace

extern "C" {

int rl_set(rl_db* db, const void* key, size_t key_len, const void* value, size_t value_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    RL_RETURN_IF_ERROR(CheckValue(value, value_len));
    const Bytes args[] = {"SET", ToBytes(key, key_len), ToBytes(value, value_len)};
    Outcome outcome;
    return Execute(engine, args, outcome);
  });
}

int rl_set_with(rl_db* db, const void* key, size_t key_len, const void* value, size_t value_len, int64_t ttl_ms,
                unsigned flags) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckSetFlags(ttl_ms, flags));
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    RL_RETURN_IF_ERROR(CheckValue(value, value_len));
    char ttl_text[redislite::kInt64TextMax];
    Bytes args[7] = {"SET", ToBytes(key, key_len), ToBytes(value, value_len)};
    size_t count = 3;
    if (ttl_ms > 0) {
      args[count++] = "PX";
      args[count++] = redislite::FormatInt64(ttl_ms, ttl_text);
    }
    if ((flags & RL_SET_NX) != 0) args[count++] = "NX";
    if ((flags & RL_SET_XX) != 0) args[count++] = "XX";
    if ((flags & RL_SET_KEEPTTL) != 0) args[count++] = "KEEPTTL";
    Outcome outcome;
    RL_RETURN_IF_ERROR(Execute(engine, std::span(args, count), outcome));
    return outcome.nil ? Status(Code::kCondition, {}) : Status::Ok();
  });
}

int rl_get(rl_db* db, const void* key, size_t key_len, void** value, size_t* value_len) {
  if (value != nullptr) *value = nullptr;
  if (value_len != nullptr) *value_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (value == nullptr) return {Code::kInvalid, "rl_get: value is NULL"};
    if (value_len == nullptr) return {Code::kInvalid, "rl_get: value_len is NULL"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Engine::StringView view;
    RL_RETURN_IF_ERROR(engine.GetString(ToBytes(key, key_len), view));
    *value = NewBuffer(view.bytes);
    *value_len = view.bytes.size();
    return Status::Ok();
  });
}

int rl_get_into(rl_db* db, const void* key, size_t key_len, void* buffer, size_t capacity, size_t* value_len) {
  if (value_len != nullptr) *value_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (value_len == nullptr) return {Code::kInvalid, "rl_get_into: value_len is NULL"};
    if (buffer == nullptr && capacity > 0)
      return {Code::kInvalid, "rl_get_into: buffer is NULL and its capacity is not 0"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Engine::StringView view;
    RL_RETURN_IF_ERROR(engine.GetString(ToBytes(key, key_len), view));
    *value_len = view.bytes.size();
    if (const size_t copied = std::min(capacity, view.bytes.size()); copied > 0) {
      std::memcpy(buffer, view.bytes.data(), copied);
    }
    return Status::Ok();
  });
}

int rl_del(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    const Bytes args[] = {"DEL", ToBytes(key, key_len)};
    return ExecuteOnKey(engine, args);
  });
}

int rl_exists(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    return engine.Exists(ToBytes(key, key_len));
  });
}

int rl_incr_by(rl_db* db, const void* key, size_t key_len, int64_t delta, int64_t* result) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    char delta_text[redislite::kInt64TextMax];
    const Bytes args[] = {"INCRBY", ToBytes(key, key_len), redislite::FormatInt64(delta, delta_text)};
    Outcome outcome;
    RL_RETURN_IF_ERROR(Execute(engine, args, outcome));
    if (result != nullptr) *result = outcome.integer;
    return Status::Ok();
  });
}

int rl_expire(rl_db* db, const void* key, size_t key_len, int64_t ttl_ms) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    char ttl_text[redislite::kInt64TextMax];
    const Bytes args[] = {"PEXPIRE", ToBytes(key, key_len), redislite::FormatInt64(ttl_ms, ttl_text)};
    return ExecuteOnKey(engine, args);
  });
}

int rl_persist(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    const Bytes args[] = {"PERSIST", ToBytes(key, key_len)};
    Status status = ExecuteOnKey(engine, args);
    // PERSIST answers 0 for a key that is missing and for one that had no expiry.
    return status.code() == Code::kNotFound ? engine.Exists(args[1]) : status;
  });
}

int rl_ttl(rl_db* db, const void* key, size_t key_len, int64_t* ttl_ms) {
  return Run(db, [&](Engine& engine) -> Status {
    if (ttl_ms == nullptr) return {Code::kInvalid, "rl_ttl: ttl_ms is NULL"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Status status = engine.Ttl(ToBytes(key, key_len), ttl_ms);
    if (status.code() == Code::kNotFound) *ttl_ms = -2;
    return status;
  });
}

int rl_count(rl_db* db, uint64_t* keys) {
  return Run(db, [&](Engine& engine) -> Status {
    if (keys == nullptr) return {Code::kInvalid, "rl_count: keys is NULL"};
    return engine.CountKeys(keys);
  });
}

}  // extern "C"
