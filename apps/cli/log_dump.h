// log dump DIR: the log in readable lines: LSN, time, command.
#pragma once

#include <string>

#include "format.h"

namespace redislite::cli {

// Writes to stdout, with Format::kJson one object a line. Returns the exit status: 0, 1 when the log is damaged, 2
// when it cannot be read. A torn tail is reported on stderr and is no failure: the next open drops it.
int DumpLog(const std::string& directory, Format format);

}  // namespace redislite::cli
