#include "types/hash.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/allocation_sweep.h"

namespace redislite::types {
namespace {

constexpr HashSeed kHashSeed{0x1234, 0x5678};

using HashModel = std::map<std::string, std::string>;

struct HashDeleter {
  Memory* memory;
  void operator()(Hash* hash) const { memory->Delete(hash); }
};
using OwnedHash = std::unique_ptr<Hash, HashDeleter>;

OwnedHash MakeHash(Memory& memory) { return OwnedHash(memory.New<Hash>(memory, kHashSeed), HashDeleter{&memory}); }

std::vector<std::pair<std::string, std::string>> Read(const Hash& hash) {
  std::vector<std::pair<std::string, std::string>> pairs;
  hash.ForEach([&](Bytes field, Bytes value) {
    pairs.emplace_back(field, value);
    return true;
  });
  return pairs;
}

void Check(const Hash& hash, const HashModel& model) {
  ASSERT_EQ(hash.size(), model.size());
  const auto pairs = Read(hash);
  ASSERT_EQ(pairs.size(), model.size());
  ASSERT_EQ(HashModel(pairs.begin(), pairs.end()), model);
}

// Few of the values are as long as the limit, and one in a hundred is longer.
std::string RandomBytes(Random& random, const std::string& start, bool may_be_long) {
  if (may_be_long && random.Below(100) == 0) return start + std::string(65 + random.Below(20000), 'l');
  std::string bytes = start;
  bytes.resize(random.Below(5) == 0 ? 64 : start.size() + random.Below(20), static_cast<char>(random.Below(256)));
  return bytes;
}

TEST(Hash, BehavesLikeAMapUnderRandomChanges) {
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed);
      const OwnedHash hash = MakeHash(memory);
      HashModel model;
      const bool may_be_long = seed % 3 == 0;
      const uint64_t fields = uint64_t{10} << (seed % 6 * 2);
      bool large = false;
      for (int i = 0; i < 1500; ++i) {
        const std::string field = RandomBytes(random, std::to_string(random.Below(fields)) + "f", false).substr(0, 5);
        const std::string value = RandomBytes(random, "v", may_be_long);
        ASSERT_EQ(hash->Get(field).has_value(), model.contains(field));
        if (random.Below(10) < (i / 500 % 2 == 0 ? 8u : 3u)) {
          ASSERT_EQ(hash->Set(field, value), !model.contains(field));
          model[field] = value;
          large = large || value.size() > Hash::kPackedBytesMax || model.size() > Hash::kPackedFieldsMax;
        } else {
          ASSERT_EQ(hash->Erase(field), model.erase(field) == 1);
        }
        const auto found = model.find(field);
        ASSERT_EQ(hash->Get(field), found == model.end() ? std::optional<Bytes>() : found->second);
        ASSERT_EQ(hash->memory_bytes(), memory.used());
        ASSERT_STREQ(hash->encoding(), large ? "hashtable" : "listpack");
        if (i % 50 == 0) Check(*hash, model);
        if (HasFatalFailure()) return;
      }
      Check(*hash, model);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
}

TEST(Hash, SmallHashesKeepTheOrderOfInsertion) {
  Memory memory;
  Hash hash(memory, kHashSeed);
  std::vector<std::pair<std::string, std::string>> model;
  for (int i = 0; i < 512; ++i) {
    model.emplace_back("field" + std::to_string(i * 37 % 512), std::to_string(i));
    hash.Set(model.back().first, model.back().second);
  }
  EXPECT_EQ(Read(hash), model);
  // A value that is replaced stays where it is, whatever its length.
  for (size_t i = 0; i < model.size(); i += 3) {
    model[i].second = std::string(i % 65, 'x');
    EXPECT_FALSE(hash.Set(model[i].first, model[i].second));
  }
  EXPECT_EQ(Read(hash), model);
  model.erase(model.begin() + 50);
  hash.Erase("field" + std::to_string(50 * 37 % 512));
  EXPECT_EQ(Read(hash), model);
  EXPECT_STREQ(hash.encoding(), "listpack");
}

TEST(Hash, TheEncodingIsRedis) {
  Memory memory;
  for (const size_t length : {63u, 64u, 65u}) {
    Hash by_field(memory, kHashSeed);
    by_field.Set(std::string(length, 'f'), "v");
    EXPECT_STREQ(by_field.encoding(), length <= 64 ? "listpack" : "hashtable");
    Hash by_value(memory, kHashSeed);
    by_value.Set("f", "v");
    by_value.Set("f", std::string(length, 'v'));
    EXPECT_STREQ(by_value.encoding(), length <= 64 ? "listpack" : "hashtable");
    EXPECT_EQ(by_value.size(), 1u);
    by_value.Set("f", "v");
    EXPECT_STREQ(by_value.encoding(), length <= 64 ? "listpack" : "hashtable") << "it never goes back";
  }
  Hash hash(memory, kHashSeed);
  for (int i = 0; i < 512; ++i) hash.Set(std::to_string(i), "");
  hash.Set("7", "replaced");
  EXPECT_STREQ(hash.encoding(), "listpack");
  hash.Set("512", "");
  EXPECT_STREQ(hash.encoding(), "hashtable");
  while (hash.size() > 0) hash.Erase(Read(hash)[0].first);
  EXPECT_STREQ(hash.encoding(), "hashtable") << "it never goes back";
}

TEST(Hash, AFieldThatIsAValueIsNotFound) {
  Memory memory;
  Hash hash(memory, kHashSeed);
  hash.Set("a", "b");
  EXPECT_FALSE(hash.Get("b"));
  EXPECT_FALSE(hash.Erase("b"));
  EXPECT_EQ(hash.Get("a"), "b");
}

TEST(Hash, FieldsAndValuesOfEverySizeAreKept) {
  Memory memory;
  const OwnedHash hash = MakeHash(memory);
  HashModel model;
  const size_t sizes[] = {0, 1, 2, 100, 253, 254, 255, 256, 300, 70'000};
  for (const size_t field_size : sizes) {
    for (const size_t value_size : sizes) {
      const std::string field(field_size, static_cast<char>('a' + model.size() % 26));
      for (const char letter : {'v', 'w'}) {  // the second has the same size, and is put in the place of the first
        model[field] = std::string(value_size, letter);
        hash->Set(field, model[field]);
      }
      ASSERT_EQ(hash->Get(field), model[field]) << field_size << " " << value_size;
    }
  }
  ASSERT_STREQ(hash->encoding(), "hashtable");
  Check(*hash, model);
}

TEST(Hash, ASmallPairOfATableTakesTwoBytesMoreThanItsOwn) {
  Memory memory;
  const OwnedHash hash = MakeHash(memory);
  hash->Set(std::string(Hash::kPackedBytesMax + 1, 'f'), "");
  ASSERT_STREQ(hash->encoding(), "hashtable");
  const size_t before = hash->memory_bytes();
  hash->Set(std::string(20, 'f'), std::string(10, 'v'));
  EXPECT_EQ(hash->memory_bytes() - before, Memory::Footprint(32));
}

TEST(Hash, WithoutMemoryNothingChanges) {
  uint64_t failed = 0;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    {
      Random random(seed);
      const OwnedHash hash = MakeHash(memory);
      HashModel model;
      for (int i = 0; i < 1000; ++i) {
        const std::string field = "field" + std::to_string(random.Below(800));
        const std::string value = RandomBytes(random, "v", seed % 2 == 0);
        const std::string encoding = hash->encoding();
        failed += test::SweepAllocations(
            memory, [&] { hash->Set(field, value); },
            [&] {
              if (i % 16 == 0 || hash->size() == Hash::kPackedFieldsMax) Check(*hash, model);
              EXPECT_EQ(hash->size(), model.size());
              EXPECT_EQ(hash->encoding(), encoding);
              EXPECT_EQ(hash->memory_bytes(), memory.used());
            });
        model[field] = value;
        if (HasFailure()) return;
      }
      memory.FailAfter(0);
      for (const auto& [field, value] : HashModel(model)) {
        EXPECT_TRUE(hash->Erase(field));
        model.erase(field);
      }
      memory.FailAfter(Memory::kNeverFail);
      EXPECT_EQ(hash->size(), 0u);
    }
    EXPECT_EQ(memory.used(), 0u);
  }
  EXPECT_GT(failed, 500u);
}

TEST(Hash, BytesOfTheHashItselfCanBeSet) {
  for (const int fields : {20, 512, 1000}) {
    Memory memory;
    Random random(static_cast<uint64_t>(fields));
    Hash hash(memory, kHashSeed);
    HashModel model;
    for (int i = 0; i < fields; ++i) {
      model["f" + std::to_string(i)] = std::string(random.Below(60), static_cast<char>('a' + i % 26));
      hash.Set("f" + std::to_string(i), model["f" + std::to_string(i)]);
    }
    for (int i = 0; i < 500; ++i) {
      const std::string from = "f" + std::to_string(random.Below(static_cast<uint64_t>(fields)));
      const std::string to = "f" + std::to_string(random.Below(static_cast<uint64_t>(fields)));
      hash.Set(to, *hash.Get(from));
      const std::string value = model[from];
      model[to] = value;
      ASSERT_EQ(hash.Get(to), model[to]);
    }
    Check(hash, model);
  }
}

TEST(Hash, ForEachStopsWhenItIsTold) {
  for (const int fields : {1, 500, 1000}) {
    Memory memory;
    Hash hash(memory, kHashSeed);
    for (int i = 0; i < fields; ++i) hash.Set(std::to_string(i), "");
    for (int stop = 1; stop <= fields; stop += 1 + stop / 3) {
      int visited = 0;
      hash.ForEach([&](Bytes, Bytes) { return ++visited < stop; });
      EXPECT_EQ(visited, stop);
    }
  }
}

TEST(Hash, AScanVisitsEveryFieldThatStaysExactlyOnce) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Memory memory;
    Random random(seed);
    Hash hash(memory, kHashSeed);
    const uint64_t fields = uint64_t{16} << seed;
    for (uint64_t i = 0; i < fields; ++i) hash.Set(std::to_string(i), "value");
    const uint64_t staying = fields / (1 + random.Below(10));
    std::unordered_map<std::string, int> visits;
    uint64_t cursor = 0;
    uint64_t fresh = fields;
    do {
      cursor = hash.Scan(cursor, 1 + random.Below(30), [&](Bytes field, Bytes value) {
        EXPECT_EQ(value, "value");
        ++visits[std::string(field)];
        return true;
      });
      for (uint64_t i = random.Below(40); i > 0; --i) {
        if (random.Below(2) == 0 && fresh < 4 * fields) {
          hash.Set(std::to_string(fresh++), "value");
        } else if (fresh > staying) {
          hash.Erase(std::to_string(staying + random.Below(fresh - staying)));
        }
      }
    } while (cursor != 0);
    for (uint64_t i = 0; i < staying; ++i) ASSERT_EQ(visits[std::to_string(i)], 1) << i;
  }
}

TEST(Hash, ScanCursorsStaySmallAndStepsShort) {
  Memory memory;
  Hash hash(memory, kHashSeed);
  for (int i = 0; i < 20000; ++i) hash.Set(std::to_string(i), "");
  uint64_t highest = 0;
  uint64_t steps = 0;
  size_t visited = 0;
  uint64_t cursor = 0;
  do {
    size_t here = 0;
    cursor = hash.Scan(cursor, 10, [&](Bytes, Bytes) { return ++here > 0; });
    EXPECT_LE(here, 40u);
    visited += here;
    highest = std::max(highest, cursor);
    ++steps;
  } while (cursor != 0);
  EXPECT_EQ(visited, 20000u);
  EXPECT_LT(highest, uint64_t{1} << 20);
  EXPECT_GT(steps, 1000u);
  // Whatever number comes as a cursor, the scan goes on from somewhere and ends.
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    uint64_t any = random.Next() >> random.Below(64);
    uint64_t left = 0;
    do {
      any = hash.Scan(any, 1000, [](Bytes, Bytes) { return true; });
      ASSERT_LT(++left, 1000u);
    } while (any != 0);
  }
  EXPECT_EQ(hash.Scan(std::numeric_limits<uint64_t>::max(), 10, [](Bytes, Bytes) { return true; }), 0u);
}

TEST(Hash, ASmallHashIsScannedAtOnce) {
  Memory memory;
  Hash hash(memory, kHashSeed);
  for (int i = 0; i < 512; ++i) hash.Set(std::to_string(i), "");
  for (const uint64_t cursor : {uint64_t{0}, uint64_t{17}}) {
    size_t visited = 0;
    EXPECT_EQ(hash.Scan(cursor, 1, [&](Bytes, Bytes) { return ++visited == 0; }), 0u);
    EXPECT_EQ(visited, 512u);
  }
}

TEST(Hash, ASampleIsAnyOfThemEquallyOften) {
  for (const size_t fields : {1u, 2u, 100u, 512u, 513u, 700u}) {
    Memory memory;
    Random random(fields);
    Hash hash(memory, kHashSeed);
    for (size_t i = 0; i < fields; ++i) hash.Set("f" + std::to_string(i), std::to_string(i));
    std::map<std::string, double> drawn;
    constexpr double kExpected = 100;
    for (size_t i = 0; i < fields * static_cast<size_t>(kExpected); ++i) {
      hash.Sample(random, [&](Bytes field, Bytes value) {
        EXPECT_EQ(field.substr(1), value);
        ++drawn[std::string(field)];
        return true;
      });
    }
    EXPECT_EQ(drawn.size(), fields);
    double distance = 0;
    for (const auto& [field, count] : drawn) distance += (count - kExpected) * (count - kExpected) / kExpected;
    EXPECT_LT(distance, static_cast<double>(fields) * 1.3 + 10);
  }
}

TEST(Hash, ACloneIsEqualAndApart) {
  Memory memory;
  {
    const OwnedHash hash = MakeHash(memory);
    HashModel model;
    for (const size_t fields : {0u, 1u, 512u, 1000u}) {
      while (model.size() < fields) {
        const std::string field = std::to_string(model.size());
        model[field] = "value";
        hash->Set(field, "value");
      }
      OwnedHash clone(nullptr, HashDeleter{&memory});
      test::SweepAllocations(
          memory, [&] { clone.reset(hash->Clone()); }, [&] { EXPECT_EQ(memory.used(), hash->memory_bytes()); });
      Check(*clone, model);
      EXPECT_STREQ(clone->encoding(), hash->encoding());
      EXPECT_EQ(memory.used(), hash->memory_bytes() + clone->memory_bytes());
      clone->Set("another", "x");
      clone->Erase("0");
      Check(*hash, model);
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Hash, DeletingMostFieldsGivesTheMemoryBack) {
  Memory memory;
  const OwnedHash hash = MakeHash(memory);
  for (int i = 0; i < 50000; ++i) hash->Set(std::to_string(i), "value");
  const uint64_t full = memory.used();
  for (int i = 100; i < 50000; ++i) hash->Erase(std::to_string(i));
  EXPECT_LT(memory.used(), full / 50);
}

}  // namespace
}  // namespace redislite::types
