// Errors on their way out: what a thread last failed at without a handle, and exceptions turned into codes.
//
// This room is the only one that catches exceptions; nothing of C++ leaves the functions of redislite.h.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::capi {

inline int ToInt(Code code) { return static_cast<int>(code); }

// A Status whose message is left empty when there is no memory for it.
Status MakeStatus(Code code, const char* message) noexcept;

// The Status of the exception that is being handled. REQUIRES: called from a catch block. Does not throw.
Status StatusOfException() noexcept;

// Copies a message as rl_errmsg promises: cut to `capacity` - 1 bytes, NUL-terminated when there is room for that.
// Returns its whole length.
size_t CopyMessage(Bytes message, char* buffer, size_t capacity) noexcept;

// What rl_errmsg(NULL, ...) shows on this thread. For a failure, keeps its message; returns the code.
int AnswerWithoutHandle(const Status& status) noexcept;
const std::string& ThreadMessage() noexcept;

// Runs a function of the API that has no handle: its failures are kept for rl_errmsg(NULL, ...).
template <typename Body>
int RunWithoutHandle(Body&& body) noexcept {
  try {
    return AnswerWithoutHandle(body());
  } catch (...) {
    return AnswerWithoutHandle(StatusOfException());
  }
}

}  // namespace redislite::capi
