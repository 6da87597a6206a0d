#include "reply.h"

#include <algorithm>

#include "split.h"

namespace redislite::cli {
namespace {

// RESP3 gives [[field, value], ...] where RESP2 gives [field, value, ...].
void Flatten(Reply& reply) {
  std::vector<Reply> flat;
  flat.reserve(reply.elements.size() * 2);
  for (Reply& pair : reply.elements) {
    for (Reply& element : pair.elements) flat.push_back(std::move(element));
  }
  reply.elements = std::move(flat);
}

bool AsksForPairs(const Words& command) {
  if (command.empty()) return false;
  const bool pops = EqualIgnoringCase(command[0], "ZPOPMIN") || EqualIgnoringCase(command[0], "ZPOPMAX");
  if (pops) return command.size() > 2;
  return std::any_of(command.begin() + 1, command.end(), [](const std::string& word) {
    return EqualIgnoringCase(word, "WITHVALUES") || EqualIgnoringCase(word, "WITHSCORES");
  });
}

bool IsPair(const Reply& reply) { return reply.type == RL_REPLY_ARRAY && reply.elements.size() == 2; }

}  // namespace

Reply View(const rl_reply* reply) {
  Reply view;
  view.type = rl_reply_type(reply);
  view.code = rl_reply_code(reply);
  switch (view.type) {
    case RL_REPLY_INTEGER:
    case RL_REPLY_BOOLEAN:
      view.integer = rl_reply_integer(reply);
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_MAP:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH: {
      const size_t count = rl_reply_count(reply);
      view.elements.reserve(count);
      for (size_t i = 0; i < count; ++i) view.elements.push_back(View(rl_reply_at(reply, i)));
      break;
    }
    case RL_REPLY_DOUBLE:
      view.number = rl_reply_double(reply);
      [[fallthrough]];
    default: {
      size_t length = 0;
      const char* text = rl_reply_string(reply, &length);
      if (text != nullptr) view.text = {text, length};
    }
  }
  return view;
}

Reply AsResp2(Reply reply, const Words& command) {
  switch (reply.type) {
    case RL_REPLY_DOUBLE:
    case RL_REPLY_BIGNUMBER:
    case RL_REPLY_VERBATIM:
      reply.type = RL_REPLY_STRING;
      break;
    case RL_REPLY_BOOLEAN:
      reply.type = RL_REPLY_INTEGER;
      break;
    case RL_REPLY_ARRAY:
    case RL_REPLY_MAP:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH:
      reply.type = RL_REPLY_ARRAY;
      for (Reply& element : reply.elements) element = AsResp2(std::move(element), {});
      if (AsksForPairs(command) && std::all_of(reply.elements.begin(), reply.elements.end(), IsPair)) Flatten(reply);
      break;
    default:
      break;
  }
  return reply;
}

}  // namespace redislite::cli
