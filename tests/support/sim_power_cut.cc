#include "tests/support/sim_power_cut.h"

#include <algorithm>
#include <cstring>

#include "base/random.h"

namespace redislite::sim {

PowerCut::PowerCut(const SimDisk& disk) : disk_(disk) {
  for (const auto& [id, inode] : disk.inodes()) {
    for (const auto& write : inode->writes) operations_.push_back({id, write->sequence, write.get(), nullptr});
    for (const auto& change : inode->changes) operations_.push_back({id, change->sequence, nullptr, change.get()});
  }
  std::sort(operations_.begin(), operations_.end(),
            [](const Operation& a, const Operation& b) { return a.sequence < b.sequence; });
  for (size_t i = 0; i < operations_.size(); ++i) by_inode_[operations_[i].inode].push_back(i);
}

// ---- Choices.

Choice PowerCut::Subset(const std::function<bool(size_t)>& survives) const {
  Choice choice;
  choice.fates.reserve(operations_.size());
  for (size_t i = 0; i < operations_.size(); ++i) {
    const bool done = survives(i);
    choice.fates.push_back({.sectors = std::vector<bool>(operations_[i].sectors(), done),
                            .size = done,
                            .name = done ? NameFate::kDone : NameFate::kLost});
  }
  return choice;
}

Choice PowerCut::Everything() const {
  return Subset([](size_t) { return true; });
}

Choice PowerCut::Nothing() const {
  return Subset([](size_t) { return false; });
}

Choice PowerCut::Prefix(size_t count) const {
  return Subset([count](size_t i) { return i < count; });
}

// ---- The disk of a choice.

std::string PowerCut::Leftover(uint64_t sector, Fill fill) const {
  std::string bytes(kSectorBytes, '\0');
  const std::shared_ptr<Content>& recycled = disk_.recycled();
  if (fill == Fill::kRecycled && recycled != nullptr && recycled->size() > sector * kSectorBytes) {
    recycled->Read(sector * kSectorBytes, bytes.data(), bytes.size());
  } else if (fill != Fill::kZeros) {
    Random random(sector + 1);
    for (size_t i = 0; i < kSectorBytes; i += sizeof(uint64_t)) {
      const uint64_t word = random.Next();
      std::memcpy(bytes.data() + i, &word, sizeof word);
    }
  }
  return bytes;
}

uint64_t PowerCut::SizeBefore(size_t i) const {
  const InodeId id = operations_[i].inode;
  uint64_t size = disk_.inodes().at(id)->durable->size();
  for (const size_t k : by_inode_.at(id)) {
    if (k < i && operations_[k].write->size) size = *operations_[k].write->size;
  }
  return size;
}

std::shared_ptr<Content> PowerCut::ContentAfter(InodeId id, const std::vector<size_t>& operations,
                                                const Choice& choice) const {
  const Content& durable = *disk_.inodes().at(id)->durable;
  uint64_t size = durable.size();
  for (const size_t i : operations) {
    const PendingWrite& write = *operations_[i].write;
    if (write.size && choice.fates[i].size) size = *write.size;
  }
  if (const auto torn = choice.sizes.find(id); torn != choice.sizes.end()) size = torn->second;

  const uint64_t owner = NewOwner();
  auto content = std::make_shared<Content>(durable);
  content->Resize(owner, size);
  const auto put = [&](uint64_t sector, Bytes image) {
    const uint64_t start = sector * kSectorBytes;
    if (start < size) content->Write(owner, start, image.substr(0, size - start));
  };
  if (choice.fill != Fill::kZeros) {
    const uint64_t durable_sectors = (durable.size() + kSectorBytes - 1) / kSectorBytes;
    for (const size_t i : operations) {
      const PendingWrite& write = *operations_[i].write;
      for (size_t k = 0; !write.is_truncate && k < write.sectors(); ++k) {
        const uint64_t sector = write.first_sector + k;
        if (sector >= durable_sectors) put(sector, Leftover(sector, choice.fill));
      }
    }
  }
  for (const size_t i : operations) {
    const PendingWrite& write = *operations_[i].write;
    for (size_t k = 0; k < write.sectors(); ++k) {
      if (choice.fates[i].sectors[k] && !write.is_superseded(k)) put(write.first_sector + k, write.image(k));
    }
  }
  return content;
}

std::shared_ptr<Inode> PowerCut::InodeAfter(InodeId id, const Choice& choice) const {
  const std::shared_ptr<Inode>& before = disk_.inodes().at(id);
  const auto pending = by_inode_.find(id);
  if (pending == by_inode_.end() && before->visible == before->durable) return before;

  auto after = std::make_shared<Inode>();
  after->is_directory = before->is_directory;
  if (!before->is_directory) {
    const bool unchanged = pending == by_inode_.end();
    after->durable = unchanged ? before->durable : ContentAfter(id, pending->second, choice);
    after->visible = after->durable;
    return after;
  }
  after->durable_names = before->durable_names;
  if (pending != by_inode_.end()) {
    for (const size_t i : pending->second) {
      const PendingName& change = *operations_[i].change;
      const NameFate fate = choice.fates[i].name;
      if (fate == NameFate::kLost) continue;
      if (fate == NameFate::kHalf && change.kind == PendingName::Kind::kRename) {
        after->durable_names[change.to] = change.inode;
      } else {
        ApplyChange(change, &after->durable_names);
      }
    }
  }
  after->visible_names = after->durable_names;
  return after;
}

SimDisk PowerCut::Disk(const Choice& choice) const {
  std::map<InodeId, std::shared_ptr<Inode>> inodes;
  std::vector<InodeId> next = {SimDisk::kRoot};
  while (!next.empty()) {
    const InodeId id = next.back();
    next.pop_back();
    if (inodes.count(id) != 0) continue;
    const std::shared_ptr<Inode> inode = InodeAfter(id, choice);
    for (const auto& [name, child] : inode->durable_names) next.push_back(child);
    inodes[id] = inode;
  }
  return SimDisk::OfInodes(disk_, std::move(inodes));
}

// ---- The enumeration.

// One run of Enumerate. Each group of choices is a function; a choice whose disk was met before costs only its hash.
class PowerCut::Enumeration {
 public:
  Enumeration(const PowerCut& cut, const Limits& limits, const Visit& visit, std::unordered_set<uint64_t>* seen)
      : cut_(cut), limits_(limits), visit_(visit), seen_(seen), random_(limits.seed) {}

  void Run() {
    Try(cut_.Nothing(), [] { return "nothing unsynced"; });
    if (count() == 0) return;
    Try(cut_.Everything(), [] { return "everything"; });
    for (size_t i = 0; i < count() && !stopped_; ++i) {
      TryWholeOperations(i);
      if (operation(i).write != nullptr) {
        TryTorn(i);
        TryPages(i);
        TrySizes(i);
      } else if (operation(i).change->kind == PendingName::Kind::kRename) {
        TryHalf(i);
      }
    }
    TryDataAgainstNames();
    for (size_t n = 0; n < limits_.random_count && !stopped_; ++n) TryRandom(n);
  }

 private:
  size_t count() const { return cut_.operations_.size(); }
  const Operation& operation(size_t i) const { return cut_.operations_[i]; }

  template <typename Label>
  void Try(const Choice& choice, const Label& label) {
    if (stopped_) return;
    const SimDisk disk = cut_.Disk(choice);
    if (seen_->insert(disk.Hash()).second) stopped_ = !visit_(disk, label());
  }

  void TryWholeOperations(size_t i) {
    const auto with = [&](const char* what) { return [this, i, what] { return what + cut_.Describe(i); }; };
    Try(cut_.Prefix(i), with("everything before "));
    Try(cut_.Subset([i](size_t k) { return k != i; }), with("everything but "));
    Try(cut_.Subset([i](size_t k) { return k == i; }), with("only "));
  }

  // The write is torn before sector `at`: either side is on the disk; with all other operations, or with those before
  // it.
  void TryTorn(size_t i) {
    const size_t sectors = operation(i).sectors();
    if (sectors < 2) return;
    const size_t places = std::min(sectors - 1, std::max<size_t>(limits_.torn_max, 1));
    for (size_t n = 0; n < places && !stopped_; ++n) {
      const size_t at = 1 + n * (sectors - 1) / places;
      const auto where = [this, i, at](const char* what) {
        return [this, i, at, what] { return what + std::to_string(at) + " sectors of " + cut_.Describe(i); };
      };
      const auto head = [at](size_t k) { return k < at; };
      const auto tail = [at](size_t k) { return k >= at; };
      const auto lost_one = [at](size_t k) { return k != at; };
      const auto kept_one = [at](size_t k) { return k == at; };

      Choice torn = Torn(cut_.Prefix(i), i, head);
      Try(torn, where("nothing after, and its size: the first "));
      torn.fill = Fill::kNoise;
      Try(torn, where("nothing after, its size, and noise: the first "));
      torn.fill = Fill::kRecycled;
      Try(torn, where("nothing after, its size, and recycled bytes: the first "));
      torn.fill = Fill::kZeros;
      const PendingWrite& write = *operation(i).write;
      const uint64_t size = (write.first_sector + at) * kSectorBytes;
      if (write.size && !write.is_truncate && size > cut_.SizeBefore(i)) {
        torn.sizes[operation(i).inode] = size;
        Try(torn, where("nothing after, cut there: the first "));
      }
      Try(Torn(cut_.Everything(), i, head), where("all else, and the first "));
      Try(Torn(cut_.Everything(), i, tail), where("all else, without the first "));
      Try(Torn(cut_.Prefix(i), i, tail), where("nothing after, without the first "));
      Try(Torn(cut_.Everything(), i, lost_one), where("all else, without the one after "));
      Try(Torn(cut_.Nothing(), i, kept_one), where("nothing else, only the one after "));
    }
  }

  // A system writes its cache back by pages: one page of the write is lost, or has come alone.
  void TryPages(size_t i) {
    const size_t sectors = operation(i).sectors();
    constexpr size_t kPageSectors = kPageBytes / kSectorBytes;
    const size_t first = operation(i).write->first_sector / kPageSectors;
    const size_t end = (operation(i).write->first_sector + sectors + kPageSectors - 1) / kPageSectors;
    if (sectors == 0 || end - first < 2) return;
    const size_t places = std::min(end - first, std::max<size_t>(limits_.torn_max, 1));
    for (size_t n = 0; n < places && !stopped_; ++n) {
      const size_t page = first + n * (end - first) / places;
      const auto within = [this, i, page](size_t k) {
        return (operation(i).write->first_sector + k) / kPageSectors == page;
      };
      const auto with = [this, i, page](const char* what) {
        return [this, i, page, what] { return what + std::to_string(page) + " of " + cut_.Describe(i); };
      };
      Try(Torn(cut_.Everything(), i, [&](size_t k) { return !within(k); }), with("all but page "));
      Try(Torn(cut_.Nothing(), i, within), with("nothing but page "));
    }
  }

  Choice Torn(Choice choice, size_t i, const std::function<bool(size_t)>& survives) const {
    Fate& fate = choice.fates[i];
    fate.size = true;
    for (size_t k = 0; k < fate.sectors.size(); ++k) fate.sectors[k] = survives(k);
    return choice;
  }

  // The size without the bytes, and the bytes without the size.
  void TrySizes(size_t i) {
    if (!operation(i).write->size) return;
    const auto with = [&](const char* what) { return [this, i, what] { return what + cut_.Describe(i); }; };
    for (const bool others : {true, false}) {
      Choice choice = Torn(others ? cut_.Everything() : cut_.Prefix(i), i, [](size_t) { return false; });
      for (const Fill fill : {Fill::kZeros, Fill::kNoise, Fill::kRecycled}) {
        choice.fill = fill;
        Try(choice, with(others ? "all else, the size but no byte of " : "nothing after, the size but no byte of "));
      }
      choice = others ? cut_.Everything() : cut_.Prefix(i + 1);
      choice.fates[i].size = false;
      Try(choice, with(others ? "everything but the size of " : "nothing after, all but the size of "));
    }
  }

  void TryHalf(size_t i) {
    const auto with = [&](const char* what) { return [this, i, what] { return what + cut_.Describe(i); }; };
    Choice choice = cut_.Everything();
    choice.fates[i].name = NameFate::kHalf;
    Try(choice, with("all else, half of "));
    choice = cut_.Prefix(i);
    choice.fates[i].name = NameFate::kHalf;
    Try(choice, with("nothing after, half of "));
  }

  void TryDataAgainstNames() {
    Try(cut_.Subset([this](size_t i) { return operation(i).change != nullptr; }), [] { return "all names, no byte"; });
    Try(cut_.Subset([this](size_t i) { return operation(i).write != nullptr; }), [] { return "all bytes, no name"; });
    Choice choice = cut_.Everything();
    for (Fate& fate : choice.fates) fate.size = false;
    Try(choice, [] { return "all names and bytes, no size"; });
    choice = cut_.Everything();
    for (Fate& fate : choice.fates) fate.sectors.assign(fate.sectors.size(), false);
    for (const Fill fill : {Fill::kZeros, Fill::kNoise, Fill::kRecycled}) {
      choice.fill = fill;
      Try(choice, [] { return "all names and sizes, no byte"; });
    }
  }

  void TryRandom(size_t n) {
    const uint64_t likelihood = 1 + random_.Below(7);  // in eighths
    const auto coin = [&] { return (random_.Next() >> 32) % 8 < likelihood; };
    Choice choice = cut_.Everything();
    for (Fate& fate : choice.fates) {
      for (size_t k = 0; k < fate.sectors.size(); ++k) fate.sectors[k] = coin();
      fate.size = coin();
      fate.name = !coin() ? NameFate::kLost : (random_.Next() >> 32) % 4 == 0 ? NameFate::kHalf : NameFate::kDone;
    }
    choice.fill = static_cast<Fill>((random_.Next() >> 32) % 3);
    Try(choice,
        [n, this] { return "random choice " + std::to_string(n) + " of seed " + std::to_string(limits_.seed); });
  }

  const PowerCut& cut_;
  const Limits& limits_;
  const Visit& visit_;
  std::unordered_set<uint64_t>* const seen_;
  Random random_;
  bool stopped_ = false;
};

void PowerCut::Enumerate(const Limits& limits, const Visit& visit, std::unordered_set<uint64_t>* seen) const {
  std::unordered_set<uint64_t> own;
  Enumeration(*this, limits, visit, seen == nullptr ? &own : seen).Run();
}

std::string PowerCut::Describe(size_t i) const {
  const Operation& operation = operations_[i];
  const std::string number = "#" + std::to_string(operation.sequence) + " ";
  if (operation.write != nullptr) {
    const std::string file = " of file " + std::to_string(operation.inode);
    if (operation.write->is_truncate) return number + "truncate to " + std::to_string(*operation.write->size) + file;
    return number + "write " + std::to_string(operation.write->offset) + "+" + std::to_string(operation.write->length) +
           file;
  }
  const PendingName& change = *operation.change;
  switch (change.kind) {
    case PendingName::Kind::kLink:
      return number + "make " + change.name;
    case PendingName::Kind::kUnlink:
      return number + "remove " + change.name;
    case PendingName::Kind::kRename:
      return number + "rename " + change.name + " to " + change.to;
  }
  return number;
}

}  // namespace redislite::sim
