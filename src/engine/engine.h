// Engine: an open store. The one object that the C ABI, and later sessions, talk to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/status.h"
#include "engine/command.h"
#include "engine/options.h"
#include "os/file_system.h"
#include "resp/writer.h"
#include "types/string.h"

namespace redislite::engine {

class Engine {
 public:
  // Opens the store in the directory; an empty path keeps nothing on disk. The table and the file system outlive the
  // engine.
  static Result<std::unique_ptr<Engine>> Open(const std::string& path, const Options& options,
                                              const CommandTable& commands, os::FileSystem& files);
  ~Engine();

  // Everything durable, the log sealed, the lock released. No other call may be in progress or follow.
  Status Close();

  // ---- Commands.

  // Runs one command and writes its reply, error replies included. The status is not ok only for what Redis has no
  // reply for (out of memory before anything was written).
  Status Execute(Args args, int db, resp::Writer& reply);

  // What can be seen wrong with a command of a batch, before it runs: unknown, arity, syntax of an expiry, not
  // allowed in a batch.
  Status CheckForBatch(Args args);
  // Runs the commands as one record. Writes an array of their replies. Not ok: nothing was done.
  Status ExecuteBatch(const std::vector<std::vector<std::string>>& commands, int db, resp::Writer& reply);

  // ---- Reading without a reply in between: the fast lanes. kNotFound, kType.

  // Gives the string's bytes: pinned when it is large, copied into `small` otherwise. `view` is valid while both live.
  struct StringView {
    types::Pin pin;
    std::string small;
    Bytes bytes;
  };
  Status GetString(Bytes key, StringView& out);
  Status Exists(Bytes key);
  Status Ttl(Bytes key, int64_t* ttl_ms);  // -1: none
  Status CountKeys(uint64_t* keys);

  // ---- Durability and care.

  Status Sync();
  Status Snapshot();                 // waits until one taken after the call is durable
  Status StartBackgroundSnapshot();  // kBusy when one is under way
  // progress: keys done and expected; false cancels (kCondition).
  Status Backup(const std::string& path, const std::function<bool(uint64_t done, uint64_t total)>& progress);
  int64_t last_save_s() const;  // Unix time of the last durable snapshot, or of opening

  // ---- Looking at the store.

  std::string Info(Bytes section);  // empty: every section
  Options options() const;          // a copy of what is in force
  Status ConfigSet(Bytes name, Bytes value);
  void ResetStatistics();
  // A digest of all databases' logical content (keys, values, expiries), the same for the same content however it is
  // laid out.
  std::string Digest();
  int64_t NowMs();  // the store's clock: never goes back
  bool in_memory() const;
  const CommandTable& commands() const;
  Memory& memory();
  // For DEBUG: turns the background reaper on and off.
  void SetActiveExpire(bool on);

 private:
  Engine();
  friend class Context;
  struct Parts;  // in engine.cc
  std::unique_ptr<Parts> parts_;
};

}  // namespace redislite::engine
