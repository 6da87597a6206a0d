// LatencyMonitor: what took longer than latency-monitor-threshold, by kind of event (LATENCY). Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"

namespace redislite::engine {

class LatencyMonitor {
 public:
  struct Sample {
    int64_t at_s = 0;  // Unix time
    uint64_t took_ms = 0;
  };
  struct Event {
    std::vector<Sample> samples;  // the oldest first, 160 at most
    uint64_t longest_ms = 0;      // ever
  };

  // Two of one second are one, the longer.
  void Add(Bytes event, Sample sample) EXCLUDES(mu_);
  std::map<std::string, Event> events() const EXCLUDES(mu_);
  Event event(Bytes name) const EXCLUDES(mu_);
  // Forgets one event, or with an empty name all; returns how many there were.
  size_t Reset(Bytes name) EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  std::map<std::string, Event, std::less<>> events_ GUARDED_BY(mu_);
};

}  // namespace redislite::engine
