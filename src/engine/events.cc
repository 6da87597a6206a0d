#include "engine/events.h"

namespace redislite::engine {

namespace {

struct Letter {
  char letter;
  uint32_t kind;
};
// In the order in which Redis prints them.
constexpr Letter kClasses[] = {
    {'g', kGenericEvents},   {'$', kStringEvents},  {'l', kListEvents},    {'s', kSetEvents},    {'h', kHashEvents},
    {'z', kSortedSetEvents}, {'x', kExpiredEvents}, {'e', kEvictedEvents}, {'t', kStreamEvents}, {'d', kModuleEvents},
};
// Not in A, and printed only where there is no A.
constexpr Letter kNew = {'n', kNewEvents};
constexpr Letter kOthers[] = {{'K', kKeyspaceEvents}, {'E', kKeyeventEvents}, {'m', kMissedEvents}};

constexpr uint32_t AllClasses() {
  uint32_t kinds = 0;
  for (const Letter& each : kClasses) kinds |= each.kind;
  return kinds;
}

}  // namespace

std::optional<uint32_t> ParseEventKinds(Bytes letters) {
  uint32_t kinds = 0;
  for (const char letter : letters) {
    uint32_t found = letter == 'A' ? AllClasses() : letter == kNew.letter ? kNew.kind : 0;
    for (const Letter& each : kClasses) found |= each.letter == letter ? each.kind : 0;
    for (const Letter& each : kOthers) found |= each.letter == letter ? each.kind : 0;
    if (found == 0) return {};
    kinds |= found;
  }
  return kinds;
}

std::string PrintEventKinds(uint32_t kinds) {
  std::string letters;
  if ((kinds & AllClasses()) == AllClasses()) {
    letters = "A";
  } else {
    for (const Letter& each : kClasses) {
      if ((kinds & each.kind) != 0) letters += each.letter;
    }
    if ((kinds & kNew.kind) != 0) letters += kNew.letter;
  }
  for (const Letter& each : kOthers) {
    if ((kinds & each.kind) != 0) letters += each.letter;
  }
  return letters;
}

void PublishEvent(const Event& event, uint32_t kinds, const Publish& publish) {
  if ((kinds & event.kind) == 0 || !publish) return;
  const std::string place = "@" + std::to_string(event.db) + "__:";
  if ((kinds & kKeyspaceEvents) != 0) publish(("__keyspace" + place).append(event.key), event.name);
  if ((kinds & kKeyeventEvents) != 0) publish("__keyevent" + place + event.name, event.key);
}

}  // namespace redislite::engine
