// FaultRun: a seeded workload through the public API on a simulated disk, during which a chosen operation of the file
// system fails, once or from then on.
//
// After every call: the code is the one that redislite.h promises for the failure, memory is as the model says (a
// refused write has changed nothing), and a poisoned store refuses every write with its first cause and touches the
// disk no more. After every call in which the fault has hit, the process is killed and the power is cut, on copies of
// the disk: recovery shows every acknowledged write, and what it has shown survives another power cut. Then the store
// is closed and opened again, and the workload goes on.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "tests/crash/model.h"
#include "tests/crash/store.h"

namespace redislite::faults {

using crash::Argv;
using crash::Model;

// One way to fail, for Fault.
struct FaultKind {
  const char* name;
  uint32_t ops;
  int error;
  sim::Fault::Effect effect = sim::Fault::Effect::kNothingDone;
  uint64_t length = 0;
};
std::span<const FaultKind> FaultKinds();

class FaultRun {
 public:
  struct Plan {
    std::string appendfsync = "always";
    uint64_t seed = 1;
    sim::Fault fault;
    bool forget_a_write = false;  // a planted bug: the model does not know of one that was acknowledged
  };
  explicit FaultRun(const Plan& plan);

  // Whether the fault has hit at all: when not, there is no later operation to fail.
  bool injected() const { return hits_ != 0; }
  // What is wrong, or nothing.
  const std::string& trouble() const { return trouble_; }

 private:
  // What a disk may show: the states from `low` on, and the write that failed without having been refused.
  struct Allowed {
    size_t low = 0;
    const Model* maybe = nullptr;
  };

  void Run();
  void Write(const std::vector<Argv>& commands);
  void WriteRandom(bool batch);
  // The model behind these commands, and what it means when they were acknowledged.
  Model After(const std::vector<Argv>& commands) const;
  void Acknowledge(const std::vector<Argv>& commands);
  void TakeSnapshot();
  void TakeBackup();
  void Sync();
  void Reopen();
  void Kill();

  int Execute(const std::vector<Argv>& commands);
  void Open();
  void CloseStore();
  void StartMachine(sim::SimDisk disk);
  // The failure in force ends: the disk is exchanged, or there is room again.
  void Mend();
  // After a call: whether its code is right for what has hit it; true when it was ok.
  bool Judge(const char* call, int code);
  void ExpectPoisoned();
  std::string Cause() const;
  void ExpectServing();
  void CheckDisks();
  std::string CheckDisk(const sim::SimDisk& disk, const Allowed& allowed) const;
  // Which of the allowed states the content is: states_.size() for `maybe`; nothing when it is none.
  std::optional<size_t> Find(const std::string& content, const Allowed& allowed) const;
  std::string Show(sim::SimFileSystem& files, const char* path, std::string* error) const;
  void CompareWithModel();
  void Acknowledged() { durable_ = states_.size() - 1; }
  void Wrong(const std::string& what);
  bool HitSinceLastCall();

  const Plan plan_;
  crash::StoreSettings settings_;
  Random random_;
  mutable crash::Clock clock_{1'700'000'000'000};
  std::unique_ptr<sim::SimFileSystem> files_;
  std::unique_ptr<crash::Store> store_;

  std::vector<Model> states_ = {Model()};
  size_t durable_ = 0;          // the state that must survive a power cut
  std::optional<Model> maybe_;  // with the write that failed with RL_ERR_IO: it may be in the log
  uint64_t hits_ = 0;           // on earlier machines, and seen so far on this one
  uint64_t hits_before_ = 0;    // of this machine's, those seen
  uint64_t calls_before_ = 0;   // that the fault could have hit, on earlier machines
  bool mended_ = false;
  bool poisoned_ = false;  // the open store
  int checks_left_ = 4;
  int backups_ = 0;
  std::string step_;
  std::string trouble_;
};

}  // namespace redislite::faults
