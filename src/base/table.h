// Table: the hash-ordered table of the keyspace and of large hashes.
//
// An extendible hash table of intrusive nodes: a directory, indexed by the top bits of the hash, points to segments of
// 256 chained buckets, which the next 8 bits choose. So walking directory and buckets in order walks the nodes in order
// of their hash, and a cursor is a hash value: a scan visits every node that stays exactly once, whatever is inserted,
// removed or split meanwhile, and a snapshot can walk in short steps. Growth splits one segment at a time (about 256
// nodes); only the directory is ever copied whole, 8 bytes a segment. Chains of equal top bits grow only if hashes
// collide, which a keyed hash does not let anybody choose.
//
//     directory   [ 00 | 01 | 10 | 11 ]          depth 2
//                    |    |     \  /
//     segments     d=2  d=2     d=1              local depth: how many top bits its nodes share
//     buckets     [256][256]   [256]  -> node -> node
//
// `Node` has members `Node* next` and `uint64_t hash`. The table owns its segments, not the nodes. Not thread-safe: the
// owner's lock guards it. `skip_bits` top bits are the same for all nodes (the keyspace's stripe number) and are left
// out.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

#include "base/memory.h"

namespace redislite {

template <typename Node>
class Table {
 public:
  Table(Memory& memory, int skip_bits) : memory_(memory), skip_bits_(skip_bits) {}
  ~Table() { FreeSegments(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  size_t size() const { return size_; }

  // The first node with this hash for which equal(node) holds; null when there is none.
  template <typename Equal>
  Node* Find(uint64_t hash, const Equal& equal) const {
    if (directory_ == nullptr) return nullptr;
    const Segment* segment = SegmentOf(hash);
    for (Node* node = segment->heads[BucketOf(*segment, hash)]; node != nullptr; node = node->next) {
      if (node->hash == hash && equal(*node)) return node;
    }
    return nullptr;
  }

  // Adds a node that is not there. Throws std::bad_alloc and changes nothing when there is no room for the first
  // segment; when there is none to split one, the chains just grow.
  void Insert(Node* node) {
    if (directory_ == nullptr) Begin();
    Segment* segment = SegmentOf(node->hash);
    while (segment->count >= kSegmentNodesMax && segment->depth < kDepthMax && Split(segment))
      segment = SegmentOf(node->hash);
    Add(segment, node);
    ++size_;
  }

  // Takes a node out that is there.
  void Remove(Node* node) noexcept {
    Segment* segment = SegmentOf(node->hash);
    Node** link = &segment->heads[BucketOf(*segment, node->hash)];
    while (*link != node) link = &(*link)->next;
    *link = node->next;
    node->next = nullptr;
    --segment->count;
    if (--size_ == 0) FreeSegments();
  }

  // Joins the part of the table where this hash belongs with its other half, when both have become nearly empty, and
  // gives their memory back. For after a Remove, but never from within a Walk, which would lose its place.
  void Compact(uint64_t hash) noexcept {
    while (directory_ != nullptr && depth_ > 0) {
      Segment* segment = SegmentOf(hash);
      if (segment->depth == 0) return;
      const uint64_t slot = (hash << skip_bits_) >> (64 - depth_);
      const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
      Segment* other = directory_[slot ^ span];
      if (other->depth != segment->depth || segment->count + other->count > kSegmentNodesMin) return;
      Join(segment, other, slot & ~(2 * span - 1), 2 * span);
      ShrinkDirectory();
    }
  }

  // Puts `replacement` in the place of a node with the same hash.
  void Replace(Node* node, Node* replacement) noexcept {
    Segment* segment = SegmentOf(node->hash);
    Node** link = &segment->heads[BucketOf(*segment, node->hash)];
    while (*link != node) link = &(*link)->next;
    replacement->next = node->next;
    *link = replacement;
    node->next = nullptr;
  }

  // Visits every node whose hash is at or after `from`, a bucket at a time, until `enough()` says so after a bucket or
  // the end is reached. Returns true when there is more, and in `next` where to go on. visit(node) may remove that
  // node, nothing else.
  template <typename Visit, typename Enough>
  bool Walk(uint64_t from, uint64_t* next, const Visit& visit, const Enough& enough) const {
    if (directory_ == nullptr) return false;
    const uint64_t skipped = from << skip_bits_;
    uint64_t position = skipped;  // with the skipped bits shifted out
    while (true) {
      const Segment* segment = directory_[depth_ == 0 ? 0 : position >> (64 - depth_)];
      const int used = segment->depth + kBucketBits;
      const uint64_t bucket = (position << segment->depth) >> (64 - kBucketBits);
      for (Node* node = segment->heads[bucket]; node != nullptr;) {
        Node* following = node->next;
        if ((node->hash << skip_bits_) >= skipped) visit(node);
        node = following;
        if (size_ == 0) return false;  // visit removed the last node, and the segments with it
      }
      const uint64_t step = uint64_t{1} << (64 - used);
      const uint64_t start = position & ~(step - 1);
      if (start + step == 0) return false;  // past the last bucket
      position = start + step;
      if (enough()) {
        const uint64_t prefix = skip_bits_ == 0 ? 0 : (from >> (64 - skip_bits_)) << (64 - skip_bits_);
        *next = prefix | (position >> skip_bits_);
        return true;
      }
    }
  }

  // A node, each equally likely; null when there is none. below(n) returns a random number from 0 to n - 1.
  template <typename Below>
  Node* Sample(const Below& below) const {
    if (size_ == 0) return nullptr;
    const uint64_t slots = uint64_t{1} << depth_;
    uint64_t slot = below(slots);
    // A segment is drawn as often as it has slots, so it is accepted the less the more it has, and the more the fuller
    // it is.
    for (int tries = 0; tries < 128; ++tries, slot = below(slots)) {
      const Segment* segment = directory_[slot];
      const uint64_t full = uint64_t{kSegmentNodesMax} << (depth_ - segment->depth);
      if (slots == 1 || below(full) < segment->count) break;
    }
    while (directory_[slot]->count == 0) slot = (slot + 1) % slots;  // only when all tries failed: nearly empty
    uint64_t before = below(directory_[slot]->count);
    for (Node* node : directory_[slot]->heads) {
      for (; node != nullptr; node = node->next) {
        if (before-- == 0) return node;
      }
    }
    return nullptr;
  }

  // What the table takes of the Memory, without its nodes. O(segments).
  size_t memory_bytes() const {
    if (directory_ == nullptr) return 0;
    const uint64_t slots = uint64_t{1} << depth_;
    size_t bytes = Memory::Footprint(sizeof(Segment*) * slots);
    for (uint64_t i = 0; i < slots; i += uint64_t{1} << (depth_ - directory_[i]->depth)) {
      bytes += Memory::Footprint(sizeof(Segment));
    }
    return bytes;
  }

  // Calls visit(node) for every node; visit may free it.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (directory_ == nullptr) return;
    for (uint64_t i = 0; i < (uint64_t{1} << depth_);) {
      const Segment* segment = directory_[i];
      for (Node* head : segment->heads) {
        while (head != nullptr) {
          Node* following = head->next;
          visit(head);
          head = following;
        }
      }
      i += uint64_t{1} << (depth_ - segment->depth);
    }
  }

  // Forgets all nodes.
  void Clear() noexcept {
    FreeSegments();
    size_ = 0;
  }

  void Swap(Table& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(depth_, other.depth_);
    std::swap(size_, other.size_);
  }

 private:
  static constexpr int kBucketBits = 8;
  static constexpr uint32_t kSegmentNodesMax = 256;
  static constexpr uint32_t kSegmentNodesMin = 64;  // two segments that have no more together are joined
  static constexpr int kDepthMax = 24;

  struct Segment {
    uint32_t count;
    int depth;
    Node* heads[1 << kBucketBits];
  };

  Segment* SegmentOf(uint64_t hash) const {
    return directory_[depth_ == 0 ? 0 : (hash << skip_bits_) >> (64 - depth_)];
  }
  uint64_t BucketOf(const Segment& segment, uint64_t hash) const {
    return (hash << (skip_bits_ + segment.depth)) >> (64 - kBucketBits);
  }

  Segment* NewSegment(int depth) {
    auto* segment = static_cast<Segment*>(memory_.Allocate(sizeof(Segment)));
    std::memset(static_cast<void*>(segment), 0, sizeof(Segment));
    segment->depth = depth;
    return segment;
  }

  void Begin() {
    auto** directory = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*)));
    try {
      directory[0] = NewSegment(0);
    } catch (...) {
      memory_.Free(directory, sizeof(Segment*));
      throw;
    }
    directory_ = directory;
    depth_ = 0;
  }

  // Splits a segment in two by the next bit. False when there is no memory: nothing changed.
  bool Split(Segment* segment) noexcept {
    Segment* upper = nullptr;
    try {
      if (segment->depth == depth_) GrowDirectory();
      upper = NewSegment(segment->depth + 1);
    } catch (const std::bad_alloc&) {
      return false;
    }
    const int bit = 63 - skip_bits_ - segment->depth;
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);  // directory slots of the old segment
    Node* chain = nullptr;
    TakeAll(segment, &chain);
    const uint64_t slot = (chain->hash << skip_bits_) >> (64 - depth_);
    const uint64_t first = slot & ~(span - 1);
    for (uint64_t i = first + span / 2; i < first + span; ++i) directory_[i] = upper;
    ++segment->depth;
    while (chain != nullptr) {
      Node* node = std::exchange(chain, chain->next);
      Add((node->hash >> bit & 1) != 0 ? upper : segment, node);
    }
    return true;
  }

  // Joins two halves, which fill `slots` directory slots from `first` on.
  void Join(Segment* segment, Segment* other, uint64_t first, uint64_t slots) noexcept {
    Node* chain = nullptr;
    TakeAll(segment, &chain);
    TakeAll(other, &chain);
    memory_.Free(other, sizeof(Segment));
    for (uint64_t i = first; i < first + slots; ++i) directory_[i] = segment;
    --segment->depth;
    while (chain != nullptr) {
      Node* node = std::exchange(chain, chain->next);
      Add(segment, node);
    }
  }

  // Moves all nodes of a segment to the front of a chain.
  static void TakeAll(Segment* segment, Node** chain) noexcept {
    for (Node*& head : segment->heads) {
      while (head != nullptr) {
        Node* node = std::exchange(head, head->next);
        node->next = *chain;
        *chain = node;
      }
    }
    segment->count = 0;
  }

  void Add(Segment* segment, Node* node) noexcept {
    Node*& head = segment->heads[BucketOf(*segment, node->hash)];
    node->next = head;
    head = node;
    ++segment->count;
  }

  void GrowDirectory() {
    const uint64_t slots = uint64_t{1} << depth_;
    auto** larger = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*) * slots * 2));
    for (uint64_t i = 0; i < slots; ++i) larger[2 * i] = larger[2 * i + 1] = directory_[i];
    memory_.Free(directory_, sizeof(Segment*) * slots);
    directory_ = larger;
    ++depth_;
  }

  // Halves the directory while no segment needs its last bit, if there is memory for a smaller one.
  void ShrinkDirectory() noexcept {
    while (depth_ > 0) {
      const uint64_t half = uint64_t{1} << (depth_ - 1);
      for (uint64_t i = 0; i < half; ++i) {
        if (directory_[2 * i] != directory_[2 * i + 1]) return;
      }
      Segment** smaller;
      try {
        smaller = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*) * half));
      } catch (const std::bad_alloc&) {
        return;
      }
      for (uint64_t i = 0; i < half; ++i) smaller[i] = directory_[2 * i];
      memory_.Free(directory_, sizeof(Segment*) * half * 2);
      directory_ = smaller;
      --depth_;
    }
  }

  void FreeSegments() noexcept {
    if (directory_ == nullptr) return;
    const uint64_t slots = uint64_t{1} << depth_;
    for (uint64_t i = 0; i < slots;) {
      Segment* segment = directory_[i];
      i += uint64_t{1} << (depth_ - segment->depth);
      memory_.Free(segment, sizeof(Segment));
    }
    memory_.Free(directory_, sizeof(Segment*) * slots);
    directory_ = nullptr;
    depth_ = 0;
  }

  Memory& memory_;
  const int skip_bits_;
  Segment** directory_ = nullptr;
  int depth_ = 0;
  size_t size_ = 0;
};

}  // namespace redislite
