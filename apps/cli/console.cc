#include "console.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace redislite::cli {

constexpr std::string_view kEraseLine = "\r\x1b[K";

Console::Console() : is_terminal_(isatty(STDERR_FILENO) == 1) {}

Console& Console::Get() {
  static Console console;
  return console;
}

int Console::Width() {
  winsize size{};
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO}) {
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

void Console::Say(std::string_view line) {
  const std::lock_guard lock(mutex_);
  std::string text;
  if (!bar_.empty()) text += kEraseLine;
  (text += line) += '\n';
  text += bar_;
  WriteAll(STDERR_FILENO, text);
}

void Console::ShowBar(std::string bar) {
  if (!is_terminal_) return;
  const std::lock_guard lock(mutex_);
  if (bar.empty() && bar_.empty()) return;
  bar_ = std::move(bar);
  WriteAll(STDERR_FILENO, std::string(kEraseLine) + bar_);
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd watched{fd, POLLOUT, 0};
      poll(&watched, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace redislite::cli
