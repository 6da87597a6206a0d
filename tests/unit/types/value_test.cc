#include "types/value.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

constexpr HashSeed kValueSeed{11, 22};

Value Make(Memory& memory, Type type) {
  if (type == Type::kString) return Value(String(memory, "some text"));
  if (type == Type::kList) {
    Value value(memory, memory.New<List>(memory));
    for (int i = 0; i < 3000; ++i) value.As<List>()->PushBack("element " + std::to_string(i));
    return value;
  }
  if (type == Type::kHash) {
    Value value(memory, memory.New<Hash>(memory, kValueSeed));
    for (int i = 0; i < 600; ++i) value.As<Hash>()->Set("field " + std::to_string(i), "value");
    return value;
  }
  if (type == Type::kSet) {
    Value value(memory, memory.New<Set>(memory, kValueSeed));
    for (int i = 0; i < 600; ++i) value.As<Set>()->Add("member " + std::to_string(i));
    return value;
  }
  if (type == Type::kSortedSet) {
    Value value(memory, memory.New<SortedSet>(memory, kValueSeed));
    for (int i = 0; i < 600; ++i) value.As<SortedSet>()->Set("member " + std::to_string(i), i);
    return value;
  }
  return Value();
}

constexpr Type kTypes[] = {Type::kNone, Type::kString, Type::kList, Type::kHash, Type::kSet, Type::kSortedSet};

TEST(Value, TypesAreNamedAsRedisNamesThem) {
  EXPECT_STREQ(TypeName(Type::kNone), "none");
  EXPECT_STREQ(TypeName(Type::kString), "string");
  EXPECT_STREQ(TypeName(Type::kList), "list");
  EXPECT_STREQ(TypeName(Type::kHash), "hash");
  EXPECT_STREQ(TypeName(Type::kSet), "set");
  EXPECT_STREQ(TypeName(Type::kSortedSet), "zset");
}

TEST(Value, IsOnlyWhatItWasMadeAs) {
  Memory memory;
  for (const Type type : kTypes) {
    Value value = Make(memory, type);
    EXPECT_EQ(value.type(), type);
    EXPECT_EQ(value.As<String>() != nullptr, type == Type::kString);
    EXPECT_EQ(value.As<List>() != nullptr, type == Type::kList);
    EXPECT_EQ(value.As<Hash>() != nullptr, type == Type::kHash);
    EXPECT_EQ(value.As<Set>() != nullptr, type == Type::kSet);
    EXPECT_EQ(value.As<SortedSet>() != nullptr, type == Type::kSortedSet);
    EXPECT_EQ(value.memory_bytes(), memory.used());
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Value, TheEncodingIsThatOfTheObject) {
  Memory memory;
  EXPECT_STREQ(Make(memory, Type::kString).encoding(), "embstr");
  EXPECT_STREQ(Make(memory, Type::kList).encoding(), "quicklist");
  EXPECT_STREQ(Make(memory, Type::kHash).encoding(), "hashtable");
  EXPECT_STREQ(Make(memory, Type::kSet).encoding(), "hashtable");
  EXPECT_STREQ(Make(memory, Type::kSortedSet).encoding(), "skiplist");
}

TEST(Value, MovesFromAnyTypeToAnyOther) {
  Memory memory;
  for (const Type from : kTypes) {
    for (const Type to : kTypes) {
      Value target = Make(memory, to);
      Value source = Make(memory, from);
      const size_t bytes = source.memory_bytes();
      target = std::move(source);
      EXPECT_EQ(target.type(), from);
      EXPECT_EQ(source.type(), Type::kNone);  // NOLINT(bugprone-use-after-move): the point of the test
      EXPECT_EQ(memory.used(), bytes);
      Value& same = target;
      target = std::move(same);
      EXPECT_EQ(target.type(), from);
      const Value last(std::move(target));
      EXPECT_EQ(last.type(), from);
      EXPECT_EQ(memory.used(), bytes);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Value, ACloneIsEqualAndApart) {
  Memory memory;
  {
    for (const Type type : kTypes) {
      Value value = Make(memory, type);
      Value clone;
      const uint64_t failed = test::SweepAllocations(
          memory, [&] { clone = value.Clone(); }, [&] { EXPECT_EQ(memory.used(), value.memory_bytes()); });
      EXPECT_EQ(failed > 0, type != Type::kNone && type != Type::kString);
      EXPECT_EQ(clone.type(), type);
      EXPECT_STREQ(clone.encoding(), value.encoding());
      value = Value();
      if (type == Type::kString) {
        EXPECT_EQ(clone.As<String>()->ToString(), "some text");
      }
      if (type == Type::kList) {
        EXPECT_EQ(clone.As<List>()->At(2999), "element 2999");
      }
      if (type == Type::kHash) {
        EXPECT_EQ(clone.As<Hash>()->Get("field 599"), "value");
      }
      if (type == Type::kSet) {
        EXPECT_TRUE(clone.As<Set>()->Has("member 599"));
      }
      if (type == Type::kSortedSet) {
        EXPECT_EQ(clone.As<SortedSet>()->Rank("member 599"), 599u);
      }
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

}  // namespace
}  // namespace redislite::types
