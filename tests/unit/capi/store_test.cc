// The store as a whole: opening, closing, the codes of both, durability, backup, check and info.
#include "tests/unit/capi/store.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "capi/testing.h"
#include "tests/unit/capi/failing_files.h"

namespace redislite::capi {
namespace {

namespace fs = std::filesystem;

int Open(const std::string& path, const OptionList& list = {}) {
  rl_db* db = nullptr;
  const Options options(list);
  const int code = rl_open(path.c_str(), options.get(), &db);
  EXPECT_EQ(db != nullptr, code == RL_OK);
  EXPECT_EQ(rl_close(db), RL_OK);
  return code;
}

// Every file with its content.
std::map<std::string, std::string> FilesOf(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path()] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

// The largest file whose name begins so.
std::string FileOf(const std::string& path, const std::string& prefix) {
  std::string largest;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
    if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
  }
  EXPECT_NE(largest, "") << "no " << prefix << " in " << path;
  return largest;
}

TEST(Open, MakesTheDirectoryAndComesBackWithWhatWasWritten) {
  const Directory directory;
  const std::string path = directory / "new";
  {
    const Store store(path.c_str());
    EXPECT_EQ(Set(store, "k", "v"), RL_OK);
    EXPECT_EQ(Command(store, {"RPUSH", "l", "a", "b"}), "2");
  }
  const Store store(path.c_str());
  EXPECT_EQ(Get(store, "k"), "v");
  EXPECT_EQ(Command(store, {"LRANGE", "l", "0", "-1"}), "[\"a\" \"b\"]");
}

TEST(Open, NullAndMemoryKeepNothingOnDisk) {
  const Directory directory;
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  for (const char* path : {static_cast<const char*>(nullptr), ":memory:"}) {
    {
      const Store store(path);
      EXPECT_EQ(Set(store, "k", "v"), RL_OK);
      EXPECT_EQ(rl_sync(store), RL_OK);
      EXPECT_EQ(rl_snapshot(store), RL_ERR_INVALID);
    }
    const Store store(path);
    EXPECT_EQ(Get(store, "k"), "code 1");
  }
  EXPECT_TRUE(fs::is_empty(directory.path()));
  fs::current_path(before);
}

TEST(Open, MisuseIsRefusedAndWritesNull) {
  rl_db* db = reinterpret_cast<rl_db*>(&db);
  EXPECT_EQ(rl_open("", nullptr, &db), RL_ERR_INVALID);
  EXPECT_EQ(db, nullptr);
  EXPECT_NE(Message(nullptr).find("path"), std::string::npos);
  EXPECT_EQ(rl_open(nullptr, nullptr, nullptr), RL_ERR_INVALID);
  EXPECT_NE(Message(nullptr).find("out"), std::string::npos);
}

TEST(Open, WithoutCreateAMissingDirectoryIsNotFound) {
  const Directory directory;
  EXPECT_EQ(Open(directory / "missing", {{"create", "no"}}), RL_ERR_NOT_FOUND);
  EXPECT_NE(Message(nullptr).find(directory / "missing"), std::string::npos) << Message(nullptr);
  EXPECT_FALSE(fs::exists(directory / "missing"));
  EXPECT_EQ(Open(directory / "missing"), RL_OK);
  EXPECT_EQ(Open(directory / "missing", {{"create", "no"}}), RL_OK);
}

TEST(Open, APathThatIsAFileIsAnIoErrorThatNamesIt) {
  const Directory directory;
  std::ofstream(directory / "file") << "text";
  EXPECT_EQ(Open(directory / "file"), RL_ERR_IO);
  EXPECT_NE(Message(nullptr).find(directory / "file"), std::string::npos) << Message(nullptr);
  EXPECT_EQ(Open(directory / "file/below"), RL_ERR_IO);
  EXPECT_EQ(FilesOf(directory.path()).size(), 1u);
}

TEST(Open, ASecondOpenerIsBusyAndToldTheHolder) {
  const Directory directory;
  const std::string path = directory / "s";
  {
    const Store store(path.c_str());
    EXPECT_EQ(Open(path), RL_ERR_BUSY);
    EXPECT_NE(Message(nullptr).find(std::to_string(getpid())), std::string::npos) << Message(nullptr);
    EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  }
  EXPECT_EQ(Open(path), RL_OK);
}

TEST(Open, ReadOnlyReadsAndRefusesEveryWriteAndChangesNoByte) {
  const Directory directory;
  const std::string path = directory / "s";
  EXPECT_EQ(Open(path), RL_OK);
  {
    const Store store(path.c_str());
    EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  }
  const auto before = FilesOf(path);
  {
    const Store store(path.c_str(), OptionList{{"read-only", "yes"}});
    EXPECT_EQ(Get(store, "k"), "v");
    EXPECT_EQ(Set(store, "k", "w"), RL_ERR_READONLY);
    EXPECT_EQ(rl_set_with(store, "k", 1, "w", 1, 10, 0), RL_ERR_READONLY);
    EXPECT_EQ(rl_del(store, "k", 1), RL_ERR_READONLY);
    EXPECT_EQ(rl_incr_by(store, "n", 1, 1, nullptr), RL_ERR_READONLY);
    EXPECT_EQ(rl_expire(store, "k", 1, 1), RL_ERR_READONLY);
    EXPECT_EQ(rl_sync(store), RL_ERR_READONLY);
    EXPECT_EQ(rl_snapshot(store), RL_ERR_READONLY);
    rl_reply* reply = nullptr;
    const Argv argv({"SET", "k", "w"});
    EXPECT_EQ(rl_command(store, argv.count(), argv.pointers(), argv.sizes(), &reply), RL_OK);
    EXPECT_EQ(rl_reply_type(reply), RL_REPLY_ERROR);
    EXPECT_EQ(rl_reply_code(reply), RL_ERR_READONLY);
    rl_reply_free(reply);
    EXPECT_EQ(Get(store, "k"), "v");
    EXPECT_EQ(rl_backup(store, (directory / "copy").c_str(), nullptr, nullptr), RL_OK) << Message(store);
  }
  EXPECT_EQ(FilesOf(path), before);
  EXPECT_EQ(Open(directory / "copy"), RL_OK);
}

// A store with a snapshot and a log behind it, closed.
void MakeStore(const std::string& path) {
  const Store store(path.c_str());
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Set(store, "before" + std::to_string(i), std::string(50, 'x')), RL_OK);
  EXPECT_EQ(rl_snapshot(store), RL_OK) << Message(store);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Set(store, "after" + std::to_string(i), std::string(50, 'y')), RL_OK);
}

void FlipByte(const std::string& file, uint64_t offset) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  const char byte = static_cast<char>(stream.get());
  stream.seekp(static_cast<std::streamoff>(offset));
  stream.put(static_cast<char>(byte ^ 0x40));
}

struct CheckResult {
  int code;
  std::string report;
};

CheckResult Check(const std::string& path) {
  char* report = nullptr;
  size_t size = 7;
  CheckResult result{rl_check(path.c_str(), &report, &size), {}};
  if (report != nullptr) {
    result.report.assign(report, size);
    EXPECT_EQ(report[size], '\0');
  } else {
    EXPECT_EQ(size, 0u);
  }
  rl_buffer_free(report);
  return result;
}

TEST(Check, ASoundStoreIsReportedAndNotTouched) {
  const Directory directory;
  MakeStore(directory / "s");
  const auto before = FilesOf(directory / "s");
  const CheckResult result = Check(directory / "s");
  EXPECT_EQ(result.code, RL_OK) << result.report;
  for (const char* field :
       {"\"path\"", "\"ok\"", "\"clean\"", "\"snapshot_lsn\"", "\"last_lsn\"", "\"files\"", "\"errors\""}) {
    EXPECT_NE(result.report.find(field), std::string::npos) << field << " in " << result.report;
  }
  EXPECT_EQ(FilesOf(directory / "s"), before);
  char* report = nullptr;
  EXPECT_EQ(rl_check((directory / "s").c_str(), &report, nullptr), RL_OK);
  rl_buffer_free(report);
}

TEST(Check, DamageIsReportedAndOpeningRefusesItNamingFileAndOffset) {
  for (const char* prefix : {"wal-", "snapshot-"}) {
    SCOPED_TRACE(prefix);
    const Directory directory;
    MakeStore(directory / "s");
    const std::string file = FileOf(directory / "s", prefix);
    FlipByte(file, 1000);
    const auto before = FilesOf(directory / "s");
    const CheckResult result = Check(directory / "s");
    EXPECT_EQ(result.code, RL_ERR_CORRUPT);
    EXPECT_NE(result.report.find(fs::path(file).filename()), std::string::npos) << result.report;
    EXPECT_NE(Message(nullptr).find(fs::path(file).filename()), std::string::npos) << Message(nullptr);
    EXPECT_EQ(Open(directory / "s"), RL_ERR_CORRUPT);
    EXPECT_NE(Message(nullptr).find(fs::path(file).filename()), std::string::npos) << Message(nullptr);
    EXPECT_NE(Message(nullptr).find("offset"), std::string::npos) << Message(nullptr);
    EXPECT_EQ(FilesOf(directory / "s"), before);
  }
}

TEST(Check, WhatIsNoStoreHasACodeAndNoReport) {
  const Directory directory;
  EXPECT_EQ(Check(directory / "missing").code, RL_ERR_NOT_FOUND);
  EXPECT_NE(Message(nullptr).find("missing"), std::string::npos) << Message(nullptr);
  EXPECT_FALSE(fs::exists(directory / "missing"));
  std::ofstream(directory / "file") << "text";
  EXPECT_EQ(Check(directory / "file").code, RL_ERR_IO);
  const Store store((directory / "s").c_str());
  EXPECT_EQ(Check(directory / "s").code, RL_ERR_BUSY);
  char* report = nullptr;
  EXPECT_EQ(rl_check(nullptr, &report, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_check("", &report, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_check("somewhere", nullptr, nullptr), RL_ERR_INVALID);
}

TEST(Close, IsOnceAndEveryCallAfterItIsClosed) {
  EXPECT_EQ(rl_close(nullptr), RL_OK);
  Store store;
  rl_batch* batch = nullptr;
  ASSERT_EQ(rl_batch_new(store, &batch), RL_OK);
  const auto [code, db] = store.Close();
  EXPECT_EQ(code, RL_OK);
  EXPECT_EQ(rl_close(db), RL_ERR_CLOSED);
  const Argv ping({"PING"});
  rl_reply* reply = nullptr;
  rl_batch* late_batch = nullptr;
  rl_session* session = nullptr;
  char* text = nullptr;
  int64_t number = 0;
  uint64_t keys = 0;
  size_t size = 7;
  EXPECT_EQ(Set(db, "k", "v"), RL_ERR_CLOSED);
  EXPECT_EQ(rl_set_with(db, "k", 1, "v", 1, 0, 0), RL_ERR_CLOSED);
  EXPECT_EQ(Get(db, "k"), "code -12");
  EXPECT_EQ(rl_get_into(db, "k", 1, nullptr, 0, &size), RL_ERR_CLOSED);
  EXPECT_EQ(rl_del(db, "k", 1), RL_ERR_CLOSED);
  EXPECT_EQ(rl_exists(db, "k", 1), RL_ERR_CLOSED);
  EXPECT_EQ(rl_incr_by(db, "k", 1, 1, nullptr), RL_ERR_CLOSED);
  EXPECT_EQ(rl_expire(db, "k", 1, 1), RL_ERR_CLOSED);
  EXPECT_EQ(rl_persist(db, "k", 1), RL_ERR_CLOSED);
  EXPECT_EQ(rl_ttl(db, "k", 1, &number), RL_ERR_CLOSED);
  EXPECT_EQ(rl_count(db, &keys), RL_ERR_CLOSED);
  EXPECT_EQ(rl_command(db, 1, ping.pointers(), nullptr, &reply), RL_ERR_CLOSED);
  EXPECT_EQ(reply, nullptr);
  EXPECT_EQ(rl_batch_new(db, &late_batch), RL_ERR_CLOSED);
  EXPECT_EQ(late_batch, nullptr);
  EXPECT_EQ(rl_batch_add(batch, 1, ping.pointers(), nullptr), RL_ERR_CLOSED);
  EXPECT_EQ(rl_batch_commit(batch, &reply), RL_ERR_CLOSED);
  EXPECT_EQ(rl_session_open(db, &session), RL_ERR_CLOSED);
  EXPECT_EQ(rl_sync(db), RL_ERR_CLOSED);
  EXPECT_EQ(rl_snapshot(db), RL_ERR_CLOSED);
  EXPECT_EQ(rl_backup(db, "somewhere", nullptr, nullptr), RL_ERR_CLOSED);
  EXPECT_EQ(rl_info(db, nullptr, &text, &size), RL_ERR_CLOSED);
  EXPECT_EQ(text, nullptr);
  rl_batch_free(batch);
}

TEST(Close, FromInsideACallOnTheSameStoreIsRefused) {
  const Directory directory;
  const Store store;
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  struct Seen {
    rl_db* db;
    int code;
    std::string value;
  } seen{store, RL_OK, ""};
  const auto progress = [](void* ctx, uint64_t, uint64_t) {
    Seen& s = *static_cast<Seen*>(ctx);
    s.code = rl_close(s.db);
    s.value = Get(s.db, "k");
    return 0;
  };
  EXPECT_EQ(rl_backup(store, (directory / "copy").c_str(), progress, &seen), RL_OK) << Message(store);
  EXPECT_EQ(seen.code, RL_ERR_INVALID);
  EXPECT_EQ(seen.value, "v");
}

TEST(Durability, AFullDiskRefusesTheWriteAndLaterOnesSucceed) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  EXPECT_EQ(Set(store, "k", "1"), RL_OK);
  files.write_code = Code::kFull;
  EXPECT_EQ(Set(store, "k", "2"), RL_ERR_FULL);
  EXPECT_EQ(rl_del(store, "k", 1), RL_ERR_FULL);
  EXPECT_EQ(Get(store, "k"), "1") << "memory unchanged (I7)";
  files.write_code = Code::kOk;
  EXPECT_EQ(Set(store, "k", "3"), RL_OK) << Message(store);
  EXPECT_EQ(Get(store, "k"), "3");
}

// What writers hand over after the cut has nowhere to go when the snapshot, or the backup, cannot even begin.
TEST(Durability, ASnapshotThatFindsNoRoomToBeginLetsGoOfWhatWritersHandedOver) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  EXPECT_EQ(Set(store, "replaced", "1"), RL_OK);
  EXPECT_EQ(Set(store, "changed", "1"), RL_OK);
  int begun = 0;
  files.before_open = [&](const std::string& path) -> Status {
    if (path.find("snapshot-") == std::string::npos) return Status::Ok();
    ++begun;
    EXPECT_EQ(Set(store, "replaced", "2"), RL_OK);
    EXPECT_EQ(rl_del(store, "changed", 7), RL_OK);
    EXPECT_EQ(Set(store, "changed", "2"), RL_OK);
    return {Code::kFull, "no room"};
  };
  EXPECT_EQ(rl_snapshot(store), RL_ERR_FULL);
  EXPECT_EQ(rl_backup(store, (directory / "b").c_str(), nullptr, nullptr), RL_ERR_FULL);
  EXPECT_EQ(begun, 2);
  files.before_open = nullptr;
  EXPECT_EQ(rl_snapshot(store), RL_OK) << Message(store);
  EXPECT_EQ(Get(store, "replaced"), "2");
  EXPECT_EQ(Get(store, "changed"), "2");
}

TEST(Durability, AFailedSyncPoisonsTheHandleAndReadsGoOn) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  rl_db* db = nullptr;
  ASSERT_EQ(rl_open((directory / "s").c_str(), options.get(), &db), RL_OK) << Message(nullptr);
  EXPECT_EQ(Set(db, "k", "1"), RL_OK);
  files.sync_code = Code::kIo;
  EXPECT_EQ(Set(db, "k", "2"), RL_ERR_IO);
  EXPECT_NE(Message(db).find("planted"), std::string::npos) << Message(db);
  files.sync_code = Code::kOk;
  EXPECT_EQ(Set(db, "k", "3"), RL_ERR_IO) << "poisoned until opened again (I7)";
  EXPECT_NE(Message(db).find("planted"), std::string::npos) << "the first cause: " << Message(db);
  EXPECT_EQ(rl_sync(db), RL_ERR_IO);
  EXPECT_EQ(Get(db, "k"), "1");
  rl_batch* batch = nullptr;
  ASSERT_EQ(rl_batch_new(db, &batch), RL_OK);
  const Argv set({"SET", "k", "4"});
  EXPECT_EQ(rl_batch_add(batch, set.count(), set.pointers(), set.sizes()), RL_OK);
  EXPECT_EQ(rl_batch_commit(batch, nullptr), RL_ERR_IO);
  rl_batch_free(batch);
  EXPECT_EQ(rl_close(db), RL_ERR_IO) << "the seal failed; closed all the same";
  EXPECT_NE(Message(db), "");
  EXPECT_EQ(rl_close(db), RL_ERR_CLOSED);
  // What was acknowledged is there, and nothing after the poison is; the write in between may be, whole.
  const Store store((directory / "s").c_str());
  const std::string value = Get(store, "k");
  EXPECT_TRUE(value == "1" || value == "2") << value;
}

TEST(Durability, ADurableSetIsOneWriteAndOneSyncAndAMissIsNone) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  EXPECT_EQ(Set(store, "k", "1"), RL_OK);
  int writes = files.writes;
  int syncs = files.syncs;
  EXPECT_EQ(Set(store, "k", "2"), RL_OK);
  EXPECT_EQ(files.writes - writes, 1);
  EXPECT_EQ(files.syncs - syncs, 1);
  writes = files.writes;
  syncs = files.syncs;
  EXPECT_EQ(rl_del(store, "missing", 7), RL_NOT_FOUND);
  EXPECT_EQ(rl_persist(store, "k", 1), RL_OK);
  EXPECT_EQ(rl_set_with(store, "k", 1, "v", 1, 0, RL_SET_NX), RL_CONDITION);
  EXPECT_EQ(Get(store, "k"), "2");
  EXPECT_EQ(files.writes - writes, 0);
  EXPECT_EQ(files.syncs - syncs, 0);
}

TEST(Backup, IsAStoreOfItsOwnInADirectoryThatIsNewOrEmpty) {
  const Directory directory;
  for (const bool on_disk : {true, false}) {
    const std::string tag = on_disk ? "disk" : "memory";
    const Store store(on_disk ? (directory / "s").c_str() : nullptr);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(Set(store, std::to_string(i), tag), RL_OK);
    fs::create_directory(directory / (tag + "-empty"));
    for (const std::string& target : {directory / (tag + "-new"), directory / (tag + "-empty")}) {
      EXPECT_EQ(rl_backup(store, target.c_str(), nullptr, nullptr), RL_OK) << Message(store);
      const Store copy(target.c_str());
      uint64_t keys = 0;
      EXPECT_EQ(rl_count(copy, &keys), RL_OK);
      EXPECT_EQ(keys, 100u);
      EXPECT_EQ(Get(copy, "99"), tag);
      EXPECT_EQ(rl_backup(store, target.c_str(), nullptr, nullptr), RL_ERR_INVALID) << "in use";
      EXPECT_NE(Message(store).find(target), std::string::npos) << Message(store);
    }
    EXPECT_EQ(rl_backup(store, nullptr, nullptr, nullptr), RL_ERR_INVALID);
    EXPECT_EQ(rl_backup(store, "", nullptr, nullptr), RL_ERR_INVALID);
  }
}

TEST(Backup, ReportsProgressAndCanBeCancelled) {
  const Directory directory;
  const Store store;
  for (int i = 0; i < 3000; ++i) EXPECT_EQ(Set(store, std::to_string(i), "v"), RL_OK);
  struct Progress {
    uint64_t done = 0;
    uint64_t total = 0;
    int calls = 0;
    int cancel_at = -1;
    static int Report(void* ctx, uint64_t done, uint64_t total) {
      Progress& p = *static_cast<Progress*>(ctx);
      EXPECT_GE(done, p.done);
      EXPECT_LE(done, total);
      p.done = done;
      p.total = total;
      return p.calls++ == p.cancel_at ? 1 : 0;
    }
  };
  Progress whole;
  EXPECT_EQ(rl_backup(store, (directory / "a").c_str(), &Progress::Report, &whole), RL_OK);
  EXPECT_EQ(whole.total, 3000u);
  EXPECT_EQ(whole.done, 3000u);
  Progress cancelled;
  cancelled.cancel_at = 0;
  EXPECT_EQ(rl_backup(store, (directory / "b").c_str(), &Progress::Report, &cancelled), RL_CONDITION);
  EXPECT_FALSE(fs::exists(directory / "b")) << "it removes what it wrote";
}

std::string Info(rl_db* db, const char* section) {
  char* text = nullptr;
  size_t size = 7;
  EXPECT_EQ(rl_info(db, section, &text, &size), RL_OK);
  EXPECT_EQ(text[size], '\0');
  std::string info(text, size);
  rl_buffer_free(text);
  return info;
}

TEST(Info, NullIsAllSectionsAndOthersAreByName) {
  const Directory directory;
  const Store store((directory / "s").c_str());
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  const std::string all = Info(store, nullptr);
  for (const std::string section : {"Server", "Memory", "Persistence", "Stats", "Keyspace", "Recovery"}) {
    EXPECT_NE(all.find("# " + section), std::string::npos) << section;
    std::string name = section;
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
    const std::string one = Info(store, name.c_str());
    EXPECT_EQ(one.rfind("# " + section, 0), 0u) << one;
    EXPECT_EQ(one.find("# ", 2), std::string::npos) << one;
  }
  EXPECT_EQ(Info(store, "nonsense"), "");
  EXPECT_EQ(Info(store, ""), "");
  EXPECT_NE(Info(store, "keyspace").find("db0:keys=1"), std::string::npos);
  char* text = nullptr;
  EXPECT_EQ(rl_info(store, nullptr, &text, nullptr), RL_OK);
  rl_buffer_free(text);
  EXPECT_EQ(rl_info(store, nullptr, nullptr, nullptr), RL_ERR_INVALID);
}

TEST(Store, NullHandlesAreMisuse) {
  char* text = nullptr;
  EXPECT_EQ(rl_sync(nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_snapshot(nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_backup(nullptr, "p", nullptr, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_info(nullptr, nullptr, &text, nullptr), RL_ERR_INVALID);
}

TEST(Snapshot, ReleasesTheLogBeforeItAndComesBack) {
  const Directory directory;
  MakeStore(directory / "s");
  const Store store((directory / "s").c_str());
  uint64_t keys = 0;
  EXPECT_EQ(rl_count(store, &keys), RL_OK);
  EXPECT_EQ(keys, 100u);
  EXPECT_EQ(rl_snapshot(store), RL_OK);
  EXPECT_EQ(rl_snapshot(store), RL_OK) << "another, though nothing changed";
}

}  // namespace
}  // namespace redislite::capi
