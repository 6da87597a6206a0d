#include "session/hub.h"

#include <algorithm>

#include "base/glob.h"
#include "commands/events.h"
#include "engine/command_statistics.h"
#include "os/file_system.h"
#include "session/session.h"

namespace redislite::session {

// The engine goes before the hub does, and asks only in calls that rl_close waits for.
Hub::Hub(engine::Engine& engine) : engine_(engine), statistics_(engine.statistics()) {
  engine.SetClientFacts([this] { return Facts(); });
  engine.SetPublish(commands::ForEachEvent,
                    [this](Bytes channel, Bytes message) { (void)Publish(channel, message, false); });
  engine.command_statistics().SetDescribeClient(
      [this](uint64_t id, engine::SlowLog::Entry& entry) { Describe(id, entry); });
}

void Hub::Describe(uint64_t id, engine::SlowLog::Entry& entry) {
  MutexLock lock(mu_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session::Facts facts = found->second->GetFacts();
  entry.address = std::move(facts.address);
  entry.name = std::move(facts.name);
}

engine::Engine::ClientFacts Hub::Facts() {
  engine::Engine::ClientFacts facts;
  MutexLock lock(mu_);
  facts.connected = sessions_.size();
  facts.channels = Of(Topic::kChannel).size();
  facts.patterns = Of(Topic::kPattern).size();
  facts.shard_channels = Of(Topic::kShard).size();
  for (const auto& [id, session] : sessions_) {
    const Session::Facts of_one = session->GetFacts();
    facts.pubsub += of_one.channels + of_one.patterns + of_one.shards != 0 ? 1 : 0;
    facts.buffered += of_one.query_bytes + of_one.output_bytes;
    facts.watching += of_one.watched != 0 ? 1 : 0;
    facts.largest_query = std::max<uint64_t>(facts.largest_query, of_one.query_bytes);
    facts.largest_output = std::max<uint64_t>(facts.largest_output, of_one.output_bytes);
  }
  return facts;
}

void Hub::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  is_closed_.store(true, std::memory_order_release);
  for (const auto& [id, session] : sessions_) session->End(Ending::kStoreClosed);
}

uint64_t Hub::Add(Session& session) {
  MutexLock lock(mu_);
  if (sessions_.size() >= engine_.host().clients_max()) {
    ++statistics_.clients_rejected;
    return 0;
  }
  ++statistics_.clients;
  sessions_.emplace(++last_id_, &session);
  count_.store(sessions_.size(), std::memory_order_relaxed);
  if (closed_) session.End(Ending::kStoreClosed);
  return last_id_;
}

void Hub::Remove(Session& session) {
  if (session.id() == 0) return;  // it was never added
  MutexLock lock(mu_);
  sessions_.erase(session.id());
  count_.store(sessions_.size(), std::memory_order_relaxed);
}

void Hub::ForEach(const std::function<void(Session&)>& visit) {
  MutexLock lock(mu_);
  for (const auto& [id, session] : sessions_) visit(*session);
}

bool Hub::Subscribe(Session& session, Topic topic, Bytes name) {
  MutexLock lock(mu_);
  Listeners& listeners = Of(topic);
  auto found = listeners.find(name);
  if (found == listeners.end()) found = listeners.emplace(std::string(name), std::vector<Session*>()).first;
  if (std::find(found->second.begin(), found->second.end(), &session) != found->second.end()) return false;
  found->second.push_back(&session);
  return true;
}

bool Hub::Unsubscribe(Session& session, Topic topic, Bytes name) {
  MutexLock lock(mu_);
  Listeners& listeners = Of(topic);
  const auto found = listeners.find(name);
  if (found == listeners.end() || std::erase(found->second, &session) == 0) return false;
  if (found->second.empty()) listeners.erase(found);
  return true;
}

void Hub::Forget(Session& session) {
  RemoveMonitor(session);
  MutexLock lock(mu_);
  for (Listeners& listeners : listeners_) {
    for (auto& [name, sessions] : listeners) std::erase(sessions, &session);
    std::erase_if(listeners, [](const auto& topic) { return topic.second.empty(); });
  }
}

int64_t Hub::Publish(Bytes channel, Bytes message, bool sharded) {
  // One encoding for each protocol that somebody listens in.
  std::string encoded[2];
  const auto send = [&](Session& session, Bytes kind, const std::string* pattern) {
    resp::Writer push(session.protocol());
    push.Push(pattern == nullptr ? 3 : 4);
    push.Bulk(kind);
    if (pattern != nullptr) push.Bulk(*pattern);
    push.Bulk(channel);
    push.Bulk(message);
    session.Deliver(push.bytes());
  };
  const auto send_plain = [&](Session& session) {
    std::string& bytes = encoded[session.protocol() == 3 ? 1 : 0];
    if (bytes.empty()) {
      resp::Writer push(session.protocol());
      push.Push(3);
      push.Bulk(sharded ? "smessage" : "message");
      push.Bulk(channel);
      push.Bulk(message);
      bytes = push.Take();
    }
    session.Deliver(bytes);
  };
  MutexLock lock(mu_);
  int64_t receivers = 0;
  Listeners& listeners = Of(sharded ? Topic::kShard : Topic::kChannel);
  if (const auto found = listeners.find(channel); found != listeners.end()) {
    for (Session* session : found->second) send_plain(*session);
    receivers += static_cast<int64_t>(found->second.size());
  }
  if (sharded) return receivers;
  for (const auto& [pattern, sessions] : Of(Topic::kPattern)) {
    if (!GlobMatch(pattern, channel, false)) continue;
    for (Session* session : sessions) send(*session, "pmessage", &pattern);
    receivers += static_cast<int64_t>(sessions.size());
  }
  return receivers;
}

void Hub::ForEachTopic(Topic topic, const std::function<void(const std::string&, size_t)>& visit) {
  MutexLock lock(mu_);
  for (const auto& [name, sessions] : Of(topic)) visit(name, sessions.size());
}

size_t Hub::CountListeners(Topic topic, Bytes name) {
  MutexLock lock(mu_);
  const auto found = Of(topic).find(name);
  return found == Of(topic).end() ? 0 : found->second.size();
}

void Hub::AddMonitor(Session& session) {
  MutexLock lock(mu_);
  if (std::find(monitors_.begin(), monitors_.end(), &session) == monitors_.end()) monitors_.push_back(&session);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void Hub::RemoveMonitor(Session& session) {
  MutexLock lock(mu_);
  std::erase(monitors_, &session);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void Hub::ShowToMonitors(Bytes line, const Session* but) {
  MutexLock lock(mu_);
  for (Session* session : monitors_) {
    if (session != but) session->Deliver(line);
  }
}

void Hub::SetPause(const Pause& pause) {
  MutexLock lock(mu_);
  pause_ = pause;
  paused_.store(pause.until_us != 0, std::memory_order_relaxed);
  if (pause.until_us != 0) return;
  for (const auto& [id, session] : sessions_) session->Resume();
}

Hub::Pause Hub::pause() const {
  MutexLock lock(mu_);
  return os::MonotonicUs() < pause_.until_us ? pause_ : Pause{};
}

}  // namespace redislite::session
