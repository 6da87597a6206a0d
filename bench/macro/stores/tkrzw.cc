// Tkrzw: HashDBM, a hash table in a mapped file without a log, and TinyDBM, one in memory. No durable rows: the "hard"
// synchronisation of its default file reaches no device flush (strace shows sync_file_range and no fdatasync).
#include <tkrzw_dbm_hash.h>
#include <tkrzw_dbm_tiny.h>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class HashFile : public Store {
 public:
  explicit HashFile(const std::string& directory) {
    tkrzw::HashDBM::TuningParameters tuning;
    tuning.num_buckets = 2'000'000;  // what its manual asks for: about twice the records
    const tkrzw::Status status = db_.OpenAdvanced(directory + "/kv.tkh", true, tkrzw::File::OPEN_DEFAULT, tuning);
    Require(status.IsOK(), "tkrzw: " + std::string(status.GetMessage()));
  }
  ~HashFile() override { db_.Close(); }

  bool Set(std::string_view key, std::string_view value) override { return db_.Set(key, value).IsOK(); }
  bool Get(std::string_view key, std::string* value) override { return db_.Get(key, value).IsOK(); }
  bool Delete(std::string_view key) override { return db_.Remove(key).IsOK(); }

 private:
  tkrzw::HashDBM db_;
};

class Tiny : public Store {
 public:
  Tiny() : db_(1'000'000) {}
  bool Set(std::string_view key, std::string_view value) override { return db_.Set(key, value).IsOK(); }
  bool Get(std::string_view key, std::string* value) override { return db_.Get(key, value).IsOK(); }
  bool Delete(std::string_view key) override { return db_.Remove(key).IsOK(); }

 private:
  tkrzw::TinyDBM db_;
};

std::unique_ptr<Store> OpenHash(const std::string& directory) { return std::make_unique<HashFile>(directory); }
std::unique_ptr<Store> OpenTiny(const std::string&) { return std::make_unique<Tiny>(); }

}  // namespace

void AddTkrzw(std::vector<Engine>& engines) {
  engines.push_back({"tkrzw_hash", Promise::kBuffered, OpenHash});
  engines.push_back({"tkrzw_tiny", Promise::kMemory, OpenTiny});
}

}  // namespace bench
