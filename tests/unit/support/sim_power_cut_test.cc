// What a power cut may leave, on cases small enough to list all of it by hand.
#include "tests/support/sim_power_cut.h"

#include <gtest/gtest.h>

#include <set>

namespace redislite::sim {
namespace {

// A disk as text: "a=xyz b=" for two files; long runs of a character are shortened.
std::string Show(const SimDisk& disk) {
  std::string text;
  for (const std::string& path : disk.Files()) {
    text += (text.empty() ? "" : " ") + path.substr(1) + "=";
    const std::string bytes = disk.ReadFile(path);
    for (size_t i = 0; i < bytes.size();) {
      size_t end = i;
      while (end < bytes.size() && bytes[end] == bytes[i]) ++end;
      text += bytes[i] == '\0' ? '0' : bytes[i];
      if (end - i > 1) text += std::to_string(end - i);
      i = end;
    }
  }
  return text;
}

std::set<std::string> Disks(const SimDisk& disk, size_t random_count = 0) {
  std::set<std::string> disks;
  PowerCut(disk).Enumerate({.torn_max = 64, .random_count = random_count, .seed = 1},
                           [&](const SimDisk& after, const std::string&) {
                             EXPECT_FALSE(after.HasPending());
                             EXPECT_TRUE(disks.insert(Show(after)).second) << "the same disk twice: " << Show(after);
                             return true;
                           });
  return disks;
}

using Shown = std::set<std::string>;

InodeId Make(SimDisk& disk, const std::string& path) {
  InodeId inode = 0;
  EXPECT_EQ(disk.CreateFile(path, &inode), 0);
  return inode;
}

void Sync(SimDisk& disk, InodeId inode) { disk.Sync(inode, disk.sequence()); }

// A disk with one durable file.
SimDisk With(const std::string& path, const std::string& bytes) {
  SimDisk disk;
  disk.PutFile(path, bytes);
  EXPECT_FALSE(disk.HasPending());
  return disk;
}

InodeId Find(const SimDisk& disk, const std::string& path) {
  InodeId inode = 0;
  EXPECT_EQ(disk.Find(path, &inode), 0);
  return inode;
}

std::string Repeat(char byte, size_t count) { return std::string(count, byte); }

TEST(PowerCut, WithNothingPendingThereIsOneDisk) {
  EXPECT_EQ(Disks(SimDisk()), Shown{""});
  EXPECT_EQ(Disks(With("/a", "x"), 100), Shown{"a=x"});
}

TEST(PowerCut, ANameThatWasNotSyncedMayVanish) {
  SimDisk disk;
  const InodeId inode = Make(disk, "/a");
  disk.Write(inode, 0, "x");
  Sync(disk, inode);
  EXPECT_EQ(Disks(disk), (Shown{"", "a=x"}));
  Sync(disk, SimDisk::kRoot);
  EXPECT_EQ(Disks(disk), Shown{"a=x"});
}

TEST(PowerCut, ANameMayBeThereWithoutTheBytesThatWereNotSynced) {
  SimDisk disk;
  const InodeId inode = Make(disk, "/a");
  disk.Write(inode, 0, "x");
  Sync(disk, SimDisk::kRoot);
  Shown disks = Disks(disk);
  // The size without the byte: zeros, or noise (which is also what recycled space has when nothing was ever removed).
  EXPECT_EQ(disks.count("a="), 1u);
  EXPECT_EQ(disks.count("a=x"), 1u);
  EXPECT_EQ(disks.count("a=0"), 1u);
  EXPECT_EQ(disks.size(), 4u);
}

TEST(PowerCut, RecycledSpaceHasTheBytesOfTheRemovedFile) {
  SimDisk disk = With("/old", Repeat('o', 600));
  EXPECT_EQ(disk.Remove("/old"), 0);
  Sync(disk, SimDisk::kRoot);
  const InodeId inode = Make(disk, "/a");
  Sync(disk, SimDisk::kRoot);
  disk.Write(inode, 0, Repeat('x', 600));
  EXPECT_EQ(Disks(disk).count("a=o600"), 1u);
  EXPECT_EQ(Disks(disk).count("a=x512o88"), 1u);
}

TEST(PowerCut, ASectorThatWasDurableIsNeverRecycled) {
  SimDisk disk = With("/a", Repeat('a', 300));
  disk.PutFile("/old", Repeat('o', 1500));
  disk.EraseFile("/old");
  disk.Write(Find(disk, "/a"), 300, Repeat('x', 800));
  for (const std::string& shown : Disks(disk, 200)) {
    EXPECT_EQ(shown.rfind("a=a300", 0), 0u) << shown;
    EXPECT_EQ(shown.find("a300o"), std::string::npos)
        << "the rest of a durable sector is zeros, or what was written: " << shown;
  }
}

TEST(PowerCut, AnOverwrittenSectorIsOldOrNewAndNothingElse) {
  SimDisk disk = With("/a", Repeat('a', 512));
  disk.Write(Find(disk, "/a"), 100, Repeat('b', 10));
  EXPECT_EQ(Disks(disk, 50), (Shown{"a=a512", "a=a100b10a402"}));
}

TEST(PowerCut, ASectorWrittenTwiceIsInOneOfThreeStates) {
  SimDisk disk = With("/a", "aaa");
  disk.Write(Find(disk, "/a"), 0, "b");
  disk.Write(Find(disk, "/a"), 1, "c");
  EXPECT_EQ(Disks(disk, 50), (Shown{"a=a3", "a=ba2", "a=bca"}))
      << "the second write carries the first: they share a sector";
}

TEST(PowerCut, TwoSectorsTravelApart) {
  SimDisk disk = With("/a", Repeat('a', 1024));
  disk.Write(Find(disk, "/a"), 0, Repeat('b', 1024));
  EXPECT_EQ(Disks(disk), (Shown{"a=a1024", "a=b1024", "a=b512a512", "a=a512b512"}));
}

TEST(PowerCut, EveryTearOfAWriteIsTried) {
  constexpr size_t kSectors = 9;
  SimDisk disk = With("/a", Repeat('a', kSectors * 512));
  disk.Write(Find(disk, "/a"), 0, Repeat('b', kSectors * 512));
  const Shown disks = Disks(disk);
  for (size_t at = 1; at < kSectors; ++at) {
    const std::string b = "b" + std::to_string(at * 512);
    const std::string a = "a" + std::to_string((kSectors - at) * 512);
    EXPECT_EQ(disks.count("a=" + b + a), 1u) << at;
    EXPECT_EQ(disks.count("a=a" + std::to_string(at * 512) + "b" + std::to_string((kSectors - at) * 512)), 1u) << at;
  }
}

TEST(PowerCut, SizeAndBytesTravelApart) {
  SimDisk disk = With("/a", Repeat('a', 512));
  disk.Write(Find(disk, "/a"), 512, Repeat('b', 1024));
  const Shown disks = Disks(disk);
  EXPECT_EQ(disks.count("a=a512"), 1u);       // neither, or the bytes without the size
  EXPECT_EQ(disks.count("a=a512b1024"), 1u);  // both
  EXPECT_EQ(disks.count("a=a512"
                        "01024"),
            1u);  // the size without the bytes
  EXPECT_EQ(disks.count("a=a512b512"
                        "0512"),
            1u);  // torn
  EXPECT_EQ(disks.count("a=a512"
                        "0512b512"),
            1u);
  EXPECT_EQ(disks.count("a=a512b512"), 1u);  // the size of a part
}

TEST(PowerCut, APageOfAWriteMayBeLostOrComeAlone) {
  SimDisk disk = With("/a", Repeat('a', 3 * 4096));
  disk.Write(Find(disk, "/a"), 0, Repeat('b', 3 * 4096));
  const Shown disks = Disks(disk);
  EXPECT_EQ(disks.count("a=b4096a4096b4096"), 1u);
  EXPECT_EQ(disks.count("a=a4096b4096a4096"), 1u);
}

TEST(PowerCut, AnUnsyncedCutMayComeBack) {
  SimDisk disk = With("/a", Repeat('a', 1024));
  disk.Truncate(Find(disk, "/a"), 600);
  EXPECT_EQ(Disks(disk), (Shown{"a=a1024", "a=a600",
                                "a=a600"
                                "0424"}));
  Sync(disk, Find(disk, "/a"));
  EXPECT_EQ(Disks(disk), Shown{"a=a600"});
}

TEST(PowerCut, AnExtensionIsZerosOrAbsent) {
  SimDisk disk = With("/a", Repeat('a', 100));
  disk.Truncate(Find(disk, "/a"), 2000);
  EXPECT_EQ(Disks(disk, 50), (Shown{"a=a100",
                                    "a=a100"
                                    "01900"}));
}

TEST(PowerCut, AWriteAcrossTheEndNeverShortensTheFile) {
  SimDisk disk = With("/a", Repeat('a', 2048));
  disk.Write(Find(disk, "/a"), 512, Repeat('b', 4096));
  const PowerCut cut(disk);
  cut.Enumerate({.torn_max = 64, .random_count = 100, .seed = 1}, [&](const SimDisk& after, const std::string& what) {
    EXPECT_GE(after.ReadFile("/a").size(), 2048u) << what;
    return true;
  });
}

TEST(PowerCut, ASyncedSectorNeverChanges) {
  SimDisk disk = With("/a", Repeat('a', 2048));
  const InodeId inode = Find(disk, "/a");
  disk.Write(inode, 512, Repeat('b', 512));
  Sync(disk, inode);
  disk.Write(inode, 1024, Repeat('c', 4096));
  for (const std::string& shown : Disks(disk, 300)) EXPECT_EQ(shown.rfind("a=a512b512", 0), 0u) << shown;
}

TEST(PowerCut, ARenameIsLostDoneOrHalfDone) {
  SimDisk disk = With("/a", "new");
  disk.PutFile("/b", "old");
  EXPECT_EQ(disk.Rename("/a", "/b"), 0);
  EXPECT_EQ(Disks(disk, 50), (Shown{"a=new b=old", "b=new", "a=new b=new"}));
  Sync(disk, SimDisk::kRoot);
  EXPECT_EQ(Disks(disk, 50), Shown{"b=new"});
}

TEST(PowerCut, ARenameOfUnsyncedBytesMayReplaceAFileByNothing) {
  SimDisk disk = With("/b", "old");
  disk.Write(Make(disk, "/a"), 0, "new");
  EXPECT_EQ(disk.Rename("/a", "/b"), 0);
  const Shown disks = Disks(disk);
  EXPECT_EQ(disks.count("b="), 1u);
  EXPECT_EQ(disks.count("b=old"), 1u);
  EXPECT_EQ(disks.count("b=new"), 1u);
}

TEST(PowerCut, AnUnsyncedRemovalMayNotHaveHappened) {
  SimDisk disk = With("/a", "x");
  disk.PutFile("/b", "y");
  EXPECT_EQ(disk.Remove("/a"), 0);
  EXPECT_EQ(disk.Remove("/b"), 0);
  EXPECT_EQ(Disks(disk), (Shown{"a=x b=y", "a=x", "b=y", ""})) << "in any order";
}

TEST(PowerCut, ADirectoryThatWasNotSyncedIntoItsParentVanishesWithAllThatIsInIt) {
  SimDisk disk;
  EXPECT_EQ(disk.CreateDirectory("/d"), 0);
  const InodeId inode = Make(disk, "/d/a");
  disk.Write(inode, 0, "x");
  Sync(disk, inode);
  Sync(disk, Find(disk, "/d"));
  EXPECT_EQ(Disks(disk), (Shown{"", "d/a=x"}));
  Sync(disk, SimDisk::kRoot);
  EXPECT_EQ(Disks(disk), Shown{"d/a=x"});
}

TEST(PowerCut, WhatWasWrittenWhileASyncRanIsNotCoveredByIt) {
  SimDisk disk = With("/a", Repeat('a', 1536));
  const InodeId inode = Find(disk, "/a");
  disk.Write(inode, 0, Repeat('b', 512));
  const uint64_t begun = disk.sequence();
  disk.Write(inode, 512, Repeat('c', 512));
  disk.Write(inode, 1536, Repeat('d', 512));
  disk.Sync(inode, begun);
  const Shown disks = Disks(disk, 100);
  EXPECT_EQ(disks.count("a=b512a1024"), 1u) << "the later ones lost";
  EXPECT_EQ(disks.count("a=b512c512a512d512"), 1u) << "the later ones there";
  for (const std::string& shown : disks) EXPECT_EQ(shown.rfind("a=b512", 0), 0u) << shown;
}

TEST(PowerCut, AfterAFailedSyncNoLaterSyncMakesTheBytesDurable) {
  SimDisk disk = With("/a", Repeat('a', 512));
  const InodeId inode = Find(disk, "/a");
  disk.Write(inode, 512, Repeat('b', 512));
  disk.SyncFailsStale(inode);
  EXPECT_EQ(disk.ReadFile("/a"), Repeat('a', 512) + Repeat('b', 512)) << "the cache shows them";
  Sync(disk, inode);
  disk.Write(inode, 1024, Repeat('c', 512));
  Sync(disk, inode);
  EXPECT_EQ(disk.ReadFile("/a"), Repeat('a', 512) + Repeat('b', 512) + Repeat('c', 512));
  EXPECT_EQ(Disks(disk, 50), (Shown{"a=a512b512c512",
                                    "a=a512"
                                    "0512c512"}));
  disk.Write(inode, 512, Repeat('d', 512));
  Sync(disk, inode);
  EXPECT_EQ(Disks(disk, 50), Shown{"a=a512d512c512"}) << "written again and synced, they are durable";
}

TEST(PowerCut, AFailedSyncMayTakeTheBytesWithIt) {
  SimDisk disk = With("/a", Repeat('a', 512));
  const InodeId inode = Find(disk, "/a");
  disk.Write(inode, 256, Repeat('b', 512));
  disk.SyncFailsDropping(inode);
  EXPECT_EQ(disk.ReadFile("/a"), Repeat('a', 512));
  EXPECT_EQ(Disks(disk), Shown{"a=a512"});
}

TEST(PowerCut, AfterAFailedSyncOfADirectoryNoLaterSyncMakesTheNamesDurable) {
  SimDisk disk;
  Sync(disk, Make(disk, "/a"));
  disk.SyncFailsStale(SimDisk::kRoot);
  Make(disk, "/b");
  Sync(disk, SimDisk::kRoot);
  EXPECT_EQ(Disks(disk), (Shown{"b=", "a= b="}));
}

TEST(PowerCut, OrderDoesNotBindOperationsOfDifferentFiles) {
  SimDisk disk = With("/a", "1");
  disk.PutFile("/b", "1");
  disk.Write(Find(disk, "/a"), 0, "2");
  disk.Write(Find(disk, "/b"), 0, "2");
  EXPECT_EQ(Disks(disk), (Shown{"a=1 b=1", "a=2 b=1", "a=1 b=2", "a=2 b=2"}));
}

TEST(PowerCut, RandomChoicesReachEveryDiskOfASmallCase) {
  SimDisk disk = With("/a", Repeat('a', 5 * 512));
  disk.Write(Find(disk, "/a"), 0, Repeat('b', 5 * 512));
  EXPECT_EQ(Disks(disk, 2000).size(), 32u) << "2 to the number of sectors";
}

TEST(PowerCut, TheSameSeedGivesTheSameDisks) {
  SimDisk disk = With("/a", Repeat('a', 3000));
  disk.Write(Find(disk, "/a"), 1000, Repeat('b', 30'000));
  const auto hashes = [&](uint64_t seed) {
    std::vector<uint64_t> result;
    PowerCut(disk).Enumerate({.torn_max = 4, .random_count = 40, .seed = seed},
                             [&](const SimDisk& after, const std::string&) {
                               result.push_back(after.Hash());
                               return true;
                             });
    return result;
  };
  EXPECT_EQ(hashes(7), hashes(7));
  EXPECT_NE(hashes(7), hashes(8));
}

TEST(PowerCut, DisksThatWereSeenAreLeftOutAndAVisitorCanStop) {
  SimDisk disk = With("/a", Repeat('a', 3000));
  disk.Write(Find(disk, "/a"), 0, Repeat('b', 3000));
  std::unordered_set<uint64_t> seen;
  size_t visited = 0;
  const auto count = [&](const SimDisk&, const std::string&) {
    ++visited;
    return true;
  };
  PowerCut(disk).Enumerate({}, count, &seen);
  EXPECT_EQ(visited, seen.size());
  EXPECT_GT(visited, 10u);
  PowerCut(disk).Enumerate({}, count, &seen);
  EXPECT_EQ(visited, seen.size()) << "nothing new the second time";
  visited = 0;
  PowerCut(disk).Enumerate({}, [&](const SimDisk&, const std::string&) { return ++visited < 3; });
  EXPECT_EQ(visited, 3u);
}

TEST(PowerCut, TheDiskAfterACutIsItsOwn) {
  SimDisk disk = With("/a", Repeat('a', 1000));
  disk.Write(Find(disk, "/a"), 0, "b");
  const PowerCut cut(disk);
  SimDisk one = cut.Disk(cut.Everything());
  const SimDisk copy = one;
  one.Write(Find(one, "/a"), 1, "c");
  one.Remove("/a");
  EXPECT_EQ(Show(copy), "a=ba999");
  EXPECT_EQ(Show(cut.Disk(cut.Everything())), "a=ba999");
  // And a cut of a cut leaves both alone.
  SimDisk again = copy;
  again.Write(Find(again, "/a"), 2, "d");
  const PowerCut second(again);
  SimDisk after = second.Disk(second.Everything());
  after.Write(Find(after, "/a"), 3, "e");
  EXPECT_EQ(Show(again), "a=bada997");
  EXPECT_EQ(Show(copy), "a=ba999");
  EXPECT_EQ(Show(after), "a=badea996");
}

}  // namespace
}  // namespace redislite::sim
