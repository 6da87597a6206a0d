#include "engine/entry_commands.h"

#include <array>
#include <deque>
#include <string>

#include "base/number.h"
#include "resp/command_encoder.h"

namespace redislite::engine {

namespace {

// Elements a command: as many as Redis puts into one when it rewrites its append-only file.
constexpr size_t kElementsMax = 64;

class Appender {
 public:
  Appender(std::vector<CommandChunk>& chunks, int db) : chunks_(chunks), db_(db) {}

  void Append(std::span<const Bytes> args) {
    if (chunks_.empty() || chunks_.back().db != db_ || chunks_.back().bytes.size() >= kChunkBytes) {
      chunks_.push_back({.db = db_, .bytes = {}, .commands = 0, .keys = 0});
    }
    resp::AppendCommand(chunks_.back().bytes, args);
    ++chunks_.back().commands;
  }

  // Elements to one command after the other. They are encoded before the collection's iterator moves on.
  void Begin(Bytes name, Bytes key) {
    args_.assign({name, key});
    bytes_ = 0;
  }
  void Add(Bytes element) {
    args_.push_back(element);
    bytes_ += element.size();
  }
  // Of text that does not last until Flush.
  void AddCopy(Bytes text) { Add(texts_.emplace_back(text)); }
  bool full() const { return args_.size() >= kElementsMax + 2 || bytes_ >= kChunkBytes; }
  void Flush() {
    if (args_.size() > 2) Append(args_);
    args_.resize(2);
    texts_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<CommandChunk>& chunks_;
  const int db_;
  std::vector<Bytes> args_;
  std::deque<std::string> texts_;  // those of args_ that are ours
  size_t bytes_ = 0;
};

}  // namespace

void AppendEntryCommands(std::vector<CommandChunk>& chunks, int db, const Entry& entry) {
  Appender appender(chunks, db);
  const bool expires = entry.expires_at_ms() != kNever;
  char expiry_text[kInt64TextMax];
  const Bytes expiry = expires ? FormatInt64(entry.expires_at_ms(), expiry_text) : Bytes();
  if (const auto* string = entry.value.As<types::String>()) {
    char scratch[kInt64TextMax];
    const std::array<Bytes, 5> args = {"SET", entry.key(), string->View(scratch), "PXAT", expiry};
    appender.Append(std::span(args).first(expires ? 5 : 3));
  } else {
    if (const auto* list = entry.value.As<types::List>()) {
      appender.Begin("RPUSH", entry.key());
      list->ForEach(0, [&](Bytes element) {
        appender.Add(element);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* hash = entry.value.As<types::Hash>()) {
      appender.Begin("HSET", entry.key());
      hash->ForEach([&](Bytes field, Bytes value) {
        appender.Add(field);
        appender.Add(value);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* set = entry.value.As<types::Set>()) {
      appender.Begin("SADD", entry.key());
      set->ForEach([&](Bytes member) {
        appender.AddCopy(member);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* sorted_set = entry.value.As<types::SortedSet>()) {
      appender.Begin("ZADD", entry.key());
      sorted_set->ForEach([&](Bytes member, double score) {
        appender.AddCopy(FormatDouble(score));
        appender.Add(member);
        if (appender.full()) appender.Flush();
        return true;
      });
    }
    appender.Flush();
    if (expires) {
      const std::array<Bytes, 3> args = {"PEXPIREAT", entry.key(), expiry};
      appender.Append(args);
    }
  }
  ++chunks.back().keys;
}

}  // namespace redislite::engine
