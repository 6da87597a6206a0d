#include "types/value.h"

namespace redislite::types {

const char* TypeName(Type type) {
  switch (type) {
    case Type::kNone:
      return "none";
    case Type::kString:
      return "string";
    case Type::kList:
      return "list";
    case Type::kHash:
      return "hash";
    case Type::kSet:
      return "set";
    case Type::kSortedSet:
      return "zset";
  }
  return "none";
}

const char* Value::encoding() const {
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return string_.encoding();
    case Type::kList:
      return As<List>()->encoding();
    case Type::kHash:
      return As<Hash>()->encoding();
    case Type::kSet:
      return As<Set>()->encoding();
    case Type::kSortedSet:
      return As<SortedSet>()->encoding();
  }
  return "none";
}

size_t Value::memory_bytes() const {
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return string_.memory_bytes();
    case Type::kList:
      return As<List>()->memory_bytes();
    case Type::kHash:
      return As<Hash>()->memory_bytes();
    case Type::kSet:
      return As<Set>()->memory_bytes();
    case Type::kSortedSet:
      return As<SortedSet>()->memory_bytes();
  }
  return 0;
}

Value Value::Clone() const {
  const auto of = [](auto* clone) { return Value(clone->memory(), clone); };
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return Value(string_.Clone());
    case Type::kList:
      return of(As<List>()->Clone());
    case Type::kHash:
      return of(As<Hash>()->Clone());
    case Type::kSet:
      return of(As<Set>()->Clone());
    case Type::kSortedSet:
      return of(As<SortedSet>()->Clone());
  }
  return Value();
}

std::unique_ptr<Frozen> Value::Freeze(Frozen::Kept& kept) {
  switch (type()) {
    case Type::kNone:
    case Type::kString:
      break;
    case Type::kList:
      return As<List>()->Freeze(kept);
    case Type::kHash:
      return As<Hash>()->Freeze(kept);
    case Type::kSet:
      return As<Set>()->Freeze(kept);
    case Type::kSortedSet:
      return As<SortedSet>()->Freeze(kept);
  }
  return nullptr;
}

void Value::DeleteObject() noexcept {
  const auto remove = [](auto* object) {
    if (object->frozen() == nullptr || !object->frozen()->TakeOver()) object->memory().Delete(object);
  };
  switch (type()) {
    case Type::kNone:
    case Type::kString:
      break;
    case Type::kList:
      return remove(As<List>());
    case Type::kHash:
      return remove(As<Hash>());
    case Type::kSet:
      return remove(As<Set>());
    case Type::kSortedSet:
      return remove(As<SortedSet>());
  }
}

}  // namespace redislite::types
