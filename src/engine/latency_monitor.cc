#include "engine/latency_monitor.h"

#include <algorithm>

namespace redislite::engine {

namespace {

constexpr size_t kSamplesMax = 160;

}  // namespace

void LatencyMonitor::Add(Bytes event, Sample sample) {
  MutexLock lock(mu_);
  Event& found = events_[std::string(event)];
  found.longest_ms = std::max(found.longest_ms, sample.took_ms);
  if (!found.samples.empty() && found.samples.back().at_s == sample.at_s) {
    found.samples.back().took_ms = std::max(found.samples.back().took_ms, sample.took_ms);
    return;
  }
  if (found.samples.size() == kSamplesMax) found.samples.erase(found.samples.begin());
  found.samples.push_back(sample);
}

std::map<std::string, LatencyMonitor::Event> LatencyMonitor::events() const {
  MutexLock lock(mu_);
  return {events_.begin(), events_.end()};
}

LatencyMonitor::Event LatencyMonitor::event(Bytes name) const {
  MutexLock lock(mu_);
  const auto found = events_.find(name);
  return found == events_.end() ? Event() : found->second;
}

size_t LatencyMonitor::Reset(Bytes name) {
  MutexLock lock(mu_);
  if (!name.empty()) {
    const auto found = events_.find(name);
    if (found == events_.end()) return 0;
    events_.erase(found);
    return 1;
  }
  const size_t count = events_.size();
  events_.clear();
  return count;
}

}  // namespace redislite::engine
