// Context: what a command's handler sees of the store.
//
// A handler is three sentences: parse the arguments, ask the keyspace, write the reply. It runs in one of these modes
// and cannot tell which:
//
//   read      a command that only reads, under shared stripe locks;
//   preview   the leader asks what a write would do. The handler runs up to BeginWrite, which returns false: it must
//             return at once, and its reply is thrown away. A handler that ends without calling BeginWrite would change
//             nothing, or fails: its reply is the answer and nothing is logged (I1);
//   apply     after the record is in the log, live or replayed: BeginWrite returns true and the handler changes the
//             keyspace.
//
// So a write's handler must decide everything, and write every error, before BeginWrite, and must not fail after it. It
// reads no clock but now_ms(), no randomness and no hash order: the same command at the same time on the same data
// gives the same result on every machine (I2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/siphash.h"
#include "engine/command.h"
#include "resp/writer.h"
#include "types/value.h"

namespace redislite::engine {

class Engine;
class Keyspace;
struct Entry;
struct Request;

enum class Mode : uint8_t { kRead, kPreview, kApply };

// What a typed look-up found: the object, or that there is no key, or that it holds another type.
template <typename T>
struct Typed {
  T* object = nullptr;
  bool wrong_type = false;

  bool missing() const { return object == nullptr && !wrong_type; }
  explicit operator bool() const { return object != nullptr; }
  T* operator->() const { return object; }
  T& operator*() const { return *object; }
};

class Context {
 public:
  // `engine` is null in a scratch run (Scratch), where no kAdmin command runs.
  Context(Engine* engine, Keyspace& keyspace, Mode mode, const Request& request, int64_t now_ms, resp::Writer& reply);

  const Command& command() const;
  Args args() const { return args_; }
  Bytes arg(size_t index) const { return args_[index]; }
  int db() const;  // the database the command runs on, 0 to 15
  // The command's time in Unix milliseconds: the batch's in the log, the clock's for a read; never goes back.
  int64_t now_ms() const { return now_ms_; }
  resp::Writer& reply() { return reply_; }
  Memory& memory();
  const HashSeed& hash_seed() const;
  // For kAdmin commands: the store itself.
  Engine& engine() { return *engine_; }

  // ---- Looking. A key whose time has come is absent (I4). `db` is the command's own database unless given.

  const types::Value* Find(Bytes key, std::optional<int> db = {}) const;
  template <typename T>
  Typed<const T> Read(Bytes key) const {
    const types::Value* value = Find(key);
    if (value == nullptr) return {};
    const T* object = value->As<T>();
    return {object, object == nullptr};
  }
  // As Find, but no use of the key: its idle time runs on. (TYPE, OBJECT.)
  const types::Value* Peek(Bytes key, std::optional<int> db = {}) const;
  // What the key and its value take of used(), its place in the table aside (MEMORY USAGE); nothing when it does not
  // exist.
  std::optional<size_t> MemoryBytes(Bytes key) const;
  bool Exists(Bytes key, std::optional<int> db = {}) const { return Peek(key, db) != nullptr; }
  // When the key expires, in Unix milliseconds; nothing when it does not, or does not exist.
  std::optional<int64_t> ExpiresAt(Bytes key, std::optional<int> db = {}) const;
  // Seconds since the key was last read or written, and its access frequency (0 to 255); 0 when it does not exist.
  // (OBJECT IDLETIME, FREQ.)
  int64_t IdleSeconds(Bytes key) const;
  int64_t AccessFrequency(Bytes key) const;
  // Whether the maxmemory-policy is an LFU one: access is counted, and idle time is not kept.
  bool CountsAccess() const;

  // ---- Looking at many: kAllKeys commands only.

  size_t KeyCount() const;  // of db(), expired ones not counted
  // Visits about `count` keys from `cursor` (0 to begin); returns the next cursor, 0 at the end. A key that stays
  // through the whole scan is visited exactly once, however the table grows meanwhile.
  using VisitKey = std::function<void(Bytes key, const types::Value& value)>;
  uint64_t Scan(uint64_t cursor, size_t count, const VisitKey& visit) const;
  // A random key of db(); false when there is none.
  bool RandomKey(const std::function<void(Bytes key)>& visit) const;

  // ---- Changing: kWrite commands only, and only after BeginWrite has returned true.

  // The gate. `if (!c.BeginWrite()) return;` stands after the last check and before the first change. A command that
  // needs much more memory than it has bytes itself (COPY, SETRANGE far behind the end) says how much: the leader sets
  // it aside before the record is logged, where running out of memory is still an ordinary error.
  [[nodiscard]] bool BeginWrite(uint64_t bytes_needed = 0);

  // The object at the key, to be changed in place; null when the key does not exist or holds another type. The
  // handler removes a collection that it leaves empty (Remove).
  template <typename T>
  T* Change(Bytes key) {
    types::Value* value = ChangeValue(key);
    return value == nullptr ? nullptr : value->As<T>();
  }
  // As Change; when the key does not exist it is made, empty. REQUIRES: it holds no other type.
  template <typename T>
  T& ChangeOrCreate(Bytes key);

  // An empty one that belongs to no key yet: Put it, as types::Value(c.memory(), object), or memory().Delete it.
  template <typename T>
  T* New() {
    if constexpr (std::is_same_v<T, types::List>) {
      return memory().New<T>(memory());
    } else {
      return memory().New<T>(memory(), hash_seed());
    }
  }

  enum class Expiry { kRemove, kKeep };
  // Puts the value at the key, whatever it held.
  void Put(Bytes key, types::Value value, Expiry expiry = Expiry::kRemove, std::optional<int> db = {});
  // Removes the key; false when it was not there.
  bool Remove(Bytes key, std::optional<int> db = {});
  // Takes the value out of the key and removes it; its expiry is lost (read it first). REQUIRES: it exists.
  types::Value Take(Bytes key);
  // The key expires at this time; one that has come already removes it. REQUIRES: the key exists.
  void ExpireAt(Bytes key, int64_t at_ms, std::optional<int> db = {});
  // The key counts as last used so many seconds ago. REQUIRES: the key exists.
  void SetIdleSeconds(Bytes key, int64_t seconds);
  // Its access counter. Both do nothing when the maxmemory-policy keeps the other. REQUIRES: the key exists.
  void SetAccessFrequency(Bytes key, int64_t frequency);
  void Persist(Bytes key, std::optional<int> db = {});
  void FlushDatabase(int db);
  void SwapDatabases(int a, int b);

  // kResolve commands, instead of BeginWrite: the reply is written and this command, which is deterministic, is
  // logged and applied in place of the handler's own. Called once at most; not called: nothing changes.
  void ReplaceWith(std::vector<std::string> args) { replacement_ = std::move(args); }

  // A blocking command that finds nothing: the reply that it has written is what it answers when its time is up, and
  // at once where it cannot wait. It waits until one of the first so many of its keys has a value of this type. 0: for
  // ever.
  void WaitForKeys(types::Type type, int64_t timeout_us, size_t keys = SIZE_MAX) {
    awaited_ = type;
    awaited_keys_ = keys;
    timeout_us_ = timeout_us;
  }

  // ---- Redis' common errors.

  void WrongType();    // WRONGTYPE Operation against a key holding the wrong kind of value
  void SyntaxError();  // ERR syntax error
  void NotInteger();   // ERR value is not an integer or out of range
  void NotFloat();     // ERR value is not a valid float
  void NoSuchKey();    // ERR no such key
  void WrongArity();   // ERR wrong number of arguments for 'x' command

  // ---- For the engine.

  // Whether anything may be other than before.
  bool has_changed() const { return has_changed_; }
  bool wants_write() const { return wants_write_; }
  uint64_t bytes_needed() const { return bytes_needed_; }
  bool would_wait() const { return awaited_ != types::Type::kNone; }
  types::Type awaited() const { return awaited_; }
  size_t awaited_keys() const { return awaited_keys_; }
  int64_t timeout_us() const { return timeout_us_; }
  std::vector<std::string>& replacement() { return replacement_; }

 private:
  types::Value* ChangeValue(Bytes key);
  void NoteChange(Bytes key, std::optional<int> db = {});
  Entry* FindEntry(Bytes key, std::optional<int> db = {}) const;
  uint64_t HashOf(Bytes key) const;

  Engine* engine_;
  Keyspace& keyspace_;
  const Mode mode_;
  bool wants_write_ = false;
  bool has_changed_ = false;
  uint64_t bytes_needed_ = 0;
  types::Type awaited_ = types::Type::kNone;
  size_t awaited_keys_ = 0;
  int64_t timeout_us_ = 0;
  const Request& request_;
  const Args args_;
  mutable size_t next_key_ = 0;  // a handler mostly asks for its keys in their order
  const int64_t now_ms_;
  resp::Writer& reply_;
  std::vector<std::string> replacement_;
};

template <typename T>
T& Context::ChangeOrCreate(Bytes key) {
  if (T* object = Change<T>(key)) return *object;
  if constexpr (std::is_same_v<T, types::String>) {
    Put(key, types::Value(types::String()));
  } else {
    Put(key, types::Value(memory(), New<T>()));
  }
  return *Change<T>(key);
}

}  // namespace redislite::engine
