#include "resp/reply.h"

#include <limits>
#include <optional>

#include "base/number.h"

namespace redislite::resp {

namespace {

using Kind = ReplyExtent::Kind;

// How deep replies may nest. The deepest of Redis' own (COMMAND DOCS) is at 7.
constexpr size_t kDepthMax = 32;

// A length or count is at most this, so that sums and doubling cannot overflow; and so many digits long.
constexpr uint64_t kCountMax = kRecordBytesMax;
constexpr size_t kCountDigitsMax = 10;

// One element as it stands in the bytes.
struct Element {
  char marker = 0;
  bool null = false;
  Bytes text;             // of the line or the bulk
  uint64_t children = 0;  // that follow
};

// Reads the text up to a line end and moves `at` behind it.
Kind ReadLine(Bytes bytes, size_t& at, size_t size_max, Bytes& line) noexcept {
  const size_t end = bytes.find_first_of("\r\n", at);
  if ((end == Bytes::npos ? bytes.size() : end) - at > size_max) return Kind::kMalformed;
  if (end == Bytes::npos) return Kind::kIncomplete;
  if (bytes[end] == '\n') return Kind::kMalformed;
  if (end + 1 == bytes.size()) return Kind::kIncomplete;
  if (bytes[end + 1] != '\n') return Kind::kMalformed;
  line = bytes.substr(at, end - at);
  at = end + 2;
  return Kind::kComplete;
}

// Reads a count's line. "-1" is null where RESP2 knows such a thing.
Kind ReadCount(Bytes bytes, size_t& at, bool may_be_null, bool& null, uint64_t& count) noexcept {
  Bytes line;
  if (const Kind kind = ReadLine(bytes, at, kCountDigitsMax, line); kind != Kind::kComplete) return kind;
  null = may_be_null && line == "-1";
  if (null) return Kind::kComplete;
  if (line.empty()) return Kind::kMalformed;
  count = 0;
  for (const char c : line) {
    if (c < '0' || c > '9') return Kind::kMalformed;
    count = count * 10 + static_cast<uint64_t>(c - '0');
  }
  return count <= kCountMax ? Kind::kComplete : Kind::kMalformed;
}

Kind ReadBulk(Bytes bytes, size_t& at, Element& element) noexcept {
  uint64_t size = 0;
  const Kind kind = ReadCount(bytes, at, element.marker == '$', element.null, size);
  if (kind != Kind::kComplete || element.null) return kind;
  if (bytes.size() - at < size + 2) {
    // What has arrived of the line end must be right already.
    const bool begun_wrong = bytes.size() - at == size + 1 && bytes.back() != '\r';
    return begun_wrong ? Kind::kMalformed : Kind::kIncomplete;
  }
  if (bytes.substr(at + size, 2) != "\r\n") return Kind::kMalformed;
  element.text = bytes.substr(at, size);
  at += size + 2;
  return Kind::kComplete;
}

// Reads one element and moves `at` behind it: its line, and the bytes of a bulk, but none of its children.
Kind ReadElement(Bytes bytes, size_t& at, Element& element) noexcept {
  element = {};
  if (at == bytes.size()) return Kind::kIncomplete;
  element.marker = bytes[at++];
  constexpr size_t kAnySize = std::numeric_limits<size_t>::max();
  Kind kind = Kind::kMalformed;
  switch (element.marker) {
    case '+':
    case '-':
      return ReadLine(bytes, at, kAnySize, element.text);
    case '_':
      element.null = true;
      return ReadLine(bytes, at, 0, element.text);
    case ':':
      kind = ReadLine(bytes, at, kInt64TextMax, element.text);
      return kind == Kind::kComplete && !ParseInt64(element.text) ? Kind::kMalformed : kind;
    case '#':
      kind = ReadLine(bytes, at, 1, element.text);
      return kind == Kind::kComplete && element.text != "t" && element.text != "f" ? Kind::kMalformed : kind;
    case ',':
    case '(':
      kind = ReadLine(bytes, at, kAnySize, element.text);
      return kind == Kind::kComplete && element.text.empty() ? Kind::kMalformed : kind;
    case '$':
    case '!':
      return ReadBulk(bytes, at, element);
    case '=':
      kind = ReadBulk(bytes, at, element);
      if (kind != Kind::kComplete) return kind;
      if (element.text.size() < 4 || element.text[3] != ':') return Kind::kMalformed;
      element.text.remove_prefix(4);
      return kind;
    case '*':
    case '~':
    case '>':
    case '%':
      kind = ReadCount(bytes, at, element.marker == '*', element.null, element.children);
      if (element.marker == '%') element.children *= 2;
      return kind;
    default:
      return Kind::kMalformed;
  }
}

ReplyType TypeOf(const Element& element) noexcept {
  if (element.null) return ReplyType::kNil;
  switch (element.marker) {
    case '+':
      return ReplyType::kStatus;
    case '-':
    case '!':
      return ReplyType::kError;
    case ':':
      return ReplyType::kInteger;
    case ',':
      return ReplyType::kDouble;
    case '#':
      return ReplyType::kBoolean;
    case '(':
      return ReplyType::kBigNumber;
    case '$':
      return ReplyType::kString;
    case '=':
      return ReplyType::kVerbatim;
    case '%':
      return ReplyType::kMap;
    case '~':
      return ReplyType::kSet;
    case '>':
      return ReplyType::kPush;
    default:
      return ReplyType::kArray;
  }
}

std::optional<double> ReadDouble(Bytes text) {
  if (text == "nan" || text == "-nan") return std::numeric_limits<double>::quiet_NaN();
  return ParseDouble(text);
}

bool IsBigNumber(Bytes text) {
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == Bytes::npos;
}

}  // namespace

bool ReplyNode::has_text() const {
  switch (type) {
    case ReplyType::kStatus:
    case ReplyType::kError:
    case ReplyType::kString:
    case ReplyType::kDouble:
    case ReplyType::kBigNumber:
    case ReplyType::kVerbatim:
      return true;
    default:
      return false;
  }
}

bool ReplyNode::has_children() const {
  return type == ReplyType::kArray || type == ReplyType::kMap || type == ReplyType::kSet || type == ReplyType::kPush;
}

ReplyExtent ScanReply(Bytes bytes) noexcept {
  uint64_t missing[kDepthMax] = {1};  // children that are still to come, by level; the root is the one child of level 0
  size_t level = 0;
  size_t at = 0;
  size_t nodes = 0;
  while (true) {
    while (missing[level] == 0) {
      if (level == 0) return {Kind::kComplete, at, nodes};
      --level;
    }
    --missing[level];
    Element element;
    if (const Kind kind = ReadElement(bytes, at, element); kind != Kind::kComplete) return {kind, 0, 0};
    ++nodes;
    if (element.children > 0) {
      if (++level == kDepthMax) return {Kind::kMalformed, 0, 0};
      missing[level] = element.children;
    }
  }
}

bool ReplyTree::Decode(std::string bytes, std::span<const Code> error_codes) {
  bytes_ = std::move(bytes);
  const ReplyExtent extent = ScanReply(bytes_);
  if (extent.kind != Kind::kComplete || extent.bytes != bytes_.size()) return false;
  descendants_.resize(extent.nodes - 1);

  struct Level {
    ReplyNode* next;
    ReplyNode* end;
  };
  Level levels[kDepthMax];
  levels[0] = {&root_, &root_ + 1};
  size_t level = 0;
  ReplyNode* unused = descendants_.data();
  size_t at = 0;
  size_t errors = 0;
  while (true) {
    while (levels[level].next == levels[level].end) {
      if (level == 0) return true;
      --level;
    }
    ReplyNode& node = *levels[level].next++;
    Element element;
    ReadElement(bytes_, at, element);
    node.type = TypeOf(element);
    if (node.has_children()) {
      node.size = element.children;
      node.children = unused;
      if (element.children > 0) levels[++level] = {unused, unused + element.children};
      unused += element.children;
      continue;
    }
    if (node.has_text()) {
      node.size = element.text.size();
      node.text = element.text.data();
      bytes_[static_cast<size_t>(node.text - bytes_.data()) + node.size] = '\0';  // was the line end's first byte
    }
    if (node.type == ReplyType::kError) {
      node.code = errors < error_codes.size() ? error_codes[errors] : Code::kCommand;
      ++errors;
    } else if (node.type == ReplyType::kInteger) {
      node.integer = *ParseInt64(element.text);
    } else if (node.type == ReplyType::kBoolean) {
      node.integer = element.text == "t" ? 1 : 0;
    } else if (node.type == ReplyType::kDouble) {
      const std::optional<double> number = ReadDouble(element.text);
      if (!number) return false;
      node.number = *number;
    } else if (node.type == ReplyType::kBigNumber && !IsBigNumber(element.text)) {
      return false;
    }
  }
}

}  // namespace redislite::resp
