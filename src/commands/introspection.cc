// COMMAND: the command table, as clients ask for it. All is derived from the rows.
#include <optional>
#include <string>
#include <vector>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/table.h"
#include "engine/context.h"

namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using engine::Context;
using enum engine::Flag;

bool Has(const Command& row, uint32_t flag) { return (row.flags & flag) != 0; }

bool IsSubcommand(const Command& row) { return Bytes(row.name).find('|') != Bytes::npos; }

// The rows that are not subcommands.
std::vector<const Command*> TopRows() {
  std::vector<const Command*> rows;
  for (const Command& row : AllCommands()) {
    if (!IsSubcommand(row)) rows.push_back(&row);
  }
  return rows;
}

std::vector<const Command*> SubcommandsOf(const Command& container) {
  const std::string prefix = std::string(container.name) + "|";
  std::vector<const Command*> rows;
  for (const Command& row : AllCommands()) {
    if (Bytes(row.name).starts_with(prefix)) rows.push_back(&row);
  }
  return rows;
}

// Redis' names for what the row says.
std::vector<Bytes> FlagNames(const Command& row) {
  if (Has(row, kContainer)) return {};
  std::vector<Bytes> names;
  if (Has(row, kWrite)) names.push_back("write");
  if (Has(row, kReadOnly)) names.push_back("readonly");
  if (Has(row, kDenyOom)) names.push_back("denyoom");
  if (Has(row, kOperator)) names.push_back("admin");
  if (Has(row, kFast)) names.push_back("fast");
  if (Has(row, kMayWait)) names.push_back("blocking");
  if (Bytes(row.group) == "pubsub") names.push_back("pubsub");
  if (Has(row, kNoAuth)) names.push_back("no_auth");
  if (Has(row, kMovableKeys)) names.push_back("movablekeys");
  if (Has(row, kNoBatch)) names.push_back("no_multi");
  return names;
}

// Redis' ACL categories, without the @. There are no users; clients group commands by them.
std::vector<Bytes> Categories(const Command& row) {
  const Bytes group = row.group;
  if (Has(row, kContainer)) return {"slow"};  // its subcommands have their own
  std::vector<Bytes> names;
  if (group == "generic" || Has(row, kAllKeys)) names.push_back("keyspace");
  if (Has(row, kReadOnly)) names.push_back("read");
  if (Has(row, kWrite)) names.push_back("write");
  if (group != "generic" && group != "server" && group != "connection")
    names.push_back(group == "sorted-set" ? "sortedset" : group);
  if (Has(row, kOperator)) names.push_back("admin");
  names.push_back(Has(row, kFast) ? "fast" : "slow");
  if (Has(row, kOperator) || (Has(row, kWrite) && Has(row, kAllKeys))) names.push_back("dangerous");
  if (group == "connection") names.push_back("connection");
  return names;
}

void WriteNames(const std::vector<Bytes>& names, Bytes prefix, resp::Writer& reply) {
  reply.Set(names.size());
  for (const Bytes name : names) reply.Status(std::string(prefix).append(name));
}

// The ten elements of COMMAND INFO. Tips and key specifications are empty: the three positions say the same of these
// commands.
void WriteInfo(const Command& row, resp::Writer& reply) {
  reply.Array(10);
  reply.Bulk(row.name);
  reply.Integer(row.arity);
  WriteNames(FlagNames(row), "", reply);
  reply.Integer(row.first_key);
  reply.Integer(row.last_key);
  reply.Integer(row.key_step);
  WriteNames(Categories(row), "@", reply);
  reply.Set(0);
  reply.Set(0);
  if (!Has(row, kContainer)) return reply.Set(0);
  const std::vector<const Command*> subcommands = SubcommandsOf(row);
  reply.Array(subcommands.size());
  for (const Command* subcommand : subcommands) WriteInfo(*subcommand, reply);
}

// An entry of COMMAND DOCS: the name, and a map. "syntax" is ours: the arguments as a line, which a command line's
// hints can print.
void WriteDocs(const Command& row, resp::Writer& reply) {
  const bool container = Has(row, kContainer);
  reply.Bulk(row.name);
  reply.Map(container ? 5 : 4);
  reply.Bulk("summary");
  reply.Bulk(row.summary);
  reply.Bulk("since");
  reply.Bulk(row.since);
  reply.Bulk("group");
  reply.Bulk(row.group);
  reply.Bulk("syntax");
  reply.Bulk(row.syntax);
  if (!container) return;
  const std::vector<const Command*> subcommands = SubcommandsOf(row);
  reply.Bulk("subcommands");
  reply.Map(subcommands.size());
  for (const Command* subcommand : subcommands) WriteDocs(*subcommand, reply);
}

void WriteInfoOfAll(resp::Writer& reply) {
  const std::vector<const Command*> rows = TopRows();
  reply.Array(rows.size());
  for (const Command* row : rows) WriteInfo(*row, reply);
}

bool HasKeys(const Command& row) { return row.first_key != 0 || row.keys != nullptr; }

bool ArityFits(const Command& row, Args args) {
  const auto count = static_cast<int64_t>(args.size());
  return row.arity < 0 ? count >= -row.arity : count == row.arity;
}

// The filter of COMMAND LIST.
struct Filter {
  enum class By : uint8_t { kNothing, kModule, kCategory, kPattern };
  By by = By::kNothing;
  Bytes argument;
};

std::optional<Filter> ParseFilter(Args args) {
  if (args.empty()) return Filter();
  if (args.size() != 3 || !EqualsIgnoreCase(args[0], "filterby")) return {};
  if (EqualsIgnoreCase(args[1], "module")) return Filter{Filter::By::kModule, args[2]};
  if (EqualsIgnoreCase(args[1], "aclcat")) return Filter{Filter::By::kCategory, args[2]};
  if (EqualsIgnoreCase(args[1], "pattern")) return Filter{Filter::By::kPattern, args[2]};
  return {};
}

bool Passes(const Command& row, const Filter& filter) {
  switch (filter.by) {
    case Filter::By::kNothing:
      return true;
    case Filter::By::kModule:
      return false;  // there are no modules
    case Filter::By::kPattern:
      return GlobMatch(filter.argument, row.name, true);
    case Filter::By::kCategory:
      break;
  }
  for (const Bytes category : Categories(row)) {
    if (EqualsIgnoreCase(category, filter.argument)) return true;
  }
  return false;
}

}  // namespace

// COMMAND alone; with a word that is no subcommand, the table does not find this row.
void CommandAll(Context& c) { WriteInfoOfAll(c.reply()); }

void CommandCount(Context& c) { c.reply().Integer(static_cast<int64_t>(TopRows().size())); }

void CommandInfo(Context& c) {
  const Args names = c.args().subspan(2);
  if (names.empty()) return WriteInfoOfAll(c.reply());
  c.reply().Array(names.size());
  for (const Bytes name : names) {
    const Command* row = FindCommand(name);
    if (row == nullptr) {
      c.reply().NullArray();
    } else {
      WriteInfo(*row, c.reply());
    }
  }
}

void CommandDocs(Context& c) {
  const Args names = c.args().subspan(2);
  std::vector<const Command*> rows;
  if (names.empty()) rows = TopRows();
  for (const Bytes name : names) {
    if (const Command* row = FindCommand(name)) rows.push_back(row);
  }
  c.reply().Map(rows.size());
  for (const Command* row : rows) WriteDocs(*row, c.reply());
}

void CommandList(Context& c) {
  const std::optional<Filter> filter = ParseFilter(c.args().subspan(2));
  if (!filter) return c.SyntaxError();
  std::vector<Bytes> names;
  for (const Command& row : AllCommands()) {
    if (Passes(row, *filter)) names.push_back(row.name);
  }
  c.reply().Array(names.size());
  for (const Bytes name : names) c.reply().Bulk(name);
}

// COMMAND GETKEYS and GETKEYSANDFLAGS
void CommandGetKeys(Context& c) {
  const Args args = c.args().subspan(2);
  const Command* row = Commands().Find(args);
  if (row == nullptr) return c.reply().Error(Code::kCommand, "ERR Invalid command specified");
  if (!HasKeys(*row)) return c.reply().Error(Code::kCommand, "ERR The command has no key arguments");
  if (!ArityFits(*row, args)) {
    return c.reply().Error(Code::kCommand, "ERR Invalid number of arguments specified for command");
  }
  std::vector<size_t> positions;
  if (!engine::ForEachKey(*row, args, [&](size_t position) { positions.push_back(position); })) {
    return c.reply().Error(Code::kCommand, "ERR Invalid arguments specified for command");
  }

  const bool with_flags = IsNamed(c.command(), "command|getkeysandflags");
  c.reply().Array(positions.size());
  for (const size_t position : positions) {
    if (with_flags) c.reply().Array(2);
    c.reply().Bulk(args[position]);
    if (!with_flags) continue;
    // What the row knows: a command that writes may read, replace or remove any of its keys.
    if (Has(*row, kWrite)) {
      WriteNames({"RW", "access", "update", "delete"}, "", c.reply());
    } else {
      WriteNames({"RO", "access"}, "", c.reply());
    }
  }
}

void CommandHelp(Context& c) {
  WriteHelp("COMMAND",
            {
                "(no subcommand)",
                "    Describe every command.",
                "COUNT",
                "    Count the commands.",
                "DOCS [<command-name> ...]",
                "    Reply what commands are for: those named, or all.",
                "GETKEYS <command> [<argument> ...]",
                "    Find the keys among the arguments of a command.",
                "GETKEYSANDFLAGS <command> [<argument> ...]",
                "    The same, and how the command uses them.",
                "INFO [<command-name> ...]",
                "    Describe commands by name, or all.",
                "LIST [FILTERBY <MODULE <name>|ACLCAT <category>|PATTERN <pattern>>]",
                "    Reply the names of commands.",
            },
            c.reply());
}

}  // namespace redislite::commands
