#include "format.h"
#include "split.h"

namespace redislite::cli {
namespace {

void AppendNested(std::string& out, const Reply& reply, const std::string& prefix);

bool IsAggregate(const Reply& reply) {
  return reply.type == RL_REPLY_ARRAY || reply.type == RL_REPLY_MAP || reply.type == RL_REPLY_SET;
}

// The elements of an array, numbered and right-aligned; `prefix` is what every line but the first begins with.
void AppendElements(std::string& out, const Reply& reply, const std::string& prefix) {
  const bool is_map = reply.type == RL_REPLY_MAP;
  const char mark = is_map ? '#' : reply.type == RL_REPLY_SET ? '~' : ')';
  const size_t step = is_map ? 2 : 1;
  const size_t width = std::to_string(reply.elements.size() / step).size();
  const std::string inner = prefix + std::string(width + 2, ' ');
  for (size_t i = 0; i + step <= reply.elements.size(); i += step) {
    const std::string number = std::to_string(i / step + 1);
    if (i > 0) out += prefix;
    out.append(width - number.size(), ' ');
    ((out += number) += mark) += ' ';
    AppendNested(out, reply.elements[i], inner);
    if (is_map) {
      out.pop_back();
      out += " => ";
      // An aggregate begins on a line of its own, unless it is empty and has none.
      const Reply& value = reply.elements[i + 1];
      if (IsAggregate(value) && !value.elements.empty()) (out += '\n') += inner;
      AppendNested(out, value, inner);
    }
  }
}

const char* EmptyText(int type) {
  switch (type) {
    case RL_REPLY_MAP:
      return "(empty hash)\n";
    case RL_REPLY_SET:
      return "(empty set)\n";
    case RL_REPLY_PUSH:
      return "(empty push)\n";
    default:
      return "(empty array)\n";
  }
}

void AppendNested(std::string& out, const Reply& reply, const std::string& prefix) {
  switch (reply.type) {
    case RL_REPLY_NIL:
      out += "(nil)\n";
      break;
    case RL_REPLY_ERROR:
      ((out += "(error) ") += reply.text) += '\n';
      break;
    case RL_REPLY_INTEGER:
      ((out += "(integer) ") += std::to_string(reply.integer)) += '\n';
      break;
    case RL_REPLY_DOUBLE:
      ((out += "(double) ") += reply.text) += '\n';
      break;
    case RL_REPLY_BOOLEAN:
      out += reply.integer != 0 ? "(true)\n" : "(false)\n";
      break;
    case RL_REPLY_STRING:
      AppendQuoted(out, reply.text);
      out += '\n';
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_MAP:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH:
      if (reply.elements.empty()) {
        out += EmptyText(reply.type);
      } else {
        AppendElements(out, reply, prefix);
      }
      break;
    default:
      (out += reply.text) += '\n';  // status, verbatim, big number
  }
}

}  // namespace

void AppendTerminal(std::string& out, const Reply& reply) { AppendNested(out, reply, ""); }

}  // namespace redislite::cli
