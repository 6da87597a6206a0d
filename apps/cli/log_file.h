// The files of the log, read as docs/FORMAT.md describes them (sections 2 to 6). The rules are cited by their numbers
// there.
//
// Only reading: no lock, no byte changed. It knows nothing of the library.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "words.h"

namespace redislite::cli {

// A segment as the manifest names it.
struct LogSegment {
  uint64_t first = 0;
  uint64_t last = 0;  // of a closed one
  bool closed = false;
};

struct LogManifest {
  std::string store_id;  // 16 bytes
  uint64_t durable = 0;
  uint64_t snapshot = 0;  // 0: none
  std::vector<LogSegment> segments;
};

// One command of the log.
struct LogRecord {
  uint64_t lsn = 0;
  int64_t time_ms = 0;
  Words command;
};

// How a segment ended.
struct LogEnd {
  bool torn = false;
  uint64_t offset = 0;  // of the first byte that does not count
  uint64_t bytes = 0;   // from there to the end of the file, when torn
};

// Each gives false and a message that names file and offset for files that are damaged, or cannot be read.

bool ReadManifest(const std::string& directory, LogManifest& manifest, std::string& error);

// Gives every record of the segment, in order, to `take`, which answers false to have no more. A torn tail is no error.
bool ReadSegment(const std::string& directory, const LogManifest& manifest, const LogSegment& segment,
                 const std::function<bool(const LogRecord&)>& take, LogEnd& end, std::string& error);

// wal-<20 digits>.log
std::string SegmentName(uint64_t first);

}  // namespace redislite::cli
