// LMDB: a copy-on-write B+tree in a memory map. A commit is two device flushes; there is no group commit.
#include <lmdb.h>

#include <unordered_map>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class Lmdb : public Store {
 public:
  Lmdb(const std::string& directory, unsigned flags) {
    Check(mdb_env_create(&environment_));
    Check(mdb_env_set_mapsize(environment_, size_t{16} << 30));
    Check(mdb_env_set_maxreaders(environment_, 512));
    Check(mdb_env_open(environment_, directory.c_str(), flags | MDB_NOTLS, 0644));
    MDB_txn* transaction = nullptr;
    Check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
    Check(mdb_dbi_open(transaction, nullptr, 0, &table_));
    Check(mdb_txn_commit(transaction));
  }
  ~Lmdb() override { mdb_env_close(environment_); }

  bool Set(std::string_view key, std::string_view value) override {
    MDB_val k = Value(key);
    MDB_val v = Value(value);
    MDB_txn* transaction = nullptr;
    Check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
    Check(mdb_put(transaction, table_, &k, &v, 0));
    return mdb_txn_commit(transaction) == 0;
  }

  bool Get(std::string_view key, std::string* value) override {
    // The reader's slot is kept from call to call: renewing it is what LMDB's manual advises.
    thread_local std::unordered_map<Lmdb*, MDB_txn*> readers;
    MDB_txn*& reader = readers[this];
    if (reader == nullptr) {
      Check(mdb_txn_begin(environment_, nullptr, MDB_RDONLY, &reader));
    } else {
      Check(mdb_txn_renew(reader));
    }
    MDB_val k = Value(key);
    MDB_val v;
    const int code = mdb_get(reader, table_, &k, &v);
    if (code == 0) value->assign(static_cast<const char*>(v.mv_data), v.mv_size);
    mdb_txn_reset(reader);
    return code == 0;
  }

  bool Delete(std::string_view key) override {
    MDB_val k = Value(key);
    MDB_txn* transaction = nullptr;
    Check(mdb_txn_begin(environment_, nullptr, 0, &transaction));
    const int code = mdb_del(transaction, table_, &k, nullptr);
    return mdb_txn_commit(transaction) == 0 && code == 0;
  }

 private:
  static void Check(int code) { Require(code == 0, std::string("lmdb: ") + mdb_strerror(code)); }
  static MDB_val Value(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

  MDB_env* environment_ = nullptr;
  MDB_dbi table_ = 0;
};

template <unsigned kFlags>
std::unique_ptr<Store> Open(const std::string& directory) {
  return std::make_unique<Lmdb>(directory, kFlags);
}

}  // namespace

void AddLmdb(std::vector<Engine>& engines) {
  engines.push_back({"lmdb", Promise::kPower, Open<0>});
  engines.push_back({"lmdb_nosync", Promise::kProcess, Open<MDB_NOSYNC>});
  engines.push_back({"lmdb_writemap", Promise::kBuffered, Open<MDB_NOSYNC | MDB_WRITEMAP>});
}

}  // namespace bench
