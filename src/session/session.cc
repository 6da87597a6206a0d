#include "session/session.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/buffer.h"
#include "commands/arguments.h"
#include "commands/table.h"
#include "engine/options.h"
#include "os/file_system.h"
#include "session/quoted.h"

namespace redislite::session {

namespace {

using engine::Args;
using engine::Command;
using engine::Engine;
using engine::Op;
using enum engine::Flag;

// A group is submitted at this size, and no more is run while so much is under way or unread. A sync is shared by as
// many as there are; where there is none, a write for each hundred costs less than the memory of flights for more,
// which groups behind each other share.
constexpr size_t kSyncedGroupMax = 512;
constexpr size_t kGroupMax = 128;
constexpr size_t kLookupsMax = 16;
constexpr int kInFlightMax = 4096;
constexpr size_t kUnreadMax = 1 << 20;
constexpr size_t kKeptFlights = 64;

}  // namespace

Session::Session(std::shared_ptr<Hub> hub)
    : hub_(std::move(hub)), engine_(hub_->engine()), opened_us_(os::MonotonicUs()), used_us_(opened_us_) {}

Result<std::shared_ptr<Session>> Session::Open(std::shared_ptr<Hub> hub) {
  RL_RETURN_IF_ERROR(hub->engine().StartLeader());
  std::shared_ptr<Session> session(new Session(std::move(hub)));
  session->id_ = session->hub_->Add(*session);
  if (session->id_ == 0) return Status(Code::kLimit, "as many sessions are open as maxclients allows");
  session->authenticated_ = !session->NeedsPassword();
  return session;
}

Session::~Session() { hub_->Remove(*this); }

void Session::Close() {
  Leave(Ending::kQuit);
  {
    MutexLock lock(mu_);
    notify_ = nullptr;
  }
  StopWaiting(Waiting::kForEither, {Code::kClosed, "the session was closed"});
}

void Session::Kill() {
  End(Ending::kKilled);
  hub_->Forget(*this);
  StopWaiting(Waiting::kForEither, {Code::kClosed, "the session was closed"});
}

bool Session::NeedsPassword() const { return !engine_.options().requirepass.empty(); }

// Copies of what each command asks for: the options themselves are behind a lock.
void Session::RefreshLimits() {
  const uint64_t version = engine_.options_version();
  if (version == options_version_) return;
  const engine::Options in_force = engine_.options();
  options_version_ = version;
  limits_.argument_bytes_max = in_force.argument_bytes_max;
  query_bytes_max_ = in_force.query_bytes_max;
}

// ---- Input.

Code Session::Take(Bytes bytes) {
  if (ending_.load(std::memory_order_acquire) != Ending::kNot) return Code::kClosed;
  used_us_.store(os::MonotonicUs(), std::memory_order_relaxed);
  hub_->CountBytesIn(bytes.size());
  RefreshLimits();
  Progress();
  if (!HasUnparsed() && MayRun()) {
    bytes.remove_prefix(Run(bytes));
    if (ending_.load(std::memory_order_acquire) == Ending::kNot && !bytes.empty()) query_.append(bytes);
  } else if (ending_.load(std::memory_order_acquire) == Ending::kNot) {
    query_.append(bytes);
    stalled_ = true;  // unless it runs now, or turns out to be no whole command: who waits must look again
    Progress();
  }
  return Code::kOk;
}

void Session::Settle() {
  DropFlights();
  query_bytes_.store(query_.size() - query_at_, std::memory_order_relaxed);
  if (query_.size() - query_at_ > query_bytes_max_) End(Ending::kProtocol);
  SetLevel();
}

// What was gathered looks into input that will be gone, and how much of the input is done nobody knows any more.
void Session::Abandon() noexcept {
  looked_up_ = gathered_ = 0;
  {
    MutexLock lock(mu_);
    if (parked_ != nullptr && std::find(group_.begin(), group_.end(), parked_) != group_.end()) parked_ = nullptr;
  }
  group_.clear();
  End(Ending::kOutputLimit);
}

bool Session::MayRun() const {
  if (ending_.load(std::memory_order_acquire) != Ending::kNot || exec_unfinished_) return false;
  if (waiting_ && in_flight_.load(std::memory_order_acquire) != 0) return false;
  return in_flight_.load(std::memory_order_relaxed) < kInFlightMax && UnreadBytes() < kUnreadMax;
}

void Session::Progress() {
  try {
    GoOn();
  } catch (...) {
    Abandon();
    throw;
  }
}

void Session::GoOn() {
  if (exec_finished_.load(std::memory_order_acquire)) {
    std::string reply;
    {
      MutexLock lock(mu_);
      reply.swap(exec_reply_);
      exec_finished_.store(false, std::memory_order_relaxed);
    }
    FinishExec(reply);
  }
  if (HasLookups() && MayRun()) {
    stalled_ = HasUnparsed();
    LookUp();
  }
  if (!HasUnparsed() || !MayRun()) return;
  const size_t used = Run(Bytes(query_).substr(query_at_));
  Flush();
  DropFlights();
  query_at_ += used;
  if (!HasUnparsed() || ending_.load(std::memory_order_relaxed) != Ending::kNot) {
    Empty(query_);
    query_at_ = 0;
  } else if (query_at_ > kBufferKeptBytes && query_at_ > query_.size() / 2) {
    query_.erase(0, query_at_);
    query_at_ = 0;
  }
  query_bytes_.store(query_.size() - query_at_, std::memory_order_relaxed);
}

size_t Session::Run(Bytes input) {
  waiting_ = false;
  stalled_ = false;
  RefreshLimits();
  group_async_ = engine_.SyncsWrites();
  size_t at = 0;
  while (at < input.size() && MayRun()) {
    size_t used = 0;
    limits_.authenticated = authenticated_;
    const resp::CommandParser::Outcome outcome = parser_.Next(input.substr(at), limits_, argv_, &used);
    if (outcome == resp::CommandParser::Outcome::kIncomplete) return at;
    if (outcome == resp::CommandParser::Outcome::kError) {
      if (!IsIdle()) {  // its place is behind the replies that are still to come
        Flush();
        parser_.Reset();
        if (IsIdle()) continue;
        waiting_ = true;
        stalled_ = true;
        return at;
      }
      Reply().Error(Code::kCommand, "ERR " + parser_.error());
      SendReply();
      Leave(Ending::kProtocol);
      return input.size();
    }
    argv_is_a_line_ = input[at] != '*';
    if (!argv_.empty() && Dispatch(argv_) == Step::kWait) {
      parser_.Reset();
      waiting_ = true;
      break;
    }
    at += used;
    if (group_.size() >= (group_async_ ? kSyncedGroupMax : kGroupMax)) Flush();
  }
  stalled_ = at < input.size();
  return ending_.load(std::memory_order_relaxed) == Ending::kNot ? at : input.size();
}

// Gives back what a long pipeline has needed.
void Session::DropFlights() {
  if (flights_.size() <= kKeptFlights || !IsIdle()) return;
  MutexLock lock(mu_);
  spare_.clear();
  flights_.clear();
}

// EXEC does when what it runs does.
bool Session::MayWrite(const Command& command) const {
  const auto writes = [](const Command& one) { return (one.flags & (kWrite | kMayPublish)) != 0; };
  if (!commands::IsNamed(command, "exec")) return writes(command);
  return std::any_of(queued_.begin(), queued_.end(), [&](const Queued& queued) { return writes(*queued.command); });
}

bool Session::PausedFor(const Command& command) {
  if (!hub_->may_be_paused()) return false;
  const Hub::Pause pause = hub_->pause();
  if (pause.until_us == 0) return false;
  if (pause.writes_only && !MayWrite(command)) return false;
  Flush();
  if (in_flight_.load(std::memory_order_acquire) == 0) Sleep(pause.until_us);
  return true;
}

Session::Step Session::Dispatch(Args args) {
  reply_.Reset(protocol());
  const Command* command = engine_.Look(args, reply_);
  last_command_.store(command, std::memory_order_relaxed);
  if (command == nullptr) {
    if (!IsIdle()) {
      Flush();
      if (!IsIdle()) return Step::kWait;
    }
    if (commands::EqualsIgnoreCase(args[0], "host:") || commands::EqualsIgnoreCase(args[0], "post")) {
      Leave(Ending::kProtocol);  // a browser that was talked into speaking to a database
      return Step::kDone;
    }
    transaction_is_bad_ |= in_transaction_;
    if (commands::EqualsIgnoreCase(args[0], "exec")) {
      LeaveTransaction();
      Reply().Error(Code::kCommand,
                    "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command");
    }
    SendReply();
    return Step::kDone;
  }
  const bool own = (command->flags & kSession) != 0;
  if (!authenticated_ && (command->flags & kNoAuth) == 0) {
    Reply().Error(Code::kCommand, "NOAUTH Authentication required.");
    SendReply();
    return Step::kDone;
  }
  if (hub_->has_monitors() && (command->flags & kOperator) == 0) ShowToMonitors(*command, args);
  if (!own && !in_transaction_ && (command->flags & kAdmin) == 0 && !(IsSubscribed() && protocol() == 2)) {
    if (PausedFor(*command)) return Step::kWait;
    return DispatchData(*command, args);
  }
  // What concerns the connection, or the store as a whole, is done when everything before it is.
  Flush();
  if (!IsIdle()) return Step::kWait;
  if (IsSubscribed() && protocol() == 2 && (command->flags & kWhileSubscribed) == 0) {
    Reply().Error(Code::kCommand,
                  "ERR Can't execute '" + std::string(command->name) +
                      "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
    SendReply();
    return Step::kDone;
  }
  if (PausedFor(*command)) return Step::kWait;
  if (in_transaction_ && (command->flags & kEndsTransaction) == 0) {
    Queue(*command, args);
    return Step::kDone;
  }
  return RunOwn(*command, args);
}

Session::Step Session::DispatchData(const Command& command, Args args) {
  const bool writes = (command.flags & kWrite) != 0;
  const bool may_wait = (command.flags & kMayWait) != 0;
  if (may_wait) {
    Flush();
    if (!IsIdle()) return Step::kWait;
  }
  if (!writes && !HasFlights()) {
    Gather(command, args);
    return Step::kDone;
  }
  if (HasLookups()) {
    Flush();
    if (HasLookups()) return Step::kWait;
  }
  Flight* flight = NewFlight();
  flight->silent = !TakeReplyWish();
  // What leaves this call takes its arguments along; the words of a line live only until the next line.
  args = group_async_ || may_wait || argv_is_a_line_ ? flight->task.Own(args) : flight->task.Borrow(args);
  const bool ready = engine_.Prepare(command, args, db_.load(std::memory_order_relaxed), flight->task);
  if (!ready && IsIdle()) {
    if (!flight->silent) Send(flight->task.reply.WholeBytes());
    Recycle(flight);
    return Step::kDone;
  }
  group_.push_back(flight);
  if (!may_wait) return Step::kDone;
  flight->task.op.may_park = ready;
  group_async_ = true;
  {
    MutexLock lock(mu_);
    parked_ = flight;
    parked_is_sleep_ = false;
  }
  Flush();
  waiting_ = true;
  return Step::kDone;
}

void Session::Gather(const Command& command, Args args) {
  if (gathered_ == lookups_.size()) lookups_.push_back(std::make_unique<Lookup>());
  Lookup& lookup = *lookups_[gathered_];
  lookup.silent = !TakeReplyWish();
  lookup.text.clear();
  lookup.args.assign(args.begin(), args.end());
  lookup.request.client = id_;
  engine_.PrepareRead(command, lookup.args, db_.load(std::memory_order_relaxed), lookup.request);
  ++gathered_;
  // The words of a line live only until the next line.
  if (gathered_ == kLookupsMax || argv_is_a_line_) Flush();
}

void Session::LookUp() {
  if (gathered_ - looked_up_ > 1) {
    std::array<const engine::Request*, kLookupsMax> reads;
    const auto end = std::transform(lookups_.begin() + static_cast<ptrdiff_t>(looked_up_),
                                    lookups_.begin() + static_cast<ptrdiff_t>(gathered_), reads.begin(),
                                    [](const std::unique_ptr<Lookup>& lookup) { return &lookup->request; });
    engine_.Prefetch(std::span(reads.begin(), end));
  }
  while (HasLookups() && UnreadBytes() < kUnreadMax) {
    const Lookup& lookup = *lookups_[looked_up_];
    lookup_reply_.Reset(protocol());
    engine_.Read(lookup.request, lookup_reply_);
    if (!lookup.silent) Send(lookup_reply_.WholeBytes());
    ++looked_up_;
  }
  for (size_t i = looked_up_; i < gathered_; ++i) {
    Lookup& lookup = *lookups_[i];
    if (!lookup.text.empty()) continue;
    lookup.text.assign(lookup.args.begin(), lookup.args.end());
    lookup.args.assign(lookup.text.begin(), lookup.text.end());
    engine_.PrepareRead(*lookup.request.command, lookup.args, lookup.request.db, lookup.request);
  }
  stalled_ |= HasLookups();
  if (!HasLookups()) looked_up_ = gathered_ = 0;
}

// Passwords are not shown, nor to a monitor what ends its watching.
void Session::ShowToMonitors(const Command& command, Args args) {
  const bool is_auth = commands::IsNamed(command, "auth");
  const bool is_hello = commands::IsNamed(command, "hello");
  const bool leaves = commands::IsNamed(command, "quit") || commands::IsNamed(command, "reset");
  const int64_t now_ms = engine_.NowMs();
  const std::string millis = std::to_string(now_ms % 1000);
  std::string line = "+" + std::to_string(now_ms / 1000) + "." + std::string(3 - millis.size(), '0') + millis +
                     "000 [" + std::to_string(db_.load(std::memory_order_relaxed)) + " ";
  {
    MutexLock lock(mu_);
    line += address_.empty() ? "in-process:" + std::to_string(id_) : address_;
  }
  line += "]";
  size_t secrets = is_auth ? args.size() : 0;  // that are still to come
  for (size_t i = 0; i < args.size(); ++i) {
    const bool is_secret = i > 0 && secrets > 0;
    line.append(" ").append(Quoted(is_secret ? Bytes("(redacted)") : args[i]));
    if (is_secret) --secrets;
    if (is_hello && secrets == 0 && commands::EqualsIgnoreCase(args[i], "auth")) secrets = 2;
  }
  hub_->ShowToMonitors(line + "\r\n", leaves ? this : nullptr);
}

// ---- Tasks.

Session::Flight* Session::NewFlight() {
  Flight* flight = nullptr;
  {
    MutexLock lock(mu_);
    if (!spare_.empty()) {
      flight = spare_.back();
      spare_.pop_back();
    }
  }
  if (flight == nullptr) {
    flights_.push_back(std::make_unique<Flight>());
    flight = flights_.back().get();
    MutexLock lock(mu_);
    // So that giving one back cannot fail. By doubling: asked for one more each time, each flight of a long pipeline
    // would leave a block of another size between itself and the next.
    if (spare_.capacity() < flights_.size()) spare_.reserve(2 * flights_.size());
  }
  flight->task.Reset(protocol());
  flight->task.op.serial = ++flight_count_;
  flight->task.request.client = id_;
  flight->silent = false;
  flight->kept = false;
  return flight;
}

void Session::Recycle(Flight* flight) {
  MutexLock lock(mu_);
  spare_.push_back(flight);
}

// Does what has been gathered.
void Session::Flush() {
  if (HasLookups()) return LookUp();
  if (group_.empty()) return;
  group_ops_.clear();
  const bool async = group_async_;
  TakeOff(group_ops_);
  if (async) return engine_.SubmitAsync(group_ops_);
  engine_.Submit(group_ops_);
  Land();
}

// It fails before anything has happened, or not at all.
void Session::TakeOff(std::vector<Op*>& ops) {
  if (ops.capacity() - ops.size() < group_.size()) ops.reserve(2 * ops.size() + group_.size());
  const std::shared_ptr<Session> self = group_async_ ? shared_from_this() : nullptr;
  for (Flight* flight : group_) {
    ops.push_back(&flight->task.op);
    if (!group_async_) continue;
    flight->session = self;
    flight->task.op.finished = &Session::FlightFinished;
    flight->task.op.owner = flight;
  }
  if (!group_async_) return;
  in_flight_.fetch_add(static_cast<int>(group_.size()), std::memory_order_relaxed);
  group_.clear();
}

void Session::Land() {
  for (Flight* flight : group_) {
    Engine::WriteOutcome(flight->task);
    if (flight->kept) {
      FinishExec(flight->task.reply.WholeBytes());
    } else if (!flight->silent) {
      Send(flight->task.reply.WholeBytes());
    }
    flight->watches = nullptr;
    Recycle(flight);
  }
  group_.clear();
}

void Session::FlightFinished(Op& op) {
  auto* flight = static_cast<Flight*>(op.owner);
  const std::shared_ptr<Session> session = std::move(flight->session);
  session->FlightDone(*flight);
}

// On the leader's thread.
void Session::FlightDone(Flight& flight) noexcept {
  flight.watches = nullptr;
  try {
    Engine::WriteOutcome(flight.task);
    MutexLock lock(mu_);
    const Ending ending = ending_.load(std::memory_order_acquire);
    if (ending == Ending::kStoreClosed || ending == Ending::kKilled) {
      // Nobody may read what it would say.
    } else if (flight.kept) {
      exec_reply_ = flight.task.reply.WholeBytes();
      exec_finished_.store(true, std::memory_order_release);
    } else if (!flight.silent) {
      outbox_.append(flight.task.reply.WholeBytes());
      has_outbox_.store(true, std::memory_order_release);
    }
  } catch (const std::exception&) {
    End(Ending::kOutputLimit);  // a reply that cannot be given: nobody may believe that there was none
  }
  MutexLock lock(mu_);
  if (parked_ == &flight) parked_ = nullptr;
  spare_.push_back(&flight);
  in_flight_.fetch_sub(1, std::memory_order_release);
  CheckOutputLimit();
  Ring();
}

// Does nothing until a time: the commands behind it wait.
void Session::Sleep(int64_t until_us) {
  Flight* flight = NewFlight();
  flight->silent = true;
  flight->task.op.may_park = true;
  flight->task.op.park_until_us = until_us;
  group_.push_back(flight);
  group_async_ = true;
  {
    MutexLock lock(mu_);
    parked_ = flight;
    parked_is_sleep_ = true;
  }
  Flush();
}

bool Session::StopWaiting(Waiting kind, Status status) {
  Flight* parked = nullptr;
  uint64_t serial = 0;
  {
    MutexLock lock(mu_);
    const Waiting what = parked_is_sleep_ ? Waiting::kForTime : Waiting::kForKeys;
    if (parked_ != nullptr && (kind == Waiting::kForEither || kind == what)) {
      parked = parked_;
      serial = parked->task.op.serial;
    }
  }
  const std::shared_ptr<Session> self = weak_from_this().lock();
  if (parked == nullptr || self == nullptr) return false;
  engine_.Unpark(self, parked->task, serial, std::move(status));
  return true;
}

void Session::Resume() noexcept {
  try {
    StopWaiting(Waiting::kForTime, Status::Ok());
  } catch (const std::bad_alloc&) {
    // It wakes when its time is up.
  }
}

bool Session::Unblock(bool with_error) {
  return StopWaiting(Waiting::kForKeys, with_error
                                            ? Status(Code::kCommand, "UNBLOCKED client unblocked via CLIENT UNBLOCK")
                                            : Status::Ok());
}

// ---- Output.

resp::Writer& Session::Reply() {
  reply_.Reset(protocol());
  return reply_;
}

bool Session::TakeReplyWish() {
  const bool wanted = replies_ == Replies::kOn;
  if (replies_ == Replies::kSkip) replies_ = Replies::kOn;
  if (replies_ == Replies::kSkipNext) replies_ = Replies::kSkip;
  return wanted;
}

void Session::SendReply() {
  if (TakeReplyWish()) Send(reply_.WholeBytes());
}

// Behind everything that is there already.
void Session::Send(Bytes bytes) {
  TakeOutbox();
  ready_.append(bytes);
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
}

void Session::TakeOutbox() {
  if (ready_at_ == ready_.size() && ready_at_ != 0) {
    Empty(ready_);
    ready_at_ = 0;
  }
  if (!has_outbox_.load(std::memory_order_acquire)) return;
  MutexLock lock(mu_);
  if (ready_.empty()) {
    ready_.swap(outbox_);
  } else {
    ready_.append(outbox_);
    Empty(outbox_);
  }
  has_outbox_.store(false, std::memory_order_relaxed);
  over_soft_since_us_ = 0;
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
}

size_t Session::UnreadBytes() const {
  size_t bytes = ready_.size() - ready_at_;
  if (has_outbox_.load(std::memory_order_acquire)) {
    MutexLock lock(mu_);
    bytes += outbox_.size();
  }
  return bytes;
}

Status Session::Peek(Bytes* ready) {
  TakeOutbox();
  Progress();
  TakeOutbox();
  *ready = Bytes(ready_).substr(ready_at_);
  SetLevel();
  if (ready->empty() && ending_.load(std::memory_order_acquire) != Ending::kNot) {
    return {Code::kClosed, "the session is over"};
  }
  return Status::Ok();
}

Status Session::Consume(size_t size) {
  if (size > ready_.size() - ready_at_) {
    return {Code::kInvalid, "consume " + std::to_string(size) + ": only " + std::to_string(ready_.size() - ready_at_) +
                                " bytes are ready"};
  }
  ready_at_ += size;
  hub_->CountBytesOut(size);
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
  TakeOutbox();
  SetLevel();
  return Status::Ok();
}

bool Session::Pending() const {
  if (ready_at_ < ready_.size() || has_outbox_.load(std::memory_order_acquire)) return true;
  if (exec_finished_.load(std::memory_order_acquire)) return true;
  return stalled_ && MayRun();
}

bool Session::Busy() const {
  MutexLock lock(mu_);
  const int waiting = parked_ != nullptr ? 1 : 0;
  return in_flight_.load(std::memory_order_acquire) > waiting || (stalled_ && waiting == 0);
}

Status Session::Wait(int timeout_ms) {
  const int64_t until_us = timeout_ms < 0 ? 0 : os::MonotonicUs() + int64_t{timeout_ms} * 1000;
  while (true) {
    Progress();
    TakeOutbox();
    if (ready_at_ < ready_.size()) return Status::Ok();
    MutexLock lock(mu_);
    if (interrupted_) {
      interrupted_ = false;
      return {Code::kNotFound, std::string()};
    }
    if (ending_.load(std::memory_order_acquire) != Ending::kNot) return {Code::kClosed, "the session is over"};
    if (has_outbox_.load(std::memory_order_acquire) || exec_finished_.load(std::memory_order_acquire)) continue;
    if (stalled_ && in_flight_.load(std::memory_order_acquire) == 0) continue;
    if (timeout_ms < 0) {
      cv_.Wait(mu_);
      continue;
    }
    const int64_t left_us = until_us - os::MonotonicUs();
    if (left_us <= 0) return {Code::kNotFound, std::string()};
    cv_.WaitFor(mu_, std::chrono::milliseconds((left_us + 999) / 1000));
  }
}

Result<int> Session::Fd() {
  {
    MutexLock lock(mu_);
    if (wake_up_ == nullptr) {
      Result<std::unique_ptr<os::WakeUp>> made = os::WakeUp::Make();
      if (!made.ok()) return made.status();
      wake_up_ = std::move(*made);
    }
  }
  SetLevel();
  MutexLock lock(mu_);
  return wake_up_->fd();
}

void Session::SetNotify(void (*notify)(void*), void* context) {
  MutexLock lock(mu_);
  notify_ = notify;
  notify_context_ = context;
}

void Session::SetPeer(Bytes address, Bytes local_address) {
  MutexLock lock(mu_);
  address_ = address;
  local_address_ = local_address;
}

// Makes the descriptor readable, or not, as there are bytes. The end of a session is something to read, too.
void Session::SetLevel() {
  MutexLock lock(mu_);
  if (wake_up_ == nullptr) return;
  if (Ready()) {
    wake_up_->Set();
  } else {
    wake_up_->Clear();
  }
}

// Something has changed that the owner may wait for.
void Session::Ring() {
  cv_.NotifyAll();
  if (wake_up_ != nullptr) wake_up_->Set();
  if (notify_ != nullptr) notify_(notify_context_);
}

void Session::CheckOutputLimit() {
  const size_t bytes = outbox_.size() + ready_bytes_.load(std::memory_order_relaxed);
  if (bytes < kUnreadMax) {
    over_soft_since_us_ = 0;
    return;
  }
  const bool listens = topic_counts_[0] + topic_counts_[1] + topic_counts_[2] != 0;
  const engine::Options::OutputLimit limit = engine_.options().output_limit[listens ? 2 : 0];
  bool over = limit.hard != 0 && bytes > limit.hard;
  if (limit.soft != 0 && bytes > limit.soft) {
    const int64_t now_us = os::MonotonicUs();
    if (over_soft_since_us_ == 0) over_soft_since_us_ = now_us;
    over |= now_us - over_soft_since_us_ > static_cast<int64_t>(limit.soft_seconds) * 1'000'000;
  } else {
    over_soft_since_us_ = 0;
  }
  if (!over) return;
  ending_.store(Ending::kOutputLimit, std::memory_order_release);
  Empty(outbox_);
  has_outbox_.store(false, std::memory_order_relaxed);
}

void Session::Deliver(Bytes bytes) noexcept {
  MutexLock lock(mu_);
  if (ending_.load(std::memory_order_acquire) != Ending::kNot) return;
  try {
    if (bytes.empty()) throw std::bad_alloc();
    outbox_.append(bytes);
    has_outbox_.store(true, std::memory_order_release);
    CheckOutputLimit();
  } catch (const std::exception&) {
    ending_.store(Ending::kOutputLimit, std::memory_order_release);
  }
  Ring();
}

void Session::End(Ending why) noexcept {
  Ending not_yet = Ending::kNot;
  ending_.compare_exchange_strong(not_yet, why);
  MutexLock lock(mu_);
  Ring();
}

void Session::Interrupt() {
  MutexLock lock(mu_);
  interrupted_ = true;
  cv_.NotifyAll();
}

Session::Facts Session::GetFacts() const {
  const int64_t now_us = os::MonotonicUs();
  Facts facts;
  facts.id = id_;
  facts.age_s = (now_us - opened_us_) / 1'000'000;
  facts.idle_s = (now_us - used_us_.load(std::memory_order_relaxed)) / 1'000'000;
  facts.db = db_.load(std::memory_order_relaxed);
  facts.protocol = protocol();
  facts.channels = topic_counts_[0];
  facts.patterns = topic_counts_[1];
  facts.shards = topic_counts_[2];
  facts.queued = queued_count_.load(std::memory_order_relaxed);
  facts.watched = watched_count_.load(std::memory_order_relaxed);
  facts.query_bytes = query_bytes_.load(std::memory_order_relaxed);
  facts.monitor = monitor_.load(std::memory_order_relaxed);
  facts.no_evict = no_evict_.load(std::memory_order_relaxed);
  facts.no_touch = no_touch_.load(std::memory_order_relaxed);
  facts.ended = ending_.load(std::memory_order_relaxed) != Ending::kNot;
  facts.command = last_command_.load(std::memory_order_relaxed);
  MutexLock lock(mu_);
  facts.output_bytes = outbox_.size() + ready_bytes_.load(std::memory_order_relaxed);
  facts.blocked = parked_ != nullptr && !parked_is_sleep_;
  facts.name = name_;
  facts.library = library_;
  facts.library_version = library_version_;
  facts.address = address_.empty() ? "in-process:" + std::to_string(id_) : address_;
  facts.local_address = local_address_.empty() ? "in-process:0" : local_address_;
  facts.memory = sizeof *this + facts.query_bytes + facts.output_bytes;
  return facts;
}

}  // namespace redislite::session
