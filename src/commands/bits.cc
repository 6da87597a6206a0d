// Strings as bitmaps: SETBIT, GETBIT, BITCOUNT, BITPOS and BITOP. Integers of a few bits are in bitfield.cc.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "types/bitmap.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::BitRange;
using types::String;

enum class Unit : uint8_t { kBytes, kBits };

// The end that BITCOUNT and BITPOS look from and the one they look to, as they were given.
struct BitWindow {
  int64_t start = 0;
  int64_t end = -1;
  Unit unit = Unit::kBytes;
};

bool ReadUnit(Bytes word, BitWindow& window, resp::Writer& reply) {
  if (EqualsIgnoreCase(word, "bit")) {
    window.unit = Unit::kBits;
  } else if (!EqualsIgnoreCase(word, "byte")) {
    WriteSyntaxError(reply);
    return false;
  }
  return true;
}

// The bits of a string of `size` bytes that the window shows, if any.
std::optional<BitRange> RangeOf(const BitWindow& window, uint64_t size) {
  const int64_t units = static_cast<int64_t>(window.unit == Unit::kBits ? size * 8 : size);
  const auto from_front = [&](int64_t at) { return std::max<int64_t>(at < 0 ? at + units : at, 0); };
  const int64_t start = from_front(window.start);
  const int64_t end = std::min(from_front(window.end), units - 1);
  if (start > end) return {};
  if (window.unit == Unit::kBits) return BitRange{static_cast<uint64_t>(start), static_cast<uint64_t>(end)};
  return BitRange{static_cast<uint64_t>(start) * 8, static_cast<uint64_t>(end) * 8 + 7};
}

// The bytes of several strings, absent ones being empty.
class BitSources {
 public:
  // False: one of the keys holds another type, and the error is written.
  bool Read(Context& c, Args keys) {
    scratch_.resize(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto string = c.Read<String>(keys[i]);
      if (string.wrong_type) {
        c.WrongType();
        return false;
      }
      views_.push_back(string ? string->View(scratch_[i].data()) : Bytes());
      size_max_ = std::max<uint64_t>(size_max_, views_.back().size());
    }
    return true;
  }
  const std::vector<Bytes>& views() const { return views_; }
  uint64_t size_max() const { return size_max_; }

 private:
  std::vector<std::array<char, kInt64TextMax>> scratch_;
  std::vector<Bytes> views_;
  uint64_t size_max_ = 0;
};

std::optional<types::BitOperation> OperationNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "and")) return types::BitOperation::kAnd;
  if (EqualsIgnoreCase(word, "or")) return types::BitOperation::kOr;
  if (EqualsIgnoreCase(word, "xor")) return types::BitOperation::kXor;
  return {};
}

}  // namespace

// GETBIT key offset
void GetBit(Context& c) {
  const std::optional<uint64_t> offset = BitOffsetArgument(c.arg(2), c.reply());
  if (!offset) return;
  const auto string = c.Read<String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  const bool set = *offset / 8 < bytes.size() && (bytes[*offset / 8] >> (7 - *offset % 8) & 1) != 0;
  c.reply().Integer(set ? 1 : 0);
}

// SETBIT key offset value
void SetBit(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<uint64_t> offset = BitOffsetArgument(c.arg(2), c.reply());
  if (!offset) return;
  const std::optional<int64_t> value = ParseInt64(c.arg(3));
  if (!value || *value < 0 || *value > 1) {
    return c.reply().Error(Code::kValue, "ERR bit is not an integer or out of range");
  }
  const auto string = c.Read<String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  const uint64_t index = *offset / 8;
  const unsigned mask = 0x80u >> *offset % 8;
  const unsigned before = index < bytes.size() ? static_cast<uint8_t>(bytes[index]) : 0;
  const bool was_set = (before & mask) != 0;

  if (index >= bytes.size() || was_set != (*value == 1)) {
    if (!c.BeginWrite(2 * std::max<uint64_t>(bytes.size(), index + 1))) return;
    const char after = static_cast<char>(before ^ (was_set != (*value == 1) ? mask : 0));
    c.ChangeOrCreate<String>(key).Overwrite(c.memory(), index, Bytes(&after, 1));
  }
  c.reply().Integer(was_set ? 1 : 0);
}

// BITCOUNT key [start end [BYTE | BIT]]
void BitCount(Context& c) {
  const Args args = c.args();
  BitWindow window;
  if (args.size() > 2) {
    if (args.size() != 4 && args.size() != 5) return c.SyntaxError();
    const std::optional<int64_t> start = IntegerArgument(args[2], c.reply());
    if (!start) return;
    const std::optional<int64_t> end = IntegerArgument(args[3], c.reply());
    if (!end) return;
    window = {*start, *end, Unit::kBytes};
    if (args.size() == 5 && !ReadUnit(args[4], window, c.reply())) return;
  }
  const auto string = c.Read<String>(args[1]);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  // Two ends before the beginning in the wrong order are nothing; in the right order the first unit: Redis' rule.
  const bool backwards = window.start < 0 && window.end < 0 && window.start > window.end;
  const std::optional<BitRange> range = backwards ? std::nullopt : RangeOf(window, bytes.size());
  c.reply().Integer(range ? static_cast<int64_t>(types::CountBits(bytes, *range)) : 0);
}

// BITPOS key bit [start [end [BYTE | BIT]]]
void BitPos(Context& c) {
  const Args args = c.args();
  const std::optional<int64_t> bit = IntegerArgument(args[2], c.reply());
  if (!bit) return;
  if (*bit != 0 && *bit != 1) return c.reply().Error(Code::kValue, "ERR The bit argument must be 1 or 0.");
  if (args.size() > 6) return c.SyntaxError();
  BitWindow window;
  if (args.size() > 3) {
    const std::optional<int64_t> start = IntegerArgument(args[3], c.reply());
    if (!start) return;
    window.start = *start;
  }
  if (args.size() == 6 && !ReadUnit(args[5], window, c.reply())) return;
  const bool end_given = args.size() > 4;
  if (end_given) {
    const std::optional<int64_t> end = IntegerArgument(args[4], c.reply());
    if (!end) return;
    window.end = *end;
  }
  const auto string = c.Read<String>(args[1]);
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Integer(*bit == 1 ? -1 : 0);
  char scratch[kInt64TextMax];
  const Bytes bytes = string->View(scratch);
  const std::optional<BitRange> range = RangeOf(window, bytes.size());
  if (!range) return c.reply().Integer(-1);
  if (const std::optional<uint64_t> found = types::FindBit(bytes, *bit == 1, *range)) {
    return c.reply().Integer(static_cast<int64_t>(*found));
  }
  // Behind a string whose end was not given there are zeros.
  c.reply().Integer(*bit == 1 || end_given ? -1 : static_cast<int64_t>(bytes.size() * 8));
}

// BITOP <AND | OR | XOR | NOT> destkey key [key ...]
void BitOp(Context& c) {
  const Bytes destination = c.arg(2);
  const Args keys = c.args().subspan(3);
  const bool is_not = EqualsIgnoreCase(c.arg(1), "not");
  const std::optional<types::BitOperation> operation = OperationNamed(c.arg(1));
  if (!operation && !is_not) return c.SyntaxError();
  if (is_not && keys.size() != 1) {
    return c.reply().Error(Code::kCommand, "ERR BITOP NOT must be called with a single source key.");
  }
  BitSources sources;
  if (!sources.Read(c, keys)) return;
  const uint64_t size = sources.size_max();
  const bool changes = size != 0 || c.Exists(destination);
  if (changes && !c.BeginWrite(size)) return;

  c.reply().Integer(static_cast<int64_t>(size));
  if (!changes) return;
  if (size == 0) {
    c.Remove(destination);
    return;
  }
  char* bytes;
  String result = String::Raw(c.memory(), size, &bytes);
  const Bytes first = sources.views()[0];
  std::copy(first.begin(), first.end(), bytes);  // a missing key's bytes are none, at no address
  std::memset(bytes + first.size(), 0, size - first.size());
  if (is_not) {
    for (uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  } else {
    for (size_t i = 1; i < keys.size(); ++i) types::CombineBits(*operation, bytes, size, sources.views()[i]);
  }
  c.Put(destination, types::Value(std::move(result)));
}

}  // namespace redislite::commands
