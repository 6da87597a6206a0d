// Any commands, run on a store: no crash, every reply well formed, plain strings as a map has them, the log builds
// the same data again, and FLUSHALL gives all memory back.
//
// An input is lines as redis-cli takes them. A line that begins with "!" is for this target: "!db N" changes the
// database, "!advance MS" the clock, "!batch N" makes one batch of the next N lines, "!resp N" changes the protocol.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands/table.h"
#include "engine/engine.h"
#include "resp/reply.h"
#include "split.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/line_mutator.h"
#include "tests/support/sim_file_system.h"

namespace redislite::fuzz {
namespace {

using engine::Engine;
using sim::SimFileSystem;

constexpr char kPath[] = "/store";
constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kLargeMax = 1000;
constexpr size_t kLinesMax = 200;

std::string Lower(const std::string& word) {
  std::string lower;
  for (const char c : word) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

int64_t Number(const std::string& word) { return std::strtoll(word.c_str(), nullptr, 10); }

// What costs time or space by the number that it is given, and does so in Redis too.
bool IsCostly(const Words& words) {
  const std::string name = Lower(words[0]);
  if (name == "debug") return words.size() > 1 && Lower(words[1]) == "sleep";
  if (words.size() > 2 && name == "setbit") return Number(words[2]) > 8 * kLargeMax;
  for (size_t i = 4; name == "bitfield" && i < words.size(); ++i) {  // an offset stands behind a type: i8, u63
    const bool follows_type = words[i - 1][0] == 'i' || words[i - 1][0] == 'u';
    if (follows_type && Number(words[i].substr(words[i][0] == '#' ? 1 : 0)) > kLargeMax) return true;
  }
  const bool draws = name == "hrandfield" || name == "srandmember" || name == "zrandmember";
  if (words.size() > 2 && (name == "setrange" || draws)) {
    const int64_t number = Number(words[2]);
    return number > kLargeMax || number < -kLargeMax;
  }
  return name == "command";  // long replies: the unit tests read them
}

// A command that waits does so for a moment only: nobody else is there to feed it.
void ShortenWait(Words& words) {
  const std::string name = Lower(words[0]);
  const bool is_first = name == "blmpop" || name == "bzmpop";
  const bool is_last = name == "blpop" || name == "brpop" || name == "blmove" || name == "brpoplpush" ||
                       name == "bzpopmin" || name == "bzpopmax";
  if (words.size() > 1 && (is_first || is_last)) (is_first ? words[1] : words.back()) = "0.001";
}

// The strings that the simplest commands have made. Whatever else writes makes all keys unknown.
class Model {
 public:
  // Says what the reply must be, where it knows.
  std::optional<std::string> Expect(const Words& words, int db, bool writes) {
    const std::string name = Lower(words[0]);
    const size_t count = words.size();
    const auto found = count > 1 ? strings_.find({db, words[1]}) : strings_.end();
    const bool known = found != strings_.end();
    if (name == "set" && count == 3) {
      strings_[{db, words[1]}] = words[2];
      return "+OK\r\n";
    }
    if (name == "get" && count == 2 && known) return Bulk(found->second);
    if (name == "strlen" && count == 2 && known) return Integer(found->second.size());
    if (name == "append" && count == 3 && known) return Integer((found->second += words[2]).size());
    if (name == "del" && count == 2 && known) {
      strings_.erase(found);
      return Integer(1);
    }
    if (writes) strings_.clear();
    return std::nullopt;
  }
  void Forget() { strings_.clear(); }

 private:
  static std::string Integer(size_t number) { return ":" + std::to_string(number) + "\r\n"; }
  static std::string Bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
  }
  std::map<std::pair<int, std::string>, std::string> strings_;
};

class Run {
 public:
  Run() : engine_(Open(files_)), base_(FlushAndMeasure()) {}

  void Line(Words words) {
    if (words[0][0] == '!') return Direct(words);
    if (IsCostly(words)) return;
    ShortenWait(words);
    if (batch_left_ > 0) {
      --batch_left_;
      if (engine_->CheckForBatch(Borrow(words)).ok()) batch_.push_back(words);
      if (batch_left_ == 0) CommitBatch();
      return;
    }
    const std::vector<Bytes> args = Borrow(words);
    const engine::Command* const command = commands::Commands().Find(args);
    const bool writes = command == nullptr || (command->flags & engine::kReadOnly) == 0;
    if (Lower(words[0]) == "config") model_.Forget();
    const std::optional<std::string> expected = model_.Expect(words, db_, writes);
    resp::Writer reply(protocol_);
    const Status status = engine_->Execute(args, db_, reply);
    Require(status.ok(), "a command has a reply", status.message());
    CheckReply(reply);
    if (Lower(words[0]).starts_with("bg")) AwaitSnapshot();
    if (expected && !(limited_ && !reply.error_codes().empty())) {
      Require(reply.bytes() == *expected, "a string is what a map says",
              *expected + " | " + std::string(reply.bytes()));
    }
    if (Lower(words[0]) == "config") limited_ = true;  // a limit of memory may refuse what the model has taken
    if (limited_) model_.Forget();
  }

  void Finish() {
    CommitBatch();
    const std::string digest = engine_->Digest();
    Require(engine_->Sync().ok(), "a store syncs");
    SimFileSystem killed(files_.Snapshot());
    const std::unique_ptr<Engine> other = Open(killed);
    Require(other->Digest() == digest, "the log builds the same data again");
    Require(other->Snapshot().ok(), "a store takes a snapshot");
    Require(other->Digest() == digest, "a snapshot changes nothing");
    SimFileSystem after(killed.Snapshot());
    const std::unique_ptr<Engine> third = Open(after);
    Require(third->Digest() == digest, "the snapshot builds the same data again");
    Require(third->Close().ok() && other->Close().ok(), "a store closes");
    const uint64_t used = FlushAndMeasure();
    Require(used == base_, "FLUSHALL gives all memory back", std::to_string(base_) + " -> " + std::to_string(used));
    Require(engine_->Close().ok(), "a store closes");
  }

 private:
  std::unique_ptr<Engine> Open(SimFileSystem& files) {
    engine::Options options;
    options.fsync = engine::Fsync::kNo;
    options.service_thread = false;
    options.now_ms = [this] { return now_ms_; };
    auto opened = Engine::Open(kPath, options, commands::Commands(), files);
    Require(opened.ok(), "a store opens", opened.status().message());
    return std::move(*opened);
  }

  uint64_t FlushAndMeasure() {
    const std::vector<Bytes> flush = {"FLUSHALL"};
    resp::Writer reply(3);
    Require(engine_->Execute(flush, 0, reply).ok() && reply.bytes() == "+OK\r\n", "FLUSHALL says OK", reply.bytes());
    return engine_->memory().used();
  }

  // A snapshot in the background keeps what it has not written yet, and would make an input's outcome a matter of luck.
  void AwaitSnapshot() {
    const std::vector<Bytes> info = {"INFO", "persistence"};
    for (bool runs = true; runs; std::this_thread::yield()) {
      resp::Writer reply(protocol_);
      Require(engine_->Execute(info, db_, reply).ok(), "INFO has a reply", reply.bytes());
      runs = reply.bytes().find("rdb_bgsave_in_progress:0") == Bytes::npos;
    }
  }

  static std::vector<Bytes> Borrow(const Words& words) { return {words.begin(), words.end()}; }

  static void CheckReply(const resp::Writer& reply) {
    resp::ReplyTree tree;
    Require(tree.Decode(std::string(reply.bytes()), reply.error_codes()), "a reply is well formed", reply.bytes());
  }

  void Direct(const Words& words) {
    const int64_t number = words.size() > 1 ? Number(words[1]) : 0;
    if (words[0] == "!db") db_ = static_cast<int>(number & 15);
    if (words[0] == "!resp") protocol_ = number == 2 ? 2 : 3;
    if (words[0] == "!batch" && batch_left_ == 0) batch_left_ = static_cast<int>(number & 15);
    if (words[0] == "!advance") {
      now_ms_ += number & 0xffff;
      model_.Forget();
    }
  }

  void CommitBatch() {
    batch_left_ = 0;
    if (batch_.empty()) return;
    model_.Forget();
    resp::Writer reply(protocol_);
    const Status status = engine_->ExecuteBatch(batch_, db_, reply);
    batch_.clear();
    AwaitSnapshot();
    if (status.ok()) return CheckReply(reply);
    Require(status.code() == Code::kMaxMemory, "a batch is run", status.message());
  }

  int64_t now_ms_ = kNow;
  SimFileSystem files_;
  std::unique_ptr<Engine> engine_;
  const uint64_t base_;
  int db_ = 0;
  int protocol_ = 3;
  int batch_left_ = 0;
  bool limited_ = false;
  std::vector<std::vector<std::string>> batch_;
  Model model_;
};

void TestOneInput(Bytes input) {
  Run run;
  size_t lines = 0;
  for (const std::string& line : SplitLines(input)) {
    Words words;
    std::string error;
    if (++lines > kLinesMax) break;
    if (!apps::SplitLine(line, words, error) || words.empty() || words[0].empty()) continue;
    run.Line(std::move(words));
  }
  run.Finish();
}

// ---- The language.

std::string NewWord(Random& random) {
  constexpr const char* kKeys[] = {"k", "l", "h", "n", "other"};
  constexpr const char* kWords[] = {
      "NX",     "XX",     "GT",    "LT",     "EX",           "PX",          "EXAT",       "PXAT",    "KEEPTTL",
      "GET",    "LEFT",   "RIGHT", "BEFORE", "AFTER",        "COUNT",       "MATCH",      "REPLACE", "DB",
      "RANK",   "MAXLEN", "LEN",   "IDX",    "WITHMATCHLEN", "MINMATCHLEN", "WITHVALUES", "PERSIST", "TYPE",
      "string", "*",      "k*",    "[a-z]",  "ASYNC",        "SYNC",        "1.5",        "inf",     "1e308",
      "-0",     "",       "f",     "g",      "0x10",         "maxmemory",   "BIT",        "BYTE",    "AND",
      "XOR",    "NOT",    "SET",   "INCRBY", "OVERFLOW",     "SAT",         "FAIL",       "u8",      "i64",
      "#1",     "BY",     "DESC",  "ALPHA",  "LIMIT",        "STORE",       "nosort",     "ABSTTL"};
  switch (random.Below(5)) {
    case 0:
    case 1:
      return kKeys[random.Below(std::size(kKeys))];
    case 2:
      return std::to_string(static_cast<int64_t>(InterestingNumber(random, random.Below(3))));
    case 3:
      return kWords[random.Below(std::size(kWords))];
    default:
      return std::string(random.Below(random.Below(8) == 0 ? 200 : 8), static_cast<char>('a' + random.Below(26)));
  }
}

// A command with as many arguments as it takes, keys where keys stand.
Words NewLine(Random& random) {
  constexpr const char* kDirections[] = {"!db", "!advance", "!batch", "!resp"};
  if (random.Below(12) == 0) {
    return {kDirections[random.Below(std::size(kDirections))], std::to_string(random.Below(3000))};
  }
  const auto all = commands::AllCommands();
  const engine::Command& command = all[random.Below(all.size())];
  Words words;
  std::string name = command.name;
  if (const size_t bar = name.find('|'); bar != std::string::npos) {
    words.push_back(name.substr(0, bar));
    name.erase(0, bar + 1);
  }
  words.push_back(name);
  auto count = static_cast<size_t>(std::abs(command.arity));
  if (command.arity < 0) count += random.Below(4);
  while (words.size() < count) {
    const bool is_key = static_cast<int>(words.size()) == command.first_key;
    words.push_back(is_key ? std::string(1, "klhn"[random.Below(4)]) : NewWord(random));
  }
  return words;
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  redislite::Random random(uint64_t{seed} + 1);
  const std::string mutated = redislite::fuzz::MutateLines(
      redislite::fuzz::Input(data, size), {redislite::fuzz::NewLine, redislite::fuzz::NewWord}, random, capacity);
  return redislite::fuzz::GiveBack(mutated, data, capacity);
}
