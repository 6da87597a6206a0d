// What the system says of this process and of itself, for INFO. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace redislite::os {

// Processor time in microseconds.
struct ProcessTimes {
  int64_t user_us = 0;
  int64_t system_us = 0;
};
ProcessTimes CpuTimes();
// Bytes of memory that the process has; 0 when the system does not say.
uint64_t ResidentBytes();
// Of the machine; 0 when the system does not say.
uint64_t SystemMemoryBytes();
// "Linux 6.1.0 x86_64"
std::string SystemName();

}  // namespace redislite::os
