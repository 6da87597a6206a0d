// Hub: what the sessions of one store know of each other: who there is, who listens to which channel, who watches all
// commands go by.
//
// Owner: the store's handle and each session, which keeps it alive beyond the store. Threads: any. Lock order: the
// hub's before a session's; no call into the engine may wait while the hub's is held.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "engine/engine.h"
#include "engine/slow_log.h"
#include "engine/statistics.h"
#include "resp/writer.h"

namespace redislite::session {

class Session;

// The three kinds of subscription.
enum class Topic : uint8_t { kChannel, kPattern, kShard };

class Hub {
 public:
  explicit Hub(engine::Engine& engine);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  engine::Engine& engine() { return engine_; }

  // Ends every session; those that open later are ended at once. The engine must not be used afterwards.
  void Close() EXCLUDES(mu_);
  bool closed() const { return is_closed_.load(std::memory_order_acquire); }

  // Its id; 0 when there are as many already as there may be.
  uint64_t Add(Session& session) EXCLUDES(mu_);
  void Remove(Session& session) EXCLUDES(mu_);
  size_t session_count() const { return count_.load(std::memory_order_relaxed); }
  // Visits the sessions in the order of their ids. The visitor must not come back to the hub.
  void ForEach(const std::function<void(Session&)>& visit) EXCLUDES(mu_);

  engine::Engine::ClientFacts Facts() EXCLUDES(mu_);
  // Fills in what the slow log says of a client; nothing when it has left.
  void Describe(uint64_t id, engine::SlowLog::Entry& entry) EXCLUDES(mu_);
  void CountBytesIn(size_t bytes) { statistics_.bytes_in.Add(bytes); }
  void CountBytesOut(size_t bytes) { statistics_.bytes_out.Add(bytes); }

  // ---- Publishing and subscribing.

  // False when the session had the subscription, or had it not.
  bool Subscribe(Session& session, Topic topic, Bytes name) EXCLUDES(mu_);
  bool Unsubscribe(Session& session, Topic topic, Bytes name) EXCLUDES(mu_);
  // Takes the session from wherever it listens or looks on.
  void Forget(Session& session) EXCLUDES(mu_);
  // Sends the message to all who listen; returns how many that were.
  int64_t Publish(Bytes channel, Bytes message, bool sharded) EXCLUDES(mu_);
  // Visits the names that somebody listens to, in their order.
  void ForEachTopic(Topic topic, const std::function<void(const std::string&, size_t listeners)>& visit) EXCLUDES(mu_);
  size_t CountListeners(Topic topic, Bytes name) EXCLUDES(mu_);

  // ---- Watching all commands (MONITOR).

  void AddMonitor(Session& session) EXCLUDES(mu_);
  void RemoveMonitor(Session& session) EXCLUDES(mu_);
  bool has_monitors() const { return monitor_count_.load(std::memory_order_relaxed) != 0; }
  // `but` (may be null) does not see it.
  void ShowToMonitors(Bytes line, const Session* but) EXCLUDES(mu_);

  // ---- Pausing everybody (CLIENT PAUSE).

  struct Pause {
    int64_t until_us = 0;  // monotonic
    bool writes_only = false;
  };
  void SetPause(const Pause& pause) EXCLUDES(mu_);
  // What is in force now; nothing when until_us has passed.
  Pause pause() const EXCLUDES(mu_);
  bool may_be_paused() const { return paused_.load(std::memory_order_relaxed); }

 private:
  using Listeners = std::map<std::string, std::vector<Session*>, std::less<>>;

  Listeners& Of(Topic topic) REQUIRES(mu_) { return listeners_[static_cast<size_t>(topic)]; }

  engine::Engine& engine_;
  engine::Statistics& statistics_;
  mutable Mutex mu_;
  bool closed_ GUARDED_BY(mu_) = false;
  uint64_t last_id_ GUARDED_BY(mu_) = 0;
  std::map<uint64_t, Session*> sessions_ GUARDED_BY(mu_);
  Listeners listeners_[3] GUARDED_BY(mu_);
  std::vector<Session*> monitors_ GUARDED_BY(mu_);
  Pause pause_ GUARDED_BY(mu_);
  std::atomic<bool> paused_{false};
  std::atomic<bool> is_closed_{false};
  std::atomic<size_t> count_{0};
  std::atomic<size_t> monitor_count_{0};
};

}  // namespace redislite::session
