// Engine: an open store. The one object that the C ABI, and later sessions, talk to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/status.h"
#include "engine/command.h"
#include "engine/events.h"
#include "engine/host.h"
#include "engine/options.h"
#include "os/file_system.h"
#include "resp/writer.h"
#include "types/string.h"

namespace redislite::engine {

// Whose commands these are: clients ask what they may use.
inline constexpr char kRedisVersion[] = "7.2.0";

class CommandStatistics;
class CommitPipeline;
struct Op;
struct Request;
struct Statistics;
struct Task;
struct WatchList;

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

  // Runs one command and writes its reply, error replies included; `client` is the id of the session that asks, if one.
  // The status is not ok only for what Redis has no reply for (out of memory before anything was written).
  Status Execute(Args args, int db, resp::Writer& reply, uint64_t client = 0);

  // What can be seen wrong with a command of a batch, before it runs: unknown, arity, syntax of an expiry, not
  // allowed in a batch.
  Status CheckForBatch(Args args);
  // Runs the commands as one record. Writes an array of their replies. Not ok: nothing was done.
  Status ExecuteBatch(const std::vector<std::vector<std::string>>& commands, int db, resp::Writer& reply);

  // ---- The same for a session, which must not wait and may have several under way (engine/task.h).

  // The command's row; null, and the error written, when there is none or it has the wrong number of arguments.
  const Command* Look(Args args, resp::Writer& reply) const;
  // Settles the syntax of a command, whose row Look gave. True: it is ready for Read or Submit, and `args` must live
  // until it is done. False: the reply is there already, an error.
  bool Prepare(const Command& command, Args args, int db, Task& task);
  // The same for a transaction; `dbs` has the database of each command. A command that cannot be done is told with its
  // error reply, and left out, or, when `refused` says false, the whole ends there: false.
  bool PrepareBatch(const std::vector<std::vector<std::string>>& commands, const std::vector<int>& dbs, Task& task,
                    const std::function<bool(size_t index, Bytes error)>& refused);
  // The same for a command that only reads, and is then ready for Read.
  void PrepareRead(const Command& command, Args args, int db, Request& request) const;
  // Fetches what prepared reads, which are done one after the other, will look up.
  void Prefetch(std::span<const Request* const> reads) const;
  // Looks up what a prepared read asks for, now.
  void Read(const Request& request, resp::Writer& reply);
  // True when a write waits for a sync: who must not wait then leaves his tasks to SubmitAsync.
  bool SyncsWrites() const;
  // Runs the ops of prepared tasks to their end, in order, as one record where they fit.
  void Submit(std::span<Op* const> ops);
  // The same without waiting: `op.finished` is called when each is done.
  void SubmitAsync(std::span<Op* const> ops);
  // What a task that is done answers: an error when it failed.
  static void WriteOutcome(Task& task);
  // To be called once before SubmitAsync, or a task with `may_park`.
  Status StartLeader();
  // Ends the waiting of the parked task, if it is still the one of that serial number, as CommitPipeline::Unpark does;
  // `keep` keeps it alive until then.
  void Unpark(std::shared_ptr<void> keep, Task& task, uint64_t serial, Status status);
  CommitPipeline& pipeline();
  // Begins to watch the key, and ends the watching of them all.
  void Watch(WatchList& list, int db, Bytes key);
  void Unwatch(WatchList& list);

  // Nobody waits for keys any more (kClosed). The first half of Close, while calls are in progress.
  void RefuseParking();

  // ---- Reading without a reply in between: the fast lanes. kNotFound, kType.

  // Gives the string's bytes: pinned when it is large, to be copied without a lock, and copied otherwise.
  struct StringView {
    static constexpr size_t kSmallMax = 4096;

    Bytes bytes;  // valid while the others live
    types::Pin pin;
    char small[kSmallMax];
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

  // INFO's text: the sections asked for, each once; none: those that INFO has by default.
  std::string Info(std::span<const Bytes> sections);
  // What INFO says of those who are connected; asked of whoever set it. To be set before others use the engine, and
  // to be callable as long as the engine lives.
  struct ClientFacts {
    uint64_t connected = 0;
    uint64_t pubsub = 0;
    uint64_t watching = 0;
    uint64_t largest_query = 0;
    uint64_t largest_output = 0;
    uint64_t channels = 0;
    uint64_t patterns = 0;
    uint64_t shard_channels = 0;
    uint64_t buffered = 0;  // bytes in their buffers
  };
  void SetClientFacts(std::function<ClientFacts()> ask);
  // How events are called and published; the same holds for it.
  void SetPublish(Describe describe, Publish publish);
  Options options() const;           // a copy of what is in force
  uint64_t options_version() const;  // another one after each change; never 0
  Status ConfigSet(Bytes name, Bytes value);
  void ResetStatistics();
  // A digest of all databases' logical content (keys, values, expiries), the same for the same content however it is
  // laid out.
  std::string Digest();
  int64_t NowMs();  // the store's clock: never goes back
  bool in_memory() const;
  const std::string& path() const;  // of the directory; empty in memory
  Host& host();
  CommandStatistics& command_statistics();
  Statistics& statistics();
  const CommandTable& commands() const;
  Memory& memory();
  // Moves entries together, now, so that the pages that they leave go back to the system.
  void Defragment();
  // For DEBUG: turns the background reaper on and off.
  void SetActiveExpire(bool on);

 private:
  Engine();
  friend class Context;
  class InfoText;  // in info.cc
  struct Parts;    // in engine.cc
  std::unique_ptr<Parts> parts_;
};

}  // namespace redislite::engine
