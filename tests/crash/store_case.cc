#include "tests/crash/store_case.h"

#include <algorithm>

namespace redislite::crash {

using sim::SimDisk;
using sim::SimFileSystem;

StoreCase::StoreCase(uint64_t seed, std::string appendfsync, size_t steps, sim::Lie lie)
    : seed_(seed), lie_(std::move(lie)), random_(seed) {
  settings_.appendfsync = std::move(appendfsync);
  Run(steps);
}

// ---- The run.

void StoreCase::Run(size_t steps) {
  times_.emplace_back(0, clock_.load());
  StartMachine(SimDisk());
  Reopen(false);
  for (size_t i = 0; i < steps && trouble_.empty(); ++i) Step();
  if (trouble_.empty() && random_.Below(2) == 0 && Check(store_->Close(), "close")) Acknowledged();
  store_.reset();
  CollectMoments();
}

void StoreCase::Step() {
  const uint64_t choice = random_.Below(100);
  if (choice < 66) {
    Write({RandomCommand(random_, "", true)});
  } else if (choice < 78) {
    std::vector<Argv> batch;
    for (uint64_t i = 0; i < 1 + random_.Below(4); ++i) batch.push_back(RandomCommand(random_, "", true));
    Write(batch);
  } else if (choice < 80) {
    Serve();
  } else if (choice < 82) {
    clock_ += static_cast<int64_t>(random_.Below(700));
    times_.emplace_back(Now(), clock_.load());
  } else if (choice < 86) {
    if (Check(rl_sync(store_->db()), "rl_sync")) Acknowledged();
  } else if (choice < 91) {
    if (Check(rl_snapshot(store_->db()), "rl_snapshot")) Acknowledged();
  } else if (choice < 93) {
    TakeBackup();
  } else if (choice < 97) {
    Reopen(false);
  } else {
    Reopen(true);
  }
  if (trouble_.empty()) CompareWithModel();
}

void StoreCase::Write(const std::vector<Argv>& commands) {
  Model next = states_.back();
  for (const Argv& argv : commands) next.Apply(argv, clock_);
  states_.push_back(std::move(next));
  begun_.push_back({Now() + 1, states_.size() - 1});
  std::string wrong;
  if (commands.size() == 1) {
    wrong = store_->Run(commands[0]);
  } else if (random_.Below(2) == 0) {
    wrong = store_->RunBatch(commands);
  } else {
    wrong = store_->RunTransaction(commands);
  }
  if (Check(wrong, "write") && settings_.appendfsync == "always") Acknowledged();
}

// Those who wait take all that is pushed, so that no state, not even after a crash, has the key at which they wait.
void StoreCase::Serve() {
  Model next = states_.back();
  const bool sorted = random_.Below(2) == 0;
  std::vector<Argv> waiting;
  Argv push = {sorted ? "ZADD" : "RPUSH", "waited"};
  for (uint64_t i = 0; i < 1 + random_.Below(3); ++i) {
    const std::string element = std::to_string(random_.Below(10)) + "-" + std::to_string(i);
    if (sorted) push.push_back(std::to_string(i));
    push.push_back(element);
    if (sorted) {
      waiting.push_back({"BZPOPMIN", "waited", "0"});
    } else if (random_.Below(2) == 0) {
      waiting.push_back({"BLPOP", "waited", "0"});
    } else {
      waiting.push_back({"BLMOVE", "waited", "l0", "LEFT", "RIGHT", "0"});
      next.Apply({"RPUSH", "l0", element}, clock_);
    }
  }
  states_.push_back(std::move(next));
  begun_.push_back({Now() + 1, states_.size() - 1});
  if (Check(store_->RunWithWaiters(waiting, push), "serve") && settings_.appendfsync == "always") Acknowledged();
}

void StoreCase::TakeBackup() {
  const std::string path = "/backups/" + std::to_string(backups_.size());
  if (Check(rl_backup(store_->db(), path.c_str(), nullptr, nullptr), "rl_backup")) {
    backups_.push_back({Now(), states_.size() - 1, path});
  }
}

void StoreCase::Reopen(bool killed) {
  if (killed) {
    SimDisk disk = files_->Snapshot();
    CollectMoments();
    store_.reset();
    StartMachine(std::move(disk));
  } else if (store_ != nullptr) {
    if (!Check(store_->Close(), "close")) return;
    Acknowledged();
  }
  store_ = std::make_unique<Store>();
  if (!Check(store_->Open(*files_, kStorePath, settings_, clock_), "open")) return;
  Acknowledged();  // what is shown must not vanish
  CompareWithModel();
}

void StoreCase::StartMachine(SimDisk disk) {
  std::unique_ptr<SimFileSystem> old = std::move(files_);  // outlives the store on it
  files_ = std::make_unique<SimFileSystem>(std::move(disk), random_.Next());
  files_->Record(SimFileSystem::Recording::kMoments);
  files_->SetLie(lie_);
  first_moment_ = moments_.size();
}

void StoreCase::CollectMoments() {
  std::vector<sim::Moment> moments = files_->TakeMoments();
  std::move(moments.begin(), moments.end(), std::back_inserter(moments_));
}

bool StoreCase::Check(const std::string& wrong, const char* what) {
  if (!wrong.empty() && trouble_.empty()) trouble_ = std::string(what) + ": " + wrong;
  return wrong.empty();
}

bool StoreCase::Check(int code, const char* what) {
  return Check(code == RL_OK ? std::string() : "returned " + std::to_string(code), what);
}

void StoreCase::Acknowledged() { acknowledged_.push_back({Now(), states_.size() - 1}); }

void StoreCase::CompareWithModel() {
  std::string error;
  const std::string content = store_->Dump(&error);
  if (!Check(error, "read")) return;
  const std::string expected = states_.back().Dump(clock_);
  if (content != expected) trouble_ = "the store and the model differ: expected\n" + expected + "found\n" + content;
}

// ---- The verification.

StoreCase::Range StoreCase::RangeAt(size_t moment) const {
  Range range;
  for (const Mark& mark : begun_) {
    if (mark.moment <= moment) range.high = std::max(range.high, mark.state);
  }
  for (const Mark& mark : acknowledged_) {
    if (mark.moment <= moment) range.low = std::max(range.low, mark.state);
  }
  // a write that changed nothing is begun and acknowledged at the same moment
  range.high = std::max(range.high, range.low);
  for (const auto& [from, now_ms] : times_) {
    if (from <= moment) range.now_ms = now_ms;
  }
  return range;
}

uint64_t StoreCase::Expectation(size_t moment) const {
  const Range range = RangeAt(moment);
  return sim::MixHash(sim::MixHash(range.low, range.high), static_cast<uint64_t>(range.now_ms));
}

std::string StoreCase::Judge(const std::string& content, const Range& range) const {
  for (size_t state = range.high + 1; state-- > range.low;) {
    if (states_[state].Dump(range.now_ms) == content) return {};
  }
  const std::string expected = ", expected one from " + std::to_string(range.low) + " to " + std::to_string(range.high);
  for (size_t state = 0; state < states_.size(); ++state) {
    if (states_[state].Dump(range.now_ms) != content) continue;
    return (state < range.low ? "an acknowledged write is missing: state " : "a write that was not begun: state ") +
           std::to_string(state) + expected;
  }
  return "a state that never was" + expected + "; found\n" + content + "state " + std::to_string(range.high) + " is\n" +
         states_[range.high].Dump(range.now_ms);
}

std::string StoreCase::Verify(const SimDisk& disk, const Request& request, uint64_t* nested_disks) const {
  Range range = RangeAt(request.moment);
  if (request.choice % 4 == 0) range.now_ms += 86'400'000;  // the machine was off for a day
  const Verification verification{settings_, range.now_ms, lie_,
                                  [&](const std::string& content) { return Judge(content, range); }};
  std::string wrong = VerifyStore(disk, verification, request, nested_disks);
  if (wrong.empty() && (request.nested || request.choice % 16 == 0)) wrong = VerifyBackups(disk, request);
  return wrong;
}

std::string StoreCase::VerifyBackups(const SimDisk& disk, const Request& request) const {
  const int64_t now_ms = RangeAt(request.moment).now_ms;
  for (const Backup& backup : backups_) {
    if (backup.moment > request.moment) continue;
    SimFileSystem files(disk, kRecoverySeed);
    std::string error;
    const std::string content = ShowStore(files, backup.path, settings_, now_ms, &error);
    if (!error.empty()) return "the backup " + backup.path + ": " + error;
    if (content != states_[backup.state].Dump(now_ms))
      return "the backup " + backup.path + " is not what was backed up";
  }
  return {};
}

}  // namespace redislite::crash
