#include "tests/faults/fault_run.h"

#include <cerrno>

#include "tests/support/sim_power_cut.h"

namespace redislite::faults {
namespace {

using sim::Bit;
using sim::Fault;
using sim::Op;
using sim::SimDisk;
using sim::SimFileSystem;

constexpr char kStore[] = "/data/db";

constexpr FaultKind kKinds[] = {
    {"write-io", Bit(Op::kWrite), EIO},
    {"write-io-1-byte", Bit(Op::kWrite), EIO, Fault::Effect::kPartly, 1},
    {"write-io-511-bytes", Bit(Op::kWrite), EIO, Fault::Effect::kPartly, 511},
    {"write-io-half", Bit(Op::kWrite), EIO, Fault::Effect::kHalf},
    {"write-io-all-but-one", Bit(Op::kWrite), EIO, Fault::Effect::kAllButOne},
    {"write-io-done", Bit(Op::kWrite), EIO, Fault::Effect::kDone},
    {"write-full", Bit(Op::kWrite), ENOSPC},
    {"write-full-1-byte", Bit(Op::kWrite), ENOSPC, Fault::Effect::kPartly, 1},
    {"write-full-511-bytes", Bit(Op::kWrite), ENOSPC, Fault::Effect::kPartly, 511},
    {"write-full-half", Bit(Op::kWrite), ENOSPC, Fault::Effect::kHalf},
    {"write-full-all-but-one", Bit(Op::kWrite), ENOSPC, Fault::Effect::kAllButOne},
    {"sync-io", Bit(Op::kSync), EIO},
    {"sync-io-done", Bit(Op::kSync), EIO, Fault::Effect::kDone},
    {"sync-io-page-gone", Bit(Op::kSync), EIO, Fault::Effect::kDropped},
    {"sync-io-page-stale", Bit(Op::kSync), EIO, Fault::Effect::kStale},
    {"sync-full", Bit(Op::kSync), ENOSPC},
    {"sync-full-page-gone", Bit(Op::kSync), ENOSPC, Fault::Effect::kDropped},
    {"sync-directory-io", Bit(Op::kSyncDirectory), EIO},
    {"sync-directory-io-done", Bit(Op::kSyncDirectory), EIO, Fault::Effect::kDone},
    {"sync-directory-io-stale", Bit(Op::kSyncDirectory), EIO, Fault::Effect::kStale},
    {"sync-directory-full", Bit(Op::kSyncDirectory), ENOSPC},
    {"create-io", Bit(Op::kCreate), EIO},
    {"create-io-done", Bit(Op::kCreate), EIO, Fault::Effect::kDone},
    {"create-full", Bit(Op::kCreate), ENOSPC},
    {"open-io", Bit(Op::kOpen), EIO},
    {"read-io", Bit(Op::kRead), EIO},
    {"size-io", Bit(Op::kSize), EIO},
    {"rename-io", Bit(Op::kRename), EIO},
    {"rename-io-done", Bit(Op::kRename), EIO, Fault::Effect::kDone},
    {"rename-full", Bit(Op::kRename), ENOSPC},
    {"remove-io", Bit(Op::kRemove), EIO},
    {"remove-io-done", Bit(Op::kRemove), EIO, Fault::Effect::kDone},
    {"make-directory-io", Bit(Op::kCreateDirectory), EIO},
    {"make-directory-io-done", Bit(Op::kCreateDirectory), EIO, Fault::Effect::kDone},
    {"make-directory-full", Bit(Op::kCreateDirectory), ENOSPC},
    {"list-io", Bit(Op::kList), EIO},
    {"lock-io", Bit(Op::kLock), EIO},
    {"any-io", sim::kEveryOp, EIO},
    {"space-full", sim::kSpaceOps, ENOSPC},
    // There is no room, and what makes room again does not work either.
    {"write-or-truncate-full", Bit(Op::kWrite) | Bit(Op::kTruncate), ENOSPC, Fault::Effect::kHalf},
};

bool Contains(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

std::span<const FaultKind> FaultKinds() { return kKinds; }

FaultRun::FaultRun(const Plan& plan) : plan_(plan), random_(plan.seed) {
  settings_.appendfsync = plan.appendfsync;
  Run();
}

// ---- The workload.

void FaultRun::Run() {
  StartMachine(SimDisk());
  Open();
  // Everything that a store does to its files, a letter a step; segments are full after a few writes.
  for (const char step : std::string("wwbwwwnwwwwbywwawwtwwwrwwwbwkwwwwnwrwbwwywkwwwbwn")) {
    if (!trouble_.empty()) break;
    step_ = step;
    switch (step) {
      case 'w':
        WriteRandom(false);
        break;
      case 'b':
        WriteRandom(true);
        break;
      case 'n':
        TakeSnapshot();
        break;
      case 'a':
        TakeBackup();
        break;
      case 'y':
        Sync();
        break;
      case 't':
        clock_ += 500;
        break;
      case 'r':
        Reopen();
        break;
      default:
        Kill();
    }
    if (trouble_.empty()) CompareWithModel();
  }
  step_ = "the end";
  if (trouble_.empty()) Reopen();
  if (trouble_.empty()) CloseStore();
  store_.reset();
  HitSinceLastCall();
}

void FaultRun::WriteRandom(bool batch) {
  std::vector<Argv> commands = {crash::RandomCommand(random_, "", true)};
  while (batch && commands.size() < 3) commands.push_back(crash::RandomCommand(random_, "", true));
  Write(commands);
}

void FaultRun::Write(const std::vector<Argv>& commands) {
  const int code = Execute(commands);
  if (code == RL_OK) {
    Acknowledge(commands);
    Judge("a write", code);
    return;
  }
  if (code == RL_ERR_IO) maybe_ = After(commands);
  if (Judge("a write", code) || !trouble_.empty()) return;
  CompareWithModel();
  if (code == RL_ERR_IO) {
    ExpectPoisoned();
    Mend();
    if (trouble_.empty()) Reopen();
    return;
  }
  // Full. While there is no room, a write may be refused again; when there is, it is not.
  const std::vector<Argv> another = {{"SET", "s2", std::string(300, 'x')}};
  for (int again = 0; again < 2 && plan_.fault.forever && trouble_.empty(); ++again) {
    const int answer = Execute(another);
    if (answer == RL_OK) Acknowledge(another);
    if (answer == RL_ERR_IO) maybe_ = After(another);
    Judge("a write", answer);
    CompareWithModel();
    if (answer == RL_ERR_IO && trouble_.empty()) {
      ExpectPoisoned();
      Mend();
      Reopen();
      return;
    }
  }
  Mend();
  ExpectServing();
}

Model FaultRun::After(const std::vector<Argv>& commands) const {
  Model next = states_.back();
  for (const Argv& argv : commands) next.Apply(argv, clock_);
  return next;
}

void FaultRun::Acknowledge(const std::vector<Argv>& commands) {
  if (plan_.forget_a_write && states_.size() == 9) return;
  states_.push_back(After(commands));
  if (settings_.appendfsync == "always") Acknowledged();
}

void FaultRun::TakeSnapshot() {
  const int code = rl_snapshot(store_->db());
  if (code == RL_OK) Acknowledged();
  if (Judge("rl_snapshot", code) || !trouble_.empty()) return;
  CompareWithModel();
  // What fails in the snapshot's own file, or for want of space, is not the log's failure. Anything else may be.
  const bool serving = code == RL_ERR_FULL || Contains(files_->last_hit().path, "/snapshot-");
  Mend();
  if (!serving && Execute({{"SET", "s1", "asked"}}) == RL_ERR_IO) {
    ExpectPoisoned();
    Reopen();
    return;
  }
  if (!serving) Acknowledge({{"SET", "s1", "asked"}});
  ExpectServing();
}

void FaultRun::TakeBackup() {
  const std::string path = "/backups/" + std::to_string(backups_++);
  const int code = rl_backup(store_->db(), path.c_str(), nullptr, nullptr);
  if (Judge("rl_backup", code)) {
    const SimDisk disk = files_->Snapshot();
    const sim::PowerCut cut(disk);
    SimFileSystem machine(cut.Disk(cut.Nothing()));
    std::string error;
    const std::string content = Show(machine, path.c_str(), &error);
    if (!error.empty()) Wrong("the backup: " + error);
    if (content != states_.back().Dump(clock_)) Wrong("the backup is not what was backed up");
    return;
  }
  Mend();
  if (trouble_.empty()) ExpectServing();
}

void FaultRun::Sync() {
  const int code = rl_sync(store_->db());
  if (code == RL_OK) Acknowledged();
  if (Judge("rl_sync", code) || !trouble_.empty()) return;
  CompareWithModel();
  ExpectPoisoned();
  Mend();
  if (trouble_.empty()) Reopen();
}

void FaultRun::Reopen() {
  CloseStore();
  if (trouble_.empty()) Open();
}

void FaultRun::Kill() {
  SimDisk disk = files_->Snapshot();
  const std::unique_ptr<SimFileSystem> old = std::move(files_);
  calls_before_ += old->fault_calls();
  StartMachine(std::move(disk));
  old->ClearFault();
  store_.reset();
  Open();
}

// ---- The calls below.

int FaultRun::Execute(const std::vector<Argv>& commands) {
  const std::string wrong = commands.size() == 1 ? store_->Run(commands[0]) : store_->RunBatch(commands);
  if (!wrong.empty() && store_->code() == RL_OK) Wrong(wrong);
  return store_->code();
}

void FaultRun::Open() {
  for (int tries = 0; tries < 2; ++tries) {
    store_ = std::make_unique<crash::Store>();
    const std::string wrong = store_->Open(*files_, kStore, settings_, clock_);
    const int code = store_->code();
    if (code == RL_OK) {
      std::string error;
      const std::string content = store_->Dump(&error);
      const std::optional<size_t> found = Find(content, {durable_, maybe_ ? &*maybe_ : nullptr});
      if (!error.empty() || !found) {
        Wrong("opened, it shows what it must not: " + error + "\n" + content + "expected\n" +
              states_.back().Dump(clock_));
        return;
      }
      // What is shown must not vanish any more; what is not shown is gone.
      if (*found == states_.size()) {
        states_.push_back(*maybe_);
      } else {
        states_.resize(*found + 1);
      }
      maybe_.reset();
      Acknowledged();
      Judge("rl_open", code);
      return;
    }
    if (files_->open_handles() != 0) Wrong("a refused open keeps files open or locked");
    if (Judge("rl_open", code); !trouble_.empty()) {
      trouble_ += ": " + wrong;
      return;
    }
    Mend();
  }
  Wrong("it does not open although nothing fails any more");
}

void FaultRun::CloseStore() {
  std::string wrong = store_->Close();
  const int code = store_->code();
  store_.reset();
  if (code == RL_OK) Acknowledged();
  if (files_->open_handles() != 0) Wrong("a closed store keeps files open or locked");
  if (poisoned_ && code != RL_ERR_IO) Wrong("closing a poisoned store returns " + std::to_string(code));
  if (std::exchange(poisoned_, false)) return;
  if (!Judge("rl_close", code)) Mend();
}

void FaultRun::StartMachine(SimDisk disk) {
  files_ = std::make_unique<SimFileSystem>(std::move(disk), random_.Next());
  hits_before_ = 0;
  if (mended_) return;
  Fault fault = plan_.fault;
  fault.nth = fault.nth > calls_before_ ? fault.nth - calls_before_ : (fault.forever ? 1 : 0);
  files_->SetFault(fault);
}

void FaultRun::Mend() {
  mended_ = true;
  HitSinceLastCall();
  files_->ClearFault();
  hits_before_ = 0;
}

bool FaultRun::HitSinceLastCall() {
  const uint64_t hits = files_->hits();
  const bool hit = hits != hits_before_;
  hits_ += hits - hits_before_;
  hits_before_ = hits;
  return hit;
}

// ---- What must hold.

bool FaultRun::Judge(const char* call, int code) {
  const bool hit = HitSinceLastCall();
  const std::string name = std::string(call) + " returned " + std::to_string(code);
  const int error = plan_.fault.error;
  if (code != RL_OK && code != RL_ERR_IO && code != RL_ERR_FULL) Wrong(name);
  if (code != RL_OK && !hit) Wrong(name + " although nothing failed");
  if (code == RL_ERR_FULL && error != ENOSPC) Wrong(name + " although there was room");
  // A file that cannot be made or extended is a full disk, and no reason to stop.
  const Op op = files_->last_hit().op;
  if (code == RL_ERR_IO && error == ENOSPC && (op == Op::kWrite || op == Op::kCreate))
    Wrong(name + " for " + sim::Describe(files_->last_hit()) + " without space");
  if (hit && trouble_.empty() && checks_left_ > 0) {
    --checks_left_;
    CheckDisks();
  }
  return code == RL_OK;
}

// The handle's last message, without what Redis puts in front of it in an error reply.
std::string FaultRun::Cause() const {
  char message[400];
  rl_errmsg(store_->db(), message, sizeof message);
  const std::string text = message;
  const std::string front = "MISCONF Errors writing to the AOF file: ";
  return text.compare(0, front.size(), front) == 0 ? text.substr(front.size()) : text;
}

// I7: reads go on, every write gets the first cause, and the disk is touched no more.
void FaultRun::ExpectPoisoned() {
  if (!trouble_.empty()) return;
  poisoned_ = true;
  const std::string cause = Cause();
  files_->ClearFault();
  const uint64_t changes = files_->changes();
  for (int tries = 0; tries < 2; ++tries) {
    if (const int code = Execute({{"SET", "s0", "too late"}}); code != RL_ERR_IO)
      Wrong("a poisoned store answers a write with " + std::to_string(code));
    if (const std::string now = Cause(); now != cause)
      Wrong("the first cause was '" + cause + "', and is now '" + now + "'");
  }
  if (const int code = rl_snapshot(store_->db()); code != RL_ERR_IO)
    Wrong("a poisoned store answers rl_snapshot with " + std::to_string(code));
  if (files_->changes() != changes) Wrong("a poisoned store writes to its files");
  CompareWithModel();
}

// The failure is over and was none of the log's: the next write is taken.
void FaultRun::ExpectServing() {
  if (!trouble_.empty()) return;
  const std::vector<Argv> commands = {{"SET", "s1", "served again"}};
  if (const int code = Execute(commands); code != RL_OK) {
    Wrong("the failure is over, and a write returns " + std::to_string(code) + ": " + Cause());
    return;
  }
  Acknowledge(commands);
  CompareWithModel();
}

void FaultRun::CheckDisks() {
  const SimDisk disk = files_->Snapshot();
  const Model* maybe = maybe_ ? &*maybe_ : nullptr;
  // Killed: the cache is there, unless the failure has taken it away.
  const bool cache_lost = plan_.fault.effect == Fault::Effect::kDropped;
  const Allowed killed{cache_lost ? durable_ : states_.size() - 1, maybe};
  if (const std::string wrong = CheckDisk(disk, killed); !wrong.empty()) {
    Wrong("after a kill: " + wrong);
    return;
  }
  sim::PowerCut(disk).Enumerate({.torn_max = 2, .random_count = 2, .seed = plan_.seed},
                                [&](const SimDisk& after, const std::string& label) {
                                  const std::string wrong = CheckDisk(after, {durable_, maybe});
                                  if (!wrong.empty()) Wrong("after a power cut, " + label + ": " + wrong);
                                  return wrong.empty();
                                });
}

std::string FaultRun::CheckDisk(const SimDisk& disk, const Allowed& allowed) const {
  SimFileSystem machine(disk, plan_.seed);
  std::string error;
  crash::Store store;
  if (std::string wrong = store.Open(machine, kStore, settings_, clock_); !wrong.empty()) return wrong;
  const std::string shown = store.Dump(&error);
  if (!error.empty()) return error;
  if (!Find(shown, allowed)) return "found\n" + shown + "expected\n" + states_.back().Dump(clock_);
  const SimDisk opened = machine.Snapshot();
  const sim::PowerCut cut(opened);
  SimFileSystem second(cut.Disk(cut.Nothing()), plan_.seed);
  const std::string again = Show(second, kStore, &error);
  if (!error.empty()) return "after another power cut: " + error;
  if (again != shown) return "another power cut takes back what was shown\n" + shown + "found\n" + again;
  return {};
}

std::optional<size_t> FaultRun::Find(const std::string& content, const Allowed& allowed) const {
  if (allowed.maybe != nullptr && allowed.maybe->Dump(clock_) == content) return states_.size();
  for (size_t state = states_.size(); state-- > allowed.low;) {
    if (states_[state].Dump(clock_) == content) return state;
  }
  return {};
}

std::string FaultRun::Show(SimFileSystem& files, const char* path, std::string* error) const {
  crash::Store store;
  *error = store.Open(files, path, settings_, clock_);
  return error->empty() ? store.Dump(error) : std::string();
}

void FaultRun::CompareWithModel() {
  if (!trouble_.empty()) return;
  std::string error;
  const std::string content = store_->Dump(&error);
  if (!error.empty()) Wrong("a read: " + error);
  if (const std::string expected = states_.back().Dump(clock_); content != expected)
    Wrong("memory is not as it was: expected\n" + expected + "found\n" + content);
}

void FaultRun::Wrong(const std::string& what) {
  if (trouble_.empty()) trouble_ = "step " + step_ + ", " + sim::Describe(files_->last_hit()) + ": " + what;
}

}  // namespace redislite::faults
