// ScoreTree: a counted B+tree of a sorted set's members, in order of score, then of the member's bytes.
//
//     inner   | first, score, size, child | first, score, size, child | ... |      up to 64
//                                   |
//     leaf                        | item | item | item | ... |                     up to 64
//
// An item is a Scored: one block with the score and the member, which the set's table points to as well, so a member
// is stored once and costs a leaf 8 bytes. `first` is the least item below the child and `score` its score, kept here
// so that the way down reads no items but in ties; `size` is how many items there are below, so that a rank and the
// item of a rank are found in O(log n). A leaf grows by an eighth at a time, so it is nearly full whatever the order
// of insertion.
//
// Rejected: a skiplist with spans as Redis has (44 bytes a node more, and a cache miss for each of its steps), scores
// beside the items in the leaf (8 bytes a member more for one cache miss less), and links between leaves (a leaf moves
// when it grows; a walk recurses instead).
//
// The tree owns its nodes, not the items. Not thread-safe: the set's owner guards it.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/siphash.h"
#include "types/member.h"

namespace redislite::types {

// Followed by its member.
struct Scored {
  double score;

  Bytes member() const { return Member::Read(reinterpret_cast<const char*>(this + 1)); }
  size_t size() const { return sizeof(Scored) + Member::SizeOf(member()); }  // of the block

  static Scored* Make(Memory& memory, double score, Bytes member) {
    auto* made = static_cast<Scored*>(memory.Allocate(sizeof(Scored) + Member::SizeOf(member)));
    made->score = score;
    Member::Write(reinterpret_cast<char*>(made + 1), member);
    return made;
  }
  static void Free(Memory& memory, Scored* scored) noexcept { memory.Free(scored, scored->size()); }
};

struct ScoredHash {
  const HashSeed* seed;

  uint64_t operator()(const Scored& scored) const { return SipHash13(*seed, scored.member()); }
};

// The order of a sorted set.
inline bool IsBefore(double score, Bytes member, double other_score, Bytes other_member) {
  return score < other_score || (score == other_score && member < other_member);
}

class ScoreTree {
 public:
  explicit ScoreTree(Memory& memory) : memory_(memory) {}
  ~ScoreTree();
  ScoreTree(const ScoreTree&) = delete;
  ScoreTree& operator=(const ScoreTree&) = delete;

  size_t size() const { return size_; }

  // Adds an item that is not there. Throws std::bad_alloc and has then added nothing.
  void Insert(Scored* item);
  // Takes an item out that is there.
  void Remove(const Scored* item) noexcept;
  // Gives an item that is there another score, when it keeps its place by that; false when it must be taken out and
  // inserted again: nothing changed.
  bool MoveInPlace(Scored* item, double score) noexcept;

  // How many items come before all others: those for which before(score, member) holds, which must be so for all in
  // front of one for which it is. O(log n) calls.
  using Before = std::function<bool(double score, Bytes member)>;
  size_t CountBefore(const Before& before) const;
  // How many items are in front of one that is there.
  size_t Rank(const Scored* item) const;
  // REQUIRES: rank < size().
  Scored* At(size_t rank) const;
  // Visits the items from a rank on, upwards or downwards, until visit returns false.
  using Visit = std::function<bool(const Scored& item)>;
  void ForEach(size_t rank, const Visit& visit) const;
  void ForEachBackward(size_t rank, const Visit& visit) const;

  // What the tree takes of the Memory, without its items.
  size_t memory_bytes() const { return bytes_; }

  // For tests: whether every node has the counts, firsts and order that it should.
  bool IsSound() const;

 private:
  static constexpr uint32_t kLeafMax = 64;
  static constexpr uint32_t kInnerMax = 64;
  static constexpr int kHeightMax = 16;  // a node splits in halves of 32: 2^64 items have fewer than 14 levels

  struct Leaf;
  struct Inner;
  struct Child;
  // A node of either kind: a leaf where the height is 0.
  union Node {
    Leaf* leaf;
    Inner* inner;
  };
  struct Step {
    Inner* inner;
    uint32_t index;
  };

  static uint32_t CountOf(Node node, int height);
  static Scored* FirstOf(Node node, int height);
  static uint32_t ChildFor(const Inner& inner, double score, Bytes member);
  static uint32_t PlaceIn(const Leaf& leaf, double score, Bytes member);
  static uint32_t IndexIn(const Leaf& leaf, const Scored* item);
  static void RemoveChild(Inner* inner, uint32_t index) noexcept;

  Leaf* NewLeaf(uint32_t count);
  Leaf* Resize(Leaf* leaf, uint32_t count);
  void TryToFit(Node* place) noexcept;
  Inner* NewInner();
  void FreeNode(Node node, int height) noexcept;
  void FreeBelow(Node node, int height) noexcept;
  Child Split(Node node, int height);
  void SplitChild(Inner* inner, uint32_t index, int height);
  void GrowRoot();
  void TryToMerge(Inner* inner, uint32_t index, int height) noexcept;
  Leaf* Descend(double score, Bytes member, Step* path) const;
  static bool IsSoundBelow(Node node, int height, size_t* size, const Scored** last);
  static bool VisitUp(Node node, int height, size_t skip, const Visit& visit);
  static bool VisitDown(Node node, int height, size_t skip, const Visit& visit);

  Memory& memory_;
  Node root_{nullptr};
  int height_ = 0;  // levels of inner nodes
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace redislite::types
