// Requests in RESP, as Redis clients send them: what --pipe reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "words.h"

namespace redislite::cli {

enum class Parsed {
  kCommand,  // a command: its words and how many bytes it took
  kNothing,  // an empty one, which has no answer: only how many bytes it took
  kMore,     // the bytes end before the command does
  kBad,      // no RESP: the message says what; nothing behind it can be understood
};

// Takes the first request off `bytes`: an array of bulk strings, or, as servers accept too, a line with redis-cli's
// quoting.
Parsed ParseRequest(std::string_view bytes, Words& words, size_t& size, std::string& error);

}  // namespace redislite::cli
