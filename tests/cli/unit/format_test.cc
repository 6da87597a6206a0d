#include "format.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <limits>

namespace redislite::cli {
namespace {

// A toy language for replies.
Reply Text(int type, std::string_view text) {
  Reply reply;
  reply.type = type;
  reply.text = text;
  return reply;
}
Reply Bulk(std::string_view text) { return Text(RL_REPLY_STRING, text); }
Reply Int(int64_t value) {
  Reply reply;
  reply.type = RL_REPLY_INTEGER;
  reply.integer = value;
  return reply;
}
Reply Bool(bool value) {
  Reply reply = Int(value ? 1 : 0);
  reply.type = RL_REPLY_BOOLEAN;
  return reply;
}
Reply Double(double value, std::string_view text) {
  Reply reply = Text(RL_REPLY_DOUBLE, text);
  reply.number = value;
  return reply;
}
Reply Of(int type, std::initializer_list<Reply> elements) {
  Reply reply;
  reply.type = type;
  reply.elements = elements;
  return reply;
}
Reply List(std::initializer_list<Reply> elements) { return Of(RL_REPLY_ARRAY, elements); }

std::string Print(const Reply& reply, Format format) {
  std::string out;
  AppendReply(out, reply, format);
  return out;
}
std::string Terminal(const Reply& reply) { return Print(reply, Format::kTerminal); }
std::string Raw(const Reply& reply) { return Print(reply, Format::kRaw); }
std::string Json(const Reply& reply) { return Print(reply, Format::kJson); }
std::string Csv(const Reply& reply) { return Print(reply, Format::kCsv); }

TEST(TerminalFormat, ShowsEachTypeAsRedisCliDoes) {
  EXPECT_EQ(Terminal(Reply()), "(nil)\n");
  EXPECT_EQ(Terminal(Text(RL_REPLY_STATUS, "OK")), "OK\n");
  EXPECT_EQ(Terminal(Text(RL_REPLY_ERROR, "ERR no")), "(error) ERR no\n");
  EXPECT_EQ(Terminal(Int(std::numeric_limits<int64_t>::min())), "(integer) -9223372036854775808\n");
  EXPECT_EQ(Terminal(Bulk(std::string_view("a\"\\\n\0\xff", 6))), "\"a\\\"\\\\\\n\\x00\\xff\"\n");
  EXPECT_EQ(Terminal(Double(3.25, "3.25")), "(double) 3.25\n");
  EXPECT_EQ(Terminal(Bool(true)), "(true)\n");
  EXPECT_EQ(Terminal(Bool(false)), "(false)\n");
  EXPECT_EQ(Terminal(Text(RL_REPLY_VERBATIM, "two\nlines")), "two\nlines\n");
  EXPECT_EQ(Terminal(List({})), "(empty array)\n");
  EXPECT_EQ(Terminal(Of(RL_REPLY_MAP, {})), "(empty hash)\n");
  EXPECT_EQ(Terminal(Of(RL_REPLY_SET, {})), "(empty set)\n");
  EXPECT_EQ(Terminal(Of(RL_REPLY_PUSH, {})), "(empty push)\n");
}

TEST(TerminalFormat, NumbersAndIndentsNestedArrays) {
  EXPECT_EQ(Terminal(List({Int(1), List({Bulk("a"), List({}), List({Bulk("b"), Reply()})}), Bulk("c")})),
            "1) (integer) 1\n"
            "2) 1) \"a\"\n"
            "   2) (empty array)\n"
            "   3) 1) \"b\"\n"
            "      2) (nil)\n"
            "3) \"c\"\n");
}

TEST(TerminalFormat, AlignsTheNumbersToTheRight) {
  Reply list = List({});
  for (int i = 0; i < 10; ++i) list.elements.push_back(Int(i));
  const std::string text = Terminal(list);
  EXPECT_EQ(text.substr(0, text.find('\n')), " 1) (integer) 0");
  EXPECT_NE(text.find("\n10) (integer) 9\n"), std::string::npos);
}

TEST(TerminalFormat, ShowsMapsAndSetsOfResp3) {
  EXPECT_EQ(Terminal(Of(RL_REPLY_MAP, {Bulk("f"), Bulk("v"), Bulk("g"), List({Int(1), Int(2)})})),
            "1# \"f\" => \"v\"\n"
            "2# \"g\" => \n"
            "   1) (integer) 1\n"
            "   2) (integer) 2\n");
  EXPECT_EQ(Terminal(Of(RL_REPLY_SET, {Bulk("a"), Bulk("b")})), "1~ \"a\"\n2~ \"b\"\n");
}

TEST(RawFormat, GivesTheBytesAnElementALine) {
  EXPECT_EQ(Raw(Bulk(std::string_view("a\0\n\xff", 4))), std::string("a\0\n\xff\n", 5));
  EXPECT_EQ(Raw(Reply()), "\n");
  EXPECT_EQ(Raw(Int(-5)), "-5\n");
  EXPECT_EQ(Raw(List({Bulk("a"), Reply(), List({Int(1), Int(2)})})), "a\n\n1\n2\n");
  EXPECT_EQ(Raw(Of(RL_REPLY_MAP, {Bulk("f"), Bulk("v"), Bulk("g"), Bulk("w")})), "f v\ng w\n");
  EXPECT_EQ(Raw(List({})), "\n");
}

TEST(JsonFormat, GivesOneTextALine) {
  EXPECT_EQ(Json(Reply()), "null\n");
  EXPECT_EQ(Json(Int(7)), "7\n");
  EXPECT_EQ(Json(Bool(false)), "false\n");
  EXPECT_EQ(Json(Double(1.5, "1.5")), "1.5\n");
  EXPECT_EQ(Json(Double(std::numeric_limits<double>::infinity(), "inf")), "\"inf\"\n");
  EXPECT_EQ(Json(Text(RL_REPLY_ERROR, "ERR \"x\"")), "{\"error\":\"ERR \\\"x\\\"\"}\n");
  EXPECT_EQ(Json(List({Bulk("a"), List({}), Reply()})), "[\"a\",[],null]\n");
  EXPECT_EQ(Json(Of(RL_REPLY_MAP, {Bulk("f"), Int(1), Int(2), Bulk("v")})), "{\"f\":1,\"2\":\"v\"}\n");
}

TEST(JsonFormat, KeepsTextAndEscapesWhatIsNone) {
  EXPECT_EQ(Json(Bulk("ä€😀")), "\"ä€😀\"\n");
  EXPECT_EQ(Json(Bulk(std::string_view("\0\x1f\x7f\n\"\\", 6))), "\"\\u0000\\u001f\\u007f\\n\\\"\\\\\"\n");
  EXPECT_EQ(Json(Bulk("\xff\xc3\xa4")), "\"\\u00ff\\u00c3\\u00a4\"\n");
}

TEST(CsvFormat, QuotesStringsAndFlattensArrays) {
  EXPECT_EQ(Csv(List({Bulk("a,b"), Int(1), Reply(), List({Bulk("\"")})})), "\"a,b\",1,NULL,\"\\\"\"\n");
  EXPECT_EQ(Csv(Text(RL_REPLY_ERROR, "ERR no")), "ERROR,\"ERR no\"\n");
  EXPECT_EQ(Csv(Of(RL_REPLY_MAP, {Bulk("f"), Bool(true)})), "\"f\",true\n");
}

TEST(Resp2View, MakesArraysStringsAndIntegersOfResp3) {
  const Reply reply =
      AsResp2(Of(RL_REPLY_MAP, {Bulk("f"), Double(1.5, "1.5"), Of(RL_REPLY_SET, {Bool(true)}), Reply()}), {"X"});
  EXPECT_EQ(Terminal(reply), "1) \"f\"\n2) \"1.5\"\n3) 1) (integer) 1\n4) (nil)\n");
}

TEST(Resp2View, FlattensPairsOnlyWhereTheCommandAskedForThem) {
  const Reply pairs = List({List({Bulk("f"), Bulk("v")}), List({Bulk("g"), Bulk("w")})});
  EXPECT_EQ(Raw(AsResp2(pairs, {"HRANDFIELD", "h", "2", "withvalues"})), "f\nv\ng\nw\n");
  EXPECT_EQ(AsResp2(pairs, {"HRANDFIELD", "h", "2", "WITHVALUES"}).elements.size(), 4u);
  EXPECT_EQ(AsResp2(pairs, {"ZRANGEBYSCORE", "z", "0", "1", "WITHSCORES", "LIMIT", "0", "2"}).elements.size(), 4u);
  EXPECT_EQ(AsResp2(pairs, {"ZPOPMIN", "z", "2"}).elements.size(), 4u);
  EXPECT_EQ(AsResp2(List({Bulk("m"), Double(1, "1")}), {"ZPOPMIN", "z"}).elements.size(), 2u);
  EXPECT_EQ(AsResp2(pairs, {"OTHER"}).elements.size(), 2u);
  EXPECT_EQ(AsResp2(List({}), {"HRANDFIELD", "h", "2", "WITHVALUES"}).elements.size(), 0u);
}

}  // namespace
}  // namespace redislite::cli
