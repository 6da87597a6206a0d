// Import: reads what ExportKeys wrote.
#pragma once

#include <cstdint>
#include <string>

#include "store.h"

namespace redislite::cli {

// A key above this is built under a temporary name and renamed, because a record of the log has a limit.
constexpr size_t kImportSplitBytes = size_t{256} << 20;

// Every key of the file replaces what was there, atomically: at no time, a crash included, is a key there in part. A
// file is read twice: when one of its lines is bad, the message names it and nothing is imported. "-" is the standard
// input, and pipes too can be read only once: there the lines before the bad one are imported.
//
// False with a message, also when a signal asked to stop; `keys` counts what is in the store by then.
bool ImportKeys(const Store& store, const std::string& path, size_t split_bytes, uint64_t& keys, std::string& error);

}  // namespace redislite::cli
