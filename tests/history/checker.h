// Checks that a history of one object is linearizable: that its operations can be put into one order in which each
// answers as it did, and none comes before another that had returned before it began.
//
// The search is Wing and Gong's with Lowe's memory of what was tried. An operation that was under way when its process
// died has happened before the death or not at all; both are tried. That makes an acknowledged write that a crash took
// back, and a value that some reader saw and nobody finds again, histories without such an order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace history {

enum class Call : int { kGet, kSet, kSetIfMissing, kDel, kIncr, kAppend, kGetBoth, kSetBoth, kAppendBoth };
inline constexpr int kCalls = 9;

struct Operation {
  Call call = Call::kGet;
  std::string argument{};
  std::string answer{};  // as Perform gives it
  int64_t begun = 0;     // stamps of one counter
  int64_t ended = 0;     // of the return, or of the death that came instead
  bool answered = true;
};

// An object: a key, or two keys that batches write together.
struct Value {
  std::optional<std::string> a;
  std::optional<std::string> b;
  bool operator==(const Value&) const = default;
};

// What the operation does to the value; its answer.
std::string Perform(Call call, const std::string& argument, Value& value);

// The answers of commands, as Perform writes them.
std::string Found(const std::optional<std::string>& value);

// Whether there is such an order, from an object that does not exist. At most 256 operations.
bool IsLinearizable(std::vector<Operation> operations);

// A line an operation, for a person.
std::string Describe(const std::vector<Operation>& operations);

}  // namespace history
