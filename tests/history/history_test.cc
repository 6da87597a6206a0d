// Histories of many threads on one store with appendfsync always, across kills and reopens, are linearizable (I5), and
// keep what was acknowledged and what some reader saw.
//
// Method: a child process works on a few objects with some threads, noting each operation's beginning, end and answer
// in memory that outlives it. It is killed; the next child opens the store and goes on. After some lives everything is
// read once more, and checker.h looks for an order, object by object.
//
// The same with wrappers that have a bug, each of which must be found: the checker is tested, too.
//
// REDISLITE_HISTORIES says how many; REDISLITE_SEED repeats their plan.
#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>

#include "tests/history/checker.h"
#include "tests/kills/load.h"
#include "tests/support/figures.h"

namespace history {
namespace {

using kills::SharedMemory;
using stress::ExitNow;
using stress::Random;

constexpr int kThreads = 4, kLives = 3, kOperations = 14;  // a thread's in a life
constexpr int kObjects = 5;
constexpr int kTextMax = 700;
constexpr int kNotesMax = kThreads * kLives * kOperations + kObjects;

enum class ObjectKind { kText, kCounter, kPair };
ObjectKind KindOf(int object) {
  constexpr ObjectKind kKinds[kObjects] = {ObjectKind::kText, ObjectKind::kText, ObjectKind::kCounter,
                                           ObjectKind::kPair, ObjectKind::kPair};
  return kKinds[object];
}

// Bugs, planted between the threads and the store.
enum class Bug {
  kNone,
  kStaleRead,     // a read gives what the same thread read before
  kLostWrite,     // an acknowledged write is in memory only: seen by all until the process dies
  kShownEarly,    // a write is seen before it is in the log, and never gets there
  kHalfBatch,     // a batch is two writes
  kAppliedTwice,  // an increment or append happens twice and says so once
};
constexpr int kBugs = 6;

struct Note {
  int life;
  int object;
  Call call;
  char argument[32];
  char answer[kTextMax];
  int64_t begun;
  std::atomic<int64_t> ended;  // 0: it was not
};

struct Shared {
  std::atomic<int64_t> clock;
  std::atomic<int> count;
  std::atomic<int> finished;  // threads that have done all of this life
  Note notes[kNotesMax];
};

// What a thread calls: the store, or the store with a bug.
class Door {
 public:
  Door(rl_db* db, Bug bug) : db_(db), bug_(bug) {}

  std::string Do(int object, Call call, const std::string& argument, Random& random) {
    const std::string a = "object " + std::to_string(object), b = a + " too";
    const bool buggy = bug_ != Bug::kNone && random.OneIn(4);
    if (bug_ == Bug::kLostWrite || bug_ == Bug::kShownEarly) {
      if (buggy && call == Call::kSet) {
        const std::lock_guard lock(mu_);
        overlay_[a] = argument;
        if (bug_ == Bug::kLostWrite) return "ok";
      }
      if (buggy && call == Call::kSet) {
        for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
      }
      if (call == Call::kGet) {
        const std::lock_guard lock(mu_);
        if (const auto found = overlay_.find(a); found != overlay_.end()) return Found(found->second);
      }
    }
    switch (call) {
      case Call::kGet: {
        static thread_local std::map<std::string, std::string> seen;
        if (bug_ == Bug::kStaleRead && buggy && seen.contains(a)) return seen[a];
        const std::string text = stress::Get(db_, a);
        return seen[a] = text == "(none)" ? "none" : "=" + text;
      }
      case Call::kSet:
        return stress::Set(db_, a, argument) == RL_OK ? "ok" : "failed";
      case Call::kSetIfMissing: {
        const int code = rl_set_with(db_, a.data(), a.size(), argument.data(), argument.size(), 0, RL_SET_NX);
        return code == RL_OK ? "ok" : code == RL_CONDITION ? "no" : "failed";
      }
      case Call::kDel: {
        const int code = rl_del(db_, a.data(), a.size());
        return code == RL_OK ? "ok" : code == RL_NOT_FOUND ? "no" : "failed";
      }
      case Call::kIncr: {
        const int64_t delta = std::strtoll(argument.c_str(), nullptr, 10);
        int64_t sum = 0;
        const int code = rl_incr_by(db_, a.data(), a.size(), delta, &sum);
        if (bug_ == Bug::kAppliedTwice && buggy) rl_incr_by(db_, a.data(), a.size(), delta, nullptr);
        return code == RL_OK ? std::to_string(sum) : code == RL_ERR_VALUE ? "no number" : "failed";
      }
      case Call::kAppend: {
        const std::string length = stress::Do(db_, {"APPEND", a, argument});
        if (bug_ == Bug::kAppliedTwice && buggy) stress::Do(db_, {"APPEND", a, argument});
        return length;
      }
      case Call::kGetBoth:
        return Both({"GET", a}, {"GET", b});
      case Call::kSetBoth:
        if (bug_ != Bug::kHalfBatch) return Both({"SET", a, argument}, {"SET", b, argument});
        stress::Set(db_, a, argument);
        stress::Set(db_, b, argument);
        return "ok ok";
      case Call::kAppendBoth:
        return Both({"APPEND", a, argument}, {"APPEND", b, argument});
    }
    return "failed";
  }

 private:
  std::string Both(const std::vector<std::string>& first, const std::vector<std::string>& second) {
    rl_batch* batch = nullptr;
    rl_reply* reply = nullptr;
    bool good = rl_batch_new(db_, &batch) == RL_OK;
    for (const auto* words : {&first, &second}) {
      std::vector<const char*> argv;
      for (const std::string& word : *words) argv.push_back(word.c_str());
      good = good && rl_batch_add(batch, argv.size(), argv.data(), nullptr) == RL_OK;
    }
    good = good && rl_batch_commit(batch, &reply) == RL_OK;
    std::string text = "failed";
    if (good) text = Print(rl_reply_at(reply, 0)) + " " + Print(rl_reply_at(reply, 1));
    rl_reply_free(reply);
    rl_batch_free(batch);
    return text;
  }

  static std::string Print(const rl_reply* reply) {
    size_t length = 0;
    const char* text = rl_reply_string(reply, &length);
    switch (rl_reply_type(reply)) {
      case RL_REPLY_NIL:
        return "none";
      case RL_REPLY_INTEGER:
        return std::to_string(rl_reply_integer(reply));
      case RL_REPLY_STATUS:
        return "ok";
      default:
        return "=" + std::string(text, length);
    }
  }

  rl_db* db_;
  const Bug bug_;
  std::mutex mu_;
  std::map<std::string, std::string> overlay_;
};

Call RandomCall(ObjectKind kind, Random& random) {
  constexpr Call kText[] = {Call::kGet,          Call::kGet,    Call::kSet, Call::kSet,
                            Call::kSetIfMissing, Call::kAppend, Call::kDel};
  constexpr Call kCounter[] = {Call::kGet, Call::kIncr, Call::kIncr, Call::kIncr, Call::kDel};
  constexpr Call kPair[] = {Call::kGetBoth, Call::kGetBoth, Call::kSetBoth, Call::kAppendBoth, Call::kGet};
  switch (kind) {
    case ObjectKind::kText:
      return kText[random.Below(std::size(kText))];
    case ObjectKind::kCounter:
      return kCounter[random.Below(std::size(kCounter))];
    default:
      return kPair[random.Below(std::size(kPair))];
  }
}

// Does one operation and notes it.
void DoAndNote(Shared& shared, Door& door, int life, int object, Call call, const std::string& argument,
               Random& random) {
  Note& note = shared.notes[shared.count++];
  note.life = life;
  note.object = object;
  note.call = call;
  std::strncpy(note.argument, argument.c_str(), sizeof note.argument - 1);
  note.begun = ++shared.clock;
  const std::string answer = door.Do(object, call, argument, random);
  std::strncpy(note.answer, answer.c_str(), sizeof note.answer - 1);
  note.ended = ++shared.clock;
}

rl_db* MustOpen(const std::string& path) {
  rl_db* db = nullptr;
  if (stress::Open(path, &db, {{"appendfsync", "always"}}) == RL_OK) return db;
  std::printf("the store does not open: %s\n", stress::Message().c_str());
  ExitNow(1);
}

[[noreturn]] void Live(const std::string& path, Shared& shared, Bug bug, int life, uint64_t seed) {
  Door door(MustOpen(path), bug);
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Random random(seed + static_cast<uint64_t>(thread));
      for (int i = 0; i < kOperations; ++i) {
        const int object = static_cast<int>(random.Below(kObjects));
        const Call call = RandomCall(KindOf(object), random);
        // Every value is written once, so that a read says which write it saw.
        const std::string unique = std::to_string(life) + "." + std::to_string(thread) + "." + std::to_string(i) + ";";
        DoAndNote(shared, door, life, object, call, call == Call::kIncr ? std::to_string(1 + random.Below(9)) : unique,
                  random);
      }
      ++shared.finished;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (;;) pause();
}

// Makes a history. The operations of each object, in no order; empty, with a failure, when a child failed.
std::array<std::vector<Operation>, kObjects> MakeHistory(Bug bug, Random& random) {
  const stress::Scratch scratch(stress::Scratch::Where::kMemory);
  const SharedMemory<Shared> shared;
  const std::string path = scratch / "db";
  int64_t deaths[kLives];
  for (int life = 0; life < kLives; ++life) {
    const uint64_t seed = random.Next();
    const int before = shared->count;
    // Not at a time, but when so much has been done.
    const int target = before + static_cast<int>(1 + random.Below(kThreads * kOperations));
    shared->finished = 0;
    const int child = stress::ForkQuietly();
    if (child == 0) Live(path, *shared, bug, life, seed);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    int waited = 0;
    // A bug may keep threads from ever finishing.
    while (shared->count < target && shared->finished < kThreads && (bug == Bug::kNone || waited < 400)) {
      if (std::chrono::steady_clock::now() > deadline) break;
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      ++waited;
    }
    kill(child, SIGKILL);
    EXPECT_EQ(stress::WaitForChild(child, 60), -SIGKILL);
    deaths[life] = ++shared->clock;
  }
  EXPECT_EQ(stress::InChild([&] {
              Door door(MustOpen(path), Bug::kNone);
              Random none(0);
              for (int object = 0; object < kObjects; ++object) {
                DoAndNote(*shared, door, kLives, object,
                          KindOf(object) == ObjectKind::kPair ? Call::kGetBoth : Call::kGet, "", none);
              }
              return 0;
            }),
            0);
  std::array<std::vector<Operation>, kObjects> history;
  for (int i = 0; i < shared->count; ++i) {
    const Note& note = shared->notes[i];
    if (note.begun == 0) continue;  // it died before it began
    Operation operation;
    operation.call = note.call;
    operation.argument = note.argument;
    operation.begun = note.begun;
    operation.answered = note.ended != 0;
    operation.ended = operation.answered ? note.ended.load() : deaths[note.life];
    if (operation.answered) operation.answer = note.answer;
    history[static_cast<size_t>(note.object)].push_back(operation);
  }
  return history;
}

bool HasOrder(const std::array<std::vector<Operation>, kObjects>& history, bool say) {
  for (int object = 0; object < kObjects; ++object) {
    const auto& operations = history[static_cast<size_t>(object)];
    if (IsLinearizable(operations)) continue;
    if (say) std::printf("no order explains object %d:\n%s", object, Describe(operations).c_str());
    return false;
  }
  return true;
}

TEST(SlowHistory, EveryOneIsLinearizableAcrossKills) {
  const char* given = std::getenv("REDISLITE_HISTORIES");
  const int count = given != nullptr ? std::atoi(given) : HISTORIES;
  Random random;
  uint64_t operations = 0, died = 0;
  for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) {
    const auto history = MakeHistory(Bug::kNone, random);
    for (const auto& object : history) {
      operations += object.size();
      for (const Operation& operation : object) died += operation.answered ? 0 : 1;
    }
    EXPECT_TRUE(HasOrder(history, true)) << "history " << i << "; REDISLITE_SEED=" << random.seed();
  }
  std::printf("%d histories, %llu operations, %llu under way at a kill\n", count,
              static_cast<unsigned long long>(operations), static_cast<unsigned long long>(died));
  EXPECT_GT(died, 0u);
  redislite::test::WriteFigures(
      "history", {{"histories checked", static_cast<uint64_t>(count)}, {"violations", testing::Test::HasFailure()}});
}

TEST(SlowHistory, CanaryEveryPlantedBugIsFound) {
  constexpr int kHistoriesMax = 300;
  Random random;
  for (int bug = 1; bug < kBugs; ++bug) {
    int made = 1;
    while (made <= kHistoriesMax && HasOrder(MakeHistory(static_cast<Bug>(bug), random), false)) ++made;
    EXPECT_LE(made, kHistoriesMax) << "bug " << bug << " is not found";
    std::printf("bug %d is found in history %d\n", bug, made);
  }
}

// ---- The checker by itself.

Operation Op(int64_t begun, int64_t ended, Call call, const std::string& argument, const std::string& answer) {
  Operation operation;
  operation.call = call;
  operation.argument = argument;
  operation.answer = answer;
  operation.begun = begun;
  operation.ended = ended;
  operation.answered = !answer.empty();
  return operation;
}

TEST(Checker, OverlappingOperationsMayBeInAnyOrder) {
  for (const char* seen : {"=x", "=y"}) {
    EXPECT_TRUE(IsLinearizable(
        {Op(1, 4, Call::kSet, "x", "ok"), Op(2, 3, Call::kSet, "y", "ok"), Op(5, 6, Call::kGet, "", seen)}));
  }
  EXPECT_FALSE(IsLinearizable(
      {Op(1, 2, Call::kSet, "x", "ok"), Op(3, 4, Call::kSet, "y", "ok"), Op(5, 6, Call::kGet, "", "=x")}));
}

TEST(Checker, TwoReadersMayNotDisagree) {
  EXPECT_FALSE(IsLinearizable(
      {Op(1, 8, Call::kSet, "x", "ok"), Op(2, 3, Call::kGet, "", "=x"), Op(4, 5, Call::kGet, "", "none")}));
}

TEST(Checker, WhatDiedHasHappenedBeforeTheDeathOrNever) {
  const Operation died = Op(1, 4, Call::kSet, "x", "");
  EXPECT_TRUE(IsLinearizable({died, Op(5, 6, Call::kGet, "", "=x")}));
  EXPECT_TRUE(IsLinearizable({died, Op(5, 6, Call::kGet, "", "none")}));
  EXPECT_FALSE(IsLinearizable({died, Op(5, 6, Call::kGet, "", "none"), Op(7, 8, Call::kGet, "", "=x")})) << "later";
  EXPECT_FALSE(IsLinearizable({died, Op(2, 3, Call::kGet, "", "=x"), Op(5, 6, Call::kGet, "", "none")}))
      << "a reader saw it";
}

TEST(Checker, AnAcknowledgedWriteThatIsGoneIsSeen) {
  EXPECT_FALSE(IsLinearizable({Op(1, 2, Call::kIncr, "5", "5"), Op(3, 4, Call::kGet, "", "none")}));
  EXPECT_FALSE(IsLinearizable({Op(1, 2, Call::kIncr, "5", "5"), Op(3, 4, Call::kIncr, "1", "11")})) << "twice";
  EXPECT_FALSE(IsLinearizable({Op(1, 2, Call::kSetBoth, "x", "ok ok"), Op(3, 4, Call::kGetBoth, "", "=x none")}));
}

}  // namespace
}  // namespace history
