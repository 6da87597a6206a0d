// Status and Result: how every fallible function below the C ABI answers.
//
// The codes are those of redislite.h, number for number (capi asserts it), so that no table translates them. A code
// exists only where a caller would act differently; everything else is a better message.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace redislite {

enum class Code : int8_t {
  kOk = 0,
  kNotFound = 1,
  kCondition = 2,
  kInvalid = -1,
  kType = -2,
  kValue = -3,
  kCommand = -4,
  kIo = -5,
  kFull = -6,
  kNoMemory = -7,
  kMaxMemory = -8,
  kBusy = -9,
  kCorrupt = -10,
  kVersion = -11,
  kClosed = -12,
  kForked = -13,
  kReadOnly = -14,
  kLimit = -15,
  kPathNotFound = -16,
};

// A code with a message for a person. Cheap when ok: an empty std::string does not allocate.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

// For where std::bad_alloc ends: the text is short enough for a std::string to need no memory for it.
inline Status OutOfMemory() { return {Code::kNoMemory, "out of memory"}; }

// A value, or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}         // NOLINT(google-explicit-constructor): `return value;`
  Result(Status status) : state_(std::move(status)) {}  // NOLINT(google-explicit-constructor): `return status;`

  bool ok() const { return std::holds_alternative<T>(state_); }
  const Status& status() const {
    static const Status ok_status;
    return ok() ? ok_status : std::get<Status>(state_);
  }
  T& operator*() { return std::get<T>(state_); }
  const T& operator*() const { return std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }

 private:
  std::variant<Status, T> state_;
};

}  // namespace redislite

// Returns from the enclosing function when `expression` is a Status that is not ok.
#define RL_RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                      \
    if (::redislite::Status rl_status_ = (expression); !rl_status_.ok()) return rl_status_; \
  } while (false)
