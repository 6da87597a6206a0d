#include "tests/history/checker.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <limits>
#include <unordered_set>

namespace history {
namespace {

constexpr size_t kOperationsMax = 256;

std::optional<int64_t> Number(const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string Append(std::optional<std::string>& value, const std::string& tail) {
  value = value.value_or("") + tail;
  return std::to_string(value->size());
}

class Search {
 public:
  explicit Search(std::vector<Operation> operations) : operations_(std::move(operations)) {
    std::sort(operations_.begin(), operations_.end(),
              [](const Operation& x, const Operation& y) { return x.begun < y.begun; });
    for (const Operation& operation : operations_) missing_ += operation.answered ? 1 : 0;
  }

  bool Run() { return operations_.size() <= kOperationsMax && From(Value{}, 0); }

 private:
  // Whether the rest can follow, where `latest` is the latest beginning of what has been put in order.
  bool From(const Value& value, int64_t latest) {
    if (missing_ == 0) return true;
    if (!tried_.insert(done_.to_string() + value.a.value_or("-") + "|" + value.b.value_or("-")).second) return false;
    // Nothing may come next that began after something still missing had returned.
    int64_t first_end = std::numeric_limits<int64_t>::max();
    for (size_t i = 0; i < operations_.size(); ++i) {
      if (!done_[i] && operations_[i].answered) first_end = std::min(first_end, operations_[i].ended);
    }
    for (size_t i = 0; i < operations_.size() && operations_[i].begun < first_end; ++i) {
      const Operation& next = operations_[i];
      // What died before something that is already in order began has not happened.
      if (done_[i] || next.ended < latest) continue;
      Value after = value;
      const std::string answer = Perform(next.call, next.argument, after);
      if (next.answered && answer != next.answer) continue;
      done_[i] = true;
      if (next.answered) --missing_;
      if (From(after, std::max(latest, next.begun))) return true;
      if (next.answered) ++missing_;
      done_[i] = false;
    }
    return false;
  }

  std::vector<Operation> operations_;
  std::bitset<kOperationsMax> done_;
  size_t missing_ = 0;  // answered and not in order yet
  std::unordered_set<std::string> tried_;
};

}  // namespace

std::string Found(const std::optional<std::string>& value) { return value ? "=" + *value : "none"; }

std::string Perform(Call call, const std::string& argument, Value& value) {
  switch (call) {
    case Call::kGet:
      return Found(value.a);
    case Call::kSet:
      value.a = argument;
      return "ok";
    case Call::kSetIfMissing:
      if (value.a) return "no";
      value.a = argument;
      return "ok";
    case Call::kDel: {
      const bool had = value.a.has_value();
      value.a.reset();
      return had ? "ok" : "no";
    }
    case Call::kIncr: {
      const std::optional<int64_t> number = Number(value.a.value_or("0"));
      if (!number) return "no number";
      value.a = std::to_string(*number + Number(argument).value_or(0));
      return *value.a;
    }
    case Call::kAppend:
      return Append(value.a, argument);
    case Call::kGetBoth:
      return Found(value.a) + " " + Found(value.b);
    case Call::kSetBoth:
      value.a = argument;
      value.b = argument;
      return "ok ok";
    case Call::kAppendBoth: {
      const std::string a = Append(value.a, argument);
      return a + " " + Append(value.b, argument);
    }
  }
  return "";
}

bool IsLinearizable(std::vector<Operation> operations) { return Search(std::move(operations)).Run(); }

std::string Describe(const std::vector<Operation>& operations) {
  constexpr const char* kNames[kCalls] = {"get",    "set",      "set if missing", "del",        "incr",
                                          "append", "get both", "set both",       "append both"};
  std::string text;
  for (const Operation& operation : operations) {
    text += std::to_string(operation.begun) + " to " + std::to_string(operation.ended) + ": " +
            kNames[static_cast<int>(operation.call)] + " " + operation.argument + ": " +
            (operation.answered ? operation.answer : "died") + "\n";
  }
  return text;
}

}  // namespace history
