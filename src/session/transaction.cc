// MULTI, EXEC, DISCARD, WATCH: a session's transaction. What is queued and concerns data becomes one batch of the
// engine; what concerns the connection or the whole store (SELECT, PUBLISH, INFO) is run when that is done, and all
// replies are put together in their order.
#include "base/number.h"
#include "commands/arguments.h"
#include "engine/keyspace.h"
#include "resp/reply.h"
#include "session/session.h"

namespace redislite::session {

using engine::Args;
using engine::Command;
using enum engine::Flag;

namespace {

bool IsForBatch(const Command& command) { return (command.flags & (kSession | kAdmin)) == 0; }

}  // namespace

Watches::~Watches() {
  if (!hub->closed()) hub->engine().Unwatch(list);
}

void Session::Multi(const Command&, Args, resp::Writer& reply) {
  if (in_transaction_) return reply.Error(Code::kCommand, "ERR MULTI calls can not be nested");
  in_transaction_ = true;
  transaction_is_bad_ = false;
  transaction_db_ = db_.load(std::memory_order_relaxed);
  queued_count_.store(0, std::memory_order_relaxed);
  reply.Ok();
}

void Session::Queue(const Command& command, Args args) {
  if ((command.flags & kNoBatch) != 0) {
    transaction_is_bad_ = true;
    Reply().Error(Code::kCommand, "ERR Command not allowed inside a transaction");
    return SendReply();
  }
  queued_.push_back({&command, {args.begin(), args.end()}, transaction_db_});
  queued_count_.store(static_cast<int64_t>(queued_.size()), std::memory_order_relaxed);
  // The commands behind a SELECT are meant for its database; a bad number leaves it where it is, in Redis, too.
  if (commands::IsNamed(command, "select")) {
    const std::optional<int64_t> db = ParseInt64(args[1]);
    if (db && *db >= 0 && *db < engine::kDatabases) transaction_db_ = static_cast<int>(*db);
  }
  Reply().Status("QUEUED");
  SendReply();
}

void Session::LeaveTransaction() {
  in_transaction_ = false;
  transaction_is_bad_ = false;
  queued_.clear();
  exec_texts_.clear();
  queued_count_.store(-1, std::memory_order_relaxed);
  DropWatches();
}

void Session::DropWatches() {
  watches_ = nullptr;
  watched_count_.store(0, std::memory_order_relaxed);
}

void Session::Discard(const Command&, Args, resp::Writer& reply) {
  if (!in_transaction_) return reply.Error(Code::kCommand, "ERR DISCARD without MULTI");
  LeaveTransaction();
  reply.Ok();
}

void Session::Watch(const Command&, Args args, resp::Writer& reply) {
  if (in_transaction_) return reply.Error(Code::kCommand, "ERR WATCH inside MULTI is not allowed");
  if (watches_ == nullptr) watches_ = std::make_shared<Watches>(hub_);
  for (const Bytes key : args.subspan(1)) {
    engine_.Watch(watches_->list, db_.load(std::memory_order_relaxed), key);
  }
  watched_count_.store(watches_->list.keys.size(), std::memory_order_relaxed);
  reply.Ok();
}

void Session::Unwatch(const Command&, Args, resp::Writer& reply) {
  DropWatches();
  reply.Ok();
}

void Session::Exec() {
  const auto fail = [&](Bytes text) {
    LeaveTransaction();
    Reply().Error(Code::kCommand, text);
    SendReply();
  };
  if (!in_transaction_) return fail("ERR EXEC without MULTI");
  if (transaction_is_bad_) return fail("EXECABORT Transaction discarded because of previous errors.");

  std::vector<std::vector<std::string>> commands;
  std::vector<int> dbs;
  std::vector<size_t> places;  // in the queue
  exec_texts_.assign(queued_.size(), {});
  bool plain = true;  // the batch's reply is EXEC's
  for (size_t i = 0; i < queued_.size(); ++i) {
    Queued& queued = queued_[i];
    if (!IsForBatch(*queued.command)) {
      plain = false;
      continue;
    }
    commands.push_back(std::move(queued.args));
    dbs.push_back(queued.db);
    places.push_back(i);
  }
  Flight* flight = NewFlight();
  flight->silent = !TakeReplyWish();
  // What is wrong with a command by now is its reply; the others are done.
  engine_.PrepareBatch(commands, dbs, flight->task, [&](size_t i, Bytes error) {
    exec_texts_[places[i]] = error;
    plain = false;
    return true;
  });
  flight->kept = !plain;
  if (watches_ != nullptr) flight->task.op.watched = &watches_->list;
  flight->watches = watches_;
  if (plain) {
    LeaveTransaction();
  } else {
    in_transaction_ = false;  // the rest is FinishExec's
    exec_unfinished_ = true;
    exec_wanted_ = !flight->silent;
    queued_count_.store(-1, std::memory_order_relaxed);
    DropWatches();
  }
  group_.push_back(flight);
  Flush();
}

// Runs what was not for the batch, and puts the replies together.
void Session::FinishExec(Bytes batch_reply) {
  const auto send = [&](Bytes reply) {
    if (exec_wanted_) Send(reply);
  };
  const auto take = [&] {
    const resp::ReplyExtent extent = resp::ScanReply(batch_reply);
    const Bytes first = batch_reply.substr(0, extent.bytes);
    batch_reply.remove_prefix(extent.bytes);
    return first;
  };
  if (batch_reply.empty() || batch_reply.front() != '*' || batch_reply.starts_with("*-1")) {
    send(batch_reply);  // a watched key has changed, or nothing could be done
  } else {
    batch_reply.remove_prefix(batch_reply.find('\n') + 1);
    resp::Writer all(protocol());
    all.Array(queued_.size());
    for (size_t i = 0; i < queued_.size(); ++i) {
      const Queued& queued = queued_[i];
      if (!exec_texts_[i].empty()) {
        all.Raw(exec_texts_[i]);
      } else if (IsForBatch(*queued.command)) {
        all.Raw(take());
      } else {
        const std::vector<Bytes> args(queued.args.begin(), queued.args.end());
        RunAloud(*queued.command, args, all);
      }
    }
    send(all.WholeBytes());
  }
  queued_.clear();
  exec_texts_.clear();
  exec_unfinished_ = false;
}

}  // namespace redislite::session
