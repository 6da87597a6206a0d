#include "session/quoted.h"

namespace redislite::session {

std::string Quoted(Bytes bytes) {
  std::string text = "\"";
  for (const char byte : bytes) {
    switch (byte) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\a':
        text += "\\a";
        break;
      case '\b':
        text += "\\b";
        break;
      default:
        if (byte >= ' ' && byte <= '~') {
          text += byte;
        } else {
          constexpr char kDigits[] = "0123456789abcdef";
          const auto value = static_cast<unsigned char>(byte);
          text.append("\\x").append(1, kDigits[value >> 4]).append(1, kDigits[value & 15]);
        }
    }
  }
  return text += '"';
}

}  // namespace redislite::session
