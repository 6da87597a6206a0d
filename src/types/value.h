// Value: one of Redis' types. Owns it; moves, never copies by accident.
#pragma once

#include <cstdint>
#include <utility>

#include "base/memory.h"
#include "types/hash.h"
#include "types/list.h"
#include "types/string.h"

namespace redislite::types {

enum class Type : uint8_t { kNone, kString, kList, kHash };

// Redis' name of a type, as the TYPE command prints it: "none", "string", "list", "hash".
const char* TypeName(Type type);

class Value {
 public:
  Value() = default;
  explicit Value(String string) : type_(Type::kString), string_(std::move(string)) {}
  // Takes what memory.New<List>(...) or memory.New<Hash>(...) made.
  Value(Memory& memory, List* list) : type_(Type::kList), memory_(&memory), list_(list) {}
  Value(Memory& memory, Hash* hash) : type_(Type::kHash), memory_(&memory), hash_(hash) {}
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
  union {
    List* list_ = nullptr;
    Hash* hash_;
  };
};

template <>
inline String* Value::As<String>() {
  return type_ == Type::kString ? &string_ : nullptr;
}
template <>
inline List* Value::As<List>() {
  return type_ == Type::kList ? list_ : nullptr;
}
template <>
inline Hash* Value::As<Hash>() {
  return type_ == Type::kHash ? hash_ : nullptr;
}

}  // namespace redislite::types
