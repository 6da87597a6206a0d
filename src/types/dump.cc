#include "types/dump.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "base/crc64.h"
#include "base/little_endian.h"
#include "base/number.h"
#include "types/byte_reader.h"
#include "types/listpack.h"
#include "types/lzf.h"

namespace redislite::types {

namespace {

constexpr uint16_t kVersionWritten = 10;  // Redis 7.0
constexpr uint16_t kVersionReadMax = 11;  // Redis 7.2
constexpr size_t kFooterBytes = 10;

// The RDB's numbers. Missing are modules, streams, and the hash of Redis 2.4.
enum class Kind : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSetTexts = 3,
  kHash = 4,
  kSortedSet = 5,
  kListZiplist = 10,
  kSetIntegers = 11,
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListZiplists = 14,
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListListpacks = 18,
  kSetListpack = 20,  // since Redis 7.2: read, but not written, so that 7.0 reads all
};

// A node of kListListpacks: one element as it is, or a listpack.
constexpr uint64_t kPlainNode = 1;
constexpr uint64_t kPackedNode = 2;
// As full as Redis makes them, which takes over a node as it comes.
constexpr size_t kDumpedNodeBytesMax = 8192;

// A length's first byte: two bits say how it goes on. kSpecial is no length but an integer or a compressed string.
constexpr uint8_t kShortLength = 0x00;
constexpr uint8_t kMiddleLength = 0x40;
constexpr uint8_t kLength32 = 0x80;
constexpr uint8_t kLength64 = 0x81;
constexpr uint8_t kSpecial = 0xc0;
constexpr uint8_t kInt8 = 0xc0;
constexpr uint8_t kInt16 = 0xc1;
constexpr uint8_t kInt32 = 0xc2;
constexpr uint8_t kCompressed = 0xc3;

// ---- Writing.

class Encoder {
 public:
  void Byte(uint64_t byte) { bytes_.push_back(static_cast<char>(byte & 0xff)); }

  template <typename T>
  void Little(T value) {
    char bytes[sizeof(T)];
    StoreLittle(bytes, value);
    bytes_.append(bytes, sizeof(T));
  }

  void Length(uint64_t length) {
    if (length < 64) return Byte(kShortLength | length);
    if (length < 16384) {
      Byte(kMiddleLength | length >> 8);
      return Byte(length);
    }
    const bool wide = length > std::numeric_limits<uint32_t>::max();
    Byte(wide ? kLength64 : kLength32);
    for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8) Byte(length >> shift);
  }

  void String(Bytes bytes) {
    if (const std::optional<int64_t> integer = ParseInt64(bytes)) {
      if (WriteInteger(*integer)) return;
    }
    Length(bytes.size());
    bytes_.append(bytes);
  }

  void Write(Kind kind) { Byte(static_cast<uint8_t>(kind)); }

  std::string Finish() {
    Little(kVersionWritten);
    Little(Crc64(0, bytes_));
    return std::move(bytes_);
  }

 private:
  bool WriteInteger(int64_t value) {
    if (value >= std::numeric_limits<int8_t>::min() && value <= std::numeric_limits<int8_t>::max()) {
      Byte(kInt8);
      Little(static_cast<int8_t>(value));
    } else if (value >= std::numeric_limits<int16_t>::min() && value <= std::numeric_limits<int16_t>::max()) {
      Byte(kInt16);
      Little(static_cast<int16_t>(value));
    } else if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max()) {
      Byte(kInt32);
      Little(static_cast<int32_t>(value));
    } else {
      return false;
    }
    return true;
  }

  std::string bytes_;
};

void Encode(const String& string, Encoder& to) {
  char scratch[kInt64TextMax];
  to.Write(Kind::kString);
  to.String(string.View(scratch));
}

void Encode(const List& list, Encoder& to) {
  std::vector<std::string> nodes;
  ListpackBuilder node;
  list.ForEach(0, [&](Bytes element) {
    if (node.count() != 0 && node.size() + ListpackElementBytes(element) > kDumpedNodeBytesMax) {
      nodes.push_back(node.Finish());
    }
    node.Add(element);
    return true;
  });
  nodes.push_back(node.Finish());
  to.Write(Kind::kListListpacks);
  to.Length(nodes.size());
  for (const std::string& listpack : nodes) {
    to.Length(kPackedNode);
    to.String(listpack);
  }
}

void Encode(const Hash& hash, Encoder& to) {
  if (hash.encoding() == Bytes("listpack")) {
    ListpackBuilder listpack;
    hash.ForEach([&](Bytes field, Bytes value) {
      listpack.Add(field);
      listpack.Add(value);
      return true;
    });
    to.Write(Kind::kHashListpack);
    return to.String(listpack.Finish());
  }
  to.Write(Kind::kHash);
  to.Length(hash.size());
  hash.ForEach([&](Bytes field, Bytes value) {
    to.String(field);
    to.String(value);
    return true;
  });
}

// An intset: width, count, and the integers in ascending order.
std::string EncodeIntegers(const Set& set) {
  std::vector<int64_t> integers;
  int64_t least = 0;
  int64_t most = 0;
  set.ForEach([&](Bytes member) {
    integers.push_back(*ParseInt64(member));
    least = std::min(least, integers.back());
    most = std::max(most, integers.back());
    return true;
  });
  const auto fits = [&](int64_t min, int64_t max) { return least >= min && most <= max; };
  const uint32_t width = fits(INT16_MIN, INT16_MAX) ? 2 : fits(INT32_MIN, INT32_MAX) ? 4 : 8;
  std::string bytes(8 + integers.size() * width, '\0');
  StoreLittle(bytes.data(), width);
  StoreLittle(bytes.data() + 4, static_cast<uint32_t>(integers.size()));
  char* at = bytes.data() + 8;
  for (const int64_t integer : integers) {
    for (uint32_t i = 0; i < width; ++i) *at++ = static_cast<char>(static_cast<uint64_t>(integer) >> (8 * i) & 0xff);
  }
  return bytes;
}

void Encode(const Set& set, Encoder& to) {
  if (set.encoding() == Bytes("intset")) {
    to.Write(Kind::kSetIntegers);
    return to.String(EncodeIntegers(set));
  }
  to.Write(Kind::kSet);
  to.Length(set.size());
  set.ForEach([&](Bytes member) {
    to.String(member);
    return true;
  });
}

void Encode(const SortedSet& set, Encoder& to) {
  if (set.encoding() == Bytes("listpack")) {
    ListpackBuilder listpack;
    set.ForEach([&](Bytes member, double score) {
      listpack.Add(member);
      listpack.Add(FormatDouble(score));
      return true;
    });
    to.Write(Kind::kSortedSetListpack);
    return to.String(listpack.Finish());
  }
  to.Write(Kind::kSortedSet);
  to.Length(set.size());
  set.ForEach([&](Bytes member, double score) {
    to.String(member);
    to.Little(std::bit_cast<uint64_t>(score));
    return true;
  });
}

// ---- Reading.

class Decoder {
 public:
  Decoder(Memory& memory, const HashSeed& seed, Bytes bytes) : memory_(memory), seed_(seed), reader_(bytes) {}

  std::optional<Value> Decode() {
    const auto kind = static_cast<Kind>(reader_.Byte());
    Value value = Make(kind);
    if (!Fill(kind, value) || !reader_.ok() || !reader_.empty()) return {};
    return value;
  }

 private:
  // An empty value of the kind's type; none for a kind that is not known.
  Value Make(Kind kind) const {
    switch (kind) {
      case Kind::kString:
        return Value(String());
      case Kind::kList:
      case Kind::kListZiplist:
      case Kind::kListZiplists:
      case Kind::kListListpacks:
        return {memory_, memory_.New<List>(memory_)};
      case Kind::kHash:
      case Kind::kHashZiplist:
      case Kind::kHashListpack:
        return {memory_, memory_.New<Hash>(memory_, seed_)};
      case Kind::kSet:
      case Kind::kSetIntegers:
      case Kind::kSetListpack:
        return {memory_, memory_.New<Set>(memory_, seed_)};
      case Kind::kSortedSetTexts:
      case Kind::kSortedSet:
      case Kind::kSortedSetZiplist:
      case Kind::kSortedSetListpack:
        return {memory_, memory_.New<SortedSet>(memory_, seed_)};
    }
    return {};
  }

  // Collections are never empty.
  bool Fill(Kind kind, Value& value) {
    if (auto* string = value.As<String>()) {
      *string = String(memory_, TakeString());
      return true;
    }
    if (auto* list = value.As<List>()) return FillList(kind, *list) && list->size() != 0;
    if (auto* hash = value.As<Hash>()) return FillHash(kind, *hash) && hash->size() != 0;
    if (auto* set = value.As<Set>()) return FillSet(kind, *set) && set->size() != 0;
    if (auto* sorted_set = value.As<SortedSet>()) return FillSortedSet(kind, *sorted_set) && sorted_set->size() != 0;
    return false;
  }

  bool FillList(Kind kind, List& list) {
    const VisitElement add = [&](Bytes element) {
      list.PushBack(element);
      return true;
    };
    if (kind == Kind::kListZiplist) return ReadZiplist(TakeString(), add);
    for (uint64_t left = TakeLength(); left > 0 && reader_.ok(); --left) {
      const uint64_t node = kind == Kind::kListListpacks ? TakeLength() : kPlainNode;
      const Bytes bytes = TakeString();
      if (!reader_.ok()) return false;
      if (kind == Kind::kListZiplists) {
        if (!ReadZiplist(bytes, add)) return false;
      } else if (node == kPackedNode) {
        if (!ReadListpack(bytes, add)) return false;
      } else if (node != kPlainNode) {
        return false;
      } else {
        list.PushBack(bytes);
      }
    }
    return true;
  }

  bool FillHash(Kind kind, Hash& hash) {
    std::optional<std::string> field;
    const VisitElement add = [&](Bytes element) {
      if (!field) {
        field = element;
        return true;
      }
      const bool is_new = hash.Set(*field, element);
      field.reset();
      return is_new;
    };
    if (kind == Kind::kHashListpack) return ReadListpack(TakeString(), add) && !field;
    if (kind == Kind::kHashZiplist) return ReadZiplist(TakeString(), add) && !field;
    for (uint64_t left = TakeLength(); left > 0; --left) {
      for (int i = 0; i < 2; ++i) {
        const Bytes bytes = TakeString();
        if (!reader_.ok() || !add(bytes)) return false;
      }
    }
    return true;
  }

  bool FillSet(Kind kind, Set& set) {
    const VisitElement add = [&](Bytes member) { return set.Add(member); };
    if (kind == Kind::kSetListpack) return ReadListpack(TakeString(), add);
    if (kind == Kind::kSetIntegers) return FillIntegers(TakeString(), set);
    for (uint64_t left = TakeLength(); left > 0; --left) {
      const Bytes member = TakeString();
      if (!reader_.ok() || !add(member)) return false;
    }
    return true;
  }

  static bool FillIntegers(Bytes intset, Set& set) {
    if (intset.size() < 8) return false;
    const auto width = LoadLittle<uint32_t>(intset.data());
    const auto count = LoadLittle<uint32_t>(intset.data() + 4);
    if (width != 2 && width != 4 && width != 8) return false;
    if (intset.size() - 8 != uint64_t{count} * width) return false;
    for (uint32_t i = 0; i < count; ++i) {
      const char* at = intset.data() + 8 + size_t{i} * width;
      const int64_t integer = width == 2   ? LoadLittle<int16_t>(at)
                              : width == 4 ? LoadLittle<int32_t>(at)
                                           : LoadLittle<int64_t>(at);
      char text[kInt64TextMax];
      if (!set.Add(FormatInt64(integer, text))) return false;
    }
    return true;
  }

  bool FillSortedSet(Kind kind, SortedSet& set) {
    const auto add = [&](Bytes member, double score) { return !std::isnan(score) && set.Set(member, score); };
    std::optional<std::string> member;
    const VisitElement add_text = [&](Bytes element) {
      if (!member) {
        member = element;
        return true;
      }
      const std::optional<double> score = ParseDouble(element);
      const bool added = score && add(*member, *score);
      member.reset();
      return added;
    };
    if (kind == Kind::kSortedSetListpack) return ReadListpack(TakeString(), add_text) && !member;
    if (kind == Kind::kSortedSetZiplist) return ReadZiplist(TakeString(), add_text) && !member;
    for (uint64_t left = TakeLength(); left > 0; --left) {
      const std::string name(TakeString());
      const double score =
          kind == Kind::kSortedSet ? std::bit_cast<double>(reader_.Little<uint64_t>()) : TakeScoreText();
      if (!reader_.ok() || !add(name, score)) return false;
    }
    return true;
  }

  // A score as Redis wrote it before 3.2: a length and text, or one of three lengths that stand for what has no digits.
  double TakeScoreText() {
    constexpr uint8_t kNaN = 253, kInfinity = 254, kMinusInfinity = 255;
    const uint8_t length = reader_.Byte();
    if (length == kInfinity) return std::numeric_limits<double>::infinity();
    if (length == kMinusInfinity) return -std::numeric_limits<double>::infinity();
    const std::optional<double> score = length == kNaN ? std::nullopt : ParseDouble(reader_.Take(length));
    if (!score) reader_.Fail();
    return score.value_or(0);
  }

  uint64_t TakeLength() {
    const uint8_t first = reader_.Byte();
    if (first < kMiddleLength) return first;
    if (first < kLength32) return (first & 0x3fu) << 8 | reader_.Byte();
    if (first == kLength32) return reader_.Big(4);
    if (first == kLength64) return reader_.Big(8);
    reader_.Fail();
    return 0;
  }

  // Valid until the next one is taken.
  Bytes TakeString() {
    if (reader_.Peek() < kSpecial) return reader_.Take(TakeLength());
    switch (reader_.Byte()) {
      case kInt8:
        return FormatInt64(reader_.Little<int8_t>(), text_);
      case kInt16:
        return FormatInt64(reader_.Little<int16_t>(), text_);
      case kInt32:
        return FormatInt64(reader_.Little<int32_t>(), text_);
      case kCompressed:
        return TakeCompressed();
      default:
        reader_.Fail();
        return {};
    }
  }

  Bytes TakeCompressed() {
    const uint64_t compressed_size = TakeLength();
    const uint64_t size = TakeLength();
    const Bytes compressed = reader_.Take(compressed_size);
    std::optional<std::string> expanded;
    if (reader_.ok() && size <= kValueBytesMax) expanded = ExpandLzf(compressed, size);
    if (!expanded) {
      reader_.Fail();
      return {};
    }
    expanded_ = std::move(*expanded);
    return expanded_;
  }

  Memory& memory_;
  const HashSeed& seed_;
  ByteReader reader_;
  char text_[kInt64TextMax];
  std::string expanded_;
};

}  // namespace

std::string Dump(const Value& value) {
  Encoder encoder;
  if (const auto* string = value.As<String>()) Encode(*string, encoder);
  if (const auto* list = value.As<List>()) Encode(*list, encoder);
  if (const auto* hash = value.As<Hash>()) Encode(*hash, encoder);
  if (const auto* set = value.As<Set>()) Encode(*set, encoder);
  if (const auto* sorted_set = value.As<SortedSet>()) Encode(*sorted_set, encoder);
  return encoder.Finish();
}

bool IsDump(Bytes dump) {
  if (dump.size() < kFooterBytes) return false;
  const char* const footer = dump.data() + dump.size() - kFooterBytes;
  return LoadLittle<uint16_t>(footer) <= kVersionReadMax &&
         LoadLittle<uint64_t>(footer + 2) == Crc64(0, dump.substr(0, dump.size() - 8));
}

std::optional<Value> Restore(Memory& memory, const HashSeed& seed, Bytes dump) {
  return Decoder(memory, seed, dump.substr(0, dump.size() - kFooterBytes)).Decode();
}

}  // namespace redislite::types
