#include "capi/reply.h"

#include <type_traits>

using redislite::resp::ReplyNode;
using redislite::resp::ReplyTree;
using redislite::resp::ReplyType;

namespace redislite::capi {

static_assert(static_cast<int>(ReplyType::kNil) == RL_REPLY_NIL);
static_assert(static_cast<int>(ReplyType::kStatus) == RL_REPLY_STATUS);
static_assert(static_cast<int>(ReplyType::kError) == RL_REPLY_ERROR);
static_assert(static_cast<int>(ReplyType::kInteger) == RL_REPLY_INTEGER);
static_assert(static_cast<int>(ReplyType::kString) == RL_REPLY_STRING);
static_assert(static_cast<int>(ReplyType::kArray) == RL_REPLY_ARRAY);
static_assert(static_cast<int>(ReplyType::kDouble) == RL_REPLY_DOUBLE);
static_assert(static_cast<int>(ReplyType::kBoolean) == RL_REPLY_BOOLEAN);
static_assert(static_cast<int>(ReplyType::kMap) == RL_REPLY_MAP);
static_assert(static_cast<int>(ReplyType::kSet) == RL_REPLY_SET);
static_assert(static_cast<int>(ReplyType::kBigNumber) == RL_REPLY_BIGNUMBER);
static_assert(static_cast<int>(ReplyType::kVerbatim) == RL_REPLY_VERBATIM);
static_assert(static_cast<int>(ReplyType::kPush) == RL_REPLY_PUSH);

// What makes a pointer to the root a pointer to its tree.
static_assert(std::is_standard_layout_v<ReplyTree>);

namespace {

const ReplyNode* NodeOf(const rl_reply* reply) { return reinterpret_cast<const ReplyNode*>(reply); }
const rl_reply* ReplyOf(const ReplyNode* node) { return reinterpret_cast<const rl_reply*>(node); }

}  // namespace

Status ReplyBuilder::Build(resp::Writer& writer, rl_reply** out) {
  if (writer.out_of_memory()) return {Code::kNoMemory, "out of memory for the reply"};
  if (!tree_->Decode(writer.Take(), writer.error_codes()))
    return {Code::kInvalid, "the command wrote a malformed reply"};
  *out = reinterpret_cast<rl_reply*>(tree_.release());
  return Status::Ok();
}

Bytes ErrorText(const resp::Writer& writer) {
  Bytes bytes = writer.bytes();
  if (bytes.size() < 3 || bytes.front() != '-') return {};
  bytes.remove_prefix(1);
  bytes.remove_suffix(2);
  return bytes;
}

}  // namespace redislite::capi

using redislite::capi::NodeOf;
using redislite::capi::ReplyOf;

extern "C" {

int rl_reply_type(const rl_reply* reply) {
  return reply == nullptr ? RL_REPLY_NIL : static_cast<int>(NodeOf(reply)->type);
}

int64_t rl_reply_integer(const rl_reply* reply) {
  if (reply == nullptr) return 0;
  const ReplyNode* node = NodeOf(reply);
  return node->type == ReplyType::kInteger || node->type == ReplyType::kBoolean ? node->integer : 0;
}

double rl_reply_double(const rl_reply* reply) {
  if (reply == nullptr) return 0;
  const ReplyNode* node = NodeOf(reply);
  return node->type == ReplyType::kDouble ? node->number : 0;
}

const char* rl_reply_string(const rl_reply* reply, size_t* len) {
  const ReplyNode* node = reply != nullptr && NodeOf(reply)->has_text() ? NodeOf(reply) : nullptr;
  if (len != nullptr) *len = node == nullptr ? 0 : node->size;
  return node == nullptr ? nullptr : node->text;
}

size_t rl_reply_count(const rl_reply* reply) {
  return reply != nullptr && NodeOf(reply)->has_children() ? NodeOf(reply)->size : 0;
}

const rl_reply* rl_reply_at(const rl_reply* reply, size_t index) {
  return index < rl_reply_count(reply) ? ReplyOf(NodeOf(reply)->children + index) : nullptr;
}

int rl_reply_code(const rl_reply* reply) {
  return reply != nullptr && NodeOf(reply)->type == ReplyType::kError ? static_cast<int>(NodeOf(reply)->code) : RL_OK;
}

void rl_reply_free(rl_reply* reply) { delete reinterpret_cast<ReplyTree*>(reply); }

}  // extern "C"
