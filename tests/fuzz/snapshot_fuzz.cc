// A snapshot of any bytes: it is read whole or refused, and what was read can be written and read again.
#include <memory>
#include <string>
#include <vector>

#include "storage/snapshot_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/store_files.h"
#include "tests/support/sim_file_system.h"

namespace redislite::fuzz {
namespace {

using sim::SimFileSystem;
using storage::FrameHeader;

struct Block {
  uint32_t count = 0;
  std::string payload;
  bool operator==(const Block&) const = default;
};

struct Read {
  Status status;
  storage::SnapshotSummary summary;
  std::vector<Block> blocks;
};

// As a recovery reads it that expects what the header says, if it says anything.
Read ReadAs(SimFileSystem& files, const std::string& path, const storage::FileHeader& expected) {
  Read read;
  const auto sink = [&](const FrameHeader& header, Bytes payload) {
    read.blocks.push_back({header.count, std::string(payload)});
    return Status::Ok();
  };
  Result<storage::SnapshotSummary> summary = storage::ReadSnapshot(files, path, expected.store, expected.lsn, sink);
  read.status = summary.status();
  if (summary.ok()) read.summary = *summary;
  return read;
}

void TestOneInput(Bytes input) {
  storage::FileHeader header;
  header.kind = storage::FileKind::kSnapshot;
  header.lsn = 7;
  if (const Result<storage::FileHeader> decoded =
          storage::FileHeader::Decode(input.substr(0, storage::kFileHeaderBytes), storage::FileKind::kSnapshot);
      decoded.ok()) {
    header = *decoded;
  }
  FileSet set;
  set.files.push_back({FileSet::kSnapshot, header.lsn, std::string(input)});
  SimFileSystem files(set.Disk());
  const std::string path = std::string(kStoreDirectory) + "/" + storage::SnapshotName(header.lsn);
  const Read first = ReadAs(files, path, header);
  const Read second = ReadAs(files, path, header);
  Require(first.status.code() == second.status.code() && first.status.message() == second.status.message() &&
              first.blocks == second.blocks,
          "two readings find the same", second.status.message());
  if (!first.status.ok()) {
    Require(!first.status.message().empty(), "a refusal has a message");
    return;
  }
  Require(first.summary.blocks == first.blocks.size(), "a snapshot's blocks are counted");
  Require(first.summary.bytes == input.size(), "a snapshot is all of its file");

  storage::FileHeader other = header;
  other.lsn = header.lsn + 1;
  Require(ReadAs(files, path, other).status.code() == Code::kCorrupt, "a snapshot of another LSN is refused");
  other = header;
  other.store[0] = static_cast<char>(other.store[0] ^ 1);
  Require(ReadAs(files, path, other).status.code() == Code::kCorrupt, "a snapshot of another store is refused");

  Require(files.Remove(path).ok(), "the file goes away");
  Result<std::unique_ptr<storage::SnapshotWriter>> writer =
      storage::SnapshotWriter::Create(files, kStoreDirectory, header);
  Require(writer.ok(), "a snapshot is begun", writer.status().message());
  for (const Block& block : first.blocks) {
    storage::FrameBuilder builder;
    builder.buffer() += block.payload;
    Require((*writer)->AddBlock(builder, block.count, 0).ok(), "a block is written");
  }
  const Status finished = (*writer)->Finish();
  Require(finished.ok(), "a snapshot is written", finished.message());
  const Read written = ReadAs(files, path, header);
  Require(written.status.ok() && written.blocks == first.blocks, "what was written is read", written.status.message());
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  redislite::Random random(uint64_t{seed} + 1);
  redislite::fuzz::StoreFile file = redislite::fuzz::StoreFile::Parse(redislite::fuzz::Input(data, size));
  for (uint64_t i = 0; i <= random.Below(3); ++i) file.Mutate(random, capacity);
  if (random.Below(4) != 0) file.JoinSnapshot();
  if (random.Below(8) != 0) file.Seal();
  return redislite::fuzz::GiveBack(file.Encode(), data, capacity);
}
