// Places where a store cannot live, or soon cannot: a file, a directory without permission, a read-only file system, a
// full disk.
//
// The tests that mount something need root; they do it in a mount namespace of their own, which ends with the process.
#include <grp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "support.h"

namespace stress {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kNobody = 65534;

int CodeOfOpen(const std::string& path, const Options& options = {}) {
  rl_db* db = nullptr;
  const int code = Open(path, &db, options);
  EXPECT_EQ(db == nullptr, code != RL_OK);
  rl_close(db);
  return code;
}

// A tmpfs of this many bytes; false, with the reason printed, where it cannot be had.
bool MountSmallDisk(const std::string& path, size_t bytes) {
  fs::create_directories(path);
  std::string reason = EnterOwnMounts();
  if (reason.empty() && mount("none", path.c_str(), "tmpfs", 0, ("size=" + std::to_string(bytes)).c_str()) != 0) {
    reason = std::strerror(errno);
  }
  if (!reason.empty()) {
    std::printf("skipped: %s\n", reason.c_str());
    return false;
  }
  return true;
}

TEST(Places, APathThatIsAFile) {
  Scratch scratch;
  const std::string path = scratch / "file";
  std::ofstream(path) << "precious";
  EXPECT_EQ(CodeOfOpen(path), RL_ERR_IO);
  EXPECT_NE(Message().find(path), std::string::npos) << Message();
  EXPECT_EQ(CodeOfOpen(path + "/below"), RL_ERR_IO);
  EXPECT_EQ(CodeOfOpen(path, {{"create", "no"}}), RL_ERR_IO);
  EXPECT_EQ(CodeOfOpen(path, {{"read-only", "yes"}}), RL_ERR_IO);
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(Places, APathThatDoesNotExist) {
  Scratch scratch;
  EXPECT_EQ(CodeOfOpen(scratch / "none", {{"create", "no"}}), RL_ERR_NOT_FOUND);
  EXPECT_EQ(CodeOfOpen(scratch / "none", {{"read-only", "yes"}}), RL_ERR_NOT_FOUND);
  EXPECT_FALSE(fs::exists(scratch / "none"));
  EXPECT_EQ(CodeOfOpen(scratch / "made/with/those/above"), RL_OK);
  EXPECT_LT(CodeOfOpen(scratch / std::string(5000, 'x')), 0);
  EXPECT_LT(CodeOfOpen(""), 0);
}

TEST(Places, ADirectoryWithForeignFilesKeepsThem) {
  Scratch scratch;
  fs::create_directories(scratch / "db");
  std::ofstream(scratch / "db/notes.txt") << "precious";
  {
    Store store(scratch / "db");
    ASSERT_EQ(Set(store, "k", "v"), RL_OK);
    ASSERT_EQ(rl_snapshot(store), RL_OK);
  }
  Store store(scratch / "db");
  EXPECT_EQ(Get(store, "k"), "v");
  std::string content;
  std::ifstream(scratch / "db/notes.txt") >> content;
  EXPECT_EQ(content, "precious");
}

TEST(Places, ADirectoryWithoutPermission) {
  Scratch scratch;
  {
    Store store(scratch / "db");
    ASSERT_EQ(Set(store, "k", "v"), RL_OK);
  }
  chmod(scratch.path().c_str(), 0755);
  const auto as_user = [&](const std::string& path, const Options& options, int expected) {
    const bool root = geteuid() == 0;
    return InChild([&] {
      // Without the right to read or write there must be an answer, whatever it was that could not be done.
      if (root && (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0)) return 3;
      rl_db* db = nullptr;
      const int code = Open(path, &db, options);
      if (code != expected) std::printf("%s: code %d: %s\n", path.c_str(), code, Message().c_str());
      const bool named = code == RL_OK || Message().find(path) != std::string::npos;
      if (!named) std::printf("the message does not name the path: %s\n", Message().c_str());
      rl_close(db);
      return code == expected && named ? 0 : 1;
    });
  };
  chmod((scratch / "db").c_str(), 0000);
  EXPECT_EQ(as_user(scratch / "db", {}, RL_ERR_IO), 0);
  EXPECT_EQ(as_user(scratch / "db", {{"read-only", "yes"}}, RL_ERR_IO), 0);
  chmod((scratch / "db").c_str(), 0555);
  if (geteuid() == 0) {
    // Others may look, not write: the files are root's.
    EXPECT_EQ(as_user(scratch / "db", {}, RL_ERR_IO), 0);
    EXPECT_EQ(as_user(scratch / "new", {}, RL_ERR_IO), 0);
  }
  chmod((scratch / "db").c_str(), 0755);
  Store store(scratch / "db");
  EXPECT_EQ(Get(store, "k"), "v");
}

TEST(Places, AReadOnlyFileSystem) {
  Scratch scratch;
  const std::string disk = scratch / "disk";
  if (!MountSmallDisk(disk, size_t{256} << 20)) GTEST_SKIP();
  {
    Store store(disk + "/db");
    ASSERT_EQ(Set(store, "k", "v"), RL_OK);
    ASSERT_EQ(Do(store, {"RPUSH", "l", "a", "b"}), "2");
  }
  CopyAsAfterACrash(disk + "/db", disk + "/crashed");
  ASSERT_EQ(mount("none", disk.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0) << std::strerror(errno);
  EXPECT_EQ(CodeOfOpen(disk + "/db"), RL_ERR_IO);
  EXPECT_NE(Message().find(disk), std::string::npos) << Message();
  EXPECT_EQ(CodeOfOpen(disk + "/new"), RL_ERR_IO);
  for (const char* name : {"/db", "/crashed"}) {
    Store store(disk + name, {{"read-only", "yes"}});
    ASSERT_NE(store.get(), nullptr);
    EXPECT_EQ(Get(store, "k"), "v");
    EXPECT_EQ(Do(store, {"LRANGE", "l", "0", "-1"}), "[a, b]");
    EXPECT_EQ(Set(store, "k", "w"), RL_ERR_READONLY);
    EXPECT_EQ(rl_snapshot(store), RL_ERR_READONLY);
    EXPECT_EQ(Do(store, {"DEL", "k"}).substr(0, 9), "-READONLY");
    EXPECT_EQ(Get(store, "k"), "v");
    EXPECT_EQ(rl_close(store.get()), RL_OK);
  }
}

// Fills the disk in many ways and compares the store with what was acknowledged, at every stage.
class FullDisk {
 public:
  explicit FullDisk(std::string path) : path_(std::move(path)) {}

  int Write(rl_db* db, const std::string& key, const std::string& value) {
    const int code = Set(db, key, value);
    if (code == RL_OK) expected_[key] = value;
    return code;
  }
  int Remove(rl_db* db, const std::string& key) {
    const int code = rl_del(db, key.data(), key.size());
    if (code == RL_OK) expected_.erase(key);
    return code;
  }
  void Check(rl_db* db, const char* when) {
    uint64_t keys = 0;
    ASSERT_EQ(rl_count(db, &keys), RL_OK) << when;
    EXPECT_EQ(keys, expected_.size()) << when;
    for (const auto& [key, value] : expected_) ASSERT_TRUE(Get(db, key) == value) << when << ": " << key;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::map<std::string, std::string> expected_;
};

class FullDiskModes : public testing::TestWithParam<const char*> {};

TEST_P(FullDiskModes, AFullDiskRefusesWritesAndTakesThemAgainWhenThereIsRoom) {
  Scratch scratch;
  const std::string disk = scratch / "disk";
  if (!MountSmallDisk(disk, size_t{160} << 20)) GTEST_SKIP();
  Random random;
  FullDisk test(disk + "/db");
  const std::string ballast = disk + "/ballast";
  {
    std::ofstream out(ballast, std::ios::binary);
    const std::string block(1 << 20, 'b');
    for (int i = 0; i < 40; ++i) out << block;
  }
  {
    Store store(test.path(), {{"appendfsync", GetParam()}});
    ASSERT_NE(store.get(), nullptr);
    int refused = 0;
    for (int i = 0; i < 20'000 && refused < 50; ++i) {
      const std::string key = "k" + std::to_string(random.Below(400));
      const int code = test.Write(store, key, std::to_string(i) + random.Bytes(1 + random.Below(60'000)));
      ASSERT_TRUE(code == RL_OK || code == RL_ERR_FULL) << code << ": " << Message(store);
      if (code == RL_ERR_FULL) ++refused;
    }
    ASSERT_EQ(refused, 50) << "the disk never filled";
    test.Check(store, "on the full disk");
    const int code = rl_snapshot(store);
    EXPECT_TRUE(code == RL_OK || code == RL_ERR_FULL) << code << ": " << Message(store);
    test.Check(store, "after a snapshot that may have found no room");
    fs::remove(ballast);
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(test.Write(store, "after" + std::to_string(i), "there is room"), RL_OK) << Message(store);
    }
    test.Check(store, "when there is room again");
  }
  {
    Store store(test.path(), {{"appendfsync", GetParam()}});
    ASSERT_NE(store.get(), nullptr);
    test.Check(store, "after reopening");
    for (int i = 0; i < 400; ++i) {
      const int code = test.Remove(store, "k" + std::to_string(i));
      ASSERT_TRUE(code == RL_OK || code == RL_NOT_FOUND || code == RL_ERR_FULL) << code << ": " << Message(store);
    }
    test.Check(store, "after removing");
  }
  Store store(test.path(), {{"appendfsync", GetParam()}});
  ASSERT_NE(store.get(), nullptr);
  test.Check(store, "at the end");
}

TEST_P(FullDiskModes, AStoreOnAFullDiskThatDiesLosesNothing) {
  Scratch scratch;
  const std::string disk = scratch / "disk";
  if (!MountSmallDisk(disk, size_t{120} << 20)) GTEST_SKIP();
  Random random;
  FullDisk test(disk + "/db");
  {
    Store store(test.path(), {{"appendfsync", GetParam()}});
    ASSERT_NE(store.get(), nullptr);
    int refused = 0;
    for (int i = 0; i < 20'000 && refused < 20; ++i) {
      const int code =
          test.Write(store, "k" + std::to_string(random.Below(200)), random.Bytes(1 + random.Below(40'000)));
      ASSERT_TRUE(code == RL_OK || code == RL_ERR_FULL) << code << ": " << Message(store);
      if (code == RL_ERR_FULL) ++refused;
    }
    ASSERT_EQ(refused, 20) << "the disk never filled";
    CopyAsAfterACrash(test.path(), scratch / "copy");
    // The seal may find no room; the store is closed all the same.
    const int closed = rl_close(store.get());
    EXPECT_TRUE(closed == RL_OK || closed == RL_ERR_FULL) << closed;
  }
  Store copy(scratch / "copy");
  ASSERT_NE(copy.get(), nullptr);
  test.Check(copy, "in the copy of the dead store");
  // On the full disk itself: either it opens with everything, or it says that there is no room, and still has
  // everything.
  rl_db* db = nullptr;
  const int code = Open(test.path(), &db, {{"appendfsync", GetParam()}});
  ASSERT_TRUE(code == RL_OK || code == RL_ERR_FULL) << code << ": " << Message();
  if (code == RL_OK) test.Check(db, "on the full disk");
  rl_close(db);
  Store look(test.path(), {{"read-only", "yes"}});
  ASSERT_NE(look.get(), nullptr);
  test.Check(look, "read-only");
}

INSTANTIATE_TEST_SUITE_P(Slow, FullDiskModes, testing::Values("always", "everysec", "no"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Places, ADiskTooSmallToBeginWith) {
  Scratch scratch;
  const std::string disk = scratch / "disk";
  if (!MountSmallDisk(disk, 16384)) GTEST_SKIP();
  rl_db* db = nullptr;
  const int code = Open(disk + "/db", &db);
  ASSERT_TRUE(code == RL_OK || code == RL_ERR_FULL) << code << ": " << Message();
  if (code == RL_OK) {
    EXPECT_EQ(Set(db, "k", std::string(100'000, 'x')), RL_ERR_FULL);
    EXPECT_EQ(Get(db, "k"), "(none)");
  }
  rl_close(db);
}

}  // namespace
}  // namespace stress
