// rl_session: the shell around a session that callers hold. It holds a reference to its store's shell, so that it can
// be called, and answers RL_ERR_CLOSED, after the store was closed.
#include "session/session.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>

#include "capi/handle.h"
#include "redislite.h"

using redislite::Bytes;
using redislite::Code;
using redislite::OutOfMemory;
using redislite::Result;
using redislite::Status;
using redislite::capi::Run;
using redislite::capi::ToInt;
using redislite::engine::Engine;
using redislite::session::Session;

struct rl_session {
  rl_session(rl_db* store, std::shared_ptr<Session> the_session) noexcept : db(store), session(std::move(the_session)) {
    db->Ref();
  }
  ~rl_session() { db->Unref(); }
  rl_session(const rl_session&) = delete;
  rl_session& operator=(const rl_session&) = delete;

  rl_db* const db;
  const std::shared_ptr<Session> session;
};

namespace {

// On the stack, so that a call needs no memory of its own.
constexpr size_t kFedTogether = 128;

Status StatusOf(Code outcome) {
  if (outcome == Code::kOk) return Status::Ok();
  return outcome == Code::kNoMemory ? OutOfMemory() : Status(outcome, "the session is over");
}

// One call on an open session.
template <typename Body>
int RunOn(rl_session* s, Body&& body) noexcept {
  if (s == nullptr) return RL_ERR_INVALID;
  return Run(s->db, [&](Engine&) -> Status { return body(*s->session); });
}

}  // namespace

extern "C" {

int rl_session_open(rl_db* db, rl_session** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine&) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_session_open: out is NULL"};
    Result<std::shared_ptr<Session>> session = Session::Open(db->hub());
    if (!session.ok()) return session.status();
    *out = new rl_session(db, std::move(*session));
    return Status::Ok();
  });
}

int rl_session_feed(rl_session* s, const void* bytes, size_t len) {
  return RunOn(s, [&](Session& session) -> Status {
    if (bytes == nullptr && len != 0) return {Code::kInvalid, "rl_session_feed: bytes is NULL"};
    Session::Feeding feeding{&session, {static_cast<const char*>(bytes), len}};
    Session::Feed({&feeding, 1});
    return StatusOf(feeding.outcome);
  });
}

int rl_sessions_feed(rl_session* const* sessions, const void* const* bytes, const size_t* lens, size_t count,
                     int* codes) {
  if (count == 0) return RL_OK;
  if (sessions == nullptr || sessions[0] == nullptr) return RL_ERR_INVALID;
  rl_db* const db = sessions[0]->db;
  return Run(db, [&](Engine&) -> Status {
    if (bytes == nullptr || lens == nullptr) return {Code::kInvalid, "rl_sessions_feed: bytes or lens is NULL"};
    for (size_t i = 0; i < count; ++i) {
      const auto refuse = [&](const char* why) -> Status {
        return {Code::kInvalid, "rl_sessions_feed: " + std::string(why) + " at " + std::to_string(i)};
      };
      if (sessions[i] == nullptr) return refuse("the session is NULL");
      if (sessions[i]->db != db) return refuse("a session of another store");
      if (bytes[i] == nullptr && lens[i] != 0) return refuse("bytes is NULL");
    }
    Code first = Code::kOk;
    for (size_t from = 0; from < count; from += kFedTogether) {
      std::array<Session::Feeding, kFedTogether> feedings;
      const std::span some = std::span(feedings).first(std::min(kFedTogether, count - from));
      for (size_t i = 0; i < some.size(); ++i) {
        some[i].session = sessions[from + i]->session.get();
        some[i].bytes = {static_cast<const char*>(bytes[from + i]), lens[from + i]};
      }
      Session::Feed(some);
      for (size_t i = 0; i < some.size(); ++i) {
        if (codes != nullptr) codes[from + i] = ToInt(some[i].outcome);
        if (first == Code::kOk) first = some[i].outcome;
      }
    }
    return StatusOf(first);
  });
}

int rl_session_peek(rl_session* s, const void** bytes, size_t* len) {
  if (bytes != nullptr) *bytes = nullptr;
  if (len != nullptr) *len = 0;
  return RunOn(s, [&](Session& session) -> Status {
    if (bytes == nullptr || len == nullptr) return {Code::kInvalid, "rl_session_peek: bytes or len is NULL"};
    Bytes ready;
    Status status = session.Peek(&ready);
    *bytes = ready.data();
    *len = ready.size();
    return status;
  });
}

int rl_session_consume(rl_session* s, size_t len) {
  return RunOn(s, [&](Session& session) { return session.Consume(len); });
}

int rl_session_pending(rl_session* s) {
  bool pending = false;
  const int code = RunOn(s, [&](Session& session) {
    pending = session.Pending();
    return Status::Ok();
  });
  return code == RL_OK ? static_cast<int>(pending) : code;
}

int rl_session_busy(rl_session* s) {
  bool busy = false;
  const int code = RunOn(s, [&](Session& session) {
    busy = session.Busy();
    return Status::Ok();
  });
  return code == RL_OK ? static_cast<int>(busy) : code;
}

int rl_session_wait(rl_session* s, int timeout_ms) {
  return RunOn(s, [&](Session& session) { return session.Wait(timeout_ms); });
}

int rl_session_fd(rl_session* s) {
  int fd = -1;
  const int code = RunOn(s, [&](Session& session) -> Status {
    Result<int> made = session.Fd();
    if (!made.ok()) return made.status();
    fd = *made;
    return Status::Ok();
  });
  return code == RL_OK ? fd : code;
}

int rl_session_interrupt(rl_session* s) {
  return RunOn(s, [](Session& session) {
    session.Interrupt();
    return Status::Ok();
  });
}

int rl_session_notify(rl_session* s, void (*notify)(void* ctx), void* ctx) {
  return RunOn(s, [&](Session& session) {
    session.SetNotify(notify, ctx);
    return Status::Ok();
  });
}

int rl_session_set_peer(rl_session* s, const char* address, const char* local_address) {
  return RunOn(s, [&](Session& session) {
    session.SetPeer(address == nullptr ? "" : address, local_address == nullptr ? "" : local_address);
    return Status::Ok();
  });
}

void rl_session_close(rl_session* s) {
  if (s == nullptr) return;
  (void)RunOn(s, [](Session& session) {
    session.Close();
    return Status::Ok();
  });
  delete s;
}

}  // extern "C"
