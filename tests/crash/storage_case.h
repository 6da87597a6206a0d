// StorageCase: a seeded run of storage::Log, the log and snapshots below the engine, with records that are plain text.
//
// The truth is one string: record after record. What a recovery finds must be the beginning of it, ending at the end
// of a frame, with at least what was acknowledged and at most what was begun.
#pragma once

#include <memory>

#include "base/random.h"
#include "storage/log.h"
#include "tests/crash/explorer.h"

namespace redislite::crash {

class StorageCase final : public Case {
 public:
  // With a lie, the run and the recoveries are made on a file system with that planted bug.
  explicit StorageCase(uint64_t seed, size_t steps = 60, sim::Lie lie = {});

  std::string name() const override { return "--case=storage --seed=" + std::to_string(seed_); }
  const std::vector<sim::Moment>& moments() const override { return moments_; }
  uint64_t Expectation(size_t moment) const override;
  std::string Verify(const sim::SimDisk& disk, const Request& request, uint64_t* nested_disks) const override;

  const std::string& trouble() const override { return trouble_; }

 private:
  // At least `low` and at most `high` bytes of the truth.
  struct Range {
    size_t low = 0;
    size_t high = 0;
  };
  struct Opened {
    std::unique_ptr<storage::Log> log;
    std::string content;
    std::string wrong;
  };

  void Run(size_t steps);
  void Step();
  void AppendRecords();
  void TakeSnapshot();
  void Reopen(bool killed);
  void StartMachine(sim::SimDisk disk);
  void CollectMoments();
  bool Check(const Status& status, const char* what);
  void Begun();
  void Acknowledged();

  Opened Open(sim::SimFileSystem& files) const;
  std::string Judge(const std::string& content, const Range& range) const;
  std::string VerifyNested(sim::SimFileSystem& files, uint64_t opened_at, const Range& range, const std::string& shown,
                           const std::string& written, const Request& request, uint64_t* nested_disks) const;
  std::string VerifyOne(const sim::SimDisk& disk, const Range& range, const std::vector<std::string>& allowed) const;
  Range RangeAt(size_t moment) const;

  const uint64_t seed_;
  const sim::Lie lie_;
  Random random_;
  std::unique_ptr<sim::SimFileSystem> files_;
  std::unique_ptr<storage::Log> log_;
  size_t first_moment_ = 0;  // of this machine, among all
  storage::Lsn last_lsn_ = 0;

  std::string truth_;
  std::vector<size_t> frame_ends_ = {0};
  // (moment, length): from this moment on so much of the truth may be there; must be there.
  std::vector<std::pair<size_t, size_t>> begun_ = {{0, 0}};
  std::vector<std::pair<size_t, size_t>> acknowledged_ = {{0, 0}};
  std::vector<sim::Moment> moments_;
  std::string trouble_;
};

}  // namespace redislite::crash
