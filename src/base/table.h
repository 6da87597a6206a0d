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
//     segments       A    B      C               A and B have depth 2, C 1: how many top bits its nodes share
//                    |
//                 | tag, pointer | tag, pointer | ... |      8 bytes a node, ordered by tag
//
//     slot        | nodes (11) | depth (5) | address of the segment (48) |
//
// A slot says of its segment what a look-up must know to go to the right word of it at once: in a large table each step
// from one place of memory to the next costs more than all the arithmetic, and there are three left, slot, word and
// node. Slots of the same segment say the same.
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
#include "base/prefetch.h"

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
    const Slot slot = SlotOf(hash);
    const uint64_t* const words = slot.words();
    const uint64_t tag = TagOf(slot, hash);
    for (uint32_t i = FirstAt(slot, tag); i < slot.count() && TagIn(words[i]) == tag; ++i) {
      Node* node = NodeIn(words[i]);
      PrefetchRest(node);
      if (equal(*node)) return node;
    }
    return nullptr;
  }

  // The three steps of Find on the way to a node, each of which fetches what the next will read: for a caller that has
  // many to find, and takes each step for all of them.
  void PrefetchSlot(uint64_t hash) const {
    if (directory_ != nullptr) Prefetch(&directory_[IndexOf(hash)]);
  }
  void PrefetchWords(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Slot slot = SlotOf(hash);
    (void)GuessAt(slot, TagOf(slot, hash));
  }
  void PrefetchNode(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Slot slot = SlotOf(hash);
    const uint32_t at = FirstAt(slot, TagOf(slot, hash));
    if (at == slot.count()) return;
    const Node* node = NodeIn(slot.words()[at]);
    Prefetch(node);
    PrefetchRest(node);
  }

  // Adds a node that is not there. Throws std::bad_alloc and changes nothing when there is no room for it; when there
  // is none to split a segment, it just grows.
  void Insert(Node* node) { Insert(hash_of_(*node), node); }
  // As the others below that take one too: for a caller who knows the node's hash.
  void Insert(uint64_t hash, Node* node) {
    if (directory_ == nullptr) Begin();
    Slot slot = SlotOf(hash);
    while (slot.count() >= kSegmentNodesMax && slot.depth() < kDepthMax && Split(slot, hash)) slot = SlotOf(hash);
    if (slot.count() == Slot::kCountMax) throw std::bad_alloc();
    if (slot.count() == slot.segment()->capacity) slot = Resize(slot, hash, RoomFor(slot.count() + 1));
    const uint64_t tag = TagOf(slot, hash);
    uint64_t* at = slot.words() + FirstAt(slot, tag);
    std::memmove(at + 1, at, sizeof(uint64_t) * static_cast<size_t>(slot.words() + slot.count() - at));
    *at = Word(tag, node);
    Place(slot.WithCount(slot.count() + 1), hash);
    ++size_;
  }

  // Takes a node out that is there.
  void Remove(Node* node) noexcept { Remove(hash_of_(*node), node); }
  void Remove(uint64_t hash, Node* node) noexcept {
    const Slot before = SlotOf(hash);
    uint64_t* at = PlaceOf(before, hash, node);
    const Slot slot = before.WithCount(before.count() - 1);
    std::memmove(at, at + 1, sizeof(uint64_t) * static_cast<size_t>(slot.words() + slot.count() - at));
    Place(slot, hash);
    if (--size_ == 0) return FreeSegments();
    const uint32_t capacity = slot.segment()->capacity;
    if (capacity - slot.count() > kSpareMin + capacity / 4) TryToFit(slot, hash);
  }

  // Joins the part of the table where this hash belongs with its other half, when both have become nearly empty, and
  // gives their memory back. For after a Remove, but never from within a Walk, which would lose its place.
  void Compact(uint64_t hash) noexcept {
    while (directory_ != nullptr && depth_ > 0) {
      const Slot slot = SlotOf(hash);
      if (slot.depth() == 0) return;
      const uint64_t span = SlotsOf(slot);
      const Slot other = directory_[IndexOf(hash) ^ span];
      if (other.depth() != slot.depth() || slot.count() + other.count() > kSegmentNodesMin) return;
      const bool is_lower = (IndexOf(hash) & span) == 0;
      if (!Join(is_lower ? slot : other, is_lower ? other : slot, hash)) return;
      ShrinkDirectory();
    }
  }

  // Puts `replacement` in the place of a node with the same hash.
  void Replace(Node* node, Node* replacement) noexcept { Replace(hash_of_(*node), node, replacement); }
  void Replace(uint64_t hash, Node* node, Node* replacement) noexcept {
    const Slot slot = SlotOf(hash);
    *PlaceOf(slot, hash, node) = Word(TagOf(slot, hash), replacement);
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
      Slot slot = SlotOf(position >> skip_bits_);
      const int depth = slot.depth();
      const uint64_t step = uint64_t{1} << (64 - depth - kBucketBits);
      const uint64_t start = position & ~(step - 1);
      const uint64_t bucket = (position << depth) >> (64 - kBucketBits);
      const auto bucket_in = [](uint64_t word) { return word >> (64 - kBucketBits); };
      uint32_t i = FirstAt(slot, bucket << (kTagBits - kBucketBits));
      while (i < slot.count() && bucket_in(slot.words()[i]) == bucket) {
        const uint64_t word = slot.words()[i];
        Node* node = NodeIn(word);
        if (start >= begin || hash_of_(*node) << skip_bits_ >= begin) visit(node);
        if (size_ == 0) return false;  // visit removed the last node, and the segments with it
        slot = SlotOf(position >> skip_bits_);
        if (i < slot.count() && slot.words()[i] == word) ++i;
      }
      position = start + step;
      if (position == 0) return false;  // past the last bucket
      if (enough()) {
        *next = HashAt(position, from);
        return true;
      }
      // On to the next bucket that has something, or to the next segment.
      const uint64_t first = depth == 0 ? 0 : (start >> (64 - depth)) << (64 - depth);
      if (i < slot.count()) {
        position = first | bucket_in(slot.words()[i]) << (64 - depth - kBucketBits);
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
    const Slot slot = SlotOf(hash);
    for (uint32_t i = 0; i < slot.count(); ++i) Prefetch(NodeIn(slot.words()[i]));
    for (uint32_t i = 0; i < slot.count(); ++i) {
      uint64_t& word = slot.words()[i];
      word = Word(TagIn(word), move(NodeIn(word)));
    }
    if (is_to_move(slot.segment(), SegmentBytes(slot.segment()->capacity))) TryToMove(slot, hash);
    const uint64_t span = SlotsOf(slot);
    const uint64_t behind = (IndexOf(hash) & ~(span - 1)) + span;
    if (behind >> depth_ != 0) return false;
    *next = HashAt(behind << (64 - depth_), hash);
    return true;
  }

  // A node, each equally likely; null when there is none. below(n) returns a random number from 0 to n - 1.
  template <typename Below>
  Node* Sample(const Below& below) const {
    if (size_ == 0) return nullptr;
    const uint64_t slots = uint64_t{1} << depth_;
    uint64_t at = below(slots);
    // A segment is drawn as often as it has slots, so it is accepted the less the more it has, and the more the fuller
    // it is.
    for (int tries = 0; tries < 128; ++tries, at = below(slots)) {
      const uint64_t full = kSegmentNodesMax * SlotsOf(directory_[at]);
      if (slots == 1 || below(full) < directory_[at].count()) break;
    }
    while (directory_[at].count() == 0) at = (at + 1) % slots;  // only when all tries failed: nearly empty
    return NodeIn(directory_[at].words()[below(directory_[at].count())]);
  }

  // What the table takes of the Memory, without its nodes. O(segments).
  size_t memory_bytes() const {
    if (directory_ == nullptr) return 0;
    const uint64_t slots = uint64_t{1} << depth_;
    size_t bytes = Memory::Footprint(sizeof(Slot) * slots);
    for (uint64_t i = 0; i < slots; i += SlotsOf(directory_[i])) {
      bytes += Memory::Footprint(SegmentBytes(directory_[i].segment()->capacity));
    }
    return bytes;
  }

  // Calls visit(node) for every node; visit may free it.
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (directory_ == nullptr) return;
    for (uint64_t i = 0; i < (uint64_t{1} << depth_); i += SlotsOf(directory_[i])) {
      const Slot slot = directory_[i];
      for (uint32_t at = 0; at < slot.count(); ++at) visit(NodeIn(slot.words()[at]));
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
    uint32_t capacity;
  };
  static size_t SegmentBytes(uint32_t capacity) { return sizeof(Segment) + sizeof(uint64_t) * capacity; }

  class Slot {
   public:
    static constexpr int kCountBits = 11;
    static constexpr uint32_t kCountMax = (1u << kCountBits) - 1;

    Slot(Segment* segment, int depth, uint32_t count)
        : bits_(Word(uint64_t{count} << kDepthBits | static_cast<uint64_t>(depth), segment)) {}
    Slot WithCount(uint32_t count) const { return Slot(segment(), depth(), count); }

    Segment* segment() const { return static_cast<Segment*>(AddressIn(bits_)); }
    uint64_t* words() const { return reinterpret_cast<uint64_t*>(segment() + 1); }
    int depth() const { return static_cast<int>(bits_ >> kPointerBits & ((1u << kDepthBits) - 1)); }
    uint32_t count() const { return static_cast<uint32_t>(bits_ >> (64 - kCountBits)); }

    bool operator==(const Slot& other) const = default;

   private:
    static constexpr int kDepthBits = 5;
    static_assert(kCountBits + kDepthBits == kTagBits && kDepthMax < 1 << kDepthBits);

    uint64_t bits_;
  };

  static uint64_t Word(uint64_t tag, void* node) {
    const auto address = reinterpret_cast<uintptr_t>(node);
    assert(address >> kPointerBits == 0);
    return tag << kPointerBits | address;
  }
  static void* AddressIn(uint64_t word) {
    const uint64_t address = word & ((uint64_t{1} << kPointerBits) - 1);
    return reinterpret_cast<void*>(address);  // NOLINT(performance-no-int-to-ptr): a word is an address and a tag
  }
  static Node* NodeIn(uint64_t word) { return static_cast<Node*>(AddressIn(word)); }
  static uint64_t TagIn(uint64_t word) { return word >> kPointerBits; }

  uint64_t IndexOf(uint64_t hash) const { return depth_ == 0 ? 0 : (hash << skip_bits_) >> (64 - depth_); }
  // The hash of a position, which has the skipped bits shifted out; `like` has them.
  uint64_t HashAt(uint64_t position, uint64_t like) const {
    const uint64_t skipped = skip_bits_ == 0 ? 0 : (like >> (64 - skip_bits_)) << (64 - skip_bits_);
    return skipped | position >> skip_bits_;
  }
  Slot SlotOf(uint64_t hash) const { return directory_[IndexOf(hash)]; }
  // How many slots its segment has.
  uint64_t SlotsOf(Slot slot) const { return uint64_t{1} << (depth_ - slot.depth()); }
  uint64_t TagOf(Slot slot, uint64_t hash) const { return (hash << (skip_bits_ + slot.depth())) >> kPointerBits; }

  // Where a tag would be if tags were spread quite evenly. Mostly that is in the same line of the cache or the next.
  static uint32_t GuessAt(Slot slot, uint64_t tag) {
    constexpr int kNear = 4;
    const auto guess = static_cast<uint32_t>(tag * slot.count() >> kTagBits);
    Prefetch(slot.words() + guess - kNear);
    Prefetch(slot.words() + guess + kNear);
    return guess;
  }

  // The index of the first word whose tag is not below this one.
  static uint32_t FirstAt(Slot slot, uint64_t tag) {
    const uint64_t* words = slot.words();
    if (slot.count() > 2 * kSegmentNodesMax) {  // splitting failed
      const auto below = [](uint64_t word, uint64_t bound) { return TagIn(word) < bound; };
      return static_cast<uint32_t>(std::lower_bound(words, words + slot.count(), tag, below) - words);
    }
    uint32_t i = GuessAt(slot, tag);
    while (i < slot.count() && TagIn(words[i]) < tag) ++i;
    while (i > 0 && TagIn(words[i - 1]) >= tag) --i;
    return i;
  }

  // A node is mostly wanted for what stands behind its key.
  static void PrefetchRest(const Node* node) {
    constexpr size_t kLine = 64;
    Prefetch(reinterpret_cast<const char*>(node) + kLine);
    Prefetch(reinterpret_cast<const char*>(node) + 2 * kLine);
  }

  uint64_t* PlaceOf(Slot slot, uint64_t hash, Node* node) const {
    const uint64_t word = Word(TagOf(slot, hash), node);
    uint64_t* at = slot.words() + FirstAt(slot, TagIn(word));
    while (*at != word) ++at;
    return at;
  }

  // A capacity with an eighth to spare, that fills the block that it takes.
  static uint32_t RoomFor(uint32_t count) {
    const size_t bytes = Memory::Usable(SegmentBytes(count + count / 8 + 1));
    return static_cast<uint32_t>((bytes - sizeof(Segment)) / sizeof(uint64_t));
  }

  // Empty, with room for so many.
  Segment* NewSegment(uint32_t count) {
    const uint32_t capacity = RoomFor(count);
    return new (memory_.Allocate(SegmentBytes(capacity))) Segment{capacity};
  }

  // Puts the slot in all places of its segment, which is the hash's.
  void Place(Slot slot, uint64_t hash) noexcept {
    const uint64_t span = SlotsOf(slot);
    const uint64_t first = IndexOf(hash) & ~(span - 1);
    for (uint64_t i = first; i < first + span; ++i) directory_[i] = slot;
  }

  Slot Resize(Slot slot, uint64_t hash, uint32_t capacity) {
    Segment* segment = slot.segment();
    auto* moved =
        static_cast<Segment*>(memory_.Reallocate(segment, SegmentBytes(segment->capacity), SegmentBytes(capacity)));
    moved->capacity = capacity;
    const Slot resized(moved, slot.depth(), slot.count());
    Place(resized, hash);
    return resized;
  }

  // Gives a segment's spare words back, if there is memory for a smaller one.
  void TryToFit(Slot slot, uint64_t hash) noexcept {
    try {
      (void)Resize(slot, hash, RoomFor(slot.count()));
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  // To a new block of the same size, if there is one.
  void TryToMove(Slot slot, uint64_t hash) noexcept {
    const size_t bytes = SegmentBytes(slot.segment()->capacity);
    try {
      auto* moved = static_cast<Segment*>(memory_.Allocate(bytes));
      std::memcpy(moved, slot.segment(), bytes);
      Place(Slot(moved, slot.depth(), slot.count()), hash);
      memory_.Free(slot.segment(), bytes);
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  void Begin() {
    auto* directory = static_cast<Slot*>(memory_.Allocate(sizeof(Slot)));
    try {
      new (directory) Slot(NewSegment(2), 0, 0);
    } catch (...) {
      memory_.Free(directory, sizeof(Slot));
      throw;
    }
    directory_ = directory;
    depth_ = 0;
  }

  // Splits a segment in two by the next bit, the top one of its tags. False when there is no memory: nothing changed.
  bool Split(Slot slot, uint64_t hash) noexcept {
    const uint32_t lower_count = FirstAt(slot, uint64_t{1} << (kTagBits - 1));
    const uint32_t upper_count = slot.count() - lower_count;
    Segment* segment = nullptr;
    try {
      if (slot.depth() == depth_) GrowDirectory();
      segment = NewSegment(upper_count);
    } catch (const std::bad_alloc&) {
      return false;
    }
    for (uint32_t i = 0; i < slot.count(); ++i) Prefetch(NodeIn(slot.words()[i]));
    const Slot lower(slot.segment(), slot.depth() + 1, lower_count);
    const Slot upper(segment, slot.depth() + 1, upper_count);
    std::memcpy(upper.words(), slot.words() + lower_count, sizeof(uint64_t) * upper_count);
    Retag(upper);
    Retag(lower);
    const uint64_t bit = uint64_t{1} << (63 - slot.depth()) >> skip_bits_;  // the hash's that tells one from the other
    Place(upper, hash | bit);
    Place(lower, hash & ~bit);
    TryToFit(lower, hash & ~bit);
    return true;
  }

  // The tags anew, one bit further on: nodes of the same tag may now be in the wrong order.
  void Retag(Slot slot) noexcept {
    uint64_t* words = slot.words();
    for (uint32_t i = 0; i < slot.count(); ++i) {
      Node* node = NodeIn(words[i]);
      const uint64_t word = Word(TagOf(slot, hash_of_(*node)), node);
      uint32_t at = i;
      for (; at > 0 && TagIn(words[at - 1]) > TagIn(word); --at) words[at] = words[at - 1];
      words[at] = word;
    }
  }

  // Joins two halves; frees the upper one. False when there is no memory.
  bool Join(Slot lower, Slot upper, uint64_t hash) noexcept {
    Segment* segment;
    try {
      segment = NewSegment(lower.count() + upper.count());
    } catch (const std::bad_alloc&) {
      return false;
    }
    const Slot joined(segment, lower.depth() - 1, lower.count() + upper.count());
    uint64_t* to = joined.words();
    const auto take = [&](Slot half, uint64_t top) {
      for (uint32_t i = 0; i < half.count(); ++i) {
        const uint64_t word = half.words()[i];
        *to++ = Word(top << (kTagBits - 1) | TagIn(word) >> 1, NodeIn(word));
      }
      memory_.Free(half.segment(), SegmentBytes(half.segment()->capacity));
    };
    take(lower, 0);
    take(upper, 1);
    Place(joined, hash);
    return true;
  }

  void GrowDirectory() {
    const uint64_t slots = uint64_t{1} << depth_;
    auto* larger = static_cast<Slot*>(memory_.Allocate(sizeof(Slot) * slots * 2));
    for (uint64_t i = 0; i < slots; ++i) larger[2 * i] = larger[2 * i + 1] = directory_[i];
    memory_.Free(directory_, sizeof(Slot) * slots);
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
      Slot* smaller;
      try {
        smaller = static_cast<Slot*>(memory_.Allocate(sizeof(Slot) * half));
      } catch (const std::bad_alloc&) {
        return;
      }
      for (uint64_t i = 0; i < half; ++i) smaller[i] = directory_[2 * i];
      memory_.Free(directory_, sizeof(Slot) * half * 2);
      directory_ = smaller;
      --depth_;
    }
  }

  void FreeSegments() noexcept {
    if (directory_ == nullptr) return;
    const uint64_t slots = uint64_t{1} << depth_;
    for (uint64_t i = 0; i < slots;) {
      const Slot slot = directory_[i];
      i += SlotsOf(slot);
      memory_.Free(slot.segment(), SegmentBytes(slot.segment()->capacity));
    }
    memory_.Free(directory_, sizeof(Slot) * slots);
    directory_ = nullptr;
    depth_ = 0;
  }

  Memory& memory_;
  const int skip_bits_;
  [[no_unique_address]] HashOf hash_of_;
  Slot* directory_ = nullptr;
  int depth_ = 0;
  size_t size_ = 0;
};

}  // namespace redislite
