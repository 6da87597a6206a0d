// Feeding: one call that brings bytes for several sessions, as a server has them after one look at its sockets.
//
// Each session takes over its bytes and runs them as it would alone, but for the end: the last groups of writes of all
// go to the engine in one piece, as one append to the log (Redis, too, writes once a turn of its loop), and single
// reads are fetched from memory together. Between sessions this is an order like any other: nobody has seen a reply
// yet.
#include <algorithm>
#include <array>
#include <exception>

#include "session/session.h"

namespace redislite::session {

namespace {

using engine::Engine;
using engine::Op;
using engine::Request;

constexpr size_t kReadsTogether = 16;

}  // namespace

template <typename Work>
void Session::Do(Feeding& feeding, const Work& work) noexcept {
  if (feeding.outcome != Code::kOk) return;
  try {
    work(*feeding.session);
  } catch (const std::exception&) {
    feeding.session->Abandon();
    feeding.outcome = Code::kNoMemory;
  }
}

void Session::Feed(std::span<Feeding> feedings) noexcept {
  for (Feeding& feeding : feedings) {
    Do(feeding, [&](Session& session) { feeding.outcome = session.Take(feeding.bytes); });
  }
  FlushTogether(feedings);
  for (Feeding& feeding : feedings) {
    Do(feeding, [](Session& session) { session.Settle(); });
  }
}

void Session::FlushTogether(std::span<Feeding> feedings) noexcept {
  Engine& engine = feedings.front().session->engine_;
  for (size_t from = 0; from < feedings.size(); from += kReadsTogether) {
    const std::span<Feeding> some = feedings.subspan(from, std::min(kReadsTogether, feedings.size() - from));
    std::array<const Request*, kReadsTogether> reads;
    size_t count = 0;
    for (const Feeding& feeding : some) {
      const Session& session = *feeding.session;
      if (session.gathered_ == 1 && session.HasLookups()) reads[count++] = &session.lookups_.front()->request;
    }
    if (count > 1) engine.Prefetch(std::span(reads).first(count));
    for (Feeding& feeding : some) {
      Do(feeding, [](Session& session) {
        if (session.HasLookups()) session.LookUp();
      });
    }
  }
  // Whether writes are synced may have been changed by one of these sessions: then there are groups of both kinds.
  std::vector<Op*>& ops = feedings.front().session->group_ops_;
  for (const bool async : {false, true}) {
    ops.clear();
    for (Feeding& feeding : feedings) {
      Do(feeding, [&](Session& session) {
        if (session.group_async_ == async) session.TakeOff(ops);
      });
    }
    if (ops.empty()) continue;
    if (async) return engine.SubmitAsync(ops);
    engine.Submit(ops);
    for (Feeding& feeding : feedings) {
      Do(feeding, [](Session& session) {
        if (!session.group_async_) session.Land();
      });
    }
  }
}

}  // namespace redislite::session
