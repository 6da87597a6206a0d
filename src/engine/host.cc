#include "engine/host.h"

#include <optional>

#include "base/number.h"

namespace redislite::engine {

namespace {

constexpr Bytes kClientsMax = "maxclients";

}  // namespace

void Host::Attach(Answer answer, void* context) {
  MutexLock lock(mu_);
  answer_ = answer;
  context_ = context;
}

void Host::Tell(Bytes name, Bytes value) {
  MutexLock lock(mu_);
  settings_[std::string(name)] = value;
  if (name != kClientsMax) return;
  if (const std::optional<int64_t> clients = ParseInt64(value); clients && *clients > 0) {
    clients_max_.store(static_cast<uint64_t>(*clients), std::memory_order_relaxed);
  }
}

Host::Settings Host::settings() const {
  MutexLock lock(mu_);
  return settings_;
}

bool Host::Ask(HostRequest request, const std::string& name, const std::string& value) {
  Answer answer = nullptr;
  void* context = nullptr;
  {
    MutexLock lock(mu_);
    answer = answer_;
    context = context_;
  }
  return answer != nullptr && answer(context, static_cast<int>(request), name.c_str(), value.c_str()) == 0;
}

}  // namespace redislite::engine
