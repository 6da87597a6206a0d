// The rows: what is measured, on whom. Each engine gets the same keys, values and threads.
#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include "macro/eviction_row.h"
#include "macro/flood_row.h"
#include "macro/load.h"
#include "macro/redis_server.h"
#include "macro/row.h"
#include "macro/stores/redislite.h"

namespace bench {
namespace {

constexpr size_t kValueBytes = 100;

// A directory of its own for each store, empty.
std::string NewDirectory(const Scale& scale, const std::string& name) {
  static std::atomic<int> number{0};
  const std::string path =
      scale.directory + "/" + name + "-" + std::to_string(getpid()) + "-" + std::to_string(++number);
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path;
}

std::shared_ptr<Store> Open(const Scale& scale, const std::string& engine) {
  const Engine* found = FindEngine(engine);
  Require(found != nullptr, "there is no engine " + engine);
  return found->open(NewDirectory(scale, engine));
}

std::shared_ptr<RedisLite> OpenRedisLite(const Scale& scale, const char* appendfsync) {
  return std::make_shared<RedisLite>(NewDirectory(scale, "redislite"), appendfsync);
}

Figures ToFigures(const Cost& cost) {
  const auto operations = static_cast<double>(cost.operations);
  Figures figures = {{"ops_per_s", operations / cost.wall_s}, {"ops_per_cpu_s", operations / cost.cpu_s}};
  if (cost.p50_us > 0) {
    figures["p50_us"] = cost.p50_us;
    figures["p99_us"] = cost.p99_us;
    figures["p999_us"] = cost.p999_us;
    figures["max_us"] = cost.max_us;
  }
  return figures;
}

std::vector<std::string> Known(std::initializer_list<const char*> names) {
  std::vector<std::string> known;
  for (const char* name : names) {
    if (FindEngine(name) != nullptr) known.emplace_back(name);
  }
  return known;
}

// A row in which every engine's threads make the same calls on a store that `prepare` has filled.
using Prepare = std::function<void(Store&)>;
using Call = std::function<bool(Store&, Random&, uint64_t turn)>;

Row CallingRow(const Scale& scale, std::string name, const std::vector<std::string>& engines, int threads,
               Latency latency, const Prepare& prepare, const Call& call) {
  Row row;
  row.name = std::move(name);
  for (const std::string& engine : engines) {
    row.entrants.push_back({engine, [=] {
                              std::shared_ptr<Store> store = Open(scale, engine);
                              prepare(*store);
                              return [=] {
                                return ToFigures(
                                    RunFor(scale.slice_s, threads, latency,
                                           [&](Random& random, uint64_t turn) { return call(*store, random, turn); }));
                              };
                            }});
  }
  return row;
}

const Prepare kEmpty = [](Store&) {};
Prepare Filled(uint64_t keys, size_t value_bytes = kValueBytes) {
  return [=](Store& store) { Fill(store, keys, MakeValue(value_bytes)); };
}

Call SetUniform(uint64_t keys, size_t value_bytes = kValueBytes) {
  return [keys, value = MakeValue(value_bytes)](Store& store, Random& random, uint64_t) {
    return store.Set(Key(random.Below(keys)).view(), value);
  };
}

Call GetUniform(uint64_t keys) {
  return [keys](Store& store, Random& random, uint64_t) {
    thread_local std::string value;
    return store.Get(Key(random.Below(keys)).view(), &value);
  };
}

void AddWriteRows(const Scale& scale, std::vector<Row>& rows) {
  const std::vector<std::string> durable =
      Known({"raw_loop", "redislite", "leveldb", "rocksdb", "sqlite_full", "lmdb"});
  for (const int threads : {1, 16, 64}) {
    rows.push_back(CallingRow(scale, "durable_set_" + std::to_string(threads), durable, threads, Latency::kYes, kEmpty,
                              SetUniform(scale.keys)));
  }
  const std::vector<std::string> relaxed =
      Known({"raw_write", "redislite_everysec", "redislite_no", "leveldb_nosync", "rocksdb_nosync", "sqlite_normal",
             "lmdb_nosync", "lmdb_writemap", "tkrzw_hash"});
  rows.push_back(CallingRow(scale, "relaxed_set", relaxed, 1, Latency::kNo, kEmpty, SetUniform(scale.keys)));
  const std::vector<std::string> memory =
      Known({"redislite_memory", "std_unordered_map", "absl_flat_hash_map", "tkrzw_tiny"});
  rows.push_back(CallingRow(scale, "memory_set", memory, 1, Latency::kNo, kEmpty, SetUniform(scale.keys)));
}

void AddReadRows(const Scale& scale, std::vector<Row>& rows) {
  const std::vector<std::string> engines =
      Known({"redislite_no", "std_unordered_map", "absl_flat_hash_map", "tkrzw_tiny", "tkrzw_hash", "lmdb_writemap",
             "leveldb_nosync", "rocksdb_nosync", "sqlite_normal"});
  for (const int threads : {1, 2}) {
    rows.push_back(CallingRow(scale, "get_" + std::to_string(threads), engines, threads, Latency::kNo,
                              Filled(scale.keys), GetUniform(scale.keys)));
  }

  // A reader alone, and beside a writer whose every record is synced.
  Row beside;
  beside.name = "get_beside_durable_writer";
  for (const bool writing : {false, true}) {
    beside.entrants.push_back({writing ? "beside_writer" : "alone", [=] {
                                 const std::shared_ptr<RedisLite> store = OpenRedisLite(scale, "no");
                                 Fill(*store, scale.keys, MakeValue(kValueBytes));
                                 store->Command({"CONFIG", "SET", "appendfsync", "always"});
                                 return [=]() -> Figures {
                                   std::atomic<bool> stop{false};
                                   std::thread writer;
                                   if (writing) {
                                     writer = std::thread([&] {
                                       const Call set = SetUniform(scale.keys);
                                       Random random(1);
                                       while (!stop) set(*store, random, 0);
                                     });
                                   }
                                   const Call get = GetUniform(scale.keys);
                                   const Cost cost =
                                       RunFor(scale.slice_s, 1, Latency::kYes,
                                              [&](Random& random, uint64_t turn) { return get(*store, random, turn); });
                                   stop = true;
                                   if (writer.joinable()) writer.join();
                                   return ToFigures(cost);
                                 };
                               }});
  }
  rows.push_back(std::move(beside));
}

void AddMemoryRows(const Scale& scale, std::vector<Row>& rows) {
  const std::vector<std::string> engines =
      Known({"redislite_memory", "tkrzw_tiny", "absl_flat_hash_map", "std_unordered_map"});
  for (const size_t value_bytes : {8u, 32u}) {
    Row row;
    row.name = "memory_16_" + std::to_string(value_bytes);
    row.once = true;
    for (const std::string& engine : engines) {
      row.entrants.push_back(
          {engine, [=] {
             const auto before = static_cast<double>(ResidentBytes());
             std::shared_ptr<Store> store = Open(scale, engine);
             Fill(*store, scale.many_keys, MakeValue(value_bytes));
             const auto keys = static_cast<double>(scale.many_keys);
             const double per_key = (static_cast<double>(ResidentBytes()) - before) / keys;
             Figures figures = {{"rss_bytes_per_key", per_key},
                                {"overhead_bytes_per_key", per_key - 16 - static_cast<double>(value_bytes)}};
             if (auto* redislite = dynamic_cast<RedisLite*>(store.get())) {
               figures["used_memory_per_rss"] = redislite->Info("memory", "used_memory") / (per_key * keys);
             }
             return [store, figures] { return figures; };
           }});
    }
    row.entrants.push_back({"redis_server", [=] {
                              auto server = std::make_shared<RedisServer>(NewDirectory(scale, "redis"), false);
                              const auto before = static_cast<double>(server->ResidentBytes());
                              server->Fill(scale.many_keys, MakeValue(value_bytes));
                              const double per_key = (static_cast<double>(server->ResidentBytes()) - before) /
                                                     static_cast<double>(scale.many_keys);
                              const Figures figures = {
                                  {"rss_bytes_per_key", per_key},
                                  {"overhead_bytes_per_key", per_key - 16 - static_cast<double>(value_bytes)}};
                              return [server, figures] { return figures; };
                            }});
    rows.push_back(std::move(row));
  }
}

// Opening the same data: from a snapshot, and from a log alone. A store that opens is closed again and its time taken
// anew; a server is started anew.
void AddRecoveryRows(const Scale& scale, std::vector<Row>& rows) {
  constexpr size_t kSmall = 32;
  for (const bool from_log : {false, true}) {
    Row row;
    row.name = from_log ? "open_from_log" : "open_from_snapshot";
    row.entrants.push_back({"redislite", [=] {
                              const std::string directory = NewDirectory(scale, "open");
                              {
                                RedisLite store(directory, "no");
                                Fill(store, scale.many_keys, MakeValue(kSmall));
                                if (!from_log) Require(rl_snapshot(store.db()) == RL_OK, "rl_snapshot");
                              }
                              return [=]() -> Figures {
                                const double cpu = ProcessCpuSeconds();
                                const double start = WallSeconds();
                                RedisLite store(directory, "no");
                                return {{"open_s", WallSeconds() - start}, {"open_cpu_s", ProcessCpuSeconds() - cpu}};
                              };
                            }});
    row.entrants.push_back({"redis_server", [=] {
                              const std::string directory = NewDirectory(scale, "redis");
                              {
                                RedisServer server(directory, from_log);
                                server.Fill(scale.many_keys, MakeValue(kSmall));
                                if (!from_log) server.Save();
                                server.Stop();
                              }
                              return [=]() -> Figures {
                                RedisServer server(directory, from_log);
                                return {{"open_s", server.load_s()}, {"open_cpu_s", server.cpu_s()}};
                              };
                            }});
    rows.push_back(std::move(row));
  }
}

void AddSnapshotRow(const Scale& scale, std::vector<Row>& rows) {
  Row row;
  row.name = "set_during_snapshot";
  for (const bool snapshot : {false, true}) {
    row.entrants.push_back({snapshot ? "during_snapshots" : "without", [=] {
                              const std::shared_ptr<RedisLite> store = OpenRedisLite(scale, "no");
                              Fill(*store, scale.many_keys, MakeValue(32));
                              return [=]() -> Figures {
                                std::atomic<bool> stop{false};
                                std::thread thread;
                                double snapshots = 0;
                                double retained = 0;
                                if (snapshot) {
                                  thread = std::thread([&] {
                                    for (; !stop; ++snapshots)
                                      Require(rl_snapshot(store->db()) == RL_OK, "rl_snapshot");
                                  });
                                }
                                const Call set = SetUniform(scale.many_keys, 32);
                                const Cost cost =
                                    RunFor(scale.slice_s * 2, 1, Latency::kYes, [&](Random& random, uint64_t turn) {
                                      if (snapshot && turn % 65536 == 65535) {
                                        retained = std::max(retained, store->Info("memory", "snapshot_retained_bytes"));
                                      }
                                      return set(*store, random, turn);
                                    });
                                stop = true;
                                if (thread.joinable()) thread.join();
                                Figures figures = ToFigures(cost);
                                if (snapshot) {
                                  figures["snapshots"] = snapshots;
                                  figures["retained_bytes"] = retained;
                                }
                                return figures;
                              };
                            }});
  }
  rows.push_back(std::move(row));
}

// One hash of a million fields, which a caller changes while snapshots run: the longest that a call takes.
void AddBigHashRow(const Scale& scale, std::vector<Row>& rows) {
  Row row;
  row.name = "hset_during_snapshot";
  for (const bool snapshot : {false, true}) {
    row.entrants.push_back({snapshot ? "during_snapshots" : "without", [=] {
                              const std::shared_ptr<RedisLite> store = OpenRedisLite(scale, "no");
                              const std::string value = MakeValue(32);
                              for (uint64_t i = 0; i < scale.keys; ++i) {
                                store->Command({"HSET", "hash", std::string(Key(i).view()), value});
                              }
                              return [=]() -> Figures {
                                std::atomic<bool> stop{false};
                                std::thread thread;
                                if (snapshot) {
                                  thread = std::thread([&] {
                                    while (!stop) Require(rl_snapshot(store->db()) == RL_OK, "rl_snapshot");
                                  });
                                }
                                const Cost cost =
                                    RunFor(scale.slice_s, 1, Latency::kYes, [&](Random& random, uint64_t) {
                                      const Key field(random.Below(scale.keys));
                                      store->Command({"HSET", "hash", std::string(field.view()), value});
                                      return true;
                                    });
                                stop = true;
                                if (thread.joinable()) thread.join();
                                return ToFigures(cost);
                              };
                            }});
  }
  rows.push_back(std::move(row));
}

void AddGrowthRow(const Scale& scale, std::vector<Row>& rows) {
  Row row;
  row.name = "growth";
  row.once = true;
  for (const std::string& engine :
       Known({"redislite_memory", "tkrzw_tiny", "absl_flat_hash_map", "std_unordered_map"})) {
    row.entrants.push_back(
        {engine, [=] {
           std::shared_ptr<Store> store = Open(scale, engine);
           return [=]() -> Figures {
             const std::string value = MakeValue(8);
             double worst = 0;
             const double start = ThreadCpuSeconds();
             double before = start;
             for (uint64_t i = 0; i < scale.many_keys; ++i) {
               Require(store->Set(Key(i).view(), value), "a Set failed");
               const double after = ThreadCpuSeconds();
               worst = std::max(worst, after - before);
               before = after;
             }
             return {{"worst_insert_cpu_us", worst * 1e6},
                     {"mean_insert_cpu_us", (before - start) * 1e6 / static_cast<double>(scale.many_keys)}};
           };
         }});
  }
  rows.push_back(std::move(row));
}

// Keys that expire while a reader calls: its latency before and meanwhile, and how long after their time the last of
// them is gone.
void AddExpiryRow(const Scale& scale, std::vector<Row>& rows) {
  Row row;
  row.name = "expiry_under_load";
  row.once = true;
  row.entrants.push_back({"redislite", [=] {
                            const std::shared_ptr<RedisLite> store = OpenRedisLite(scale, "no");
                            Fill(*store, scale.keys, MakeValue(kValueBytes));
                            return [=]() -> Figures {
                              const Call get = GetUniform(scale.keys);
                              const auto read = [&](double seconds) {
                                return RunFor(seconds, 1, Latency::kYes,
                                              [&](Random& random, uint64_t turn) { return get(*store, random, turn); });
                              };
                              const Cost before = read(scale.slice_s);
                              // A million more, which all expire within the second after they are there.
                              const int64_t lead_ms = 4000 + static_cast<int64_t>(scale.keys / 200);
                              const double start = WallSeconds();
                              Random random(7);
                              for (uint64_t i = 0; i < scale.keys; ++i) {
                                const Key key(scale.keys + i);
                                const auto since = static_cast<int64_t>((WallSeconds() - start) * 1000);
                                const int64_t ttl = lead_ms - since + static_cast<int64_t>(random.Below(1000));
                                Require(rl_set_with(store->db(), key.view().data(), 16, "v", 1, ttl, 0) == RL_OK,
                                        "rl_set_with");
                              }
                              const double due = start + static_cast<double>(lead_ms) / 1000;
                              while (WallSeconds() < due - 0.01) std::this_thread::yield();
                              const Cost during = read(1.0);
                              double gone = 0;
                              while (store->Info("stats", "expired_keys") < static_cast<double>(scale.keys)) {
                                std::this_thread::sleep_for(std::chrono::milliseconds(1));
                                Require(WallSeconds() < due + 60, "expired keys are not removed");
                              }
                              gone = WallSeconds() - (due + 1.0);
                              return {{"p99_us_before", before.p99_us},
                                      {"p99_us_during", during.p99_us},
                                      {"p99_ratio", during.p99_us / before.p99_us},
                                      {"gone_after_s", gone}};
                            };
                          }});
  rows.push_back(std::move(row));
}

// The suite of the first specification.
void AddSeedRows(const Scale& scale, std::vector<Row>& rows) {
  const std::vector<std::string> relaxed =
      Known({"redislite_everysec", "leveldb_nosync", "rocksdb_nosync", "sqlite_normal", "lmdb_nosync"});
  constexpr uint64_t kKeys = 100'000;
  rows.push_back(CallingRow(scale, "seed_sequential_set", relaxed, 1, Latency::kNo, kEmpty,
                            [value = MakeValue(kValueBytes)](Store& store, Random&, uint64_t turn) {
                              return store.Set(Key(turn % kKeys).view(), value);
                            }));
  rows.push_back(CallingRow(scale, "seed_sequential_get", relaxed, 1, Latency::kNo, Filled(kKeys),
                            [](Store& store, Random&, uint64_t turn) {
                              thread_local std::string value;
                              return store.Get(Key(turn % kKeys).view(), &value);
                            }));
  rows.push_back(CallingRow(scale, "seed_mixed_50_30_20", relaxed, 1, Latency::kNo, Filled(kKeys),
                            [value = MakeValue(kValueBytes)](Store& store, Random& random, uint64_t) {
                              thread_local std::string read;
                              const Key key(random.Below(kKeys));
                              const uint64_t what = random.Below(10);
                              if (what < 5) return store.Set(key.view(), value);
                              if (what < 8) {
                                (void)store.Get(key.view(), &read);
                              } else {
                                (void)store.Delete(key.view());
                              }
                              return true;
                            }));
  rows.push_back(CallingRow(scale, "seed_100_callers",
                            Known({"redislite", "leveldb", "rocksdb", "sqlite_full", "lmdb"}), 100, Latency::kYes,
                            kEmpty, SetUniform(kKeys)));
  rows.push_back(
      CallingRow(scale, "seed_values_of_100_kb", relaxed, 1, Latency::kNo, kEmpty, SetUniform(1000, 100'000)));
}

}  // namespace

std::vector<Row> MakeRows(const Scale& scale) {
  std::vector<Row> rows;
  AddWriteRows(scale, rows);
  AddReadRows(scale, rows);
  AddMemoryRows(scale, rows);
  AddRecoveryRows(scale, rows);
  AddSnapshotRow(scale, rows);
  AddBigHashRow(scale, rows);
  AddGrowthRow(scale, rows);
  AddExpiryRow(scale, rows);
  rows.push_back(EvictionRow(scale));
  rows.push_back(FloodRow(scale));
  AddSeedRows(scale, rows);
  return rows;
}

}  // namespace bench
