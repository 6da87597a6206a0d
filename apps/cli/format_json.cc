#include <cmath>

#include "format.h"
#include "utf8.h"

namespace redislite::cli {
namespace {

void AppendJsonValue(std::string& out, const Reply& reply);

void AppendUnicodeEscape(std::string& out, unsigned char code) {
  constexpr char kHex[] = "0123456789abcdef";
  ((out += "\\u00") += kHex[code >> 4]) += kHex[code & 15];
}

// A map's key must be a string in JSON: another value becomes the string of its JSON text.
void AppendMapKey(std::string& out, const Reply& key) {
  if (key.type == RL_REPLY_STRING || key.type == RL_REPLY_STATUS) {
    AppendJsonString(out, key.text);
    return;
  }
  std::string text;
  AppendJsonValue(text, key);
  AppendJsonString(out, text);
}

void AppendMap(std::string& out, const Reply& reply) {
  out += '{';
  for (size_t i = 0; i + 2 <= reply.elements.size(); i += 2) {
    if (i > 0) out += ',';
    AppendMapKey(out, reply.elements[i]);
    out += ':';
    AppendJsonValue(out, reply.elements[i + 1]);
  }
  out += '}';
}

void AppendArray(std::string& out, const Reply& reply) {
  out += '[';
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonValue(out, reply.elements[i]);
  }
  out += ']';
}

void AppendJsonValue(std::string& out, const Reply& reply) {
  switch (reply.type) {
    case RL_REPLY_NIL:
      out += "null";
      break;
    case RL_REPLY_INTEGER:
      out += std::to_string(reply.integer);
      break;
    case RL_REPLY_BOOLEAN:
      out += reply.integer != 0 ? "true" : "false";
      break;
    case RL_REPLY_BIGNUMBER:
      out += reply.text;
      break;
    case RL_REPLY_DOUBLE:
      if (std::isfinite(reply.number)) {
        out += reply.text;
      } else {
        AppendJsonString(out, reply.text);  // JSON has no infinity
      }
      break;
    case RL_REPLY_ERROR:
      out += "{\"error\":";
      AppendJsonString(out, reply.text);
      out += '}';
      break;
    case RL_REPLY_MAP:
      AppendMap(out, reply);
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH:
      AppendArray(out, reply);
      break;
    default:
      AppendJsonString(out, reply.text);
  }
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view bytes) {
  const bool is_text = IsUtf8(bytes);
  out += '"';
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !is_text)) {
          AppendUnicodeEscape(out, byte);
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void AppendJson(std::string& out, const Reply& reply) {
  AppendJsonValue(out, reply);
  out += '\n';
}

}  // namespace redislite::cli
