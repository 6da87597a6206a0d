// What Redis calls that which a command has done to its keys: the names of keyspace notifications, in one place.
//
// A command's own event has its name, or the one that the table below gives it. What it leaves empty tells "del" behind
// its own event; what it removes outright, or stores nothing at, tells only "del".

#include "commands/events.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "commands/arguments.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using engine::Event;
using engine::KeyChange;
using What = engine::KeyChange::What;
using Tell = std::function<void(const Event&)>;

struct Named {
  const char* command;
  const char* event;
};
constexpr Named kOtherNames[] = {
    {"setex", "set"},
    {"psetex", "set"},
    {"setnx", "set"},
    {"getset", "set"},
    {"mset", "set"},
    {"msetnx", "set"},
    {"bitop", "set"},
    {"incr", "incrby"},
    {"decr", "incrby"},
    {"decrby", "incrby"},
    {"bitfield", "setbit"},
    {"pfmerge", "pfadd"},
    {"lpushx", "lpush"},
    {"rpushx", "rpush"},
    {"hmset", "hset"},
    {"hsetnx", "hset"},
    {"zincrby", "zincr"},
    {"geoadd", "zadd"},
    {"sort", "sortstore"},
    {"georadius", "georadiusstore"},
    {"copy", "copy_to"},
    {"rename", "rename_to"},
    {"renamenx", "rename_to"},
    {"move", "move_to"},
    {"georadiusbymember", "georadiusstore"},
};
// Commands whose Remove is no end of an element's being taken out.
constexpr const char* kRemovers[] = {
    "del",           "unlink",      "getdel",     "getex",       "expire",      "pexpire",    "expireat",
    "pexpireat",     "restore",     "set",        "bitop",       "sort",        "georadius",  "georadiusbymember",
    "sinterstore",   "sunionstore", "sdiffstore", "zunionstore", "zinterstore", "zdiffstore", "zrangestore",
    "geosearchstore"};

// Commands that make room for a key before they put it: it is a new one whatever was there, and that is told first.
constexpr const char* kPlacers[] = {"rename", "renamenx", "move", "copy", "restore"};

struct Kind {
  Bytes group;
  uint32_t kind;
};
constexpr Kind kKinds[] = {{"string", engine::kStringEvents},
                           {"bitmap", engine::kStringEvents},
                           {"hyperloglog", engine::kStringEvents},
                           {"list", engine::kListEvents},
                           {"set", engine::kSetEvents},
                           {"hash", engine::kHashEvents},
                           {"sorted-set", engine::kSortedSetEvents},
                           {"geo", engine::kSortedSetEvents}};

uint32_t KindOf(const Command& command) {
  if (IsNamed(command, "sort")) return engine::kListEvents;
  for (const Kind& each : kKinds) {
    if (each.group == command.group) return each.kind;
  }
  return engine::kGenericEvents;
}

// The word of a LMPOP or ZMPOP that says from which end, behind its keys.
bool PopsFromFront(const Command& command, Args args, Bytes front) {
  std::vector<size_t> keys;
  return command.keys != nullptr && command.keys(args, keys) && !keys.empty() && keys.back() + 1 < args.size() &&
         EqualsIgnoreCase(args[keys.back() + 1], front);
}

bool Increments(Args args) {
  for (size_t i = 2; i < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "incr")) return true;
    const bool is_option = EqualsIgnoreCase(args[i], "nx") || EqualsIgnoreCase(args[i], "xx") ||
                           EqualsIgnoreCase(args[i], "gt") || EqualsIgnoreCase(args[i], "lt") ||
                           EqualsIgnoreCase(args[i], "ch");
    if (!is_option) return false;
  }
  return false;
}

const char* OwnEvent(const Command& command, Args args) {
  if (IsNamed(command, "lmpop")) return PopsFromFront(command, args, "left") ? "lpop" : "rpop";
  if (IsNamed(command, "zmpop")) return PopsFromFront(command, args, "min") ? "zpopmin" : "zpopmax";
  if (IsNamed(command, "zadd") && Increments(args)) return "zincr";
  for (const Named& named : kOtherNames) {
    if (IsNamed(command, named.command)) return named.event;
  }
  return command.name;
}

bool Has(const std::vector<KeyChange>& changes, What what) {
  return std::any_of(changes.begin(), changes.end(), [&](const KeyChange& change) { return change.what == what; });
}

// From one key to another: LMOVE, RPOPLPUSH and SMOVE, whose changes are told in an order of their own.
struct Passing {
  const char* taken;
  const char* given;
  bool gives_first;
};

std::optional<Passing> PassingOf(const Command& command, Args args) {
  if (IsNamed(command, "rpoplpush")) return Passing{"rpop", "lpush", true};
  if (IsNamed(command, "smove")) return Passing{"srem", "sadd", false};
  if (!IsNamed(command, "lmove")) return {};
  return Passing{EqualsIgnoreCase(args[3], "left") ? "lpop" : "rpop",
                 EqualsIgnoreCase(args[4], "left") ? "lpush" : "rpush", true};
}

void TellPassing(const Passing& passing, uint32_t kind, Args args, int db, const std::vector<KeyChange>& changes,
                 const Tell& tell) {
  const auto give = [&] {
    if (Has(changes, What::kExpired)) tell({engine::kExpiredEvents, "expired", db, args[2]});
    if (Has(changes, What::kNew)) tell({engine::kNewEvents, "new", db, args[2]});
    const bool given = std::any_of(changes.begin(), changes.end(), [&](const KeyChange& change) {
      return change.what == What::kSet && change.key == args[2];
    });
    if (given) tell({kind, passing.given, db, args[2]});
  };
  if (passing.gives_first) give();
  tell({kind, passing.taken, db, args[1]});
  if (Has(changes, What::kRemoved)) tell({engine::kGenericEvents, "del", db, args[1]});
  if (!passing.gives_first) give();
}

}  // namespace

void ForEachEvent(const Command& command, Args args, int db, const std::vector<KeyChange>& changes, const Tell& tell) {
  if (changes.empty()) return;
  const uint32_t kind = KindOf(command);
  if (const std::optional<Passing> passing = PassingOf(command, args)) {
    return TellPassing(*passing, kind, args, db, changes, tell);
  }
  const char* own = OwnEvent(command, args);
  const auto is_one_of = [&](const auto& names) {
    return std::any_of(std::begin(names), std::end(names), [&](const char* name) { return IsNamed(command, name); });
  };
  const bool removes = is_one_of(kRemovers);
  const bool places = is_one_of(kPlacers);
  const bool expires = kind == engine::kStringEvents || removes;  // RENAME and its kin only carry an expiry along
  const KeyChange* told = nullptr;                                // the key of the last own event
  for (const KeyChange& change : changes) {
    if (places && change.what == What::kSet) tell({engine::kNewEvents, "new", change.db, change.key});
  }
  for (const KeyChange& change : changes) {
    const bool is_told = told != nullptr && told->key == change.key && told->db == change.db;
    switch (change.what) {
      case What::kExpired:
        tell({engine::kExpiredEvents, "expired", change.db, change.key});
        break;
      case What::kNew:
        if (!places) tell({engine::kNewEvents, "new", change.db, change.key});
        break;
      case What::kTaken:
        tell({kind, IsNamed(command, "move") ? "move_from" : "rename_from", change.db, change.key});
        break;
      case What::kSet:
        if (!is_told) tell({kind, own, change.db, change.key});
        told = &change;
        break;
      case What::kRemoved:
        if (!removes && !is_told) tell({kind, own, change.db, change.key});
        tell({engine::kGenericEvents, "del", change.db, change.key});
        break;
      case What::kExpirySet:
        if (expires && !IsNamed(command, "restore")) tell({engine::kGenericEvents, "expire", change.db, change.key});
        break;
      case What::kPersisted:
        tell({engine::kGenericEvents, "persist", change.db, change.key});
        break;
    }
  }
}

}  // namespace redislite::commands
