#include "tests/kills/rounds.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace kills {
namespace {

namespace fs = std::filesystem;
using stress::ExitNow;
using stress::ForkQuietly;
using stress::Message;
using stress::Random;

constexpr auto kPatience = std::chrono::seconds(60);
constexpr int kSideKeys = 20;
// A writer's, between two opens: recovery is to be quick.
constexpr uint64_t kWritesMax = 400;

void SleepUs(uint64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); }

[[noreturn]] void KillMyself() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Ends a child with a message; the parent makes a failure of it.
[[noreturn]] void Fail(const std::string& what) {
  std::printf("%s\n", what.c_str());
  ExitNow(1);
}

void Require(bool holds, const std::string& what) {
  if (!holds) Fail(what);
}

std::string SideValue(int i) { return "value " + std::to_string(i); }

// Fills a store, closes it, and changes one byte in the middle of its log.
void MakeDamagedStore(const std::string& path) {
  rl_db* db = nullptr;
  Require(stress::Open(path, &db) == RL_OK, Message());
  for (int i = 0; i < kSideKeys; ++i) {
    Require(stress::Set(db, std::to_string(i), SideValue(i)) == RL_OK, Message(db));
  }
  Require(rl_close(db) == RL_OK, "a store does not close");
  std::fstream log(path + "/wal-00000000000000000001.log", std::ios::in | std::ios::out | std::ios::binary);
  constexpr int kMiddle = 800;
  log.seekg(kMiddle);
  const int byte = log.get();
  log.seekp(kMiddle);
  log.put(static_cast<char>(byte ^ 1));
  Require(log.good(), "a log of " + std::to_string(kMiddle) + " bytes");
}

}  // namespace

void KillRounds::Reach(int place) {
  static std::atomic<bool> dying{false};
  if (dying) {
    for (;;) pause();
  }
  ++shared_->reached[place];
  const int round = shared_->round;
  if (round >= static_cast<int>(plans_->size())) return;
  const Plan& plan = (*plans_)[static_cast<size_t>(round)];
  if (plan.end != Plan::End::kPlace || plan.place != place || shared_->hits[round].fetch_sub(1) != 1) return;
  dying = true;
  shared_->round = round + 1;
  KillMyself();
}

// ---- The process that writes.

void KillRounds::BeCandidate(int index, uint64_t seed) {
  arm_();
  Random random(seed);
  for (;;) {
    const int round = shared_->round;
    if (round >= static_cast<int>(plans_->size())) pause();
    const Plan& plan = (*plans_)[static_cast<size_t>(round)];
    if (plan.errand == Plan::Errand::kLeftOvers) {
      std::ofstream(path() + "/wal-00000000000000099999.tmp") << "left over";
      std::ofstream(path() + "/snapshot-00000000000000000001.tmp") << "left over";
    }
    rl_db* db = nullptr;
    const int code = stress::Open(path(), &db,
                                  {{"appendfsync", plan.mode},
                                   {"wal-segment-bytes", plan.segment},
                                   {"snapshot-wal-bytes", plan.snapshot},
                                   {"reaper-interval-ms", "1"}});
    if (code == RL_ERR_BUSY) {
      SleepUs(200);
      continue;
    }
    Require(code == RL_OK, "the store does not open: code " + std::to_string(code) + ": " + Message());
    Require(CompareAndAdopt(db, shared_->ledger) == 0, "keys are wrong");
    shared_->holder = getpid();
    ++shared_->opened;
    Work(db, index, plan, random);
    if (plan.errand == Plan::Errand::kRecovery) KillMyself();
    if (const int closed = rl_close(db); closed != RL_OK) Fail("the store does not close: " + std::to_string(closed));
  }
}

void KillRounds::Work(rl_db* db, int index, const Plan& plan, Random& random) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer, seed = random.Next()] {
      Random choices(seed);
      for (uint64_t writes = choices.Below(kWritesMax); writes > 0 && !stop; --writes) {
        Require(WriteNext(db, shared_->ledger, writer, choices), "a write is refused: " + Message(db));
      }
    });
  }
  SleepUs(random.Below(20'000));
  if (random.OneIn(2) || plan.errand == Plan::Errand::kRecovery) {
    Require(rl_snapshot(db) == RL_OK, "no snapshot: " + Message(db));
    ++shared_->snapshots;
  }
  SleepUs(random.Below(20'000));
  if (random.OneIn(3)) Require(rl_sync(db) == RL_OK, "no sync: " + Message(db));
  DoErrand(db, index, plan);
  stop = true;
  for (std::thread& writer : writers) writer.join();
  if (plan.errand != Plan::Errand::kRecovery) SleepUs(random.Below(6000));  // idle: the log may be marked
}

void KillRounds::DoErrand(rl_db* db, int index, const Plan& plan) {
  // A store is gone back to by the process that made it; a backup needs a new place.
  const std::string path = side(index);
  if (shared_->errand[index] != plan.errand || plan.errand == Plan::Errand::kBackup) {
    shared_->errand[index] = Plan::Errand::kNone;
    fs::remove_all(path);
    shared_->errand_done[index] = false;
    shared_->errand[index] = plan.errand;
  }
  if (plan.errand == Plan::Errand::kBackup) {
    Require(rl_backup(db, path.c_str(), nullptr, nullptr) == RL_OK, "no backup: " + Message(db));
    shared_->errand_done[index] = true;
  } else if (plan.errand == Plan::Errand::kNewStore) {
    rl_db* fresh = nullptr;
    Require(stress::Open(path, &fresh, {{"appendfsync", plan.mode}}) == RL_OK, Message());
    Require(stress::Set(fresh, "k", "v") == RL_OK, Message(fresh));
    shared_->errand_done[index] = true;
    Require(rl_close(fresh) == RL_OK, "a new store does not close");
  } else if (plan.errand == Plan::Errand::kSalvage) {
    if (!shared_->errand_done[index]) MakeDamagedStore(path);
    shared_->errand_done[index] = true;
    rl_db* damaged = nullptr;
    Require(stress::Open(path, &damaged, {{"recovery", "salvage"}}) == RL_OK, Message());
    Require(rl_close(damaged) == RL_OK, "a salvaged store does not close");
  }
}

// What the errand left when the process died: whole if it was acknowledged, and never a half that passes for a whole.
int KillRounds::CheckErrand(int index) {
  const Plan::Errand errand = shared_->errand[index];
  const bool done = shared_->errand_done[index];
  const std::string path = side(index);
  rl_db* db = nullptr;
  if (errand == Plan::Errand::kBackup) {
    const int code = stress::Open(path, &db, {{"read-only", "yes"}});
    if (done) Require(code == RL_OK, "an acknowledged backup does not open: " + Message());
    if (code != RL_OK) return 0;
    for (int writer = 0; writer < kWriters; ++writer) {
      for (int slot = static_cast<int>(Kind::kPair); slot < kSlots; slot += kKinds) {
        Require(VersionOf(db, writer, slot) >= 0, "a backup has half a batch");
      }
    }
  } else if (errand == Plan::Errand::kNewStore) {
    Require(stress::Open(path, &db) == RL_OK, "a new store does not open: " + Message());
    const std::string value = stress::Get(db, "k");
    Require(value == "v" || (!done && value == "(none)"), "a new store has lost its key: " + value);
  } else if (errand == Plan::Errand::kSalvage && done) {
    Require(stress::Open(path, &db, {{"recovery", "salvage"}}) == RL_OK, "salvage twice: " + Message());
    int missing = 0;
    for (int i = 0; i < kSideKeys; ++i) {
      const std::string value = stress::Get(db, std::to_string(i));
      if (value == "(none)") ++missing;
      Require(value == "(none)" || value == SideValue(i), "salvage made up a value: " + value);
    }
    Require(missing <= 1, "salvage lost " + std::to_string(missing) + " keys of one damaged record");
    bool kept = false;
    for (const auto& entry : fs::directory_iterator(path))
      kept |= entry.path().filename().string().starts_with("damaged-");
    Require(kept, "salvage kept no copy of what was damaged");
  }
  rl_close(db);
  return 0;
}

// ---- The process that reads.

void KillRounds::BeReader() {
  while (!shared_->stop) {
    Look();
    SleepUs(3000);
  }
  ExitNow(0);
}

// Opens the store as it stands, while another process writes it or has just died: every write that was acknowledged
// before is there, none that was not begun, and batches are whole.
void KillRounds::Look() {
  int64_t done[kWriters][kSlots];
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) done[writer][slot] = shared_->ledger.slots[writer][slot].done;
  }
  rl_db* db = nullptr;
  const int code = stress::Open(path(), &db, {{"read-only", "yes"}});
  if (code == RL_ERR_NOT_FOUND && shared_->opened == 0) return;
  Require(code == RL_OK, "a reader does not get in: code " + std::to_string(code) + ": " + Message());
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) {
      if (KindOf(slot) != Kind::kCounter && KindOf(slot) != Kind::kPair) continue;
      const int64_t version = VersionOf(db, writer, slot);
      const int64_t pending = shared_->ledger.slots[writer][slot].pending;
      Require(version >= done[writer][slot] && version <= pending,
              "a reader sees version " + std::to_string(version) + " of " + KeyOf(writer, slot) + ", not " +
                  std::to_string(done[writer][slot]) + " to " + std::to_string(pending));
    }
  }
  rl_close(db);
  ++shared_->looked;
}

// ---- The process that kills.

int KillRounds::StartCandidate(int index) {
  const uint64_t seed = random_.Next();
  const int pid = ForkQuietly();
  if (pid == 0) BeCandidate(index, seed);
  return pid;
}

// Waits for the death of one of the two that the plan, or this process, has brought about, and starts another in its
// place. True when the round is over.
bool KillRounds::ReapOne(int round) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    for (const int index : {0, 1}) {
      int status = 0;
      if (waitpid(candidates_[index], &status, WNOHANG) != candidates_[index]) continue;
      candidates_[index] = 0;
      EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "a process ended by itself: " << status;
      if (testing::Test::HasFailure()) return true;
      EXPECT_EQ(stress::InChild([&] { return CheckErrand(index); }), 0);
      shared_->errand[index] = Plan::Errand::kNone;
      fs::remove_all(side(index));
      candidates_[index] = StartCandidate(index);
      return shared_->round != round;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "nobody has died for a minute";
      return true;
    }
    SleepUs(100);
  }
}

void KillRounds::EndRound(const Plan& plan) {
  const int round = shared_->round;
  if (plan.end == Plan::End::kHolder) {
    const int64_t opened = shared_->opened;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (shared_->opened == opened && std::chrono::steady_clock::now() < deadline) SleepUs(200);
    SleepUs(random_.Below(40'000));
  } else if (plan.end == Plan::End::kAny) {
    SleepUs(random_.Below(20'000));
  }
  if (plan.end != Plan::End::kPlace) {
    const int holder = shared_->holder;
    const bool holds = plan.end == Plan::End::kHolder && (holder == candidates_[0] || holder == candidates_[1]);
    shared_->round = round + 1;
    kill(holds ? holder : candidates_[random_.Below(2)], SIGKILL);
  }
  while (!ReapOne(round)) {
  }
}

void KillRounds::Run(const std::vector<Plan>& plans) {
  ASSERT_LE(plans.size(), static_cast<size_t>(kRoundsMax));
  plans_ = &plans;
  for (size_t i = 0; i < plans.size(); ++i) shared_->hits[i] = plans[i].hits;
  for (const int index : {0, 1}) candidates_[index] = StartCandidate(index);
  const int reader = ForkQuietly();
  if (reader == 0) BeReader();
  while (static_cast<size_t>(shared_->round) < plans.size() && !testing::Test::HasFailure()) {
    const auto round = static_cast<size_t>(shared_->round);
    EndRound(plans[round]);
    EXPECT_EQ(waitpid(reader, nullptr, WNOHANG), 0) << "the reader ended";
    if (testing::Test::HasFailure()) {
      std::printf("after round %zu: appendfsync %s, place %s; REDISLITE_SEED=%llu repeats the plan\n", round,
                  plans[round].mode, plans[round].name.c_str(), static_cast<unsigned long long>(random_.seed()));
    }
  }
  for (const int candidate : candidates_) {
    if (candidate == 0) continue;
    kill(candidate, SIGKILL);
    waitpid(candidate, nullptr, 0);
  }
  shared_->stop = true;
  EXPECT_EQ(stress::WaitForChild(reader, 60), 0) << "the reader failed";
  EXPECT_EQ(stress::InChild([&] {
              for (int time = 0; time < 2; ++time) {  // after the last death, and after a clean close
                rl_db* db = nullptr;
                Require(stress::Open(path(), &db) == RL_OK, Message());
                Require(CompareAndAdopt(db, shared_->ledger) == 0, "keys are wrong at the end");
                Require(rl_close(db) == RL_OK, "the store does not close at the end");
              }
              return 0;
            }),
            0);
  std::printf("%d rounds, %lld opens, %lld writes acknowledged, %lld snapshots, %lld looks by the reader\n",
              shared_->round.load(), static_cast<long long>(shared_->opened.load()),
              static_cast<long long>(shared_->ledger.acknowledged.load()),
              static_cast<long long>(shared_->snapshots.load()), static_cast<long long>(shared_->looked.load()));
}

}  // namespace kills
