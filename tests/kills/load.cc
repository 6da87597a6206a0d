#include "tests/kills/load.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace kills {
namespace {

using stress::Do;
using stress::Get;
using stress::Set;

// The value of a version: of varying size, and different in every byte's position.
std::string ValueOf(const std::string& key, int64_t version) {
  std::string out = key + "=" + std::to_string(version) + ":";
  const auto size = static_cast<size_t>((version * 7919) % (version % 50 == 0 ? 20'000 : 200));
  for (size_t i = 0; i < size; ++i) out += static_cast<char>((static_cast<size_t>(version) * 31 + i * 7) & 0xff);
  return out;
}

// Every 11th version of a string removes it.
bool Removes(int64_t version) { return version % 11 == 0; }

int64_t ExpiryOf(int64_t version) { return 4'000'000'000'000 + version; }

bool WritePair(rl_db* db, const std::string& key, const std::string& number) {
  rl_batch* batch = nullptr;
  if (rl_batch_new(db, &batch) != RL_OK) return false;
  bool good = true;
  for (const std::string& name : {key + "a", key + "b"}) {
    const char* argv[] = {"SET", name.c_str(), number.c_str()};
    good = good && rl_batch_add(batch, 3, argv, nullptr) == RL_OK;
  }
  good = good && rl_batch_commit(batch, nullptr) == RL_OK;
  rl_batch_free(batch);
  return good;
}

}  // namespace

std::string KeyOf(int writer, int slot) { return "key " + std::to_string(writer) + "." + std::to_string(slot); }

bool WriteVersion(rl_db* db, int writer, int slot, int64_t version) {
  const std::string key = KeyOf(writer, slot), number = std::to_string(version), value = ValueOf(key, version);
  const auto run = [&](const std::vector<std::string>& words) { return Do(db, words); };
  switch (KindOf(slot)) {
    case Kind::kString:
      if (Removes(version)) return rl_del(db, key.data(), key.size()) >= 0;
      return Set(db, key, value) == RL_OK;
    case Kind::kCounter: {
      int64_t result = 0;
      return rl_incr_by(db, key.data(), key.size(), 1, &result) == RL_OK && result == version;
    }
    case Kind::kList:
      return run({"RPUSH", key, number}) == number;
    case Kind::kHash:
      return run({"HSET", key, "f" + std::to_string(version % 7), number, "last", number}).substr(0, 1) != "-";
    case Kind::kPair:
      return WritePair(db, key, number);
    case Kind::kExpiring:
      return run({"SET", key, value, "PXAT", std::to_string(ExpiryOf(version))}) == "OK";
    case Kind::kRenamed:
      // Two steps, each of them whole: the version is that of the second.
      return run({"SET", key + " new", value}) == "OK" && run({"RENAME", key + " new", key}) == "OK";
  }
  return false;
}

bool HoldsVersion(rl_db* db, int writer, int slot, int64_t version) {
  const std::string key = KeyOf(writer, slot), number = std::to_string(version), value = ValueOf(key, version);
  const bool never = version == 0;
  switch (KindOf(slot)) {
    case Kind::kString:
      return Get(db, key) == (never || Removes(version) ? "(none)" : value);
    case Kind::kCounter:
      return Get(db, key) == (never ? "(none)" : number);
    case Kind::kList: {
      if (Do(db, {"LLEN", key}) != number) return false;
      for (int64_t i = std::max<int64_t>(0, version - 20); i < version; ++i) {
        if (Do(db, {"LINDEX", key, std::to_string(i)}) != std::to_string(i + 1)) return false;
      }
      return true;
    }
    case Kind::kHash: {
      if (Do(db, {"HGET", key, "last"}) != (never ? "(nil)" : number)) return false;
      for (int64_t v = std::max<int64_t>(1, version - 6); v <= version; ++v) {
        if (Do(db, {"HGET", key, "f" + std::to_string(v % 7)}) != std::to_string(v)) return false;
      }
      return true;
    }
    case Kind::kPair: {
      const std::string expected = never ? "(none)" : number;
      return Get(db, key + "a") == expected && Get(db, key + "b") == expected;
    }
    case Kind::kExpiring:
      if (never) return Get(db, key) == "(none)";
      return Get(db, key) == value && Do(db, {"PEXPIRETIME", key}) == std::to_string(ExpiryOf(version));
    case Kind::kRenamed:
      return Get(db, key) == (never ? "(none)" : value);
  }
  return false;
}

int64_t VersionOf(rl_db* db, int writer, int slot) {
  const std::string key = KeyOf(writer, slot);
  const bool pair = KindOf(slot) == Kind::kPair;
  const std::string text = Get(db, pair ? key + "a" : key);
  if (pair && Get(db, key + "b") != text) return -1;
  if (text == "(none)") return 0;
  char* end = nullptr;
  const int64_t version = std::strtoll(text.c_str(), &end, 10);
  return *end == '\0' && version > 0 ? version : -1;
}

bool WriteNext(rl_db* db, Ledger& ledger, int writer, stress::Random& random) {
  const int slot = static_cast<int>(random.Below(kSlots));
  Slot& state = ledger.slots[writer][slot];
  const int64_t version = state.done + 1;
  state.pending = version;
  if (!WriteVersion(db, writer, slot, version)) return false;
  state.done = version;
  ++ledger.acknowledged;
  return true;
}

int CompareAndAdopt(rl_db* db, Ledger& ledger) {
  int wrong = 0;
  for (int writer = 0; writer < kWriters; ++writer) {
    for (int slot = 0; slot < kSlots; ++slot) {
      Slot& state = ledger.slots[writer][slot];
      const int64_t done = state.done, pending = state.pending;
      if (HoldsVersion(db, writer, slot, done)) {
        state.pending = done;
      } else if (pending != done && HoldsVersion(db, writer, slot, pending)) {
        state.done = pending;
      } else if (wrong++ < 5) {
        const std::string key = KeyOf(writer, slot);
        std::printf("%s (kind %d) must hold version %lld or %lld; it is a %s, %s\n", key.c_str(), slot % kKinds,
                    static_cast<long long>(done), static_cast<long long>(pending), Do(db, {"TYPE", key}).c_str(),
                    Get(db, key).substr(0, 60).c_str());
      }
    }
  }
  return wrong;
}

}  // namespace kills
