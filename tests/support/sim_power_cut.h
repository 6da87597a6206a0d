// PowerCut: what a power cut at one moment may leave on a SimDisk.
//
// A Choice says for every operation that was pending which of its sectors, which sizes and which names have reached
// the disk. Any choice is legal in the model (sim_disk.h); Enumerate goes through those that find bugs: each
// operation lost or alone, torn at each sector, the size without the bytes, and so on, and random ones.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/support/sim_disk.h"

namespace redislite::sim {

enum class NameFate : uint8_t {
  kLost,
  kDone,
  kHalf,  // of a rename: the new name is there, and the old one still is
};

// What reads in the space of a lost write that the file did not have before.
enum class Fill : uint8_t { kZeros, kNoise, kRecycled };

struct Fate {
  std::vector<bool> sectors;  // of a write or truncation: which of its sectors are on the disk
  bool size = true;           // of a write or truncation: whether the size that it gave the file is
  NameFate name = NameFate::kDone;
};

struct Choice {
  std::vector<Fate> fates;  // one an operation, in order
  // files whose size is none that a whole operation left: the sizes within a torn write
  std::map<InodeId, uint64_t> sizes;
  Fill fill = Fill::kZeros;
};

class PowerCut {
 public:
  // The disk must live as long as this.
  explicit PowerCut(const SimDisk& disk);

  // An operation that was pending.
  struct Operation {
    InodeId inode = 0;
    uint64_t sequence = 0;
    const PendingWrite* write = nullptr;  // one of the two
    const PendingName* change = nullptr;

    size_t sectors() const { return write == nullptr ? 0 : write->sectors(); }
  };
  const std::vector<Operation>& operations() const { return operations_; }  // in order

  // The two ends of the range.
  Choice Everything() const;
  Choice Nothing() const;
  // Everything of the first `count` operations, nothing of the rest.
  Choice Prefix(size_t count) const;
  // Everything of the operations for which `survives` holds.
  Choice Subset(const std::function<bool(size_t)>& survives) const;

  // The disk after the cut: nothing is pending on it.
  SimDisk Disk(const Choice& choice) const;

  struct Limits {
    size_t torn_max = 64;      // places at which one write is torn: all of them when it has no more sectors
    size_t random_count = 30;  // random choices
    uint64_t seed = 1;
  };
  // Visits every distinct disk of the enumeration, with a line that says what is on it, until visit returns false.
  // `seen`, when given, has the hashes of disks to leave out, and gets those visited.
  using Visit = std::function<bool(const SimDisk& disk, const std::string& label)>;
  void Enumerate(const Limits& limits, const Visit& visit, std::unordered_set<uint64_t>* seen = nullptr) const;

  // "write wal-1.log 64+300": for labels and messages.
  std::string Describe(size_t operation) const;

 private:
  class Enumeration;

  // Of the file of write `i`, with all writes before it.
  uint64_t SizeBefore(size_t i) const;
  std::shared_ptr<Inode> InodeAfter(InodeId id, const Choice& choice) const;
  std::shared_ptr<Content> ContentAfter(InodeId id, const std::vector<size_t>& operations, const Choice& choice) const;
  std::string Leftover(uint64_t sector, Fill fill) const;

  const SimDisk& disk_;
  std::vector<Operation> operations_;
  std::map<InodeId, std::vector<size_t>> by_inode_;  // positions in operations_
};

}  // namespace redislite::sim
