// Check: verifies every checksum and every link of a closed store, and changes nothing (rl_check).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "os/file_system.h"
#include "storage/format.h"

namespace redislite::storage {

struct CheckReport {
  struct File {
    std::string name;
    std::string state;  // "good", "torn", "damaged"
    uint64_t frames = 0;
  };
  struct Error {
    std::string file;
    uint64_t offset = 0;
    std::string what;
  };

  std::string path;
  Status status;  // ok, kCorrupt or kVersion: the first error found
  bool clean = false;
  Lsn snapshot_lsn = 0;
  Lsn last_lsn = 0;
  std::vector<File> files;
  std::vector<Error> errors;

  // The JSON object that redislite.h describes.
  std::string ToJson() const;
};

// kPathNotFound: no store there; kBusy: a process has it open for writing; kIo: it could not be read. Damage is in
// the report.
Result<CheckReport> Check(os::FileSystem& files, const std::string& path);

}  // namespace redislite::storage
