// Encodes commands as RESP arrays of bulk strings: the payload of the log's records and of snapshot blocks
// (CommandReader reads it back).
#pragma once

#include <span>
#include <string>

#include "base/bytes.h"

namespace redislite::resp {

// The number of bytes that AppendCommand adds, computed without touching the arguments' bytes.
size_t CommandBytes(std::span<const Bytes> args);

// Adds one command to `out`. `args` holds at least the command's name. Throws std::bad_alloc and leaves `out` as it
// was.
void AppendCommand(std::string& out, std::span<const Bytes> args);

}  // namespace redislite::resp
