// Power cuts on real file systems: ext4 and XFS, ended by the kernel's own shutdown in the middle of load, mounted
// again and compared with what was promised.
//
// Method: a child writes with several threads, takes snapshots and syncs, until the parent ends the file system under
// it (disk.h). Each write's beginning and acknowledgement are stamped by one counter. After the file system has been
// mounted again:
//   always         each key holds the version that was acknowledged last, or the pending one
//   everysec, no   no key is older than the last rl_sync that returned, and what is missing is a suffix: no write is
//                  there that began after a missing one had been acknowledged
// What an open store has shown is durable in every mode, and is the least that the next round asks for.
//
// An acknowledgement counts when it came before the cut was asked for. The kernel takes a while to end a file system,
// and a sync that is under way meanwhile may return ok for what is lost (ext4's does); with the power gone there would
// be nobody to return to.
//
// REDISLITE_SEED repeats the plan; REDISLITE_POWER_CUTS says how many cuts each file system gets.
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/kills/disk.h"
#include "tests/kills/load.h"
#include "tests/support/figures.h"

namespace kills {
namespace {

using stress::ExitNow;
using stress::Message;
using stress::Random;

constexpr int kVersionsMax = 4096, kSyncsMax = 1000;
constexpr int64_t kNever = INT64_MAX;
const char* const kModes[] = {"always", "everysec", "no"};

struct Stamps {
  std::atomic<int64_t> begun;
  std::atomic<int64_t> acknowledged;  // 0: it was not
};

// What was acknowledged when a sync began that has returned.
struct Synced {
  std::atomic<int64_t> returned;  // a stamp
  std::atomic<int64_t> version[kWriters][kSlots];
};

struct State {
  Ledger ledger;
  Stamps stamps[kWriters][kSlots][kVersionsMax];
  std::atomic<int64_t> clock;
  std::atomic<int64_t> cut;  // the stamp of the cut
  std::atomic<int> syncs;    // this round's; the first is the open that showed what the last round left
  Synced synced[kSyncsMax];
  std::atomic<int> opened;
  std::atomic<int> refused;  // writers that were told that the disk is gone
};

// ---- Under load.

// Writes until the store says no. False: more versions than there are stamps.
bool WriteUntilRefused(rl_db* db, State& state, int writer, Random& random) {
  for (;;) {
    const int slot = static_cast<int>(random.Below(kSlots));
    Slot& key = state.ledger.slots[writer][slot];
    const int64_t version = key.done + 1;
    if (version >= kVersionsMax) return false;
    Stamps& stamps = state.stamps[writer][slot][version];
    stamps.acknowledged = 0;
    stamps.begun = ++state.clock;
    key.pending = version;
    if (!WriteVersion(db, writer, slot, version)) return true;
    stamps.acknowledged = ++state.clock;
    key.done = version;
    ++state.ledger.acknowledged;
  }
}

// What has been acknowledged before a sync that returned is durable.
int SyncAndNote(rl_db* db, State& state) {
  if (state.syncs == kSyncsMax) return rl_sync(db);
  Synced& synced = state.synced[state.syncs];
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot)
      synced.version[writer][slot] = state.ledger.slots[writer][slot].done.load();
  }
  const int code = rl_sync(db);
  if (code != RL_OK) return code;
  synced.returned = ++state.clock;
  ++state.syncs;
  return RL_OK;
}

// The child: 0 when the disk's end was seen as it should be.
int Load(const std::string& path, const stress::Options& options, State& state, uint64_t seed, bool close) {
  Random random(seed);
  rl_db* db = nullptr;
  const int opened = stress::Open(path, &db, options);
  if (opened == RL_ERR_IO) return 0;  // the cut came before
  if (opened != RL_OK) {
    std::printf("the store does not open: code %d: %s\n", opened, Message().c_str());
    return 1;
  }
  ++state.opened;
  std::atomic<int> failures{0};
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer, writer_seed = random.Next()] {
      Random choices(writer_seed);
      if (!WriteUntilRefused(db, state, writer, choices)) ++failures;
      ++state.refused;
    });
  }
  while (state.refused == 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.Below(10'000)));
    const int code = random.OneIn(3) ? rl_snapshot(db) : SyncAndNote(db, state);
    if (code != RL_OK && code != RL_ERR_IO && code != RL_ERR_FULL) ++failures;
  }
  for (std::thread& writer : writers) writer.join();
  // Poisoned: writes and syncs are refused, reads go on.
  const std::string key = KeyOf(0, 0);
  const int refused = stress::Set(db, "one more", "write");
  const int synced = rl_sync(db);
  const int read = rl_exists(db, key.data(), key.size());
  if (refused != RL_ERR_IO || synced != RL_ERR_IO || read < 0) {
    std::printf("on a dead disk a write says %d, a sync %d, a read %d\n", refused, synced, read);
    ++failures;
  }
  if (failures == 0 && close && rl_close(db) != RL_ERR_IO) {
    std::printf("a store on a dead disk closes as if nothing had happened\n");
    ++failures;
  }
  return failures;
}

// ---- After the cut.

// The least version that the key must hold.
int64_t LeastVersion(const State& state, int writer, int slot, bool always) {
  if (!always) {
    int sync = state.syncs - 1;
    while (state.synced[sync].returned > state.cut) --sync;
    return state.synced[sync].version[writer][slot];
  }
  int64_t version = state.ledger.slots[writer][slot].done;
  while (state.stamps[writer][slot][version].acknowledged > state.cut) --version;
  return version;
}

// The versions from `least` to `most` that the key holds. More than one only where versions look alike: removed keys.
std::vector<int64_t> VersionsHeld(rl_db* db, int writer, int slot, int64_t least, int64_t most) {
  std::vector<int64_t> held;
  for (int64_t version = most; version >= least; --version) {
    if (HoldsVersion(db, writer, slot, version)) held.push_back(version);
    // Only a string's absence stands for several.
    if (!held.empty() && KindOf(slot) != Kind::kString) break;
  }
  return held;
}

// Compares the store with what was promised, and takes what it has for the truth. Gives the number of broken promises.
int Compare(rl_db* db, State& state, bool always) {
  int wrong = 0;
  int64_t first_missing = kNever, last_present = 0;  // stamps: of an acknowledgement, of a beginning
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) {
      Slot& key = state.ledger.slots[writer][slot];
      const int64_t least = LeastVersion(state, writer, slot, always);
      const std::vector<int64_t> held = VersionsHeld(db, writer, slot, least, key.pending);
      if (held.empty()) {
        if (wrong++ < 5) {
          std::printf("%s must hold version %lld to %lld; it holds %s\n", KeyOf(writer, slot).c_str(),
                      static_cast<long long>(least), static_cast<long long>(key.pending),
                      stress::Get(db, KeyOf(writer, slot)).substr(0, 40).c_str());
        }
        continue;
      }
      const int64_t version = held.front();
      if (version < key.pending) {
        const int64_t acknowledged = state.stamps[writer][slot][version + 1].acknowledged;
        if (acknowledged != 0 && acknowledged <= state.cut) first_missing = std::min(first_missing, acknowledged);
      }
      if (held.back() > least) {
        last_present = std::max<int64_t>(last_present, state.stamps[writer][slot][held.back()].begun);
      }
      key.done = version;
      key.pending = version;
    }
  }
  if (first_missing < last_present) {
    std::printf("a write is missing, and one that began after its acknowledgement is there\n");
    ++wrong;
  }
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) {
      state.synced[0].version[writer][slot] = state.ledger.slots[writer][slot].done.load();
    }
  }
  state.syncs = 1;
  return wrong;
}

int OpenAndCompare(const std::string& path, State& state, bool always) {
  rl_db* db = nullptr;
  if (const int code = stress::Open(path, &db); code != RL_OK) {
    std::printf("the store does not open after the cut: code %d: %s\n", code, Message().c_str());
    return 100;
  }
  const int wrong = Compare(db, state, always);
  // This process ends without closing: what it has shown must be there after the next cut all the same.
  return wrong;
}

class PowerCuts : public testing::TestWithParam<const char*> {};

TEST_P(PowerCuts, BreakNoPromise) {
  const stress::Scratch scratch(stress::Scratch::Where::kMemory);
  Disk disk(scratch.path(), GetParam());
  if (!disk.ready()) GTEST_SKIP() << disk.reason();
  const char* given = std::getenv("REDISLITE_POWER_CUTS");
  const int cuts = given != nullptr ? std::atoi(given) : 20;
  Random random;
  const SharedMemory<State> state;
  state->syncs = 1;
  const std::string path = disk.path() + "/db";
  int under_load = 0;
  for (int cut = 0; cut < cuts; ++cut) {
    const char* mode = kModes[cut % 3];
    const auto how = static_cast<Disk::Cut>(cut % 4 == 0 ? 0 : 1 + random.Below(2));
    const stress::Options options = {{"appendfsync", mode},
                                     {"wal-segment-bytes", random.OneIn(2) ? "64kb" : "1mb"},
                                     {"snapshot-wal-bytes", "256kb"}};
    const uint64_t seed = random.Next();
    const bool close = random.OneIn(2);
    const int opened = state->opened;
    state->refused = 0;
    const int child = stress::ForkQuietly();
    if (child == 0) ExitNow(Load(path, options, *state, seed, close));
    // Mostly in the middle of the load; sometimes at any time, in the middle of recovery.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!random.OneIn(20'000) && state->opened == opened && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random.Below(cut % 5 == 4 ? 3'000 : 60'000)));
    state->cut = state->clock.load();
    if (!disk.CutPower(how)) {
      kill(child, SIGKILL);
      stress::WaitForChild(child, 60);
      GTEST_SKIP() << "this kernel cannot end " << GetParam() << " by FS_IOC_SHUTDOWN";
    }
    ASSERT_EQ(stress::WaitForChild(child, 60), 0) << "the store did not take the disk's end as it should";
    if (state->opened != opened) ++under_load;
    ASSERT_TRUE(disk.Restart()) << "the file system does not mount again";
    ASSERT_EQ(stress::InChild([&] { return OpenAndCompare(path, *state, mode == kModes[0]); }), 0)
        << GetParam() << ", cut " << cut << " (" << static_cast<int>(how) << "), appendfsync " << mode
        << "; REDISLITE_SEED=" << random.seed();
  }
  std::printf("%s: %d cuts, %d under load, %lld writes acknowledged\n", GetParam(), cuts, under_load,
              static_cast<long long>(state->ledger.acknowledged));
  EXPECT_GT(under_load, cuts / 2);
  redislite::test::WriteFigures(std::string("power_cut_") + GetParam(),
                                {{"power cuts", static_cast<uint64_t>(cuts)}, {"violations", 0}});
}

INSTANTIATE_TEST_SUITE_P(Slow, PowerCuts, testing::Values("ext4", "xfs"),
                         [](const auto& test) { return std::string(test.param); });

// The comparison must see a promise that is broken: by a lost write, and by one that is there without what came before.
TEST(PowerCut, CanaryABrokenPromiseIsSeen) {
  const stress::Scratch scratch;
  const SharedMemory<State> state;
  state->syncs = 1;
  state->cut = 10;
  const auto counter = [](int n) { return static_cast<int>(Kind::kCounter) + n * kKinds; };
  const auto owe = [&](int slot, int64_t begun, int64_t acknowledged) {
    state->ledger.slots[0][slot].pending = 1;
    state->ledger.slots[0][slot].done = 1;
    state->synced[0].version[0][slot] = 0;
    state->stamps[0][slot][1].begun = begun;
    state->stamps[0][slot][1].acknowledged = acknowledged;
  };
  const stress::Store store(scratch / "db");
  ASSERT_TRUE(WriteVersion(store, 0, counter(0), 1));
  // The second counter's write is missing, and began before the first one's was acknowledged: lost, but a suffix.
  owe(counter(0), 1, 3);
  owe(counter(1), 2, 4);
  EXPECT_EQ(Compare(store, *state, false), 0);
  owe(counter(0), 1, 3);
  owe(counter(1), 2, 4);
  EXPECT_EQ(Compare(store, *state, true), 1) << "a lost write that was promised";
  owe(counter(0), 3, 4);
  owe(counter(1), 1, 2);
  EXPECT_EQ(Compare(store, *state, false), 1) << "a hole";
  owe(counter(1), 2, 11);
  EXPECT_EQ(Compare(store, *state, true), 0) << "acknowledged by a machine without power";
}

}  // namespace
}  // namespace kills
