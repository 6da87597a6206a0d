// Settings: names and values from the environment and from a file in the grammar of redis.conf, before anybody knows
// what they mean.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "words.h"

namespace redislite::inline apps {

// What REDISLITE_<NAME> says (REDISLITE_READ_ONLY for read-only). `secret`: where that is not set, what stands in the
// file that REDISLITE_<NAME>_FILE names, without the newline at its end. Nothing when there is none; an error, too,
// when the file cannot be read.
std::optional<std::string> FromEnvironment(std::string_view name, bool secret, std::string& error);

// Reads lines `name value ...`: words as SplitLine has them; a # at the beginning of a line makes it a comment. `take`
// gets the name and the values; false, with a message, refuses them, and the message goes on with file and line in
// front.
using TakeSetting = std::function<bool(const std::string& name, const Words& values, std::string& error)>;
bool ReadSettings(const std::string& path, const TakeSetting& take, std::string& error);

}  // namespace redislite::inline apps
