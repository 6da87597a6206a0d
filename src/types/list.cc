#include "types/list.h"

#include <new>
#include <string>
#include <unordered_map>
#include <vector>

#include "types/listpack_size.h"

namespace redislite::types {

namespace {

// Redis' list-max-listpack-size of -2, and its quicklist's guess of what an element takes besides its bytes.
constexpr size_t kNodeBytesMax = 8192;
constexpr size_t kElementOverheadGuess = 8;

// Such an element gets a node of its own.
bool IsLarge(Bytes element) { return element.size() > kNodeBytesMax; }

}  // namespace

// The nodes as they were. A node that changes is copied first, one that leaves the list is kept.
class List::Reader final : public FrozenOf<List, Frozen> {
 public:
  Reader(List& list, Kept& kept)
      : FrozenOf(list, kept, list.reader_), memory_(list.memory_), nodes_(list.nodes_.size()) {
    places_.reserve(nodes_.size());
    for (size_t i = 0; i < nodes_.size(); ++i) {
      nodes_[i].packed = list.nodes_[i].packed;
      places_.emplace(BlockOf(nodes_[i].packed), i);
    }
  }
  ~Reader() override { Release(); }

  void WillChange(const Packed& packed) noexcept {
    Then* node = Leave(packed);
    if (node == nullptr) return;
    try {
      node->copy = packed.Encoded(0, packed.size());
      node->packed = Packed::Over(node->copy);
      CountCopied(packed.size());
    } catch (const std::bad_alloc&) {
      Lose();
    }
  }
  // True: the block is the reader's now.
  bool Keep(const Packed& packed) noexcept {
    Then* node = Leave(packed);
    if (node == nullptr) return false;
    node->is_ours = true;
    CountHeld(packed.memory_bytes());
    return true;
  }

 private:
  struct Then {
    Packed packed;
    std::string copy;      // what packed reads, unless
    bool is_ours = false;  // it has a block that the list has given up
  };

  static const char* BlockOf(const Packed& packed) { return packed.Encoded(0, packed.size()).data(); }

  // The block is no longer what it was. Null when nobody will want to know.
  Then* Leave(const Packed& packed) noexcept {
    if (!is_reading()) return nullptr;
    const auto place = places_.find(BlockOf(packed));
    if (place == places_.end()) return nullptr;
    const size_t index = place->second;
    places_.erase(place);
    return index >= next_ ? &nodes_[index] : nullptr;
  }
  bool ReadSome(const Visit& visit) override {
    const Packed& packed = nodes_[next_].packed;
    run_.clear();
    for (size_t offset = 0; offset < packed.size(); offset = packed.Next(offset)) run_.push_back(packed.At(offset));
    visit(run_);
    return ++next_ < nodes_.size();
  }
  void ReadRest(const Visit&) override { Release(); }
  void Release() noexcept {
    for (Then& node : nodes_) {
      if (node.is_ours) node.packed.Release(memory_);
    }
    nodes_.clear();
    places_.clear();
  }

  Memory& memory_;  // which outlives the list
  std::vector<Then> nodes_;
  std::unordered_map<const char*, size_t> places_;  // of the blocks that are still as they were
  size_t next_ = 0;
  std::vector<Bytes> run_;
};

std::unique_ptr<Frozen> List::Freeze(Frozen::Kept& kept) {
  size_t bytes = 0;
  for (const Node& node : nodes_) bytes += node.packed.size();
  if (!Frozen::IsBig(size_, bytes)) return nullptr;
  return Frozen::Begin(std::make_unique<Reader>(*this, kept));
}

// Within a Pause.
void List::WillChange(const Node& node) noexcept {
  if (reader_ != nullptr) static_cast<Reader*>(reader_)->WillChange(node.packed);
}

// Of a node that leaves the list.
void List::Release(Node& node) noexcept {
  if (reader_ != nullptr && static_cast<Reader*>(reader_)->Keep(node.packed)) return;
  node.packed.Release(memory_);
}

List::~List() {
  for (Node& node : nodes_) node.packed.Release(memory_);
  nodes_.Release(memory_);
}

// ---- Where Redis draws the lines ----

bool List::IsAlone(const Node& node) { return node.count == 1 && IsLarge(node.packed.At(0)); }

bool List::Accepts(const Node& node, Bytes element) {
  return !IsLarge(element) && !IsAlone(node) &&
         node.listpack_bytes + element.size() + kElementOverheadGuess <= kNodeBytesMax;
}

bool List::MayJoin(const Node& left, const Node& right) {
  return !IsAlone(left) && !IsAlone(right) &&
         left.listpack_bytes + right.listpack_bytes - kListpackOverhead <= kNodeBytesMax;
}

// Redis adds the plain length of what is to come, without its overhead, so a listpack may end up a little above the
// limit.
bool List::BecomesQuick(size_t more_bytes) const {
  if (quick_) return true;
  const size_t now = nodes_.size() == 0 ? kListpackOverhead : nodes_[0].listpack_bytes;
  return now + more_bytes > kNodeBytesMax;
}

// To be called after whatever may have made the list smaller.
void List::ForgetQuick() {
  if (!quick_) return;
  if (size_ == 0 || (nodes_.size() == 1 && !IsAlone(nodes_[0]) && nodes_[0].listpack_bytes <= kNodeBytesMax / 2)) {
    quick_ = false;
  }
}

// ---- Finding ----

size_t List::OffsetOf(const Node& node, size_t index) {
  if (index <= node.count / 2) {
    size_t offset = 0;
    for (; index > 0; --index) offset = node.packed.Next(offset);
    return offset;
  }
  size_t offset = node.packed.size();
  for (size_t left = node.count - index; left > 0; --left) offset = node.packed.Previous(offset);
  return offset;
}

List::Position List::Locate(size_t index) const {
  size_t node = 0;
  if (index < size_ / 2) {
    while (index >= nodes_[node].count) index -= nodes_[node++].count;
  } else {
    node = nodes_.size() - 1;
    size_t behind = size_ - index;  // how many elements from this one to the end
    while (behind > nodes_[node].count) behind -= nodes_[node--].count;
    index = nodes_[node].count - behind;
  }
  return {node, index, OffsetOf(nodes_[node], index)};
}

Bytes List::At(size_t index) const {
  const Position at = Locate(index);
  return nodes_[at.node].packed.At(at.offset);
}

void List::ForEach(size_t index, const std::function<bool(Bytes)>& visit) const {
  if (index >= size_) return;
  Position at = Locate(index);
  for (; at.node < nodes_.size(); ++at.node, at.offset = 0) {
    const Packed& packed = nodes_[at.node].packed;
    for (; at.offset < packed.size(); at.offset = packed.Next(at.offset)) {
      if (!visit(packed.At(at.offset))) return;
    }
  }
}

void List::ForEachBackward(size_t index, const std::function<bool(Bytes)>& visit) const {
  if (index >= size_) return;
  Position at = Locate(index);
  while (true) {
    const Packed& packed = nodes_[at.node].packed;
    while (true) {
      if (!visit(packed.At(at.offset))) return;
      if (at.offset == 0) break;
      at.offset = packed.Previous(at.offset);
    }
    if (at.node == 0) return;
    const Packed& previous = nodes_[--at.node].packed;
    at.offset = previous.Previous(previous.size());
  }
}

// ---- Single nodes ----

// A node of the elements of `from` (which may be null) between two offsets, and `more` behind them.
List::Node List::MakeNode(const Node* from, size_t begin, size_t end, std::span<const Bytes> more) {
  Node made;
  size_t listpack_bytes = kListpackOverhead;
  for (size_t offset = begin; offset < end; offset = from->packed.Next(offset)) {
    listpack_bytes += ListpackElementBytes(from->packed.At(offset));
    ++made.count;
  }
  for (const Bytes element : more) listpack_bytes += ListpackElementBytes(element);
  made.count += static_cast<uint32_t>(more.size());
  made.listpack_bytes = static_cast<uint32_t>(listpack_bytes);
  made.packed = Packed::Make(memory_, from == nullptr ? Bytes() : from->packed.Encoded(begin, end), more);
  return made;
}

void List::AddNode(size_t at, Bytes element) {
  nodes_.Reserve(memory_, 1);
  nodes_.Insert(at, MakeNode(nullptr, 0, 0, {&element, 1}));
  ++size_;
  // What was the last node at this end does not grow any more, most likely.
  if (at > 0 && at + 1 == nodes_.size()) Fit(nodes_[at - 1]);
  if (at == 0 && nodes_.size() > 1) Fit(nodes_[1]);
}

// Gives its free room back.
void List::Fit(Node& node) noexcept {
  WillChange(node);
  node.packed.Fit(memory_);
}

void List::AddToNode(Node& node, size_t offset, Bytes element) {
  const size_t listpack_bytes = ListpackElementBytes(element);
  WillChange(node);
  node.packed.Replace(memory_, offset, 0, element);
  node.listpack_bytes += static_cast<uint32_t>(listpack_bytes);
  ++node.count;
  ++size_;
}

void List::ReplaceInNode(Node& node, size_t offset, Bytes element) {
  const Bytes old = node.packed.At(offset);
  const size_t without = node.listpack_bytes - ListpackElementBytes(old);
  const size_t with = without + ListpackElementBytes(element);
  WillChange(node);
  node.packed.Replace(memory_, offset, Packed::EncodedSize(old.size()), element);
  node.listpack_bytes = static_cast<uint32_t>(with);
}

// REQUIRES: other elements remain.
void List::EraseFromNode(Node& node, size_t index, size_t count) noexcept {
  const size_t begin = OffsetOf(node, index);
  size_t end = begin;
  size_t listpack_bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    listpack_bytes += ListpackElementBytes(node.packed.At(end));
    end = node.packed.Next(end);
  }
  WillChange(node);
  node.packed.Erase(memory_, begin, end - begin);
  node.listpack_bytes -= static_cast<uint32_t>(listpack_bytes);
  node.count -= static_cast<uint32_t>(count);
  size_ -= count;
}

void List::DropNodes(size_t first, size_t count) noexcept {
  for (size_t i = first; i < first + count; ++i) {
    size_ -= nodes_[i].count;
    Release(nodes_[i]);
  }
  nodes_.Erase(memory_, first, count);
}

// ---- Several nodes ----

// Puts the element before the one at `at`, which is not its node's first, when the node is full or the element must be
// alone: what stands before it moves to a node of its own.
void List::SplitFor(const Position& at, Bytes element) {
  nodes_.Reserve(memory_, 2);
  Node alone;
  if (IsLarge(element)) alone = MakeNode(nullptr, 0, 0, {&element, 1});
  Node head;
  try {
    const std::span<const Bytes> more(&element, alone.count == 0 ? 1 : 0);
    head = MakeNode(&nodes_[at.node], 0, at.offset, more);
  } catch (...) {
    alone.packed.Release(memory_);
    throw;
  }
  EraseFromNode(nodes_[at.node], 0, at.index);
  size_ += at.index + 1;
  if (alone.count != 0) nodes_.Insert(at.node, alone);
  nodes_.Insert(at.node, head);
  if (alone.count == 0) JoinAround(at.node + 1);
}

// Puts a large element, alone in a node, in the place of the one at `at`; what stands behind it moves to a node of its
// own.
void List::SplitOff(const Position& at, Bytes element) {
  nodes_.Reserve(memory_, 2);
  Node& node = nodes_[at.node];
  const size_t behind = node.packed.Next(at.offset);
  Node alone = MakeNode(nullptr, 0, 0, {&element, 1});
  Node tail;
  try {
    if (behind < node.packed.size()) tail = MakeNode(&node, behind, node.packed.size(), {});
  } catch (...) {
    alone.packed.Release(memory_);
    throw;
  }
  if (at.index == 0) {
    size_ -= node.count;
    Release(node);
    node = alone;
  } else {
    EraseFromNode(node, at.index, node.count - at.index);
    nodes_.Insert(at.node + 1, alone);
  }
  size_ += alone.count + tail.count;
  const size_t place = at.index == 0 ? at.node : at.node + 1;
  if (tail.count != 0) nodes_.Insert(place + 1, tail);
  if (at.index != 0) JoinAround(place);
}

// Makes one of this node and the next. False when that is not to be, or there is no memory for it, which does no harm.
bool List::Join(size_t left) noexcept {
  if (left + 1 >= nodes_.size() || !MayJoin(nodes_[left], nodes_[left + 1])) return false;
  Node& node = nodes_[left];
  Node& next = nodes_[left + 1];
  WillChange(node);
  try {
    node.packed.AppendEncoded(memory_, next.packed.Encoded(0, next.packed.size()));
  } catch (const std::bad_alloc&) {
    return false;
  }
  node.count += next.count;
  node.listpack_bytes += next.listpack_bytes - static_cast<uint32_t>(kListpackOverhead);
  Release(next);
  nodes_.Erase(memory_, left + 1, 1);
  return true;
}

// After a split: joins what has become small, in the order in which Redis does.
void List::JoinAround(size_t center) noexcept {
  if (center >= 2 && Join(center - 2)) --center;
  Join(center + 1);
  if (center >= 1 && Join(center - 1)) --center;
  Join(center);
}

// ---- Changing ----

void List::Push(End end, Bytes element, bool quick) {
  const bool front = end == End::kFront;
  if (nodes_.size() != 0) {
    Node& node = nodes_[front ? 0 : nodes_.size() - 1];
    if (!quick || Accepts(node, element)) return AddToNode(node, front ? 0 : node.packed.size(), element);
  }
  AddNode(front ? 0 : nodes_.size(), element);
}

void List::PushAll(End end, std::span<const Bytes> elements) {
  const Frozen::Pause pause(reader_);
  size_t bytes = 0;
  for (const Bytes element : elements) bytes += element.size();
  const bool quick = BecomesQuick(bytes);
  size_t done = 0;
  try {
    for (; done < elements.size(); ++done) Push(end, elements[done], quick);
  } catch (...) {
    EraseRange(end == End::kFront ? 0 : size_ - done, done);
    throw;
  }
  quick_ = quick;
}

void List::Insert(size_t index, Bytes element) {
  if (index == 0) return PushFront(element);
  if (index == size_) return PushBack(element);
  const Frozen::Pause pause(reader_);
  const bool quick = BecomesQuick(element.size());
  const Position at = Locate(index);
  if (quick) {
    InsertQuick(at, element);
  } else {
    AddToNode(nodes_[at.node], at.offset, element);
  }
  quick_ = quick;
}

void List::InsertQuick(const Position& at, Bytes element) {
  Node& node = nodes_[at.node];
  if (Accepts(node, element)) return AddToNode(node, at.offset, element);
  if (at.index != 0) return SplitFor(at, element);
  if (at.node != 0) {
    Node& previous = nodes_[at.node - 1];
    if (Accepts(previous, element)) return AddToNode(previous, previous.packed.size(), element);
  }
  AddNode(at.node, element);
}

void List::Set(size_t index, Bytes element) {
  const Frozen::Pause pause(reader_);
  const bool quick = BecomesQuick(element.size());
  const Position at = Locate(index);
  if (quick) {
    SetQuick(at, element);
  } else {
    ReplaceInNode(nodes_[at.node], at.offset, element);
  }
  quick_ = quick;
  ForgetQuick();
}

void List::SetQuick(const Position& at, Bytes element) {
  Node& node = nodes_[at.node];
  const bool alone = IsAlone(node);
  if (IsLarge(element)) return SplitOff(at, element);
  if (!alone) return ReplaceInNode(node, at.offset, element);
  // What was alone is so no more. Redis puts the new element behind it first, and then takes it out.
  if (at.node + 1 < nodes_.size() && Accepts(nodes_[at.node + 1], element)) {
    AddToNode(nodes_[at.node + 1], 0, element);
    DropNodes(at.node, 1);
    return;
  }
  Node made = MakeNode(nullptr, 0, 0, {&element, 1});
  Release(node);
  node = made;
}

void List::Erase(size_t index, size_t count) noexcept {
  const Frozen::Pause pause(reader_);
  EraseRange(index, count);
  if (count != 0) ForgetQuick();
}

void List::EraseRange(size_t index, size_t count) noexcept {
  if (count == 0) return;
  size_t i = 0;
  if (index == size_ - 1) {
    i = nodes_.size() - 1;
    index = nodes_[i].count - 1u;
  } else {
    while (index >= nodes_[i].count) index -= nodes_[i++].count;
  }
  if (index != 0 || count < nodes_[i].count) {
    const size_t here = count < nodes_[i].count - index ? count : nodes_[i].count - index;
    EraseFromNode(nodes_[i], index, here);
    count -= here;
    ++i;
  }
  size_t whole = 0;
  while (count != 0 && count >= nodes_[i + whole].count) count -= nodes_[i + whole++].count;
  if (count != 0) EraseFromNode(nodes_[i + whole], 0, count);
  if (whole != 0) DropNodes(i, whole);
}

size_t List::EraseEqual(Bytes element, size_t count, bool from_back) noexcept {
  const Frozen::Pause pause(reader_);
  const size_t listpack_bytes = ListpackElementBytes(element);
  size_t erased = 0;
  for (size_t step = 0, nodes = nodes_.size(); step < nodes && erased < count; ++step) {
    // Nodes that become empty are dropped at once, so from the front the next one takes their place.
    const size_t i = from_back ? nodes - 1 - step : step - (nodes - nodes_.size());
    Node& node = nodes_[i];
    size_t equal = 0;
    for (size_t offset = 0; offset < node.packed.size(); offset = node.packed.Next(offset)) {
      if (node.packed.At(offset) == element) ++equal;
    }
    if (equal == 0) continue;
    const size_t take = equal < count - erased ? equal : count - erased;
    erased += take;
    if (take == node.count) {
      DropNodes(i, 1);
      continue;
    }
    WillChange(node);
    size_t pass = from_back ? equal - take : 0;  // how many equal ones stay before the first to go
    size_t left = take;
    node.packed.EraseIf(memory_, [&](Bytes candidate) {
      if (left == 0 || candidate != element) return false;
      if (pass > 0) {
        --pass;
        return false;
      }
      --left;
      return true;
    });
    node.count -= static_cast<uint32_t>(take);
    node.listpack_bytes -= static_cast<uint32_t>(take * listpack_bytes);
    size_ -= take;
  }
  if (erased != 0) ForgetQuick();
  return erased;
}

List* List::Clone() const {
  List* clone = memory_.New<List>(memory_);
  try {
    clone->nodes_.Reserve(memory_, nodes_.size());
    for (const Node& node : nodes_) {
      Node copy = node;
      copy.packed = Packed::Make(memory_, node.packed.Encoded(0, node.packed.size()), {});
      clone->nodes_.Insert(clone->nodes_.size(), copy);
      clone->size_ += node.count;
    }
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  clone->quick_ = quick_;
  return clone;
}

size_t List::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(List)) + nodes_.memory_bytes();
  for (const Node& node : nodes_) bytes += node.packed.memory_bytes();
  return bytes;
}

}  // namespace redislite::types
