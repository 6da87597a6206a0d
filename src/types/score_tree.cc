#include "types/score_tree.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/prefetch.h"

namespace redislite::types {

// Followed by its items.
struct ScoreTree::Leaf {
  uint32_t count;
  uint32_t capacity;

  Scored** items() { return reinterpret_cast<Scored**>(this + 1); }
  Scored* const* items() const { return reinterpret_cast<Scored* const*>(this + 1); }

  static size_t BytesFor(uint32_t capacity) { return sizeof(Leaf) + sizeof(Scored*) * capacity; }
};

struct ScoreTree::Child {
  Scored* first;
  double score;
  size_t size;
  Node node;
};

struct ScoreTree::Inner {
  uint32_t count;
  Child children[kInnerMax];
};

namespace {

// Below this many, a node is joined with a neighbour if the two have no more than kMergedMax.
constexpr uint32_t kFew = 16;
constexpr uint32_t kMergedMax = 48;

// A capacity with an eighth to spare, that fills what malloc gives: an even number of items.
uint32_t RoomFor(uint32_t count) { return (count + count / 8 + 2) & ~1u; }

}  // namespace

ScoreTree::~ScoreTree() {
  if (root_.leaf != nullptr) FreeBelow(root_, height_);
}

void ScoreTree::FreeBelow(Node node, int height) noexcept {
  if (height > 0) {
    for (uint32_t i = 0; i < node.inner->count; ++i) FreeBelow(node.inner->children[i].node, height - 1);
  }
  FreeNode(node, height);
}

ScoreTree::Leaf* ScoreTree::NewLeaf(uint32_t count) {
  const uint32_t capacity = std::min(RoomFor(count), kLeafMax);
  auto* leaf = new (memory_.Allocate(Leaf::BytesFor(capacity))) Leaf{0, capacity};
  bytes_ += Memory::Footprint(Leaf::BytesFor(capacity));
  return leaf;
}

// The leaf with room for so many items, where it is now.
ScoreTree::Leaf* ScoreTree::Resize(Leaf* leaf, uint32_t count) {
  const size_t before = Leaf::BytesFor(leaf->capacity);
  const uint32_t capacity = std::min(RoomFor(count), kLeafMax);
  auto* moved = static_cast<Leaf*>(memory_.Reallocate(leaf, before, Leaf::BytesFor(capacity)));
  moved->capacity = capacity;
  bytes_ += Memory::Footprint(Leaf::BytesFor(capacity));
  bytes_ -= Memory::Footprint(before);
  return moved;
}

// Gives the spare room of the leaf in that place back, if there is memory for a smaller one.
void ScoreTree::TryToFit(Node* place) noexcept {
  try {
    place->leaf = Resize(place->leaf, place->leaf->count);
  } catch (const std::bad_alloc&) {
    return;
  }
}

ScoreTree::Inner* ScoreTree::NewInner() {
  auto* inner = static_cast<Inner*>(memory_.Allocate(sizeof(Inner)));
  inner->count = 0;
  bytes_ += Memory::Footprint(sizeof(Inner));
  return inner;
}

void ScoreTree::FreeNode(Node node, int height) noexcept {
  const size_t bytes = height == 0 ? Leaf::BytesFor(node.leaf->capacity) : sizeof(Inner);
  memory_.Free(height == 0 ? static_cast<void*>(node.leaf) : node.inner, bytes);
  bytes_ -= Memory::Footprint(bytes);
}

uint32_t ScoreTree::CountOf(Node node, int height) { return height == 0 ? node.leaf->count : node.inner->count; }

Scored* ScoreTree::FirstOf(Node node, int height) {
  return height == 0 ? node.leaf->items()[0] : node.inner->children[0].first;
}

// The child that holds this place: the last one whose first item is not behind it, or the first child.
uint32_t ScoreTree::ChildFor(const Inner& inner, double score, Bytes member) {
  const Child* begin = inner.children + 1;
  const Child* end = inner.children + inner.count;
  const auto is_behind = [&](double, const Child& child) {
    if (score != child.score) return score < child.score;
    return member < child.first->member();
  };
  return static_cast<uint32_t>(std::upper_bound(begin, end, score, is_behind) - inner.children) - 1;
}

// How many items of the leaf are in front of this place.
uint32_t ScoreTree::PlaceIn(const Leaf& leaf, double score, Bytes member) {
  // In a large set each item that a search looks at is a miss of the cache, one after the other. So a step looks for
  // the eighth that has the place, and fetches what it may look at together.
  constexpr size_t kParts = 8;
  const auto is_before = [&](const Scored* item) { return IsBefore(item->score, item->member(), score, member); };
  Scored* const* begin = leaf.items();
  size_t left = leaf.count;
  while (left > 1) {
    const size_t part = (left + kParts - 1) / kParts;
    for (size_t at = part; at < left; at += part) Prefetch(begin[at]);
    // The items that a step looks at are in order, too.
    size_t low = 0;
    size_t high = (left - 1) / part;
    while (low < high) {
      const size_t middle = (low + high + 1) / 2;
      if (is_before(begin[middle * part])) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    begin += low * part;
    left = std::min(part, left - low * part);
  }
  const auto index = static_cast<uint32_t>(begin - leaf.items());
  return left == 1 && is_before(*begin) ? index + 1 : index;
}

// Where an item of the leaf is: its pointer tells, and no item is looked at.
uint32_t ScoreTree::IndexIn(const Leaf& leaf, const Scored* item) {
  return static_cast<uint32_t>(std::find(leaf.items(), leaf.items() + leaf.count, item) - leaf.items());
}

// Moves the upper half of a full node to a new one, which is returned as its parent's child.
ScoreTree::Child ScoreTree::Split(Node node, int height) {
  Child upper{};
  if (height == 0) {
    Leaf* leaf = node.leaf;
    const uint32_t kept = leaf->count / 2;
    upper.node.leaf = NewLeaf(leaf->count - kept);
    upper.node.leaf->count = leaf->count - kept;
    std::memcpy(upper.node.leaf->items(), leaf->items() + kept, sizeof(Scored*) * upper.node.leaf->count);
    leaf->count = kept;
    upper.size = upper.node.leaf->count;
  } else {
    Inner* inner = node.inner;
    const uint32_t kept = inner->count / 2;
    upper.node.inner = NewInner();
    upper.node.inner->count = inner->count - kept;
    std::copy(inner->children + kept, inner->children + inner->count, upper.node.inner->children);
    inner->count = kept;
    for (uint32_t i = 0; i < upper.node.inner->count; ++i) upper.size += upper.node.inner->children[i].size;
  }
  upper.first = FirstOf(upper.node, height);
  upper.score = upper.first->score;
  return upper;
}

void ScoreTree::SplitChild(Inner* inner, uint32_t index, int height) {
  const Child upper = Split(inner->children[index].node, height);
  inner->children[index].size -= upper.size;
  std::move_backward(inner->children + index + 1, inner->children + inner->count, inner->children + inner->count + 1);
  inner->children[index + 1] = upper;
  ++inner->count;
  if (height == 0) TryToFit(&inner->children[index].node);
}

// Puts an inner node above a full root, and splits that.
void ScoreTree::GrowRoot() {
  Inner* inner = NewInner();
  inner->children[0] = {FirstOf(root_, height_), FirstOf(root_, height_)->score, size_, root_};
  inner->count = 1;
  try {
    SplitChild(inner, 0, height_);
  } catch (...) {
    Node node;
    node.inner = inner;
    FreeNode(node, 1);
    throw;
  }
  root_.inner = inner;
  ++height_;
}

void ScoreTree::Insert(Scored* item) {
  if (root_.leaf == nullptr) root_.leaf = NewLeaf(1);
  if (CountOf(root_, height_) == (height_ == 0 ? kLeafMax : kInnerMax)) GrowRoot();
  const Bytes member = item->member();
  Step path[kHeightMax];
  Node* place = &root_;
  // Full nodes are split on the way down, so that there is room for another child above; that changes no content.
  for (int height = height_; height > 0; --height) {
    Inner* inner = place->inner;
    uint32_t index = ChildFor(*inner, item->score, member);
    if (CountOf(inner->children[index].node, height - 1) == (height == 1 ? kLeafMax : kInnerMax)) {
      SplitChild(inner, index, height - 1);
      index = ChildFor(*inner, item->score, member);
    }
    path[height] = {inner, index};
    place = &inner->children[index].node;
  }
  if (place->leaf->count == place->leaf->capacity) place->leaf = Resize(place->leaf, place->leaf->count + 1);

  Leaf* leaf = place->leaf;
  const uint32_t at = PlaceIn(*leaf, item->score, member);
  std::memmove(leaf->items() + at + 1, leaf->items() + at, sizeof(Scored*) * (leaf->count - at));
  leaf->items()[at] = item;
  ++leaf->count;
  ++size_;
  bool is_first = at == 0;
  for (int height = 1; height <= height_; ++height) {
    Child& child = path[height].inner->children[path[height].index];
    ++child.size;
    if (is_first) {
      child.first = item;
      child.score = item->score;
      is_first = path[height].index == 0;
    }
  }
}

ScoreTree::Leaf* ScoreTree::Descend(double score, Bytes member, Step* path) const {
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const uint32_t index = ChildFor(*node.inner, score, member);
    path[height] = {node.inner, index};
    node = node.inner->children[index].node;
  }
  return node.leaf;
}

void ScoreTree::RemoveChild(Inner* inner, uint32_t index) noexcept {
  std::copy(inner->children + index + 1, inner->children + inner->count, inner->children + index);
  --inner->count;
}

// Joins the child with a neighbour if both are nearly empty, and there is memory for it.
void ScoreTree::TryToMerge(Inner* inner, uint32_t index, int height) noexcept {
  if (inner->count < 2) return;
  const uint32_t left = index == 0 ? 0 : index - 1;
  Child& kept = inner->children[left];
  Child& gone = inner->children[left + 1];
  const uint32_t kept_count = CountOf(kept.node, height);
  const uint32_t gone_count = CountOf(gone.node, height);
  if (kept_count + gone_count > kMergedMax) return;
  if (height == 0) {
    if (kept.node.leaf->capacity < kept_count + gone_count) {
      try {
        kept.node.leaf = Resize(kept.node.leaf, kept_count + gone_count);
      } catch (const std::bad_alloc&) {
        return;
      }
    }
    std::memcpy(kept.node.leaf->items() + kept_count, gone.node.leaf->items(), sizeof(Scored*) * gone_count);
    kept.node.leaf->count += gone_count;
  } else {
    std::copy(gone.node.inner->children, gone.node.inner->children + gone_count,
              kept.node.inner->children + kept_count);
    kept.node.inner->count += gone_count;
  }
  kept.size += gone.size;
  FreeNode(gone.node, height);
  RemoveChild(inner, left + 1);
}

void ScoreTree::Remove(const Scored* item) noexcept {
  const Bytes member = item->member();
  Step path[kHeightMax];
  Leaf* leaf = Descend(item->score, member, path);
  const uint32_t at = IndexIn(*leaf, item);
  --leaf->count;
  std::memmove(leaf->items() + at, leaf->items() + at + 1, sizeof(Scored*) * (leaf->count - at));
  --size_;
  bool was_first = at == 0;
  for (int height = 1; height <= height_; ++height) {
    Inner* inner = path[height].inner;
    const uint32_t index = path[height].index;
    Child& child = inner->children[index];
    --child.size;
    const uint32_t count = CountOf(child.node, height - 1);
    if (count == 0) {
      FreeNode(child.node, height - 1);
      RemoveChild(inner, index);
      was_first = index == 0;
      continue;
    }
    if (was_first) {
      child.first = FirstOf(child.node, height - 1);
      child.score = child.first->score;
      was_first = index == 0;
    }
    if (height == 1 && child.node.leaf->capacity > RoomFor(count) + 4) TryToFit(&child.node);
    if (count < kFew) TryToMerge(inner, index, height - 1);
  }
  while (height_ > 0 && root_.inner->count <= 1) {
    const Node top = root_;
    root_ = top.inner->count == 0 ? Node{nullptr} : top.inner->children[0].node;
    FreeNode(top, height_);
    height_ = root_.leaf == nullptr ? 0 : height_ - 1;
  }
  if (size_ == 0 && root_.leaf != nullptr) {
    FreeNode(root_, 0);
    root_.leaf = nullptr;
  }
}

bool ScoreTree::MoveInPlace(Scored* item, double score) noexcept {
  const Bytes member = item->member();
  Step path[kHeightMax];
  const Leaf* leaf = Descend(item->score, member, path);
  const uint32_t at = IndexIn(*leaf, item);
  if (at == 0 || at + 1 == leaf->count) return false;
  const Scored* before = leaf->items()[at - 1];
  const Scored* after = leaf->items()[at + 1];
  if (!IsBefore(before->score, before->member(), score, member)) return false;
  if (!IsBefore(score, member, after->score, after->member())) return false;
  item->score = score;
  return true;
}

size_t ScoreTree::CountBefore(const Before& before) const {
  if (size_ == 0) return 0;
  size_t count = 0;
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const Inner& inner = *node.inner;
    const Child* child =
        std::partition_point(inner.children + 1, inner.children + inner.count,
                             [&](const Child& each) { return before(each.score, each.first->member()); }) -
        1;
    for (const Child* each = inner.children; each != child; ++each) count += each->size;
    node = child->node;
  }
  const Leaf& leaf = *node.leaf;
  const auto* end = std::partition_point(leaf.items(), leaf.items() + leaf.count,
                                         [&](const Scored* item) { return before(item->score, item->member()); });
  return count + static_cast<size_t>(end - leaf.items());
}

size_t ScoreTree::Rank(const Scored* item) const {
  Step path[kHeightMax];
  const Leaf* leaf = Descend(item->score, item->member(), path);
  size_t rank = IndexIn(*leaf, item);
  for (int height = 1; height <= height_; ++height) {
    for (uint32_t i = 0; i < path[height].index; ++i) rank += path[height].inner->children[i].size;
  }
  return rank;
}

Scored* ScoreTree::At(size_t rank) const {
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const Child* child = node.inner->children;
    for (; rank >= child->size; ++child) rank -= child->size;
    node = child->node;
  }
  return node.leaf->items()[rank];
}

bool ScoreTree::VisitUp(Node node, int height, size_t skip, const Visit& visit) {
  if (height == 0) {
    for (size_t i = skip; i < node.leaf->count; ++i) {
      if (!visit(*node.leaf->items()[i])) return false;
    }
    return true;
  }
  for (uint32_t i = 0; i < node.inner->count; ++i) {
    const Child& child = node.inner->children[i];
    if (skip >= child.size) {
      skip -= child.size;
      continue;
    }
    if (!VisitUp(child.node, height - 1, skip, visit)) return false;
    skip = 0;
  }
  return true;
}

// Leaves out the last `skip` items.
bool ScoreTree::VisitDown(Node node, int height, size_t skip, const Visit& visit) {
  if (height == 0) {
    for (size_t i = node.leaf->count - skip; i > 0; --i) {
      if (!visit(*node.leaf->items()[i - 1])) return false;
    }
    return true;
  }
  for (uint32_t i = node.inner->count; i > 0; --i) {
    const Child& child = node.inner->children[i - 1];
    if (skip >= child.size) {
      skip -= child.size;
      continue;
    }
    if (!VisitDown(child.node, height - 1, skip, visit)) return false;
    skip = 0;
  }
  return true;
}

void ScoreTree::ForEach(size_t rank, const Visit& visit) const {
  if (rank < size_) VisitUp(root_, height_, rank, visit);
}

void ScoreTree::ForEachBackward(size_t rank, const Visit& visit) const {
  if (rank < size_) VisitDown(root_, height_, size_ - 1 - rank, visit);
}

bool ScoreTree::IsSound() const {
  if (root_.leaf == nullptr) return size_ == 0 && height_ == 0;
  size_t size = 0;
  const Scored* last = nullptr;
  return IsSoundBelow(root_, height_, &size, &last) && size == size_ && size > 0 &&
         (height_ == 0 || root_.inner->count > 1);
}

bool ScoreTree::IsSoundBelow(Node node, int height, size_t* size, const Scored** last) {
  if (CountOf(node, height) == 0) return false;
  if (height == 0) {
    if (node.leaf->count > node.leaf->capacity || node.leaf->capacity > kLeafMax) return false;
    for (uint32_t i = 0; i < node.leaf->count; ++i) {
      const Scored* item = node.leaf->items()[i];
      const Scored* before = std::exchange(*last, item);
      if (before != nullptr && !IsBefore(before->score, before->member(), item->score, item->member())) return false;
    }
    *size += node.leaf->count;
    return true;
  }
  for (uint32_t i = 0; i < node.inner->count; ++i) {
    const Child& child = node.inner->children[i];
    if (child.first != FirstOf(child.node, height - 1) || child.score != child.first->score) return false;
    size_t below = 0;
    if (!IsSoundBelow(child.node, height - 1, &below, last) || below != child.size) return false;
    *size += below;
  }
  return true;
}

}  // namespace redislite::types
