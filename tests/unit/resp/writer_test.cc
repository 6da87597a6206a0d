// Writer: the bytes of every reply in both protocols, and what happens when memory runs out. ReplyTree is the simpler
// truth for whole replies made at random.
#include "resp/writer.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>

#include "base/buffer.h"
#include "base/random.h"
#include "resp/reply.h"

namespace redislite::resp {
namespace {

struct Row {
  const char* name;
  std::function<void(Writer&)> write;
  Bytes resp2;
  Bytes resp3;
};

TEST(Writer, WritesEveryTypeInBothProtocols) {
  const Row rows[] = {
      {"status", [](Writer& w) { w.Status("PONG"); }, "+PONG\r\n", "+PONG\r\n"},
      {"ok", [](Writer& w) { w.Ok(); }, "+OK\r\n", "+OK\r\n"},
      {"error", [](Writer& w) { w.Error(Code::kType, "WRONGTYPE x"); }, "-WRONGTYPE x\r\n", "-WRONGTYPE x\r\n"},
      {"integer", [](Writer& w) { w.Integer(-7); }, ":-7\r\n", ":-7\r\n"},
      {"smallest", [](Writer& w) { w.Integer(std::numeric_limits<int64_t>::min()); }, ":-9223372036854775808\r\n",
       ":-9223372036854775808\r\n"},
      {"bulk", [](Writer& w) { w.Bulk(Bytes("a\0\r\n", 4)); }, Bytes("$4\r\na\0\r\n\r\n", 10),
       Bytes("$4\r\na\0\r\n\r\n", 10)},
      {"empty", [](Writer& w) { w.Bulk(""); }, "$0\r\n\r\n", "$0\r\n\r\n"},
      {"bulk integer", [](Writer& w) { w.BulkInteger(-12); }, "$3\r\n-12\r\n", "$3\r\n-12\r\n"},
      {"null", [](Writer& w) { w.Null(); }, "$-1\r\n", "_\r\n"},
      {"null array", [](Writer& w) { w.NullArray(); }, "*-1\r\n", "_\r\n"},
      {"double", [](Writer& w) { w.Double(0.5); }, "$3\r\n0.5\r\n", ",0.5\r\n"},
      {"infinity", [](Writer& w) { w.Double(-std::numeric_limits<double>::infinity()); }, "$4\r\n-inf\r\n",
       ",-inf\r\n"},
      {"true", [](Writer& w) { w.Boolean(true); }, ":1\r\n", "#t\r\n"},
      {"false", [](Writer& w) { w.Boolean(false); }, ":0\r\n", "#f\r\n"},
      {"verbatim", [](Writer& w) { w.Verbatim("ab"); }, "$2\r\nab\r\n", "=6\r\ntxt:ab\r\n"},
      {"big number", [](Writer& w) { w.BigNumber("123"); }, "$3\r\n123\r\n", "(123\r\n"},
      {"array", [](Writer& w) { w.Array(2); }, "*2\r\n", "*2\r\n"},
      {"map", [](Writer& w) { w.Map(2); }, "*4\r\n", "%2\r\n"},
      {"set", [](Writer& w) { w.Set(3); }, "*3\r\n", "~3\r\n"},
      {"push", [](Writer& w) { w.Push(3); }, "*3\r\n", ">3\r\n"},
      {"raw", [](Writer& w) { w.Raw(":1\r\n"); }, ":1\r\n", ":1\r\n"},
  };
  for (const Row& row : rows) {
    for (const int protocol : {2, 3}) {
      Writer writer(protocol);
      row.write(writer);
      EXPECT_EQ(writer.bytes(), protocol == 2 ? row.resp2 : row.resp3) << row.name;
      EXPECT_EQ(writer.protocol(), protocol);
      EXPECT_FALSE(writer.out_of_memory());
    }
  }
}

TEST(Writer, LineBreaksInAnErrorBecomeSpaces) {
  Writer writer;
  writer.Bulk("a\r\nb");
  writer.Error(Code::kCommand, "ERR unknown command 'a\r\nb'");
  EXPECT_EQ(writer.bytes(), "$4\r\na\r\nb\r\n-ERR unknown command 'a  b'\r\n");
}

TEST(Writer, ErrorCodesAreInTheOrderOfTheErrors) {
  Writer writer;
  EXPECT_FALSE(writer.has_error());
  writer.Error(Code::kType, "A");
  writer.Integer(1);
  writer.Error(Code::kValue, "B");
  EXPECT_EQ(writer.error_codes(), (std::vector<Code>{Code::kType, Code::kValue}));
  writer.Clear();
  EXPECT_FALSE(writer.has_error());
  EXPECT_EQ(writer.bytes(), "");
}

TEST(Writer, GivesBackWhatOneLargeReplyHasTaken) {
  Writer writer;
  writer.Bulk(std::string(1 << 20, 'v'));
  writer.Reset(2);
  EXPECT_LE(writer.Take().capacity(), kBufferKeptBytes);
}

TEST(Writer, ASetsLengthMayComeLast) {
  for (const int protocol : {2, 3}) {
    Writer writer(protocol);
    const size_t mark = writer.BeginArray();
    writer.Bulk("a");
    writer.EndSet(mark, 1);
    EXPECT_EQ(writer.bytes(), protocol == 2 ? "*1\r\n$1\r\na\r\n" : "~1\r\n$1\r\na\r\n");
  }
}

TEST(Writer, AnArraysLengthMayComeLast) {
  for (const size_t count : {0u, 1u, 9u, 10u, 1000u}) {
    Writer writer;
    writer.Array(2);
    writer.Integer(7);
    const size_t mark = writer.BeginArray();
    for (size_t i = 0; i < count; ++i) writer.Integer(1);
    writer.EndArray(mark, count);
    ReplyTree tree;
    ASSERT_TRUE(tree.Decode(writer.Take(), {}));
    EXPECT_EQ(tree.root().children[1].size, count);
  }
}

// A view that claims more bytes than any address space has: the append throws before it reads.
TEST(Writer, WithoutMemoryTheReplyIsDroppedAndItSaysSo) {
  Writer writer;
  writer.Integer(1);
  writer.Bulk(Bytes("x", std::numeric_limits<size_t>::max() / 2));
  EXPECT_TRUE(writer.out_of_memory());
  writer.Integer(2);
  writer.EndArray(0, 1);
  EXPECT_EQ(writer.bytes(), "");
  writer.Clear();
  EXPECT_FALSE(writer.out_of_memory());
  writer.Integer(3);
  EXPECT_EQ(writer.bytes(), ":3\r\n");
}

// Writes a random reply and, beside it, how many nodes its tree has.
size_t WriteRandom(Random& random, Writer& writer, int depth) {
  const uint64_t choice = random.Below(depth > 0 ? 13 : 9);
  const size_t count = random.Below(4);
  size_t children = count;
  switch (choice) {
    case 0:
      writer.Ok();
      return 1;
    case 1:
      writer.Error(static_cast<Code>(-static_cast<int>(1 + random.Below(16))), "ERR x");
      return 1;
    case 2:
      writer.Integer(static_cast<int64_t>(random.Next()));
      return 1;
    case 3:
      writer.Bulk(std::string(random.Below(40), static_cast<char>(random.Next())));
      return 1;
    case 4:
      writer.Null();
      return 1;
    case 5:
      writer.NullArray();
      return 1;
    case 6:
      writer.Double(static_cast<double>(random.Below(1000)) / 8);
      return 1;
    case 7:
      writer.Boolean(count % 2 == 0);
      return 1;
    case 8:
      writer.Verbatim("text");
      return 1;
    case 9:
      writer.Array(count);
      break;
    case 10:
      writer.Set(count);
      break;
    case 11:
      writer.Push(count);
      break;
    case 12:
      writer.Map(count);
      children = 2 * count;
      break;
  }
  size_t nodes = 1;
  for (size_t i = 0; i < children; ++i) nodes += WriteRandom(random, writer, depth - 1);
  return nodes;
}

void CollectCodes(const ReplyNode& node, std::vector<Code>& codes) {
  if (node.type == ReplyType::kError) codes.push_back(node.code);
  if (node.has_children()) {
    for (size_t i = 0; i < node.size; ++i) CollectCodes(node.children[i], codes);
  }
}

TEST(Writer, WhatItWritesIsAlwaysOneReplyWithItsErrorCodes) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Writer writer(seed % 2 == 0 ? 2 : 3);
    const size_t nodes = WriteRandom(random, writer, 5);
    const ReplyExtent extent = ScanReply(writer.bytes());
    ASSERT_EQ(extent.kind, ReplyExtent::Kind::kComplete);
    EXPECT_EQ(extent.bytes, writer.bytes().size());
    EXPECT_EQ(extent.nodes, nodes);
    ReplyTree tree;
    ASSERT_TRUE(tree.Decode(std::string(writer.bytes()), writer.error_codes()));
    std::vector<Code> codes;
    CollectCodes(tree.root(), codes);
    EXPECT_EQ(codes, writer.error_codes());
  }
}

}  // namespace
}  // namespace redislite::resp
