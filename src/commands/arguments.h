// What the handlers of all families share: reading arguments, and Redis' texts for what is wrong with them.
//
// Errors are written to a resp::Writer, not to a Context, since canonical functions (engine::Rewrite) need the same
// texts before there is one. A function that reads an argument writes the error itself and returns nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "base/bytes.h"
#include "engine/command.h"
#include "resp/writer.h"

namespace redislite::commands {

bool EqualsIgnoreCase(Bytes a, Bytes b);

// Whether the command's name is this one, a lower-case literal: for handlers that serve several rows.
bool IsNamed(const engine::Command& command, Bytes name);

// ---- Errors.

void WriteSyntaxError(resp::Writer& reply);               // ERR syntax error
void WriteNotInteger(resp::Writer& reply);                // ERR value is not an integer or out of range
void WriteBadExpiry(Bytes command, resp::Writer& reply);  // ERR invalid expire time in 'set' command

// ---- Reading.

// What C's functions skip in front of a number.
Bytes WithoutLeadingSpace(Bytes text);

// An int64_t, or NotInteger's error.
std::optional<int64_t> IntegerArgument(Bytes text, resp::Writer& reply);
// A C int (a database's number), or one of two errors: not an integer, or out of the range that the error names.
std::optional<int> IntArgument(Bytes text, resp::Writer& reply);
// An int64_t of at least `min`, or the error `text_of_error` for whatever else it is.
std::optional<int64_t> AtLeastArgument(Bytes text, int64_t min, Bytes text_of_error, resp::Writer& reply);
// An int64_t other than the least one, so that it can be negated; or NotInteger's error, or the error that names the
// range.
std::optional<int64_t> NegatableArgument(Bytes text, resp::Writer& reply);

// A blocking command's timeout, from seconds to whole milliseconds in microseconds, 0 for none; or the error.
std::optional<int64_t> TimeoutArgument(Bytes text, resp::Writer& reply);

// A bit's place in a string, from 0 to the last one of 512 MiB; or "ERR bit offset is not an integer or out of range".
std::optional<uint64_t> BitOffsetArgument(Bytes text, resp::Writer& reply);

// Whether a string of these two lengths together is within 512 MiB; if not, writes "ERR string exceeds maximum allowed
// size (proto-max-bulk-len)".
bool StringFits(uint64_t size, uint64_t added, resp::Writer& reply);

// The arguments of SCAN and HSCAN from the cursor on.
struct ScanArguments {
  uint64_t cursor = 0;
  size_t count = 10;
  std::optional<Bytes> pattern;  // not set for "*", which matches all
  std::optional<Bytes> type;
};
enum class ScanOf : uint8_t { kKeys, kElements };  // TYPE is for keys only
// `args` begins with the cursor. HSCAN of a missing key checks its cursor but not its options in Redis: see
// ParseCursor.
std::optional<ScanArguments> ParseScan(engine::Args args, ScanOf what, resp::Writer& reply);
// The cursor alone, or "ERR invalid cursor".
std::optional<uint64_t> ParseCursor(Bytes text, resp::Writer& reply);

// The arguments of SINTERCARD and ZINTERCARD.
struct CardArguments {
  size_t keys = 0;    // from argument 2 on
  int64_t limit = 0;  // 0: none
};
std::optional<CardArguments> ParseInterCard(engine::Args args, resp::Writer& reply);

// The arguments of LMPOP, ZMPOP and those that wait: numkeys key [key ...] <one end | other end> [COUNT count], from
// argument `at` on.
struct MultiPop {
  size_t keys = 0;  // from argument `at` + 1 on
  Bytes end;        // one of the two words, in any case
  size_t count = 1;
};
std::optional<MultiPop> ParseMultiPop(engine::Args args, size_t at, Bytes one_end, Bytes other_end,
                                      resp::Writer& reply);

// The elements that a start and a stop mean, both included, negative ones counted from the end.
struct IndexRange {
  size_t first = 0;
  size_t count = 0;
};
IndexRange ClampRange(int64_t start, int64_t stop, size_t size);

// ---- Replying.

// What HSCAN and its kin reply at the end: the cursor 0 and no elements.
void WriteScanEnd(resp::Writer& reply);

// The reply of a container's HELP: its usage line, `lines`, and what HELP itself does.
void WriteHelp(Bytes container, std::initializer_list<Bytes> lines, resp::Writer& reply);

}  // namespace redislite::commands
