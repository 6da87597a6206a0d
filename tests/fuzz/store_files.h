// The files of a store as the fuzzers see them: taken apart into headers, frames and the rest, changed, and put
// together again with checksums that are right, so that what lies behind a checksum is reached.
//
// It follows docs/FORMAT.md and knows nothing of the code that reads the files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "tests/support/sim_disk.h"

namespace redislite::fuzz {

inline constexpr char kStoreDirectory[] = "/store";

// A segment or snapshot: 64 bytes of header, then frames, then whatever it ends with.
struct StoreFile {
  std::string header;
  std::vector<std::string> frames;
  std::string rest;

  static StoreFile Parse(Bytes bytes);
  // Everything as it is.
  std::string Encode() const;
  // One change of a header field, a frame, its fields or its payload, or of the end.
  void Mutate(Random& random, size_t size_max);
  // Numbers the frames from the header's LSN on, as a writer would have.
  void Renumber();
  // What a snapshot's blocks and end say of each other.
  void JoinSnapshot();
  // The checksums of the header and of each frame.
  void Seal();

  bool is_snapshot() const;
};

// A directory's files. Any bytes are such a set: each file is its kind (a byte), the LSN in its name (8), its length
// (4), and its bytes.
struct FileSet {
  enum Kind : uint8_t { kManifest, kSegment, kSnapshot, kManifestTemporary, kSegmentTemporary, kKinds };
  struct File {
    Kind kind = kManifest;
    uint64_t lsn = 0;
    std::string bytes{};
  };
  std::vector<File> files;

  static FileSet Decode(Bytes input);
  std::string Encode() const;
  void Mutate(Random& random, size_t size_max);
  // As files of kStoreDirectory; of two with one name the later one counts.
  sim::SimDisk Disk() const;
};

// The manifest with the checksum that its lines ask for.
std::string SealManifest(std::string text);

}  // namespace redislite::fuzz
