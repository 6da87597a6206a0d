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
  switch (type_) {
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
  switch (type_) {
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
  switch (type_) {
    case Type::kNone:
      break;
    case Type::kString:
      return Value(string_.Clone());
    case Type::kList:
      return Value(*memory_, As<List>()->Clone());
    case Type::kHash:
      return Value(*memory_, As<Hash>()->Clone());
    case Type::kSet:
      return Value(*memory_, As<Set>()->Clone());
    case Type::kSortedSet:
      return Value(*memory_, As<SortedSet>()->Clone());
  }
  return Value();
}

void Value::Reset() noexcept {
  switch (type_) {
    case Type::kNone:
      break;
    case Type::kString:
      string_ = String();
      break;
    case Type::kList:
      memory_->Delete(As<List>());
      break;
    case Type::kHash:
      memory_->Delete(As<Hash>());
      break;
    case Type::kSet:
      memory_->Delete(As<Set>());
      break;
    case Type::kSortedSet:
      memory_->Delete(As<SortedSet>());
      break;
  }
  type_ = Type::kNone;
  memory_ = nullptr;
  object_ = nullptr;
}

void Value::MoveFrom(Value& other) noexcept {
  type_ = std::exchange(other.type_, Type::kNone);
  memory_ = std::exchange(other.memory_, nullptr);
  string_ = std::move(other.string_);
  object_ = std::exchange(other.object_, nullptr);
}

}  // namespace redislite::types
