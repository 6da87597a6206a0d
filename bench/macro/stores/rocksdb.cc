// RocksDB with its defaults, and a log that is written (or synced) a record.
#include <rocksdb/db.h>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class RocksDb : public Store {
 public:
  RocksDb(const std::string& directory, bool sync) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.compression = rocksdb::kNoCompression;
    Check(rocksdb::DB::Open(options, directory, &db_));
    write_.sync = sync;
  }
  ~RocksDb() override { delete db_; }
  RocksDb(const RocksDb&) = delete;
  RocksDb& operator=(const RocksDb&) = delete;

  bool Set(std::string_view key, std::string_view value) override {
    return db_->Put(write_, Slice(key), Slice(value)).ok();
  }
  bool Get(std::string_view key, std::string* value) override { return db_->Get(read_, Slice(key), value).ok(); }
  bool Delete(std::string_view key) override { return db_->Delete(write_, Slice(key)).ok(); }

 private:
  static rocksdb::Slice Slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
  static void Check(const rocksdb::Status& status) { Require(status.ok(), "rocksdb: " + status.ToString()); }

  rocksdb::DB* db_ = nullptr;
  rocksdb::WriteOptions write_;
  const rocksdb::ReadOptions read_;
};

template <bool kSync>
std::unique_ptr<Store> Open(const std::string& directory) {
  return std::make_unique<RocksDb>(directory, kSync);
}

}  // namespace

void AddRocksDb(std::vector<Engine>& engines) {
  engines.push_back({"rocksdb", Promise::kPower, Open<true>});
  engines.push_back({"rocksdb_nosync", Promise::kProcess, Open<false>});
}

}  // namespace bench
