// LCS: the longest common subsequence of two strings.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Context;

struct LcsOptions {
  bool length = false;         // LEN
  bool matches = false;        // IDX
  bool match_lengths = false;  // WITHMATCHLEN
  int64_t match_min = 0;       // MINMATCHLEN
};

std::optional<LcsOptions> ParseLcsOptions(engine::Args args, resp::Writer& reply) {
  LcsOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "idx")) {
      options.matches = true;
    } else if (EqualsIgnoreCase(args[i], "len")) {
      options.length = true;
    } else if (EqualsIgnoreCase(args[i], "withmatchlen")) {
      options.match_lengths = true;
    } else if (EqualsIgnoreCase(args[i], "minmatchlen") && i + 1 < args.size()) {
      const std::optional<int64_t> least = IntegerArgument(args[++i], reply);
      if (!least) return {};
      options.match_min = *least;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  if (options.matches && options.length) {
    reply.Error(Code::kCommand, "ERR If you want both the length and indexes, please just use IDX.");
    return {};
  }
  return options;
}

// The lengths of the longest common subsequences of all pairs of prefixes of two strings.
class LcsTable {
 public:
  // Four bytes a pair of prefixes.
  static uint64_t SizeOf(uint64_t a_size, uint64_t b_size) { return (a_size + 1) * (b_size + 1) * sizeof(uint32_t); }

  // Throws std::bad_alloc.
  LcsTable(Memory& memory, Bytes a, Bytes b)
      : memory_(memory),
        size_(SizeOf(a.size(), b.size())),
        width_(b.size() + 1),
        cells_(static_cast<uint32_t*>(memory.Allocate(size_))) {
    std::fill(cells_, cells_ + width_, 0);
    for (size_t i = 1; i <= a.size(); ++i) {
      const uint32_t* above = cells_ + (i - 1) * width_;
      uint32_t* row = cells_ + i * width_;
      row[0] = 0;
      for (size_t j = 1; j <= b.size(); ++j) {
        row[j] = a[i - 1] == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
      }
    }
  }
  ~LcsTable() { memory_.Free(cells_, size_); }
  LcsTable(const LcsTable&) = delete;
  LcsTable& operator=(const LcsTable&) = delete;

  // Of the first i bytes of a and the first j of b.
  uint32_t Of(size_t i, size_t j) const { return cells_[i * width_ + j]; }

 private:
  Memory& memory_;
  const size_t size_;
  const size_t width_;
  uint32_t* const cells_;
};

// A run of bytes that both strings have, at these places.
struct Match {
  size_t a_start;
  size_t b_start;
  size_t size;
};

// The runs that make up the subsequence, the last first. Of equally long ones, Redis' choice: back in b before back in
// a.
std::vector<Match> FindMatches(const LcsTable& table, Bytes a, Bytes b) {
  std::vector<Match> matches;
  bool in_run = false;
  for (size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      --i;
      --j;
      if (in_run) {
        matches.back() = {i, j, matches.back().size + 1};
      } else {
        matches.push_back({i, j, 1});
      }
      in_run = true;
    } else {
      if (table.Of(i - 1, j) > table.Of(i, j - 1)) {
        --i;
      } else {
        --j;
      }
      in_run = false;
    }
  }
  return matches;
}

void WriteRange(size_t start, size_t size, resp::Writer& reply) {
  reply.Array(2);
  reply.Integer(static_cast<int64_t>(start));
  reply.Integer(static_cast<int64_t>(start + size - 1));
}

void WriteMatches(std::vector<Match> matches, const LcsOptions& options, uint32_t length, resp::Writer& reply) {
  std::erase_if(matches, [&](const Match& match) { return static_cast<int64_t>(match.size) < options.match_min; });
  reply.Map(2);
  reply.Bulk("matches");
  reply.Array(matches.size());
  for (const Match& match : matches) {
    reply.Array(options.match_lengths ? 3 : 2);
    WriteRange(match.a_start, match.size, reply);
    WriteRange(match.b_start, match.size, reply);
    if (options.match_lengths) reply.Integer(static_cast<int64_t>(match.size));
  }
  reply.Bulk("len");
  reply.Integer(length);
}

}  // namespace

// LCS key1 key2 [LEN] [IDX] [MINMATCHLEN least] [WITHMATCHLEN]
void Lcs(Context& c) {
  const auto first = c.Read<types::String>(c.arg(1));
  const auto second = c.Read<types::String>(c.arg(2));
  if (first.wrong_type || second.wrong_type) {
    return c.reply().Error(Code::kType, "ERR The specified keys must contain string values");
  }
  const std::optional<LcsOptions> options = ParseLcsOptions(c.args().subspan(3), c.reply());
  if (!options) return;

  char first_scratch[kInt64TextMax];
  char second_scratch[kInt64TextMax];
  const Bytes a = first ? first->View(first_scratch) : Bytes();
  const Bytes b = second ? second->View(second_scratch) : Bytes();
  if (LcsTable::SizeOf(a.size(), b.size()) > kValueBytesMax) {  // the sizes are below 2^30 each: it cannot overflow
    return c.reply().Error(Code::kLimit,
                           "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const LcsTable table(c.memory(), a, b);
  const uint32_t length = table.Of(a.size(), b.size());
  if (options->length) return c.reply().Integer(length);
  std::vector<Match> matches = FindMatches(table, a, b);
  if (options->matches) return WriteMatches(std::move(matches), *options, length, c.reply());

  std::string subsequence;
  subsequence.reserve(length);
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    subsequence.append(a.substr(match->a_start, match->size));
  }
  c.reply().Bulk(subsequence);
}

}  // namespace redislite::commands
