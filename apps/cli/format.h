// The four ways a reply is printed. Each appends complete lines, the last one with its newline.
#pragma once

#include <string>
#include <string_view>

#include "reply.h"

namespace redislite::cli {

enum class Format {
  kTerminal,  // as redis-cli shows replies to a person: (integer) 1, "quoted", 1) 2) nested
  kRaw,       // the bytes alone, an element a line: for scripts
  kJson,      // one JSON text a reply, on one line
  kCsv,       // one line a reply, as redis-cli --csv: values separated by commas, strings quoted with C escapes
};

void AppendReply(std::string& out, const Reply& reply, Format format);

void AppendTerminal(std::string& out, const Reply& reply);
void AppendRaw(std::string& out, const Reply& reply);
void AppendJson(std::string& out, const Reply& reply);
void AppendCsv(std::string& out, const Reply& reply);

// A JSON string. Bytes that are no UTF-8 have no exact form in JSON: each byte above 0x7F becomes the character of
// that number (\u00ff).
void AppendJsonString(std::string& out, std::string_view bytes);

}  // namespace redislite::cli
