#include "log_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "resp_request.h"
#include "split.h"

namespace redislite::cli {
namespace {

constexpr std::string_view kSegmentMagic = "RLSEGMNT";
constexpr std::string_view kFrameMagic = "RLF1";
constexpr size_t kHeaderBytes = 64;
constexpr size_t kFrameBytes = 48;
constexpr size_t kAlignment = 8;
constexpr uint64_t kExtentUnit = 512;
constexpr uint32_t kVersion = 1;
constexpr uint32_t kPayloadBytesMax = (1u << 30) + (1u << 20);
constexpr uint16_t kCommands = 1;
constexpr uint16_t kMark = 4;

// Any unsigned integer, little-endian whatever the machine.
template <typename T>
T Load(std::string_view bytes, size_t offset) {
  T value = 0;
  for (size_t i = sizeof(T); i > 0; --i)
    value = static_cast<T>(value << 8 | static_cast<uint8_t>(bytes[offset + i - 1]));
  return value;
}

uint32_t Crc(uint32_t begin, std::string_view bytes) {
  return static_cast<uint32_t>(crc32_z(begin, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

bool ReadFile(const std::string& path, std::string& bytes, std::string& error) {
  // stdio rather than a stream: it says why it failed.
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  bool ok = file != nullptr;
  char buffer[64 << 10];
  while (ok) {
    const size_t size = std::fread(buffer, 1, sizeof buffer, file);
    bytes.append(buffer, size);
    ok = std::ferror(file) == 0;
    if (size < sizeof buffer) break;
  }
  if (!ok) error = path + ": " + std::strerror(errno);
  if (file != nullptr) std::fclose(file);
  return ok;
}

template <typename T>
bool ParseNumber(std::string_view text, T& number, int base = 10) {
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return code == std::errc() && stop == text.data() + text.size();
}

bool ParseHex(std::string_view text, std::string& bytes) {
  bytes.clear();
  for (size_t i = 0; i + 2 <= text.size(); i += 2) {
    uint8_t byte = 0;
    if (!ParseNumber(text.substr(i, 2), byte, 16)) return false;
    bytes += static_cast<char>(byte);
  }
  return text.size() == 32;
}

std::string Hex(uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "%08x", number);
  return text;
}

// Takes the manifest's lines apart; false for a line that is not as FORMAT.md section 2 has it.
bool ParseManifestLine(const std::string& line, LogManifest& manifest) {
  std::istringstream words(line);
  std::string name, first, second;
  words >> name >> first >> second;
  if (name == "store") return ParseHex(first, manifest.store_id);
  if (name == "durable") return ParseNumber(first, manifest.durable);
  if (name == "snapshot") return first == "-" || ParseNumber(first, manifest.snapshot);
  if (name == "segment") {
    LogSegment segment;
    segment.closed = second != "-";
    const bool ok = ParseNumber(first, segment.first) && (!segment.closed || ParseNumber(second, segment.last));
    manifest.segments.push_back(segment);
    return ok;
  }
  return name == "seed" || name == "generation";
}

struct Frame {
  uint64_t lsn = 0;
  uint16_t kind = 0;
  uint32_t count = 0;
  int64_t time_ms = 0;
  uint64_t extent = 0;
  uint64_t synced_through = 0;
  std::string_view payload;
  size_t size = 0;  // with padding
};

class SegmentReader {
 public:
  SegmentReader(std::string path, const LogManifest& manifest, const LogSegment& segment, std::string& error)
      : path_(std::move(path)), manifest_(manifest), segment_(segment), error_(error) {}

  bool Run(const std::function<bool(const LogRecord&)>& take, LogEnd& end) {
    if (!ReadFile(path_, bytes_, error_) || !ReadHeader()) return false;
    uint64_t expected = segment_.first;
    size_t at = kHeaderBytes;
    Frame frame;
    while (!(segment_.closed && expected > segment_.last) && FrameAt(at, frame) && frame.lsn == expected) {
      if (!CheckKnown(frame, at)) return false;
      watermark_ = std::max(watermark_, frame.synced_through);
      extent_ = std::max(extent_, frame.extent);
      if (frame.kind == kCommands && !TakeCommands(frame, at, take)) return error_.empty();
      if (frame.kind == kCommands) expected += frame.count;
      at += frame.size;
    }
    return Decide(at, expected, end);
  }

 private:
  bool Corrupt(size_t offset, const std::string& what) {
    error_ = path_ + ": offset " + std::to_string(offset) + ": " + what;
    return false;
  }

  // R1
  bool ReadHeader() {
    if (bytes_.size() < kHeaderBytes || bytes_.compare(0, 8, kSegmentMagic) != 0)
      return Corrupt(0, "this is no segment of a log");
    const std::string_view header = std::string_view(bytes_).substr(0, kHeaderBytes);
    header_crc_ = Load<uint32_t>(header, 12);
    const uint32_t found = Crc(Crc(0, header.substr(0, 12)), header.substr(16));
    if (found != header_crc_)
      return Corrupt(12, "the header's checksum is " + Hex(header_crc_) + ", its bytes give " + Hex(found));
    const auto version = Load<uint32_t>(header, 8);
    if (version != kVersion) return Corrupt(8, "format version " + std::to_string(version) + " is not known here");
    if (header.substr(16, 16) != manifest_.store_id) return Corrupt(16, "the segment belongs to another store");
    const auto first = Load<uint64_t>(header, 32);
    if (first != segment_.first)
      return Corrupt(32, "expected first LSN " + std::to_string(segment_.first) + ", found " + std::to_string(first));
    extent_ = Load<uint64_t>(header, 40);
    watermark_ = std::max(manifest_.durable, first - 1);
    return true;
  }

  // A frame whose checksum is right, of whatever LSN.
  bool FrameAt(size_t at, Frame& frame) const {
    const std::string_view rest = std::string_view(bytes_).substr(std::min(at, bytes_.size()));
    if (rest.size() < kFrameBytes || !rest.starts_with(kFrameMagic)) return false;
    const auto length = Load<uint32_t>(rest, 8);
    const size_t size = (kFrameBytes + size_t{length} + kAlignment) / kAlignment * kAlignment;
    if (length > kPayloadBytesMax || size > rest.size()) return false;
    if (Crc(header_crc_, rest.substr(8, size - 8)) != Load<uint32_t>(rest, 4)) return false;
    frame.kind = Load<uint16_t>(rest, 12);
    frame.lsn = Load<uint64_t>(rest, 16);
    frame.count = Load<uint32_t>(rest, 24);
    frame.time_ms = static_cast<int64_t>(Load<uint64_t>(rest, 32));
    frame.extent = uint64_t{Load<uint32_t>(rest, 28)} * kExtentUnit;
    frame.synced_through = Load<uint64_t>(rest, 40);
    frame.payload = rest.substr(kFrameBytes, length);
    frame.size = size;
    return true;
  }

  // Section 8: what a later version may have brought.
  bool CheckKnown(const Frame& frame, size_t at) {
    if (frame.kind != kCommands && frame.kind != kMark)
      return Corrupt(at + 12, "frame kind " + std::to_string(frame.kind) + " is not known here");
    if (Load<uint16_t>(bytes_, at + 14) != 0) return Corrupt(at + 14, "a newer version wrote this frame");
    return true;
  }

  bool TakeCommands(const Frame& frame, size_t at, const std::function<bool(const LogRecord&)>& take) {
    std::string_view rest = frame.payload;
    LogRecord record{frame.lsn, frame.time_ms, {}};
    for (uint32_t i = 0; i < frame.count; ++i, ++record.lsn) {
      size_t size = 0;
      std::string what;
      if (!rest.starts_with('*') || ParseRequest(rest, record.command, size, what) != Parsed::kCommand) {
        return Corrupt(at, "command " + std::to_string(i + 1) + " of the frame is no RESP array" +
                               (what.empty() ? "" : ": " + what));
      }
      if (!take(record)) return false;
      rest.remove_prefix(size);
    }
    return rest.empty() || Corrupt(at, "the frame holds more than its " + std::to_string(frame.count) + " commands");
  }

  // R8, then R5 and its table.
  bool Decide(size_t at, uint64_t expected, LogEnd& end) {
    end.offset = at;
    if (segment_.closed) {
      if (expected == segment_.last + 1) return true;
      return Corrupt(at, "the segment should reach LSN " + std::to_string(segment_.last) + ", found none behind " +
                             std::to_string(expected - 1));
    }
    if (bytes_.size() < extent_)
      return Corrupt(bytes_.size(), "the file had " + std::to_string(extent_) + " bytes at least, and ends here");
    Frame frame;
    const bool foreign = FrameAt(at, frame);
    for (size_t behind = at; behind + kFrameBytes <= bytes_.size(); behind += kAlignment) {
      if (FrameAt(behind, frame)) watermark_ = std::max(watermark_, frame.synced_through);
    }
    if (watermark_ >= expected) {
      return Corrupt(at, "LSN " + std::to_string(expected) + " is damaged or missing, and was durable: LSNs up to " +
                             std::to_string(watermark_) + " were");
    }
    const std::string_view rest = std::string_view(bytes_).substr(std::min(at, bytes_.size()));
    if (rest.find_first_not_of('\0') == std::string_view::npos) return true;
    if (foreign) return Corrupt(at, "expected LSN " + std::to_string(expected) + ", found another");
    end.torn = true;
    end.bytes = rest.size();
    return true;
  }

  const std::string path_;
  const LogManifest& manifest_;
  const LogSegment& segment_;
  std::string& error_;
  std::string bytes_;
  uint32_t header_crc_ = 0;
  uint64_t watermark_ = 0;
  uint64_t extent_ = 0;
};

}  // namespace

std::string SegmentName(uint64_t first) {
  char name[40];
  std::snprintf(name, sizeof name, "wal-%020llu.log", static_cast<unsigned long long>(first));
  return name;
}

bool ReadManifest(const std::string& directory, LogManifest& manifest, std::string& error) {
  manifest = {};
  const std::string path = directory + "/MANIFEST";
  std::string text;
  if (!ReadFile(path, text, error)) return false;
  if (!text.starts_with("redislite ")) return error = path + ": this is no manifest of a store", false;
  if (!text.starts_with("redislite 1\n")) return error = path + ": the format's version is not known here", false;
  const size_t last_line = text.rfind("\ncrc32 ");
  uint32_t crc = 0;
  if (last_line == std::string::npos || text.size() != last_line + 16 || text.back() != '\n' ||
      !ParseNumber(std::string_view(text).substr(last_line + 7, 8), crc, 16)) {
    return error = path + ": the last line is no checksum", false;
  }
  const std::string body = text.substr(0, last_line + 1);
  if (Crc(0, body) != crc)
    return error = path + ": the checksum is " + Hex(crc) + ", its bytes give " + Hex(Crc(0, body)), false;
  std::istringstream lines(body);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    if (!ParseManifestLine(line, manifest)) return error = path + ": unexpected line " + Quote(line), false;
  }
  return true;
}

bool ReadSegment(const std::string& directory, const LogManifest& manifest, const LogSegment& segment,
                 const std::function<bool(const LogRecord&)>& take, LogEnd& end, std::string& error) {
  end = {};
  error.clear();
  return SegmentReader(directory + '/' + SegmentName(segment.first), manifest, segment, error).Run(take, end);
}

}  // namespace redislite::cli
