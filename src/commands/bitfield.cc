// BITFIELD and BITFIELD_RO: integers of 1 to 64 bits anywhere in a string.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
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
using engine::Rewrite;
using types::BitField;
using types::String;

enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

struct Step {
  enum class Kind : uint8_t { kGet, kSet, kIncrement };

  Kind kind;
  Overflow overflow;
  BitField field;
  int64_t operand = 0;
};

std::optional<Overflow> OverflowNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "wrap")) return Overflow::kWrap;
  if (EqualsIgnoreCase(word, "sat")) return Overflow::kSaturate;
  if (EqualsIgnoreCase(word, "fail")) return Overflow::kFail;
  return {};
}

// "i8", "u63".
std::optional<BitField> TypeArgument(Bytes text, resp::Writer& reply) {
  if (!text.empty() && (text[0] == 'i' || text[0] == 'u')) {
    const bool is_signed = text[0] == 'i';
    const std::optional<int64_t> bits = ParseInt64(text.substr(1));
    if (bits && *bits >= 1 && *bits <= (is_signed ? 64 : 63)) {
      return BitField{is_signed, static_cast<unsigned>(*bits), 0};
    }
  }
  reply.Error(Code::kValue,
              "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
  return {};
}

// A bit's number, or "#3" for the third field of this width.
std::optional<uint64_t> FieldOffsetArgument(Bytes text, const BitField& field, resp::Writer& reply) {
  if (!text.starts_with('#')) return BitOffsetArgument(text, reply);
  const std::optional<int64_t> index = ParseInt64(text.substr(1));
  int64_t offset = 0;
  if (!index || __builtin_mul_overflow(*index, int64_t{field.bits}, &offset)) return BitOffsetArgument({}, reply);
  char digits[kInt64TextMax];
  return BitOffsetArgument(FormatInt64(offset, digits), reply);
}

// The steps in the order given; OVERFLOW holds for those behind it.
std::optional<std::vector<Step>> ParseSteps(Args args, resp::Writer& reply) {
  std::vector<Step> steps;
  Overflow overflow = Overflow::kWrap;
  for (size_t i = 0; i < args.size();) {
    const Bytes word = args[i];
    const size_t behind = args.size() - i - 1;
    if (EqualsIgnoreCase(word, "overflow") && behind >= 1) {
      const std::optional<Overflow> named = OverflowNamed(args[i + 1]);
      if (!named) {
        reply.Error(Code::kCommand, "ERR Invalid OVERFLOW type specified");
        return {};
      }
      overflow = *named;
      i += 2;
      continue;
    }
    Step::Kind kind;
    if (EqualsIgnoreCase(word, "get") && behind >= 2) {
      kind = Step::Kind::kGet;
    } else if (EqualsIgnoreCase(word, "set") && behind >= 3) {
      kind = Step::Kind::kSet;
    } else if (EqualsIgnoreCase(word, "incrby") && behind >= 3) {
      kind = Step::Kind::kIncrement;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
    std::optional<BitField> field = TypeArgument(args[i + 1], reply);
    if (!field) return {};
    const std::optional<uint64_t> offset = FieldOffsetArgument(args[i + 2], *field, reply);
    if (!offset) return {};
    field->offset = *offset;
    Step step{kind, overflow, *field};
    if (kind != Step::Kind::kGet) {
      const std::optional<int64_t> operand = IntegerArgument(args[i + 3], reply);
      if (!operand) return {};
      step.operand = *operand;
    }
    steps.push_back(step);
    i += kind == Step::Kind::kGet ? 3 : 4;
  }
  return steps;
}

// A string with some of its bytes changed, before they are: what a later step sees of an earlier one.
class Draft {
 public:
  explicit Draft(Bytes bytes) : bytes_(bytes) {}

  int64_t Get(const BitField& field) const {
    uint64_t value = 0;
    for (uint64_t bit = field.offset; bit < field.offset + field.bits; ++bit) {
      value = value << 1 | (ByteAt(bit / 8) >> (7 - bit % 8) & 1u);
    }
    return field.Wrap(value);
  }
  void Set(const BitField& field, int64_t value) {
    for (unsigned i = 0; i < field.bits; ++i) {
      const uint64_t bit = field.offset + i;
      const unsigned mask = 0x80u >> bit % 8;
      const bool set = (static_cast<uint64_t>(value) >> (field.bits - 1 - i) & 1) != 0;
      const unsigned before = ByteAt(bit / 8);
      changed_[bit / 8] = static_cast<char>(set ? before | mask : before & ~mask);
    }
  }

  // Byte by byte, with its place.
  const std::map<uint64_t, char>& changed() const { return changed_; }

 private:
  unsigned ByteAt(uint64_t index) const {
    if (const auto changed = changed_.find(index); changed != changed_.end()) {
      return static_cast<uint8_t>(changed->second);
    }
    return index < bytes_.size() ? static_cast<uint8_t>(bytes_[index]) : 0;
  }

  const Bytes bytes_;
  std::map<uint64_t, char> changed_;
};

// What the field holds after the step, or nothing when it would overflow and must not.
std::optional<int64_t> After(const Step& step, int64_t before) {
  const BitField& field = step.field;
  const bool sets = step.kind == Step::Kind::kSet;
  int64_t sum;
  const bool beyond = __builtin_add_overflow(sets ? 0 : before, step.operand, &sum);
  if (!beyond && sum >= field.min() && sum <= field.max()) return sum;
  if (step.overflow == Overflow::kFail) return {};
  if (step.overflow == Overflow::kWrap) return field.Wrap(static_cast<uint64_t>(sum));
  // A negative number set to an unsigned field is a large one to Redis, and saturates upwards.
  const bool upwards = beyond ? step.operand > 0 : sum > field.max() || (sets && !field.is_signed);
  return upwards ? field.max() : field.min();
}

void WriteResults(const std::vector<std::optional<int64_t>>& results, resp::Writer& reply) {
  reply.Array(results.size());
  for (const std::optional<int64_t>& result : results) result ? reply.Integer(*result) : reply.Null();
}

}  // namespace

// BITFIELD key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type offset increment>
// ...], BITFIELD_RO key [GET type offset ...]
void BitFieldCommand(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<std::vector<Step>> steps = ParseSteps(c.args().subspan(2), c.reply());
  if (!steps) return;
  uint64_t size_needed = 0;
  for (const Step& step : *steps) {
    if (step.kind != Step::Kind::kGet) size_needed = std::max(size_needed, step.field.last_byte() + 1);
  }
  if (size_needed != 0 && IsNamed(c.command(), "bitfield_ro")) {
    return c.reply().Error(Code::kCommand, "ERR BITFIELD_RO only supports the GET subcommand");
  }
  if (!StringFits(size_needed, 0, c.reply())) return;
  const auto string = c.Read<String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();

  Draft draft(bytes);
  bool changes = size_needed > bytes.size();  // it grows even when every step fails
  std::vector<std::optional<int64_t>> results;
  results.reserve(steps->size());
  for (const Step& step : *steps) {
    const int64_t before = draft.Get(step.field);
    if (step.kind == Step::Kind::kGet) {
      results.emplace_back(before);
      continue;
    }
    const std::optional<int64_t> after = After(step, before);
    if (after && *after != before) {
      draft.Set(step.field, *after);
      changes = true;
    }
    results.push_back(step.kind == Step::Kind::kSet && after ? before : after);
  }
  if (changes && !c.BeginWrite(2 * std::max<uint64_t>(bytes.size(), size_needed))) return;

  WriteResults(results, c.reply());
  if (!changes) return;
  const uint64_t size = bytes.size();  // the view ends with the first change
  String& changed = c.ChangeOrCreate<String>(key);
  const char zero = '\0';
  if (size_needed > size) changed.Overwrite(c.memory(), size_needed - 1, Bytes(&zero, 1));
  for (const auto& [index, byte] : draft.changed()) changed.Overwrite(c.memory(), index, Bytes(&byte, 1));
}

// With nothing but GETs it is a reader.
bool RewriteBitField(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<std::vector<Step>> steps = ParseSteps(args.subspan(2), rewrite.reply());
  if (!steps) return false;
  if (std::any_of(steps->begin(), steps->end(), [](const Step& step) { return step.kind != Step::Kind::kGet; })) {
    return true;
  }
  std::vector<std::string> canonical(args.begin(), args.end());
  canonical[0] = "BITFIELD_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

}  // namespace redislite::commands
