#include "format.h"

namespace redislite::cli {

void AppendReply(std::string& out, const Reply& reply, Format format) {
  switch (format) {
    case Format::kTerminal:
      return AppendTerminal(out, reply);
    case Format::kRaw:
      return AppendRaw(out, reply);
    case Format::kJson:
      return AppendJson(out, reply);
    case Format::kCsv:
      return AppendCsv(out, reply);
  }
}

}  // namespace redislite::cli
