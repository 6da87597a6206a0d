// SORT and SORT_RO: the elements of a list or set in order, or in that of other keys, and what other keys hold of them.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

struct SortOptions {
  bool descending = false;
  bool alphabetic = false;
  int64_t limit_start = 0;
  int64_t limit_count = -1;  // negative: all
  std::optional<Bytes> by;
  std::vector<Bytes> get;
  std::optional<Bytes> store;

  // BY a pattern without a star leaves the elements as they are.
  bool sorts() const { return !by || by->find('*') != Bytes::npos; }
};

// The options of SORT (or SORT_RO, which has no STORE), from behind the key on.
std::optional<SortOptions> ParseSortOptions(Args args, bool may_store, resp::Writer& reply) {
  SortOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    const size_t behind = args.size() - i - 1;
    if (EqualsIgnoreCase(args[i], "asc")) {
      options.descending = false;
    } else if (EqualsIgnoreCase(args[i], "desc")) {
      options.descending = true;
    } else if (EqualsIgnoreCase(args[i], "alpha")) {
      options.alphabetic = true;
    } else if (EqualsIgnoreCase(args[i], "limit") && behind >= 2) {
      const std::optional<int64_t> start = IntegerArgument(args[++i], reply);
      if (!start) return {};
      const std::optional<int64_t> count = IntegerArgument(args[++i], reply);
      if (!count) return {};
      options.limit_start = *start;
      options.limit_count = *count;
    } else if (may_store && EqualsIgnoreCase(args[i], "store") && behind >= 1) {
      options.store = args[++i];
    } else if (EqualsIgnoreCase(args[i], "by") && behind >= 1) {
      options.by = args[++i];
    } else if (EqualsIgnoreCase(args[i], "get") && behind >= 1) {
      options.get.push_back(args[++i]);
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

// What a pattern stands for with an element in the place of its first star: a string's bytes, or with "->" behind the
// star a field of a hash; "#" is the element itself.
std::optional<std::string> LookUp(const Context& c, Bytes pattern, const std::string& element) {
  if (pattern == "#") return element;
  const size_t star = pattern.find('*');
  if (star == Bytes::npos) return {};
  const size_t arrow = pattern.find("->", star + 1);
  const bool has_field = arrow != Bytes::npos && arrow + 2 < pattern.size();
  std::string key(pattern.substr(0, star));
  key.append(element);
  key.append(pattern.substr(star + 1, has_field ? arrow - star - 1 : Bytes::npos));
  if (has_field) {
    const auto hash = c.Read<types::Hash>(key);
    const std::optional<Bytes> value = hash ? hash->Get(pattern.substr(arrow + 2)) : std::nullopt;
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  const auto string = c.Read<types::String>(key);
  return string ? std::optional(string->ToString()) : std::nullopt;
}

struct Item {
  std::string element;
  double score = 0;               // what it is sorted by, or
  std::optional<std::string> by;  // with BY and ALPHA
};

// As strtod reads it in the C locale, which Redis leaves it to: "" is 0, " 0x10" is 16, and a NUL is the end.
std::optional<double> ReadScore(Bytes text) {
  text = text.substr(0, text.find('\0'));
  if (text.empty()) return 0;
  const std::optional<double> score = ParseDouble(WithoutLeadingSpace(text));
  return score && std::isnan(*score) ? std::nullopt : score;
}

// The part of `size` elements that LIMIT leaves: Redis cuts both numbers to what there is.
struct SortWindow {
  size_t start;
  size_t count;
};

SortWindow LimitOf(const SortOptions& options, size_t size) {
  const auto all = static_cast<int64_t>(size);
  const int64_t start = std::clamp<int64_t>(options.limit_start, 0, all);
  const int64_t count = options.limit_count < 0 ? all : std::min(options.limit_count, all);
  return {static_cast<size_t>(start), static_cast<size_t>(std::min(count, all - start))};
}

// False: the value is of no type that can be sorted.
bool ReadElements(const types::Value& value, std::vector<Item>& items) {
  if (const auto* list = value.As<types::List>()) {
    items.reserve(list->size());
    list->ForEach(0, [&](Bytes element) {
      items.push_back({std::string(element), 0, {}});
      return true;
    });
    return true;
  }
  if (const auto* set = value.As<types::Set>()) {
    items.reserve(set->size());
    set->ForEach([&](Bytes member) {
      items.push_back({std::string(member), 0, {}});
      return true;
    });
    // A set has no order, but what is stored must be the same wherever the command runs (I2).
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.element < b.element; });
    return true;
  }
  if (const auto* set = value.As<types::SortedSet>()) {
    items.reserve(set->size());
    set->ForEach([&](Bytes member, double) {
      items.push_back({std::string(member), 0, {}});
      return true;
    });
    return true;
  }
  return false;
}

// Finds what each is sorted by; false when one is no number that should be, and the error is written.
bool ReadKeys(Context& c, const SortOptions& options, std::vector<Item>& items) {
  for (Item& item : items) {
    std::optional<std::string> by = options.by ? LookUp(c, *options.by, item.element) : std::nullopt;
    if (options.alphabetic) {
      item.by = std::move(by);
      continue;
    }
    if (options.by && !by) continue;
    const std::optional<double> score = ReadScore(by ? *by : item.element);
    if (!score) {
      c.reply().Error(Code::kValue, "ERR One or more scores can't be converted into double");
      return false;
    }
    item.score = *score;
  }
  return true;
}

// Elements that are sorted by the same stay in their order, so that the result is the same wherever the command runs.
void SortItems(const SortOptions& options, std::vector<Item>& items) {
  // What is only replied, Redis compares up to the first NUL.
  const auto text = [&](const std::string& bytes) {
    return options.store ? Bytes(bytes) : Bytes(bytes).substr(0, bytes.find('\0'));
  };
  const auto text_of_by = [&](const Item& item) { return item.by ? std::optional(text(*item.by)) : std::nullopt; };
  const auto before = [&](const Item& a, const Item& b) {
    if (!options.alphabetic) return a.score != b.score ? a.score < b.score : a.element < b.element;
    return options.by ? text_of_by(a) < text_of_by(b) : text(a.element) < text(b.element);
  };
  std::stable_sort(items.begin(), items.end(),
                   [&](const Item& a, const Item& b) { return options.descending ? before(b, a) : before(a, b); });
}

}  // namespace

// SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA] [STORE destination], SORT_RO
void Sort(Context& c) {
  const std::optional<SortOptions> options =
      ParseSortOptions(c.args().subspan(2), !IsNamed(c.command(), "sort_ro"), c.reply());
  if (!options) return;
  const types::Value* value = c.Find(c.arg(1));
  std::vector<Item> items;
  if (value != nullptr && !ReadElements(*value, items)) return c.WrongType();
  if (options->sorts()) {
    if (!ReadKeys(c, *options, items)) return;
    SortItems(*options, items);
  } else if (options->descending) {
    std::reverse(items.begin(), items.end());
  }

  const SortWindow window = LimitOf(*options, items.size());
  std::vector<std::optional<std::string>> results;
  uint64_t bytes = 0;
  for (size_t i = window.start; i < window.start + window.count; ++i) {
    if (options->get.empty()) results.emplace_back(std::move(items[i].element));
    for (const Bytes pattern : options->get) results.push_back(LookUp(c, pattern, items[i].element));
  }
  for (const std::optional<std::string>& result : results) bytes += result ? result->size() : 0;

  if (!options->store) {
    c.reply().Array(results.size());
    for (const std::optional<std::string>& result : results) result ? c.reply().Bulk(*result) : c.reply().Null();
    return;
  }
  const bool changes = !results.empty() || c.Exists(*options->store);
  if (changes && !c.BeginWrite(2 * bytes + 32 * results.size())) return;
  c.reply().Integer(static_cast<int64_t>(results.size()));
  if (!changes) return;
  if (results.empty()) {
    c.Remove(*options->store);
    return;
  }
  std::vector<Bytes> elements;
  elements.reserve(results.size());
  for (const std::optional<std::string>& result : results) elements.push_back(result ? Bytes(*result) : Bytes());
  types::List* list = c.memory().New<types::List>(c.memory());
  types::Value stored(c.memory(), list);
  list->PushAllBack(elements);
  c.Put(*options->store, std::move(stored));
}

// Without STORE it is a reader.
bool RewriteSort(Rewrite& rewrite) {
  const std::optional<SortOptions> options = ParseSortOptions(rewrite.args().subspan(2), true, rewrite.reply());
  if (!options) return false;
  if (options->store) return true;
  std::vector<std::string> canonical(rewrite.args().begin(), rewrite.args().end());
  canonical[0] = "SORT_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

// The last STORE counts.
bool SortKeys(Args args, std::vector<size_t>& positions) {
  resp::Writer dropped;
  const std::optional<SortOptions> options = ParseSortOptions(args.subspan(2), true, dropped);
  if (!options) return false;
  positions.push_back(1);
  for (size_t i = args.size() - 1; options->store && i > 1; --i) {
    if (args[i].data() != options->store->data()) continue;
    positions.push_back(i);
    break;
  }
  return true;
}

}  // namespace redislite::commands
