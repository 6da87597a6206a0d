// The decision at the end of a segment, as data: the table of FORMAT.md section 6. One table, no second opinion
// anywhere.
#pragma once

#include <cstdint>
#include <span>

namespace redislite::storage {

// What stands where the next frame should be.
enum class AtStop : uint8_t { kZeros, kGarbage, kForeign };

struct TailFacts {
  bool closed = false;   // the manifest gives the segment's last LSN
  bool reached = false;  // ... and the frames have reached it
  AtStop at_stop = AtStop::kZeros;
  bool promised = false;  // the watermark covers the expected LSN
};

enum class TailOutcome : uint8_t { kEnd, kTorn, kCorrupt };

// A row; nothing means that the fact does not matter.
struct TailRow {
  enum class Fact : uint8_t { kNo, kYes, kAny };
  Fact closed;
  Fact reached;
  bool any_stop;
  AtStop at_stop;
  Fact promised;
  TailOutcome outcome;

  bool Matches(const TailFacts& facts) const;
};

std::span<const TailRow> TailTable();

TailOutcome DecideTail(const TailFacts& facts);

}  // namespace redislite::storage
