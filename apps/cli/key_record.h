// KeyRecord: one line of an export, read and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "words.h"

namespace redislite::cli {

struct KeyRecord {
  enum class Type { kString, kList, kHash, kSet, kSortedSet };

  std::string key;
  Type type = Type::kString;
  Words values;  // a string's one value; elements; members; fields and values, or scores and members, in turn
  std::optional<int64_t> expire_at_ms;

  size_t bytes() const;

  // The commands that make the key as it is here, whatever was there before. A key whose time has come by `now_ms` is
  // removed.
  std::vector<Words> Commands(int64_t now_ms) const;
};

// False, with a message for a person, when the line is no record.
bool ParseKeyRecord(std::string_view line, KeyRecord& record, std::string& error);

}  // namespace redislite::cli
