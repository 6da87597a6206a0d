#include "os/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace redislite::os {

ProcessTimes CpuTimes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return {microseconds(usage.ru_utime), microseconds(usage.ru_stime)};
}

uint64_t ResidentBytes() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[128];
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  // "<pages of address space> <pages in memory> ..."
  uint64_t pages = 0;
  int field = 0;
  for (ssize_t i = 0; i < size && field < 2; ++i) {
    if (text[i] == ' ') {
      ++field;
    } else if (field == 1 && text[i] >= '0' && text[i] <= '9') {
      pages = pages * 10 + static_cast<uint64_t>(text[i] - '0');
    }
  }
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t SystemMemoryBytes() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES);
  return pages <= 0 ? 0 : static_cast<uint64_t>(pages) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string SystemName() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

}  // namespace redislite::os
