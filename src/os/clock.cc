#include <time.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "os/file_system.h"

namespace redislite::os {

int64_t SystemNowMs() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int64_t SystemLastTickMs() {
#ifdef CLOCK_REALTIME_COARSE
  timespec tick;
  if (::clock_gettime(CLOCK_REALTIME_COARSE, &tick) == 0) return int64_t{tick.tv_sec} * 1000 + tick.tv_nsec / 1'000'000;
#endif
  return SystemNowMs();
}

int64_t MonotonicUs() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void SleepUs(int64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); }

int64_t ProcessId() { return getpid(); }

}  // namespace redislite::os
