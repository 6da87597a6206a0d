// Any bytes, read as the commands of a log record and as a reply.
#include <string>
#include <vector>

#include "resp/command_encoder.h"
#include "resp/reader.h"
#include "resp/reply.h"
#include "tests/fuzz/fuzz.h"

namespace redislite::fuzz {
namespace {

using resp::CommandReader;
using resp::ReplyExtent;
using resp::ReplyNode;

// The reader takes one spelling of each command, the encoder's.
void ReadCommands(Bytes input) {
  CommandReader reader(input);
  std::vector<Bytes> argv;
  std::string encoded;
  CommandReader::Outcome outcome;
  while ((outcome = reader.Next(argv)) == CommandReader::Outcome::kCommand) {
    Require(!argv.empty(), "a command has a name");
    const size_t before = encoded.size();
    resp::AppendCommand(encoded, argv);
    Require(encoded.size() - before == resp::CommandBytes(argv), "a command's size is computed");
    Require(encoded.size() == reader.offset(), "the reader stands behind the command");
  }
  Require(input.starts_with(encoded), "what is read encodes to the same bytes");
  Require(reader.offset() <= input.size(), "the offset is in the payload");
  Require((outcome == CommandReader::Outcome::kEnd) == (encoded.size() == input.size()), "only the end is the end");
  const size_t offset = reader.offset();
  Require(reader.Next(argv) == outcome && reader.offset() == offset, "the last answer stays");
}

size_t CheckTree(const ReplyNode& root) {
  size_t count = 0;
  std::vector<const ReplyNode*> todo = {&root};
  while (!todo.empty()) {
    const ReplyNode& node = *todo.back();
    todo.pop_back();
    ++count;
    if (node.has_text()) Require(node.text != nullptr && node.text[node.size] == '\0', "a text is terminated");
    if (!node.has_children()) continue;
    for (size_t i = 0; i < node.size; ++i) todo.push_back(&node.children[i]);
  }
  return count;
}

void ReadReply(Bytes input) {
  const ReplyExtent extent = resp::ScanReply(input);
  if (extent.kind == ReplyExtent::Kind::kComplete) {
    Require(extent.bytes > 0 && extent.bytes <= input.size(), "a reply's end is in the input");
    const Bytes reply = input.substr(0, extent.bytes);
    for (size_t length = 0; length < reply.size(); length += 1 + length / 32) {
      Require(resp::ScanReply(reply.substr(0, length)).kind == ReplyExtent::Kind::kIncomplete,
              "a reply's beginning is incomplete");
    }
    // Of a complete reply only the numbers with a text can still be wrong.
    resp::ReplyTree tree;
    const bool decoded = tree.Decode(std::string(reply), {});
    Require(decoded || reply.find_first_of(",(") != Bytes::npos, "a complete reply is decoded");
    if (decoded) Require(CheckTree(tree.root()) == extent.nodes, "a reply has the nodes that were counted");
  } else if (extent.kind == ReplyExtent::Kind::kMalformed) {
    for (const char* more : {"\r\n", "0", "$1\r\na\r\n"}) {
      Require(resp::ScanReply(std::string(input) + more).kind == ReplyExtent::Kind::kMalformed,
              "what is malformed stays so");
    }
  }
  const bool whole = extent.kind == ReplyExtent::Kind::kComplete && extent.bytes == input.size();
  resp::ReplyTree tree;
  Require(whole || !tree.Decode(std::string(input), {}), "exactly one reply is decoded, and nothing else");
}

// ---- Lines that end in CR LF, with lengths that are made right again.

constexpr const char* kTokens[] = {"*1",
                                   "*2",
                                   "*0",
                                   "*-1",
                                   "$-1",
                                   "$0",
                                   "$3",
                                   "%1",
                                   "~2",
                                   ">1",
                                   "_",
                                   "#t",
                                   "#f",
                                   ":42",
                                   ":-0",
                                   ":+1",
                                   ",1.5",
                                   ",inf",
                                   ",-inf",
                                   ",nan",
                                   "(12",
                                   "=7",
                                   "!5",
                                   "+OK",
                                   "-ERR x",
                                   "txt:abc",
                                   "hello",
                                   "*1048577",
                                   "$?",
                                   "|1",
                                   "",
                                   ",1e5",
                                   ":9223372036854775808",
                                   "*18446744073709551615",
                                   "%9223372036854775807"};

std::vector<std::string> SplitTokens(Bytes input) {
  std::vector<std::string> tokens;
  while (true) {
    const size_t end = input.find("\r\n");
    tokens.emplace_back(input.substr(0, end));
    if (end == Bytes::npos) return tokens;
    input.remove_prefix(end + 2);
  }
}

std::string MutateTokens(Bytes input, Random& random, size_t capacity) {
  std::vector<std::string> tokens = SplitTokens(input);
  for (uint64_t i = 0; i <= random.Below(4); ++i) {
    const size_t at = random.Below(tokens.size());
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    const char* const token = kTokens[random.Below(std::size(kTokens))];
    switch (random.Below(6)) {
      case 0:
        if (tokens.size() > 1) tokens.erase(place);
        break;
      case 1:
        tokens.insert(place, std::string(tokens[at]));
        break;
      case 2:
        tokens[at] = token;
        break;
      case 3:
        tokens.insert(place, token);
        break;
      case 4:
        if (tokens[at].size() > 1) {
          tokens[at] = tokens[at].substr(0, 1) + std::to_string(InterestingNumber(random, random.Below(4)));
        }
        break;
      default:
        tokens[at] = MutateBytes(tokens[at], std::min<size_t>(capacity, 64));
    }
  }
  const bool repair = random.Below(8) != 0;
  std::string joined;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) joined += "\r\n";
    const bool is_length = !tokens[i].empty() && (tokens[i][0] == '$' || tokens[i][0] == '=' || tokens[i][0] == '!');
    if (repair && is_length && i + 1 < tokens.size() && tokens[i] != "$-1") {
      tokens[i] = tokens[i].substr(0, 1) + std::to_string(tokens[i + 1].size());
      joined += tokens[i] + "\r\n" + tokens[i + 1];
      ++i;
    } else {
      joined += tokens[i];
    }
  }
  return joined;
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::ReadCommands(redislite::fuzz::Input(data, size));
  redislite::fuzz::ReadReply(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  redislite::Random random(uint64_t{seed} + 1);
  const redislite::Bytes input = redislite::fuzz::Input(data, size);
  const std::string mutated = random.Below(4) == 0 ? redislite::fuzz::MutateBytes(input, capacity)
                                                   : redislite::fuzz::MutateTokens(input, random, capacity);
  return redislite::fuzz::GiveBack(mutated, data, capacity);
}
