#include "engine/entry_commands.h"

#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

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

// The command that adds elements to a collection.
Bytes AddingCommand(types::Type type) {
  switch (type) {
    case types::Type::kNone:
    case types::Type::kString:
      break;
    case types::Type::kList:
      return "RPUSH";
    case types::Type::kHash:
      return "HSET";
    case types::Type::kSet:
      return "SADD";
    case types::Type::kSortedSet:
      return "ZADD";
  }
  return {};
}

void AppendExpiry(Appender& appender, Bytes key, int64_t at_ms) {
  if (at_ms == kNever) return;
  char text[kInt64TextMax];
  const std::array<Bytes, 3> args = {"PEXPIREAT", key, FormatInt64(at_ms, text)};
  appender.Append(args);
}

}  // namespace

void AppendEntryCommands(std::vector<CommandChunk>& chunks, int db, const Entry& entry) {
  Appender appender(chunks, db);
  if (const auto* string = entry.value.As<types::String>()) {
    const bool expires = entry.expires_at_ms() != kNever;
    char expiry_text[kInt64TextMax];
    const Bytes expiry = expires ? FormatInt64(entry.expires_at_ms(), expiry_text) : Bytes();
    char scratch[kInt64TextMax];
    const std::array<Bytes, 5> args = {"SET", entry.key(), string->View(scratch), "PXAT", expiry};
    appender.Append(std::span(args).first(expires ? 5 : 3));
    ++chunks.back().keys;
    return;
  }
  appender.Begin(AddingCommand(entry.value.type()), entry.key());
  if (const auto* list = entry.value.As<types::List>()) {
    list->ForEach(0, [&](Bytes element) {
      appender.Add(element);
      if (appender.full()) appender.Flush();
      return true;
    });
  } else if (const auto* hash = entry.value.As<types::Hash>()) {
    hash->ForEach([&](Bytes field, Bytes value) {
      appender.Add(field);
      appender.Add(value);
      if (appender.full()) appender.Flush();
      return true;
    });
  } else if (const auto* set = entry.value.As<types::Set>()) {
    set->ForEach([&](Bytes member) {
      appender.AddCopy(member);
      if (appender.full()) appender.Flush();
      return true;
    });
  } else if (const auto* sorted_set = entry.value.As<types::SortedSet>()) {
    sorted_set->ForEach([&](Bytes member, double score) {
      appender.AddCopy(FormatDouble(score));
      appender.Add(member);
      if (appender.full()) appender.Flush();
      return true;
    });
  }
  appender.Flush();
  AppendExpiry(appender, entry.key(), entry.expires_at_ms());
  ++chunks.back().keys;
}

std::unique_ptr<FrozenEntry> FrozenEntry::Freeze(int db, Entry& entry, types::Frozen::Kept& kept) {
  std::unique_ptr<types::Frozen> frozen = entry.value.Freeze(kept);
  if (frozen == nullptr) return nullptr;
  std::unique_ptr<FrozenEntry> made;
  try {
    made.reset(new FrozenEntry);
    made->key_ = entry.key();
  } catch (...) {
    frozen->Thaw();
    throw;
  }
  made->db_ = db;
  made->type_ = entry.value.type();
  made->expires_at_ms_ = entry.expires_at_ms();
  made->frozen_ = std::move(frozen);
  return made;
}

bool FrozenEntry::Append(std::vector<CommandChunk>& chunks) {
  Appender appender(chunks, db_);
  const bool more = frozen_->Read([&](std::span<const Bytes> elements) {
    appender.Begin(AddingCommand(type_), key_);
    const bool have_values = type_ == types::Type::kHash || type_ == types::Type::kSortedSet;
    for (size_t i = 0; i < elements.size(); i += have_values ? 2 : 1) {
      if (type_ == types::Type::kSortedSet) {
        double score;
        std::memcpy(&score, elements[i + 1].data(), sizeof score);
        appender.AddCopy(FormatDouble(score));
      }
      appender.Add(elements[i]);
      if (type_ == types::Type::kHash) appender.Add(elements[i + 1]);
      if (appender.full()) appender.Flush();
    }
    appender.Flush();
    if (!std::exchange(is_counted_, true)) ++chunks.back().keys;
  });
  if (!more) AppendExpiry(appender, key_, expires_at_ms_);
  return more;
}

}  // namespace redislite::engine
