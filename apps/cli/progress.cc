#include "progress.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "console.h"

namespace redislite::cli {
namespace {

constexpr auto kFirstDraw = std::chrono::milliseconds(400);
constexpr auto kBetweenDraws = std::chrono::milliseconds(100);
constexpr int kBarColumns = 24;

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string Amount(uint64_t amount, Unit unit) {
  if (unit == Unit::kKeys) return Grouped(amount);
  constexpr const char* kNames[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double scaled = static_cast<double>(amount);
  size_t name = 0;
  while (scaled >= 1024 && name + 1 < std::size(kNames)) {
    scaled /= 1024;
    ++name;
  }
  char text[32];
  std::snprintf(text, sizeof text, name == 0 ? "%.0f %s" : "%.1f %s", scaled, kNames[name]);
  return text;
}

std::string Duration(double seconds) {
  const auto whole = static_cast<uint64_t>(std::min(seconds + 0.5, 359999.0));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%u:%02u:%02u", static_cast<unsigned>(whole / 3600),
                  static_cast<unsigned>(whole / 60 % 60), static_cast<unsigned>(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%u:%02u", static_cast<unsigned>(whole / 60), static_cast<unsigned>(whole % 60));
  }
  return text;
}

std::string Bar(double share) {
  const int filled = static_cast<int>(share * kBarColumns);
  std::string bar(static_cast<size_t>(filled), '=');
  if (filled < kBarColumns) bar += '>';
  bar.resize(kBarColumns, ' ');
  return '[' + bar + ']';
}

uint64_t BytesOfFiles(const std::string& directory) {
  uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const uint64_t size = it->is_regular_file(ignored) ? it->file_size(ignored) : 0;
    if (!ignored) bytes += size;
  }
  return bytes;
}

// Bytes that this process has read so far, through any call (the kernel counts them); 0 where that is not known.
uint64_t BytesRead() {
  std::ifstream io("/proc/self/io");
  std::string name;
  uint64_t bytes = 0;
  return io >> name >> bytes && name == "rchar:" ? bytes : 0;
}

}  // namespace

std::string RenderProgress(const std::string& label, uint64_t done, uint64_t total, Unit unit, double elapsed_s,
                           int width) {
  const double rate = elapsed_s > 0 ? static_cast<double>(done) / elapsed_s : 0;
  const char* noun = unit == Unit::kKeys ? " keys" : "";
  const std::string speed = "  " + Amount(static_cast<uint64_t>(rate), unit) + "/s";
  std::string text = label + ' ';
  if (total == 0) {
    text += Amount(done, unit) + noun + speed;
  } else {
    done = std::min(done, total);
    const double share = static_cast<double>(done) / static_cast<double>(total);
    char percent[8];
    std::snprintf(percent, sizeof percent, "%4d%%", static_cast<int>(share * 100));
    text += Bar(share) + percent + "  " + Amount(done, unit) + '/' + Amount(total, unit) + noun + speed;
    if (rate > 0) text += "  ETA " + Duration(static_cast<double>(total - done) / rate);
  }
  if (text.size() > static_cast<size_t>(width)) text.resize(static_cast<size_t>(width));
  return text;
}

Progress::Progress(std::string label, Unit unit)
    : label_(std::move(label)), unit_(unit), begin_(Clock::now()), next_draw_(begin_ + kFirstDraw) {}

Progress::~Progress() { Console::Get().ShowBar(""); }

void Progress::Update(uint64_t done, uint64_t total) {
  Console& console = Console::Get();
  if (!console.is_terminal()) return;
  const Clock::time_point now = Clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + kBetweenDraws;
  const double elapsed_s = std::chrono::duration<double>(now - begin_).count();
  console.ShowBar(RenderProgress(label_, done, total, unit_, elapsed_s, Console::Width() - 1));
}

ReadingProgress::ReadingProgress(std::string label, const std::string& directory)
    : progress_(std::move(label), Unit::kBytes) {
  if (!Console::Get().is_terminal()) return;
  const uint64_t total = BytesOfFiles(directory);
  if (total > 0) thread_ = std::thread([this, total] { Watch(total); });
}

ReadingProgress::~ReadingProgress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadingProgress::Watch(uint64_t total_bytes) {
  const uint64_t before = BytesRead();
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kBetweenDraws, [this] { return finished_; })) {
    progress_.Update(BytesRead() - before, total_bytes);
  }
}

}  // namespace redislite::cli
