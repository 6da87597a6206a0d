// Store: one engine under measurement, behind the few calls that all of them have. Each adapter is a file of stores/;
// RedisLite's sees the public header and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// What an acknowledged Set has survived when it returns. An engine that cannot keep a promise has no row for it.
enum class Promise {
  kMemory,    // nothing
  kProcess,   // the death of the process: one write a record
  kBuffered,  // nothing for certain: the engine's own buffers, or a map of the file
  kPower,     // the power: one device flush, alone or shared
};

class Store {
 public:
  virtual ~Store() = default;
  // Any thread. False, or an exception, is a failure of the engine and ends the measurement.
  virtual bool Set(std::string_view key, std::string_view value) = 0;
  // Copies the value out, as every user of it would. False: there is no such key.
  virtual bool Get(std::string_view key, std::string* value) = 0;
  virtual bool Delete(std::string_view key) = 0;
  // Around many Sets by one thread, whose cost is not measured: whatever the engine does to load fast.
  virtual void BeginLoad() {}
  virtual void EndLoad() {}
};

struct Engine {
  const char* name;
  Promise promise;
  std::unique_ptr<Store> (*open)(const std::string& directory);
};

// Every engine that the build found, in the order in which tables show them.
const std::vector<Engine>& Engines();
const Engine* FindEngine(std::string_view name);

// Throws std::runtime_error with the engine's words when `ok` is false.
void Require(bool ok, const std::string& what);

}  // namespace bench
