#include "expectation.h"

#include <cctype>
#include <cstdlib>
#include <cstring>

#include "script.h"

namespace vectors {
namespace {

// Recursive descent over one expectation's text.
class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) {}

  bool Parse(Expectation* out) {
    if (!Value(out, true)) return false;
    Skip();
    if (at_ != text_.size()) return Fail("text after the reply");
    return true;
  }
  const std::string& error() const { return error_; }

 private:
  bool Fail(const std::string& what) {
    if (error_.empty()) error_ = what + " at '" + text_.substr(at_, 30) + "'";
    return false;
  }
  void Skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool Eat(const char* word) {
    Skip();
    const size_t length = std::strlen(word);
    if (text_.compare(at_, length, word) != 0) return false;
    at_ += length;
    return true;
  }
  // The rest of the line, or up to a comma or bracket inside a container.
  std::string Plain(bool top) {
    const size_t begin = at_;
    while (at_ < text_.size() && (top || (text_[at_] != ',' && text_[at_] != ']' && text_[at_] != '}'))) ++at_;
    std::string out = text_.substr(begin, at_ - begin);
    while (!out.empty() && std::isspace(static_cast<unsigned char>(out.back())) != 0) out.pop_back();
    return out;
  }
  bool Quoted(std::string* out) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != '"') return Fail("a quoted string was expected");
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2u : 1u;
    if (end >= text_.size()) return Fail("unbalanced quotes");
    std::vector<std::string> words;
    if (!SplitWords(text_.substr(at_, end + 1 - at_), &words) || words.size() != 1) return Fail("a bad string");
    *out = words[0];
    at_ = end + 1;
    return true;
  }
  bool Integer(int64_t* out) {
    errno = 0;
    char* end = nullptr;
    const char* begin = text_.c_str() + at_;
    *out = std::strtoll(begin, &end, 10);
    if (end == begin || errno != 0) return Fail("an integer was expected");
    at_ += static_cast<size_t>(end - begin);
    return true;
  }
  bool Children(char close, bool map, std::vector<Expectation>* out) {
    Skip();
    if (at_ < text_.size() && text_[at_] == close) {
      ++at_;
      return true;
    }
    while (true) {
      out->emplace_back();
      if (!Value(&out->back(), false)) return false;
      if (map && !Eat(":")) return Fail("a map's key needs ': value'");
      if (map) {
        out->emplace_back();
        if (!Value(&out->back(), false)) return false;
      }
      Skip();
      if (at_ < text_.size() && text_[at_] == close) {
        ++at_;
        return true;
      }
      if (!Eat(",")) return Fail("',' or a closing bracket was expected");
    }
  }
  bool Scalar(Expectation* out, Reply::Type type) {
    out->kind = Expectation::Kind::kReply;
    out->reply.type = type;
    return true;
  }

  bool Value(Expectation* out, bool top) {
    Skip();
    using Kind = Expectation::Kind;
    if (Eat("(nil)")) return Scalar(out, Reply::Type::kNil);
    if (Eat("#t") || Eat("#f")) {
      out->reply.integer = text_[at_ - 1] == 't' ? 1 : 0;
      return Scalar(out, Reply::Type::kBoolean);
    }
    if (Eat("unordered")) {
      out->kind = Kind::kUnordered;
      return Eat("[") ? Children(']', false, &out->children) : Fail("'[' was expected");
    }
    if (Eat("subset")) {
      out->kind = Kind::kSubset;
      if (Eat("[")) return Children(']', false, &out->children);
      out->reply.type = Reply::Type::kMap;
      return Eat("{") ? Children('}', true, &out->children) : Fail("'[' or '{' was expected");
    }
    if (Eat("push")) {
      out->kind = Kind::kPush;
      return Eat("[") ? Children(']', false, &out->children) : Fail("'[' was expected");
    }
    if (Eat("contains")) {
      out->kind = Kind::kContains;
      return Quoted(&out->text);
    }
    if (Eat("any-integer")) {
      out->kind = Kind::kAnyInteger;
      return true;
    }
    if (Eat("any-string")) {
      out->kind = Kind::kAnyString;
      return true;
    }
    if (Eat("any")) {
      out->kind = Kind::kAny;
      return true;
    }
    if (Eat("+")) {
      out->reply.text = Plain(top);
      return Scalar(out, Reply::Type::kStatus);
    }
    if (Eat("-")) {
      out->kind = Kind::kError;
      if (at_ < text_.size() && text_[at_] == '"') return Quoted(&out->text);
      out->text = Plain(top);
      return out->text.empty() ? Fail("an error needs its code") : true;
    }
    if (Eat(":")) {
      if (!Integer(&out->low)) return false;
      out->high = out->low;
      out->kind = Kind::kRange;
      if (Eat("..")) return Integer(&out->high);
      if (Eat("~")) return Integer(&out->slack);
      return true;
    }
    if (Eat(",")) {
      char* end = nullptr;
      const char* begin = text_.c_str() + at_;
      out->reply.number = std::strtod(begin, &end);
      if (end == begin) return Fail("a double was expected");
      at_ += static_cast<size_t>(end - begin);
      return Scalar(out, Reply::Type::kDouble);
    }
    if (Eat("=")) {
      Scalar(out, Reply::Type::kVerbatim);
      return Quoted(&out->reply.text);
    }
    if (Eat("[")) {
      out->kind = Kind::kArray;
      return Children(']', false, &out->children);
    }
    if (Eat("{")) {
      out->kind = Kind::kMap;
      return Children('}', true, &out->children);
    }
    Scalar(out, Reply::Type::kString);
    return Quoted(&out->reply.text);
  }

  const std::string& text_;
  size_t at_ = 0;
  std::string error_;
};

// Whether the text is the pattern, in which '*' stands for any run of bytes.
bool FitsPattern(const std::string& pattern, const std::string& text) {
  size_t at = 0, from = 0;
  for (size_t star = pattern.find('*'); star != std::string::npos; star = pattern.find('*', from)) {
    const std::string part = pattern.substr(from, star - from);
    const size_t found = text.find(part, at);
    if (found == std::string::npos || (from == 0 && found != 0)) return false;
    at = found + part.size();
    from = star + 1;
  }
  const std::string last = pattern.substr(from);
  return text.size() >= at + last.size() && text.ends_with(last);
}

// Whether every item of `expected` finds its own item in `elements`, an item being `width` values. Items are taken
// greedily: good enough while the expectations of one container do not overlap.
bool FindsAll(const std::vector<Expectation>& expected, const std::vector<Reply>& elements, size_t width,
              const Conditions& conditions) {
  if (elements.size() % width != 0 || expected.size() % width != 0) return false;
  std::vector<bool> taken(elements.size() / width, false);
  for (size_t i = 0; i < expected.size(); i += width) {
    bool found = false;
    for (size_t j = 0; j < taken.size() && !found; ++j) {
      if (taken[j]) continue;
      bool all = true;
      for (size_t k = 0; k < width && all; ++k) all = Matches(expected[i + k], elements[j * width + k], conditions);
      if (all) taken[j] = found = true;
    }
    if (!found) return false;
  }
  return true;
}

bool MatchesInOrder(const std::vector<Expectation>& expected, const std::vector<Reply>& elements,
                    const Conditions& conditions) {
  if (elements.size() != expected.size()) return false;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!Matches(expected[i], elements[i], conditions)) return false;
  }
  return true;
}

// The elements of the pairs; nothing where these are no pairs.
std::vector<Expectation> Flatten(const std::vector<Expectation>& pairs) {
  std::vector<Expectation> flat;
  for (const Expectation& pair : pairs) {
    if (pair.kind != Expectation::Kind::kArray || pair.children.size() != 2) return {};
    flat.insert(flat.end(), pair.children.begin(), pair.children.end());
  }
  return flat;
}

bool MatchesPairs(const std::vector<Expectation>& pairs, const std::vector<Reply>& elements,
                  const Conditions& conditions) {
  const std::vector<Expectation> flat = Flatten(pairs);
  return flat.size() == elements.size() && FindsAll(flat, elements, 2, conditions);
}

// Whether the reply is what RESP2 has for the scalar.
bool IsInResp2(const Reply& wanted, const Reply& reply) {
  switch (wanted.type) {
    case Reply::Type::kDouble: {
      char* end = nullptr;
      const double number = std::strtod(reply.text.c_str(), &end);
      return reply.type == Reply::Type::kString && !reply.text.empty() && *end == '\0' && !(number < wanted.number) &&
             !(number > wanted.number);
    }
    case Reply::Type::kBoolean:
      return reply.type == Reply::Type::kInteger && reply.integer == wanted.integer;
    case Reply::Type::kVerbatim:
    case Reply::Type::kBigNumber:
      return reply.type == Reply::Type::kString && reply.text == wanted.text;
    default:
      return Same(wanted, reply);
  }
}

}  // namespace

bool ParseExpectation(const std::string& text, Expectation* out, std::string* error) {
  Parser parser(text);
  if (parser.Parse(out)) return true;
  *error = parser.error();
  return false;
}

bool Matches(const Expectation& expected, const Reply& reply, const Conditions& conditions) {
  using Kind = Expectation::Kind;
  const bool is_array = reply.type == Reply::Type::kArray;
  const bool is_map = reply.type == (conditions.resp2 ? Reply::Type::kArray : Reply::Type::kMap);
  const bool is_push = reply.type == (conditions.resp2 ? Reply::Type::kArray : Reply::Type::kPush);
  const bool is_set = reply.type == Reply::Type::kSet;
  switch (expected.kind) {
    case Kind::kReply:
      if (conditions.untyped_text && reply.type == Reply::Type::kString &&
          (expected.reply.type == Reply::Type::kStatus || expected.reply.type == Reply::Type::kVerbatim)) {
        return reply.text == expected.reply.text;
      }
      return conditions.resp2 ? IsInResp2(expected.reply, reply) : Same(expected.reply, reply);
    case Kind::kError:
      if (!reply.is_error()) return false;
      if (expected.text.find('*') != std::string::npos) return FitsPattern(expected.text, reply.text);
      if (expected.text.find(' ') != std::string::npos) return reply.text == expected.text;
      return reply.text == expected.text || reply.text.starts_with(expected.text + " ");
    case Kind::kArray:
      if (is_array && MatchesInOrder(expected.children, reply.elements, conditions)) return true;
      return is_array && conditions.resp2 && MatchesInOrder(Flatten(expected.children), reply.elements, conditions);
    case Kind::kPush:
      return is_push && MatchesInOrder(expected.children, reply.elements, conditions);
    case Kind::kUnordered:
      if ((is_array || is_set) && reply.elements.size() == expected.children.size() &&
          FindsAll(expected.children, reply.elements, 1, conditions)) {
        return true;
      }
      return is_array && conditions.resp2 && MatchesPairs(expected.children, reply.elements, conditions);
    case Kind::kMap:
      return is_map && reply.elements.size() == expected.children.size() &&
             FindsAll(expected.children, reply.elements, 2, conditions);
    case Kind::kSubset:
      if (expected.reply.type == Reply::Type::kMap)
        return is_map && FindsAll(expected.children, reply.elements, 2, conditions);
      return (is_array || is_set) && FindsAll(expected.children, reply.elements, 1, conditions);
    case Kind::kAny:
      return !reply.is_error();
    case Kind::kAnyInteger:
      return reply.type == Reply::Type::kInteger;
    case Kind::kAnyString:
      return reply.type == Reply::Type::kString;
    case Kind::kRange:
      return reply.type == Reply::Type::kInteger && reply.integer <= expected.high &&
             reply.integer >= expected.low - (conditions.time_passes ? expected.slack : 0);
    case Kind::kContains:
      return (reply.type == Reply::Type::kString || reply.type == Reply::Type::kStatus ||
              reply.type == Reply::Type::kVerbatim) &&
             reply.text.find(expected.text) != std::string::npos;
  }
  return false;
}

}  // namespace vectors
