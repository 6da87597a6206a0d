#include "format.h"
#include "split.h"

namespace redislite::cli {
namespace {

void AppendCsvValue(std::string& out, const Reply& reply) {
  switch (reply.type) {
    case RL_REPLY_NIL:
      out += "NULL";
      break;
    case RL_REPLY_INTEGER:
      out += std::to_string(reply.integer);
      break;
    case RL_REPLY_BOOLEAN:
      out += reply.integer != 0 ? "true" : "false";
      break;
    case RL_REPLY_DOUBLE:
    case RL_REPLY_BIGNUMBER:
      out += reply.text;
      break;
    case RL_REPLY_ERROR:
      out += "ERROR,";
      AppendQuoted(out, reply.text);
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_MAP:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH:
      for (size_t i = 0; i < reply.elements.size(); ++i) {
        if (i > 0) out += ',';
        AppendCsvValue(out, reply.elements[i]);
      }
      break;
    default:
      AppendQuoted(out, reply.text);
  }
}

}  // namespace

void AppendCsv(std::string& out, const Reply& reply) {
  AppendCsvValue(out, reply);
  out += '\n';
}

}  // namespace redislite::cli
