// SimDisk: a simulated disk and the system's cache above it, as a value.
//
// Each file has the bytes that are durable, the bytes that a reader sees, and between the two the ordered operations
// that no sync has covered yet; a directory has the same for its names. PowerCut (sim_power_cut.h) builds from that
// what a power cut may leave.
//
// The model is stricter than any one real file system:
//   - a write is a set of 512-byte sectors which reach the disk each on its own, in any order; a sector is written
//     whole, with what the cache
//     held of it at that moment;
//   - the size of a file travels apart from its bytes;
//   - names travel one by one, apart from what they name: syncing a file says nothing about its name, nor the other
//     way round.
//
// Copying costs a pointer a file: a snapshot of everything is cheap at every single operation. Not thread-safe, but
// copies are independent of each other, and one object may be copied by several threads. Names of directories may not
// be renamed, and renames stay in their directory.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "tests/support/sim_content.h"

namespace redislite::sim {

inline constexpr uint64_t kSectorBytes = 512;

using InodeId = uint64_t;
using Names = std::map<std::string, InodeId>;

// A write or truncation that no sync has covered.
struct PendingWrite {
  uint64_t sequence = 0;  // order among all operations of the disk
  bool is_truncate = false;
  uint64_t offset = 0;  // as called
  uint64_t length = 0;
  uint64_t first_sector = 0;
  std::string images;            // whole sectors, as the cache had them after the operation
  std::optional<uint64_t> size;  // of the file afterwards, when it changed
  // A sync that covered it has failed, and the system has forgotten it: it may be on the disk, but no later sync puts
  // it there.
  bool is_orphan = false;
  std::vector<bool> superseded;  // orphans: sectors that a later sync has overwritten; empty for none

  size_t sectors() const { return images.size() / kSectorBytes; }
  Bytes image(size_t sector) const { return Bytes(images).substr(sector * kSectorBytes, kSectorBytes); }
  bool is_superseded(size_t sector) const { return !superseded.empty() && superseded[sector]; }
};

// A change of a directory that no sync has covered.
struct PendingName {
  enum class Kind : uint8_t { kLink, kUnlink, kRename };
  uint64_t sequence = 0;
  Kind kind = Kind::kLink;
  std::string name{};
  std::string to{};   // of a rename
  InodeId inode = 0;  // what is linked or renamed
  bool is_orphan = false;
};

struct Inode {
  uint64_t owner = 0;  // which SimDisk may change it in place
  bool is_directory = false;

  // A file's. Contents are shared, and never changed once the owner has changed.
  uint64_t visible_owner = 0;
  std::shared_ptr<Content> durable;
  std::shared_ptr<Content> visible;
  std::vector<std::shared_ptr<const PendingWrite>> writes;
  bool has_diverged = false;  // a failed sync has made visible more than durable and pending say together

  // A directory's.
  Names durable_names;
  Names visible_names;
  std::vector<std::shared_ptr<const PendingName>> changes;
};

class SimDisk {
 public:
  // A disk with an empty root directory.
  SimDisk();
  SimDisk(const SimDisk& other);
  SimDisk& operator=(const SimDisk& other);
  ~SimDisk() = default;

  // ---- What system calls do. They return 0 or an errno, and change nothing when it is not 0.

  int Find(const std::string& path, InodeId* inode) const;
  int CreateFile(const std::string& path, InodeId* inode);
  int CreateDirectory(const std::string& path);
  int Rename(const std::string& from, const std::string& to);
  int Remove(const std::string& path);
  int RemoveDirectory(const std::string& path);
  int List(const std::string& path, std::vector<std::string>* names) const;

  bool IsDirectory(InodeId inode) const { return inodes_.at(inode)->is_directory; }
  uint64_t Size(InodeId inode) const { return inodes_.at(inode)->visible->size(); }
  size_t Read(InodeId inode, uint64_t offset, char* buffer, size_t size) const {
    return inodes_.at(inode)->visible->Read(offset, buffer, size);
  }
  void Write(InodeId inode, uint64_t offset, Bytes bytes);
  void Truncate(InodeId inode, uint64_t size);

  // Makes durable what the file or directory had pending when the disk's sequence was `upto`: what comes while a sync
  // runs is not covered by it.
  void Sync(InodeId inode, uint64_t upto);
  // A sync that fails and takes the cached changes with it: what is seen afterwards is what is on the disk. (A
  // directory: as SyncFailsStale.)
  void SyncFailsDropping(InodeId inode);
  // A sync that fails, after which the cache shows the changes but no later sync writes them.
  void SyncFailsStale(InodeId inode);

  // The number of the last change.
  uint64_t sequence() const { return sequence_; }

  // Forgets files that no name leads to, now or after any power cut, unless `in_use` says that one is still open.
  void Collect(const std::function<bool(InodeId)>& in_use);

  // ---- For tests: everything at once, durable.

  // Puts a file there, with its directories; replaces one that is there.
  void PutFile(const std::string& path, Bytes bytes);
  // Takes a file away.
  void EraseFile(const std::string& path);
  // The paths of all visible files, sorted, without those of directories.
  std::vector<std::string> Files() const;
  // What a reader sees. REQUIRES: the file exists.
  std::string ReadFile(const std::string& path) const;
  // True when something would be lost in a power cut.
  bool HasPending() const;
  // The same for the same visible names, sizes and bytes.
  uint64_t Hash() const;

  // ---- For PowerCut.

  const std::map<InodeId, std::shared_ptr<Inode>>& inodes() const { return inodes_; }
  static constexpr InodeId kRoot = 1;
  // The bytes of the file that was removed last: what recycled space may hold. Null when there was none.
  const std::shared_ptr<Content>& recycled() const { return recycled_; }
  // A disk of these inodes, all of them with nothing pending; `model` gives what is not in them.
  static SimDisk OfInodes(const SimDisk& model, std::map<InodeId, std::shared_ptr<Inode>> inodes);

 private:
  struct Place {
    InodeId directory = 0;
    std::string name;
  };

  int Locate(const std::string& path, Place* place) const;
  int LocateExisting(const std::string& path, Place* place, InodeId* inode) const;
  Inode& Own(InodeId inode);
  Content& OwnVisible(Inode& inode);
  InodeId Add(bool is_directory);
  void AddPending(Inode& inode, PendingWrite write);
  void AddPending(InodeId directory, PendingName change);
  void SyncFile(Inode& inode, uint64_t upto);
  static void SyncNames(Inode& inode, uint64_t upto);
  uint64_t HashOf(InodeId inode) const;
  void FilesBelow(InodeId directory, const std::string& path, std::vector<std::string>* files) const;

  // Inodes and pages with this number are no other disk's, and no durable content's. Copying renews it on both sides,
  // syncing here.
  mutable std::atomic<uint64_t> owner_;
  uint64_t sequence_ = 0;
  InodeId last_inode_ = kRoot;
  std::map<InodeId, std::shared_ptr<Inode>> inodes_;
  std::shared_ptr<Content> recycled_;
};

// Applies one change to a directory's names.
void ApplyChange(const PendingName& change, Names* names);

}  // namespace redislite::sim
