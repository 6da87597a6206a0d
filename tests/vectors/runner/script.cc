#include "script.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vectors {
namespace {

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Trim(const std::string& text) {
  size_t begin = 0, end = text.size();
  while (begin < end && IsSpace(text[begin])) ++begin;
  while (end > begin && IsSpace(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

// Replaces ${i} by the number and ${text*count} by the text that many times.
bool Expand(const std::string& text, int64_t i, std::string* out) {
  out->clear();
  for (size_t at = 0; at < text.size();) {
    const size_t begin = text.find("${", at);
    if (begin == std::string::npos) {
      out->append(text, at);
      break;
    }
    const size_t end = text.find('}', begin);
    if (end == std::string::npos) return false;
    out->append(text, at, begin - at);
    const std::string inside = text.substr(begin + 2, end - begin - 2);
    const size_t star = inside.rfind('*');
    if (inside == "i") {
      *out += std::to_string(i);
    } else if (star != std::string::npos) {
      const long long count = std::atoll(inside.c_str() + star + 1);
      for (long long n = 0; n < count; ++n) out->append(inside, 0, star);
    } else if (inside.ends_with(".id")) {
      out->append(text, begin, end + 1 - begin);  // a connection's: known when it is open
    } else {
      return false;
    }
    at = end + 1;
  }
  return true;
}

class Reader {
 public:
  Reader(const std::string& path, Script* out, std::string* error) : out_(out), error_(error), in_(path) {
    out_->path = path;
  }

  bool Read() {
    if (!in_) return Fail("cannot be read");
    while (Next()) {
      if (!Line()) return false;
    }
    if (!Flush()) return false;
    if (out_->claim.empty()) return Fail("the file has no first comment line with its claim");
    if (out_->cases.empty()) return Fail("the file has no commands");
    return true;
  }

 private:
  bool Fail(const std::string& what) {
    *error_ = out_->path + ":" + std::to_string(line_number_) + ": " + what;
    return false;
  }
  bool Next() {
    if (!std::getline(in_, line_)) return false;
    ++line_number_;
    line_ = Trim(line_);
    return true;
  }
  Case& CurrentCase() {
    if (out_->cases.empty()) out_->cases.push_back({out_->claim, line_number_, {}});
    return out_->cases.back();
  }

  bool Line() {
    if (line_.empty()) return true;
    if (line_[0] == '#' && !IsBoolean()) {
      if (out_->claim.empty()) out_->claim = Trim(line_.substr(1));
      return true;
    }
    if (line_[0] == '>') return Begin(Trim(line_.substr(1)), 1, 1);
    if (line_[0] == '*') return BeginLoop();
    if (line_.starts_with("case ")) {
      if (!Flush()) return false;
      out_->cases.push_back({Trim(line_.substr(5)), line_number_, {}});
      return true;
    }
    if (line_.starts_with("bytes ")) return Begin(Trim(line_.substr(6)), 1, 1, Step::Kind::kBytes);
    if (line_.starts_with("later ")) {
      if (!Begin("", 1, 1, Step::Kind::kLater)) return false;
      expected_ = Trim(line_.substr(6));
      return true;
    }
    if (line_ == "closed") return Directive(Step::Kind::kClosed, 0);
    if (line_.starts_with("on ")) return Use();
    if (line_ == "reopen" || line_.starts_with("reopen ")) return Directive(Step::Kind::kReopen, 0);
    if (line_ == "crash" || line_.starts_with("crash ")) return Directive(Step::Kind::kCrash, 0);
    if (line_.starts_with("clock +")) {
      char* end = nullptr;
      const long long ms = std::strtoll(line_.c_str() + 7, &end, 10);
      if (std::string(end).rfind("ms", 0) != 0) return Fail("clock needs milliseconds: clock +1500ms");
      return Directive(Step::Kind::kClock, ms);
    }
    if (line_.starts_with("differs:")) {
      if (!pending_) return Fail("'differs:' without a command");
      differs_ = Trim(line_.substr(8));
      return differs_.empty() ? Fail("'differs:' needs the reason") : true;
    }
    if (line_.starts_with("only here:")) {
      if (!pending_) return Fail("'only here:' without a command");
      differs_ = Trim(line_.substr(10));
      only_here_ = true;
      return differs_.empty() ? Fail("'only here:' needs the reason") : true;
    }
    if (line_.starts_with("only rl_command:")) {
      if (!pending_) return Fail("'only rl_command:' without a command");
      differs_ = Trim(line_.substr(16));
      only_here_ = only_rl_command_ = true;
      return differs_.empty() ? Fail("'only rl_command:' needs the reason") : true;
    }
    if (!pending_) return Fail("not understood: " + line_);
    if (!differs_.empty()) return Fail("the reply stands before 'differs:' and 'only here:'");
    expected_ += expected_.empty() ? line_ : "\n" + line_;
    return true;
  }
  // "#t" and "#f" are replies, not comments.
  bool IsBoolean() const { return pending_ && (line_ == "#t" || line_ == "#f"); }

  bool BeginLoop() {
    char* end = nullptr;
    const long long from = std::strtoll(line_.c_str() + 1, &end, 10);
    if (std::string(end).rfind("..", 0) != 0) return Fail("a loop is '* 1..9 > COMMAND'");
    const long long to = std::strtoll(end + 2, &end, 10);
    const std::string rest = Trim(end);
    if (rest.empty() || rest[0] != '>') return Fail("a loop is '* 1..9 > COMMAND'");
    return Begin(Trim(rest.substr(1)), from, to);
  }
  bool Begin(const std::string& command, int64_t from, int64_t to, Step::Kind kind = Step::Kind::kCommand) {
    if (!Flush()) return false;
    pending_ = true;
    kind_ = kind;
    command_ = command;
    command_line_ = line_number_;
    from_ = from;
    to_ = to;
    return true;
  }
  bool Use() {
    std::vector<std::string> words;
    if (!SplitWords(line_, &words) || words.size() < 2 || words.size() > 3) return Fail("a connection is 'on NAME'");
    const bool says = words.size() == 3;
    if (says && words[2] != "resp2" && words[2] != "resp3") return Fail("a protocol is resp2 or resp3");
    if (!Directive(Step::Kind::kUse, 0)) return false;
    Step& step = CurrentCase().steps.back();
    step.connection = words[1];
    if (says) step.protocol = words[2] == "resp2" ? 2 : 3;
    return true;
  }
  bool Directive(Step::Kind kind, int64_t ms) {
    if (!Flush()) return false;
    Step step;
    step.kind = kind;
    step.line = line_number_;
    step.clock_ms = ms;
    CurrentCase().steps.push_back(step);
    return true;
  }

  // Ends the command that is being read, if any.
  bool Flush() {
    if (!pending_) return true;
    pending_ = false;
    if (expected_.empty()) return Fail("a command without an expected reply before this line");
    for (int64_t i = from_; i <= to_; ++i) {
      Step step;
      step.kind = kind_;
      step.line = command_line_;
      step.differs = differs_;
      step.only_here = only_here_;
      step.only_rl_command = only_rl_command_;
      std::string command;
      if (!Expand(command_, i, &command) || !Expand(expected_, i, &step.expected_text))
        return Fail("a bad ${...} above");
      if (!SplitWords(command, &step.words)) return Fail("unbalanced quotes above");
      if (kind_ != Step::Kind::kLater && step.words.empty()) return Fail("no command above");
      if (kind_ == Step::Kind::kBytes && step.words.size() != 1) return Fail("bytes stand in one pair of quotes");
      step.no_reply = step.expected_text == "nothing";
      if (step.no_reply) {
        CurrentCase().steps.push_back(std::move(step));
        continue;
      }
      std::string what;
      if (!ParseExpectation(step.expected_text, &step.expected, &what)) return Fail("the reply above: " + what);
      CurrentCase().steps.push_back(std::move(step));
    }
    expected_.clear();
    differs_.clear();
    only_here_ = only_rl_command_ = false;
    return true;
  }

  Script* out_;
  std::string* error_;
  std::ifstream in_;
  std::string line_;
  int line_number_ = 0;

  bool pending_ = false;
  std::string command_, expected_, differs_;
  Step::Kind kind_ = Step::Kind::kCommand;
  bool only_here_ = false, only_rl_command_ = false;
  int command_line_ = 0;
  int64_t from_ = 1, to_ = 1;
};

}  // namespace

bool SplitWords(const std::string& line, std::vector<std::string>* words) {
  words->clear();
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    if (at >= line.size()) return true;
    std::string word;
    if (line[at] != '"' && line[at] != '\'') {
      while (at < line.size() && !IsSpace(line[at])) word += line[at++];
      words->push_back(word);
      continue;
    }
    const char quote = line[at++];
    while (at < line.size() && line[at] != quote) {
      if (line[at] != '\\' || at + 1 >= line.size() || (quote == '\'' && line[at + 1] != '\'')) {
        word += line[at++];
        continue;
      }
      const char escape = line[at + 1];
      if (escape == 'x' && at + 3 < line.size() && HexDigit(line[at + 2]) >= 0 && HexDigit(line[at + 3]) >= 0) {
        word += static_cast<char>(HexDigit(line[at + 2]) * 16 + HexDigit(line[at + 3]));
        at += 4;
        continue;
      }
      switch (escape) {
        case 'n':
          word += '\n';
          break;
        case 'r':
          word += '\r';
          break;
        case 't':
          word += '\t';
          break;
        case 'b':
          word += '\b';
          break;
        case 'a':
          word += '\a';
          break;
        default:
          word += escape;
      }
      at += 2;
    }
    if (at >= line.size()) return false;
    ++at;  // the closing quote
    if (at < line.size() && !IsSpace(line[at])) return false;
    words->push_back(word);
  }
}

bool ReadScript(const std::string& path, Script* out, std::string* error) {
  *out = {};
  return Reader(path, out, error).Read();
}

std::vector<std::string> FindScripts(const std::string& path) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && entry.path().extension() == ".rlt") out.push_back(entry.path().string());
    }
    std::sort(out.begin(), out.end());
  } else {
    out.push_back(path);
  }
  return out;
}

}  // namespace vectors
