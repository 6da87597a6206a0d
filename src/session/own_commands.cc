// The commands that a session runs itself, since they concern the connection. Their rows stand in the one command table
// (commands/table.inc) like all others; this file says which function a row means.
#include <unordered_map>

#include "base/number.h"
#include "commands/arguments.h"
#include "commands/table.h"
#include "engine/command_statistics.h"
#include "engine/keyspace.h"
#include "session/session.h"

namespace redislite::session {

namespace {

// In a time that does not tell how much of it is right.
bool SameSecret(Bytes wanted, Bytes given) {
  unsigned difference = wanted.size() == given.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned>(given[i] ^ wanted[i % wanted.size()]);
  }
  return difference == 0;
}

}  // namespace

using commands::EqualsIgnoreCase;
using commands::IsNamed;
using engine::Args;
using engine::Command;
using enum engine::Flag;

Session::Run1 Session::FindOwn(const Command& command) {
  static const std::unordered_map<Bytes, Run1> table = {
      {"auth", &Session::Auth},
      {"client|caching", &Session::ClientCaching},
      {"client|getname", &Session::ClientGetName},
      {"client|getredir", &Session::ClientGetRedir},
      {"client|help", &Session::ClientHelp},
      {"client|id", &Session::ClientId},
      {"client|info", &Session::ClientInfo},
      {"client|kill", &Session::ClientKill},
      {"client|list", &Session::ClientList},
      {"client|no-evict", &Session::ClientNoEvict},
      {"client|no-touch", &Session::ClientNoEvict},
      {"client|pause", &Session::ClientPause},
      {"client|reply", &Session::ClientReply},
      {"client|setinfo", &Session::ClientSetInfo},
      {"client|setname", &Session::ClientSetName},
      {"client|tracking", &Session::ClientTracking},
      {"client|trackinginfo", &Session::ClientTrackingInfo},
      {"client|unblock", &Session::ClientUnblock},
      {"client|unpause", &Session::ClientUnpause},
      {"discard", &Session::Discard},
      {"hello", &Session::Hello},
      {"monitor", &Session::Monitor},
      {"multi", &Session::Multi},
      {"ping", &Session::Ping},
      {"psubscribe", &Session::SubscribeCommand},
      {"publish", &Session::Publish},
      {"pubsub|channels", &Session::PubSubChannels},
      {"pubsub|help", &Session::PubSubHelp},
      {"pubsub|numpat", &Session::PubSubNumPat},
      {"pubsub|numsub", &Session::PubSubNumSub},
      {"pubsub|shardchannels", &Session::PubSubChannels},
      {"pubsub|shardnumsub", &Session::PubSubNumSub},
      {"punsubscribe", &Session::UnsubscribeCommand},
      {"quit", &Session::Quit},
      {"reset", &Session::ResetCommand},
      {"select", &Session::Select},
      {"shutdown", &Session::Shutdown},
      {"spublish", &Session::Publish},
      {"ssubscribe", &Session::SubscribeCommand},
      {"subscribe", &Session::SubscribeCommand},
      {"sunsubscribe", &Session::UnsubscribeCommand},
      {"unsubscribe", &Session::UnsubscribeCommand},
      {"unwatch", &Session::Unwatch},
      {"watch", &Session::Watch},
  };
  const auto found = table.find(command.name);
  return found == table.end() ? nullptr : found->second;
}

bool Session::IsOwn(const Command& command) { return IsNamed(command, "exec") || FindOwn(command) != nullptr; }

// Runs a command that is none for the engine's pipeline, and writes its reply.
void Session::RunAloud(const Command& command, Args args, resp::Writer& reply) {
  if (const Run1 run = FindOwn(command); run != nullptr) {
    (this->*run)(command, args, reply);
    return engine_.command_statistics().Count(command, reply);
  }
  const Status status = engine_.Execute(args, db_.load(std::memory_order_relaxed), reply, id_);
  if (!status.ok()) reply.Error(status.code(), "ERR " + status.message());
}

bool Session::RunOnce(const std::shared_ptr<Hub>& hub, Args args, resp::Writer& reply) {
  const Command* command = commands::Commands().Find(args);
  if (command == nullptr || (command->flags & kSession) == 0 || (command->flags & kNeedsSession) != 0) return false;
  if (command = hub->engine().Look(args, reply); command == nullptr) return true;
  const std::shared_ptr<Session> session(new Session(hub));
  session->protocol_.store(reply.protocol(), std::memory_order_relaxed);
  (session.get()->*FindOwn(*command))(*command, args, reply);
  hub->engine().command_statistics().Count(*command, reply);
  return true;
}

Session::Step Session::RunOwn(const Command& command, Args args) {
  if (IsNamed(command, "exec")) {
    engine_.command_statistics().Count(command, resp::Writer());
    Exec();
  } else {
    resp::Writer reply(protocol());
    RunAloud(command, args, reply);
    // HELLO and RESET answer in the protocol that they have chosen.
    reply_.Reset(protocol());
    reply_.Raw(reply.WholeBytes());
    SendReply();
  }
  return Step::kDone;
}

void Session::Ping(const Command&, Args args, resp::Writer& reply) {
  if (args.size() > 2) {
    return reply.Error(Code::kCommand, "ERR wrong number of arguments for 'ping' command");
  }
  if (!IsSubscribed() || protocol() == 3) {
    return args.size() == 2 ? reply.Bulk(args[1]) : reply.Status("PONG");
  }
  reply.Array(2);
  reply.Bulk("pong");
  reply.Bulk(args.size() == 2 ? args[1] : Bytes());
}

bool Session::Authenticate(Bytes user, Bytes password, resp::Writer& reply) {
  const std::string wanted = engine_.options().requirepass;
  // Without a password every one is right for the only user there is.
  if (user == "default" && (wanted.empty() || SameSecret(wanted, password))) {
    authenticated_ = true;
    return true;
  }
  reply.Error(Code::kCommand, "WRONGPASS invalid username-password pair or user is disabled.");
  return false;
}

void Session::Auth(const Command&, Args args, resp::Writer& reply) {
  if (args.size() > 3) return commands::WriteSyntaxError(reply);
  if (args.size() == 2 && !NeedsPassword()) {
    return reply.Error(Code::kCommand,
                       "ERR AUTH <password> called without any password configured for the default user. Are you "
                       "sure your configuration is correct?");
  }
  const Bytes user = args.size() == 3 ? args[1] : Bytes("default");
  if (Authenticate(user, args.back(), reply)) reply.Ok();
}

bool Session::SetName(Bytes name, resp::Writer& reply) {
  for (const char byte : name) {
    if (byte >= '!' && byte <= '~') continue;
    reply.Error(Code::kValue, "ERR Client names cannot contain spaces, newlines or special characters.");
    return false;
  }
  MutexLock lock(mu_);
  name_ = name;
  return true;
}

void Session::Hello(const Command&, Args args, resp::Writer& reply) {
  int wanted = protocol();
  if (args.size() > 1) {
    const std::optional<int64_t> version = ParseInt64(args[1]);
    if (!version) return reply.Error(Code::kCommand, "ERR Protocol version is not an integer or out of range");
    if (*version < 2 || *version > 3) return reply.Error(Code::kCommand, "NOPROTO unsupported protocol version");
    wanted = static_cast<int>(*version);
  }
  std::optional<Bytes> name;
  for (size_t i = 2; i < args.size(); ++i) {
    const size_t more = args.size() - 1 - i;
    if (EqualsIgnoreCase(args[i], "auth") && more >= 2) {
      if (!Authenticate(args[i + 1], args[i + 2], reply)) return;
      i += 2;
    } else if (EqualsIgnoreCase(args[i], "setname") && more >= 1) {
      name = args[++i];
    } else {
      return reply.Error(Code::kCommand, "ERR Syntax error in HELLO option '" + std::string(args[i]) + "'");
    }
  }
  if (!authenticated_) {
    return reply.Error(Code::kCommand,
                       "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
                       "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP "
                       "protocol version at the same time");
  }
  if (name && !SetName(*name, reply)) return;
  protocol_.store(wanted, std::memory_order_relaxed);
  reply.Reset(wanted);
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(engine::kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(wanted);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(id_));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

void Session::Select(const Command&, Args args, resp::Writer& reply) {
  const std::optional<int> db = commands::IntArgument(args[1], reply);
  if (!db) return;
  if (*db < 0 || *db >= engine::kDatabases) return reply.Error(Code::kValue, "ERR DB index is out of range");
  db_.store(*db, std::memory_order_relaxed);
  reply.Ok();
}

void Session::Quit(const Command&, Args, resp::Writer& reply) {
  reply.Ok();
  Leave(Ending::kQuit);
}

// What RESET does, and closing: the connection is as it was when it was opened.
void Session::Reset() {
  LeaveTransaction();
  for (const Topic topic : {Topic::kChannel, Topic::kPattern, Topic::kShard}) UnsubscribeAll(topic);
  if (monitor_.exchange(false)) hub_->RemoveMonitor(*this);
}

void Session::Leave(Ending why) {
  Reset();
  End(why);
}

void Session::ResetCommand(const Command&, Args, resp::Writer& reply) {
  Reset();
  db_.store(0, std::memory_order_relaxed);
  protocol_.store(2, std::memory_order_relaxed);
  no_evict_.store(false, std::memory_order_relaxed);
  no_touch_.store(false, std::memory_order_relaxed);
  replies_ = Replies::kOn;
  authenticated_ = !NeedsPassword();
  {
    MutexLock lock(mu_);
    name_.clear();
  }
  reply.Reset(2);
  reply.Status("RESET");
}

void Session::Monitor(const Command&, Args, resp::Writer& reply) {
  reply.Ok();
  // The acknowledgement comes before the first line.
  if (monitor_.exchange(true)) return;
  hub_->AddMonitor(*this);
}

}  // namespace redislite::session
