// Input: a descriptor read piece by piece, where Ctrl-C and SIGTERM end the waiting.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace redislite::cli {

enum class Got { kData, kEnd, kStopped, kFailed };

class Input {
 public:
  // Borrows the descriptor.
  explicit Input(int fd) : fd_(fd) {}

  // The bytes that are there and not yet consumed. Valid until the next Fill.
  std::string_view buffered() const { return std::string_view(buffer_).substr(begin_); }
  void Consume(size_t size);
  // Waits for more bytes and puts them behind the buffered ones. kFailed: errno says why.
  Got Fill();

  // The next line without its newline; the last one may lack it. A carriage return stays.
  Got ReadLine(std::string& line);
  // Everything up to the end.
  Got ReadAll(std::string& bytes);

  // Bytes consumed so far.
  uint64_t offset() const { return offset_; }

 private:
  const int fd_;
  std::string buffer_;
  size_t begin_ = 0;
  uint64_t offset_ = 0;
};

}  // namespace redislite::cli
