#include "engine/slow_log.h"

#include <algorithm>

namespace redislite::engine {

namespace {

constexpr size_t kArgsMax = 32;
constexpr size_t kArgBytesMax = 128;

}  // namespace

void SlowLog::SetLengthMax(uint64_t entries) {
  MutexLock lock(mu_);
  length_max_ = entries;
  while (entries_.size() > length_max_) entries_.pop_back();
}

void SlowLog::Add(Entry entry) {
  MutexLock lock(mu_);
  entry.id = next_id_++;
  if (length_max_ == 0) return;
  entries_.push_front(std::move(entry));
  while (entries_.size() > length_max_) entries_.pop_back();
}

std::vector<SlowLog::Entry> SlowLog::Newest(size_t count_max) const {
  MutexLock lock(mu_);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, entries_.size()));
  return {entries_.begin(), end};
}

size_t SlowLog::size() const {
  MutexLock lock(mu_);
  return entries_.size();
}

void SlowLog::Clear() {
  MutexLock lock(mu_);
  entries_.clear();
}

std::vector<std::string> SlowLog::Cut(Args args) {
  std::vector<std::string> cut;
  const size_t whole = args.size() > kArgsMax ? kArgsMax - 1 : args.size();
  for (const Bytes arg : args.first(whole)) {
    std::string text(arg.substr(0, kArgBytesMax));
    if (arg.size() > kArgBytesMax) text += "... (" + std::to_string(arg.size() - kArgBytesMax) + " more bytes)";
    cut.push_back(std::move(text));
  }
  if (whole < args.size()) cut.push_back("... (" + std::to_string(args.size() - whole) + " more arguments)");
  return cut;
}

}  // namespace redislite::engine
