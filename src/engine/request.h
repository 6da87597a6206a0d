// Request: one command on its way through the engine, with its keys found and hashed once.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/siphash.h"
#include "engine/command.h"
#include "engine/keyspace.h"

namespace redislite::engine {

struct KeyRef {
  Bytes key;
  uint64_t hash;
};

// A few keys without an allocation, any number with one.
class KeyList {
 public:
  void Add(const KeyRef& key) {
    if (size_ < kInline) {
      inline_[size_++] = key;
    } else {
      if (more_.empty()) more_.assign(inline_, inline_ + kInline);
      more_.push_back(key);
      ++size_;
    }
  }
  void Clear() {
    size_ = 0;
    more_.clear();
  }
  const KeyRef* begin() const { return size_ <= kInline ? inline_ : more_.data(); }
  const KeyRef* end() const { return begin() + size_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kInline = 3;
  size_t size_ = 0;
  KeyRef inline_[kInline];
  std::vector<KeyRef> more_;
};

// The stripes that something touches, locked in ascending order so that no two lockers wait for each other.
class StripeSet {
 public:
  void Add(uint64_t hash) { set_.set(static_cast<size_t>(StripeOf(hash))); }
  void AddAll() { set_.set(); }
  void Add(const StripeSet& other) { set_ |= other.set_; }

  enum class How : uint8_t { kShared, kExclusive };
  class Guard {
   public:
    Guard(Keyspace& keyspace, const StripeSet& stripes, How how) NO_THREAD_SAFETY_ANALYSIS : keyspace_(keyspace),
                                                                                             stripes_(stripes.set_),
                                                                                             how_(how) {
      for (size_t i = stripes_._Find_first(); i < kStripes; i = stripes_._Find_next(i)) {
        RwLock& lock = keyspace_.stripe(static_cast<int>(i));
        how_ == How::kShared ? lock.LockShared() : lock.Lock();
      }
    }
    ~Guard() NO_THREAD_SAFETY_ANALYSIS {
      for (size_t i = stripes_._Find_first(); i < kStripes; i = stripes_._Find_next(i)) {
        RwLock& lock = keyspace_.stripe(static_cast<int>(i));
        how_ == How::kShared ? lock.UnlockShared() : lock.Unlock();
      }
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Keyspace& keyspace_;
    const std::bitset<kStripes> stripes_;
    const How how_;
  };

 private:
  std::bitset<kStripes> set_;
};

struct Request {
  const Command* command = nullptr;
  const Command* origin = nullptr;  // what was asked for, when this was resolved from it
  Args args;
  // What the caller asked for, before it was made canonical: for the statistics and the slow log. Null in a request
  // that nobody asked for: of the log, or what a command was resolved to.
  const Command* asked = nullptr;
  Args asked_args;
  uint64_t client = 0;  // the id of the session; 0: none
  int db = 0;
  KeyList keys;
  bool all_keys = false;

  // The canonical form, when it differs from what the caller gave: owned here, and what `args` points to.
  std::vector<std::string> owned;
  std::vector<Bytes> owned_args;

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Begins as what a caller asks for.
  void Ask(const Command& the_command, Args the_args, int the_db) {
    command = asked = &the_command;
    args = asked_args = the_args;
    db = the_db;
  }

  bool writes() const { return (command->flags & kWrite) != 0; }

  // Takes over the text of a command and makes `args` point to it.
  void Own(std::vector<std::string> text) {
    owned = std::move(text);
    owned_args.assign(owned.begin(), owned.end());
    args = owned_args;
  }

  // Fetches what the handler will look up, when that is more than one key.
  void Prefetch(const Keyspace& keyspace) const;

  // Finds and hashes the keys of args. Keys that cannot be found because the arguments are malformed are left out:
  // the handler will say what is wrong before it looks at any.
  void FindKeys(const Keyspace& keyspace);

  StripeSet stripes() const {
    StripeSet set;
    if (all_keys) set.AddAll();
    for (const KeyRef& key : keys) set.Add(key.hash);
    return set;
  }
};

// Fetches what the handlers of these will look up, or the first keys of it. Their stripes are locked.
void PrefetchKeys(const Keyspace& keyspace, std::span<const Request* const> requests);

}  // namespace redislite::engine
