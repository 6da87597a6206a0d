#include "descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace redislite::server {
namespace {

// Descriptors that are not clients'.
constexpr rlim_t kOwnDescriptors = 64;

}  // namespace

int MakeRoomForClients(int clients_max) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return clients_max;
  const rlim_t wanted = static_cast<rlim_t>(clients_max) + kOwnDescriptors;
  if (limit.rlim_cur >= wanted) return clients_max;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return clients_max;
  return limit.rlim_cur > kOwnDescriptors ? static_cast<int>(limit.rlim_cur - kOwnDescriptors) : 1;
}

}  // namespace redislite::server
