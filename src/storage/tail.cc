#include "storage/tail.h"

namespace redislite::storage {

namespace {

constexpr auto kNo = TailRow::Fact::kNo;
constexpr auto kYes = TailRow::Fact::kYes;
constexpr auto kAny = TailRow::Fact::kAny;

// In the order of FORMAT.md. A test demands that each combination of facts matches exactly one row, and that the page
// says the same.
constexpr TailRow kTable[] = {
    // closed reached any    at_stop            promised outcome
    {kYes, kYes, true, AtStop::kZeros, kAny, TailOutcome::kEnd},
    {kYes, kNo, true, AtStop::kZeros, kAny, TailOutcome::kCorrupt},
    {kNo, kAny, true, AtStop::kZeros, kYes, TailOutcome::kCorrupt},
    {kNo, kAny, false, AtStop::kZeros, kNo, TailOutcome::kEnd},
    {kNo, kAny, false, AtStop::kGarbage, kNo, TailOutcome::kTorn},
    {kNo, kAny, false, AtStop::kForeign, kNo, TailOutcome::kCorrupt},
};

bool Agrees(TailRow::Fact fact, bool value) { return fact == kAny || (fact == kYes) == value; }

}  // namespace

bool TailRow::Matches(const TailFacts& facts) const {
  return Agrees(closed, facts.closed) && Agrees(reached, facts.reached) && Agrees(promised, facts.promised) &&
         (any_stop || at_stop == facts.at_stop);
}

std::span<const TailRow> TailTable() { return kTable; }

TailOutcome DecideTail(const TailFacts& facts) {
  for (const TailRow& row : kTable) {
    if (row.Matches(facts)) return row.outcome;
  }
  return TailOutcome::kCorrupt;  // unreachable: the table is complete, a test says so
}

}  // namespace redislite::storage
