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
      return list_->encoding();
    case Type::kHash:
      return hash_->encoding();
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
      return list_->memory_bytes();
    case Type::kHash:
      return hash_->memory_bytes();
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
      return Value(*memory_, list_->Clone());
    case Type::kHash:
      return Value(*memory_, hash_->Clone());
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
      memory_->Delete(list_);
      break;
    case Type::kHash:
      memory_->Delete(hash_);
      break;
  }
  type_ = Type::kNone;
  memory_ = nullptr;
  list_ = nullptr;
}

void Value::MoveFrom(Value& other) noexcept {
  type_ = std::exchange(other.type_, Type::kNone);
  memory_ = std::exchange(other.memory_, nullptr);
  string_ = std::move(other.string_);
  if (type_ == Type::kHash) {
    hash_ = std::exchange(other.hash_, nullptr);
  } else {
    list_ = std::exchange(other.list_, nullptr);
  }
}

}  // namespace redislite::types
