// Progress: a bar with rate and time to go, on stderr when that is a terminal.
//
// It appears only when the work takes longer than a blink, and leaves nothing behind when it goes out of scope.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace redislite::cli {

enum class Unit { kKeys, kBytes };

// The bar's text, at most `width` columns, as in
//     export [=====>     ]  42%  1,250/3,000 keys  5,200/s  ETA 0:12
// A total of 0 is unknown.
std::string RenderProgress(const std::string& label, uint64_t done, uint64_t total, Unit unit, double elapsed_s,
                           int width);

class Progress {
 public:
  Progress(std::string label, Unit unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap: it may be called for every key.
  void Update(uint64_t done, uint64_t total);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string label_;
  const Unit unit_;
  const Clock::time_point begin_;
  Clock::time_point next_draw_;
};

// The bar of a call that reads files and has no progress of its own (rl_open's recovery, rl_check): a thread compares
// the bytes that this process has read since with the size of the store's files. An estimate: files may be read in
// part, or twice.
class ReadingProgress {
 public:
  ReadingProgress(std::string label, const std::string& directory);
  ~ReadingProgress();

 private:
  void Watch(uint64_t total_bytes);

  Progress progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace redislite::cli
