// Value: one of Redis' types. Owns it; moves, never copies by accident.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/memory.h"
#include "types/frozen.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/set.h"
#include "types/sorted_set.h"
#include "types/string.h"

namespace redislite::types {

enum class Type : uint8_t { kNone, kString, kList, kHash, kSet, kSortedSet };

// Redis' name of a type, as the TYPE command prints it: "none", "string", "list", "hash", "set",
// "zset".
const char* TypeName(Type type);

// Two places, as a String: a variable, and an entry of the keyspace, where it is made by MoveToEntry. What is no string
// is a pointer to an object.
class Value {
 public:
  Value() = default;
  explicit Value(String string) : string_(std::move(string)) { SetType(Type::kString); }
  // Takes what memory.New<List>(...), memory.New<Hash>(...) or another New made.
  Value(Memory&, List* list) { SetObject(Type::kList, list); }
  Value(Memory&, Hash* hash) { SetObject(Type::kHash, hash); }
  Value(Memory&, Set* set) { SetObject(Type::kSet, set); }
  Value(Memory&, SortedSet* set) { SetObject(Type::kSortedSet, set); }
  // Only variables are moved: an entry's value leaves by Take.
  Value(Value&& other) noexcept : string_(std::move(other.string_)) {}
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      DeleteObject();
      const Type type = other.type();
      string_ = std::move(other.string_);
      SetType(type);
    }
    return *this;
  }
  ~Value() { DeleteObject(); }

  Type type() const { return static_cast<Type>(string_.tag_ >> kTypeShift); }
  const char* encoding() const;
  // What it takes of the Memory beside this object.
  size_t memory_bytes() const;

  // A copy in the same Memory. Strings share their bytes, or borrow them (String::Clone).
  Value Clone() const;

  // For a reader in pieces of what it is now; null when it is small enough to be read at once, or a string.
  std::unique_ptr<Frozen> Freeze(Frozen::Kept& kept);

  // The object of that type; null when it holds another.
  template <typename T>
  T* As();
  template <typename T>
  const T* As() const {
    return const_cast<Value*>(this)->As<T>();
  }

  // ---- For an entry. First Settle, which may throw; then MoveToEntry, into RoomInEntry bytes behind the two that
  // every value has, leaves this one empty. In an entry, room() says how many they are.
  static constexpr size_t kHeadBytes = 2;
  void Settle(Memory& memory) { string_.Settle(memory); }
  size_t RoomInEntry() const { return string_.RoomInEntry(); }
  void MoveToEntry(void* place) noexcept { string_.MoveToEntry(place); }
  size_t room() const { return string_.room(); }
  // Takes the value out of an entry, which is then only to be freed.
  Value Take(Memory& memory) {
    Value taken;
    const Type type = this->type();
    taken.string_ = string_.Take(memory);
    taken.SetType(type);
    SetType(Type::kNone);
    return taken;
  }

 private:
  static constexpr int kTypeShift = 4;
  void SetType(Type type) {
    string_.tag_ = static_cast<uint8_t>((string_.tag_ & 0xf) | static_cast<int>(type) << kTypeShift);
  }
  void SetObject(Type type, void* object) {
    string_.SetWord(String::kObject, object);
    SetType(type);
  }
  void* object() const { return string_.Word<void*>(); }
  void DeleteObject() noexcept;

  String string_;  // or what else stands in its place: kObject
};

template <>
inline String* Value::As<String>() {
  return type() == Type::kString ? &string_ : nullptr;
}
template <>
inline List* Value::As<List>() {
  return type() == Type::kList ? static_cast<List*>(object()) : nullptr;
}
template <>
inline Hash* Value::As<Hash>() {
  return type() == Type::kHash ? static_cast<Hash*>(object()) : nullptr;
}
template <>
inline Set* Value::As<Set>() {
  return type() == Type::kSet ? static_cast<Set*>(object()) : nullptr;
}
template <>
inline SortedSet* Value::As<SortedSet>() {
  return type() == Type::kSortedSet ? static_cast<SortedSet*>(object()) : nullptr;
}

}  // namespace redislite::types
