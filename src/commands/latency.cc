// LATENCY: what took longer than latency-monitor-threshold, and how long commands take.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/table.h"
#include "engine/command_statistics.h"
#include "engine/context.h"
#include "engine/engine.h"

namespace redislite::commands {
namespace {

using engine::CommandStatistics;
using engine::Context;
using engine::LatencyMonitor;

LatencyMonitor& MonitorOf(Context& c) { return c.engine().command_statistics().latency(); }

// A line a height, the highest first; the last column is the newest sample.
std::string Graph(Bytes name, const LatencyMonitor::Event& event) {
  constexpr size_t kColumns = 80;
  constexpr uint64_t kRows = 4;
  const auto& all = event.samples;
  const std::vector<LatencyMonitor::Sample> samples(
      all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), kColumns)), all.end());
  uint64_t high = 0;
  uint64_t low = samples.front().took_ms;
  for (const LatencyMonitor::Sample& sample : samples) {
    high = std::max(high, sample.took_ms);
    low = std::min(low, sample.took_ms);
  }
  std::string text(name);
  text += " - high " + std::to_string(high) + " ms, low " + std::to_string(low) + " ms (all time high " +
          std::to_string(event.longest_ms) + " ms)\n" + std::string(kColumns, '-') + "\n";
  for (uint64_t row = kRows; row-- > 0;) {
    for (const LatencyMonitor::Sample& sample : samples) {
      const uint64_t height = high == low ? 0 : (sample.took_ms - low) * (kRows - 1) / (high - low);
      text += height > row ? '|' : height == row ? (row == 0 ? '_' : '#') : ' ';
    }
    text += '\n';
  }
  return text;
}

constexpr char kHistogramHelp[] =
    "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.";

}  // namespace

void LatencyLatest(Context& c) {
  const auto events = MonitorOf(c).events();
  c.reply().Array(events.size());
  for (const auto& [name, event] : events) {
    c.reply().Array(4);
    c.reply().Bulk(name);
    c.reply().Integer(event.samples.back().at_s);
    c.reply().Integer(static_cast<int64_t>(event.samples.back().took_ms));
    c.reply().Integer(static_cast<int64_t>(event.longest_ms));
  }
}

void LatencyHistory(Context& c) {
  const LatencyMonitor::Event event = MonitorOf(c).event(c.arg(2));
  c.reply().Array(event.samples.size());
  for (const LatencyMonitor::Sample& sample : event.samples) {
    c.reply().Array(2);
    c.reply().Integer(sample.at_s);
    c.reply().Integer(static_cast<int64_t>(sample.took_ms));
  }
}

void LatencyReset(Context& c) {
  size_t count = 0;
  if (c.args().size() == 2) count = MonitorOf(c).Reset("");
  for (const Bytes name : c.args().subspan(2)) {
    if (!name.empty()) count += MonitorOf(c).Reset(name);
  }
  c.reply().Integer(static_cast<int64_t>(count));
}

void LatencyGraph(Context& c) {
  const LatencyMonitor::Event event = MonitorOf(c).event(c.arg(2));
  if (event.samples.empty()) {
    std::string text = "ERR No samples available for event '";
    return c.reply().Error(Code::kValue, text.append(c.arg(2)).append("'"));
  }
  c.reply().Verbatim(Graph(c.arg(2), event));
}

void LatencyDoctor(Context& c) {
  if (c.engine().options().latency_threshold_ms == 0) {
    return c.reply().Verbatim(
        "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG "
        "SET latency-monitor-threshold <milliseconds>.\" in order to enable it.\n");
  }
  const auto events = MonitorOf(c).events();
  if (events.empty()) {
    return c.reply().Verbatim(
        "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I "
        "honestly think you ought to sit down calmly, take a stress pill, and think things over.\n");
  }
  std::string text =
      "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do "
      "you Dave?\n\n";
  size_t number = 0;
  for (const auto& [name, event] : events) {
    uint64_t sum = 0;
    for (const LatencyMonitor::Sample& sample : event.samples) sum += sample.took_ms;
    text += std::to_string(++number) + ". " + name + ": " + std::to_string(event.samples.size()) +
            " latency spikes (average " + std::to_string(sum / event.samples.size()) + "ms). Worst all time event " +
            std::to_string(event.longest_ms) + "ms.\n";
  }
  text += "\nSLOWLOG GET shows the commands; SLOWLOG HELP and docs/SERVER.md say how it is set.\n";
  c.reply().Verbatim(text);
}

void LatencyHistogram(Context& c) {
  const auto names = c.args().subspan(2);
  std::vector<CommandStatistics::Numbers> shown;
  for (const CommandStatistics::Numbers& numbers : c.engine().command_statistics().All()) {
    const Bytes name = numbers.command->name;
    // A container's name stands for its subcommands.
    const auto is_meant = [&](Bytes wanted) {
      return EqualsIgnoreCase(wanted, name) || EqualsIgnoreCase(wanted, name.substr(0, name.find('|')));
    };
    if (numbers.calls == 0) continue;
    if (names.empty() || std::any_of(names.begin(), names.end(), is_meant)) shown.push_back(numbers);
  }
  c.reply().Map(shown.size());
  for (const CommandStatistics::Numbers& numbers : shown) {
    std::vector<std::pair<int64_t, int64_t>> buckets;
    uint64_t sum = 0;
    for (size_t i = 0; i < numbers.times.size(); ++i) {
      sum += numbers.times[i];
      if (numbers.times[i] != 0) buckets.emplace_back(int64_t{1} << i, static_cast<int64_t>(sum));
    }
    c.reply().Bulk(numbers.command->name);
    c.reply().Map(2);
    c.reply().Bulk("calls");
    c.reply().Integer(static_cast<int64_t>(numbers.calls));
    c.reply().Bulk("histogram_usec");
    c.reply().Map(buckets.size());
    for (const auto& [us, count] : buckets) {
      c.reply().Integer(us);
      c.reply().Integer(count);
    }
  }
}

void LatencyHelp(Context& c) {
  WriteHelp("LATENCY",
            {
                "DOCTOR",
                "    Return a human readable latency analysis report.",
                "GRAPH <event>",
                "    Return an ASCII latency graph for the <event> class.",
                "HISTORY <event>",
                "    Return time-latency samples for the <event> class.",
                "LATEST",
                "    Return the latest latency samples for all events.",
                "RESET [<event> ...]",
                "    Reset latency data of one or more <event> classes.",
                "    (default: reset all data for all event classes)",
                "HISTOGRAM [COMMAND ...]",
                kHistogramHelp,
                "    If no commands are specified then all histograms are replied.",
            },
            c.reply());
}

}  // namespace redislite::commands
