// What a table and a mutex cost without any store around them: the bounds of the in-memory rows.
#include <mutex>
#include <unordered_map>

#ifdef BENCH_HAS_ABSL
#include <absl/container/flat_hash_map.h>
#endif

#include "macro/stores/peers.h"

namespace bench {
namespace {

template <typename Map>
class LockedMap : public Store {
 public:
  bool Set(std::string_view key, std::string_view value) override {
    const std::lock_guard lock(mutex_);
    map_.insert_or_assign(std::string(key), std::string(value));
    return true;
  }
  bool Get(std::string_view key, std::string* value) override {
    const std::lock_guard lock(mutex_);
    const auto found = map_.find(std::string(key));
    if (found == map_.end()) return false;
    value->assign(found->second);
    return true;
  }
  bool Delete(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    return map_.erase(std::string(key)) == 1;
  }

 private:
  std::mutex mutex_;
  Map map_;
};

template <typename Map>
std::unique_ptr<Store> Open(const std::string&) {
  return std::make_unique<LockedMap<Map>>();
}

}  // namespace

void AddMaps(std::vector<Engine>& engines) {
  engines.push_back({"std_unordered_map", Promise::kMemory, Open<std::unordered_map<std::string, std::string>>});
#ifdef BENCH_HAS_ABSL
  engines.push_back({"absl_flat_hash_map", Promise::kMemory, Open<absl::flat_hash_map<std::string, std::string>>});
#endif
}

}  // namespace bench
