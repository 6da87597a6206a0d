// Host: the program around a store, as the commands that concern it see it: its settings in CONFIG GET, and what only
// it can do (CONFIG SET of one of those, CONFIG REWRITE, SHUTDOWN).
//
// Owner: the engine. Threads: any. The host is asked on the thread that runs the command, under no lock, so that it may
// use the store meanwhile.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"

namespace redislite::engine {

// What a host can be asked for: the numbers of redislite.h.
enum class HostRequest : int { kConfigSet = 1, kConfigRewrite = 2, kShutdown = 3 };

class Host {
 public:
  // 0: done. Anything else: it cannot be, or the value is not one.
  using Answer = int (*)(void* ctx, int request, const char* name, const char* value);
  using Settings = std::map<std::string, std::string>;

  // Null: nobody is there any more.
  void Attach(Answer answer, void* context) EXCLUDES(mu_);
  void Tell(Bytes name, Bytes value) EXCLUDES(mu_);
  Settings settings() const EXCLUDES(mu_);
  // The setting that the store itself keeps to, `maxclients`; as many as there can be while nobody has told it.
  uint64_t clients_max() const { return clients_max_.load(std::memory_order_relaxed); }

  // False: there is nobody, or the answer was no.
  bool Ask(HostRequest request, const std::string& name, const std::string& value) EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  Answer answer_ GUARDED_BY(mu_) = nullptr;
  void* context_ GUARDED_BY(mu_) = nullptr;
  Settings settings_ GUARDED_BY(mu_);
  std::atomic<uint64_t> clients_max_{std::numeric_limits<uint64_t>::max()};
};

}  // namespace redislite::engine
