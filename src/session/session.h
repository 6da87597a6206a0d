// Session: one client's connection without a socket. RESP2 and RESP3 bytes in, reply bytes out.
//
//     Feed --> parse --> dispatch --> read now ---------------------------------> replies
//                           |-------> a group of reads and writes --> engine --> replies, in order
//                           |-------> what concerns the connection itself ------> replies
//                           `-------> must wait for those before it: stays unparsed until they are done
//
// Feed never waits for a sync or for a key: where writes are synced, the group goes to the engine's leading thread, and
// the replies come when it is done. The commands of a session are done and answered in their order. A command that must
// not overtake (whatever is no plain read or write) waits for those under way to end; so does everything behind a
// blocking one, and everything behind much unread output, so that memory stays bounded by what the client reads.
//
// Threads: the owner's calls come from one thread at a time. Deliver, End, Interrupt and what `Facts` reads may come
// from any: they touch only what the mutex guards, and atomics. Tasks under way hold a reference to their session.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/mutex.h"
#include "base/status.h"
#include "engine/task.h"
#include "os/wake_up.h"
#include "resp/command_parser.h"
#include "session/hub.h"

namespace redislite::session {

// The keys that a transaction watches. Shared with the EXEC under way; goes with the last of the two.
struct Watches {
  explicit Watches(std::shared_ptr<Hub> the_hub) : hub(std::move(the_hub)) {}
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  const std::shared_ptr<Hub> hub;
  engine::WatchList list;
};

// Why a session is over.
enum class Ending : uint8_t { kNot, kQuit, kProtocol, kKilled, kStoreClosed, kOutputLimit };

class Session : public std::enable_shared_from_this<Session> {
 public:
  static Result<std::shared_ptr<Session>> Open(std::shared_ptr<Hub> hub);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // ---- The owner's: what the rl_session_* functions do.

  // What one session is given, and the outcome: kOk; kClosed: the session was over, the bytes were dropped, what is
  // ready can still be peeked; kNoMemory: it is over now.
  struct Feeding {
    Session* session = nullptr;
    Bytes bytes;
    Code outcome = Code::kOk;
  };
  // Feeds sessions of one store, each once. What they write is submitted together, and what they look up is fetched
  // from memory together: it costs less than one after the other. (feeding.cc)
  static void Feed(std::span<Feeding> feedings) noexcept;
  // What is ready, until the next call; kClosed when there is nothing and nothing will come.
  Status Peek(Bytes* ready);
  Status Consume(size_t size);
  bool Pending() const;
  // A command is under way, or could not be run yet, that is not one that waits for a key.
  bool Busy() const;
  // kNotFound: time out, or interrupted. Negative: no time limit.
  Status Wait(int timeout_ms);
  Result<int> Fd();
  // Called with `context` whenever bytes become ready or the session ends, by any thread; it must not call back.
  void SetNotify(void (*notify)(void*), void* context);
  void SetPeer(Bytes address, Bytes local_address);
  // Leaves the store: nothing is delivered any more. Tasks under way go on without it.
  void Close();

  // ---- Any thread's.

  void Interrupt();
  // A message that somebody else sends. Drops it, and ends the session, when there is no room; empty: there was none to
  // write it.
  void Deliver(Bytes bytes) noexcept;
  void End(Ending why) noexcept;
  // Ends the session, which waits for no key and listens to nobody from now on. (CLIENT KILL)
  void Kill();
  // What may have kept its commands waiting is over.
  void Resume() noexcept;
  // Ends a blocking command; false when there is none. (CLIENT UNBLOCK)
  bool Unblock(bool with_error);

  uint64_t id() const { return id_; }
  int protocol() const { return protocol_.load(std::memory_order_relaxed); }

  // What CLIENT LIST shows.
  struct Facts {
    uint64_t id = 0;
    std::string address, local_address, name, library, library_version;
    int64_t age_s = 0, idle_s = 0;
    int db = 0, protocol = 2;
    size_t channels = 0, patterns = 0, shards = 0;
    int64_t queued = -1;  // commands of a transaction; -1: in none
    size_t watched = 0;
    size_t query_bytes = 0, output_bytes = 0, memory = 0;
    bool blocked = false, monitor = false, no_evict = false, no_touch = false, ended = false;
    const engine::Command* command = nullptr;
  };
  Facts GetFacts() const;

  // Runs a command that concerns the connections but needs none of its own (PUBLISH, CLIENT LIST). False: it is another
  // command.
  static bool RunOnce(const std::shared_ptr<Hub>& hub, engine::Args args, resp::Writer& reply);

  // Whether a session runs the command itself.
  static bool IsOwn(const engine::Command& command);

 private:
  explicit Session(std::shared_ptr<Hub> hub);

  // A task of this session.
  struct Flight {
    engine::Task task;
    std::shared_ptr<Session> session;
    std::shared_ptr<Watches> watches;
    bool silent = false;  // no reply is wanted
    bool kept = false;    // the reply is for the session itself: the end of EXEC
  };
  // A read that waits for nothing. Those that come together are done together, so that what they look up is fetched
  // from memory together, before the call that brought them returns; or, when too much is unread, later.
  struct Lookup {
    engine::Request request;
    std::vector<Bytes> args;
    std::vector<std::string> text;  // their bytes, when they outlive the call
    bool silent = false;            // no reply is wanted
  };
  // What is to be done with a parsed command.
  enum class Step : uint8_t {
    kDone,
    kWait,  // not now: it stays in the query buffer
  };

  // ---- Input (feeding.cc).
  static void FlushTogether(std::span<Feeding> feedings) noexcept;
  // One step of a feeding that is well so far. A session that fails in the midst of its input is over.
  template <typename Work>
  static void Do(Feeding& feeding, const Work& work) noexcept;

  // ---- Input (session.cc).
  // Takes over what was fed, and runs it as far as it may. What was gathered last is still to be flushed.
  Code Take(Bytes bytes);
  // Runs the commands that the input begins with, but for a Flush at the end; returns how many bytes they were.
  size_t Run(Bytes input);
  // To be called when the last Flush is done.
  void Settle();
  void DropFlights();
  // Goes on with what could not be run before. When it throws, the session is over.
  void Progress();
  void GoOn();
  // Ends the session in the midst of its input.
  void Abandon() noexcept;
  bool MayRun() const;
  bool HasUnparsed() const { return query_at_ < query_.size(); }
  Step Dispatch(engine::Args args);
  Step DispatchData(const engine::Command& command, engine::Args args);
  void Gather(const engine::Command& command, engine::Args args);
  void LookUp();
  bool HasLookups() const { return looked_up_ < gathered_; }
  bool HasFlights() const { return !group_.empty() || in_flight_.load(std::memory_order_acquire) != 0; }
  bool IsIdle() const { return !HasLookups() && !HasFlights(); }
  bool MayWrite(const engine::Command& command) const;
  bool PausedFor(const engine::Command& command);
  void ShowToMonitors(const engine::Command& command, engine::Args args);

  // ---- Tasks (session.cc).
  Flight* NewFlight();
  void Recycle(Flight* flight);
  void Flush();
  // Adds the group's ops. Those of an async group are out of the session's hands when they are submitted; the others
  // Land when they are done.
  void TakeOff(std::vector<engine::Op*>& ops);
  void Land();
  static void FlightFinished(engine::Op& op);
  void FlightDone(Flight& flight) noexcept;
  void Sleep(int64_t until_us);
  // Ends the waiting of the command under way when it is of that kind; false: there is none.
  enum class Waiting : uint8_t { kForKeys, kForTime, kForEither };
  bool StopWaiting(Waiting kind, Status status);

  // ---- Output (session.cc).
  resp::Writer& Reply();  // a scratch writer; SendReply puts it out
  void SendReply();
  // Whether the reply of the command that is run now is wanted; to be asked once a command. (CLIENT REPLY)
  bool TakeReplyWish();
  void Send(Bytes bytes);
  void TakeOutbox();
  void Ring() REQUIRES(mu_);
  void CheckOutputLimit() REQUIRES(mu_);
  void SetLevel();
  size_t UnreadBytes() const;

  bool Ready() const { return ready_at_ < ready_.size() || has_outbox_ || exec_finished_ || ending_ != Ending::kNot; }

  // ---- The commands of a connection's own (own_commands.cc).
  using Run1 = void (Session::*)(const engine::Command&, engine::Args, resp::Writer&);
  static Run1 FindOwn(const engine::Command& command);
  void RunAloud(const engine::Command& command, engine::Args args, resp::Writer& reply);
  Step RunOwn(const engine::Command& command, engine::Args args);
  void Ping(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Hello(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Auth(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Select(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Quit(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ResetCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Monitor(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Multi(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Discard(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Watch(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Unwatch(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void SubscribeCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void UnsubscribeCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Publish(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubChannels(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubNumSub(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubNumPat(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubHelp(const engine::Command& command, engine::Args args, resp::Writer& reply);
  // CLIENT's (client_commands.cc).
  void ClientId(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientList(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientKill(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientSetName(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientGetName(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientSetInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientReply(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientNoEvict(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientPause(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientUnpause(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientUnblock(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientGetRedir(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientHelp(const engine::Command& command, engine::Args args, resp::Writer& reply);
  // What there is none of (tracking.cc).
  void ClientTracking(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientCaching(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientTrackingInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  // The end of the program around it (shutdown.cc).
  void Shutdown(const engine::Command& command, engine::Args args, resp::Writer& reply);
  bool Authenticate(Bytes user, Bytes password, resp::Writer& reply);
  bool SetName(Bytes name, resp::Writer& reply);

  // ---- Transactions (transaction.cc).
  void Queue(const engine::Command& command, engine::Args args);
  void Exec();
  void FinishExec(Bytes batch_reply);
  void LeaveTransaction();
  void DropWatches();

  // ---- Subscriptions (subscriptions.cc).
  void TellSubscription(Topic topic, Bytes kind, const std::string* name, resp::Writer& reply);
  void CountSubscriptions();
  void UnsubscribeAll(Topic topic);
  std::set<std::string, std::less<>>& NamesOf(Topic topic) { return topics_[static_cast<size_t>(topic)]; }
  bool IsSubscribed() const { return !topics_[0].empty() || !topics_[1].empty() || !topics_[2].empty(); }

  void Reset();
  // Ends the session from within.
  void Leave(Ending why);
  bool NeedsPassword() const;
  void RefreshLimits();

  const std::shared_ptr<Hub> hub_;
  engine::Engine& engine_;
  uint64_t id_ = 0;
  const int64_t opened_us_;

  // ---- The owner's alone.
  resp::CommandParser parser_;
  resp::CommandParser::Limits limits_;  // and query_bytes_max_: the options of that version
  uint64_t query_bytes_max_ = 0;
  uint64_t options_version_ = 0;
  std::string query_;  // what could not be run yet
  size_t query_at_ = 0;
  std::vector<Bytes> argv_;
  bool argv_is_a_line_ = false;
  bool waiting_ = false;  // the next command waits for those under way
  bool stalled_ = false;  // query_ may have a whole command that could not be run yet
  uint64_t flight_count_ = 0;
  std::vector<Flight*> group_;
  std::vector<engine::Op*> group_ops_;  // Flush's
  bool group_async_ = false;
  // Those gathered and not yet looked up are in the middle; who has some has no group and nothing in flight.
  std::vector<std::unique_ptr<Lookup>> lookups_;
  size_t looked_up_ = 0;
  size_t gathered_ = 0;
  resp::Writer lookup_reply_{2};
  std::vector<std::unique_ptr<Flight>> flights_;  // all of them
  resp::Writer reply_{2};
  std::string ready_;
  size_t ready_at_ = 0;
  bool authenticated_ = true;
  enum class Replies : uint8_t { kOn, kOff, kSkipNext, kSkip } replies_ = Replies::kOn;

  struct Queued {
    const engine::Command* command;
    std::vector<std::string> args;
    int db;
  };
  bool in_transaction_ = false;
  bool transaction_is_bad_ = false;
  int transaction_db_ = 0;
  std::vector<Queued> queued_;
  std::vector<std::string> exec_texts_;  // of each queued command: an error known already; empty: see the batch
  bool exec_unfinished_ = false;         // FinishExec is still to come; nothing may be answered before it
  bool exec_wanted_ = false;             // its reply is
  std::shared_ptr<Watches> watches_;
  std::set<std::string, std::less<>> topics_[3];

  // ---- Shared.
  std::atomic<int> protocol_{2};
  std::atomic<int> db_{0};
  std::atomic<int> in_flight_{0};
  std::atomic<bool> has_outbox_{false};
  std::atomic<bool> exec_finished_{false};  // exec_reply_ waits for the owner
  std::atomic<Ending> ending_{Ending::kNot};
  std::atomic<int64_t> used_us_;
  std::atomic<const engine::Command*> last_command_{nullptr};
  std::atomic<int64_t> queued_count_{-1};
  std::atomic<size_t> watched_count_{0};
  std::atomic<size_t> topic_counts_[3] = {};
  std::atomic<size_t> query_bytes_{0};
  std::atomic<size_t> ready_bytes_{0};
  std::atomic<bool> monitor_{false};
  std::atomic<bool> no_evict_{false};
  std::atomic<bool> no_touch_{false};

  mutable Mutex mu_;
  CondVar cv_;
  std::string outbox_ GUARDED_BY(mu_);
  std::string exec_reply_ GUARDED_BY(mu_);
  std::vector<Flight*> spare_ GUARDED_BY(mu_);
  std::unique_ptr<os::WakeUp> wake_up_ GUARDED_BY(mu_);
  void (*notify_)(void*) GUARDED_BY(mu_) = nullptr;
  void* notify_context_ GUARDED_BY(mu_) = nullptr;
  bool interrupted_ GUARDED_BY(mu_) = false;
  Flight* parked_ GUARDED_BY(mu_) = nullptr;  // a blocking command under way
  bool parked_is_sleep_ GUARDED_BY(mu_) = false;
  int64_t over_soft_since_us_ GUARDED_BY(mu_) = 0;
  std::string name_ GUARDED_BY(mu_);
  std::string library_ GUARDED_BY(mu_);
  std::string library_version_ GUARDED_BY(mu_);
  std::string address_ GUARDED_BY(mu_);
  std::string local_address_ GUARDED_BY(mu_);
};

}  // namespace redislite::session
