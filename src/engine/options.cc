#include "engine/options.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/number.h"
#include "engine/events.h"

namespace redislite::engine {

namespace {

constexpr std::array<const char*, 3> kFsyncNames = {"always", "everysec", "no"};
constexpr std::array<const char*, 8> kPolicyNames = {"noeviction",     "allkeys-lru",     "volatile-lru",
                                                     "allkeys-random", "volatile-random", "volatile-ttl",
                                                     "allkeys-lfu",    "volatile-lfu"};

bool EqualsIgnoreCase(Bytes a, Bytes b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <size_t N>
bool ParseName(const std::array<const char*, N>& names, Bytes value, size_t* index) {
  for (size_t i = 0; i < N; ++i) {
    if (EqualsIgnoreCase(names[i], value)) {
      *index = i;
      return true;
    }
  }
  return false;
}

bool ParseYesNo(Bytes value, bool* out) {
  size_t index = 0;
  if (!ParseName(std::array<const char*, 2>{"no", "yes"}, value, &index)) return false;
  *out = index == 1;
  return true;
}

std::string PrintYesNo(bool value) { return value ? "yes" : "no"; }

bool ParseBytes(Bytes value, uint64_t* out) {
  const std::optional<uint64_t> bytes = ParseByteCount(value);
  if (bytes) *out = *bytes;
  return bytes.has_value();
}

bool ParseCount(Bytes value, uint64_t* out) {
  constexpr uint64_t kCountMax = std::numeric_limits<int64_t>::max() / 1'000'000;  // its microseconds still fit
  const std::optional<uint64_t> count = ParseUint64(value);
  if (!count || *count > kCountMax) return false;
  *out = *count;
  return true;
}

constexpr std::array<const char*, 3> kClientClasses = {"normal", "replica", "pubsub"};

std::vector<Bytes> Words(Bytes text) {
  std::vector<Bytes> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// "normal 0 0 0 pubsub 32mb 8mb 60": a class that is not named stays as it is.
bool ParseOutputLimits(Bytes value, Options* options) {
  const std::vector<Bytes> words = Words(value);
  if (words.empty() || words.size() % 4 != 0) return false;
  for (size_t i = 0; i < words.size(); i += 4) {
    size_t which = 0;
    if (EqualsIgnoreCase(words[i], "slave")) {
      which = 1;
    } else if (!ParseName(kClientClasses, words[i], &which)) {
      return false;
    }
    Options::OutputLimit& limit = options->output_limit[which];
    if (!ParseBytes(words[i + 1], &limit.hard) || !ParseBytes(words[i + 2], &limit.soft) ||
        !ParseCount(words[i + 3], &limit.soft_seconds)) {
      return false;
    }
  }
  return true;
}

std::string PrintOutputLimits(const Options& options) {
  std::string text;
  for (size_t i = 0; i < kClientClasses.size(); ++i) {
    const Options::OutputLimit& limit = options.output_limit[i];
    text += (i == 0 ? "" : " ") + std::string(i == 1 ? "slave" : kClientClasses[i]) + " " + std::to_string(limit.hard) +
            " " + std::to_string(limit.soft) + " " + std::to_string(limit.soft_seconds);
  }
  return text;
}

constexpr char kBytes[] = "a number of bytes, with kb, mb or gb behind it if you like";
constexpr char kYesNo[] = "yes or no";

}  // namespace

const std::vector<OptionSpec>& OptionTable() {
  static const std::vector<OptionSpec> table = {
      {"appendfsync", "always, everysec or no", "when an acknowledged write is durable", true,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(kFsyncNames, v, &index)) return false;
         o.fsync = static_cast<Fsync>(index);
         return true;
       },
       [](const Options& o) { return std::string(kFsyncNames[static_cast<size_t>(o.fsync)]); }},
      {"create", kYesNo, "make the directory when it is missing", false,
       [](Options& o, Bytes v) { return ParseYesNo(v, &o.create); },
       [](const Options& o) { return PrintYesNo(o.create); }},
      {"read-only", kYesNo, "open without the write lock and without changing a byte", false,
       [](Options& o, Bytes v) { return ParseYesNo(v, &o.read_only); },
       [](const Options& o) { return PrintYesNo(o.read_only); }},
      {"recovery", "strict or salvage", "what to do about damage: refuse, or keep what is valid and report the rest",
       false,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(std::array<const char*, 2>{"strict", "salvage"}, v, &index)) return false;
         o.salvage = index == 1;
         return true;
       },
       [](const Options& o) { return std::string(o.salvage ? "salvage" : "strict"); }},
      {"snapshot-wal-bytes", kBytes,
       "take a snapshot in the background when the log since the last one is larger; 0: never", true,
       [](Options& o, Bytes v) { return ParseBytes(v, &o.snapshot_wal_bytes); },
       [](const Options& o) { return std::to_string(o.snapshot_wal_bytes); }},
      {"snapshot-interval", "a number of seconds, 0 for never", "take a snapshot periodically when something changed",
       true, [](Options& o, Bytes v) { return ParseCount(v, &o.snapshot_interval_s); },
       [](const Options& o) { return std::to_string(o.snapshot_interval_s); }},
      {"maxmemory", kBytes, "limit of the data set; 0: none", true,
       [](Options& o, Bytes v) { return ParseBytes(v, &o.maxmemory); },
       [](const Options& o) { return std::to_string(o.maxmemory); }},
      {"maxmemory-policy",
       "noeviction, allkeys-lru, volatile-lru, allkeys-random, volatile-random, volatile-ttl, allkeys-lfu or "
       "volatile-lfu",
       "what to do at the limit", true,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(kPolicyNames, v, &index)) return false;
         o.maxmemory_policy = static_cast<Policy>(index);
         return true;
       },
       [](const Options& o) { return std::string(kPolicyNames[static_cast<size_t>(o.maxmemory_policy)]); }},
      {"maxmemory-samples", "a number from 1 to 64", "keys that are drawn to find the one that goes", true,
       [](Options& o, Bytes v) {
         uint64_t count = 0;
         if (!ParseCount(v, &count) || count < 1 || count > 64) return false;
         o.maxmemory_samples = count;
         return true;
       },
       [](const Options& o) { return std::to_string(o.maxmemory_samples); }},
      {"reaper-interval-ms", "a number of milliseconds, 0 for off", "background removal of expired keys", true,
       [](Options& o, Bytes v) { return ParseCount(v, &o.reaper_interval_ms); },
       [](const Options& o) { return std::to_string(o.reaper_interval_ms); }},
      {"notify-keyspace-events", "some of the letters Ag$lshzxeKEtmdn, or none",
       "what is published of what happens to keys", true,
       [](Options& o, Bytes v) {
         const std::optional<uint32_t> kinds = ParseEventKinds(v);
         if (kinds) o.event_kinds = *kinds;
         return kinds.has_value();
       },
       [](const Options& o) { return PrintEventKinds(o.event_kinds); }},
      {"requirepass", "a password, empty for none", "what a session must say with AUTH before anything else", true,
       [](Options& o, Bytes v) {
         o.requirepass = v;
         return true;
       },
       [](const Options& o) { return o.requirepass; }},
      {"client-query-buffer-limit", "a number of bytes from 1mb",
       "an unfinished command that is larger ends its session", true,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (1 << 20)) return false;
         o.query_bytes_max = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.query_bytes_max); }},
      {"client-output-buffer-limit", "<class> <hard bytes> <soft bytes> <soft seconds>, of normal, replica and pubsub",
       "a session with more unread replies is ended; 0: no limit", true,
       [](Options& o, Bytes v) { return ParseOutputLimits(v, &o); },
       [](const Options& o) { return PrintOutputLimits(o); }},
      {"proto-max-bulk-len", "a number of bytes from 1mb to 512mb", "an argument that is larger ends its session", true,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (1 << 20) || bytes > (512ull << 20)) return false;
         o.argument_bytes_max = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.argument_bytes_max); }},
      {"slowlog-log-slower-than", "a number of microseconds, -1 for never",
       "a command that runs longer is kept in the slow log", true,
       [](Options& o, Bytes v) {
         const std::optional<int64_t> us = ParseInt64(v);
         if (!us || *us < -1) return false;
         o.slowlog_slower_than_us = *us;
         return true;
       },
       [](const Options& o) { return std::to_string(o.slowlog_slower_than_us); }},
      {"slowlog-max-len", "a number", "how many commands the slow log keeps", true,
       [](Options& o, Bytes v) { return ParseCount(v, &o.slowlog_length_max); },
       [](const Options& o) { return std::to_string(o.slowlog_length_max); }},
      {"latency-monitor-threshold", "a number of milliseconds, 0 for off",
       "what takes longer is a sample of the latency monitor", true,
       [](Options& o, Bytes v) { return ParseCount(v, &o.latency_threshold_ms); },
       [](const Options& o) { return std::to_string(o.latency_threshold_ms); }},
      {"wal-segment-bytes", "a number of bytes from 4kb to 1gb",
       "a segment of the log that is larger is closed and a new one begun", false,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (4 << 10) || bytes > (1ull << 30)) return false;
         o.wal_segment_bytes = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.wal_segment_bytes); }},
  };
  return table;
}

const OptionSpec* FindOption(Bytes name) {
  for (const OptionSpec& spec : OptionTable()) {
    if (EqualsIgnoreCase(spec.name, name)) return &spec;
  }
  return nullptr;
}

Status SetOption(Options& options, Bytes name, Bytes value) {
  const OptionSpec* spec = FindOption(name);
  if (spec == nullptr) {
    std::string known;
    for (const OptionSpec& each : OptionTable()) known += (known.empty() ? "" : ", ") + std::string(each.name);
    return {Code::kInvalid, "there is no option '" + std::string(name) + "'; the options are " + known};
  }
  if (!spec->parse(options, value)) {
    return {Code::kInvalid,
            "option '" + std::string(spec->name) + "' cannot be '" + std::string(value) + "': " + spec->allowed};
  }
  return Status::Ok();
}

}  // namespace redislite::engine
