// INFO's text and DEBUG DIGEST: looking at a store as a whole.

#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/siphash.h"
#include "engine/engine.h"
#include "engine/parts.h"
#include "os/file_system.h"
#include "os/process.h"

namespace redislite::engine {

namespace {

class Section {
 public:
  Section(std::string& out, Bytes title) : out_(out) {
    if (!out_.empty()) out_ += "\r\n";
    out_.append("# ").append(title).append("\r\n");
  }
  void Line(Bytes name, Bytes value) { out_.append(name).append(":").append(value).append("\r\n"); }
  void Line(Bytes name, uint64_t value) { Line(name, Bytes(std::to_string(value))); }
  void Line(Bytes name, int64_t value) { Line(name, Bytes(std::to_string(value))); }

 private:
  std::string& out_;
};

// "1.50M", as Redis prints sizes for people.
std::string HumanBytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "K", "M", "G", "T", "P"};
  size_t unit = 0;
  uint64_t scale = 1;
  while (unit + 1 < kUnits.size() && bytes / scale >= 1024) {
    scale *= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes) + "B";
  const uint64_t hundredths = bytes / scale * 100 + bytes % scale * 100 / scale;
  std::string fraction = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + std::string(2 - fraction.size(), '0') + fraction + kUnits[unit];
}

bool Matches(Bytes wanted, Bytes name) {
  const auto equal = [&](Bytes other) {
    return std::equal(wanted.begin(), wanted.end(), other.begin(), other.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
  };
  return wanted.empty() || equal("all") || equal("default") || equal("everything") || equal(name);
}

}  // namespace

std::string Engine::Info(Bytes section) {
  Parts& parts = *parts_;
  const Options in_force = parts.CopyOptions();
  const storage::Log* log = parts.log.get();
  std::string out;
  if (Matches(section, "server")) {
    Section s(out, "Server");
    s.Line("redis_version", kRedisVersion);
    s.Line("redis_mode", "standalone");
    s.Line("redislite_format", uint64_t{storage::kFormatVersion});
    s.Line("os", os::SystemName());
    s.Line("arch_bits", uint64_t{sizeof(void*) * 8});
    s.Line("process_id", os::ProcessId());
    s.Line("directory", parts.path.empty() ? Bytes(":memory:") : Bytes(parts.path));
    const int64_t uptime_s = std::max<int64_t>(0, (parts.clock->Now() - parts.started_ms) / 1000);
    s.Line("uptime_in_seconds", uptime_s);
    s.Line("uptime_in_days", uptime_s / 86400);
  }
  const ClientFacts clients = parts.client_facts ? parts.client_facts() : ClientFacts{};
  if (Matches(section, "clients")) {
    Section s(out, "Clients");
    s.Line("connected_clients", clients.connected);
    s.Line("client_recent_max_input_buffer", clients.largest_query);
    s.Line("client_recent_max_output_buffer", clients.largest_output);
    s.Line("blocked_clients", uint64_t{parts.pipeline->parked()});
    s.Line("pubsub_clients", clients.pubsub);
    s.Line("watching_clients", clients.watching);
  }
  if (Matches(section, "memory")) {
    Section s(out, "Memory");
    s.Line("used_memory", parts.memory.used());
    s.Line("used_memory_human", HumanBytes(parts.memory.used()));
    s.Line("used_memory_rss", os::ResidentBytes());
    s.Line("used_memory_peak", parts.memory.peak());
    s.Line("used_memory_peak_human", HumanBytes(parts.memory.peak()));
    s.Line("maxmemory", in_force.maxmemory);
    s.Line("maxmemory_human", HumanBytes(in_force.maxmemory));
    s.Line("maxmemory_policy", FindOption("maxmemory-policy")->print(in_force));
    s.Line("snapshot_retained_bytes", parts.snapshotter->retained_bytes());
  }
  if (Matches(section, "persistence")) {
    Section s(out, "Persistence");
    s.Line("loading", uint64_t{0});
    s.Line("appendfsync", FindOption("appendfsync")->print(in_force));
    s.Line("aof_enabled", uint64_t{log != nullptr});
    s.Line("aof_last_write_status", log != nullptr && log->poisoned() ? "err" : "ok");
    s.Line("rdb_bgsave_in_progress", uint64_t{parts.snapshot_running.load() ? 1u : 0u});
    s.Line("rdb_last_save_time", parts.last_save_s.load());
    s.Line("rdb_last_bgsave_status", parts.statistics.snapshots_failed.load() == 0 ? "ok" : "err");
    s.Line("rdb_saves", parts.statistics.snapshots.load());
    if (log != nullptr) {
      s.Line("last_lsn", log->last_lsn());
      s.Line("synced_lsn", log->synced_lsn());
      s.Line("snapshot_lsn", log->snapshot_lsn());
      s.Line("snapshot_bytes", log->snapshot_bytes());
      s.Line("wal_bytes", log->wal_bytes());
      s.Line("wal_segments", log->segment_count());
      s.Line("rdb_changes_since_last_save", log->last_lsn() - std::min(log->last_lsn(), log->snapshot_lsn()));
      if (log->poisoned()) s.Line("poison", log->poison().message());
    }
  }
  if (Matches(section, "stats")) {
    Section s(out, "Stats");
    s.Line("total_connections_received", clients.total);
    s.Line("total_commands_processed", parts.statistics.commands.Sum());
    s.Line("keyspace_hits", parts.statistics.hits.Sum());
    s.Line("keyspace_misses", parts.statistics.misses.Sum());
    s.Line("expired_keys", parts.statistics.expired.Sum());
    s.Line("evicted_keys", uint64_t{0});
    s.Line("pubsub_channels", clients.channels);
    s.Line("pubsub_patterns", clients.patterns);
    s.Line("pubsubshard_channels", clients.shard_channels);
    s.Line("commit_batches", parts.pipeline->batches());
    s.Line("commit_commands", parts.pipeline->logged_commands());
  }
  if (Matches(section, "replication")) {
    Section s(out, "Replication");
    s.Line("role", "master");
    s.Line("connected_slaves", uint64_t{0});
    s.Line("master_repl_offset", log != nullptr ? log->last_lsn() : 0);
  }
  if (Matches(section, "cpu")) {
    const auto seconds = [](int64_t us) {
      const std::string fraction = std::to_string(us % 1'000'000);
      return std::to_string(us / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
    };
    const os::ProcessTimes times = os::CpuTimes();
    Section s(out, "CPU");
    s.Line("used_cpu_sys", seconds(times.system_us));
    s.Line("used_cpu_user", seconds(times.user_us));
  }
  if (Matches(section, "cluster")) {
    Section s(out, "Cluster");
    s.Line("cluster_enabled", uint64_t{0});
  }
  if (Matches(section, "recovery")) {
    const storage::RecoveryReport& r = parts.recovery;
    Section s(out, "Recovery");
    s.Line("recovery_created", uint64_t{r.created});
    s.Line("recovery_clean", uint64_t{r.clean});
    s.Line("recovery_salvaged", uint64_t{r.salvaged});
    s.Line("recovery_snapshot_lsn", r.snapshot_lsn);
    s.Line("recovery_snapshot_keys", r.snapshot_keys);
    s.Line("recovery_last_lsn", r.last_lsn);
    s.Line("recovery_records_replayed", r.records_replayed);
    s.Line("recovery_records_skipped", r.records_skipped);
    s.Line("recovery_bytes_cut", r.bytes_cut);
    s.Line("recovery_losses", uint64_t{r.losses.size()});
    for (size_t i = 0; i < r.losses.size(); ++i) s.Line("recovery_loss_" + std::to_string(i + 1), r.losses[i]);
    s.Line("recovery_ms", parts.recovery_us / 1000);
  }
  if (Matches(section, "keyspace")) {
    Section s(out, "Keyspace");
    StripeSet stripes;
    stripes.AddAll();
    const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
    const int64_t now_ms = parts.clock->Now();
    for (int db = 0; db < kDatabases; ++db) {
      const size_t keys = parts.keyspace->Count(db, now_ms);
      if (keys == 0) continue;
      const size_t expires = parts.keyspace->CountWithExpiry(db, now_ms);
      s.Line("db" + std::to_string(db),
             "keys=" + std::to_string(keys) + ",expires=" + std::to_string(expires) + ",avg_ttl=0");
    }
  }
  return out;
}

std::string Engine::Digest() {
  Parts& parts = *parts_;
  StripeSet stripes;
  stripes.AddAll();
  const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
  const int64_t now_ms = parts.clock->Now();
  // Two keyed hashes summed over everything: the order of keys and fields does not matter, that of a list's elements
  // does.
  constexpr HashSeed kSeeds[] = {{0x5265646973, 0x4c697465}, {0x446967657374, 0x32}};
  uint64_t sums[2] = {};
  const auto text_of = [](std::initializer_list<Bytes> pieces) {
    std::string text;
    for (const Bytes piece : pieces) text.append(std::to_string(piece.size())).append(":").append(piece);
    return text;
  };
  parts.keyspace->ForEach([&](int db, const Entry& entry) {
    if (entry.ExpiredAt(now_ms)) return;
    const std::string head = text_of(
        {std::to_string(db), entry.key(), types::TypeName(entry.value.type()), std::to_string(entry.expires_at_ms())});
    for (size_t i = 0; i < 2; ++i) {
      uint64_t content = 0;
      if (const auto* string = entry.value.As<types::String>()) {
        char scratch[kInt64TextMax];
        content = SipHash13(kSeeds[i], string->View(scratch));
      } else if (const auto* list = entry.value.As<types::List>()) {
        list->ForEach(0, [&](Bytes element) {
          content = content * 0x9e3779b97f4a7c15 + SipHash13(kSeeds[i], element);
          return true;
        });
      } else if (const auto* hash = entry.value.As<types::Hash>()) {
        hash->ForEach([&](Bytes field, Bytes value) {
          content += SipHash13(kSeeds[i], text_of({field, value}));
          return true;
        });
      } else if (const auto* set = entry.value.As<types::Set>()) {
        set->ForEach([&](Bytes member) {
          content += SipHash13(kSeeds[i], member);
          return true;
        });
      } else if (const auto* sorted_set = entry.value.As<types::SortedSet>()) {
        sorted_set->ForEach([&](Bytes member, double score) {
          content += SipHash13(kSeeds[i], text_of({member, FormatDouble(score)}));
          return true;
        });
      }
      sums[i] += SipHash13(kSeeds[i], text_of({head, std::to_string(content)}));
    }
  });
  return storage::Hex({reinterpret_cast<const char*>(sums), sizeof sums});
}

}  // namespace redislite::engine
