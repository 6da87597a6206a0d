// Writes the first inputs of the fuzzers of files: real stores, made by the real writers. Usage: fuzz_seeds CORPUS
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "storage/log.h"
#include "tests/fuzz/store_files.h"
#include "tests/support/sim_file_system.h"

// The fuzzer's own, which this program is linked without and does not need.
extern "C" size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

namespace redislite::fuzz {
namespace {

using sim::SimFileSystem;
using storage::FrameBuilder;
using storage::Log;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr uint64_t kSegmentBytes = 1024;  // small, for small inputs

class Store {
 public:
  Store() { Open(); }

  void Put(const std::string& payload, uint32_t count = 1) {
    FrameBuilder builder;
    builder.buffer() += payload;
    Must(log_->Append(builder, count, kNow, Log::Durability::kSynced));
    Must(log_->Sync());
  }
  void Snapshot() {
    Must(log_->Rotate());
    auto writer = log_->BeginSnapshot(log_->last_lsn(), kNow);
    Must(writer.status());
    for (const char* payload : {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", "second block"}) {
      FrameBuilder builder;
      builder.buffer() += payload;
      Must((*writer)->AddBlock(builder, 1, 1));
    }
    Must((*writer)->Finish());
    Must(log_->InstallSnapshot(log_->last_lsn(), (*writer)->bytes()));
  }
  void Mark() { Must(log_->MarkDurable(kNow)); }
  void Rotate() { Must(log_->Rotate()); }
  void Close() { Must(log_->Close()); }
  void Reopen() {
    log_.reset();
    Open();
  }

  FileSet Files() const {
    FileSet set;
    const sim::SimDisk disk = files_.Snapshot();
    for (const std::string& path : disk.Files()) {
      const std::string name = path.substr(path.rfind('/') + 1);
      FileSet::File file;
      file.bytes = disk.ReadFile(path);
      if (const auto segment = storage::ParseSegmentName(name)) {
        file.kind = FileSet::kSegment;
        file.lsn = *segment;
      } else if (const auto snapshot = storage::ParseSnapshotName(name)) {
        file.kind = FileSet::kSnapshot;
        file.lsn = *snapshot;
      } else if (name != storage::kManifestName) {
        continue;
      }
      set.files.push_back(file);
    }
    return set;
  }

 private:
  static void Must(const Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "seeds: %s\n", status.message().c_str());
    std::exit(1);
  }
  void Open() {
    storage::LogOptions options;
    options.segment_bytes = kSegmentBytes;
    options.now_ms = [] { return kNow; };
    storage::ReplayTarget target;
    target.begin = [](const HashSeed&) {};
    target.frame = [](const storage::FrameHeader&, Bytes) { return Status::Ok(); };
    auto log = Log::Open(files_, kStoreDirectory, options, target);
    Must(log.status());
    log_ = std::move(*log);
  }

  SimFileSystem files_;
  std::unique_ptr<Log> log_;
};

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void WriteSeeds(const std::string& corpus) {
  const std::pair<const char*, std::function<void(Store&)>> stores[] = {
      {"new", [](Store&) {}},
      {"killed",
       [](Store& store) {
         for (int i = 0; i < 5; ++i) store.Put("record " + std::to_string(i), i % 2 == 0 ? 1 : 3);
       }},
      {"closed",
       [](Store& store) {
         store.Put("a");
         store.Put("b");
         store.Close();
       }},
      {"rotated",
       [](Store& store) {
         store.Put("a");
         store.Rotate();
         store.Put("b");
         store.Put("c");
         store.Mark();
       }},
      {"snapshot",
       [](Store& store) {
         store.Put("a", 2);
         store.Put("b");
         store.Snapshot();
         store.Put("c");
       }},
      {"reopened",
       [](Store& store) {
         store.Put("a");
         store.Reopen();
         store.Put("b");
         store.Put("c");
         store.Reopen();
       }},
  };
  for (const auto& [name, make] : stores) {
    Store store;
    make(store);
    const FileSet set = store.Files();
    Write(corpus + "/log/" + name, set.Encode());
    for (const FileSet::File& file : set.files) {
      if (file.kind == FileSet::kSnapshot) Write(corpus + "/snapshot/" + name, file.bytes);
    }
  }
}

}  // namespace
}  // namespace redislite::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds CORPUS\n");
    return 2;
  }
  redislite::fuzz::WriteSeeds(argv[1]);
  return 0;
}
