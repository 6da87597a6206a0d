// CLIENT: what sessions say and ask of themselves and of each other.
#include <algorithm>

#include "base/number.h"
#include "commands/arguments.h"
#include "os/file_system.h"
#include "session/session.h"

namespace redislite::session {

using commands::EqualsIgnoreCase;
using commands::IsNamed;
using engine::Args;
using engine::Command;

namespace {

std::string Line(const Session::Facts& facts) {
  std::string flags;
  if (facts.monitor) flags += 'O';
  if (facts.channels + facts.patterns + facts.shards != 0) flags += 'P';
  if (facts.queued >= 0) flags += 'x';
  if (facts.blocked) flags += 'b';
  if (facts.no_evict) flags += 'e';
  if (facts.no_touch) flags += 'T';
  if (facts.ended) flags += 'c';
  if (flags.empty()) flags = "N";
  std::string line;
  const auto field = [&](const char* name, const std::string& value) {
    line += (line.empty() ? "" : " ") + std::string(name) + "=" + value;
  };
  const auto number = [&](const char* name, auto value) { field(name, std::to_string(value)); };
  number("id", facts.id);
  field("addr", facts.address);
  field("laddr", facts.local_address);
  field("fd", "-1");
  field("name", facts.name);
  number("age", facts.age_s);
  number("idle", facts.idle_s);
  field("flags", flags);
  number("db", facts.db);
  number("sub", facts.channels);
  number("psub", facts.patterns);
  number("ssub", facts.shards);
  number("multi", facts.queued);
  number("qbuf", facts.query_bytes);
  field("qbuf-free", "0");
  field("argv-mem", "0");
  field("multi-mem", "0");
  field("rbs", "0");
  field("rbp", "0");
  field("obl", "0");
  field("oll", "0");
  number("omem", facts.output_bytes);
  number("tot-mem", facts.memory);
  field("events", "r");
  field("cmd", facts.command == nullptr ? "NULL" : facts.command->name);
  field("user", "default");
  field("redir", "-1");
  number("resp", facts.protocol);
  field("lib-name", facts.library);
  field("lib-ver", facts.library_version);
  return line + "\n";
}

// The kinds that CLIENT LIST and KILL know. There are no replicas and no masters here.
bool IsKind(Bytes kind) {
  return EqualsIgnoreCase(kind, "normal") || EqualsIgnoreCase(kind, "master") || EqualsIgnoreCase(kind, "replica") ||
         EqualsIgnoreCase(kind, "slave") || EqualsIgnoreCase(kind, "pubsub");
}

bool IsOfKind(const Session::Facts& facts, Bytes kind) {
  const bool listens = facts.channels + facts.patterns + facts.shards != 0;
  if (EqualsIgnoreCase(kind, "normal")) return !listens;
  return EqualsIgnoreCase(kind, "pubsub") && listens;
}

}  // namespace

void Session::ClientId(const Command&, Args, resp::Writer& reply) { reply.Integer(static_cast<int64_t>(id_)); }
void Session::ClientInfo(const Command&, Args, resp::Writer& reply) { reply.Verbatim(Line(GetFacts())); }
void Session::ClientGetRedir(const Command&, Args, resp::Writer& reply) { reply.Integer(-1); }

void Session::ClientList(const Command&, Args args, resp::Writer& reply) {
  std::optional<Bytes> kind;
  std::vector<uint64_t> ids;
  if (args.size() == 4 && EqualsIgnoreCase(args[2], "type")) {
    if (!IsKind(args[3])) {
      return reply.Error(Code::kValue, "ERR Unknown client type '" + std::string(args[3]) + "'");
    }
    kind = args[3];
  } else if (args.size() > 3 && EqualsIgnoreCase(args[2], "id")) {
    for (const Bytes text : args.subspan(3)) {
      const std::optional<uint64_t> id = ParseUint64(text);
      if (!id) return reply.Error(Code::kValue, "ERR Invalid client ID");
      ids.push_back(*id);
    }
  } else if (args.size() != 2) {
    return commands::WriteSyntaxError(reply);
  }
  std::string text;
  hub_->ForEach([&](Session& session) {
    const Facts facts = session.GetFacts();
    if (kind && !IsOfKind(facts, *kind)) return;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), facts.id) == ids.end()) return;
    text += Line(facts);
  });
  reply.Verbatim(text);
}

void Session::ClientKill(const Command&, Args args, resp::Writer& reply) {
  struct {
    std::optional<uint64_t> id;
    std::optional<Bytes> address, local_address, user, kind;
    std::optional<int64_t> age_s;
    bool skip_me = true;
  } wanted;
  const bool old_form = args.size() == 3;
  if (old_form) {
    wanted.address = args[2];
    wanted.skip_me = false;
  } else {
    for (size_t i = 2; i < args.size(); i += 2) {
      if (i + 1 == args.size()) return commands::WriteSyntaxError(reply);
      const Bytes value = args[i + 1];
      if (EqualsIgnoreCase(args[i], "id")) {
        wanted.id = ParseUint64(value);
        if (!wanted.id || *wanted.id == 0) {
          return reply.Error(Code::kValue, "ERR client-id should be greater than 0");
        }
      } else if (EqualsIgnoreCase(args[i], "type")) {
        if (!IsKind(value)) return reply.Error(Code::kValue, "ERR Unknown client type '" + std::string(value) + "'");
        wanted.kind = value;
      } else if (EqualsIgnoreCase(args[i], "addr")) {
        wanted.address = value;
      } else if (EqualsIgnoreCase(args[i], "laddr")) {
        wanted.local_address = value;
      } else if (EqualsIgnoreCase(args[i], "user")) {
        if (value != "default") return reply.Error(Code::kValue, "ERR No such user '" + std::string(value) + "'");
        wanted.user = value;
      } else if (EqualsIgnoreCase(args[i], "maxage")) {
        wanted.age_s = ParseInt64(value);
        if (!wanted.age_s) return commands::WriteNotInteger(reply);
      } else if (EqualsIgnoreCase(args[i], "skipme")) {
        wanted.skip_me = EqualsIgnoreCase(value, "yes");
        if (!wanted.skip_me && !EqualsIgnoreCase(value, "no")) return commands::WriteSyntaxError(reply);
      } else {
        return commands::WriteSyntaxError(reply);
      }
    }
  }
  int64_t killed = 0;
  bool me = false;
  std::vector<std::shared_ptr<Session>> others;
  hub_->ForEach([&](Session& session) {
    const Facts facts = session.GetFacts();
    if (wanted.id && *wanted.id != facts.id) return;
    if (wanted.address && *wanted.address != facts.address) return;
    if (wanted.local_address && *wanted.local_address != facts.local_address) return;
    if (wanted.kind && !IsOfKind(facts, *wanted.kind)) return;
    if (wanted.age_s && facts.age_s < *wanted.age_s) return;
    if (facts.ended || (&session == this && wanted.skip_me)) return;
    ++killed;
    if (&session == this) {
      me = true;
    } else if (std::shared_ptr<Session> other = session.weak_from_this().lock(); other != nullptr) {
      others.push_back(std::move(other));
    }
  });
  for (const std::shared_ptr<Session>& other : others) other->Kill();  // which needs the hub
  if (me) End(Ending::kKilled);                                        // after its reply, as a person would expect
  if (!old_form) return reply.Integer(killed);
  if (killed == 0) return reply.Error(Code::kValue, "ERR No such client");
  reply.Ok();
}

void Session::ClientSetName(const Command&, Args args, resp::Writer& reply) {
  if (SetName(args[2], reply)) reply.Ok();
}

void Session::ClientGetName(const Command&, Args, resp::Writer& reply) {
  MutexLock lock(mu_);
  if (name_.empty()) return reply.Null();
  reply.Bulk(name_);
}

void Session::ClientSetInfo(const Command&, Args args, resp::Writer& reply) {
  const bool is_name = EqualsIgnoreCase(args[2], "lib-name");
  if (!is_name && !EqualsIgnoreCase(args[2], "lib-ver")) {
    return reply.Error(Code::kCommand, "ERR Unrecognized option '" + std::string(args[2]) + "'");
  }
  const auto is_odd = [](char byte) { return byte < '!' || byte > '~'; };
  if (std::any_of(args[3].begin(), args[3].end(), is_odd)) {
    return reply.Error(Code::kValue, std::string("ERR ") + (is_name ? "lib-name" : "lib-ver") +
                                         " cannot contain spaces, newlines or special characters.");
  }
  MutexLock lock(mu_);
  (is_name ? library_ : library_version_) = args[3];
  reply.Ok();
}

void Session::ClientReply(const Command&, Args args, resp::Writer& reply) {
  if (EqualsIgnoreCase(args[2], "on")) {
    replies_ = Replies::kOn;
    return reply.Ok();
  }
  if (EqualsIgnoreCase(args[2], "off")) {
    replies_ = Replies::kOff;
  } else if (EqualsIgnoreCase(args[2], "skip")) {
    if (replies_ != Replies::kOff) replies_ = Replies::kSkipNext;
  } else {
    commands::WriteSyntaxError(reply);
  }
}

// CLIENT NO-EVICT and NO-TOUCH
void Session::ClientNoEvict(const Command& command, Args args, resp::Writer& reply) {
  std::atomic<bool>& flag = IsNamed(command, "client|no-evict") ? no_evict_ : no_touch_;
  const bool on = EqualsIgnoreCase(args[2], "on");
  if (!on && !EqualsIgnoreCase(args[2], "off")) return commands::WriteSyntaxError(reply);
  flag.store(on, std::memory_order_relaxed);
  reply.Ok();
}

void Session::ClientPause(const Command&, Args args, resp::Writer& reply) {
  bool writes_only = false;
  if (args.size() == 4) {
    writes_only = EqualsIgnoreCase(args[3], "write");
    if (!writes_only && !EqualsIgnoreCase(args[3], "all")) {
      return reply.Error(Code::kCommand, "ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
  } else if (args.size() != 3) {
    return commands::WriteSyntaxError(reply);
  }
  const std::optional<int64_t> ms = ParseInt64(args[2]);
  if (!ms) return reply.Error(Code::kValue, "ERR timeout is not an integer or out of range");
  if (*ms < 0) return reply.Error(Code::kValue, "ERR timeout is negative");
  constexpr int64_t kMsMax = int64_t{100} * 365 * 24 * 3600 * 1000;
  hub_->SetPause({.until_us = os::MonotonicUs() + std::min(*ms, kMsMax) * 1000, .writes_only = writes_only});
  reply.Ok();
}

void Session::ClientUnpause(const Command&, Args, resp::Writer& reply) {
  hub_->SetPause({});
  reply.Ok();
}

void Session::ClientUnblock(const Command&, Args args, resp::Writer& reply) {
  bool with_error = false;
  if (args.size() == 4) {
    with_error = EqualsIgnoreCase(args[3], "error");
    if (!with_error && !EqualsIgnoreCase(args[3], "timeout")) {
      return reply.Error(Code::kCommand, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
  } else if (args.size() != 3) {
    return commands::WriteSyntaxError(reply);
  }
  const std::optional<int64_t> id = commands::IntegerArgument(args[2], reply);
  if (!id) return;
  bool unblocked = false;
  hub_->ForEach([&](Session& session) {
    if (session.id() == static_cast<uint64_t>(*id)) unblocked = session.Unblock(with_error);
  });
  reply.Integer(unblocked ? 1 : 0);
}

void Session::ClientHelp(const Command&, Args, resp::Writer& reply) {
  commands::WriteHelp("CLIENT",
                      {
                          "GETNAME",
                          "    Return the name of the current connection.",
                          "GETREDIR",
                          "    Return the client ID we are redirecting to when tracking is enabled.",
                          "ID",
                          "    Return the ID of the current connection.",
                          "INFO",
                          "    Return information about the current client connection.",
                          "KILL <ip:port>",
                          "    Kill connection made from <ip:port>.",
                          "KILL <option> <value> [<option> <value> [...]]",
                          "    Kill connections. Options are: ADDR, LADDR, TYPE, USER, SKIPME, ID, MAXAGE.",
                          "LIST [options ...]",
                          "    Return information about client connections. Options: TYPE <type>, ID <id> ...",
                          "NO-EVICT (ON|OFF)",
                          "    Protect current client connection from eviction.",
                          "NO-TOUCH (ON|OFF)",
                          "    Will not touch LRU/LFU stats when this mode is on.",
                          "PAUSE <timeout> [WRITE|ALL]",
                          "    Suspend all, or just write, clients for <timeout> milliseconds.",
                          "REPLY (ON|OFF|SKIP)",
                          "    Control the replies sent to the current connection.",
                          "SETINFO <option> <value>",
                          "    Set client meta attr. Options are: LIB-NAME, LIB-VER.",
                          "SETNAME <name>",
                          "    Assign the name <name> to the current connection.",
                          "UNBLOCK <clientid> [TIMEOUT|ERROR]",
                          "    Unblock the specified blocked client.",
                          "UNPAUSE",
                          "    Stop the current client pause, resuming traffic.",
                      },
                      reply);
}

}  // namespace redislite::session
