#include "commands/arguments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"

namespace redislite::commands {
namespace {

char Lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

}  // namespace

bool EqualsIgnoreCase(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

Bytes WithoutLeadingSpace(Bytes text) {
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
    text.remove_prefix(1);
  }
  return text;
}

bool IsNamed(const engine::Command& command, Bytes name) { return command.name == name; }

void WriteSyntaxError(resp::Writer& reply) { reply.Error(Code::kCommand, "ERR syntax error"); }

void WriteNotInteger(resp::Writer& reply) { reply.Error(Code::kValue, "ERR value is not an integer or out of range"); }

void WriteBadExpiry(Bytes command, resp::Writer& reply) {
  reply.Error(Code::kValue, std::string("ERR invalid expire time in '").append(command).append("' command"));
}

std::optional<int64_t> IntegerArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = ParseInt64(text);
  if (!value) WriteNotInteger(reply);
  return value;
}

std::optional<int> IntArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = IntegerArgument(text, reply);
  if (!value) return {};
  if (*value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    reply.Error(Code::kValue, "ERR value is out of range, value must between -2147483648 and 2147483647");
    return {};
  }
  return static_cast<int>(*value);
}

std::optional<int64_t> AtLeastArgument(Bytes text, int64_t min, Bytes text_of_error, resp::Writer& reply) {
  const std::optional<int64_t> value = ParseInt64(text);
  if (value && *value >= min) return value;
  reply.Error(Code::kValue, text_of_error);
  return {};
}

std::optional<int64_t> NegatableArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = IntegerArgument(text, reply);
  if (!value || *value != std::numeric_limits<int64_t>::min()) return value;
  reply.Error(Code::kValue,
              "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
  return {};
}

std::optional<int64_t> TimeoutArgument(Bytes text, resp::Writer& reply) {
  const std::optional<double> seconds = ParseDouble(text);
  if (!seconds || std::isnan(*seconds)) {
    reply.Error(Code::kValue, "ERR timeout is not a float or out of range");
    return {};
  }
  if (*seconds < 0) {
    reply.Error(Code::kValue, "ERR timeout is negative");
    return {};
  }
  constexpr double kSecondsMax = 9e12;  // its microseconds, added to a clock, still fit
  if (*seconds > kSecondsMax) {
    reply.Error(Code::kValue, "ERR timeout is out of range");
    return {};
  }
  return static_cast<int64_t>(std::ceil(*seconds * 1e3)) * 1000;
}

std::optional<uint64_t> BitOffsetArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> offset = ParseInt64(text);
  if (offset && *offset >= 0 && static_cast<uint64_t>(*offset) / 8 < kValueBytesMax) {
    return static_cast<uint64_t>(*offset);
  }
  reply.Error(Code::kValue, "ERR bit offset is not an integer or out of range");
  return {};
}

bool StringFits(uint64_t size, uint64_t added, resp::Writer& reply) {
  if (size <= kValueBytesMax && added <= kValueBytesMax - size) return true;
  reply.Error(Code::kLimit, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  return false;
}

std::optional<uint64_t> ParseCursor(Bytes text, resp::Writer& reply) {
  const std::optional<uint64_t> cursor = ParseUint64(text);
  if (!cursor) reply.Error(Code::kValue, "ERR invalid cursor");
  return cursor;
}

std::optional<ScanArguments> ParseScan(engine::Args args, ScanOf what, resp::Writer& reply) {
  ScanArguments scan;
  const std::optional<uint64_t> cursor = ParseCursor(args[0], reply);
  if (!cursor) return {};
  scan.cursor = *cursor;
  for (size_t i = 1; i < args.size(); i += 2) {
    if (i + 1 == args.size()) {
      WriteSyntaxError(reply);
      return {};
    }
    const Bytes option = args[i];
    const Bytes value = args[i + 1];
    if (EqualsIgnoreCase(option, "count")) {
      const std::optional<int64_t> count = IntegerArgument(value, reply);
      if (!count) return {};
      if (*count < 1) {
        WriteSyntaxError(reply);
        return {};
      }
      scan.count = static_cast<size_t>(*count);
    } else if (EqualsIgnoreCase(option, "match")) {
      scan.pattern = value == "*" ? std::nullopt : std::optional(value);
    } else if (what == ScanOf::kKeys && EqualsIgnoreCase(option, "type")) {
      scan.type = value;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return scan;
}

std::optional<MultiPop> ParseMultiPop(engine::Args args, size_t at, Bytes one_end, Bytes other_end,
                                      resp::Writer& reply) {
  const auto syntax_error = [&reply] {
    WriteSyntaxError(reply);
    return std::nullopt;
  };
  const std::optional<int64_t> keys = AtLeastArgument(args[at], 1, "ERR numkeys should be greater than 0", reply);
  if (!keys) return {};
  MultiPop pop;
  pop.keys = static_cast<size_t>(*keys);
  if (pop.keys > args.size() - 2 - at) return syntax_error();  // the end is missing
  pop.end = args[at + 1 + pop.keys];
  if (!EqualsIgnoreCase(pop.end, one_end) && !EqualsIgnoreCase(pop.end, other_end)) return syntax_error();
  std::optional<int64_t> count;
  for (size_t i = at + 2 + pop.keys; i < args.size(); i += 2) {
    if (count || i + 1 == args.size() || !EqualsIgnoreCase(args[i], "count")) return syntax_error();
    count = AtLeastArgument(args[i + 1], 1, "ERR count should be greater than 0", reply);
    if (!count) return {};
  }
  if (count) pop.count = static_cast<size_t>(*count);
  return pop;
}

IndexRange ClampRange(int64_t start, int64_t stop, size_t size) {
  const auto length = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (stop < 0) stop += length;
  stop = std::min(stop, length - 1);
  if (start > stop) return {};
  return {static_cast<size_t>(start), static_cast<size_t>(stop - start + 1)};
}

std::optional<CardArguments> ParseInterCard(engine::Args args, resp::Writer& reply) {
  CardArguments card;
  const std::optional<int64_t> keys = AtLeastArgument(args[1], 1, "ERR numkeys should be greater than 0", reply);
  if (!keys) return {};
  if (static_cast<uint64_t>(*keys) > args.size() - 2) {
    reply.Error(Code::kCommand, "ERR Number of keys can't be greater than number of args");
    return {};
  }
  card.keys = static_cast<size_t>(*keys);
  for (size_t i = 2 + card.keys; i < args.size(); i += 2) {
    if (!EqualsIgnoreCase(args[i], "limit") || i + 1 == args.size()) {
      WriteSyntaxError(reply);
      return {};
    }
    const std::optional<int64_t> limit = AtLeastArgument(args[i + 1], 0, "ERR LIMIT can't be negative", reply);
    if (!limit) return {};
    card.limit = *limit;
  }
  return card;
}

void WriteScanEnd(resp::Writer& reply) {
  reply.Array(2);
  reply.Bulk("0");
  reply.Array(0);
}

void WriteHelp(Bytes container, std::initializer_list<Bytes> lines, resp::Writer& reply) {
  reply.Array(lines.size() + 3);
  reply.Status(std::string(container).append(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
  for (const Bytes line : lines) reply.Status(line);
  reply.Status("HELP");
  reply.Status("    Prints this help.");
}

}  // namespace redislite::commands
