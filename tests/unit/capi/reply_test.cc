// rl_reply: every type through every accessor, from replies that a writer made.
#include "capi/reply.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

// A reply that is freed.
class Reply {
 public:
  explicit Reply(const std::function<void(resp::Writer&)>& write) {
    resp::Writer writer(3);
    write(writer);
    const Status status = ReplyBuilder().Build(writer, &reply_);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  ~Reply() { rl_reply_free(reply_); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  operator const rl_reply*() const { return reply_; }  // NOLINT(google-explicit-constructor)

 private:
  rl_reply* reply_ = nullptr;
};

// What all accessors say of a reply; an accessor that does not apply says 0, NULL or RL_OK.
struct Expected {
  int type;
  int64_t integer = 0;
  double number = 0;
  const char* text = nullptr;
  size_t count = 0;
  int code = RL_OK;
};

void ExpectReply(const rl_reply* reply, const Expected& expected) {
  EXPECT_EQ(rl_reply_type(reply), expected.type);
  EXPECT_EQ(rl_reply_integer(reply), expected.integer);
  EXPECT_EQ(rl_reply_double(reply), expected.number);
  size_t size = 7;
  const char* text = rl_reply_string(reply, &size);
  EXPECT_EQ(text, rl_reply_string(reply, nullptr));
  if (expected.text == nullptr) {
    EXPECT_EQ(text, nullptr);
    EXPECT_EQ(size, 0u);
  } else {
    EXPECT_STREQ(text, expected.text);
    EXPECT_EQ(size, std::string(expected.text).size());
  }
  EXPECT_EQ(rl_reply_count(reply), expected.count);
  EXPECT_EQ(rl_reply_at(reply, expected.count), nullptr);
  EXPECT_EQ(rl_reply_at(reply, SIZE_MAX), nullptr);
  EXPECT_EQ(rl_reply_at(reply, 0) != nullptr, expected.count > 0);
  EXPECT_EQ(rl_reply_code(reply), expected.code);
}

TEST(Reply, NullAnswersLikeNil) {
  ExpectReply(nullptr, {.type = RL_REPLY_NIL});
  rl_reply_free(nullptr);
}

TEST(Reply, EveryTypeAnswersWhatAppliesToIt) {
  using W = resp::Writer;
  const struct {
    std::function<void(W&)> write;
    Expected expected;
  } cases[] = {
      {[](W& w) { w.Null(); }, {.type = RL_REPLY_NIL}},
      {[](W& w) { w.NullArray(); }, {.type = RL_REPLY_NIL}},
      {[](W& w) { w.Ok(); }, {.type = RL_REPLY_STATUS, .text = "OK"}},
      {[](W& w) { w.Error(Code::kType, "WRONGTYPE x"); },
       {.type = RL_REPLY_ERROR, .text = "WRONGTYPE x", .code = RL_ERR_TYPE}},
      {[](W& w) { w.Integer(-5); }, {.type = RL_REPLY_INTEGER, .integer = -5}},
      {[](W& w) { w.Integer(std::numeric_limits<int64_t>::min()); },
       {.type = RL_REPLY_INTEGER, .integer = std::numeric_limits<int64_t>::min()}},
      {[](W& w) { w.Bulk("abc"); }, {.type = RL_REPLY_STRING, .text = "abc"}},
      {[](W& w) { w.Bulk(""); }, {.type = RL_REPLY_STRING, .text = ""}},
      {[](W& w) { w.Double(2.5); }, {.type = RL_REPLY_DOUBLE, .number = 2.5, .text = "2.5"}},
      {[](W& w) { w.Double(INFINITY); }, {.type = RL_REPLY_DOUBLE, .number = INFINITY, .text = "inf"}},
      {[](W& w) { w.Boolean(true); }, {.type = RL_REPLY_BOOLEAN, .integer = 1}},
      {[](W& w) { w.Boolean(false); }, {.type = RL_REPLY_BOOLEAN}},
      {[](W& w) { w.BigNumber("123456789012345678901"); },
       {.type = RL_REPLY_BIGNUMBER, .text = "123456789012345678901"}},
      {[](W& w) { w.Verbatim("text"); }, {.type = RL_REPLY_VERBATIM, .text = "text"}},
      {[](W& w) { w.Array(0); }, {.type = RL_REPLY_ARRAY}},
      {[](W& w) { w.Map(0); }, {.type = RL_REPLY_MAP}},
      {[](W& w) { w.Array(1), w.Integer(1); }, {.type = RL_REPLY_ARRAY, .count = 1}},
      {[](W& w) { w.Map(1), w.Bulk("k"), w.Integer(1); }, {.type = RL_REPLY_MAP, .count = 2}},
      {[](W& w) { w.Set(1), w.Bulk("k"); }, {.type = RL_REPLY_SET, .count = 1}},
      {[](W& w) { w.Push(1), w.Bulk("k"); }, {.type = RL_REPLY_PUSH, .count = 1}},
  };
  for (const auto& c : cases) {
    const Reply reply(c.write);
    SCOPED_TRACE(Print(reply));
    ExpectReply(reply, c.expected);
  }
}

TEST(Reply, TextMayHoldAnyBytesAndEndsInNul) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
  const Reply reply([&](resp::Writer& w) { w.Bulk(bytes); });
  size_t size = 0;
  const char* text = rl_reply_string(reply, &size);
  EXPECT_EQ(std::string(text, size), bytes);
  EXPECT_EQ(text[size], '\0');
}

TEST(Reply, ElementsOfElementsAreReached) {
  const Reply reply([](resp::Writer& w) {
    w.Array(3);
    w.Map(1);
    w.Bulk("k");
    w.Array(2);
    w.Error(Code::kValue, "ERR a");
    w.Integer(2);
    w.Null();
    w.Error(Code::kType, "ERR b");
  });
  EXPECT_EQ(Print(reply), "[{\"k\" [-ERR a (-3) 2]} nil -ERR b (-2)]");
  EXPECT_EQ(rl_reply_code(reply), RL_OK) << "only an error has a code";
  EXPECT_EQ(rl_reply_at(reply, 0), rl_reply_at(reply, 0));
  EXPECT_EQ(rl_reply_at(reply, 3), nullptr);
}

TEST(Reply, WithoutMemoryThereIsNone) {
  resp::Writer writer(3);
  writer.Bulk(Bytes("x", std::numeric_limits<size_t>::max() / 2));
  rl_reply* reply = nullptr;
  EXPECT_EQ(ReplyBuilder().Build(writer, &reply).code(), Code::kNoMemory);
  EXPECT_EQ(reply, nullptr);
}

TEST(Reply, AMalformedOneIsRefused) {
  resp::Writer writer(3);
  writer.Array(2);
  writer.Integer(1);
  rl_reply* reply = nullptr;
  EXPECT_EQ(ReplyBuilder().Build(writer, &reply).code(), Code::kInvalid);
  EXPECT_EQ(reply, nullptr);
}

}  // namespace
}  // namespace redislite::capi
