// StoreCase: a seeded run of one thread against the public C API, with commands, batches, transactions, clients that
// wait for a push, expiry, snapshots, backups, clean and unclean reopens.
//
// The truth is a sequence of states, one after each write. What a recovery shows must be one of those from the last
// acknowledged write to the last begun one.
#pragma once

#include <memory>

#include "base/random.h"
#include "tests/crash/explorer.h"
#include "tests/crash/model.h"
#include "tests/crash/store.h"
#include "tests/crash/verify_store.h"

namespace redislite::crash {

class StoreCase final : public Case {
 public:
  // With a lie, the run and the recoveries are made on a file system with that planted bug.
  StoreCase(uint64_t seed, std::string appendfsync, size_t steps = 60, sim::Lie lie = {});

  std::string name() const override { return "--case=" + settings_.appendfsync + " --seed=" + std::to_string(seed_); }
  const std::vector<sim::Moment>& moments() const override { return moments_; }
  uint64_t Expectation(size_t moment) const override;
  std::string Verify(const sim::SimDisk& disk, const Request& request, uint64_t* nested_disks) const override;
  const std::string& trouble() const override { return trouble_; }

 private:
  // States from `low` to `high` may be found, as they look at this time.
  struct Range {
    size_t low = 0;
    size_t high = 0;
    int64_t now_ms = 0;
  };
  // From this moment on.
  struct Mark {
    size_t moment = 0;
    size_t state = 0;
  };
  struct Backup {
    size_t moment = 0;  // of its end
    size_t state = 0;
    std::string path;
  };

  // ---- The run.
  void Run(size_t steps);
  void Step();
  void Write(const std::vector<Argv>& commands);
  void Serve();
  void TakeBackup();
  void Reopen(bool killed);
  void StartMachine(sim::SimDisk disk);
  void CollectMoments();
  bool Check(const std::string& wrong, const char* what);
  bool Check(int code, const char* what);
  void Acknowledged();
  void CompareWithModel();
  size_t Now() const { return first_moment_ + files_->changes(); }

  // ---- The verification.
  Range RangeAt(size_t moment) const;
  // What is wrong with a content, or nothing.
  std::string Judge(const std::string& content, const Range& range) const;
  std::string VerifyBackups(const sim::SimDisk& disk, const Request& request) const;

  const uint64_t seed_;
  const sim::Lie lie_;
  StoreSettings settings_;
  Random random_;
  Clock clock_{1'700'000'000'000};
  std::unique_ptr<sim::SimFileSystem> files_;
  std::unique_ptr<Store> store_;
  size_t first_moment_ = 0;  // of this machine, among all

  std::vector<Model> states_ = {Model()};
  std::vector<Mark> begun_;
  std::vector<Mark> acknowledged_;
  std::vector<std::pair<size_t, int64_t>> times_;  // from this moment on the clock says
  std::vector<Backup> backups_;
  std::vector<sim::Moment> moments_;
  std::string trouble_;
};

}  // namespace redislite::crash
