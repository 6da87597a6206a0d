// VerifyStore: what must hold of every disk that a crash may leave, whatever the run was.
#pragma once

#include <functional>
#include <string>

#include "tests/crash/explorer.h"
#include "tests/crash/store.h"

namespace redislite::crash {

inline constexpr char kStorePath[] = "/data/db";
inline constexpr uint64_t kRecoverySeed = 11;  // of machines after a crash
inline constexpr uint64_t kSecondRecoverySeed = 12;

struct Verification {
  StoreSettings settings;
  int64_t now_ms = 0;
  sim::Lie lie;  // of the recovery's file system
  // What is wrong with a content that a recovery shows (Store::Dump), or nothing.
  std::function<std::string(const std::string& content)> judge;
};

// The store opens, shows a content that the judge accepts, takes a write, closes, and opens again with both. When
// nested: a second recovery of the same disk gives the same bytes, and after a power cut at any operation of all
// this, what was shown once is still there. Returns what is wrong, or nothing.
std::string VerifyStore(const sim::SimDisk& disk, const Verification& verification, const Case::Request& request,
                        uint64_t* nested_disks);

// Opens the store at the path, and returns its content after a clean close. In `error` what went wrong.
std::string ShowStore(sim::SimFileSystem& files, const std::string& path, const StoreSettings& settings, int64_t now_ms,
                      std::string* error);

}  // namespace redislite::crash
