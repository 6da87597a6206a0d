// The store's options, as programs take them: from the environment, from a file, from the command line.
#pragma once

#include <redislite.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "words.h"

namespace redislite::inline apps {

// Names and values as rl_options_set takes them; a later one wins.
using StoreOptions = std::vector<std::pair<std::string, std::string>>;

// An option of the store, for --help and for looking into the environment. The library checks the values.
struct StoreOption {
  const char* name;
  const char* values;
  const char* meaning;
  bool is_secret = false;
};
std::span<const StoreOption> KnownStoreOptions();
// In any case; null when there is none.
const StoreOption* FindStoreOption(const std::string& name);

// A line of a file. False, with a message, when there are not as many values as the option has. Several can also stand
// in one word.
bool TakeStoreOption(const StoreOption& option, const Words& values, StoreOptions& options, std::string& error);
// What the environment says. False with a message.
bool TakeStoreEnvironment(StoreOptions& options, std::string& error);

// What rl_open takes; null, with a message, when a value is refused.
using OptionsHandle = std::unique_ptr<rl_options, void (*)(rl_options*)>;
OptionsHandle MakeOptions(const StoreOptions& options, void (*log)(void*, int, const char*), std::string& error);

// rl_errmsg's text, or the code's own where there is none. `db` may be null.
std::string ErrorMessage(rl_db* db, int code);

}  // namespace redislite::inline apps
