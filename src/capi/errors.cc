#include "capi/errors.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

#include "redislite.h"

namespace redislite::capi {

// Code and RL_* are the same numbers, so that nothing translates between them.
static_assert(static_cast<int>(Code::kOk) == RL_OK);
static_assert(static_cast<int>(Code::kNotFound) == RL_NOT_FOUND);
static_assert(static_cast<int>(Code::kCondition) == RL_CONDITION);
static_assert(static_cast<int>(Code::kInvalid) == RL_ERR_INVALID);
static_assert(static_cast<int>(Code::kType) == RL_ERR_TYPE);
static_assert(static_cast<int>(Code::kValue) == RL_ERR_VALUE);
static_assert(static_cast<int>(Code::kCommand) == RL_ERR_COMMAND);
static_assert(static_cast<int>(Code::kIo) == RL_ERR_IO);
static_assert(static_cast<int>(Code::kFull) == RL_ERR_FULL);
static_assert(static_cast<int>(Code::kNoMemory) == RL_ERR_NOMEM);
static_assert(static_cast<int>(Code::kMaxMemory) == RL_ERR_MAXMEMORY);
static_assert(static_cast<int>(Code::kBusy) == RL_ERR_BUSY);
static_assert(static_cast<int>(Code::kCorrupt) == RL_ERR_CORRUPT);
static_assert(static_cast<int>(Code::kVersion) == RL_ERR_VERSION);
static_assert(static_cast<int>(Code::kClosed) == RL_ERR_CLOSED);
static_assert(static_cast<int>(Code::kForked) == RL_ERR_FORKED);
static_assert(static_cast<int>(Code::kReadOnly) == RL_ERR_READONLY);
static_assert(static_cast<int>(Code::kLimit) == RL_ERR_LIMIT);
static_assert(static_cast<int>(Code::kPathNotFound) == RL_ERR_NOT_FOUND);

namespace {

thread_local std::string thread_message;

}  // namespace

Status MakeStatus(Code code, const char* message) noexcept {
  try {
    return {code, message};
  } catch (const std::bad_alloc&) {
    return {code, std::string()};
  }
}

Status StatusOfException() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return MakeStatus(Code::kNoMemory, "out of memory");
  } catch (const std::exception& error) {
    return MakeStatus(Code::kInvalid, error.what());
  } catch (...) {
    return MakeStatus(Code::kInvalid, "unknown exception");
  }
}

size_t CopyMessage(Bytes message, char* buffer, size_t capacity) noexcept {
  if (buffer != nullptr && capacity > 0) {
    const size_t copied = std::min(message.size(), capacity - 1);
    std::memcpy(buffer, message.data(), copied);
    buffer[copied] = '\0';
  }
  return message.size();
}

int AnswerWithoutHandle(const Status& status) noexcept {
  if (ToInt(status.code()) < 0) {
    try {
      thread_message = status.message();
    } catch (const std::bad_alloc&) {
      thread_message.clear();
    }
  }
  return ToInt(status.code());
}

const std::string& ThreadMessage() noexcept { return thread_message; }

}  // namespace redislite::capi

extern "C" {

const char* rl_strerror(int code) {
  switch (code) {
    case RL_OK:
      return "done";
    case RL_NOT_FOUND:
      return "the key or field does not exist";
    case RL_CONDITION:
      return "the condition was not met; nothing was written";
    case RL_ERR_INVALID:
      return "invalid use: a NULL pointer, an unknown option or flag, or a bad value of one";
    case RL_ERR_TYPE:
      return "the key holds another type";
    case RL_ERR_VALUE:
      return "not a number, or out of range";
    case RL_ERR_COMMAND:
      return "unknown command, wrong arguments, or not allowed here";
    case RL_ERR_IO:
      return "input or output failed; a store whose log failed must be opened again to write";
    case RL_ERR_FULL:
      return "no space left on the device; nothing was written";
    case RL_ERR_NOMEM:
      return "out of memory";
    case RL_ERR_MAXMEMORY:
      return "over maxmemory with nothing to evict";
    case RL_ERR_BUSY:
      return "the store is open elsewhere";
    case RL_ERR_CORRUPT:
      return "the store's files are damaged";
    case RL_ERR_VERSION:
      return "the store's files were written by a newer format";
    case RL_ERR_CLOSED:
      return "the store was closed";
    case RL_ERR_FORKED:
      return "the store belongs to another process: used in a forked child";
    case RL_ERR_READONLY:
      return "the store was opened read-only";
    case RL_ERR_LIMIT:
      return "a key, a value, a record or the number of sessions is above its limit";
    case RL_ERR_NOT_FOUND:
      return "there is no store at the path";
    default:
      return "unknown code";
  }
}

}  // extern "C"
