// rl_db: the shell around an engine that callers hold.
//
// It promises that a call never runs on a closed or inherited store, that rl_close waits for the calls in progress, and
// that a call which comes too late gets RL_ERR_CLOSED instead of freed memory. Every function of the API on a handle
// enters through Run().
//
// Life: rl_open makes a shell with one reference; each batch holds another. rl_close frees the engine at once but hands
// the shell's own reference to a quarantine of the last 1,024 closed shells, process-wide: the one exception to "no
// global mutable state" (I9), since only something that outlives the handle can answer a late caller.
//
// Threads: any. Nothing on the way in locks: a call counts itself in one of 16 counters, each on a cache line of its
// own, and then looks at the state; rl_close changes the state and then looks at the counters. One of the two sees the
// other.
//
// Fork: an inherited shell is recognised before anything of it is touched; a mutex that another thread held during the
// fork would never be released in the child.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "base/status.h"
#include "capi/errors.h"
#include "engine/engine.h"
#include "redislite.h"
#include "session/hub.h"

struct rl_db {
 public:
  // One call, from its entry to its return.
  class Call;

  rl_db(std::unique_ptr<redislite::engine::Engine> engine, uint64_t process_token)
      : process_token_(process_token),
        engine_(std::move(engine)),
        hub_(std::make_shared<redislite::session::Hub>(*engine_)) {}
  rl_db(const rl_db&) = delete;
  rl_db& operator=(const rl_db&) = delete;

  // What rl_close does.
  int Close() noexcept;

  const std::shared_ptr<redislite::session::Hub>& hub() const { return hub_; }

  // For those that keep a pointer to the shell beyond a call. Unref frees it when it was the last.
  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept;

  // The code of a call's outcome; a failure's message becomes rl_errmsg's.
  int Answer(const redislite::Status& status) noexcept;
  // What rl_errmsg does.
  size_t CopyMessage(char* buffer, size_t capacity) noexcept;

 private:
  enum class State : uint8_t { kOpen, kClosed };

  static constexpr size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::atomic<int64_t> calls{0};
  };

  ~rl_db() = default;
  void WaitForCalls() noexcept;

  std::atomic<State> state_{State::kOpen};
  std::atomic<uint32_t> references_{1};
  const uint64_t process_token_;
  std::unique_ptr<redislite::engine::Engine> engine_;
  const std::shared_ptr<redislite::session::Hub> hub_;
  std::array<Stripe, kStripes> stripes_;

  redislite::Mutex message_mutex_;
  std::string message_ GUARDED_BY(message_mutex_);
};

class rl_db::Call {
 public:
  explicit Call(rl_db& db) noexcept;
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // kOk when the call may go on; kClosed or kForked.
  redislite::Code refusal() const { return refusal_; }
  // REQUIRES: not refused.
  redislite::engine::Engine& engine() { return *db_.engine_; }

  // Whether this thread is inside a call on the store (a callback).
  static bool InProgressHere(const rl_db& db) noexcept;

 private:
  rl_db& db_;
  redislite::Code refusal_ = redislite::Code::kOk;
  Stripe* stripe_ = nullptr;  // where this call is counted
  Call* outer_ = nullptr;     // the call of this thread that this one is inside of
};

namespace redislite::capi {

// Runs `body` (a Status from an Engine&) as one call on the handle and answers its code.
template <typename Body>
int Run(rl_db* db, Body&& body) noexcept {
  if (db == nullptr) return RL_ERR_INVALID;
  rl_db::Call call(*db);
  if (call.refusal() == Code::kForked) return RL_ERR_FORKED;
  if (call.refusal() == Code::kClosed) return db->Answer(MakeStatus(Code::kClosed, rl_strerror(RL_ERR_CLOSED)));
  try {
    return db->Answer(body(call.engine()));
  } catch (...) {
    return db->Answer(StatusOfException());
  }
}

}  // namespace redislite::capi
