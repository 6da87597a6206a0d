// Table: the hash-ordered table of the keyspace and of large hashes, sets and sorted sets.
//
// An extendible hash table of pointers: a directory, indexed by the top bits of the hash, points to segments, and a
// segment is an array in order of the hash. So walking directory and arrays in order walks the nodes in order of their
// hash, and a cursor is a hash value: a scan visits every node that stays exactly once, whatever is inserted, removed
// or split meanwhile, and a snapshot can walk in short steps. Growth splits one segment at a time (64 nodes); only the
// directory is ever copied whole, 8 bytes a segment.
//
//     directory   [ 00 | 01 | 10 | 11 ]          depth 2
//                    |    |     \  /
//     segments     d=2  d=2     d=1              local depth: how many top bits its nodes share
//                   |
//                 | tag, pointer | tag, pointer | ... |      8 bytes a node, ordered by tag
//
// The tag is the 16 bits of the hash behind those that the segment's nodes share, kept where a pointer of today's
// 64-bit systems has none. Hashes are spread evenly, so the place of a tag is guessed by proportion and is a few words
// away; it tells apart all but one in 65,536 of the nodes there. A segment grows by an eighth at a time: a node takes
// less than 10 bytes of the table at any size. Rejected: chained buckets (16 bytes a node for the chain and the hash,
// and 8 to 16 for the bucket), and open addressing, which loses the order.
//
// `HashOf` tells a node's hash; the default reads its member `hash`, a type that has many small nodes computes it again
// (it is needed only when a segment splits). The table owns its segments, not the nodes. Not thread-safe: the owner's
// lock guards it. `skip_bits` top bits are the same for all nodes (the keyspace's stripe number) and are left out.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "base/memory.h"

namespace redislite {

struct StoredHash {
  template <typename Node>
  uint64_t operator()(const Node& node) const {
    return node.hash;
  }
};

template <typename Node, typename HashOf = StoredHash>
class Table {
 public:
  Table(Memory& memory, int skip_bits, HashOf hash_of = HashOf())
      : memory_(memory), skip_bits_(skip_bits), hash_of_(hash_of) {}
  ~Table() { FreeSegments(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  size_t size() const { return size_; }

  // The first node with this hash for which equal(node) holds; null when there is none.
  template <typename Equal>
  Node* Find(uint64_t hash, const Equal& equal) const {
    if (directory_ == nullptr) return nullptr;
    const Segment& segment = *SegmentOf(hash);
    const uint64_t tag = TagOf(segment, hash);
    for (uint32_t i = FirstAt(segment, tag); i < segment.count && TagIn(segment.words()[i]) == tag; ++i) {
      Node* node = NodeIn(segment.words()[i]);
      if (equal(*node)) return node;
    }
    return nullptr;
  }

  // The three steps of Find on the way to a node, each of which fetches what the next will read: for a caller that has
  // many to find, and takes each step for all of them.
  void PrefetchSegment(uint64_t hash) const {
    if (directory_ != nullptr) __builtin_prefetch(SegmentOf(hash));
  }
  void PrefetchWords(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Segment& segment = *SegmentOf(hash);
    __builtin_prefetch(segment.words() + (TagOf(segment, hash) * segment.count >> kTagBits));
  }
  void PrefetchNode(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Segment& segment = *SegmentOf(hash);
    const uint32_t at = FirstAt(segment, TagOf(segment, hash));
    if (at < segment.count) __builtin_prefetch(NodeIn(segment.words()[at]));
  }

  // Adds a node that is not there. Throws std::bad_alloc and changes nothing when there is no room for it; when there
  // is none to split a segment, it just grows.
  void Insert(Node* node) { Insert(hash_of_(*node), node); }
  // As the others below that take one too: for a caller who knows the node's hash.
  void Insert(uint64_t hash, Node* node) {
    if (directory_ == nullptr) Begin();
    Segment* segment = SegmentOf(hash);
    while (segment->count >= kSegmentNodesMax && segment->depth < kDepthMax && Split(segment, hash))
      segment = SegmentOf(hash);
    if (segment->count == segment->capacity) segment = Resize(segment, hash, RoomFor(segment->count + 1));
    const uint64_t tag = TagOf(*segment, hash);
    uint64_t* at = segment->words() + FirstAt(*segment, tag);
    std::memmove(at + 1, at, sizeof(uint64_t) * static_cast<size_t>(segment->words() + segment->count - at));
    *at = Word(tag, node);
    ++segment->count;
    ++size_;
  }

  // Takes a node out that is there.
  void Remove(Node* node) noexcept { Remove(hash_of_(*node), node); }
  void Remove(uint64_t hash, Node* node) noexcept {
    Segment* segment = SegmentOf(hash);
    uint64_t* at = PlaceOf(*segment, hash, node);
    --segment->count;
    std::memmove(at, at + 1, sizeof(uint64_t) * static_cast<size_t>(segment->words() + segment->count - at));
    if (--size_ == 0) return FreeSegments();
    if (segment->capacity - segment->count > kSpareMin + segment->capacity / 4) TryToFit(segment, hash);
  }

  // Joins the part of the table where this hash belongs with its other half, when both have become nearly empty, and
  // gives their memory back. For after a Remove, but never from within a Walk, which would lose its place.
  void Compact(uint64_t hash) noexcept {
    while (directory_ != nullptr && depth_ > 0) {
      Segment* segment = SegmentOf(hash);
      if (segment->depth == 0) return;
      const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
      Segment* other = directory_[SlotOf(hash) ^ span];
      if (other->depth != segment->depth || segment->count + other->count > kSegmentNodesMin) return;
      const bool is_lower = (SlotOf(hash) & span) == 0;
      if (!Join(is_lower ? segment : other, is_lower ? other : segment, hash)) return;
      ShrinkDirectory();
    }
  }

  // Puts `replacement` in the place of a node with the same hash.
  void Replace(Node* node, Node* replacement) noexcept { Replace(hash_of_(*node), node, replacement); }
  void Replace(uint64_t hash, Node* node, Node* replacement) noexcept {
    Segment& segment = *SegmentOf(hash);
    *PlaceOf(segment, hash, node) = Word(TagOf(segment, hash), replacement);
  }

  // Visits every node whose hash is at or after `from`, those of a few common top bits at a time, until `enough()` says
  // so in between or the end is reached. Returns true when there is more, and in `next` where to go on. visit(node) may
  // remove that node, nothing else.
  template <typename Visit, typename Enough>
  bool Walk(uint64_t from, uint64_t* next, const Visit& visit, const Enough& enough) const {
    if (directory_ == nullptr) return false;
    const uint64_t begin = from << skip_bits_;
    uint64_t position = begin;  // with the skipped bits shifted out
    while (true) {
      const Segment* segment = SegmentOf(position >> skip_bits_);
      const int depth = segment->depth;
      const uint64_t step = uint64_t{1} << (64 - depth - kBucketBits);
      const uint64_t start = position & ~(step - 1);
      const uint64_t bucket = (position << depth) >> (64 - kBucketBits);
      const auto bucket_in = [](uint64_t word) { return word >> (64 - kBucketBits); };
      uint32_t i = FirstAt(*segment, bucket << (kTagBits - kBucketBits));
      while (i < segment->count && bucket_in(segment->words()[i]) == bucket) {
        const uint64_t word = segment->words()[i];
        Node* node = NodeIn(word);
        if (start >= begin || hash_of_(*node) << skip_bits_ >= begin) visit(node);
        if (size_ == 0) return false;  // visit removed the last node, and the segments with it
        segment = SegmentOf(position >> skip_bits_);
        if (i < segment->count && segment->words()[i] == word) ++i;
      }
      position = start + step;
      if (position == 0) return false;  // past the last bucket
      if (enough()) {
        const uint64_t prefix = skip_bits_ == 0 ? 0 : (from >> (64 - skip_bits_)) << (64 - skip_bits_);
        *next = prefix | (position >> skip_bits_);
        return true;
      }
      // On to the next bucket that has something, or to the next segment.
      const uint64_t first = depth == 0 ? 0 : (start >> (64 - depth)) << (64 - depth);
      if (i < segment->count) {
        position = first | bucket_in(segment->words()[i]) << (64 - depth - kBucketBits);
      } else {
        if (depth == 0) return false;
        position = first + (uint64_t{1} << (64 - depth));
        if (position == 0) return false;
      }
    }
  }

  // Moves in memory what stands where `hash` belongs: each node of that segment becomes what move(node) gives, itself
  // or another of the same hash, and the segment is moved when is_to_move(block, bytes) says so and there is memory.
  // Nothing changes for a Walk. Returns true when there is more, and in `next` where to go on.
  template <typename Move, typename IsToMove>
  bool MoveSegment(uint64_t hash, uint64_t* next, const Move& move, const IsToMove& is_to_move) noexcept {
    if (directory_ == nullptr) return false;
    Segment* segment = SegmentOf(hash);
    for (uint32_t i = 0; i < segment->count; ++i) __builtin_prefetch(NodeIn(segment->words()[i]));
    for (uint32_t i = 0; i < segment->count; ++i) {
      uint64_t& word = segment->words()[i];
      word = Word(TagIn(word), move(NodeIn(word)));
    }
    if (is_to_move(segment, SegmentBytes(segment->capacity))) segment = TryToMove(segment, hash);
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
    const uint64_t behind = (SlotOf(hash) & ~(span - 1)) + span;
    if (behind >> depth_ != 0) return false;
    const uint64_t prefix = skip_bits_ == 0 ? 0 : (hash >> (64 - skip_bits_)) << (64 - skip_bits_);
    *next = prefix | behind << (64 - depth_) >> skip_bits_;
    return true;
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
    const Segment& segment = *directory_[slot];
    return NodeIn(segment.words()[below(segment.count)]);
  }

  // What the table takes of the Memory, without its nodes. O(segments).
  size_t memory_bytes() const {
    if (directory_ == nullptr) return 0;
    const uint64_t slots = uint64_t{1} << depth_;
    size_t bytes = Memory::Footprint(sizeof(Segment*) * slots);
    for (uint64_t i = 0; i < slots; i += uint64_t{1} << (depth_ - directory_[i]->depth)) {
      bytes += Memory::Footprint(SegmentBytes(directory_[i]->capacity));
    }
    return bytes;
  }

  // Calls visit(node) for every node; visit may free it.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (directory_ == nullptr) return;
    for (uint64_t i = 0; i < (uint64_t{1} << depth_);) {
      const Segment* segment = directory_[i];
      for (uint32_t at = 0; at < segment->count; ++at) visit(NodeIn(segment->words()[at]));
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
  static constexpr int kTagBits = 16;
  static constexpr int kPointerBits = 64 - kTagBits;
  static constexpr int kBucketBits = 8;  // of the tag: what a Walk visits at a time
  static constexpr uint32_t kSegmentNodesMax = 64;
  static constexpr uint32_t kSegmentNodesMin = 16;  // two segments that have no more together are joined
  static constexpr uint32_t kSpareMin = 4;          // free words that are not worth giving back
  static constexpr int kDepthMax = 24;

  // Followed by its words.
  struct alignas(uint64_t) Segment {
    uint32_t count;
    uint32_t capacity;
    int depth;

    uint64_t* words() { return reinterpret_cast<uint64_t*>(this + 1); }
    const uint64_t* words() const { return reinterpret_cast<const uint64_t*>(this + 1); }
  };
  static size_t SegmentBytes(uint32_t capacity) { return sizeof(Segment) + sizeof(uint64_t) * capacity; }

  static uint64_t Word(uint64_t tag, Node* node) {
    const auto address = reinterpret_cast<uintptr_t>(node);
    assert(address >> kPointerBits == 0);
    return tag << kPointerBits | address;
  }
  static Node* NodeIn(uint64_t word) {
    const uint64_t address = word & ((uint64_t{1} << kPointerBits) - 1);
    return reinterpret_cast<Node*>(address);  // NOLINT(performance-no-int-to-ptr): a word is an address and a tag
  }
  static uint64_t TagIn(uint64_t word) { return word >> kPointerBits; }

  uint64_t SlotOf(uint64_t hash) const { return depth_ == 0 ? 0 : (hash << skip_bits_) >> (64 - depth_); }
  Segment* SegmentOf(uint64_t hash) const { return directory_[SlotOf(hash)]; }
  uint64_t TagOf(const Segment& segment, uint64_t hash) const {
    return (hash << (skip_bits_ + segment.depth)) >> kPointerBits;
  }

  // The index of the first word whose tag is not below this one.
  static uint32_t FirstAt(const Segment& segment, uint64_t tag) {
    const uint64_t* words = segment.words();
    if (segment.count > 2 * kSegmentNodesMax) {  // splitting failed
      const auto below = [](uint64_t word, uint64_t bound) { return TagIn(word) < bound; };
      return static_cast<uint32_t>(std::lower_bound(words, words + segment.count, tag, below) - words);
    }
    auto i = static_cast<uint32_t>(tag * segment.count >> kTagBits);
    while (i < segment.count && TagIn(words[i]) < tag) ++i;
    while (i > 0 && TagIn(words[i - 1]) >= tag) --i;
    return i;
  }

  uint64_t* PlaceOf(Segment& segment, uint64_t hash, Node* node) const {
    const uint64_t word = Word(TagOf(segment, hash), node);
    uint64_t* at = segment.words() + FirstAt(segment, TagIn(word));
    while (*at != word) ++at;
    return at;
  }

  // A capacity with an eighth to spare, that fills the block that it takes.
  static uint32_t RoomFor(uint32_t count) {
    const size_t bytes = Memory::Usable(SegmentBytes(count + count / 8 + 1));
    return static_cast<uint32_t>((bytes - sizeof(Segment)) / sizeof(uint64_t));
  }

  Segment* NewSegment(int depth, uint32_t count) {
    const uint32_t capacity = RoomFor(count);
    return new (memory_.Allocate(SegmentBytes(capacity))) Segment{0, capacity, depth};
  }

  // Makes all slots of a segment's point to it, wherever it is now.
  void Place(Segment* segment, uint64_t hash) noexcept {
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
    const uint64_t first = SlotOf(hash) & ~(span - 1);
    for (uint64_t i = first; i < first + span; ++i) directory_[i] = segment;
  }

  Segment* Resize(Segment* segment, uint64_t hash, uint32_t capacity) {
    auto* moved =
        static_cast<Segment*>(memory_.Reallocate(segment, SegmentBytes(segment->capacity), SegmentBytes(capacity)));
    moved->capacity = capacity;
    Place(moved, hash);
    return moved;
  }

  // Gives a segment's spare words back, if there is memory for a smaller one.
  void TryToFit(Segment* segment, uint64_t hash) noexcept {
    try {
      (void)Resize(segment, hash, RoomFor(segment->count));
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  // To a new block of the same size, if there is one.
  Segment* TryToMove(Segment* segment, uint64_t hash) noexcept {
    const size_t bytes = SegmentBytes(segment->capacity);
    try {
      auto* moved = static_cast<Segment*>(memory_.Allocate(bytes));
      std::memcpy(moved, segment, bytes);
      Place(moved, hash);
      memory_.Free(segment, bytes);
      return moved;
    } catch (const std::bad_alloc&) {
      return segment;
    }
  }

  void Begin() {
    auto** directory = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*)));
    try {
      directory[0] = NewSegment(0, 2);
    } catch (...) {
      memory_.Free(directory, sizeof(Segment*));
      throw;
    }
    directory_ = directory;
    depth_ = 0;
  }

  // Splits a segment in two by the next bit, the top one of its tags. False when there is no memory: nothing changed.
  bool Split(Segment* segment, uint64_t hash) noexcept {
    const uint32_t lower_count = FirstAt(*segment, uint64_t{1} << (kTagBits - 1));
    Segment* upper = nullptr;
    try {
      if (segment->depth == depth_) GrowDirectory();
      upper = NewSegment(segment->depth + 1, segment->count - lower_count);
    } catch (const std::bad_alloc&) {
      return false;
    }
    for (uint32_t i = 0; i < segment->count; ++i) __builtin_prefetch(NodeIn(segment->words()[i]));
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
    const uint64_t middle = (SlotOf(hash) & ~(span - 1)) + span / 2;
    for (uint64_t i = middle; i < middle + span / 2; ++i) directory_[i] = upper;
    upper->count = segment->count - lower_count;
    std::memcpy(upper->words(), segment->words() + lower_count, sizeof(uint64_t) * upper->count);
    segment->count = lower_count;
    ++segment->depth;
    Retag(upper);
    Retag(segment);
    TryToFit(segment, (middle - 1) << (64 - depth_) >> skip_bits_);
    return true;
  }

  // The tags anew, one bit further on: nodes of the same tag may now be in the wrong order.
  void Retag(Segment* segment) noexcept {
    uint64_t* words = segment->words();
    for (uint32_t i = 0; i < segment->count; ++i) {
      Node* node = NodeIn(words[i]);
      const uint64_t word = Word(TagOf(*segment, hash_of_(*node)), node);
      uint32_t at = i;
      for (; at > 0 && TagIn(words[at - 1]) > TagIn(word); --at) words[at] = words[at - 1];
      words[at] = word;
    }
  }

  // Joins two halves; frees the upper one. False when there is no memory.
  bool Join(Segment* lower, Segment* upper, uint64_t hash) noexcept {
    const uint32_t count = lower->count + upper->count;
    Segment* joined;
    try {
      joined = NewSegment(lower->depth - 1, count);
    } catch (const std::bad_alloc&) {
      return false;
    }
    const auto take = [&](Segment* half, uint64_t top) {
      for (uint32_t i = 0; i < half->count; ++i) {
        const uint64_t word = half->words()[i];
        joined->words()[joined->count++] = Word(top << (kTagBits - 1) | TagIn(word) >> 1, NodeIn(word));
      }
      memory_.Free(half, SegmentBytes(half->capacity));
    };
    take(lower, 0);
    take(upper, 1);
    Place(joined, hash);
    return true;
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
      memory_.Free(segment, SegmentBytes(segment->capacity));
    }
    memory_.Free(directory_, sizeof(Segment*) * slots);
    directory_ = nullptr;
    depth_ = 0;
  }

  Memory& memory_;
  const int skip_bits_;
  [[no_unique_address]] HashOf hash_of_;
  Segment** directory_ = nullptr;
  int depth_ = 0;
  size_t size_ = 0;
};

}  // namespace redislite
