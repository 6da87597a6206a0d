// LevelDB with its defaults, and a log that is written (or synced) a record.
#include <leveldb/db.h>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class LevelDb : public Store {
 public:
  LevelDb(const std::string& directory, bool sync) {
    leveldb::Options options;
    options.create_if_missing = true;
    options.compression = leveldb::kNoCompression;
    const leveldb::Status status = leveldb::DB::Open(options, directory, &db_);
    Require(status.ok(), "leveldb: " + status.ToString());
    write_.sync = sync;
  }
  ~LevelDb() override { delete db_; }
  LevelDb(const LevelDb&) = delete;
  LevelDb& operator=(const LevelDb&) = delete;

  bool Set(std::string_view key, std::string_view value) override {
    return db_->Put(write_, Slice(key), Slice(value)).ok();
  }
  bool Get(std::string_view key, std::string* value) override { return db_->Get(read_, Slice(key), value).ok(); }
  bool Delete(std::string_view key) override { return db_->Delete(write_, Slice(key)).ok(); }

 private:
  static leveldb::Slice Slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

  leveldb::DB* db_ = nullptr;
  leveldb::WriteOptions write_;
  const leveldb::ReadOptions read_;
};

template <bool kSync>
std::unique_ptr<Store> Open(const std::string& directory) {
  return std::make_unique<LevelDb>(directory, kSync);
}

}  // namespace

void AddLevelDb(std::vector<Engine>& engines) {
  engines.push_back({"leveldb", Promise::kPower, Open<true>});
  engines.push_back({"leveldb_nosync", Promise::kProcess, Open<false>});
}

}  // namespace bench
