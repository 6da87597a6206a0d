// kill -9, two hundred times, under load: nothing acknowledged is lost, and nothing half-done is seen.
//
// Method: a child process writes with several threads. Before each write it notes the new version of the key in shared
// memory as pending, after the acknowledgement as done. It is killed at a random moment, sometimes while it still
// recovers from the kill before. Another child opens the directory and compares: a key must hold the version that was
// done last, or the one that was pending at the kill, whole, and nothing else; what it holds then is the truth for the
// next round. That child dies without closing, too, every other time.
//
// REDISLITE_SEED repeats the plan of a run (not the moments at which the kernel switches threads);
// REDISLITE_KILL_ROUNDS says how many.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <thread>

#include "support.h"

namespace stress {
namespace {

constexpr int kWriters = 6, kSlots = 24;

// One slot is one writer's: a key, or a pair of keys that are always written together.
struct Slot {
  std::atomic<int64_t> pending;
  std::atomic<int64_t> done;
};

struct Shared {
  Slot slots[kWriters][kSlots];
  std::atomic<int64_t> acknowledged;
  std::atomic<int64_t> snapshots;
  std::atomic<int64_t> opened;  // by the children under load
};

enum class Kind { kString, kCounter, kList, kHash, kPair, kExpiring, kRenamed };
constexpr int kKinds = 7;

Kind KindOf(int slot) { return static_cast<Kind>(slot % kKinds); }

std::string KeyOf(int writer, int slot) { return "key " + std::to_string(writer) + "." + std::to_string(slot); }

// The value of a version: of varying size, and different in every byte's position.
std::string ValueOf(const std::string& key, int64_t version) {
  std::string out = key + "=" + std::to_string(version) + ":";
  const auto size = static_cast<size_t>((version * 7919) % (version % 50 == 0 ? 20'000 : 200));
  for (size_t i = 0; i < size; ++i) out += static_cast<char>((static_cast<size_t>(version) * 31 + i * 7) & 0xff);
  return out;
}

// Every 11th version of a string removes it.
bool Removes(int64_t version) { return version % 11 == 0; }

int64_t ExpiryOf(int64_t version) { return 4'000'000'000'000 + version; }

// Makes the key hold this version. False: the store said no.
bool WriteVersion(rl_db* db, int writer, int slot, int64_t version) {
  const std::string key = KeyOf(writer, slot), number = std::to_string(version), value = ValueOf(key, version);
  const auto run = [&](const std::vector<std::string>& words) { return Do(db, words); };
  switch (KindOf(slot)) {
    case Kind::kString:
      if (Removes(version)) return rl_del(db, key.data(), key.size()) >= 0;
      return Set(db, key, value) == RL_OK;
    case Kind::kCounter: {
      int64_t result = 0;
      return rl_incr_by(db, key.data(), key.size(), 1, &result) == RL_OK && result == version;
    }
    case Kind::kList:
      return run({"RPUSH", key, number}) == number;
    case Kind::kHash:
      return run({"HSET", key, "f" + std::to_string(version % 7), number, "last", number}).substr(0, 1) != "-";
    case Kind::kPair: {
      rl_batch* batch = nullptr;
      if (rl_batch_new(db, &batch) != RL_OK) return false;
      const std::string a = key + "a", b = key + "b";
      bool good = true;
      for (const std::string& name : {a, b}) {
        const char* argv[] = {"SET", name.c_str(), number.c_str()};
        good = good && rl_batch_add(batch, 3, argv, nullptr) == RL_OK;
      }
      good = good && rl_batch_commit(batch, nullptr) == RL_OK;
      rl_batch_free(batch);
      return good;
    }
    case Kind::kExpiring:
      return run({"SET", key, value, "PXAT", std::to_string(ExpiryOf(version))}) == "OK";
    case Kind::kRenamed:
      // Two steps, each of them whole: the version is that of the second.
      return run({"SET", key + " new", value}) == "OK" && run({"RENAME", key + " new", key}) == "OK";
  }
  return false;
}

// Whether the key holds exactly this version.
bool HoldsVersion(rl_db* db, int writer, int slot, int64_t version) {
  const std::string key = KeyOf(writer, slot), number = std::to_string(version), value = ValueOf(key, version);
  const bool never = version == 0;
  switch (KindOf(slot)) {
    case Kind::kString:
      return Get(db, key) == (never || Removes(version) ? "(none)" : value);
    case Kind::kCounter:
      return Get(db, key) == (never ? "(none)" : number);
    case Kind::kList: {
      if (Do(db, {"LLEN", key}) != number) return false;
      for (int64_t i = std::max<int64_t>(0, version - 20); i < version; ++i) {
        if (Do(db, {"LINDEX", key, std::to_string(i)}) != std::to_string(i + 1)) return false;
      }
      return true;
    }
    case Kind::kHash: {
      if (Do(db, {"HGET", key, "last"}) != (never ? "(nil)" : number)) return false;
      for (int64_t v = std::max<int64_t>(1, version - 6); v <= version; ++v) {
        if (Do(db, {"HGET", key, "f" + std::to_string(v % 7)}) != std::to_string(v)) return false;
      }
      return true;
    }
    case Kind::kPair: {
      const std::string expected = never ? "(none)" : number;
      return Get(db, key + "a") == expected && Get(db, key + "b") == expected;
    }
    case Kind::kExpiring:
      if (never) return Get(db, key) == "(none)";
      return Get(db, key) == value && Do(db, {"PEXPIRETIME", key}) == std::to_string(ExpiryOf(version));
    case Kind::kRenamed:
      return Get(db, key) == (never ? "(none)" : value);
  }
  return false;
}

// The child under load. Never returns by itself.
[[noreturn]] void Load(const std::string& path, const Options& options, Shared* shared, uint64_t seed) {
  rl_db* db = nullptr;
  if (Open(path, &db, options) != RL_OK) {
    std::printf("the store does not open after a kill: %s\n", Message().c_str());
    ExitNow(2);
  }
  ++shared->opened;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([=] {
      Random random(seed + static_cast<uint64_t>(writer));
      for (;;) {
        const int slot = static_cast<int>(random.Below(kSlots));
        Slot& state = shared->slots[writer][slot];
        const int64_t version = state.done + 1;
        state.pending = version;
        if (!WriteVersion(db, writer, slot, version)) {
          std::printf("%s version %lld was not written: %s\n", KeyOf(writer, slot).c_str(),
                      static_cast<long long>(version), Message(db).c_str());
          ExitNow(3);
        }
        state.done = version;
        ++shared->acknowledged;
      }
    });
  }
  Random random(seed + 1000);
  for (;;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random.Below(30)));
    if (rl_snapshot(db) != RL_OK) {
      std::printf("no snapshot: %s\n", Message(db).c_str());
      ExitNow(4);
    }
    ++shared->snapshots;
  }
}

// The child that compares. Gives the number of keys that are wrong; notes what is there as the truth.
int Compare(const std::string& path, Shared* shared, bool close) {
  rl_db* db = nullptr;
  if (const int code = Open(path, &db); code != RL_OK) {
    std::printf("the store does not open after a kill: code %d: %s\n", code, Message().c_str());
    return 100;
  }
  int wrong = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) {
      Slot& state = shared->slots[writer][slot];
      const int64_t done = state.done, pending = state.pending;
      if (HoldsVersion(db, writer, slot, done)) {
        state.pending = done;
      } else if (pending != done && HoldsVersion(db, writer, slot, pending)) {
        state.done = pending;
      } else if (wrong++ < 5) {
        const std::string key = KeyOf(writer, slot);
        std::printf("%s (kind %d) must hold version %lld or %lld; it is a %s, %s\n", key.c_str(), slot % kKinds,
                    static_cast<long long>(done), static_cast<long long>(pending), Do(db, {"TYPE", key}).c_str(),
                    Get(db, key).substr(0, 60).c_str());
      }
    }
  }
  if (close && rl_close(db) != RL_OK) ++wrong;
  // Not closed: this process dies as the one before it.
  return wrong;
}

// Whether the child has ended; it still waits to be waited for.
bool HasEnded(int pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

class KillTest {
 public:
  KillTest() : shared_(new (Map()) Shared{}) {}
  ~KillTest() { munmap(shared_, sizeof(Shared)); }
  KillTest(const KillTest&) = delete;
  KillTest& operator=(const KillTest&) = delete;

  void Run(int rounds) {
    const char* const kModes[] = {"always", "everysec", "no"};
    for (int round = 0; round < rounds; ++round) {
      // Losing nothing is promised in every mode when only the process dies.
      const Options options = {{"appendfsync", kModes[random_.OneIn(2) ? 0 : random_.Below(3)]},
                               {"snapshot-wal-bytes", random_.OneIn(3) ? "64kb" : "256mb"}};
      const uint64_t seed = random_.Next();
      const int64_t opened = shared_->opened;
      const int pid = ForkQuietly();
      if (pid == 0) Load(scratch_ / "db", options, shared_, seed);
      // Mostly some time into the load; sometimes at once, in the middle of recovery.
      const bool recovering = random_.OneIn(5);
      while (!recovering && shared_->opened == opened && !HasEnded(pid)) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
      std::this_thread::sleep_for(std::chrono::microseconds(random_.Below(recovering ? 20'000 : 80'000)));
      kill(pid, SIGKILL);
      int status = 0;
      waitpid(pid, &status, 0);
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
          << "round " << round << ": the child ended by itself, " << status;
      const bool close = random_.OneIn(2);
      ASSERT_EQ(InChild([&] { return Compare(scratch_ / "db", shared_, close); }, 60), 0)
          << "keys are wrong after round " << round << "; REDISLITE_SEED=" << random_.seed();
    }
    std::printf("%d rounds, %lld writes acknowledged, %lld snapshots\n", rounds,
                static_cast<long long>(shared_->acknowledged.load()),
                static_cast<long long>(shared_->snapshots.load()));
    EXPECT_GT(shared_->acknowledged.load(), rounds);
  }

  Shared* shared() { return shared_; }
  std::string path() const { return scratch_ / "db"; }

 private:
  static void* Map() {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    return memory;
  }

  Scratch scratch_;
  Random random_;
  Shared* shared_;
};

TEST(SlowKill, TwoHundredKillsUnderLoadLoseNothing) {
  const char* given = std::getenv("REDISLITE_KILL_ROUNDS");
  KillTest().Run(given != nullptr ? std::atoi(given) : 200);
}

TEST(SoakKill, KillsForAsLongAsAsked) {
  const double seconds = LoadSeconds(60);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end && !testing::Test::HasFailure()) KillTest().Run(50);
}

// The comparison must see a write that was acknowledged and is not there, one that is half there, and one that nobody
// made.
TEST(Kill, CanaryALostWriteIsSeen) {
  KillTest test;
  {
    Store store(test.path());
    for (int slot = 0; slot < kSlots; ++slot) {
      ASSERT_TRUE(WriteVersion(store, 0, slot, 1));
      test.shared()->slots[0][slot].pending = 1;
      test.shared()->slots[0][slot].done = 1;
    }
  }
  ASSERT_EQ(InChild([&] { return Compare(test.path(), test.shared(), true); }), 0);
  for (int slot = 0; slot < kKinds; ++slot) {
    test.shared()->slots[0][slot].pending = 2;
    test.shared()->slots[0][slot].done = 2;
  }
  EXPECT_EQ(InChild([&] { return Compare(test.path(), test.shared(), true); }), kKinds) << "lost writes";
  for (int slot = 0; slot < kKinds; ++slot) {
    test.shared()->slots[0][slot].pending = 1;
    test.shared()->slots[0][slot].done = 1;
  }
  {
    Store store(test.path());
    ASSERT_EQ(Set(store, KeyOf(0, static_cast<int>(Kind::kPair)) + "a", "2"), RL_OK);
  }
  test.shared()->slots[0][static_cast<int>(Kind::kPair)].pending = 2;
  EXPECT_EQ(InChild([&] { return Compare(test.path(), test.shared(), true); }), 1) << "half a batch";
}

}  // namespace
}  // namespace stress
