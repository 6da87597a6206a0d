// A store under load, and what it owes: every write is noted as pending before the call and as done after it, in memory
// that outlives the process that writes.
//
// A key (a pair of keys for batches) belongs to one thread and goes through versions 1, 2, 3 ... After a death it must
// hold the version that was done last, or the one that was pending, whole, and nothing else.
#pragma once

#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "redislite.h"
#include "tests/stress/support.h"

namespace kills {

inline constexpr int kWriters = 6, kSlots = 24;

enum class Kind { kString, kCounter, kList, kHash, kPair, kExpiring, kRenamed };
inline constexpr int kKinds = 7;

inline Kind KindOf(int slot) { return static_cast<Kind>(slot % kKinds); }
std::string KeyOf(int writer, int slot);

struct Slot {
  std::atomic<int64_t> pending;
  std::atomic<int64_t> done;
};

struct Ledger {
  Slot slots[kWriters][kSlots];
  std::atomic<int64_t> acknowledged;
};

// Makes the key hold this version. False: the store said no.
bool WriteVersion(rl_db* db, int writer, int slot, int64_t version);
// Whether the key holds exactly this version.
bool HoldsVersion(rl_db* db, int writer, int slot, int64_t version);
// The version of a counter, or of a pair whose halves must agree; -1 when it is none.
int64_t VersionOf(rl_db* db, int writer, int slot);

// One noted write of a random key of this writer. False: the store said no.
bool WriteNext(rl_db* db, Ledger& ledger, int writer, stress::Random& random);

// Compares the store with what it owes, and takes what it has for the truth from now on. Gives the number of keys that
// are wrong, and prints the first ones.
int CompareAndAdopt(rl_db* db, Ledger& ledger);

// An object in memory that this process shares with its children.
template <typename T>
class SharedMemory {
 public:
  SharedMemory() {
    void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    object_ = new (memory) T{};
  }
  ~SharedMemory() { munmap(object_, sizeof(T)); }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  T* object_;
};

}  // namespace kills
