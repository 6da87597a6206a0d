#include "resp/command_encoder.h"

#include <algorithm>
#include <charconv>

namespace redislite::resp {

namespace {

constexpr size_t Digits(size_t number) {
  size_t digits = 1;
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

void AppendHeader(std::string& out, char marker, size_t count) {
  char text[24];
  const char* end = std::to_chars(text, text + sizeof text, count).ptr;
  out.push_back(marker);
  out.append(text, static_cast<size_t>(end - text));
  out.append("\r\n");
}

}  // namespace

size_t CommandBytes(std::span<const Bytes> args) {
  size_t bytes = 1 + Digits(args.size()) + 2;
  for (const Bytes arg : args) bytes += 1 + Digits(arg.size()) + 2 + arg.size() + 2;
  return bytes;
}

void AppendCommand(std::string& out, std::span<const Bytes> args) {
  // Room for all of it first, so that nothing below can fail; at least doubled, so that a long series stays linear.
  const size_t needed = out.size() + CommandBytes(args);
  if (needed > out.capacity()) out.reserve(std::max(needed, out.capacity() * 2));
  AppendHeader(out, '*', args.size());
  for (const Bytes arg : args) {
    AppendHeader(out, '$', arg.size());
    out.append(arg).append("\r\n");
  }
}

}  // namespace redislite::resp
