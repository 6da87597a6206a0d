// Eviction: which key goes when there is no room, by Redis' policies and in Redis' way: some keys are drawn at random,
// and the best of them and of those drawn before (the pool) goes.
//
// What goes is logged as DEL ahead of the write that needs the room, in the same record: replay evicts nothing by
// itself (I2). Rejected: an exact order, which costs a list through all entries; SIEVE and S3-FIFO, which need one too,
// and are matched by the LFU policies on the traffic that they are good at.
//
// Owner and only user: the leader.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "engine/keyspace.h"
#include "engine/options.h"

namespace redislite::engine {

class Eviction {
 public:
  explicit Eviction(Keyspace& keyspace) : keyspace_(keyspace) {}

  // What is chosen until the next Begin is not chosen again, though it is still there.
  void Begin(Policy policy, uint64_t samples, int64_t now_ms);
  // The entry to go next; null when there is none. May throw std::bad_alloc.
  struct Victim {
    int db = 0;
    const Entry* entry = nullptr;
  };
  Victim Choose();

 private:
  static constexpr size_t kPoolMax = 16;
  // By name, since the entry may be gone when its turn comes.
  struct Candidate {
    uint64_t score;  // the highest goes first
    int db;
    uint64_t hash;
    std::string key;
  };

  bool MayGo(const Entry& entry) const;
  uint64_t Score(const Entry& entry) const;
  void Draw();
  void Consider(int db, const Entry& entry);
  Victim TakeBest();

  Keyspace& keyspace_;
  Random random_{1};  // which keys are drawn is no secret
  Policy policy_ = Policy::kNoEviction;
  uint64_t samples_ = 0;
  int64_t now_ms_ = 0;
  std::vector<Candidate> pool_;  // the best is last
  std::unordered_set<const Entry*> chosen_;
};

}  // namespace redislite::engine
