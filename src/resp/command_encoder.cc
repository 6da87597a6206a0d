#include "resp/command_encoder.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace redislite::resp {

namespace {

constexpr size_t Digits(size_t number) {
  size_t digits = 1;
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

char* PutHeader(char* at, char marker, size_t count) {
  *at++ = marker;
  at = std::to_chars(at, at + std::numeric_limits<size_t>::digits10 + 1, count).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
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
  char* at = out.data() + out.size();
  out.resize(needed);
  at = PutHeader(at, '*', args.size());
  for (const Bytes arg : args) {
    at = PutHeader(at, '$', arg.size());
    at = std::copy(arg.begin(), arg.end(), at);
    *at++ = '\r';
    *at++ = '\n';
  }
}

}  // namespace redislite::resp
