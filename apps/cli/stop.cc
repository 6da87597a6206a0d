#include "stop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace redislite::cli {
namespace {

constexpr int kInterruptsToKill = 3;

// Lock-free, so that a handler may touch them.
std::atomic<int> stop_signal{0};
std::atomic<int> interrupts{0};
int wake_pipe[2] = {-1, -1};

void OnSignal(int signal) {
  const int saved_errno = errno;
  if (signal == SIGINT && interrupts.fetch_add(1) + 1 >= kInterruptsToKill) {
    constexpr char kText[] = "\nended without closing the store; what was acknowledged is kept\n";
    (void)!write(STDERR_FILENO, kText, sizeof kText - 1);
    _exit(128 + SIGINT);
  }
  int none = 0;
  if (signal == SIGINT) {
    stop_signal.compare_exchange_strong(none, signal);
  } else {
    stop_signal.store(signal);
  }
  (void)!write(wake_pipe[1], "", 1);
  errno = saved_errno;
}

}  // namespace

void InstallStopHandlers() {
  if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

int StopSignal() { return stop_signal.load(); }

int WakeDescriptor() { return wake_pipe[0]; }

void ForgetInterrupt() {
  int expected = SIGINT;
  interrupts.store(0);
  if (!stop_signal.compare_exchange_strong(expected, 0)) return;
  char drained[16];
  while (read(wake_pipe[0], drained, sizeof drained) > 0) {
  }
}

bool WaitReadable(int fd) {
  while (true) {
    pollfd watched[2] = {{fd, POLLIN, 0}, {wake_pipe[0], POLLIN, 0}};
    const int ready = poll(watched, 2, -1);
    if (StopSignal() != 0) return false;
    if (ready < 0 && errno == EINTR) continue;
    return true;
  }
}

}  // namespace redislite::cli
