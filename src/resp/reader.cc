#include "resp/reader.h"

namespace redislite::resp {

namespace {

// "$0\r\n\r\n": no argument takes fewer bytes, so a payload of n bytes cannot hold more than n / 6 of them.
constexpr size_t kArgumentBytesMin = 6;

}  // namespace

bool CommandReader::ReadLineEnd(size_t& at) const {
  for (const char expected : {'\r', '\n'}) {
    if (at == payload_.size() || payload_[at] != expected) return false;
    ++at;
  }
  return true;
}

bool CommandReader::ReadHeader(char marker, size_t& at, uint64_t& count) const {
  if (at == payload_.size() || payload_[at] != marker) return false;
  ++at;
  const size_t first = at;
  count = 0;
  while (at < payload_.size() && payload_[at] >= '0' && payload_[at] <= '9') {
    if (at > first && count == 0) return false;  // a leading zero
    // What is larger than the whole payload cannot be right, and stopping here rules out overflow.
    count = count * 10 + static_cast<uint64_t>(payload_[at] - '0');
    if (count > payload_.size()) return false;
    ++at;
  }
  return at > first && ReadLineEnd(at);
}

CommandReader::Outcome CommandReader::Next(std::vector<Bytes>& argv) {
  argv.clear();
  if (malformed_) return Outcome::kMalformed;
  if (offset_ == payload_.size()) return Outcome::kEnd;

  const auto malformed = [&](size_t at) {
    argv.clear();
    offset_ = at;
    malformed_ = true;
    return Outcome::kMalformed;
  };

  size_t at = offset_;
  uint64_t arguments = 0;
  if (!ReadHeader('*', at, arguments)) return malformed(at);
  if (arguments == 0 || arguments > (payload_.size() - at) / kArgumentBytesMin) return malformed(offset_ + 1);
  argv.reserve(arguments);
  for (uint64_t i = 0; i < arguments; ++i) {
    const size_t header = at;
    uint64_t size = 0;
    if (!ReadHeader('$', at, size)) return malformed(at);
    if (size > payload_.size() - at) return malformed(header + 1);
    argv.push_back(payload_.substr(at, size));
    at += size;
    if (!ReadLineEnd(at)) return malformed(at);
  }
  offset_ = at;
  return Outcome::kCommand;
}

}  // namespace redislite::resp
