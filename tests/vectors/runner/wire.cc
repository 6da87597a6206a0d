#include "wire.h"

#include <cstdlib>

namespace vectors {
namespace {

using Type = Reply::Type;

Reply Text(Type type, const std::string& text) {
  Reply reply;
  reply.type = type;
  reply.text = text;
  return reply;
}

bool ParseLength(const std::string& text, long long* out) {
  char* end = nullptr;
  *out = std::strtoll(text.c_str(), &end, 10);
  return !text.empty() && *end == '\0' && *out >= -1;
}

}  // namespace

std::string EncodeRequest(const std::vector<std::string>& words) {
  std::string request = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) request += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return request;
}

Decoded DecodeReply(const std::string& bytes, size_t* at, Reply* out) {
  const size_t end = bytes.find("\r\n", *at);
  if (end == std::string::npos) return Decoded::kIncomplete;
  if (end == *at) return Decoded::kMalformed;
  const char kind = bytes[*at];
  const std::string rest = bytes.substr(*at + 1, end - *at - 1);
  const size_t behind = end + 2;
  *out = {};
  switch (kind) {
    case '+':
      *out = Text(Type::kStatus, rest);
      break;
    case '-':
      *out = Text(Type::kError, rest);
      break;
    case '(':
      *out = Text(Type::kBigNumber, rest);
      break;
    case '_':
      break;
    case ':':
      out->type = Type::kInteger;
      out->integer = std::atoll(rest.c_str());
      break;
    case ',':
      *out = Text(Type::kDouble, rest);
      out->number = std::strtod(rest.c_str(), nullptr);
      break;
    case '#':
      if (rest != "t" && rest != "f") return Decoded::kMalformed;
      out->type = Type::kBoolean;
      out->integer = rest == "t" ? 1 : 0;
      break;
    case '$':
    case '=': {
      long long length = 0;
      if (!ParseLength(rest, &length)) return Decoded::kMalformed;
      if (length < 0) break;
      const auto size = static_cast<size_t>(length);
      if (bytes.size() < behind + size + 2) return Decoded::kIncomplete;
      if (bytes.compare(behind + size, 2, "\r\n") != 0) return Decoded::kMalformed;
      *out = Text(kind == '$' ? Type::kString : Type::kVerbatim, bytes.substr(behind, size));
      if (kind == '=') out->text.erase(0, 4);  // "txt:"
      *at = behind + size + 2;
      return Decoded::kReply;
    }
    case '*':
    case '%':
    case '~':
    case '>': {
      long long count = 0;
      if (!ParseLength(rest, &count)) return Decoded::kMalformed;
      if (count < 0) break;
      out->type = kind == '*' ? Type::kArray : kind == '%' ? Type::kMap : kind == '~' ? Type::kSet : Type::kPush;
      size_t next = behind;
      for (long long i = 0; i < count * (kind == '%' ? 2 : 1); ++i) {
        out->elements.emplace_back();
        const Decoded element = DecodeReply(bytes, &next, &out->elements.back());
        if (element != Decoded::kReply) return element;
      }
      *at = next;
      return Decoded::kReply;
    }
    default:
      return Decoded::kMalformed;
  }
  *at = behind;
  return Decoded::kReply;
}

}  // namespace vectors
