// Any lines for the CLI's import: all of the file is imported, or a bad line is named and nothing is; what was
// imported is what the lines say. The readers of typed lines and of piped requests get the same bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base64.h"
#include "import.h"
#include "key_record.h"
#include "resp_request.h"
#include "split.h"
#include "store.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/line_mutator.h"

namespace redislite::fuzz {
namespace {

using cli::KeyRecord;

constexpr size_t kSplitBytes = 64;     // small, so that keys are built in parts
constexpr int64_t kFarMs = 1ll << 42;  // in the year 2109: what expires later is still there, or Redis has refused it
constexpr int64_t kTooFarMs = 1ll << 60;

// The content of a file that has a path and no place on a disk.
class MemoryFile {
 public:
  explicit MemoryFile(Bytes bytes) : fd_(memfd_create("import", MFD_CLOEXEC)) {
    Require(fd_ >= 0, "a file in memory is made");
    Require(write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "it is written");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  const int fd_;
};

void Compare(const cli::Store& store, const KeyRecord& record) {
  Words command;
  Words expected;
  switch (record.type) {
    case KeyRecord::Type::kString:
      command = {"GET", record.key};
      expected = {record.values[0]};
      break;
    case KeyRecord::Type::kList:
      command = {"LRANGE", record.key, "0", "-1"};
      expected = record.values;
      break;
    case KeyRecord::Type::kHash: {
      // A field that comes twice has its last value.
      std::map<std::string, std::string> fields;
      for (size_t i = 0; i + 1 < record.values.size(); i += 2) fields[record.values[i]] = record.values[i + 1];
      const cli::Answer all = store.Run({"HLEN", record.key});
      Require(all.reply.integer == static_cast<int64_t>(fields.size()), "a hash has the fields of its line",
              record.key);
      for (const auto& [field, value] : fields) {
        const cli::Answer one = store.Run({"HGET", record.key, field});
        Require(one.reply.type == RL_REPLY_STRING && one.reply.text == value, "a field has its value", field);
      }
      return;
    }
    case KeyRecord::Type::kSet: {
      const std::set<std::string> members(record.values.begin(), record.values.end());
      const cli::Answer all = store.Run({"SCARD", record.key});
      Require(all.reply.integer == static_cast<int64_t>(members.size()), "a set has the members of its line",
              record.key);
      for (const std::string& member : members) {
        Require(store.Run({"SISMEMBER", record.key, member}).reply.integer == 1, "a member is there", member);
      }
      return;
    }
    case KeyRecord::Type::kSortedSet: {
      std::set<std::string> members;
      for (size_t i = 1; i < record.values.size(); i += 2) members.insert(record.values[i]);
      const cli::Answer all = store.Run({"ZCARD", record.key});
      Require(all.reply.integer == static_cast<int64_t>(members.size()), "a sorted set has the members of its line",
              record.key);
      for (const std::string& member : members) {
        Require(store.Run({"ZSCORE", record.key, member}).reply.type == RL_REPLY_DOUBLE, "a member has a score",
                member);
      }
      return;
    }
  }
  const cli::Answer answer = store.Run(command);
  Words found;
  for (const cli::Reply& element : answer.reply.elements) found.emplace_back(element.text);
  if (record.type == KeyRecord::Type::kString) found.emplace_back(answer.reply.text);
  Require(found == expected, "a key is what its line says", record.key);
}

void Import(Bytes input) {
  std::map<std::string, KeyRecord> keys;
  bool good = true;
  bool certain = true;
  for (const std::string& line : SplitLines(input)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    KeyRecord record;
    std::string error;
    if (!cli::ParseKeyRecord(line, record, error)) {
      Require(!error.empty(), "a bad line has a message", line);
      good = false;
      break;
    }
    Require(record.type == KeyRecord::Type::kString ? record.values.size() == 1 : !record.values.empty(),
            "a record has values", line);
    Require(record.type != KeyRecord::Type::kHash || record.values.size() % 2 == 0, "a hash has pairs", line);
    if (record.expire_at_ms && *record.expire_at_ms > kTooFarMs) certain = false;
    keys[record.key] = record;
  }
  std::string error;
  const std::unique_ptr<cli::Store> store = cli::Store::Open(":memory:", {{"reaper-interval-ms", "0"}}, error);
  Require(store != nullptr, "a store in memory opens", error);
  const MemoryFile file(input);
  uint64_t count = 0;
  const bool imported = cli::ImportKeys(*store, file.path(), kSplitBytes, count, error);
  Require(imported || !error.empty(), "a failed import says why");
  if (!good) {
    Require(!imported && count == 0, "nothing is imported when a line is bad", error);
    Require(store->Run({"DBSIZE"}).reply.integer == 0, "no key is there when a line is bad", error);
    return;
  }
  if (!certain) return;
  Require(imported, "good lines are imported", error);
  for (const auto& [key, record] : keys) {
    if (record.expire_at_ms && *record.expire_at_ms < kFarMs) continue;
    Compare(*store, record);
  }
}

void ReadRequests(Bytes input) {
  Words words;
  std::string error;
  for (size_t requests = 0; requests < 1000; ++requests) {
    size_t size = 0;
    const cli::Parsed parsed = cli::ParseRequest(input, words, size, error);
    if (parsed == cli::Parsed::kBad) Require(!error.empty(), "what is no request has a message");
    if (parsed != cli::Parsed::kCommand && parsed != cli::Parsed::kNothing) return;
    Require(size > 0 && size <= input.size(), "a request ends in the input");
    input.remove_prefix(size);
  }
}

void ReadWords(const std::string& line) {
  Words words;
  std::string error;
  if (!apps::SplitLine(line, words, error)) return;
  std::string quoted;
  for (const std::string& word : words) (quoted += apps::QuoteIfNeeded(word)) += ' ';
  Words again;
  Require(apps::SplitLine(quoted, again, error) && again == words, "what is quoted is read as it was", quoted);
}

// ---- The language: JSON, bent a little.

std::string NewString(Random& random) {
  constexpr const char* kStrings[] = {"\"k\"",
                                      "\"\"",
                                      "\"\\u0000\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"\\ud83d\"",
                                      "\"long enough to be split into parts of a few\"",
                                      "{\"base64\":\"/w==\"}",
                                      "{\"base64\":\"AP8=\"}",
                                      "{\"base64\":\"x\"}",
                                      "{\"base64\":\"\",\"x\":1}",
                                      "\"f\""};
  return kStrings[random.Below(std::size(kStrings))];
}

std::string NewValue(Random& random) {
  constexpr const char* kValues[] = {"1e999",     "-1",       "null",       "true",
                                     "[]",        "{}",       "0.5",        "18446744073709551616",
                                     "\"list\"",  "\"hash\"", "\"string\"", "[[[[[[[[[[]]]]]]]]]]",
                                     "[[\"f\"]]", "\xff"};
  if (random.Below(2) == 0) return NewString(random);
  if (random.Below(2) == 0) return std::to_string(InterestingNumber(random, 1'900'000'000'000));
  return kValues[random.Below(std::size(kValues))];
}

std::string NewRecord(Random& random) {
  const uint64_t type = random.Below(3);
  std::string line = "{\"key\":" + NewString(random) + ",\"type\":\"" +
                     (type == 0   ? "string"
                      : type == 1 ? "list"
                                  : "hash") +
                     "\",\"value\":";
  if (type == 0) {
    line += random.Below(8) == 0 ? NewValue(random) : NewString(random);
  } else {
    line += '[';
    for (uint64_t i = 0; i <= random.Below(5); ++i) {
      if (i > 0) line += ',';
      line += type == 1 ? NewString(random) : "[" + NewString(random) + "," + NewString(random) + "]";
    }
    line += ']';
  }
  if (random.Below(3) == 0) line += ",\"expire_at_ms\":" + NewValue(random);
  if (random.Below(3) == 0) line += random.Below(4) == 0 ? ",\"db\":" + NewValue(random) : ",\"db\":0";
  return line + "}";
}

// Replaces, removes or adds a run between two of JSON's own characters.
std::string BendRecord(const std::string& line, Random& random) {
  constexpr char kMarks[] = "{}[],:\"";
  std::vector<size_t> marks;
  for (size_t i = 0; i < line.size(); ++i) {
    if (Bytes(kMarks).find(line[i]) != Bytes::npos) marks.push_back(i);
  }
  if (marks.empty()) return NewRecord(random);
  const size_t first = marks[random.Below(marks.size())];
  const size_t second = std::max(first, marks[std::min(marks.size() - 1, random.Below(marks.size()))]);
  switch (random.Below(3)) {
    case 0:
      return line.substr(0, first) + line.substr(second);
    case 1:
      return line.substr(0, first + 1) + NewValue(random) + line.substr(second);
    default:
      return line.substr(0, second) + line.substr(first);
  }
}

std::string MutateRecords(Bytes input, Random& random, size_t capacity) {
  std::vector<std::string> lines = SplitLines(input);
  for (uint64_t i = 0; i <= random.Below(3); ++i) {
    if (lines.empty()) lines.push_back(NewRecord(random));
    const size_t at = random.Below(lines.size());
    const auto place = lines.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.Below(6)) {
      case 0:
        lines.erase(place);
        break;
      case 1:
        lines.insert(place, NewRecord(random));
        break;
      case 2:
        lines[at] = MutateBytes(lines[at], std::min<size_t>(capacity, 512));
        break;
      default:
        lines[at] = BendRecord(lines[at], random);
    }
  }
  std::string text;
  for (const std::string& line : lines) (text += line) += '\n';
  return text;
}

void TestOneInput(Bytes input) {
  Import(input);
  ReadRequests(input);
  for (const std::string& line : SplitLines(input)) {
    ReadWords(line);
    if (const auto decoded = cli::DecodeBase64(line)) {
      Require(cli::EncodeBase64(*decoded) == line, "base64 has one spelling", line);
    }
  }
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  redislite::Random random(uint64_t{seed} + 1);
  const redislite::Bytes input = redislite::fuzz::Input(data, size);
  return redislite::fuzz::GiveBack(redislite::fuzz::MutateRecords(input, random, capacity), data, capacity);
}
