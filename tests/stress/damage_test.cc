// Directories whose files were cut, overwritten, mixed up or removed at random.
//
// Method: a store gets a history of operations, and its whole contents are noted after each of them. A copy of its
// directory is damaged and opened in a child process. After a clean close the only right answers are the last state,
// byte for byte, or a refusal that names the damage. After a crash the end of the log may be torn off, so any noted
// state counts; what was never a state, a crash, a hang, or a store that changes its mind when it is opened again, does
// not.
//
// REDISLITE_SEED repeats a run; the damaged directory of a failure is kept and named.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "support.h"

namespace stress {
namespace {

namespace fs = std::filesystem;

// What a child answers.
constexpr int kAsBefore = 0, kRefused = 10, kWrongState = 11, kWrongCode = 12, kUnsaid = 13, kNotRepeatable = 14,
              kNotWritable = 15;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// A random operation that changes something most of the time.
void Operate(rl_db* db, Random& random, int i) {
  const std::string key = "key " + std::to_string(random.Below(12));
  const std::string value = std::to_string(i) + " " + random.Bytes(random.OneIn(20) ? 5000 : random.Below(60));
  switch (random.Below(9)) {
    case 0:
      Do(db, {"RPUSH", key, value});
      break;
    case 1:
      Do(db, {"LPUSH", key, value, value});
      break;
    case 2:
      Do(db, {"HSET", key, std::to_string(random.Below(5)), value});
      break;
    case 3:
      Do(db, {"DEL", key});
      break;
    case 4:
      Do(db, {"LPOP", key});
      break;
    case 5:
      Do(db, {"EXPIREAT", key, std::to_string(4'000'000'000 + i)});
      break;
    case 6:
      Do(db, {"INCR", "counter"});
      break;
    default:
      Set(db, key, value);
  }
}

// A history, its states, and the directories it left.
class History {
 public:
  History(const std::string& root, Random& random, int operations, bool snapshots, bool several_logs) : root_(root) {
    for (int generation = 0; generation < (several_logs ? 3 : 1); ++generation) {
      Store store(root_ + "/live", {{"appendfsync", "no"}});
      states_.push_back(Contents(store));
      for (int i = 0; i < operations; ++i) {
        Operate(store, random, i);
        states_.push_back(Contents(store));
        if (snapshots && random.OneIn(static_cast<uint64_t>(operations))) Snapshot(store);
      }
      if (snapshots && generation == 0) Snapshot(store);
      CopyAsAfterACrash(root_ + "/live", crashed());
    }
    CopyDirectory(root_ + "/live", clean());
  }
  std::string crashed() const { return root_ + "/crashed"; }
  std::string clean() const { return root_ + "/clean"; }
  const std::string& last() const { return states_.back(); }
  bool Has(const std::string& state) const { return std::find(states_.begin(), states_.end(), state) != states_.end(); }

 private:
  static void Snapshot(rl_db* db) { EXPECT_EQ(rl_snapshot(db), RL_OK) << Message(db); }

  std::string root_;
  std::vector<std::string> states_;
};

// Does one thing to one file, mostly where there is something, and says what.
std::string Damage(const std::string& directory, Random& random) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename() != "LOCK") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  const std::string name = files[random.Below(files.size())], path = directory + "/" + name;
  std::string bytes = ReadFile(path);
  // The log is filled with zeros ahead of its end: damage where the content is.
  const size_t last = bytes.find_last_not_of('\0');
  const size_t used = last == std::string::npos ? 0 : last + 1;
  const size_t reach = random.OneIn(4) ? bytes.size() : std::min(bytes.size(), used + 40);
  const size_t at = random.Below(reach + 1);
  const auto write = [&](const std::string& what) {
    WriteFile(path, bytes);
    return name + " (" + std::to_string(bytes.size()) + " bytes, " + std::to_string(used) + " used): " + what + " at " +
           std::to_string(at);
  };
  switch (random.Below(10)) {
    case 0:
      bytes.resize(at);
      return write("cut");
    case 1:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
      return write("a bit flipped");
    case 2:
      for (size_t i = at; i < std::min(bytes.size(), at + 1 + random.Below(64)); ++i)
        bytes[i] = static_cast<char>(random.Next() & 0xff);
      return write("overwritten");
    case 3:
      for (size_t i = at; i < std::min(bytes.size(), at + 1 + random.Below(600)); ++i) bytes[i] = '\0';
      return write("zeroed");
    case 4:
      fs::remove(path);
      return name + ": removed";
    case 5:
      bytes.insert(at, random.Bytes(1 + random.Below(20)));
      return write("bytes put in");
    case 6:
      bytes.erase(at, 1 + random.Below(20));
      return write("bytes taken out");
    case 7: {
      const std::string other = files[random.Below(files.size())];
      bytes = ReadFile(directory + "/" + other);
      return write("replaced by " + other);
    }
    case 8: {
      // One part of the file over another part of it.
      const size_t from = random.Below(used + 1),
                   length = std::min(bytes.size() - std::max(at, from), 1 + random.Below(300));
      bytes.replace(at, length, bytes.substr(from, length));
      return write("a copy of the bytes at " + std::to_string(from));
    }
    default:
      bytes = random.OneIn(2) ? "" : random.Bytes(random.Below(200));
      return write("all replaced");
  }
}

// Opens the directory, in this process, and says what came of it.
int Judge(const History& history, const std::string& directory, bool exact) {
  std::string state;
  for (int round = 0; round < 2; ++round) {
    rl_db* db = nullptr;
    const int code = Open(directory, &db);
    if (code == RL_ERR_CORRUPT || code == RL_ERR_VERSION) {
      if (round > 0) return kNotRepeatable;
      return Message().size() < 10 ? kUnsaid : kRefused;
    }
    if (code != RL_OK) {
      std::printf("    code %d: %s\n", code, Message().c_str());
      return kWrongCode;
    }
    const std::string found = Contents(db);
    if (round == 0 && (exact ? found != history.last() : !history.Has(found))) {
      std::printf("    it holds\n%s\n    and should hold\n%s\n", found.substr(0, 2000).c_str(),
                  history.last().substr(0, 2000).c_str());
      return kWrongState;
    }
    if (round > 0 && found != state) return kNotRepeatable;
    // What opens can be written to, and the write is there the next time.
    if (Set(db, "written after the damage", "v") != RL_OK) return kNotWritable;
    state = Contents(db);
    if (rl_close(db) != RL_OK) return kNotWritable;
  }
  return kAsBefore;
}

void Try(bool clean, int damages, double seconds) {
  Random random;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  int opened = 0, refused = 0;
  while (std::chrono::steady_clock::now() < end) {
    Scratch scratch(Scratch::Where::kMemory);
    History history(scratch.path(), random, 40, random.OneIn(2), random.OneIn(2));
    const std::string source = clean ? history.clean() : history.crashed(), copy = scratch / "damaged";
    for (int i = 0; i < 40 && std::chrono::steady_clock::now() < end; ++i) {
      CopyDirectory(source, copy);
      std::string what;
      for (int d = 0; d < damages; ++d) what += "\n    " + Damage(copy, random);
      const std::string kept = scratch / "kept";
      CopyDirectory(copy, kept);
      const int status = InChild([&] { return Judge(history, copy, clean); }, 30);
      opened += status == kAsBefore ? 1 : 0;
      refused += status == kRefused ? 1 : 0;
      if (status == kAsBefore || status == kRefused) continue;
      const std::string saved = scratch.path() + "-damaged";
      CopyDirectory(kept, saved);
      FAIL() << "status " << status
             << " (11 a wrong state, 12 a wrong code, 13 no message, 14 not repeatable, 15 not writable, "
             << "negative: a signal)" << what << "\nkept in " << saved;
    }
  }
  std::printf("%d opened as before, %d refused\n", opened, refused);
  EXPECT_GT(refused, 0) << "no damage was ever refused: does it hit anything?";
  EXPECT_GT(opened, 0) << "no damage was ever harmless";
}

TEST(SlowDamage, AfterACleanCloseTheStoreIsExactOrRefuses) { Try(true, 1, LoadSeconds(15)); }
TEST(SlowDamage, AfterACrashTheStoreIsAStateThatWasOrRefuses) { Try(false, 1, LoadSeconds(15)); }

TEST(Damage, UndamagedCopiesOpen) {
  Random random;
  Scratch scratch(Scratch::Where::kMemory);
  History history(scratch.path(), random, 60, true, true);
  EXPECT_EQ(InChild([&] { return Judge(history, history.clean(), true); }), kAsBefore);
  EXPECT_EQ(InChild([&] { return Judge(history, history.crashed(), true); }), kAsBefore);
}

// The judge must see what is wrong: a store with one key changed behind the history's back.
TEST(Damage, CanaryAWrongStateIsSeen) {
  Random random;
  Scratch scratch(Scratch::Where::kMemory);
  History history(scratch.path(), random, 20, false, false);
  {
    Store store(history.clean());
    ASSERT_EQ(Set(store, "planted", "v"), RL_OK);
  }
  EXPECT_EQ(InChild([&] { return Judge(history, history.clean(), true); }), kWrongState);
  EXPECT_EQ(InChild([&] { return Judge(history, history.clean(), false); }), kWrongState);
}

TEST(Damage, RandomFilesAreNoStore) {
  Random random;
  for (int i = 0; i < 30; ++i) {
    Scratch scratch(Scratch::Where::kMemory);
    fs::create_directories(scratch / "db");
    {
      Store store(scratch / "model");
      ASSERT_EQ(Set(store, "k", "v"), RL_OK);
    }
    for (const auto& entry : fs::directory_iterator(scratch / "model")) {
      if (entry.path().filename() != "LOCK")
        WriteFile(scratch / "db/" + entry.path().filename().string(), random.Bytes(random.Below(5000)));
    }
    const int status = InChild([&] {
      rl_db* db = nullptr;
      const int code = Open(scratch / "db", &db);
      return code == RL_ERR_CORRUPT || code == RL_ERR_VERSION ? 0 : 1;
    });
    ASSERT_EQ(status, 0) << "round " << i;
  }
}

TEST(Damage, SalvageOpensWhatStrictRefusesAndReportsIt) {
  Random random;
  int salvaged = 0;
  for (int i = 0; i < 60 && salvaged < 10; ++i) {
    Scratch scratch(Scratch::Where::kMemory);
    History history(scratch.path(), random, 30, random.OneIn(2), true);
    const std::string what = Damage(history.clean(), random);
    rl_db* db = nullptr;
    const int code = Open(history.clean(), &db);
    rl_close(db);
    if (code != RL_ERR_CORRUPT) continue;
    const int again = Open(history.clean(), &db, {{"recovery", "salvage"}});
    // A store whose manifest is beyond reading has nothing to salvage by; it must still say so and not fall over.
    if (again != RL_OK) {
      EXPECT_EQ(again, RL_ERR_CORRUPT) << what << ": " << Message();
      continue;
    }
    ++salvaged;
    char* text = nullptr;
    EXPECT_EQ(rl_info(db, "recovery", &text, nullptr), RL_OK);
    EXPECT_NE(text, nullptr);
    rl_buffer_free(text);
    EXPECT_EQ(Set(db, "after", "salvage"), RL_OK);
    const std::string state = Contents(db);
    EXPECT_EQ(rl_close(db), RL_OK);
    Store store(history.clean());
    EXPECT_EQ(Contents(store), state) << what;
  }
  EXPECT_GT(salvaged, 0);
}

}  // namespace
}  // namespace stress
