// Splitting a command line into words by redis-cli's quoting rules.
//
//   SET key "two words\n\x00"     double quotes: \n \r \t \b \a, \xHH for any byte, and \c for any other c
//   SET key 'it\'s'               single quotes: everything as it is, except \'
//
// A closing quote ends its word: a blank or the end of the line must follow it.
#pragma once

#include <string>
#include <string_view>

#include "words.h"

namespace redislite::inline apps {

// Gives the words; false, with a message for a person and no words, when the quotes do not balance.
[[nodiscard]] bool SplitLine(std::string_view line, Words& words, std::string& error);

// The word as SplitLine reads it back, in double quotes: what redis-cli prints for a string.
std::string Quote(std::string_view bytes);
void AppendQuoted(std::string& out, std::string_view bytes);

// The word bare where nothing in it needs quoting, quoted otherwise.
std::string QuoteIfNeeded(std::string_view bytes);

// ASCII only, whatever the locale: command names and option names.
std::string ToUpper(std::string_view text);
std::string ToLower(std::string_view text);
bool EqualIgnoringCase(std::string_view a, std::string_view b);

}  // namespace redislite::inline apps
