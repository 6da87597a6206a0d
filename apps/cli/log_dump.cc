#include "log_dump.h"

#include <unistd.h>

#include <ctime>

#include "console.h"
#include "exit_status.h"
#include "log_file.h"
#include "split.h"
#include "stop.h"

namespace redislite::cli {
namespace {

constexpr size_t kWriteBytes = 64 << 10;

// 2023-11-14T22:13:20.000Z
std::string TimeText(int64_t time_ms) {
  const int64_t milliseconds = (time_ms % 1000 + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((time_ms - milliseconds) / 1000);
  std::tm parts{};
  if (gmtime_r(&seconds, &parts) == nullptr) return std::to_string(time_ms) + "ms";
  char date[64];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char text[80];
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(milliseconds));
  return text;
}

void AppendLine(std::string& out, const LogRecord& record) {
  (out += std::to_string(record.lsn)) += ' ';
  out += TimeText(record.time_ms);
  for (const std::string& word : record.command) (out += ' ') += QuoteIfNeeded(word);
  out += '\n';
}

void AppendJsonLine(std::string& out, const LogRecord& record) {
  (out += "{\"lsn\":") += std::to_string(record.lsn);
  (out += ",\"time_ms\":") += std::to_string(record.time_ms);
  out += ",\"command\":[";
  for (size_t i = 0; i < record.command.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(out, record.command[i]);
  }
  out += "]}\n";
}

}  // namespace

int DumpLog(const std::string& directory, Format format) {
  Console& console = Console::Get();
  LogManifest manifest;
  std::string error;
  if (!ReadManifest(directory, manifest, error)) {
    console.Say(error);
    return kExitCannotOpen;
  }
  if (manifest.snapshot > 0)
    console.Say("the snapshot holds everything up to LSN " + std::to_string(manifest.snapshot));
  std::string out;
  bool writable = true;
  const auto take = [&](const LogRecord& record) {
    format == Format::kJson ? AppendJsonLine(out, record) : AppendLine(out, record);
    if (out.size() >= kWriteBytes) {
      writable = WriteAll(STDOUT_FILENO, out);
      out.clear();
    }
    return writable && StopSignal() == 0;
  };
  int status = kExitOk;
  for (const LogSegment& segment : manifest.segments) {
    LogEnd end;
    const bool ok = ReadSegment(directory, manifest, segment, take, end, error);
    writable = writable && WriteAll(STDOUT_FILENO, out);
    out.clear();
    if (!ok) {
      console.Say(error);
      status = kExitError;
      break;
    }
    if (!writable || StopSignal() != 0) break;
    if (end.torn) {
      console.Say(SegmentName(segment.first) + ": torn tail: " + std::to_string(end.bytes) + " bytes from offset " +
                  std::to_string(end.offset) + " on do not count");
    }
  }
  return writable ? status : kExitError;
}

}  // namespace redislite::cli
