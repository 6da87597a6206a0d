#include "framing.h"

#include <charconv>
#include <cstdint>

namespace redislite::server {
namespace {

constexpr size_t kHeaderBytes = 4;

// No client sends this line, for the session ends at it: it is how an error of ours gets its place behind the replies
// that are still to come.
constexpr std::string_view kNonsense = "\"\r\n";
constexpr std::string_view kReplyToNonsense = "-ERR Protocol error: unbalanced quotes in request\r\n";

uint32_t ReadLength(std::string_view header) {
  uint32_t length = 0;
  for (size_t i = kHeaderBytes; i-- > 0;) length = length << 8 | static_cast<uint8_t>(header[i]);
  return length;
}

void AppendFrame(std::string_view payload, std::string& out) {
  for (size_t i = 0; i < kHeaderBytes; ++i) out += static_cast<char>(payload.size() >> 8 * i & 0xFF);
  out += payload;
}

// Takes "<type><number>\r\n" off the front.
bool TakeNumber(std::string_view& bytes, char type, size_t& number) {
  const size_t end = bytes.find("\r\n");
  if (bytes.empty() || bytes[0] != type || end == std::string_view::npos) return false;
  const char* last = bytes.data() + end;
  const auto [stopped, code] = std::from_chars(bytes.data() + 1, last, number);
  if (code != std::errc() || stopped != last || end == 1) return false;
  bytes.remove_prefix(end + 2);
  return true;
}

}  // namespace

bool IsOneRequest(std::string_view bytes) {
  size_t count = 0;
  if (!TakeNumber(bytes, '*', count) || count == 0) return false;
  for (; count > 0; --count) {
    size_t size = 0;
    if (!TakeNumber(bytes, '$', size) || bytes.size() < 2 || size > bytes.size() - 2) return false;
    if (bytes.substr(size, 2) != "\r\n") return false;
    bytes.remove_prefix(size + 2);
  }
  return bytes.empty();
}

size_t ReplySize(std::string_view bytes) {
  size_t at = 0;
  for (uint64_t values = 1; values > 0; --values) {
    const size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) return 0;
    const char type = bytes[at];
    int64_t number = 0;  // stays 0 where no number follows
    (void)std::from_chars(bytes.data() + at + 1, bytes.data() + end, number);
    const uint64_t count = number > 0 ? static_cast<uint64_t>(number) : 0;
    at = end + 2;
    switch (type) {
      case '$':
      case '=':
      case '!':
        if (number >= 0) at += count + 2;
        break;
      case '*':
      case '~':
      case '>':
        values += count;
        break;
      case '%':
        values += 2 * count;
        break;
      case '|':  // attributes, and then what they are of
        values += 2 * count + 1;
        break;
      default:
        break;
    }
    if (at > bytes.size()) return 0;
  }
  return at;
}

int Framing::Feed(rl_session* session, std::string_view bytes) {
  std::string requests;
  requests.reserve(bytes.size() + 2);
  if (!partial_.empty()) {
    // Only as much as ends the frame that has begun: what follows is taken where it lies.
    const auto fill = [&](size_t size) {
      if (partial_.size() >= size) return;
      const std::string_view more = bytes.substr(0, size - partial_.size());
      partial_ += more;
      bytes.remove_prefix(more.size());
    };
    fill(kHeaderBytes);
    if (partial_.size() >= kHeaderBytes && ReadLength(partial_) <= bytes_max_) {
      fill(kHeaderBytes + ReadLength(partial_));
    }
    std::string_view begun = partial_;
    if (TakeFrame(begun, requests)) std::string().swap(partial_);
  }
  if (partial_.empty()) {
    while (last_reply_.empty() && TakeFrame(bytes, requests)) {
    }
    if (last_reply_.empty()) partial_ = bytes;
  }
  return rl_session_feed(session, requests.data(), requests.size());
}

bool Framing::TakeFrame(std::string_view& bytes, std::string& requests) {
  if (bytes.size() < kHeaderBytes) return false;
  const size_t length = ReadLength(bytes);
  if (length > bytes_max_) {
    Refuse("a frame of " + std::to_string(length) + " bytes; at most " + std::to_string(bytes_max_) + " are allowed",
           requests);
    return true;
  }
  if (bytes.size() - kHeaderBytes < length) return false;
  std::string_view payload = bytes.substr(kHeaderBytes, length);
  bytes.remove_prefix(kHeaderBytes + length);
  if (payload.starts_with('*')) {
    if (!IsOneRequest(payload)) return Refuse("a frame that is not one whole request", requests), true;
    requests += payload;
    return true;
  }
  while (payload.ends_with('\n') || payload.ends_with('\r')) payload.remove_suffix(1);
  if (payload.find_first_not_of(" \t") == std::string_view::npos) return Refuse("an empty frame", requests), true;
  if (payload.find('\n') != std::string_view::npos) return Refuse("a frame of several lines", requests), true;
  requests.append(payload).append("\r\n");
  return true;
}

void Framing::Refuse(const std::string& why, std::string& requests) {
  last_reply_ = "-ERR Protocol error: " + why + "\r\n";
  requests += kNonsense;
}

int Framing::Collect(rl_session* session, size_t enough, std::string& out) {
  while (true) {
    const void* data = nullptr;
    size_t size = 0;
    const int code = rl_session_peek(session, &data, &size);
    if (code != RL_OK) return code;
    const std::string_view ready(static_cast<const char*>(data), size);
    size_t used = 0;
    while (out.size() < enough) {
      const size_t reply_size = ReplySize(ready.substr(used));
      if (reply_size == 0) break;
      const std::string_view reply = ready.substr(used, reply_size);
      AppendFrame(!last_reply_.empty() && reply == kReplyToNonsense ? std::string_view(last_reply_) : reply, out);
      used += reply_size;
    }
    if (used == 0) return RL_OK;
    (void)rl_session_consume(session, used);
  }
}

}  // namespace redislite::server
