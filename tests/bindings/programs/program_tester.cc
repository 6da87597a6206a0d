// The tester of random programs over redislite.h itself, whose lines are the truth for those of the bindings. README.md
// has the format.
//
// Usage: program_tester PROGRAM DIRECTORY FIRST [WRONG]     (WRONG: a step that is answered wrongly)
#include <redislite.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

constexpr size_t kStackDepth = 16;
constexpr size_t kPushedBytes = 100;

[[noreturn]] void Fail(const std::string& what) {
  (void)std::fprintf(stderr, "program_tester: %s\n", what.c_str());
  std::exit(2);
}

// The bytes of a string whose characters are bytes: JSON brings those from U+0080 on as two.
std::string BytesOf(const std::string& utf8) {
  std::string out;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      out += utf8[i];
    } else {
      if (byte > 0xc3 || i + 1 == utf8.size()) Fail("a character above U+00FF");
      out += static_cast<char>((byte & 0x03) << 6 | (utf8[++i] & 0x3f));
    }
  }
  return out;
}

std::string Format(const char* format, auto value) {
  char out[40];
  (void)std::snprintf(out, sizeof out, format, value);
  return out;
}

std::string Quoted(const std::string& bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e || c == '"' || c == '\\') {
      out += Format("\\x%02x", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string Joined(const Words& parts, const char* between) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : between) + parts[i];
  return out;
}

Words Sorted(Words parts) {
  std::sort(parts.begin(), parts.end());
  return parts;
}

// What a step answered: its line, and what the stack gets.
struct Answer {
  std::string text;
  std::string pushed;
};

Answer Text(const std::string& text) { return {text, text}; }
Answer String(const std::string& bytes) { return {Quoted(bytes), bytes}; }
Answer Ok() { return {"+\"OK\"", "OK"}; }
Answer Nil() { return Text("nil"); }
Answer Integer(int64_t integer) { return {':' + std::to_string(integer), std::to_string(integer)}; }
Answer Code(int code) { return Text('!' + std::to_string(code)); }
Answer Array(const Words& parts) { return Text('[' + Joined(parts, " ") + ']'); }

Answer FromReply(const rl_reply* reply);

Words Elements(const rl_reply* reply) {
  Words out;
  for (size_t i = 0; i < rl_reply_count(reply); ++i) out.push_back(FromReply(rl_reply_at(reply, i)).text);
  return out;
}

Answer FromReply(const rl_reply* reply) {
  size_t length = 0;
  const char* bytes = rl_reply_string(reply, &length);
  const std::string string = bytes == nullptr ? "" : std::string(bytes, length);
  Words elements = Elements(reply);
  switch (rl_reply_type(reply)) {
    case RL_REPLY_NIL:
      return Nil();
    case RL_REPLY_STATUS:
      return {'+' + Quoted(string), string};
    case RL_REPLY_ERROR:
      return Text(Code(rl_reply_code(reply)).text + ' ' + Quoted(string));
    case RL_REPLY_INTEGER:
      return Integer(rl_reply_integer(reply));
    case RL_REPLY_STRING:
      return String(string);
    case RL_REPLY_DOUBLE:
      return Text(Format(",%016llx", static_cast<unsigned long long>(std::bit_cast<uint64_t>(rl_reply_double(reply)))));
    case RL_REPLY_BOOLEAN:
      return Text(rl_reply_integer(reply) != 0 ? "#t" : "#f");
    case RL_REPLY_ARRAY:
      return Array(elements);
    case RL_REPLY_SET:
      return Text("~[" + Joined(Sorted(elements), " ") + ']');
    case RL_REPLY_MAP: {
      Words pairs;
      for (size_t i = 0; i + 1 < elements.size(); i += 2) pairs.push_back(elements[i] + ' ' + elements[i + 1]);
      return Text('{' + Joined(Sorted(pairs), ", ") + '}');
    }
    default:
      Fail("a reply of type " + std::to_string(rl_reply_type(reply)));
  }
}

// The words of a command as the library takes them.
struct Arguments {
  explicit Arguments(const Words& words) {
    for (const std::string& word : words) {
      pointers.push_back(word.data());
      lengths.push_back(word.size());
    }
  }
  std::vector<const char*> pointers;
  std::vector<size_t> lengths;
};

class Machine {
 public:
  Machine(const Json& program, std::string directory, size_t first)
      : directory_(std::move(directory)), options_(program.at("options")), now_ms_(program.at("start_ms")) {
    for (size_t i = 0; i < first; ++i) {
      const Json& step = program.at("steps").at(i);
      if (step.at(0) == "clock") now_ms_ += std::stoll(step.at(1).get<std::string>());
    }
    Open();
  }
  ~Machine() { rl_close(db_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::string Run(const Json& step) {
    const std::string name = step.at(0);
    Words operands;
    for (size_t i = 1; i < step.size(); ++i) {
      if (!step[i].is_array()) operands.push_back(Operand(step[i]));
    }
    Answer answer = name == "batch" ? Batch(step) : Function(name)(operands);
    const bool all = name == "push" || name == "concat" || name == "repeat";
    if (!all && answer.pushed.size() > kPushedBytes) answer.pushed.resize(kPushedBytes);
    stack_.push_back(answer.pushed);
    if (stack_.size() > kStackDepth) stack_.erase(stack_.begin());
    return answer.text;
  }

 private:
  static int64_t ReadClock(void* ctx) { return static_cast<std::atomic<int64_t>*>(ctx)->load(); }

  void Open() {
    rl_options* options = nullptr;
    int code = rl_options_new(&options);
    for (const auto& [name, value] : options_.items()) {
      if (code == RL_OK) code = rl_options_set(options, name.c_str(), value.get<std::string>().c_str());
    }
    if (code == RL_OK) code = rl_options_set_clock(options, ReadClock, &now_ms_);
    if (code == RL_OK) code = rl_open(directory_.c_str(), options, &db_);
    rl_options_free(options);
    if (code != RL_OK) Fail("the store does not open: " + std::to_string(code));
  }

  std::string Operand(const Json& operand) const {
    if (operand.is_string()) return BytesOf(operand);
    const size_t depth = operand;
    return depth < stack_.size() ? stack_[stack_.size() - 1 - depth] : "";
  }

  // What a function that answers yes and no says.
  static Answer Found(int code) { return code < 0 ? Code(code) : Integer(code == RL_OK ? 1 : 0); }
  static Answer Done(int code) { return code < 0 ? Code(code) : Ok(); }

  Answer Batch(const Json& step) {
    rl_batch* batch = nullptr;
    if (rl_batch_new(db_, &batch) != RL_OK) Fail("rl_batch_new");
    Words added;
    for (size_t i = 1; i < step.size(); ++i) {
      Words words;
      for (const Json& operand : step[i]) words.push_back(Operand(operand));
      const Arguments arguments(words);
      added.push_back(
          Integer(rl_batch_add(batch, words.size(), arguments.pointers.data(), arguments.lengths.data())).text);
    }
    rl_reply* reply = nullptr;
    const int code = rl_batch_commit(batch, &reply);
    const std::string committed = code == RL_OK ? FromReply(reply).text : Code(code).text;
    rl_reply_free(reply);
    rl_batch_free(batch);
    return Array({Array(added).text, committed});
  }

  Answer Command(const Words& words, bool sorted) {
    const Arguments arguments(words);
    rl_reply* reply = nullptr;
    const int code = rl_command(db_, words.size(), arguments.pointers.data(), arguments.lengths.data(), &reply);
    if (code != RL_OK) return Code(code);
    const bool is_array = rl_reply_type(reply) == RL_REPLY_ARRAY;
    const Answer answer = sorted && is_array ? Array(Sorted(Elements(reply))) : FromReply(reply);
    rl_reply_free(reply);
    return answer;
  }

  Answer Get(const std::string& key) {
    void* value = nullptr;
    size_t length = 0;
    const int code = rl_get(db_, key.data(), key.size(), &value, &length);
    if (code != RL_OK) return code == RL_NOT_FOUND ? Nil() : Code(code);
    const std::string bytes(static_cast<const char*>(value), length);
    rl_buffer_free(value);
    return String(bytes);
  }

  Answer SetWith(const Words& of) {
    static const std::map<std::string, unsigned> kFlags = {
        {"", 0}, {"NX", RL_SET_NX}, {"XX", RL_SET_XX}, {"KEEPTTL", RL_SET_KEEPTTL}};
    const int code = rl_set_with(db_, of.at(0).data(), of[0].size(), of.at(1).data(), of[1].size(),
                                 std::stoll(of.at(2)), kFlags.at(of.at(3)));
    return code == RL_CONDITION ? Nil() : Done(code);
  }

  Answer Scan(const std::string& pattern) {
    Words keys;
    std::string cursor = "0";
    do {
      const Words words = {"SCAN", cursor, "MATCH", pattern};
      const Arguments arguments(words);
      rl_reply* page = nullptr;
      if (rl_command(db_, words.size(), arguments.pointers.data(), arguments.lengths.data(), &page) != RL_OK) {
        Fail("SCAN");
      }
      cursor = FromReply(rl_reply_at(page, 0)).pushed;
      const Words found = Elements(rl_reply_at(page, 1));
      keys.insert(keys.end(), found.begin(), found.end());
      rl_reply_free(page);
    } while (cursor != "0");
    return Array(Sorted(keys));
  }

  Answer Reopen() {
    const int code = rl_close(db_);
    if (code != RL_OK) Fail("rl_close returned " + std::to_string(code));
    Open();
    return Ok();
  }

  using Step = std::function<Answer(const Words&)>;

  Step Function(const std::string& name) {
    const std::map<std::string, Step> steps = {
        {"push", [](const Words& of) { return String(of.at(0)); }},
        {"concat", [](const Words& of) { return String(of.at(0) + of.at(1)); }},
        {"repeat",
         [](const Words& of) {
           std::string out;
           for (int64_t i = std::stoll(of.at(1)); i > 0; --i) out += of[0];
           return String(out);
         }},
        {"set",
         [this](const Words& of) {
           return Done(rl_set(db_, of.at(0).data(), of[0].size(), of.at(1).data(), of[1].size()));
         }},
        {"set_with", [this](const Words& of) { return SetWith(of); }},
        {"get", [this](const Words& of) { return Get(of.at(0)); }},
        {"del", [this](const Words& of) { return Found(rl_del(db_, of.at(0).data(), of[0].size())); }},
        {"exists", [this](const Words& of) { return Found(rl_exists(db_, of.at(0).data(), of[0].size())); }},
        {"incr_by",
         [this](const Words& of) {
           int64_t sum = 0;
           const int code = rl_incr_by(db_, of.at(0).data(), of[0].size(), std::stoll(of.at(1)), &sum);
           return code == RL_OK ? Integer(sum) : Code(code);
         }},
        {"expire",
         [this](const Words& of) {
           return Found(rl_expire(db_, of.at(0).data(), of[0].size(), std::stoll(of.at(1))));
         }},
        {"persist", [this](const Words& of) { return Done(rl_persist(db_, of.at(0).data(), of[0].size())); }},
        {"ttl",
         [this](const Words& of) {
           int64_t ttl_ms = 0;
           const int code = rl_ttl(db_, of.at(0).data(), of[0].size(), &ttl_ms);
           return code < 0 ? Code(code) : Integer(ttl_ms);
         }},
        {"count",
         [this](const Words&) {
           uint64_t keys = 0;
           const int code = rl_count(db_, &keys);
           return code == RL_OK ? Integer(static_cast<int64_t>(keys)) : Code(code);
         }},
        {"scan", [this](const Words& of) { return Scan(of.at(0)); }},
        {"command", [this](const Words& of) { return Command(of, false); }},
        {"sorted", [this](const Words& of) { return Command(of, true); }},
        {"clock", [this](const Words& of) { return Integer(now_ms_ += std::stoll(of.at(0))); }},
        {"sync", [this](const Words&) { return Done(rl_sync(db_)); }},
        {"snapshot", [this](const Words&) { return Done(rl_snapshot(db_)); }},
        {"reopen", [this](const Words&) { return Reopen(); }},
        {"kill", [](const Words&) { return Ok(); }},
    };
    const auto found = steps.find(name);
    if (found == steps.end()) Fail("no step '" + name + "'");
    return found->second;
  }

  const std::string directory_;
  const Json options_;
  std::atomic<int64_t> now_ms_;
  rl_db* db_ = nullptr;
  Words stack_;
};

// Gives the line away, and waits for the death that it announced.
void AwaitDeath() {
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
  Fail("nobody has killed it");
}

int Run(const std::string& path, const std::string& directory, size_t first, size_t wrong) {
  std::ifstream file(path);
  const Json program = Json::parse(file);
  const Json& steps = program.at("steps");
  Machine machine(program, directory, first);
  for (size_t number = first; number < steps.size(); ++number) {
    std::string line = machine.Run(steps[number]);
    if (number == wrong) line += " and more";
    (void)std::printf("%zu %s\n", number, line.c_str());
    if (steps[number].at(0) == "kill") {
      (void)std::fflush(stdout);
      AwaitDeath();
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) Fail("usage: program_tester PROGRAM DIRECTORY FIRST [WRONG]");
  try {
    return Run(argv[1], argv[2], std::stoul(argv[3]), argc == 5 ? std::stoul(argv[4]) : SIZE_MAX);
  } catch (const std::exception& thrown) {
    Fail(thrown.what());
  }
}
