#include "format.h"

namespace redislite::cli {
namespace {

void AppendBare(std::string& out, const Reply& reply) {
  switch (reply.type) {
    case RL_REPLY_NIL:
      break;
    case RL_REPLY_INTEGER:
      out += std::to_string(reply.integer);
      break;
    case RL_REPLY_BOOLEAN:
      out += reply.integer != 0 ? "(true)" : "(false)";
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH:
    case RL_REPLY_MAP:
      for (size_t i = 0; i < reply.elements.size(); ++i) {
        if (i > 0) out += reply.type == RL_REPLY_MAP && i % 2 == 1 ? ' ' : '\n';
        AppendBare(out, reply.elements[i]);
      }
      break;
    default:
      out += reply.text;
  }
}

}  // namespace

void AppendRaw(std::string& out, const Reply& reply) {
  AppendBare(out, reply);
  out += '\n';
}

}  // namespace redislite::cli
