// Store: an open store, closed when it goes out of scope.
//
// Any number of threads may run commands on it at once; Close and Reopen want no other call in progress.
#pragma once

#include <redislite.h>

#include <memory>
#include <string>
#include <vector>

#include "reply.h"
#include "store_options.h"
#include "words.h"

namespace redislite::cli {

class Store {
 public:
  // Opens the store; says on stderr what was recovered when it had not been closed cleanly. Null, with a message,
  // when it cannot.
  static std::unique_ptr<Store> Open(const std::string& path, const StoreOptions& options, std::string& error);
  ~Store();

  // Closes the store before its time. False, with a message, when the last sync failed. Only Reopen may follow.
  bool Close(std::string& error);
  bool Reopen(std::string& error);

  rl_db* db() const { return db_; }
  const std::string& path() const { return path_; }
  bool in_memory() const { return path_ == ":memory:"; }

  Answer Run(const Words& command) const;
  // INFO's text; empty for an unknown section.
  std::string Info(const char* section) const;
  // What the library says about a failed call on this store.
  std::string Message(int code) const;

 private:
  Store(std::string path, StoreOptions options) : path_(std::move(path)), options_(std::move(options)) {}

  const std::string path_;
  const StoreOptions options_;
  rl_db* db_ = nullptr;
};

// What "redislite-cli --check" and .check print. The report is rl_check's, empty when it could not be made.
int CheckFiles(const std::string& directory, std::string& report, std::string& error);

// The arguments as the C ABI takes them. Borrows the words.
class Arguments {
 public:
  explicit Arguments(const Words& words);
  size_t count() const { return pointers_.size(); }
  const char* const* pointers() const { return pointers_.data(); }
  const size_t* lengths() const { return lengths_.data(); }

 private:
  std::vector<const char*> pointers_;
  std::vector<size_t> lengths_;
};

}  // namespace redislite::cli
