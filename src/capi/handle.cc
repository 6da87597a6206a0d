#include "capi/handle.h"

#include <algorithm>

#include "os/file_system.h"
#include "os/fork_guard.h"

using redislite::Code;
using redislite::MutexLock;
using redislite::Status;
using redislite::capi::MakeStatus;
using redislite::capi::StatusOfException;
using redislite::capi::ToInt;

namespace {

// What a thread brings along to its calls.
struct ThreadState {
  size_t number = 0;                 // 0: has none yet
  rl_db::Call* innermost = nullptr;  // the call that it is in
};
thread_local ThreadState this_thread;
std::atomic<size_t> thread_numbers{0};

// The closed shells, oldest replaced first. Without a lock, so that a forked child can always close what it opened.
constexpr size_t kQuarantineSize = 1024;
std::array<std::atomic<rl_db*>, kQuarantineSize> quarantine{};
std::atomic<size_t> quarantined{0};

void Quarantine(rl_db* closed) noexcept {
  const size_t slot = quarantined.fetch_add(1) % kQuarantineSize;
  if (rl_db* oldest = quarantine[slot].exchange(closed); oldest != nullptr) oldest->Unref();
}

}  // namespace

// ---- A call
// ----------------------------------------------------------------------------------------------------------------

rl_db::Call::Call(rl_db& db) noexcept : db_(db) {
  if (!redislite::os::InProcess(db.process_token_)) {
    refusal_ = Code::kForked;
    return;
  }
  if (this_thread.number == 0) this_thread.number = ++thread_numbers;
  stripe_ = &db.stripes_[this_thread.number % kStripes];
  // Both sequentially consistent: counted first, looked second; Close() does it the other way round.
  stripe_->calls.fetch_add(1);
  if (db.state_.load() != State::kOpen) refusal_ = Code::kClosed;
  outer_ = std::exchange(this_thread.innermost, this);
}

rl_db::Call::~Call() {
  if (stripe_ == nullptr) return;
  this_thread.innermost = outer_;
  stripe_->calls.fetch_sub(1);  // the last touch: Close() may be waiting to free what this call used
}

bool rl_db::Call::InProgressHere(const rl_db& db) noexcept {
  for (const Call* call = this_thread.innermost; call != nullptr; call = call->outer_) {
    if (&call->db_ == &db) return true;
  }
  return false;
}

// ---- The shell
// --------------------------------------------------------------------------------------------------------------

void rl_db::Unref() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

// Sleeps between looks instead of being woken: a caller that had to wake somebody would have to touch the shell after
// it has counted itself out.
void rl_db::WaitForCalls() noexcept {
  int64_t pause_us = 50;
  for (Stripe& stripe : stripes_) {
    while (stripe.calls.load() != 0) {
      redislite::os::SleepUs(pause_us);
      pause_us = std::min<int64_t>(pause_us * 2, 2000);
    }
  }
}

int rl_db::Close() noexcept {
  if (!redislite::os::InProcess(process_token_)) return RL_ERR_FORKED;
  if (Call::InProgressHere(*this)) {
    return Answer(MakeStatus(Code::kInvalid, "rl_close was called from inside a call on the same store"));
  }
  if (State open = State::kOpen; !state_.compare_exchange_strong(open, State::kClosed)) {
    return Answer(MakeStatus(Code::kClosed, "the store was closed already"));
  }
  // Who waits inside a call for a key, or for a session's bytes, need not wait any longer.
  hub_->Close();
  engine_->RefuseParking();
  WaitForCalls();
  Status status;
  try {
    status = engine_->Close();
  } catch (...) {
    status = StatusOfException();
  }
  engine_.reset();
  const int code = Answer(status);
  Quarantine(this);
  return code;
}

int rl_db::Answer(const Status& status) noexcept {
  if (ToInt(status.code()) < 0) {
    MutexLock lock(message_mutex_);
    try {
      message_ = status.message();
    } catch (const std::bad_alloc&) {
      message_.clear();
    }
  }
  return ToInt(status.code());
}

size_t rl_db::CopyMessage(char* buffer, size_t capacity) noexcept {
  if (!redislite::os::InProcess(process_token_)) {
    return redislite::capi::CopyMessage(rl_strerror(RL_ERR_FORKED), buffer, capacity);
  }
  MutexLock lock(message_mutex_);
  return redislite::capi::CopyMessage(message_, buffer, capacity);
}
