// MEMORY: what keys and the store take.
#include <optional>
#include <string>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "engine/context.h"
#include "engine/engine.h"
#include "os/process.h"

namespace redislite::commands {

using engine::Context;

// Exact: every type knows its bytes, so SAMPLES changes nothing.
void MemoryUsage(Context& c) {
  for (size_t i = 3; i < c.args().size(); i += 2) {
    if (!EqualsIgnoreCase(c.arg(i), "samples") || i + 1 == c.args().size()) return c.SyntaxError();
    const std::optional<int64_t> samples = IntegerArgument(c.arg(i + 1), c.reply());
    if (!samples) return;
    if (*samples < 0) return c.SyntaxError();
  }
  const std::optional<size_t> bytes = c.MemoryBytes(c.arg(2));
  if (!bytes) return c.reply().Null();
  c.reply().Integer(static_cast<int64_t>(*bytes));
}

void MemoryStats(Context& c) {
  const uint64_t used = c.memory().used();
  const uint64_t peak = c.memory().peak();
  const uint64_t resident = os::ResidentBytes();
  uint64_t keys = 0;
  if (!c.engine().CountKeys(&keys).ok()) keys = 0;
  const double of_peak = peak == 0 ? 100 : static_cast<double>(used) * 100 / static_cast<double>(peak);
  const double fragmentation = used == 0 ? 0 : static_cast<double>(resident) / static_cast<double>(used);
  const auto number = [&](const char* name, uint64_t value) {
    c.reply().Bulk(name);
    c.reply().Integer(static_cast<int64_t>(value));
  };
  const auto ratio = [&](const char* name, double value) {
    c.reply().Bulk(name);
    c.reply().Double(value);
  };
  c.reply().Map(17);
  number("peak.allocated", peak);
  number("total.allocated", used);
  number("startup.allocated", 0);
  number("replication.backlog", 0);
  number("clients.slaves", 0);
  number("clients.normal", 0);
  number("aof.buffer", 0);
  number("overhead.total", 0);
  number("keys.count", keys);
  number("keys.bytes-per-key", keys == 0 ? 0 : used / keys);
  number("dataset.bytes", used);
  ratio("dataset.percentage", 100);
  ratio("peak.percentage", of_peak);
  number("allocator.allocated", used);
  number("allocator.resident", resident);
  ratio("fragmentation", fragmentation);
  c.reply().Bulk("fragmentation.bytes");
  c.reply().Integer(static_cast<int64_t>(resident) - static_cast<int64_t>(used));
}

void MemoryDoctor(Context& c) {
  constexpr uint64_t kLittle = 5 << 20;
  if (c.memory().used() < kLittle) {
    return c.reply().Verbatim(
        "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these "
        "conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be "
        "back to our programming as soon as I finished rebooting.\n");
  }
  if (c.memory().peak() / 3 * 2 > c.memory().used()) {
    return c.reply().Verbatim(
        "Sam, I detected a few issues in this Redis instance memory implants:\n\n * Peak memory: In the past this "
        "instance used more than 150% the memory that is currently using.\n");
  }
  c.reply().Verbatim(
      "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n");
}

// Free pages are given back as they become free; this makes more of them.
void MemoryPurge(Context& c) {
  c.engine().Defragment();
  c.reply().Ok();
}

void MemoryMallocStats(Context& c) {
  c.reply().Verbatim("used " + std::to_string(c.memory().used()) + " bytes, at most " +
                     std::to_string(c.memory().peak()) + "; the process has " + std::to_string(os::ResidentBytes()) +
                     "\n");
}

void MemoryHelp(Context& c) {
  WriteHelp("MEMORY",
            {
                "DOCTOR",
                "    Return memory problems reports.",
                "MALLOC-STATS",
                "    Return internal statistics report from the memory allocator.",
                "PURGE",
                "    Attempt to purge dirty pages for reclamation by the allocator.",
                "STATS",
                "    Return information about the memory usage of the server.",
                "USAGE <key> [SAMPLES <count>]",
                "    Return memory in bytes used by <key> and its value. Nested values are",
                "    sampled up to <count> times (default: 5, 0 means sample all).",
            },
            c.reply());
}

}  // namespace redislite::commands
