#include "input.h"

#include <unistd.h>

#include <cerrno>

#include "stop.h"

namespace redislite::cli {

constexpr size_t kReadSize = 256 << 10;

void Input::Consume(size_t size) {
  begin_ += size;
  offset_ += size;
}

Got Input::Fill() {
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  if (!WaitReadable(fd_)) return Got::kStopped;
  const size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadSize);
  ssize_t size;
  do {
    size = read(fd_, buffer_.data() + old_size, kReadSize);
  } while (size < 0 && errno == EINTR);
  buffer_.resize(old_size + (size > 0 ? static_cast<size_t>(size) : 0));
  if (size < 0) return Got::kFailed;
  return size == 0 ? Got::kEnd : Got::kData;
}

Got Input::ReadLine(std::string& line) {
  size_t searched = 0;
  while (true) {
    const size_t newline = buffered().find('\n', searched);
    if (newline != std::string_view::npos) {
      line.assign(buffered().substr(0, newline));
      Consume(newline + 1);
      return Got::kData;
    }
    searched = buffered().size();
    const Got got = Fill();
    if (got == Got::kData) continue;
    if (got != Got::kEnd || buffered().empty()) return got;
    line.assign(buffered());
    Consume(line.size());
    return Got::kData;
  }
}

Got Input::ReadAll(std::string& bytes) {
  Got got;
  do {
    got = Fill();
  } while (got == Got::kData);
  if (got == Got::kEnd) {
    bytes.assign(buffered());
    Consume(bytes.size());
  }
  return got;
}

}  // namespace redislite::cli
