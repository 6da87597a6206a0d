// INFO's text and DEBUG DIGEST: looking at a store as a whole.

#include <algorithm>
#include <array>
#include <charconv>

#include "base/number.h"
#include "base/siphash.h"
#include "engine/command_statistics.h"
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

std::string Decimal(double value) {
  std::array<char, 64> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
  return code == std::errc() ? std::string(text.data(), end) : "0.00";
}

// Of microseconds: "1.250000".
std::string Seconds(int64_t us) {
  const std::string fraction = std::to_string(us % 1'000'000);
  return std::to_string(us / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
}

// As Redis' own, 40 hexadecimal digits that no other run has.
std::string RunId(const HashSeed& seed, int64_t started_ms) {
  std::string id;
  for (char part = 0; part < 3; ++part) {
    const uint64_t hash = SipHash13(seed, std::to_string(started_ms) + part);
    id += storage::Hex({reinterpret_cast<const char*>(&hash), sizeof hash});
  }
  return id.substr(0, 40);
}

// The least bucket's end below which so much of the calls lie, in microseconds.
double Percentile(const CommandStatistics::Numbers& numbers, double share) {
  uint64_t all = 0;
  for (const uint64_t count : numbers.times) all += count;
  uint64_t seen = 0;
  for (size_t i = 0; i < numbers.times.size(); ++i) {
    seen += numbers.times[i];
    if (static_cast<double>(seen) >= share * static_cast<double>(all)) return static_cast<double>(uint64_t{1} << i);
  }
  return 0;
}

// "config|get" is a field of its own; ':' and '|' are as in Redis.
std::string FieldOf(const char* prefix, const Command& command) { return std::string(prefix) + command.name; }

}  // namespace

// One text of INFO in the making.
class Engine::InfoText {
 public:
  explicit InfoText(Engine& engine) : parts_(*engine.parts_), options_(parts_.CopyOptions()), log_(parts_.log.get()) {
    if (parts_.client_facts) clients_ = parts_.client_facts();
  }

  std::string Of(std::span<const Bytes> sections) {
    enum class Shown : uint8_t {
      kByDefault,
      kWithAll,
    };
    struct Row {
      const char* name;
      Shown shown;
      void (InfoText::*write)();
    };
    static constexpr Row kRows[] = {
        {"server", Shown::kByDefault, &InfoText::Server},
        {"clients", Shown::kByDefault, &InfoText::Clients},
        {"memory", Shown::kByDefault, &InfoText::Memory},
        {"persistence", Shown::kByDefault, &InfoText::Persistence},
        {"stats", Shown::kByDefault, &InfoText::Stats},
        {"replication", Shown::kByDefault, &InfoText::Replication},
        {"cpu", Shown::kByDefault, &InfoText::Cpu},
        {"modules", Shown::kByDefault, &InfoText::Modules},
        {"commandstats", Shown::kWithAll, &InfoText::Commands},
        {"errorstats", Shown::kByDefault, &InfoText::Errors},
        {"latencystats", Shown::kWithAll, &InfoText::Latencies},
        {"cluster", Shown::kByDefault, &InfoText::Cluster},
        {"recovery", Shown::kByDefault, &InfoText::Recovery},
        {"keyspace", Shown::kByDefault, &InfoText::Keys},
    };
    const auto asked = [&](Bytes name) {
      return std::any_of(sections.begin(), sections.end(), [&](Bytes section) { return IsSame(section, name); });
    };
    const bool all = asked("all") || asked("everything");
    const bool by_default = all || sections.empty() || asked("default");
    for (const Row& row : kRows) {
      if (asked(row.name) || all || (by_default && row.shown == Shown::kByDefault)) (this->*row.write)();
    }
    return std::move(out_);
  }

 private:
  static bool IsSame(Bytes wanted, Bytes name) {
    return std::equal(wanted.begin(), wanted.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
  }

  void Server() {
    Section s(out_, "Server");
    const Host::Settings host = parts_.host.settings();
    const auto setting = [&](const char* name, const char* otherwise) {
      const auto found = host.find(name);
      return found == host.end() ? std::string(otherwise) : found->second;
    };
    s.Line("redis_version", kRedisVersion);
    s.Line("redis_git_sha1", "00000000");
    s.Line("redis_git_dirty", uint64_t{0});
    s.Line("redis_build_id", "0");
    s.Line("redis_mode", "standalone");
    s.Line("redislite_format", uint64_t{storage::kFormatVersion});
    s.Line("os", os::SystemName());
    s.Line("arch_bits", uint64_t{sizeof(void*) * 8});
    s.Line("monotonic_clock", "POSIX clock_gettime");
    s.Line("multiplexing_api", host.empty() ? "none" : "epoll");
    s.Line("process_id", os::ProcessId());
    s.Line("process_supervised", "no");
    s.Line("run_id", RunId(parts_.keyspace->seed(), parts_.started_ms));
    s.Line("tcp_port", setting("port", "0"));
    s.Line("server_time_usec", parts_.clock->Now() * 1000);
    const int64_t uptime_s = std::max<int64_t>(0, (parts_.clock->Now() - parts_.started_ms) / 1000);
    s.Line("uptime_in_seconds", uptime_s);
    s.Line("uptime_in_days", uptime_s / 86400);
    s.Line("hz", uint64_t{10});
    s.Line("configured_hz", uint64_t{10});
    s.Line("directory", parts_.path.empty() ? Bytes(":memory:") : Bytes(parts_.path));
    s.Line("executable", "");
    s.Line("config_file", setting("config", ""));
    s.Line("io_threads_active", uint64_t{0});
  }

  void Clients() {
    Section s(out_, "Clients");
    const Host::Settings host = parts_.host.settings();
    const auto clients_max = host.find("maxclients");
    s.Line("connected_clients", clients_.connected);
    s.Line("cluster_connections", uint64_t{0});
    s.Line("maxclients", clients_max == host.end() ? "0" : clients_max->second);
    s.Line("client_recent_max_input_buffer", clients_.largest_query);
    s.Line("client_recent_max_output_buffer", clients_.largest_output);
    s.Line("blocked_clients", uint64_t{parts_.pipeline->parked()});
    s.Line("tracking_clients", uint64_t{0});
    s.Line("pubsub_clients", clients_.pubsub);
    s.Line("watching_clients", clients_.watching);
    s.Line("clients_in_timeout_table", uint64_t{0});
    s.Line("total_blocking_keys", parts_.pipeline->awaited_keys());
    s.Line("total_blocking_keys_on_nokey", uint64_t{0});
  }

  void Memory() {
    Section s(out_, "Memory");
    const uint64_t used = parts_.memory.used();
    const uint64_t peak = parts_.memory.peak();
    const uint64_t resident = os::ResidentBytes();
    const uint64_t spare = parts_.memory.spare_bytes();
    const uint64_t system = os::SystemMemoryBytes();
    s.Line("used_memory", used);
    s.Line("used_memory_human", HumanBytes(used));
    s.Line("used_memory_rss", resident);
    s.Line("used_memory_rss_human", HumanBytes(resident));
    s.Line("used_memory_peak", peak);
    s.Line("used_memory_peak_human", HumanBytes(peak));
    s.Line("used_memory_peak_perc",
           Decimal(peak == 0 ? 100 : static_cast<double>(used) * 100 / static_cast<double>(peak)) + "%");
    s.Line("used_memory_overhead", uint64_t{0});
    s.Line("used_memory_startup", uint64_t{0});
    s.Line("used_memory_dataset", used);
    s.Line("used_memory_dataset_perc", "100.00%");
    s.Line("allocator_allocated", used);
    s.Line("allocator_active", used + spare);
    s.Line("allocator_resident", resident);
    s.Line("allocator_frag_ratio",
           Decimal(used == 0 ? 1 : static_cast<double>(used + spare) / static_cast<double>(used)));
    s.Line("allocator_frag_bytes", spare);
    s.Line("total_system_memory", system);
    s.Line("total_system_memory_human", HumanBytes(system));
    s.Line("used_memory_lua", uint64_t{0});
    s.Line("used_memory_scripts", uint64_t{0});
    s.Line("maxmemory", options_.maxmemory);
    s.Line("maxmemory_human", HumanBytes(options_.maxmemory));
    s.Line("maxmemory_policy", FindOption("maxmemory-policy")->print(options_));
    s.Line("mem_fragmentation_ratio",
           Decimal(used == 0 ? 0 : static_cast<double>(resident) / static_cast<double>(used)));
    s.Line("mem_fragmentation_bytes", static_cast<int64_t>(resident) - static_cast<int64_t>(used));
    s.Line("mem_not_counted_for_evict", uint64_t{0});
    s.Line("mem_replication_backlog", uint64_t{0});
    s.Line("mem_clients_slaves", uint64_t{0});
    s.Line("mem_clients_normal", clients_.buffered);
    s.Line("mem_aof_buffer", uint64_t{0});
    s.Line("mem_allocator", "redislite");
    s.Line("active_defrag_running", uint64_t{parts_.defrag->running()});
    s.Line("lazyfree_pending_objects", uint64_t{0});
    s.Line("lazyfreed_objects", uint64_t{0});
    s.Line("snapshot_retained_bytes", parts_.snapshotter->retained_bytes());
  }

  void Persistence() {
    Section s(out_, "Persistence");
    const bool has_log = log_ != nullptr;
    const char* const last_snapshot = parts_.statistics.snapshots_failed.load() == 0 ? "ok" : "err";
    const uint64_t changes = has_log ? log_->last_lsn() - std::min(log_->last_lsn(), log_->snapshot_lsn()) : 0;
    s.Line("loading", uint64_t{0});
    s.Line("async_loading", uint64_t{0});
    s.Line("rdb_changes_since_last_save", changes);
    s.Line("rdb_bgsave_in_progress", uint64_t{parts_.snapshot_running.load() ? 1u : 0u});
    s.Line("rdb_last_save_time", parts_.last_save_s.load());
    s.Line("rdb_last_bgsave_status", last_snapshot);
    s.Line("rdb_last_bgsave_time_sec", int64_t{-1});
    s.Line("rdb_current_bgsave_time_sec", int64_t{-1});
    s.Line("rdb_saves", parts_.statistics.snapshots.load());
    s.Line("rdb_last_cow_size", uint64_t{0});
    s.Line("rdb_last_load_keys_expired", uint64_t{0});
    s.Line("rdb_last_load_keys_loaded", parts_.recovery.snapshot_keys);
    s.Line("appendfsync", FindOption("appendfsync")->print(options_));
    s.Line("aof_enabled", uint64_t{has_log});
    s.Line("aof_rewrite_in_progress", uint64_t{0});
    s.Line("aof_rewrite_scheduled", uint64_t{0});
    s.Line("aof_last_rewrite_time_sec", int64_t{-1});
    s.Line("aof_current_rewrite_time_sec", int64_t{-1});
    s.Line("aof_last_bgrewrite_status", last_snapshot);
    s.Line("aof_last_write_status", has_log && log_->poisoned() ? "err" : "ok");
    s.Line("aof_last_cow_size", uint64_t{0});
    if (!has_log) return;
    s.Line("aof_current_size", log_->wal_bytes());
    s.Line("aof_base_size", log_->snapshot_bytes());
    s.Line("last_lsn", log_->last_lsn());
    s.Line("synced_lsn", log_->synced_lsn());
    s.Line("snapshot_lsn", log_->snapshot_lsn());
    s.Line("snapshot_bytes", log_->snapshot_bytes());
    s.Line("wal_bytes", log_->wal_bytes());
    s.Line("wal_segments", log_->segment_count());
    if (log_->poisoned()) s.Line("poison", log_->poison().message());
  }

  void Stats() {
    Section s(out_, "Stats");
    Statistics& statistics = parts_.statistics;
    uint64_t errors = 0;
    for (const auto& [kind, count] : parts_.command_statistics->errors()) errors += count;
    s.Line("total_connections_received", statistics.clients.load());
    s.Line("total_commands_processed", parts_.command_statistics->calls());
    s.Line("instantaneous_ops_per_sec", parts_.command_statistics->calls_per_second());
    const uint64_t bytes_in = statistics.bytes_in.Sum();
    const uint64_t bytes_out = statistics.bytes_out.Sum();
    const auto kilo = [](uint64_t bytes) { return Decimal(static_cast<double>(bytes) / 1024); };
    s.Line("total_net_input_bytes", bytes_in);
    s.Line("total_net_output_bytes", bytes_out);
    s.Line("instantaneous_input_kbps", kilo(statistics.bytes_in_rate.PerSecond(bytes_in)));
    s.Line("instantaneous_output_kbps", kilo(statistics.bytes_out_rate.PerSecond(bytes_out)));
    s.Line("rejected_connections", statistics.clients_rejected.load());
    s.Line("sync_full", uint64_t{0});
    s.Line("sync_partial_ok", uint64_t{0});
    s.Line("sync_partial_err", uint64_t{0});
    s.Line("expired_keys", statistics.expired.Sum());
    s.Line("expired_stale_perc", "0.00");
    s.Line("expired_time_cap_reached_count", uint64_t{0});
    s.Line("evicted_keys", parts_.pipeline->evicted_keys());
    s.Line("evicted_clients", uint64_t{0});
    s.Line("keyspace_hits", statistics.hits.Sum());
    s.Line("keyspace_misses", statistics.misses.Sum());
    s.Line("pubsub_channels", clients_.channels);
    s.Line("pubsub_patterns", clients_.patterns);
    s.Line("pubsubshard_channels", clients_.shard_channels);
    s.Line("latest_fork_usec", uint64_t{0});
    s.Line("total_forks", uint64_t{0});
    s.Line("migrate_cached_sockets", uint64_t{0});
    s.Line("slave_expires_tracked_keys", uint64_t{0});
    const uint64_t moved_keys = statistics.defrag_moved_keys;
    s.Line("active_defrag_hits", moved_keys + statistics.defrag_moved_segments);
    s.Line("active_defrag_key_hits", moved_keys);
    s.Line("active_defrag_key_misses", statistics.defrag_passed_keys.load());
    s.Line("tracking_total_keys", uint64_t{0});
    s.Line("unexpected_error_replies", uint64_t{0});
    s.Line("total_error_replies", errors);
    s.Line("dump_payload_sanitizations", uint64_t{0});
    s.Line("commit_batches", parts_.pipeline->batches());
    s.Line("commit_commands", parts_.pipeline->logged_commands());
  }

  void Replication() {
    Section s(out_, "Replication");
    s.Line("role", "master");
    s.Line("connected_slaves", uint64_t{0});
    s.Line("master_failover_state", "no-failover");
    s.Line("master_replid", RunId(parts_.keyspace->seed(), 0));
    s.Line("master_replid2", std::string(40, '0'));
    s.Line("master_repl_offset", log_ != nullptr ? log_->last_lsn() : 0);
    s.Line("second_repl_offset", int64_t{-1});
    s.Line("repl_backlog_active", uint64_t{0});
    s.Line("repl_backlog_size", uint64_t{0});
    s.Line("repl_backlog_first_byte_offset", uint64_t{0});
    s.Line("repl_backlog_histlen", uint64_t{0});
  }

  void Cpu() {
    const os::ProcessTimes times = os::CpuTimes();
    Section s(out_, "CPU");
    s.Line("used_cpu_sys", Seconds(times.system_us));
    s.Line("used_cpu_user", Seconds(times.user_us));
    s.Line("used_cpu_sys_children", "0.000000");
    s.Line("used_cpu_user_children", "0.000000");
  }

  void Modules() { Section s(out_, "Modules"); }

  void Commands() {
    Section s(out_, "Commandstats");
    for (const CommandStatistics::Numbers& numbers : parts_.command_statistics->All()) {
      const double per_call =
          numbers.calls == 0 ? 0 : static_cast<double>(numbers.us) / static_cast<double>(numbers.calls);
      s.Line(FieldOf("cmdstat_", *numbers.command),
             "calls=" + std::to_string(numbers.calls) + ",usec=" + std::to_string(numbers.us) +
                 ",usec_per_call=" + Decimal(per_call) + ",rejected_calls=" + std::to_string(numbers.rejected) +
                 ",failed_calls=" + std::to_string(numbers.failed));
    }
  }

  void Errors() {
    Section s(out_, "Errorstats");
    for (const auto& [kind, count] : parts_.command_statistics->errors()) {
      s.Line("errorstat_" + kind, "count=" + std::to_string(count));
    }
  }

  void Latencies() {
    Section s(out_, "Latencystats");
    for (const CommandStatistics::Numbers& numbers : parts_.command_statistics->All()) {
      if (numbers.calls == 0) continue;
      s.Line(FieldOf("latency_percentiles_usec_", *numbers.command),
             "p50=" + Decimal(Percentile(numbers, 0.5)) + ",p99=" + Decimal(Percentile(numbers, 0.99)) +
                 ",p99.9=" + Decimal(Percentile(numbers, 0.999)));
    }
  }

  void Cluster() {
    Section s(out_, "Cluster");
    s.Line("cluster_enabled", uint64_t{0});
  }

  void Recovery() {
    const storage::RecoveryReport& r = parts_.recovery;
    Section s(out_, "Recovery");
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
    s.Line("recovery_ms", parts_.recovery_us / 1000);
  }

  void Keys() {
    Section s(out_, "Keyspace");
    StripeSet stripes;
    stripes.AddAll();
    const StripeSet::Guard guard(*parts_.keyspace, stripes, StripeSet::How::kShared);
    const int64_t now_ms = parts_.clock->Now();
    for (int db = 0; db < kDatabases; ++db) {
      const size_t keys = parts_.keyspace->Count(db, now_ms);
      if (keys == 0) continue;
      const size_t expires = parts_.keyspace->CountWithExpiry(db, now_ms);
      s.Line("db" + std::to_string(db),
             "keys=" + std::to_string(keys) + ",expires=" + std::to_string(expires) + ",avg_ttl=0");
    }
  }

  Parts& parts_;
  const Options options_;
  const storage::Log* const log_;
  ClientFacts clients_;
  std::string out_;
};

std::string Engine::Info(std::span<const Bytes> sections) { return InfoText(*this).Of(sections); }

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
