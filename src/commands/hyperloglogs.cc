// PFADD, PFCOUNT and PFMERGE: strings that estimate how many different elements were added to them.
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "types/hyperloglog.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::String;
namespace hyperloglog = types::hyperloglog;

void WriteDamaged(resp::Writer& reply) { reply.Error(Code::kValue, "INVALIDOBJ Corrupted HLL object detected"); }

// What a key holds for these commands.
struct Found {
  Bytes bytes;  // empty: no key
  bool ok = false;
};

// Writes the error when the key holds something else.
Found Find(Context& c, Bytes key) {
  const auto string = c.Read<String>(key);
  if (string.wrong_type) {
    c.WrongType();
    return {};
  }
  if (!string) return {{}, true};
  char scratch[kInt64TextMax];
  const Bytes bytes = string->View(scratch);
  // An integer's digits, which die with `scratch`, are none.
  if (!hyperloglog::IsOne(bytes)) {
    c.reply().Error(Code::kType, "WRONGTYPE Key is not a valid HyperLogLog string value.");
    return {};
  }
  return {bytes, true};
}

void Put(Context& c, Bytes key, Bytes bytes) {
  char* place;
  String string = String::Raw(c.memory(), bytes.size(), &place);
  std::memcpy(place, bytes.data(), bytes.size());
  c.Put(key, types::Value(std::move(string)), Context::Expiry::kKeep);
}

// A dense one is changed in its place.
void AddToDense(Context& c, Bytes bytes, Args elements) {
  std::vector<hyperloglog::Rank> raised;
  for (const Bytes element : elements) {
    const hyperloglog::Rank rank = hyperloglog::RankOf(element);
    if (hyperloglog::WouldRaiseDense(bytes, rank)) raised.push_back(rank);
  }
  if (!raised.empty() && !c.BeginWrite(bytes.size())) return;
  c.reply().Integer(raised.empty() ? 0 : 1);
  if (raised.empty()) return;
  char* changed = c.Change<String>(c.arg(1))->Mutable(c.memory());
  for (const hyperloglog::Rank rank : raised) hyperloglog::RaiseDense(changed, rank);
  hyperloglog::ForgetCount(changed);
}

}  // namespace

// PFADD key [element ...]
void PfAdd(Context& c) {
  const Bytes key = c.arg(1);
  const Args elements = c.args().subspan(2);
  const Found found = Find(c, key);
  if (!found.ok) return;
  const bool is_new = found.bytes.empty();
  if (!is_new && hyperloglog::IsDense(found.bytes)) return AddToDense(c, found.bytes, elements);
  if (!is_new && !hyperloglog::IsWhole(found.bytes)) return WriteDamaged(c.reply());

  std::string bytes = is_new ? hyperloglog::MakeEmpty() : std::string(found.bytes);
  bool changes = is_new;
  for (const Bytes element : elements) changes |= hyperloglog::Raise(bytes, hyperloglog::RankOf(element));
  if (changes && !c.BeginWrite(bytes.size())) return;
  c.reply().Integer(changes ? 1 : 0);
  if (!changes) return;
  hyperloglog::ForgetCount(bytes.data());
  Put(c, key, bytes);
}

// PFCOUNT key [key ...]
void PfCount(Context& c) {
  hyperloglog::Registers registers;
  for (const Bytes key : c.args().subspan(1)) {
    const Found found = Find(c, key);
    if (!found.ok) return;
    if (found.bytes.empty()) continue;
    if (c.args().size() == 2) {
      if (const std::optional<uint64_t> count = hyperloglog::CachedCount(found.bytes)) {
        return c.reply().Integer(static_cast<int64_t>(*count));
      }
    }
    if (!registers.Merge(found.bytes)) return WriteDamaged(c.reply());
  }
  c.reply().Integer(static_cast<int64_t>(registers.Estimate()));
}

// PFMERGE destkey [sourcekey ...]
void PfMerge(Context& c) {
  const Bytes destination = c.arg(1);
  hyperloglog::Registers registers;
  bool dense = false;
  std::string before;
  for (const Bytes key : c.args().subspan(1)) {  // the destination is a source too
    const Found found = Find(c, key);
    if (!found.ok) return;
    if (found.bytes.empty()) continue;
    dense |= hyperloglog::IsDense(found.bytes);
    if (!registers.Merge(found.bytes)) return WriteDamaged(c.reply());
    if (key == destination) before = found.bytes;
  }
  std::string after = before.empty() ? hyperloglog::MakeEmpty() : before;
  if (dense && !hyperloglog::IsDense(after)) after = *hyperloglog::MakeDense(after);
  for (uint32_t i = 0; i < hyperloglog::kRegisters; ++i) {
    if (registers[i] != 0) hyperloglog::Raise(after, {i, registers[i]});
  }
  hyperloglog::ForgetCount(after.data());
  const bool changes = after != before;
  if (changes && !c.BeginWrite(after.size())) return;
  if (changes) Put(c, destination, after);
  c.reply().Ok();
}

}  // namespace redislite::commands
