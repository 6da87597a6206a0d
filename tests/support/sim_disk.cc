#include "tests/support/sim_disk.h"

#include <cerrno>
#include <set>
#include <utility>

namespace redislite::sim {
namespace {

std::vector<std::string> Split(const std::string& path) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (start <= path.size()) {
    const size_t end = std::min(path.find('/', start), path.size());
    std::string part = path.substr(start, end - start);
    if (!part.empty() && part != ".") parts.push_back(std::move(part));
    start = end + 1;
  }
  return parts;
}

}  // namespace

void ApplyChange(const PendingName& change, Names* names) {
  switch (change.kind) {
    case PendingName::Kind::kLink:
      (*names)[change.name] = change.inode;
      break;
    case PendingName::Kind::kUnlink:
      names->erase(change.name);
      break;
    case PendingName::Kind::kRename:
      names->erase(change.name);
      (*names)[change.to] = change.inode;
      break;
  }
}

SimDisk::SimDisk() : owner_(NewOwner()) {
  auto root = std::make_shared<Inode>();
  root->owner = owner_;
  root->is_directory = true;
  inodes_[kRoot] = std::move(root);
}

SimDisk::SimDisk(const SimDisk& other)
    : owner_(NewOwner()),
      sequence_(other.sequence_),
      last_inode_(other.last_inode_),
      inodes_(other.inodes_),
      recycled_(other.recycled_) {
  other.owner_.store(NewOwner(), std::memory_order_relaxed);
}

SimDisk& SimDisk::operator=(const SimDisk& other) {
  if (this == &other) return *this;
  owner_.store(NewOwner(), std::memory_order_relaxed);
  other.owner_.store(NewOwner(), std::memory_order_relaxed);
  sequence_ = other.sequence_;
  last_inode_ = other.last_inode_;
  inodes_ = other.inodes_;
  recycled_ = other.recycled_;
  return *this;
}

SimDisk SimDisk::OfInodes(const SimDisk& model, std::map<InodeId, std::shared_ptr<Inode>> inodes) {
  SimDisk disk;
  disk.sequence_ = model.sequence_;
  disk.last_inode_ = model.last_inode_;
  disk.recycled_ = model.recycled_;
  disk.inodes_ = std::move(inodes);
  return disk;
}

// ---- Names.

int SimDisk::Locate(const std::string& path, Place* place) const {
  const std::vector<std::string> parts = Split(path);
  if (parts.empty()) return EISDIR;  // the root
  InodeId directory = kRoot;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const Names& names = inodes_.at(directory)->visible_names;
    const auto found = names.find(parts[i]);
    if (found == names.end()) return ENOENT;
    directory = found->second;
    if (!IsDirectory(directory)) return ENOTDIR;
  }
  *place = {directory, parts.back()};
  return 0;
}

int SimDisk::LocateExisting(const std::string& path, Place* place, InodeId* inode) const {
  if (const int error = Locate(path, place); error != 0) return error;
  const Names& names = inodes_.at(place->directory)->visible_names;
  const auto found = names.find(place->name);
  if (found == names.end()) return ENOENT;
  *inode = found->second;
  return 0;
}

int SimDisk::Find(const std::string& path, InodeId* inode) const {
  if (Split(path).empty()) {
    *inode = kRoot;
    return 0;
  }
  Place place;
  return LocateExisting(path, &place, inode);
}

int SimDisk::CreateFile(const std::string& path, InodeId* inode) {
  Place place;
  const int error = LocateExisting(path, &place, inode);
  if (error == 0) return EEXIST;
  if (error != ENOENT || place.directory == 0) return error;
  *inode = Add(false);
  AddPending(place.directory, {.kind = PendingName::Kind::kLink, .name = place.name, .inode = *inode});
  return 0;
}

int SimDisk::CreateDirectory(const std::string& path) {
  Place place;
  InodeId inode;
  const int error = Split(path).empty() ? 0 : LocateExisting(path, &place, &inode);
  if (error == 0) return EEXIST;
  if (error != ENOENT || place.directory == 0) return error;
  inode = Add(true);
  AddPending(place.directory, {.kind = PendingName::Kind::kLink, .name = place.name, .inode = inode});
  return 0;
}

int SimDisk::Rename(const std::string& from, const std::string& to) {
  Place source;
  Place target;
  InodeId inode;
  if (const int error = LocateExisting(from, &source, &inode); error != 0) return error;
  if (const int error = Locate(to, &target); error != 0) return error;
  if (IsDirectory(inode) || source.directory != target.directory) return EXDEV;  // not in the model
  const Names& names = inodes_.at(target.directory)->visible_names;
  if (const auto replaced = names.find(target.name); replaced != names.end()) {
    if (IsDirectory(replaced->second)) return EISDIR;
    if (replaced->second == inode) return 0;
    recycled_ = inodes_.at(replaced->second)->visible;
  }
  AddPending(source.directory,
             {.kind = PendingName::Kind::kRename, .name = source.name, .to = target.name, .inode = inode});
  return 0;
}

int SimDisk::Remove(const std::string& path) {
  Place place;
  InodeId inode;
  if (const int error = LocateExisting(path, &place, &inode); error != 0) return error;
  if (IsDirectory(inode)) return EISDIR;
  recycled_ = inodes_.at(inode)->visible;
  AddPending(place.directory, {.kind = PendingName::Kind::kUnlink, .name = place.name});
  return 0;
}

int SimDisk::RemoveDirectory(const std::string& path) {
  Place place;
  InodeId inode;
  if (const int error = LocateExisting(path, &place, &inode); error != 0) return error;
  if (!IsDirectory(inode)) return ENOTDIR;
  if (!inodes_.at(inode)->visible_names.empty()) return ENOTEMPTY;
  AddPending(place.directory, {.kind = PendingName::Kind::kUnlink, .name = place.name});
  return 0;
}

int SimDisk::List(const std::string& path, std::vector<std::string>* names) const {
  InodeId inode;
  if (const int error = Find(path, &inode); error != 0) return error;
  if (!IsDirectory(inode)) return ENOTDIR;
  names->clear();
  for (const auto& [name, child] : inodes_.at(inode)->visible_names) names->push_back(name);
  return 0;
}

void SimDisk::AddPending(InodeId directory, PendingName change) {
  Inode& inode = Own(directory);
  change.sequence = ++sequence_;
  ApplyChange(change, &inode.visible_names);
  inode.changes.push_back(std::make_shared<const PendingName>(std::move(change)));
}

// ---- Files.

InodeId SimDisk::Add(bool is_directory) {
  auto inode = std::make_shared<Inode>();
  inode->owner = owner_;
  inode->is_directory = is_directory;
  if (!is_directory) inode->durable = inode->visible = std::make_shared<Content>();
  inodes_[++last_inode_] = std::move(inode);
  return last_inode_;
}

Inode& SimDisk::Own(InodeId inode) {
  std::shared_ptr<Inode>& held = inodes_.at(inode);
  const uint64_t owner = owner_.load(std::memory_order_relaxed);
  if (held->owner != owner) {
    held = std::make_shared<Inode>(*held);
    held->owner = owner;
  }
  return *held;
}

Content& SimDisk::OwnVisible(Inode& inode) {
  const uint64_t owner = owner_.load(std::memory_order_relaxed);
  if (inode.visible_owner != owner || inode.visible == inode.durable) {
    inode.visible = std::make_shared<Content>(*inode.visible);
    inode.visible_owner = owner;
  }
  return *inode.visible;
}

void SimDisk::AddPending(Inode& inode, PendingWrite write) {
  // The sectors that the operation touched, as they stand now.
  const uint64_t first = write.offset / kSectorBytes;
  const uint64_t end = (write.offset + write.length + kSectorBytes - 1) / kSectorBytes;
  write.sequence = ++sequence_;
  write.first_sector = first;
  write.images.assign(write.length == 0 ? 0 : (end - first) * kSectorBytes, '\0');
  inode.visible->Read(first * kSectorBytes, write.images.data(), write.images.size());
  inode.writes.push_back(std::make_shared<const PendingWrite>(std::move(write)));
}

void SimDisk::Write(InodeId id, uint64_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  Inode& inode = Own(id);
  Content& content = OwnVisible(inode);
  const uint64_t before = content.size();
  content.Write(owner_, offset, bytes);
  PendingWrite write;
  write.offset = offset;
  write.length = bytes.size();
  if (content.size() != before) write.size = content.size();
  AddPending(inode, std::move(write));
}

void SimDisk::Truncate(InodeId id, uint64_t size) {
  Inode& inode = Own(id);
  const uint64_t before = inode.visible->size();
  if (size == before) return;
  OwnVisible(inode).Resize(owner_, size);
  PendingWrite write;
  write.is_truncate = true;
  write.size = size;
  write.offset = size;
  write.length = size < before ? before - size : 0;  // what was cut is zeros, if the size comes back
  AddPending(inode, std::move(write));
}

// ---- Syncs.

void SimDisk::Sync(InodeId id, uint64_t upto) {
  Inode& inode = Own(id);
  if (inode.is_directory) {
    SyncNames(inode, upto);
  } else {
    SyncFile(inode, upto);
    owner_.store(NewOwner(), std::memory_order_relaxed);  // durable and visible share pages now
  }
}

void SimDisk::SyncFile(Inode& inode, uint64_t upto) {
  const bool covers_all = inode.writes.empty() || inode.writes.back()->sequence <= upto;
  if (covers_all && !inode.has_diverged) {
    inode.durable = inode.visible;
    inode.writes.clear();
    return;
  }
  auto durable = std::make_shared<Content>(*inode.durable);
  std::vector<std::shared_ptr<const PendingWrite>> left;
  for (const auto& write : inode.writes) {
    if (write->is_orphan || write->sequence > upto) {
      left.push_back(write);
      continue;
    }
    if (write->size) durable->Resize(owner_, *write->size);
    const uint64_t end = write->offset + write->length;
    if (!write->is_truncate && durable->size() < end) durable->Resize(owner_, end);
    for (size_t i = 0; i < write->sectors(); ++i) {
      const uint64_t start = (write->first_sector + i) * kSectorBytes;
      if (start >= durable->size()) break;
      durable->Write(owner_, start, write->image(i).substr(0, durable->size() - start));
    }
    // What an earlier failed sync left undecided in these sectors is decided now.
    for (auto& orphan : left) {
      auto changed = std::make_shared<PendingWrite>(*orphan);
      changed->superseded.resize(orphan->sectors());
      for (size_t i = 0; i < orphan->sectors(); ++i) {
        const uint64_t sector = orphan->first_sector + i;
        if (sector >= write->first_sector && sector < write->first_sector + write->sectors())
          changed->superseded[i] = true;
      }
      if (write->size) changed->size.reset();
      orphan = std::move(changed);
    }
  }
  inode.durable = std::move(durable);
  inode.writes = std::move(left);
}

void SimDisk::SyncNames(Inode& inode, uint64_t upto) {
  std::vector<std::shared_ptr<const PendingName>> left;
  for (const auto& change : inode.changes) {
    if (change->is_orphan || change->sequence > upto) {
      left.push_back(change);
    } else {
      ApplyChange(*change, &inode.durable_names);
    }
  }
  inode.changes = std::move(left);
}

void SimDisk::SyncFailsDropping(InodeId id) {
  Inode& inode = Own(id);
  if (inode.is_directory) return SyncFailsStale(id);
  inode.visible = inode.durable;
  inode.writes.clear();
}

void SimDisk::SyncFailsStale(InodeId id) {
  Inode& inode = Own(id);
  for (auto& write : inode.writes) {
    auto orphan = std::make_shared<PendingWrite>(*write);
    orphan->is_orphan = true;
    write = std::move(orphan);
    inode.has_diverged = true;
  }
  for (auto& change : inode.changes) {
    auto orphan = std::make_shared<PendingName>(*change);
    orphan->is_orphan = true;
    change = std::move(orphan);
  }
}

void SimDisk::Collect(const std::function<bool(InodeId)>& in_use) {
  std::set<InodeId> kept = {kRoot};
  for (const auto& [id, inode] : inodes_) {
    for (const auto& [name, child] : inode->durable_names) kept.insert(child);
    for (const auto& [name, child] : inode->visible_names) kept.insert(child);
    for (const auto& change : inode->changes) kept.insert(change->inode);
  }
  for (auto each = inodes_.begin(); each != inodes_.end();) {
    const bool keep = kept.count(each->first) != 0 || in_use(each->first);
    each = keep ? std::next(each) : inodes_.erase(each);
  }
}

// ---- For tests.

void SimDisk::PutFile(const std::string& path, Bytes bytes) {
  std::string parent;
  const std::vector<std::string> parts = Split(path);
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    InodeId inode;
    if (Find(parent + "/" + parts[i], &inode) == ENOENT) {
      CreateDirectory(parent + "/" + parts[i]);
      Find(parent.empty() ? "/" : parent, &inode);
      Sync(inode, sequence_);
    }
    parent += "/" + parts[i];
  }
  InodeId inode;
  if (Find(path, &inode) != 0) {
    CreateFile(path, &inode);
    InodeId directory;
    Find(parent.empty() ? "/" : parent, &directory);
    Sync(directory, sequence_);
  }
  Truncate(inode, 0);
  Write(inode, 0, bytes);
  Sync(inode, sequence_);
}

void SimDisk::EraseFile(const std::string& path) {
  Place place;
  if (Locate(path, &place) == 0 && Remove(path) == 0) Sync(place.directory, sequence_);
  Collect([](InodeId) { return false; });
}

void SimDisk::FilesBelow(InodeId directory, const std::string& path, std::vector<std::string>* files) const {
  for (const auto& [name, child] : inodes_.at(directory)->visible_names) {
    if (IsDirectory(child)) {
      FilesBelow(child, path + "/" + name, files);
    } else {
      files->push_back(path + "/" + name);
    }
  }
}

std::vector<std::string> SimDisk::Files() const {
  std::vector<std::string> files;
  FilesBelow(kRoot, "", &files);
  return files;
}

std::string SimDisk::ReadFile(const std::string& path) const {
  InodeId inode = 0;
  if (const int error = Find(path, &inode); error != 0) return {};
  return inodes_.at(inode)->visible->ReadAll();
}

bool SimDisk::HasPending() const {
  for (const auto& [id, inode] : inodes_) {
    if (!inode->writes.empty() || !inode->changes.empty()) return true;
  }
  return false;
}

uint64_t SimDisk::HashOf(InodeId id) const {
  const Inode& inode = *inodes_.at(id);
  if (!inode.is_directory) return MixHash(1, inode.visible->Hash());
  uint64_t hash = 2;
  for (const auto& [name, child] : inode.visible_names) hash = MixHash(HashBytes(hash, name), HashOf(child));
  return MixHash(hash, inode.visible_names.size());
}

uint64_t SimDisk::Hash() const { return HashOf(kRoot); }

}  // namespace redislite::sim
