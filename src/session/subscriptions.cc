// SUBSCRIBE and its kin, PUBLISH and PUBSUB.
#include "base/glob.h"
#include "commands/arguments.h"
#include "session/session.h"

namespace redislite::session {

using commands::IsNamed;
using engine::Args;
using engine::Command;

namespace {

Topic TopicOf(const Command& command) {
  if (command.name[0] == 'p') return Topic::kPattern;
  const Bytes name = command.name;
  return name.starts_with("ss") || name.starts_with("sun") ? Topic::kShard : Topic::kChannel;
}

}  // namespace

void Session::CountSubscriptions() {
  for (size_t i = 0; i < 3; ++i) topic_counts_[i].store(topics_[i].size(), std::memory_order_relaxed);
}

// [kind, name, how many there are]: of channels and patterns together, or of shard channels.
void Session::TellSubscription(Topic topic, Bytes kind, const std::string* name, resp::Writer& reply) {
  CountSubscriptions();
  reply.Push(3);
  reply.Bulk(kind);
  if (name != nullptr) {
    reply.Bulk(*name);
  } else {
    reply.Null();
  }
  const size_t count = topic == Topic::kShard ? topics_[2].size() : topics_[0].size() + topics_[1].size();
  reply.Integer(static_cast<int64_t>(count));
}

void Session::SubscribeCommand(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = TopicOf(command);
  for (const Bytes name : args.subspan(1)) {
    const auto [at, is_new] = NamesOf(topic).emplace(name);
    if (is_new) hub_->Subscribe(*this, topic, name);
    TellSubscription(topic, command.name, &*at, reply);
  }
}

void Session::UnsubscribeCommand(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = TopicOf(command);
  std::set<std::string, std::less<>>& names = NamesOf(topic);
  std::vector<std::string> leave(args.begin() + 1, args.end());
  if (leave.empty()) leave.assign(names.begin(), names.end());
  if (leave.empty()) return TellSubscription(topic, command.name, nullptr, reply);
  for (const std::string& name : leave) {
    if (names.erase(name) != 0) hub_->Unsubscribe(*this, topic, name);
    TellSubscription(topic, command.name, &name, reply);
  }
}

void Session::UnsubscribeAll(Topic topic) {
  for (const std::string& name : NamesOf(topic)) hub_->Unsubscribe(*this, topic, name);
  NamesOf(topic).clear();
  CountSubscriptions();
}

void Session::Publish(const Command& command, Args args, resp::Writer& reply) {
  reply.Integer(hub_->Publish(args[1], args[2], IsNamed(command, "spublish")));
}

// PUBSUB CHANNELS and SHARDCHANNELS
void Session::PubSubChannels(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = IsNamed(command, "pubsub|channels") ? Topic::kChannel : Topic::kShard;
  if (args.size() > 3) {
    return reply.Error(Code::kCommand, "ERR unknown subcommand or wrong number of arguments for '" +
                                           std::string(args[1].substr(0, 128)) + "'. Try PUBSUB HELP.");
  }
  std::vector<std::string> names;
  hub_->ForEachTopic(topic, [&](const std::string& name, size_t) {
    if (args.size() == 2 || GlobMatch(args[2], name, false)) names.push_back(name);
  });
  reply.Array(names.size());
  for (const std::string& name : names) reply.Bulk(name);
}

// PUBSUB NUMSUB and SHARDNUMSUB
void Session::PubSubNumSub(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = IsNamed(command, "pubsub|numsub") ? Topic::kChannel : Topic::kShard;
  reply.Array((args.size() - 2) * 2);
  for (const Bytes name : args.subspan(2)) {
    reply.Bulk(name);
    reply.Integer(static_cast<int64_t>(hub_->CountListeners(topic, name)));
  }
}

void Session::PubSubNumPat(const Command&, Args, resp::Writer& reply) {
  int64_t patterns = 0;
  hub_->ForEachTopic(Topic::kPattern, [&](const std::string&, size_t) { ++patterns; });
  reply.Integer(patterns);
}

void Session::PubSubHelp(const Command&, Args, resp::Writer& reply) {
  commands::WriteHelp("PUBSUB",
                      {
                          "CHANNELS [<pattern>]",
                          "    Return the currently active channels matching a <pattern> (default: '*').",
                          "NUMPAT",
                          "    Return number of subscriptions to patterns.",
                          "NUMSUB [<channel> ...]",
                          "    Return the number of subscribers for the specified channels, excluding",
                          "    pattern subscriptions(default: no channels).",
                          "SHARDCHANNELS [<pattern>]",
                          "    Return the currently active shard level channels matching a <pattern> (default: '*').",
                          "SHARDNUMSUB [<shardchannel> ...]",
                          "    Return the number of subscribers for the specified shard level channel(s)",
                      },
                      reply);
}

}  // namespace redislite::session
