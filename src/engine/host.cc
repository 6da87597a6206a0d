#include "engine/host.h"

namespace redislite::engine {

void Host::Attach(Answer answer, void* context) {
  MutexLock lock(mu_);
  answer_ = answer;
  context_ = context;
}

void Host::Tell(Bytes name, Bytes value) {
  MutexLock lock(mu_);
  settings_[std::string(name)] = value;
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
