// ScanReply and ReplyTree: every RESP2 and RESP3 type, every truncation, every changed byte, garbage from seeds and
// lengths that lie. A tree is compared in one printed form.
#include "resp/reply.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"

namespace redislite::resp {
namespace {

using Kind = ReplyExtent::Kind;

// A reply on one line: nil, +OK, -ERR x(code), 1, "bytes", [..], 0.5d, true, {..}, #{..}, 12n, txt"..", >[..].
std::string Print(const ReplyNode& node) {
  const auto text = [&](const char* before, const char* after) {
    EXPECT_EQ(node.text[node.size], '\0');
    return before + std::string(node.text, node.size) + after;
  };
  const auto children = [&](const char* before, const char* after) {
    std::string out = before;
    for (size_t i = 0; i < node.size; ++i) out += (i > 0 ? " " : "") + Print(node.children[i]);
    return out + after;
  };
  switch (node.type) {
    case ReplyType::kNil:
      return "nil";
    case ReplyType::kStatus:
      return text("+", "");
    case ReplyType::kError:
      return text("-", "") + "(" + std::to_string(static_cast<int>(node.code)) + ")";
    case ReplyType::kInteger:
      return std::to_string(node.integer);
    case ReplyType::kString:
      return text("\"", "\"");
    case ReplyType::kArray:
      return children("[", "]");
    case ReplyType::kDouble:
      return text("", "d");
    case ReplyType::kBoolean:
      return node.integer == 1 ? "true" : "false";
    case ReplyType::kMap:
      return children("{", "}");
    case ReplyType::kSet:
      return children("#{", "}");
    case ReplyType::kBigNumber:
      return text("", "n");
    case ReplyType::kVerbatim:
      return text("txt\"", "\"");
    case ReplyType::kPush:
      return children(">[", "]");
  }
  return "?";
}

std::string Decoded(Bytes bytes, std::vector<Code> codes = {}) {
  ReplyTree tree;
  return tree.Decode(std::string(bytes), codes) ? Print(tree.root()) : "malformed";
}

const Bytes kReplies[] = {
    "+OK\r\n",
    "+\r\n",
    "-ERR no\r\n",
    "!6\r\nERR\r\nx\r\n",
    ":0\r\n",
    ":-9223372036854775808\r\n",
    ":9223372036854775807\r\n",
    "$0\r\n\r\n",
    "$5\r\nhe\r\nl\r\n",
    "$-1\r\n",
    "*-1\r\n",
    "_\r\n",
    "*0\r\n",
    "%0\r\n",
    ",0.5\r\n",
    ",inf\r\n",
    ",-inf\r\n",
    "#t\r\n",
    "#f\r\n",
    "(-12345678901234567890\r\n",
    "=7\r\ntxt:a\r\n\r\n",
    "*2\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n~2\r\n_\r\n$1\r\nx\r\n",
    ">2\r\n+message\r\n*1\r\n-WRONGTYPE x\r\n",
};

TEST(ReplyTree, DecodesEveryType) {
  EXPECT_EQ(Decoded("+OK\r\n"), "+OK");
  EXPECT_EQ(Decoded("-ERR no\r\n", {Code::kValue}), "-ERR no(-3)");
  EXPECT_EQ(Decoded("!6\r\nERR\r\nx\r\n", {Code::kType}), "-ERR\r\nx(-2)");
  EXPECT_EQ(Decoded(":-9223372036854775808\r\n"), "-9223372036854775808");
  EXPECT_EQ(Decoded("$5\r\nhe\r\nl\r\n"), "\"he\r\nl\"");
  EXPECT_EQ(Decoded(Bytes("$3\r\n\0\r\n\r\n", 9)), std::string("\"\0\r\n\"", 5));
  EXPECT_EQ(Decoded("$-1\r\n"), "nil");
  EXPECT_EQ(Decoded("*-1\r\n"), "nil");
  EXPECT_EQ(Decoded("_\r\n"), "nil");
  EXPECT_EQ(Decoded(",0.5\r\n"), "0.5d");
  EXPECT_EQ(Decoded("#t\r\n"), "true");
  EXPECT_EQ(Decoded("#f\r\n"), "false");
  EXPECT_EQ(Decoded("(-12345678901234567890\r\n"), "-12345678901234567890n");
  EXPECT_EQ(Decoded("=7\r\ntxt:a\r\n\r\n"), "txt\"a\r\n\"");
  EXPECT_EQ(Decoded("*2\r\n*2\r\n:1\r\n*0\r\n%1\r\n+k\r\n~2\r\n_\r\n$1\r\nx\r\n"), "[[1 []] {+k #{nil \"x\"}}]");
  EXPECT_EQ(Decoded(">2\r\n+message\r\n*1\r\n+x\r\n"), ">[+message [+x]]");
}

TEST(ReplyTree, DoublesHaveTheirValueAndTheirText) {
  for (const auto& [bytes, number] : {std::pair<Bytes, double>{",0.5\r\n", 0.5},
                                      {",-3\r\n", -3},
                                      {",1e+30\r\n", 1e30},
                                      {",inf\r\n", INFINITY},
                                      {",-inf\r\n", -INFINITY}}) {
    ReplyTree tree;
    ASSERT_TRUE(tree.Decode(std::string(bytes), {})) << bytes;
    EXPECT_EQ(tree.root().number, number);
  }
  ReplyTree nan;
  ASSERT_TRUE(nan.Decode(",nan\r\n", {}));
  EXPECT_TRUE(std::isnan(nan.root().number));
  EXPECT_EQ(Decoded(",\r\n"), "malformed");
  EXPECT_EQ(Decoded(",x\r\n"), "malformed");
}

TEST(ReplyTree, ErrorsTakeTheirCodesInTheOrderOfTheBytes) {
  const Bytes bytes = "*3\r\n-A\r\n*2\r\n-B\r\n:1\r\n-C\r\n";
  EXPECT_EQ(Decoded(bytes, {Code::kType, Code::kValue, Code::kIo}), "[-A(-2) [-B(-3) 1] -C(-5)]");
  EXPECT_EQ(Decoded(bytes, {Code::kType}), "[-A(-2) [-B(-4) 1] -C(-4)]");
}

TEST(ReplyTree, AMillionElementsAreOneAllocationOfNodes) {
  std::string bytes = "*1000000\r\n";
  for (int i = 0; i < 1000000; ++i) bytes += ":1\r\n";
  ReplyTree tree;
  ASSERT_TRUE(tree.Decode(std::move(bytes), {}));
  ASSERT_EQ(tree.root().size, 1000000u);
  EXPECT_EQ(tree.root().children[999999].integer, 1);
}

TEST(ScanReply, FindsTheEndOfTheFirstOfSeveral) {
  for (const Bytes first : kReplies) {
    for (const Bytes second : kReplies) {
      const std::string both = std::string(first) + std::string(second);
      const ReplyExtent extent = ScanReply(both);
      ASSERT_EQ(extent.kind, Kind::kComplete) << first;
      EXPECT_EQ(extent.bytes, first.size());
    }
  }
}

TEST(ScanReply, EveryProperPrefixIsIncomplete) {
  for (const Bytes reply : kReplies) {
    for (size_t size = 0; size < reply.size(); ++size) {
      const std::string prefix(reply.substr(0, size));
      EXPECT_EQ(ScanReply(prefix).kind, Kind::kIncomplete) << reply << " cut to " << size;
      EXPECT_EQ(Decoded(prefix), "malformed");
    }
    EXPECT_NE(Decoded(reply), "malformed") << reply;
    EXPECT_EQ(Decoded(std::string(reply) + "x"), "malformed");
  }
}

TEST(ScanReply, HostileLengthsAreRefusedOrWaitedForWithoutAllocation) {
  for (const Bytes bytes : {"$99999999999\r\n",
                            "$1073741825\r\n",
                            "*99999999999\r\n",
                            "$-2\r\n",
                            "*-2\r\n",
                            "~-1\r\n",
                            "%-1\r\n",
                            "=-1\r\n",
                            "!-1\r\n",
                            ">-1\r\n",
                            "$+1\r\na\r\n",
                            "$ 1\r\na\r\n",
                            "$\r\n",
                            "*\r\n",
                            "*?\r\n",
                            "$?\r\n",
                            "|1\r\n",
                            "=3\r\ntxt\r\n",
                            "=4\r\ntxtx\r\n",
                            "$1\na\r\n",
                            "$1\r\nab\r\n",
                            ":\r\n",
                            ":+1\r\n",
                            ":01\r\n",
                            ":9223372036854775808\r\n",
                            "#x\r\n",
                            "#tt\r\n",
                            "_x\r\n",
                            "(\r\n",
                            "+a\nb\r\n",
                            "+a\rb\r\n",
                            "PING\r\n",
                            "\r\n",
                            "$11111111111111111"}) {
    EXPECT_EQ(ScanReply(bytes).kind, Kind::kMalformed) << bytes;
    EXPECT_EQ(Decoded(bytes), "malformed") << bytes;
  }
  EXPECT_EQ(ScanReply("*1073741824\r\n").kind, Kind::kIncomplete);
  EXPECT_EQ(ScanReply("$1073741824\r\n").kind, Kind::kIncomplete);
  EXPECT_EQ(Decoded("*1073741824\r\n"), "malformed");
  EXPECT_EQ(Decoded("%1073741824\r\n"), "malformed");
  EXPECT_EQ(Decoded("(12a\r\n"), "malformed");
}

TEST(ScanReply, NestingIsBounded) {
  const auto nested = [](size_t depth) {
    std::string bytes;
    for (size_t i = 0; i < depth; ++i) bytes += "*1\r\n";
    return bytes + ":1\r\n";
  };
  EXPECT_EQ(ScanReply(nested(31)).kind, Kind::kComplete);
  EXPECT_NE(Decoded(nested(31)), "malformed");
  EXPECT_EQ(ScanReply(nested(32)).kind, Kind::kMalformed);
  EXPECT_EQ(ScanReply(nested(100000)).kind, Kind::kMalformed);
}

TEST(ReplyTree, NoChangedByteMakesItReadOutsideItsBytes) {
  for (const Bytes reply : kReplies) {
    for (size_t at = 0; at < reply.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string changed(reply);
        changed[at] = static_cast<char>(byte);
        const ReplyExtent extent = ScanReply(changed);
        ReplyTree tree;
        if (tree.Decode(changed, {})) {
          EXPECT_EQ(extent.kind, Kind::kComplete);
          Print(tree.root());
        }
      }
    }
  }
}

TEST(ReplyTree, GarbageNeverCrashesIt) {
  const Bytes alphabet = "+-:$*_,#(!=%~>0123\r\n\r\n\r\ntf:x";
  size_t decoded = 0;
  for (uint64_t seed = 1; seed <= 20000; ++seed) {
    Random random(seed);
    std::string garbage(1 + random.Below(24), ' ');
    for (char& byte : garbage) byte = alphabet[random.Below(alphabet.size())];
    const ReplyExtent extent = ScanReply(garbage);
    if (extent.kind != Kind::kComplete) continue;
    garbage.resize(extent.bytes);
    ReplyTree tree;
    if (tree.Decode(garbage, {})) {
      Print(tree.root());
      ++decoded;
    }
  }
  EXPECT_GT(decoded, 0u) << "the garbage is too wild to test anything";
}

}  // namespace
}  // namespace redislite::resp
