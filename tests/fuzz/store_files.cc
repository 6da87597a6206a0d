#include "tests/fuzz/store_files.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/crc32.h"
#include "base/little_endian.h"
#include "storage/format.h"
#include "storage/manifest.h"
#include "tests/fuzz/fuzz.h"

namespace redislite::fuzz {

namespace {

using storage::kFileHeaderBytes;
using storage::kFrameHeaderBytes;

// Places within a header and a frame (FORMAT.md sections 3 and 4).
constexpr size_t kHeaderCrc = 12;
constexpr size_t kHeaderStore = 16;
constexpr size_t kHeaderLsn = 32;
constexpr size_t kHeaderPrevious = 40;
constexpr size_t kFrameCrc = 4;
constexpr size_t kFrameLength = 8;
constexpr size_t kFrameKind = 12;
constexpr size_t kFrameLsn = 16;
constexpr size_t kFrameCount = 24;
constexpr size_t kFrameExtent = 28;
constexpr size_t kFrameTime = 32;
constexpr size_t kFrameSynced = 40;
constexpr uint16_t kCommands = 1;
constexpr uint16_t kBlock = 2;
constexpr uint16_t kEnd = 3;
constexpr uint16_t kMark = 4;

template <typename T>
T Get(const std::string& bytes, size_t at) {
  return LoadLittle<T>(bytes.data() + at);
}
template <typename T>
void Put(std::string& bytes, size_t at, T value) {
  StoreLittle(bytes.data() + at, value);
}

// With a payload's padding: as many bytes as it takes, each of them their number.
size_t Padded(size_t length) { return (length + 8) & ~size_t{7}; }
void Pad(std::string& frame, size_t length) {
  const size_t padding = Padded(length) - length;
  frame.append(padding, static_cast<char>(padding));
}

std::string MakeFrame(uint16_t kind, uint32_t count, Bytes payload) {
  std::string frame(kFrameHeaderBytes, '\0');
  std::memcpy(frame.data(), "RLF1", 4);
  Put(frame, kFrameKind, kind);
  Put(frame, kFrameCount, count);
  Put(frame, kFrameLength, static_cast<uint32_t>(payload.size()));
  frame += payload;
  Pad(frame, payload.size());
  return frame;
}

std::string WithPayload(const std::string& frame, Bytes payload) {
  std::string changed = frame.substr(0, kFrameHeaderBytes);
  Put(changed, kFrameLength, static_cast<uint32_t>(payload.size()));
  changed += payload;
  Pad(changed, payload.size());
  return changed;
}

Bytes PayloadOf(const std::string& frame) {
  const size_t length = std::min<size_t>(Get<uint32_t>(frame, kFrameLength), frame.size() - kFrameHeaderBytes);
  return Bytes(frame).substr(kFrameHeaderBytes, length);
}

// One field of a frame's header becomes something else.
void MutateField(std::string& frame, Random& random) {
  switch (random.Below(8)) {
    case 0:
      return Put(frame, kFrameLength,
                 static_cast<uint32_t>(InterestingNumber(random, Get<uint32_t>(frame, kFrameLength))));
    case 1:
      return Put(frame, kFrameKind, static_cast<uint16_t>(random.Below(6)));
    case 2:
      return Put(frame, kFrameLsn, InterestingNumber(random, Get<uint64_t>(frame, kFrameLsn)));
    case 3:
      return Put(frame, kFrameCount,
                 static_cast<uint32_t>(InterestingNumber(random, Get<uint32_t>(frame, kFrameCount))));
    case 4:
      return Put(frame, kFrameTime, InterestingNumber(random, Get<uint64_t>(frame, kFrameTime)));
    case 5:
      return Put(frame, kFrameSynced, InterestingNumber(random, Get<uint64_t>(frame, kFrameLsn)));
    case 6:
      return Put(frame, kFrameExtent,
                 static_cast<uint32_t>(InterestingNumber(random, Get<uint32_t>(frame, kFrameExtent))));
    default:  // flags, the magic: any byte
      frame[random.Below(kFrameHeaderBytes)] = static_cast<char>(random.Below(256));
  }
}

void MutateHeader(std::string& header, Random& random) {
  const size_t at = random.Below(3) == 0 ? random.Below(kFileHeaderBytes / 8) * 8 : kHeaderLsn + random.Below(2) * 8;
  Put(header, at, InterestingNumber(random, Get<uint64_t>(header, at)));
}

void MutateManifest(std::string& text, Random& random, size_t size_max) {
  Result<storage::Manifest> manifest = storage::Manifest::Decode(text);
  if (!manifest.ok() || random.Below(4) == 0) {
    text = SealManifest(MutateBytes(text, size_max));
    return;
  }
  std::vector<storage::SegmentEntry>& segments = manifest->segments;
  switch (random.Below(6)) {
    case 0:
      manifest->durable = InterestingNumber(random, manifest->durable);
      break;
    case 1:
      manifest->snapshot = InterestingNumber(random, manifest->snapshot.value_or(0));
      if (random.Below(2) == 0) manifest->snapshot.reset();
      break;
    case 2:
      if (!segments.empty()) segments.pop_back();
      break;
    case 3:
      segments.push_back({segments.empty() ? 1 : segments.back().last.value_or(segments.back().first) + 1, {}});
      break;
    case 4:  // the open one is closed, the closed one is open
      if (segments.empty()) break;
      if (segments.back().last) {
        segments.back().last.reset();
      } else {
        segments.back().last = InterestingNumber(random, segments.back().first);
      }
      break;
    default:
      if (segments.empty()) break;
      storage::SegmentEntry& entry = segments[random.Below(segments.size())];
      uint64_t& number = entry.last && random.Below(2) == 0 ? *entry.last : entry.first;
      number = InterestingNumber(random, number);
  }
  text = manifest->Encode();
}

}  // namespace

// ---- One file.

StoreFile StoreFile::Parse(Bytes bytes) {
  StoreFile file;
  file.header = bytes.substr(0, kFileHeaderBytes);
  file.header.resize(kFileHeaderBytes);
  bytes.remove_prefix(std::min(bytes.size(), kFileHeaderBytes));
  while (bytes.size() >= kFrameHeaderBytes && bytes.starts_with("RLF1")) {
    const size_t size = kFrameHeaderBytes + Padded(LoadLittle<uint32_t>(bytes.data() + kFrameLength));
    if (size > bytes.size()) break;
    file.frames.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  file.rest = bytes;
  return file;
}

std::string StoreFile::Encode() const {
  std::string bytes = header;
  for (const std::string& frame : frames) bytes += frame;
  return bytes + rest;
}

void StoreFile::Mutate(Random& random, size_t size_max) {
  const size_t at = frames.empty() ? 0 : random.Below(frames.size());
  const auto place = frames.begin() + static_cast<std::ptrdiff_t>(at);
  const uint64_t choice = frames.empty() ? 6 + random.Below(6) : random.Below(12);
  switch (choice) {
    case 0:
    case 1:
      frames[at] = WithPayload(frames[at], MutateBytes(PayloadOf(frames[at]), std::min<size_t>(size_max, 512)));
      break;
    case 2:
    case 3:
      MutateField(frames[at], random);
      break;
    case 4:
      frames.erase(place);
      break;
    case 5:
      std::swap(frames[at], frames[random.Below(frames.size())]);
      break;
    case 6: {
      const std::string payload(random.Below(24), 'x');
      const uint16_t kind = is_snapshot() ? kBlock : random.Below(3) == 0 ? kMark : kCommands;
      const uint32_t count = kind == kMark ? 0 : static_cast<uint32_t>(1 + random.Below(3));
      frames.insert(place, MakeFrame(kind, count, payload));
      break;
    }
    case 7:
      if (!frames.empty()) frames.insert(place, std::string(frames[at]));
      break;
    case 8:
      MutateHeader(header, random);
      break;
    case 9:
      rest.append(random.Below(100), random.Below(2) == 0 ? '\0' : static_cast<char>(random.Below(256)));
      break;
    case 10:
      if (!frames.empty()) {  // a torn one, or one behind a gap
        std::string last = frames.back();
        frames.pop_back();
        if (random.Below(2) == 0) {
          last.resize(random.Below(last.size()));
        } else {
          last.insert(0, 8 * (1 + random.Below(4)), '\0');
        }
        rest = last + rest;
      }
      break;
    default:
      rest = random.Below(2) == 0 ? std::string() : MutateBytes(rest, std::min<size_t>(size_max, 256));
  }
}

void StoreFile::Renumber() {
  if (is_snapshot()) return JoinSnapshot();
  uint64_t next = Get<uint64_t>(header, kHeaderLsn);
  Put(header, kHeaderPrevious, next - 1);
  for (std::string& frame : frames) {
    Put(frame, kFrameLsn, next);
    next += Get<uint32_t>(frame, kFrameCount);
  }
}

void StoreFile::JoinSnapshot() {
  const uint64_t lsn = Get<uint64_t>(header, kHeaderLsn);
  uint64_t blocks = 0;
  uint64_t commands = 0;
  uint32_t chain = 0;
  Seal();
  for (std::string& frame : frames) {
    Put(frame, kFrameSynced, lsn);
    Put(frame, kFrameLsn, blocks);
    if (Get<uint16_t>(frame, kFrameKind) == kEnd) {
      std::string end(PayloadOf(frame));
      end.resize(std::max<size_t>(end.size(), 32));
      Put(end, 0, blocks);
      Put(end, 16, commands);
      Put(end, 24, chain);
      frame = WithPayload(frame, end);
      continue;
    }
    ++blocks;
    commands += Get<uint32_t>(frame, kFrameCount);
    const uint32_t crc = Crc32(Get<uint32_t>(header, kHeaderCrc), Bytes(frame).substr(kFrameLength));
    char field[4];
    StoreLittle(field, crc);
    chain = Crc32(chain, {field, sizeof field});
  }
}

void StoreFile::Seal() {
  const Bytes bytes = header;
  const uint32_t seed = Crc32(Crc32(0, bytes.substr(0, kHeaderCrc)), bytes.substr(kHeaderStore));
  Put(header, kHeaderCrc, seed);
  for (std::string& frame : frames) Put(frame, kFrameCrc, Crc32(seed, Bytes(frame).substr(kFrameLength)));
}

bool StoreFile::is_snapshot() const { return header.starts_with("RLSNAPSH"); }

std::string SealManifest(std::string text) {
  const size_t at = text.rfind("\ncrc32 ");
  if (at == std::string::npos) return text;
  text.resize(at + 1);
  char line[32];
  std::snprintf(line, sizeof line, "crc32 %08x\n", Crc32(0, text));
  return text + line;
}

// ---- The directory.

FileSet FileSet::Decode(Bytes input) {
  constexpr size_t kPrefix = 1 + 8 + 4;
  FileSet set;
  while (input.size() >= kPrefix) {
    File file;
    file.kind = static_cast<Kind>(static_cast<uint8_t>(input[0]) % kKinds);
    file.lsn = LoadLittle<uint64_t>(input.data() + 1);
    const size_t length = LoadLittle<uint32_t>(input.data() + 9);
    file.bytes = input.substr(kPrefix, length);
    input.remove_prefix(kPrefix + file.bytes.size());
    set.files.push_back(std::move(file));
  }
  return set;
}

std::string FileSet::Encode() const {
  std::string bytes;
  for (const File& file : files) {
    char prefix[13];
    prefix[0] = static_cast<char>(file.kind);
    StoreLittle(prefix + 1, file.lsn);
    StoreLittle(prefix + 9, static_cast<uint32_t>(file.bytes.size()));
    bytes.append(prefix, sizeof prefix).append(file.bytes);
  }
  return bytes;
}

void FileSet::Mutate(Random& random, size_t size_max) {
  if (files.empty()) files.push_back({kManifest, 0, storage::Manifest().Encode()});
  const size_t at = random.Below(files.size());
  File& file = files[at];
  switch (random.Below(12)) {
    case 0:
      files.erase(files.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    case 1:
      if (files.size() < 8) files.push_back(File(file));
      return;
    case 2:
      file.lsn = InterestingNumber(random, file.lsn);
      return;
    case 3:
      file.kind = static_cast<Kind>(random.Below(kKinds));
      return;
    case 4:
      file.bytes.resize(random.Below(file.bytes.size() + 1));
      return;
    case 5:
      file.bytes = MutateBytes(file.bytes, size_max);
      return;
    default:
      break;
  }
  if (file.kind == kManifest || file.kind == kManifestTemporary) return MutateManifest(file.bytes, random, size_max);
  StoreFile parts = StoreFile::Parse(file.bytes);
  for (uint64_t i = 0; i <= random.Below(3); ++i) parts.Mutate(random, size_max);
  if (random.Below(2) == 0) parts.Renumber();
  if (random.Below(8) != 0) parts.Seal();
  file.bytes = parts.Encode();
}

sim::SimDisk FileSet::Disk() const {
  sim::SimDisk disk;
  disk.PutFile(std::string(kStoreDirectory) + "/" + storage::kLockName, {});  // durable, with the directory
  for (const File& file : files) {
    std::string name;
    switch (file.kind) {
      case kSegment:
        name = storage::SegmentName(file.lsn);
        break;
      case kSnapshot:
        name = storage::SnapshotName(file.lsn);
        break;
      case kManifestTemporary:
        name = storage::TemporaryName(storage::kManifestName);
        break;
      case kSegmentTemporary:
        name = storage::TemporaryName(storage::SegmentName(file.lsn));
        break;
      default:
        name = storage::kManifestName;
    }
    disk.PutFile(std::string(kStoreDirectory) + "/" + name, file.bytes);
  }
  return disk;
}

}  // namespace redislite::fuzz
