#include "commands/table.h"

#include <array>
#include <iterator>
#include <new>
#include <string>

#include "commands/arguments.h"
#include "commands/handlers.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using enum engine::Flag;

#define None nullptr
#define COMMAND(name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys) \
  {name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys},
constexpr Command kRows[] = {
#include "commands/table.inc"
};
#undef COMMAND
#undef None

// The index: open addressing over FNV-1a of the lower-case name, built by the compiler. At most a quarter full, so that
// a look-up is one probe as a rule.
constexpr size_t kSlots = 2048;
static_assert(std::size(kRows) * 4 <= kSlots);
constexpr uint32_t kHashSeed = 2166136261;

constexpr char LowerOf(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

constexpr uint32_t HashName(Bytes name, uint32_t hash) {
  for (const char byte : name) hash = (hash ^ static_cast<uint8_t>(LowerOf(byte))) * 16777619;
  return hash;
}

constexpr std::array<uint16_t, kSlots> BuildIndex() {
  std::array<uint16_t, kSlots> slots{};  // row number + 1; 0 is free
  for (size_t row = 0; row < std::size(kRows); ++row) {
    size_t slot = HashName(kRows[row].name, kHashSeed) % kSlots;
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint16_t>(row + 1);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlots> kIndex = BuildIndex();

// Whether `text` begins with `name`, whose case does not matter.
bool BeginsWith(Bytes text, Bytes name) {
  if (text.size() < name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (text[i] != LowerOf(name[i])) return false;
  }
  return true;
}

// The row named `name`, or "name|subcommand" when there is a subcommand.
const Command* Lookup(Bytes name, const Bytes* subcommand) {
  uint32_t hash = HashName(name, kHashSeed);
  if (subcommand != nullptr) hash = HashName(*subcommand, HashName("|", hash));
  for (size_t slot = hash % kSlots; kIndex[slot] != 0; slot = (slot + 1) % kSlots) {
    const Command& row = kRows[kIndex[slot] - 1];
    Bytes rest = row.name;
    if (!BeginsWith(rest, name)) continue;
    rest.remove_prefix(name.size());
    if (subcommand != nullptr) {
      if (!BeginsWith(rest, "|")) continue;
      rest.remove_prefix(1);
      if (!BeginsWith(rest, *subcommand)) continue;
      rest.remove_prefix(subcommand->size());
    }
    if (rest.empty()) return &row;
  }
  return nullptr;
}

// As Redis prints client text into an error: up to the first NUL, and at most `size_max` bytes.
Bytes Printed(Bytes text, size_t size_max) { return text.substr(0, text.find('\0')).substr(0, size_max); }

class Table final : public engine::CommandTable {
 public:
  const Command* Find(Args args) const override {
    if (args.empty() || args[0].find('|') != Bytes::npos) return nullptr;
    const Command* row = Lookup(args[0], nullptr);
    if (row == nullptr || (row->flags & kContainer) == 0 || args.size() == 1) return row;
    return Lookup(args[0], &args[1]);
  }

  std::span<const Command> Rows() const override { return kRows; }

  void WriteUnknown(Args args, resp::Writer& reply) const override {
    constexpr size_t kPrintedMax = 128;
    const Bytes name = args.empty() ? Bytes() : args[0];
    std::string text;
    const Command* row = Lookup(name, nullptr);
    if (row != nullptr && (row->flags & kContainer) != 0 && args.size() > 1) {
      // DEBUG is one command in Redis, and says so.
      const bool is_debug = Bytes(row->name) == "debug";
      text.append(is_debug ? "ERR unknown subcommand or wrong number of arguments for '" : "ERR unknown subcommand '");
      text.append(Printed(args[1], kPrintedMax)).append("'. Try ");
      for (const char byte : Bytes(row->name))
        text.push_back(byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte);
      text.append(" HELP.");
    } else {
      std::string list;
      for (size_t i = 1; i < args.size() && list.size() < kPrintedMax; ++i) {
        const size_t room = kPrintedMax - list.size();
        list.append("'").append(Printed(args[i], room)).append("' ");
      }
      text.append("ERR unknown command '")
          .append(Printed(name, kPrintedMax))
          .append("', with args beginning with: ")
          .append(list);
    }
    reply.Error(Code::kCommand, text);
  }
};

}  // namespace

const engine::CommandTable& Commands() {
  // Never destroyed: a host may close a store while its own statics are being destroyed.
  alignas(Table) static char place[sizeof(Table)];
  static const Table* const table = new (place) Table;
  return *table;
}

std::span<const Command> AllCommands() { return kRows; }

const Command* FindCommand(Bytes name) { return Lookup(name, nullptr); }

}  // namespace redislite::commands
