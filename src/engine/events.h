// Events: what keyspace notifications tell, and the switches for it (notify-keyspace-events).
//
// While any is wanted, the pipeline records what a command does to keys, and whoever publishes brings the words for it
// (commands/events.h). The leader publishes it when the record is in the log, as durable as a reply is, and
// applied. Told is what has happened in life: a replay tells nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "engine/command.h"

namespace redislite::engine {

// Each is a letter of the option.
enum EventKind : uint32_t {
  kKeyspaceEvents = 1u << 0,  // K: on the channel of the key
  kKeyeventEvents = 1u << 1,  // E: on the channel of the event
  kGenericEvents = 1u << 2,
  kStringEvents = 1u << 3,
  kListEvents = 1u << 4,
  kSetEvents = 1u << 5,
  kHashEvents = 1u << 6,
  kSortedSetEvents = 1u << 7,
  kExpiredEvents = 1u << 8,
  kEvictedEvents = 1u << 9,
  kStreamEvents = 1u << 10,  // never told: there are none, and neither are modules
  kModuleEvents = 1u << 11,
  kMissedEvents = 1u << 12,
  kNewEvents = 1u << 13,
};

// The kinds for the option's letters; nothing when one is unknown.
std::optional<uint32_t> ParseEventKinds(Bytes letters);
// The letters as Redis prints them.
std::string PrintEventKinds(uint32_t kinds);

// What a command did to a key.
struct KeyChange {
  enum class What : uint8_t { kExpired, kNew, kSet, kRemoved, kTaken, kExpirySet, kPersisted };
  What what;
  int db;
  std::string key;
};

struct Event {
  uint32_t kind;
  const char* name;
  int db;
  Bytes key;
};

// Tells the events that Redis has for what an applied command did to keys, in its order.
using Describe = void (*)(const Command& command, Args args, int db, const std::vector<KeyChange>& changes,
                          const std::function<void(const Event&)>& tell);
using Publish = std::function<void(Bytes channel, Bytes message)>;
// Publishes the event on the channels that are wanted of it. `kinds` is what the option says.
void PublishEvent(const Event& event, uint32_t kinds, const Publish& publish);

}  // namespace redislite::engine
