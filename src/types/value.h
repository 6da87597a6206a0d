// Value: one of Redis' types. Owns it; moves, never copies by accident.
#pragma once

#include <cstdint>
#include <utility>

#include "base/memory.h"
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

class Value {
 public:
  Value() = default;
  explicit Value(String string) : type_(Type::kString), string_(std::move(string)) {}
  // Takes what memory.New<List>(...), memory.New<Hash>(...) or another New made.
  Value(Memory& memory, List* list) : type_(Type::kList), memory_(&memory), object_(list) {}
  Value(Memory& memory, Hash* hash) : type_(Type::kHash), memory_(&memory), object_(hash) {}
  Value(Memory& memory, Set* set) : type_(Type::kSet), memory_(&memory), object_(set) {}
  Value(Memory& memory, SortedSet* set) : type_(Type::kSortedSet), memory_(&memory), object_(set) {}
  Value(Value&& other) noexcept { MoveFrom(other); }
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      Reset();
      MoveFrom(other);
    }
    return *this;
  }
  ~Value() { Reset(); }

  Type type() const { return type_; }
  const char* encoding() const;
  size_t memory_bytes() const;

  // A copy in the same Memory. Strings share their bytes.
  Value Clone() const;

  // The object of that type; null when it holds another.
  template <typename T>
  T* As();
  template <typename T>
  const T* As() const {
    return const_cast<Value*>(this)->As<T>();
  }

 private:
  void Reset() noexcept;
  void MoveFrom(Value& other) noexcept;

  Type type_ = Type::kNone;
  Memory* memory_ = nullptr;
  String string_;
  void* object_ = nullptr;  // what is no string: a List, a Hash, ...
};

template <>
inline String* Value::As<String>() {
  return type_ == Type::kString ? &string_ : nullptr;
}
template <>
inline List* Value::As<List>() {
  return type_ == Type::kList ? static_cast<List*>(object_) : nullptr;
}
template <>
inline Hash* Value::As<Hash>() {
  return type_ == Type::kHash ? static_cast<Hash*>(object_) : nullptr;
}
template <>
inline Set* Value::As<Set>() {
  return type_ == Type::kSet ? static_cast<Set*>(object_) : nullptr;
}
template <>
inline SortedSet* Value::As<SortedSet>() {
  return type_ == Type::kSortedSet ? static_cast<SortedSet*>(object_) : nullptr;
}

}  // namespace redislite::types
