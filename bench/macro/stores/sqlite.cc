// SQLite in WAL mode: synchronous FULL syncs each commit, NORMAL only at checkpoints. One connection a thread.
#include <sqlite3.h>

#include <mutex>
#include <unordered_map>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class Connection {
 public:
  Connection(const std::string& path, const char* synchronous) {
    Check(
        sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr));
    sqlite3_busy_timeout(db_, 600'000);
    Run("PRAGMA journal_mode=WAL");
    Run(std::string("PRAGMA synchronous=") + synchronous);
    Run("PRAGMA cache_size=-262144");
    Run("CREATE TABLE IF NOT EXISTS kv(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
    Prepare("INSERT OR REPLACE INTO kv VALUES(?,?)", &set_);
    Prepare("SELECT v FROM kv WHERE k=?", &get_);
    Prepare("DELETE FROM kv WHERE k=?", &delete_);
  }
  ~Connection() {
    sqlite3_finalize(set_);
    sqlite3_finalize(get_);
    sqlite3_finalize(delete_);
    sqlite3_close(db_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool Set(std::string_view key, std::string_view value) {
    Bind(set_, 1, key);
    Bind(set_, 2, value);
    return Finish(set_, sqlite3_step(set_)) == SQLITE_DONE;
  }
  bool Get(std::string_view key, std::string* value) {
    Bind(get_, 1, key);
    const int code = sqlite3_step(get_);
    if (code == SQLITE_ROW) {
      value->assign(static_cast<const char*>(sqlite3_column_blob(get_, 0)),
                    static_cast<size_t>(sqlite3_column_bytes(get_, 0)));
    }
    return Finish(get_, code) == SQLITE_ROW;
  }
  void Run(const std::string& sql) { Check(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)); }
  bool Delete(std::string_view key) {
    Bind(delete_, 1, key);
    return Finish(delete_, sqlite3_step(delete_)) == SQLITE_DONE && sqlite3_changes(db_) == 1;
  }

 private:
  void Check(int code) const { Require(code == SQLITE_OK, std::string("sqlite: ") + sqlite3_errmsg(db_)); }
  void Prepare(const char* sql, sqlite3_stmt** statement) {
    Check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr));
  }
  static void Bind(sqlite3_stmt* statement, int place, std::string_view bytes) {
    sqlite3_bind_blob(statement, place, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  }
  static int Finish(sqlite3_stmt* statement, int code) {
    sqlite3_reset(statement);
    return code;
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* set_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
  sqlite3_stmt* delete_ = nullptr;
};

class Sqlite : public Store {
 public:
  Sqlite(const std::string& directory, const char* synchronous)
      : path_(directory + "/kv.db"), synchronous_(synchronous), first_(path_, synchronous) {}

  bool Set(std::string_view key, std::string_view value) override { return Mine().Set(key, value); }
  bool Get(std::string_view key, std::string* value) override { return Mine().Get(key, value); }
  bool Delete(std::string_view key) override { return Mine().Delete(key); }
  void BeginLoad() override { Mine().Run("BEGIN"); }
  void EndLoad() override { Mine().Run("COMMIT"); }

 private:
  Connection& Mine() {
    thread_local std::unordered_map<Sqlite*, std::unique_ptr<Connection>> connections;
    std::unique_ptr<Connection>& mine = connections[this];
    if (mine == nullptr) {
      const std::lock_guard lock(opening_);
      mine = std::make_unique<Connection>(path_, synchronous_);
    }
    return *mine;
  }

  const std::string path_;
  const char* const synchronous_;
  std::mutex opening_;
  Connection first_;
};

std::unique_ptr<Store> OpenFull(const std::string& directory) { return std::make_unique<Sqlite>(directory, "FULL"); }
std::unique_ptr<Store> OpenNormal(const std::string& directory) {
  return std::make_unique<Sqlite>(directory, "NORMAL");
}

}  // namespace

void AddSqlite(std::vector<Engine>& engines) {
  engines.push_back({"sqlite_full", Promise::kPower, OpenFull});
  engines.push_back({"sqlite_normal", Promise::kProcess, OpenNormal});
}

}  // namespace bench
