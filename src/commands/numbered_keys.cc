// Where the keys are of commands that say how many they have: LMPOP, SINTERCARD, ZUNIONSTORE and the like.
#include <cstdint>
#include <optional>

#include "base/number.h"
#include "commands/handlers.h"

namespace redislite::commands {
namespace {

// The keys behind the number at argument `at`.
bool KeysBehind(engine::Args args, size_t at, std::vector<size_t>& positions) {
  const std::optional<int64_t> keys = args.size() > at + 1 ? ParseInt64(args[at]) : std::nullopt;
  if (!keys || *keys < 1 || static_cast<uint64_t>(*keys) > args.size() - at - 1) return false;
  for (size_t i = 0; i < static_cast<size_t>(*keys); ++i) positions.push_back(at + 1 + i);
  return true;
}

}  // namespace

// command numkeys key [key ...]
bool NumberedKeys(engine::Args args, std::vector<size_t>& positions) { return KeysBehind(args, 1, positions); }

// command timeout numkeys key [key ...]
bool TimeoutAndNumberedKeys(engine::Args args, std::vector<size_t>& positions) {
  return KeysBehind(args, 2, positions);
}

// command destination numkeys key [key ...]
bool DestinationAndNumberedKeys(engine::Args args, std::vector<size_t>& positions) {
  positions.push_back(1);
  return KeysBehind(args, 2, positions);
}

}  // namespace redislite::commands
