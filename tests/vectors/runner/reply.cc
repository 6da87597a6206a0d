#include "reply.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace vectors {
namespace {

bool IsPrintable(unsigned char c) { return c >= 0x20 && c < 0x7f; }

std::string PrintElements(const Reply& reply) {
  const bool map = reply.type == Reply::Type::kMap;
  std::string out;
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out += map && i % 2 == 1 ? ": " : ", ";
    out += Print(reply.elements[i]);
  }
  return out;
}

// Whether the items of `a` and `b`, `width` replies each (a map's item is a key with its value), are the same in some
// order.
bool SameUnordered(const std::vector<Reply>& a, const std::vector<Reply>& b, size_t width) {
  if (a.size() != b.size() || a.size() % width != 0) return false;
  std::vector<bool> taken(b.size() / width, false);
  for (size_t i = 0; i < a.size(); i += width) {
    bool found = false;
    for (size_t j = 0; j < taken.size() && !found; ++j) {
      if (taken[j]) continue;
      bool equal = true;
      for (size_t k = 0; k < width && equal; ++k) equal = Same(a[i + k], b[j * width + k]);
      if (equal) taken[j] = found = true;
    }
    if (!found) return false;
  }
  return true;
}

}  // namespace

Reply Problem(const std::string& text) {
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.text = text;
  return reply;
}

std::string Quote(const std::string& bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (IsPrintable(static_cast<unsigned char>(c))) {
      out += c;
    } else {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += hex;
    }
  }
  return out + "\"";
}

std::string Print(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::kNil:
      return "(nil)";
    case Reply::Type::kStatus:
      return "+" + reply.text;
    case Reply::Type::kError:
      return "-" + reply.text;
    case Reply::Type::kInteger:
      return ":" + std::to_string(reply.integer);
    case Reply::Type::kString:
      return Quote(reply.text);
    case Reply::Type::kArray:
      return "[" + PrintElements(reply) + "]";
    case Reply::Type::kDouble: {
      char text[64];
      std::snprintf(text, sizeof text, ",%.17g", reply.number);
      return text;
    }
    case Reply::Type::kBoolean:
      return reply.integer != 0 ? "#t" : "#f";
    case Reply::Type::kMap:
      return "{" + PrintElements(reply) + "}";
    case Reply::Type::kSet:
      return "~[" + PrintElements(reply) + "]";
    case Reply::Type::kBigNumber:
      return "(" + reply.text;
    case Reply::Type::kVerbatim:
      return "=" + Quote(reply.text);
    case Reply::Type::kPush:
      return "push [" + PrintElements(reply) + "]";
  }
  return "?";
}

bool Same(const Reply& a, const Reply& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case Reply::Type::kNil:
      return true;
    case Reply::Type::kStatus:
    case Reply::Type::kError:
    case Reply::Type::kString:
    case Reply::Type::kBigNumber:
    case Reply::Type::kVerbatim:
      return a.text == b.text;
    case Reply::Type::kInteger:
    case Reply::Type::kBoolean:
      return a.integer == b.integer;
    case Reply::Type::kDouble:
      return !(a.number < b.number) && !(a.number > b.number);
    case Reply::Type::kMap:
      return SameUnordered(a.elements, b.elements, 2);
    case Reply::Type::kSet:
      return SameUnordered(a.elements, b.elements, 1);
    case Reply::Type::kArray:
    case Reply::Type::kPush:
      return std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(), Same);
  }
  return false;
}

}  // namespace vectors
