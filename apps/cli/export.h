// Export: all keys as JSON lines, binary safe. The format is described in docs/CLI.md; ImportKeys reads it.
//
//   {"key":"k","type":"string","value":"v","expire_at_ms":1893456000000,"db":0}
//   {"key":"l","type":"list","value":["a",{"base64":"/w=="}],"db":0}
//   {"key":"h","type":"hash","value":[["field","value"],["f2","v2"]],"db":0}
//   {"key":"s","type":"set","value":["member","other"],"db":0}
//   {"key":"z","type":"zset","value":[["member","1.5"],["last","inf"]],"db":0}
//
// A string is the bytes of its UTF-8; bytes that are no UTF-8 are {"base64": "..."}.
#pragma once

#include <cstdint>
#include <string>

#include "store.h"

namespace redislite::cli {

// Writes the file whole or not at all: under another name first, synced, then renamed. "-" is the standard output.
// Counts the keys; false with a message, also when a signal asked to stop.
bool ExportKeys(const Store& store, const std::string& path, uint64_t& keys, std::string& error);

}  // namespace redislite::cli
