// OutputFile: a file that appears under its name only when it is whole and on the device.
//
// "-" is the standard output; a name that exists and is no ordinary file (/dev/null, a pipe) is written to as it is.
#pragma once

#include <string>
#include <string_view>

namespace redislite::cli {

class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  // Removes what was not finished.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  // Each gives false and a message that names the file when it fails.
  bool Open(std::string& error);
  bool Write(std::string_view bytes, std::string& error);
  // Nothing may follow.
  bool Finish(std::string& error);

 private:
  bool Fail(const char* what, std::string& error) const;
  bool Flush(std::string& error);

  const std::string path_;
  std::string unfinished_;  // the name until Finish; empty when the file is written to directly
  std::string buffer_;
  int fd_ = -1;
};

}  // namespace redislite::cli
