#include "command_source.h"

#include "resp_request.h"
#include "split.h"

namespace redislite::cli {

Got LineSource::Next(Command& command) {
  std::string line;
  while (true) {
    const Got got = input_.ReadLine(line);
    if (got != Got::kData) return got;
    ++line_;
    command = {};
    command.place = "line " + std::to_string(line_);
    if (!SplitLine(line, command.words, command.error) || !command.words.empty()) return Got::kData;
  }
}

Got RespSource::Next(Command& command) {
  if (broken_) return Got::kEnd;
  command = {};
  while (true) {
    size_t size = 0;
    std::string error;
    switch (ParseRequest(input_.buffered(), command.words, size, error)) {
      case Parsed::kCommand:
        input_.Consume(size);
        command.place = "command " + std::to_string(++count_);
        return Got::kData;
      case Parsed::kNothing:
        input_.Consume(size);
        continue;
      case Parsed::kBad:
        return Broken(command, "Protocol error: " + error);
      case Parsed::kMore:
        break;
    }
    const Got got = input_.Fill();
    if (got == Got::kEnd && !input_.buffered().empty()) return Broken(command, "the input ends inside a command");
    if (got != Got::kData) return got;
  }
}

Got RespSource::Broken(Command& command, const std::string& what) {
  broken_ = true;
  command.words.clear();
  command.place = "byte " + std::to_string(input_.offset());
  command.error = what;
  return Got::kData;
}

}  // namespace redislite::cli
