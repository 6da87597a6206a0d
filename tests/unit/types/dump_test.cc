// Dumps of all forms that Redis has written, by hand, and of values there and back. That Redis takes what is written
// here and the other way round, random_compare says.
#include "types/dump.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/crc64.h"
#include "base/little_endian.h"
#include "types/listpack.h"
#include "types/lzf.h"

namespace redislite::types {
namespace {

const HashSeed kSeed{};

std::string Raw(const char* bytes, size_t size) { return {bytes, size}; }

template <typename T>
std::string Little(T value) {
  std::string bytes(sizeof(T), '\0');
  StoreLittle(bytes.data(), value);
  return bytes;
}

std::string Seal(std::string object, uint16_t version = 10) {
  object += Little(version);
  return object + Little(Crc64(0, object));
}

// A string of less than 64 bytes, or one behind a length of 32 bits.
std::string StringDump(const std::string& bytes) {
  if (bytes.size() < 64) return static_cast<char>(bytes.size()) + bytes;
  std::string length(1, '\x80');
  for (int shift = 24; shift >= 0; shift -= 8) length += static_cast<char>(bytes.size() >> shift & 0xff);
  return length + bytes;
}

// The elements of a value; a hash's pairs in any one order.
std::vector<std::string> Elements(const Value& value) {
  std::vector<std::string> elements;
  if (const auto* string = value.As<types::String>()) elements.push_back(string->ToString());
  if (const auto* list = value.As<List>()) {
    list->ForEach(0, [&](Bytes element) {
      elements.emplace_back(element);
      return true;
    });
  }
  if (const auto* hash = value.As<Hash>()) {
    hash->ForEach([&](Bytes field, Bytes bytes) {
      elements.push_back(std::string(field).append("=").append(bytes));
      return true;
    });
    std::sort(elements.begin(), elements.end());
  }
  return elements;
}

// What a dump stands for: "none", or its type and elements.
std::string Read(const std::string& dump) {
  Memory memory;
  std::string text = "none";
  if (!IsDump(dump)) return "no dump";
  {
    const std::optional<Value> value = Restore(memory, kSeed, dump);
    if (value) {
      text = TypeName(value->type());
      for (const std::string& element : Elements(*value)) text += " " + element;
    }
  }
  EXPECT_EQ(memory.used(), 0u);
  return text;
}

std::string Listpack(const std::vector<std::string>& elements) {
  ListpackBuilder builder;
  for (const std::string& element : elements) builder.Add(element);
  return builder.Finish();
}

// Short strings only.
std::string Ziplist(const std::vector<std::string>& elements) {
  std::string entries;
  size_t last = 10;
  size_t previous = 0;
  for (const std::string& element : elements) {
    last = 10 + entries.size();
    entries += static_cast<char>(previous);
    entries += static_cast<char>(element.size());
    entries += element;
    previous = element.size() + 2;
  }
  return Little(static_cast<uint32_t>(11 + entries.size())) + Little(static_cast<uint32_t>(last)) +
         Little(static_cast<uint16_t>(elements.size())) + entries + '\xff';
}

TEST(Dump, ReadsStringsOfEveryForm) {
  EXPECT_EQ(Read(Seal(Raw("\x00\x03", 2) + "abc")), "string abc");
  EXPECT_EQ(Read(Seal(Raw("\x00\x00", 2))), "string ");
  EXPECT_EQ(Read(Seal(Raw("\x00\xc0\x85", 3))), "string -123");
  EXPECT_EQ(Read(Seal(Raw("\x00\xc1\x39\x30", 4))), "string 12345");
  EXPECT_EQ(Read(Seal(Raw("\x00\xc2\x00\x00\x00\x80", 6))), "string -2147483648");
  EXPECT_EQ(Read(Seal(Raw("\x00\x40\x03", 3) + "abc")), "string abc");
  EXPECT_EQ(Read(Seal(Raw("\x00\x80\x00\x00\x00\x03", 6) + "abc")), "string abc");
  EXPECT_EQ(Read(Seal(Raw("\x00\x81\x00\x00\x00\x00\x00\x00\x00\x03", 10) + "abc")), "string abc");
  // "ab", then 2 + 18 bytes from 2 before, of which most are copied while they are made.
  EXPECT_EQ(Read(Seal(Raw("\x00\xc3\x06\x16\x01", 5) + "ab" + Raw("\xe0\x0b\x01", 3))),
            "string ababababababababababab");
}

TEST(Dump, ReadsListsOfEveryForm) {
  const std::string wanted = "list a 12 -7";
  EXPECT_EQ(Read(Seal("\x01\x03" + StringDump("a") + Raw("\xc0\x0c", 2) + StringDump("-7"))), wanted);
  EXPECT_EQ(Read(Seal("\x0a" + StringDump(Ziplist({"a", "12", "-7"})))), wanted);
  EXPECT_EQ(Read(Seal("\x0e\x02" + StringDump(Ziplist({"a"})) + StringDump(Ziplist({"12", "-7"})))), wanted);
  EXPECT_EQ(Read(Seal("\x12\x03\x02" + StringDump(Listpack({"a"})) + "\x01" + StringDump("12") + "\x02" +
                      StringDump(Listpack({"-7"})))),
            wanted);
  EXPECT_EQ(Read(Seal("\x12\x02\x02" + StringDump(Listpack({})) + "\x02" + StringDump(Listpack({"a"})))), "list a");
}

TEST(Dump, ReadsHashesOfEveryForm) {
  const std::string wanted = "hash f=v g=12";
  EXPECT_EQ(Read(Seal("\x04\x02" + StringDump("f") + StringDump("v") + StringDump("g") + Raw("\xc0\x0c", 2))), wanted);
  EXPECT_EQ(Read(Seal("\x0d" + StringDump(Ziplist({"f", "v", "g", "12"})))), wanted);
  EXPECT_EQ(Read(Seal("\x10" + StringDump(Listpack({"f", "v", "g", "12"})))), wanted);
  EXPECT_EQ(Read(Seal("\x10" + StringDump(Listpack({"f", "v"})), 11)), "hash f=v");
}

TEST(Dump, RefusesWhatIsEmptyDoubledHalfOrMore) {
  for (const std::string& object : {
           Raw("\x01\x00", 2),
           "\x0a" + StringDump(Ziplist({})),
           Raw("\x0e\x00", 2),
           "\x0e\x01" + StringDump(Ziplist({})),
           Raw("\x12\x00", 2),
           "\x12\x01\x02" + StringDump(Listpack({})),
           Raw("\x04\x00", 2),
           "\x10" + StringDump(Listpack({})),
           "\x04\x02" + StringDump("f") + StringDump("v") + StringDump("f") + StringDump("w"),
           "\x10" + StringDump(Listpack({"f", "v", "f", "w"})),
           "\x10" + StringDump(Listpack({"f", "v", "g"})),
           "\x0d" + StringDump(Ziplist({"f"})),
           "\x12\x01\x03" + StringDump(Listpack({"a"})),
           "\x01\x01" + StringDump("a") + "x",
           std::string("\x05\x01"),
           std::string("\x63"),
           std::string(),
           Raw("\x00\xc4\x00", 3),
           Raw("\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff", 10),
           Raw("\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff", 10),
           Raw("\x00\xc3\x02\x81\x00\xff\xff\xff\xff\xff\xff\xff\x00\x00", 14),
       }) {
    EXPECT_EQ(Read(Seal(object)), "none") << testing::PrintToString(object);
  }
}

TEST(Dump, EveryOtherFooterIsRefused) {
  const std::string dump = Seal("\x01\x01" + StringDump("a"));
  EXPECT_EQ(Read(dump), "list a");
  for (size_t i = 0; i < dump.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = dump;
      damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
      EXPECT_EQ(Read(damaged), "no dump") << i;
    }
    EXPECT_EQ(Read(dump.substr(0, i)), "no dump") << i;
  }
  EXPECT_EQ(Read(Seal("\x01\x01" + StringDump("a"), 11)), "list a");
  EXPECT_EQ(Read(Seal("\x01\x01" + StringDump("a"), 12)), "no dump");
  EXPECT_EQ(Read(Seal("\x01\x01" + StringDump("a"), 0)), "list a");
}

// Every prefix, and every byte with every value, of dumps of all forms: never a read beyond the end (the sanitizers
// say), and never memory that is not given back.
TEST(Dump, DamagedDumpsAreRefusedOrAreSomethingElse) {
  const std::string objects[] = {
      Raw("\x00\xc3\x06\x16\x01", 5) + "ab" + Raw("\xe0\x0b\x01", 3),
      "\x0e\x02" + StringDump(Ziplist({"a", "bb"})) + StringDump(Ziplist({"12", "-7"})),
      "\x12\x02\x02" + StringDump(Listpack({"a", "1", "5000", "-70000", "9000000000", std::string(70, 'x')})) + "\x01" +
          StringDump("12"),
      "\x04\x02" + StringDump("f") + StringDump("v") + StringDump("g") + Raw("\xc1\x0c\x00", 3),
      "\x0d" + StringDump(Ziplist({"f", "v", "g", "12"})),
      "\x10" + StringDump(Listpack({"f", "v", "g", "12"})),
  };
  for (const std::string& object : objects) {
    ASSERT_NE(Read(Seal(object)), "none");
    for (size_t i = 0; i < object.size(); ++i) {
      EXPECT_EQ(Read(Seal(object.substr(0, i))), "none") << i;
      for (int byte = 0; byte < 256; ++byte) {
        std::string damaged = object;
        damaged[i] = static_cast<char>(byte);
        Read(Seal(damaged));
      }
    }
  }
}

// A list and a hash of elements of all widths, there and back.
TEST(Dump, ReadsWhatItWrites) {
  std::vector<std::string> elements;
  for (const int shift : {0, 6, 7, 11, 12, 15, 16, 23, 24, 31, 32, 62, 63}) {
    for (const int64_t more : {-1, 0, 1}) {
      const auto edge = static_cast<int64_t>((uint64_t{1} << shift) + static_cast<uint64_t>(more));
      elements.push_back(std::to_string(edge));
      elements.push_back(std::to_string(static_cast<int64_t>(~static_cast<uint64_t>(edge))));
    }
  }
  for (const size_t size : {size_t{0}, size_t{63}, size_t{64}, size_t{4095}, size_t{4096}, size_t{20'000}}) {
    elements.emplace_back(size, 'x');
  }
  Memory memory;
  {
    for (size_t count = 1; count <= elements.size(); ++count) {
      List* list = memory.New<List>(memory);
      const Value list_value(memory, list);
      Hash* hash = memory.New<Hash>(memory, kSeed);
      const Value hash_value(memory, hash);
      for (size_t i = 0; i < count; ++i) {
        list->PushBack(elements[i]);
        hash->Set(std::to_string(i), elements[i]);
      }
      const Value string_value(types::String(memory, elements[count - 1]));
      for (const Value* value : {&list_value, &hash_value, &string_value}) {
        const std::string dump = Dump(*value);
        ASSERT_TRUE(IsDump(dump));
        const std::optional<Value> again = Restore(memory, kSeed, dump);
        ASSERT_TRUE(again) << TypeName(value->type()) << " " << count;
        EXPECT_EQ(Elements(*again), Elements(*value)) << count;
        EXPECT_STREQ(again->encoding(), value->encoding());
      }
      const std::optional<Value> again = Restore(memory, kSeed, Dump(list_value));
      ASSERT_EQ(again->As<List>()->size(), count);
      for (size_t i = 0; i < count; ++i) ASSERT_EQ(again->As<List>()->At(i), elements[i]);
    }
  }
  EXPECT_EQ(memory.used(), 0u);
}

TEST(Lzf, ExpandsToTheSizeItSaysOrNotAtAll) {
  EXPECT_EQ(ExpandLzf(Raw("\x02", 1) + "abc", 3), "abc");
  EXPECT_EQ(ExpandLzf(Raw("\x02", 1) + "abc", 2), std::nullopt);
  EXPECT_EQ(ExpandLzf(Raw("\x02", 1) + "abc", 4), std::nullopt);
  EXPECT_EQ(ExpandLzf(Raw("\x02", 1) + "ab", 3), std::nullopt);
  EXPECT_EQ(ExpandLzf(Raw("\x00", 1) + "a" + Raw("\x20\x00", 2), 4), "aaaa");
  EXPECT_EQ(ExpandLzf(Raw("\x00", 1) + "a" + Raw("\x20\x01", 2), 4), std::nullopt) << "from before the beginning";
  EXPECT_EQ(ExpandLzf(Raw("\x00", 1) + "a" + Raw("\x20", 1), 4), std::nullopt);
  EXPECT_EQ(ExpandLzf("", 0), "");
}

}  // namespace
}  // namespace redislite::types
