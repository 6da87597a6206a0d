#include "storage/manifest.h"

#include <charconv>

#include "base/crc32.h"
#include "base/failpoint.h"
#include "base/little_endian.h"
#include "base/number.h"

namespace redislite::storage {

namespace {

std::string HexCrc(uint32_t crc) {
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[crc >> shift & 15];
  return text;
}

bool ParseHex(Bytes text, char* out, size_t size) {
  if (text.size() != size * 2) return false;
  for (size_t i = 0; i < size; ++i) {
    unsigned value = 0;
    const char* at = text.data() + i * 2;
    const auto [end, error] = std::from_chars(at, at + 2, value, 16);
    if (error != std::errc() || end != at + 2) return false;
    out[i] = static_cast<char>(value);
  }
  return true;
}

Status Wrong(size_t line, Bytes expected, Bytes found) {
  return {Code::kCorrupt, "line " + std::to_string(line) + ": expected " + std::string(expected) + ", found '" +
                              std::string(found.substr(0, 80)) + "'"};
}

// What is found is any bytes at all, and a message is a line of text.
Status WrongAt(size_t offset, Bytes expected, Bytes found) {
  std::string shown(found.substr(0, 80));
  for (char& byte : shown) {
    if (byte < ' ' || byte > '~') byte = '.';
  }
  return {Code::kCorrupt,
          "offset " + std::to_string(offset) + ": expected " + std::string(expected) + ", found '" + shown + "'"};
}

// Takes "word rest" apart; false when the line does not begin with the word.
bool TakeWord(Bytes line, Bytes word, Bytes* rest) {
  if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return false;
  *rest = line.substr(word.size() + 1);
  return true;
}

}  // namespace

std::string Manifest::Encode() const {
  std::string text = "redislite " + std::to_string(kFormatVersion) + "\n";
  char seed_bytes[16];
  StoreLittle(seed_bytes, seed.k0);
  StoreLittle(seed_bytes + 8, seed.k1);
  text += "store " + Hex({store.data(), store.size()}) + "\n";
  text += "seed " + Hex({seed_bytes, sizeof seed_bytes}) + "\n";
  text += "generation " + std::to_string(generation) + "\n";
  text += "durable " + std::to_string(durable) + "\n";
  text += "snapshot " + (snapshot ? std::to_string(*snapshot) : "-") + "\n";
  for (const SegmentEntry& segment : segments) {
    text +=
        "segment " + std::to_string(segment.first) + " " + (segment.last ? std::to_string(*segment.last) : "-") + "\n";
  }
  text += "crc32 " + HexCrc(Crc32(0, text)) + "\n";
  return text;
}

Result<Manifest> Manifest::Decode(Bytes text) {
  // The version first: a newer format may have changed everything below it.
  const size_t first_end = text.find('\n');
  Bytes rest;
  if (first_end == Bytes::npos || !TakeWord(text.substr(0, first_end), "redislite", &rest)) {
    return WrongAt(0, "'redislite 1'", text.substr(0, first_end));
  }
  const std::optional<uint64_t> version = ParseUint64(rest);
  if (!version) return WrongAt(first_end - rest.size(), "a version number", rest);
  if (*version != kFormatVersion) {
    // All but the number is a good manifest of this version: that is damage, and no newer format.
    const std::string mended = "redislite " + std::to_string(kFormatVersion) + std::string(text.substr(first_end));
    if (Decode(mended).ok()) return WrongAt(first_end - rest.size(), std::to_string(kFormatVersion), rest);
    return Status(Code::kVersion, "format version " + std::string(rest) + " is newer than this library's, " +
                                      std::to_string(kFormatVersion));
  }
  const size_t crc_at = text.rfind("\ncrc32 ");
  if (crc_at == Bytes::npos) return WrongAt(text.size(), "a last line 'crc32 ...'", "");
  const Bytes body = text.substr(0, crc_at + 1);
  const std::string expected = "crc32 " + HexCrc(Crc32(0, body)) + "\n";
  const Bytes tail = text.substr(crc_at + 1);
  if (!tail.starts_with(expected)) {
    return WrongAt(crc_at + 1, "'" + expected.substr(0, expected.size() - 1) + "'", tail.substr(0, tail.find('\n')));
  }
  if (tail != expected) {
    return WrongAt(crc_at + 1 + expected.size(), "the end of the file", tail.substr(expected.size()));
  }

  Manifest manifest;
  size_t line_number = 1;
  size_t at = first_end + 1;
  const auto next_line = [&](Bytes* line) {
    if (at >= body.size()) return false;
    const size_t end = body.find('\n', at);
    *line = body.substr(at, end - at);
    at = end + 1;
    ++line_number;
    return true;
  };
  Bytes line;
  char seed_bytes[16];
  if (!next_line(&line) || !TakeWord(line, "store", &rest) || !ParseHex(rest, manifest.store.data(), 16)) {
    return Wrong(line_number, "'store' and 32 hex digits", line);
  }
  if (!next_line(&line) || !TakeWord(line, "seed", &rest) || !ParseHex(rest, seed_bytes, 16)) {
    return Wrong(line_number, "'seed' and 32 hex digits", line);
  }
  manifest.seed = {LoadLittle<uint64_t>(seed_bytes), LoadLittle<uint64_t>(seed_bytes + 8)};
  std::optional<uint64_t> number;
  if (!next_line(&line) || !TakeWord(line, "generation", &rest) || !(number = ParseUint64(rest))) {
    return Wrong(line_number, "'generation' and a number", line);
  }
  manifest.generation = *number;
  if (!next_line(&line) || !TakeWord(line, "durable", &rest) || !(number = ParseUint64(rest))) {
    return Wrong(line_number, "'durable' and an LSN", line);
  }
  manifest.durable = *number;
  if (!next_line(&line) || !TakeWord(line, "snapshot", &rest) || (rest != "-" && !(number = ParseUint64(rest)))) {
    return Wrong(line_number, "'snapshot' and an LSN or -", line);
  }
  if (rest != "-") manifest.snapshot = *number;
  Lsn reached = manifest.snapshot.value_or(0);
  while (next_line(&line)) {
    const size_t space = line.rfind(' ');
    if (!TakeWord(line, "segment", &rest) || space <= 7) return Wrong(line_number, "'segment <first> <last>'", line);
    const std::optional<uint64_t> first = ParseUint64(line.substr(8, space - 8));
    const Bytes last_text = line.substr(space + 1);
    const std::optional<uint64_t> last = ParseUint64(last_text);
    if (!first || (!last && last_text != "-")) return Wrong(line_number, "'segment <first> <last>'", line);
    const bool joins = manifest.segments.empty() ? *first >= 1 && *first <= reached + 1
                                                 : manifest.segments.back().last && *first == reached + 1;
    if (!joins || (last && *last + 1 < *first)) return Wrong(line_number, "a segment that joins its predecessor", line);
    manifest.segments.push_back({*first, last});
    if (last) reached = *last;
  }
  return manifest;
}

Result<Manifest> Manifest::Read(os::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/" + kManifestName;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  constexpr uint64_t kManifestBytesMax = 64 << 20;
  if (*size > kManifestBytesMax)
    return Status(Code::kCorrupt, path + ": expected at most 64 MiB, found " + std::to_string(*size));
  std::string text(*size, '\0');
  Result<size_t> read = (*file)->Read(0, text.data(), text.size());
  if (!read.ok()) return read.status();
  text.resize(*read);
  Result<Manifest> manifest = Decode(text);
  if (!manifest.ok()) return Status(manifest.status().code(), path + ": " + manifest.status().message());
  return manifest;
}

Status Manifest::Install(os::FileSystem& files, const std::string& directory) const {
  const std::string temporary = directory + "/" + TemporaryName(kManifestName);
  // A left-over of a crash or of a full disk.
  if (Status removed = files.Remove(temporary); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  {
    Result<std::unique_ptr<os::File>> file = files.Open(temporary, os::OpenMode::kCreate);
    if (!file.ok()) return file.status();
    RL_FAILPOINT(manifest_made);
    Status written = (*file)->Write(0, Encode());
    RL_FAILPOINT(manifest_written);
    if (written.ok()) written = (*file)->Sync();
    if (!written.ok()) {
      (void)files.Remove(temporary).ok();  // the first error is the one that counts
      return written;
    }
  }
  RL_FAILPOINT(manifest_synced);
  const auto unknown = [](const Status& status) { return status.ok() ? status : Status(Code::kIo, status.message()); };
  RL_RETURN_IF_ERROR(unknown(files.Rename(temporary, directory + "/" + kManifestName)));
  RL_FAILPOINT(manifest_renamed);
  RL_RETURN_IF_ERROR(unknown(files.SyncDirectory(directory)));
  RL_FAILPOINT(manifest_in_place);
  return Status::Ok();
}

}  // namespace redislite::storage
