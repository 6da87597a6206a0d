// List: Redis' list value. Pure memory; knows no key, clock or disk.
//
// A sequence of counted nodes of packed bytes (about 8 KB each, one element alone when larger), so that both ends are
// O(1) and an index costs O(nodes). Not thread-safe: the keyspace's stripe lock guards it. Reading never changes it. A
// call that throws std::bad_alloc has changed nothing. Elements passed in may lie in the list itself, unless said
// otherwise; none is above 4 GiB.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/memory.h"
#include "types/deque.h"
#include "types/frozen.h"
#include "types/packed.h"

namespace redislite::types {

class List {
 public:
  explicit List(Memory& memory) : memory_(memory) {}
  ~List();
  Memory& memory() const { return memory_; }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  size_t size() const { return size_; }

  void PushFront(Bytes element) { PushAllFront({&element, 1}); }
  void PushBack(Bytes element) { PushAllBack({&element, 1}); }
  // All or nothing, one after the other: PushAllFront leaves the last one at the front. Not the same as single pushes
  // in one way: as in Redis, the bytes of all together decide what encoding() becomes. REQUIRES: with more than one
  // element, none lies in this list.
  void PushAllFront(std::span<const Bytes> elements) { PushAll(End::kFront, elements); }
  void PushAllBack(std::span<const Bytes> elements) { PushAll(End::kBack, elements); }

  // REQUIRES: size() > 0.
  void PopFront() { Erase(0, 1); }
  void PopBack() { Erase(size_ - 1, 1); }
  // REQUIRES: index < size(). Valid until the list changes.
  Bytes At(size_t index) const;
  Bytes Front() const { return At(0); }
  Bytes Back() const { return At(size() - 1); }
  void Set(size_t index, Bytes element);
  // Puts the element before the one at `index`; index == size() appends.
  void Insert(size_t index, Bytes element);
  // Removes `count` elements from `index` on. REQUIRES: index + count <= size().
  void Erase(size_t index, size_t count) noexcept;
  // Removes the first `count` elements that equal `element`, or the last ones when `from_back`; returns how many there
  // were. O(bytes). REQUIRES: `element` does not lie in this list.
  size_t EraseEqual(Bytes element, size_t count, bool from_back) noexcept;

  // Calls visit(element) for each element from `index` on, in order, or backwards; stops when it returns false.
  // O(nodes) to find the start, O(1) a step.
  void ForEach(size_t index, const std::function<bool(Bytes)>& visit) const;
  void ForEachBackward(size_t index, const std::function<bool(Bytes)>& visit) const;

  // Redis 7.2's name: "listpack" while the whole fits 8 KB as Redis counts it (list-max-listpack-size -2), else
  // "quicklist"; goes back to "listpack" when it has shrunk below half.
  const char* encoding() const { return quick_ ? "quicklist" : "listpack"; }

  // A copy in the same Memory, released with memory.Delete.
  List* Clone() const;

  // For a reader in pieces of what it is now; null when it is so small that it may be read at once. What is kept is
  // counted in `kept`. O(nodes).
  std::unique_ptr<Frozen> Freeze(Frozen::Kept& kept);
  // That reader; null when there is none.
  Frozen* frozen() const { return reader_; }

  // All bytes that this list holds, with its nodes' overhead and its own (MEMORY USAGE).
  size_t memory_bytes() const;

 private:
  enum class End : uint8_t { kFront, kBack };

  struct Node {
    Packed packed;
    uint32_t count = 0;
    uint32_t listpack_bytes = 0;  // what Redis would keep for this node
  };
  // An element: its node, its place in the node, and its offset there.
  struct Position {
    size_t node;
    size_t index;
    size_t offset;
  };

  // The nodes are divided as Redis divides a quicklist's, since its rules for encoding() count nodes. A list that is no
  // quicklist is one node, whatever its size.
  static bool IsAlone(const Node& node);
  static bool Accepts(const Node& node, Bytes element);
  static bool MayJoin(const Node& left, const Node& right);
  bool BecomesQuick(size_t more_bytes) const;
  void ForgetQuick();

  class Reader;
  void WillChange(const Node& node) noexcept;
  void Release(Node& node) noexcept;

  static size_t OffsetOf(const Node& node, size_t index);
  Position Locate(size_t index) const;

  Node MakeNode(const Node* from, size_t begin, size_t end, std::span<const Bytes> more);
  void AddNode(size_t at, Bytes element);
  void Fit(Node& node) noexcept;
  void AddToNode(Node& node, size_t offset, Bytes element);
  void ReplaceInNode(Node& node, size_t offset, Bytes element);
  void EraseFromNode(Node& node, size_t index, size_t count) noexcept;
  void DropNodes(size_t first, size_t count) noexcept;
  void SplitFor(const Position& at, Bytes element);
  void SplitOff(const Position& at, Bytes element);
  void JoinAround(size_t center) noexcept;
  bool Join(size_t left) noexcept;

  void PushAll(End end, std::span<const Bytes> elements);
  void Push(End end, Bytes element, bool quick);
  void InsertQuick(const Position& at, Bytes element);
  void SetQuick(const Position& at, Bytes element);
  void EraseRange(size_t index, size_t count) noexcept;

  Memory& memory_;
  Deque<Node> nodes_;
  size_t size_ = 0;
  Frozen* reader_ = nullptr;  // a Reader
  bool quick_ = false;
};

}  // namespace redislite::types
