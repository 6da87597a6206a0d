#include "engine/context.h"

#include <algorithm>
#include <atomic>

#include "engine/access.h"
#include "engine/commit.h"
#include "engine/engine.h"
#include "engine/keyspace.h"
#include "engine/request.h"

namespace redislite::engine {

namespace {

void TellMissed(Engine* engine, int db, Bytes key) {
  if (engine != nullptr) engine->pipeline().Tell({kMissedEvents, "keymiss", db, key});
}

// For those who want to be told what happens to keys.
void Record(Engine* engine, KeyChange::What what, int db, Bytes key) {
  if (engine != nullptr) engine->pipeline().Record(what, db, key);
}

}  // namespace

Context::Context(Engine* engine, Keyspace& keyspace, Mode mode, const Request& request, int64_t now_ms,
                 resp::Writer& reply)
    : engine_(engine),
      keyspace_(keyspace),
      mode_(mode),
      request_(request),
      args_(request.args),
      now_ms_(now_ms),
      reply_(reply) {}

const Command& Context::command() const { return *request_.command; }
int Context::db() const { return request_.db; }
Memory& Context::memory() { return keyspace_.memory(); }
const HashSeed& Context::hash_seed() const { return keyspace_.seed(); }

uint64_t Context::HashOf(Bytes key) const {
  const size_t count = request_.keys.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t at = next_key_ + i < count ? next_key_ + i : next_key_ + i - count;
    const KeyRef& known = request_.keys.begin()[at];
    if (known.key.data() != key.data() || known.key.size() != key.size()) continue;
    next_key_ = at;
    return known.hash;
  }
  return keyspace_.Hash(key);
}

Entry* Context::FindEntry(Bytes key, std::optional<int> db) const {
  return keyspace_.Find(db.value_or(request_.db), HashOf(key), key, now_ms_);
}

const types::Value* Context::Find(Bytes key, std::optional<int> db) const {
  Entry* entry = FindEntry(key, db);
  if (entry == nullptr) {
    if (mode_ == Mode::kRead) TellMissed(engine_, db.value_or(request_.db), key);
    return nullptr;
  }
  if (mode_ != Mode::kPreview) keyspace_.NoteAccess(*entry, now_ms_);
  return &entry->value;
}

const types::Value* Context::Peek(Bytes key, std::optional<int> db) const {
  const Entry* entry = FindEntry(key, db);
  if (entry != nullptr) return &entry->value;
  // OBJECT and its like look into the store, not for the key.
  const bool looks_into = Bytes(command().name).find('|') != Bytes::npos;
  if (mode_ == Mode::kRead && !looks_into) TellMissed(engine_, db.value_or(request_.db), key);
  return nullptr;
}

std::optional<size_t> Context::MemoryBytes(Bytes key) const {
  const Entry* entry = FindEntry(key);
  if (entry == nullptr) return {};
  return entry->memory_bytes();
}

std::optional<int64_t> Context::ExpiresAt(Bytes key, std::optional<int> db) const {
  const Entry* entry = FindEntry(key, db);
  if (entry == nullptr || entry->expires_at_ms() == kNever) return {};
  return entry->expires_at_ms();
}

int64_t Context::IdleSeconds(Bytes key) const {
  const Entry* entry = FindEntry(key);
  if (entry == nullptr) return 0;
  return access::IdleMs(entry->access.load(std::memory_order_relaxed), now_ms_) / 1000;
}

int64_t Context::AccessFrequency(Bytes key) const {
  const Entry* entry = FindEntry(key);
  return entry == nullptr ? 0 : access::Frequency(entry->access.load(std::memory_order_relaxed), now_ms_);
}

bool Context::CountsAccess() const { return keyspace_.counts_accesses(); }

size_t Context::KeyCount() const { return keyspace_.Count(request_.db, now_ms_); }

uint64_t Context::Scan(uint64_t cursor, size_t count, const VisitKey& visit) const {
  return keyspace_.Scan(request_.db, cursor, count, now_ms_,
                        [&](const Entry& entry) { visit(entry.key(), entry.value); });
}

bool Context::RandomKey(const std::function<void(Bytes key)>& visit) const {
  const Entry* entry = keyspace_.RandomEntry(request_.db, now_ms_, ThreadRandom());
  if (entry == nullptr) return false;
  visit(entry->key());
  return true;
}

bool Context::BeginWrite(uint64_t bytes_needed) {
  // An entry that moves, or whose value does, is made anew, whatever the command's own size.
  constexpr uint64_t kEntryBytes = 2 * types::String::kEmbeddedMax;
  wants_write_ = true;
  bytes_needed_ = bytes_needed + kEntryBytes;
  return mode_ == Mode::kApply;
}

types::Value* Context::ChangeValue(Bytes key) {
  Entry* entry = FindEntry(key);
  if (entry == nullptr) return nullptr;
  keyspace_.WillChange(request_.db, entry);
  NoteChange(key);
  Record(engine_, KeyChange::What::kSet, request_.db, key);
  keyspace_.NoteAccess(*entry, now_ms_);
  return &entry->value;
}

void Context::NoteChange(Bytes key, std::optional<int> db) {
  has_changed_ = true;
  if (engine_ != nullptr) engine_->pipeline().NoteChange(db.value_or(request_.db), HashOf(key), key);
}

void Context::Put(Bytes key, types::Value value, Expiry expiry, std::optional<int> db) {
  NoteChange(key, db);
  const int number = db.value_or(request_.db);
  const uint64_t hash = HashOf(key);
  if (engine_ != nullptr && engine_->pipeline().records() && keyspace_.Find(number, hash, key, now_ms_) == nullptr) {
    const bool has_expired = keyspace_.FindEvenExpired(number, hash, key) != nullptr;
    if (has_expired) Record(engine_, KeyChange::What::kExpired, number, key);
    Record(engine_, KeyChange::What::kNew, number, key);
  }
  Record(engine_, KeyChange::What::kSet, number, key);
  keyspace_.Put(number, hash, key, std::move(value), expiry == Expiry::kKeep, now_ms_);
}

bool Context::Remove(Bytes key, std::optional<int> db) {
  Entry* entry = FindEntry(key, db);
  if (entry == nullptr) return false;
  NoteChange(key, db);
  Record(engine_, KeyChange::What::kRemoved, db.value_or(request_.db), key);
  keyspace_.Remove(db.value_or(request_.db), entry);
  return true;
}

types::Value Context::Take(Bytes key) {
  NoteChange(key);
  Record(engine_, KeyChange::What::kTaken, request_.db, key);
  return keyspace_.Take(request_.db, FindEntry(key));
}

void Context::ExpireAt(Bytes key, int64_t at_ms, std::optional<int> db) {
  const int number = db.value_or(request_.db);
  Entry* entry = FindEntry(key, db);
  NoteChange(key, db);
  Record(engine_, at_ms <= now_ms_ ? KeyChange::What::kRemoved : KeyChange::What::kExpirySet, number, key);
  if (at_ms <= now_ms_) return keyspace_.Remove(number, entry);
  keyspace_.SetExpiry(number, entry, at_ms);
}

void Context::SetIdleSeconds(Bytes key, int64_t seconds) {
  if (CountsAccess()) return;
  constexpr int64_t kIdleMax = int64_t{90} * 86400;  // access::IdleMs wraps round soon after
  const int64_t since_ms = std::min(std::min(seconds, kIdleMax) * 1000, now_ms_);
  FindEntry(key)->access.store(access::UsedAt(now_ms_ - since_ms), std::memory_order_relaxed);
}

void Context::SetAccessFrequency(Bytes key, int64_t frequency) {
  if (!CountsAccess()) return;
  FindEntry(key)->access.store(access::WithFrequency(static_cast<uint32_t>(frequency), now_ms_),
                               std::memory_order_relaxed);
}

void Context::Persist(Bytes key, std::optional<int> db) {
  NoteChange(key, db);
  Record(engine_, KeyChange::What::kPersisted, db.value_or(request_.db), key);
  keyspace_.SetExpiry(db.value_or(request_.db), FindEntry(key, db), kNever);
}

void Context::FlushDatabase(int db) {
  has_changed_ = true;
  if (engine_ != nullptr) engine_->pipeline().NoteChangeOfAll(db, {}, now_ms_);
  keyspace_.Flush(db);
}

void Context::SwapDatabases(int a, int b) {
  has_changed_ = true;
  if (engine_ != nullptr) {
    engine_->pipeline().NoteChangeOfAll(a, b, now_ms_);
    engine_->pipeline().NoteChangeOfAll(b, a, now_ms_);
  }
  keyspace_.Swap(a, b);
}

void Context::WrongType() {
  reply_.Error(Code::kType, "WRONGTYPE Operation against a key holding the wrong kind of value");
}
void Context::SyntaxError() { reply_.Error(Code::kCommand, "ERR syntax error"); }
void Context::NotInteger() { reply_.Error(Code::kValue, "ERR value is not an integer or out of range"); }
void Context::NotFloat() { reply_.Error(Code::kValue, "ERR value is not a valid float"); }
void Context::NoSuchKey() { reply_.Error(Code::kValue, "ERR no such key"); }
void Context::WrongArity() {
  reply_.Error(Code::kCommand, "ERR wrong number of arguments for '" + std::string(command().name) + "' command");
}

}  // namespace redislite::engine
