// Out of memory, over a whole workload: the first, second, third ... allocation that the library asks the process'
// heap for is refused, once or from then on, until a run has none left to refuse. The call says RL_ERR_NOMEM and has
// changed nothing, or succeeds; what was acknowledged is there after a kill; and the store goes on.
//
// All ways to the heap are in this program's hands: operator new, the malloc that src/base/memory.cc calls, and the
// mmap of src/base/slab.cc (--wrap). "From then on" is a heap that is full: it gives only as much as comes back to it.
// What the simulated disk takes is not refused, since a real one takes nothing of the process'.
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "tests/crash/model.h"
#include "tests/crash/store.h"
#include "tests/support/figures.h"

extern "C" {
void* __real_malloc(size_t size);                // NOLINT(bugprone-reserved-identifier): the linker's name
void* __real_realloc(void* block, size_t size);  // NOLINT(bugprone-reserved-identifier)
void __real_free(void* block);                   // NOLINT(bugprone-reserved-identifier)
void* __real_mmap(void* at, size_t size, int protection, int flags, int fd,
                  off_t offset);              // NOLINT(bugprone-reserved-identifier)
int __real_munmap(void* block, size_t size);  // NOLINT(bugprone-reserved-identifier)
}

namespace {

struct Heap {
  bool is_armed = false;  // a call of the library is under way, and not in the simulated disk
  uint64_t asked = 0;     // allocations of such calls
  uint64_t refuse_at = ~uint64_t{0};
  bool forever = false;
  bool is_full = false;  // forever, and refuse_at has been reached
  int64_t room = 0;      // full: bytes that came back
  uint64_t refusals = 0;
};
thread_local Heap heap;

bool Take(size_t size) {
  if (!heap.is_armed) return true;
  bool refused = ++heap.asked == heap.refuse_at;
  if (refused && heap.forever) heap.is_full = true;
  if (heap.is_full) {
    refused = static_cast<int64_t>(size) > heap.room;
    if (!refused) heap.room -= static_cast<int64_t>(size);
  }
  heap.refusals += refused ? 1 : 0;
  return !refused;
}

void* Allocate(size_t size, size_t alignment) {
  if (!Take(size)) return nullptr;
  if (alignment == 0) return __real_malloc(size == 0 ? 1 : size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* AllocateOrThrow(size_t size, size_t alignment) {
  void* block = Allocate(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void Release(void* block) {
  if (heap.is_armed && heap.is_full && block != nullptr) heap.room += static_cast<int64_t>(malloc_usable_size(block));
  __real_free(block);
}

// While one lives, the library is at work.
class Armed {
 public:
  Armed() { heap.is_armed = true; }
  ~Armed() { heap.is_armed = false; }
};

// While one lives, the simulated disk is.
class Sheltered {
 public:
  Sheltered() : was_armed_(std::exchange(heap.is_armed, false)) {}
  ~Sheltered() { heap.is_armed = was_armed_; }

 private:
  const bool was_armed_;
};

}  // namespace

extern "C" {

void* __wrap_malloc(size_t size) { return Allocate(size, 0); }  // NOLINT(bugprone-reserved-identifier)
void __wrap_free(void* block) { Release(block); }               // NOLINT(bugprone-reserved-identifier)
void* __wrap_realloc(void* block, size_t size) {                // NOLINT(bugprone-reserved-identifier)
  const size_t before = block == nullptr ? 0 : malloc_usable_size(block);
  if (!Take(size)) return nullptr;
  if (heap.is_armed && heap.is_full) heap.room += static_cast<int64_t>(before);
  return __real_realloc(block, size);
}
void* __wrap_mmap(void* at, size_t size, int protection, int flags, int fd,
                  off_t offset) {  // NOLINT(bugprone-reserved-identifier)
  return Take(size) ? __real_mmap(at, size, protection, flags, fd, offset) : MAP_FAILED;
}
int __wrap_munmap(void* block, size_t size) {  // NOLINT(bugprone-reserved-identifier)
  if (heap.is_armed && heap.is_full) heap.room += static_cast<int64_t>(size);
  return __real_munmap(block, size);
}

}  // extern "C"

// Not inline: the compiler would see malloc and free behind new and delete and take them for a mistake.
[[gnu::noinline]] void* operator new(size_t size) { return AllocateOrThrow(size, 0); }
[[gnu::noinline]] void* operator new[](size_t size) { return AllocateOrThrow(size, 0); }
[[gnu::noinline]] void* operator new(size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 0); }
[[gnu::noinline]] void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 0); }
[[gnu::noinline]] void operator delete(void* block) noexcept { Release(block); }
[[gnu::noinline]] void operator delete[](void* block) noexcept { Release(block); }
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete[](void* block, size_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete[](void* block, std::align_val_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete(void* block, size_t, std::align_val_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete[](void* block, size_t, std::align_val_t) noexcept { Release(block); }
[[gnu::noinline]] void operator delete(void* block, const std::nothrow_t&) noexcept { Release(block); }
[[gnu::noinline]] void operator delete[](void* block, const std::nothrow_t&) noexcept { Release(block); }

namespace redislite::faults {
namespace {

using crash::Argv;
using crash::Model;
using sim::SimFileSystem;

// A simulated disk whose own allocations are good.
class ShelteredFiles final : public os::FileSystem {
 public:
  explicit ShelteredFiles(SimFileSystem& files) : files_(files) {}

  Result<std::unique_ptr<os::File>> Open(const std::string& path, os::OpenMode mode) override {
    const Sheltered sheltered;
    Result<std::unique_ptr<os::File>> file = files_.Open(path, mode);
    if (!file.ok()) return file;
    return std::unique_ptr<os::File>(new ShelteredFile(std::move(*file)));
  }
  Status Rename(const std::string& from, const std::string& to) override {
    const Sheltered sheltered;
    return files_.Rename(from, to);
  }
  Status Remove(const std::string& path) override {
    const Sheltered sheltered;
    return files_.Remove(path);
  }
  Status SyncDirectory(const std::string& path) override {
    const Sheltered sheltered;
    return files_.SyncDirectory(path);
  }
  Status CreateDirectory(const std::string& path, bool* created) override {
    const Sheltered sheltered;
    return files_.CreateDirectory(path, created);
  }
  Status RemoveDirectory(const std::string& path) override {
    const Sheltered sheltered;
    return files_.RemoveDirectory(path);
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    const Sheltered sheltered;
    return files_.List(path);
  }
  Result<std::unique_ptr<os::Lock>> LockFile(const std::string& path) override {
    const Sheltered sheltered;
    return files_.LockFile(path);
  }
  Result<std::unique_ptr<os::Lock>> LockFileShared(const std::string& path) override {
    const Sheltered sheltered;
    return files_.LockFileShared(path);
  }
  Status FillRandom(char* buffer, size_t size) override { return files_.FillRandom(buffer, size); }

 private:
  class ShelteredFile final : public os::File {
   public:
    explicit ShelteredFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}
    ~ShelteredFile() override {
      const Sheltered sheltered;
      file_.reset();
    }
    Result<size_t> Read(uint64_t offset, char* buffer, size_t size) override {
      const Sheltered sheltered;
      return file_->Read(offset, buffer, size);
    }
    Status Write(uint64_t offset, Bytes bytes) override {
      const Sheltered sheltered;
      return file_->Write(offset, bytes);
    }
    Status Sync() override {
      const Sheltered sheltered;
      return file_->Sync();
    }
    Result<uint64_t> Size() override {
      const Sheltered sheltered;
      return file_->Size();
    }
    Status Truncate(uint64_t size) override {
      const Sheltered sheltered;
      return file_->Truncate(size);
    }

   private:
    std::unique_ptr<os::File> file_;
  };

  SimFileSystem& files_;
};

constexpr char kStore[] = "/data/db";

// The workload, with one allocation refused.
class AllocationRun {
 public:
  AllocationRun(uint64_t seed, uint64_t refuse_at, bool forever) : random_(seed) {
    heap = Heap();
    heap.refuse_at = refuse_at;
    heap.forever = forever;
    Open();
    for (const char step : std::string("wwbwgwwnwwbwgawwrwwgbwwnwr")) {
      if (!trouble_.empty()) break;
      step_ = step;
      Step(step);
      Relieve();
      if (trouble_.empty()) Compare();
    }
    if (db_ != nullptr && trouble_.empty()) Close();
    Relieve();
    injected_ = refusals_ != 0;
    rl_close(db_);
  }

  bool injected() const { return injected_; }
  const std::string& trouble() const { return trouble_; }

 private:
  void Step(char step) {
    if (step == 'w') Write({crash::RandomCommand(random_, "", true)});
    if (step == 'b') Write({crash::RandomCommand(random_, "", true), crash::RandomCommand(random_, "", true)});
    if (step == 'n') Judge("rl_snapshot", InLibrary([&] { return rl_snapshot(db_); }));
    if (step == 'g') Read();
    if (step == 'r') Close();
    if (step == 'r' && trouble_.empty()) Open();
    if (step != 'a') return;
    const std::string path = "/backups/" + std::to_string(backups_++);
    if (!Judge("rl_backup", InLibrary([&] { return rl_backup(db_, path.c_str(), nullptr, nullptr); }))) return;
    ExpectOnDisk(path.c_str());
  }

  void Write(const std::vector<Argv>& commands) {
    Model next = model_;
    for (const Argv& argv : commands) next.Apply(argv, clock_);
    const int code = commands.size() == 1 ? Command(commands[0]) : Batch(commands);
    if (code == RL_OK) model_ = std::move(next);
    Judge("a write", code);
    // While the heap is full, others are refused too, or find room; nothing else.
    for (int again = 0; again < 2 && heap.is_full && trouble_.empty(); ++again) {
      const Argv another = {"SET", "s2", std::string(200, 'x')};
      const int answer = Command(another);
      if (answer == RL_OK) model_.Apply(another, clock_);
      if (answer != RL_OK && answer != RL_ERR_NOMEM) Wrong("a write to a full heap returned " + std::to_string(answer));
      Compare();
    }
    Relieve();
  }

  int Command(const Argv& argv) {
    std::vector<const char*> pointers;
    std::vector<size_t> sizes;
    for (const std::string& argument : argv) {
      pointers.push_back(argument.data());
      sizes.push_back(argument.size());
    }
    rl_reply* reply = nullptr;
    int code = InLibrary([&] { return rl_command(db_, pointers.size(), pointers.data(), sizes.data(), &reply); });
    if (code == RL_OK) code = rl_reply_code(reply);
    rl_reply_free(reply);
    return code;
  }

  int Batch(const std::vector<Argv>& commands) {
    rl_batch* batch = nullptr;
    int code = InLibrary([&] { return rl_batch_new(db_, &batch); });
    for (const Argv& argv : commands) {
      if (code != RL_OK) break;
      std::vector<const char*> pointers;
      std::vector<size_t> sizes;
      for (const std::string& argument : argv) {
        pointers.push_back(argument.data());
        sizes.push_back(argument.size());
      }
      code = InLibrary([&] { return rl_batch_add(batch, pointers.size(), pointers.data(), sizes.data()); });
    }
    rl_reply* reply = nullptr;
    if (code == RL_OK) code = InLibrary([&] { return rl_batch_commit(batch, &reply); });
    rl_reply_free(reply);
    rl_batch_free(batch);
    return code;
  }

  void Read() {
    void* value = nullptr;
    size_t size = 0;
    int code = InLibrary([&] { return rl_get(db_, "s0", 2, &value, &size); });
    rl_buffer_free(value);
    if (code == RL_NOT_FOUND) code = RL_OK;
    if (!Judge("rl_get", code)) return;
    char* text = nullptr;
    code = InLibrary([&] { return rl_info(db_, nullptr, &text, nullptr); });
    rl_buffer_free(text);
    Judge("rl_info", code);
  }

  void Open() {
    for (int tries = 0; tries < 2; ++tries) {
      rl_options* options = crash::Store::NewOptions(sheltered_, settings_, clock_);
      const int code = InLibrary([&] { return rl_open(kStore, options, &db_); });
      rl_options_free(options);
      if (code != RL_OK && files_.open_handles() != 0) Wrong("a refused open keeps files open or locked");
      if (Judge("rl_open", code) || !trouble_.empty()) return;
      Relieve();
    }
    Wrong("it does not open although there is memory again");
  }

  void Close() {
    const int code = InLibrary([&] { return rl_close(db_); });
    db_ = nullptr;
    Judge("rl_close", code);
    if (files_.open_handles() != 0) Wrong("a closed store keeps files open or locked");
  }

  template <typename Call>
  int InLibrary(const Call& call) {
    const Armed armed;
    return call();
  }

  // Whether the call was done; when an allocation was refused, all is as the model says, in memory and after a kill.
  bool Judge(const char* call, int code) {
    const bool refused = heap.refusals != refusals_seen_;
    char message[300] = "";
    if (code != RL_OK) rl_errmsg(db_, message, sizeof message);
    const std::string name = std::string(call) + " returned " + std::to_string(code) + " " + message;
    if (code != RL_OK && code != RL_ERR_NOMEM) Wrong(name);
    if (code != RL_OK && !refused) Wrong(name + " although no memory was refused");
    if (refused && trouble_.empty()) {
      refusals_ += heap.refusals - refusals_seen_;
      refusals_seen_ = heap.refusals;
      Compare();
      ExpectOnDisk(kStore);
    }
    return code == RL_OK;
  }

  // There is memory again.
  void Relieve() {
    refusals_ += heap.refusals - refusals_seen_;
    refusals_seen_ = heap.refusals;
    if (heap.refusals == 0) return;
    heap.is_full = false;
    heap.refuse_at = ~uint64_t{0};
    if (db_ == nullptr || !trouble_.empty()) return;
    const Argv command = {"SET", "s1", "there is memory again"};
    if (const int code = Command(command); code != RL_OK) {
      Wrong("there is memory again, and a write returns " + std::to_string(code));
      return;
    }
    model_.Apply(command, clock_);
    Compare();
  }

  void Compare() {
    if (db_ == nullptr || !trouble_.empty()) return;
    crash::Store store;
    store.Adopt(db_);
    Expect(store, "memory");
    store.Release();
  }

  void ExpectOnDisk(const char* path) {
    if (!trouble_.empty()) return;
    SimFileSystem machine(files_.Snapshot());
    crash::Store store;
    if (const std::string wrong = store.Open(machine, path, settings_, clock_); !wrong.empty()) {
      Wrong(std::string(path) + " after a kill: " + wrong);
    } else {
      Expect(store, path);
    }
    store.Close();
  }

  void Expect(crash::Store& store, const char* what) {
    std::string error;
    const std::string content = store.Dump(&error);
    const std::string expected = model_.Dump(clock_);
    if (!error.empty()) Wrong(std::string("reading ") + what + ": " + error);
    if (content != expected) Wrong(std::string(what) + ": expected\n" + expected + "found\n" + content);
  }

  void Wrong(const std::string& what) {
    if (trouble_.empty()) trouble_ = "step " + step_ + ": " + what;
  }

  Random random_;
  crash::StoreSettings settings_;
  crash::Clock clock_{1'700'000'000'000};
  SimFileSystem files_;
  ShelteredFiles sheltered_{files_};
  rl_db* db_ = nullptr;
  Model model_;
  int backups_ = 0;
  uint64_t refusals_ = 0;
  uint64_t refusals_seen_ = 0;
  bool injected_ = false;
  std::string step_ = "open";
  std::string trouble_;
};

// REDISLITE_ALLOCATION=<seed>/<once|for-ever>/<n> runs that one alone.
void RefuseInTurn(uint64_t seed, uint64_t stride) {
  const char* only = std::getenv("REDISLITE_ALLOCATION");
  uint64_t runs = 0;
  for (const bool forever : {false, true}) {
    for (uint64_t n = 1;; n += stride) {
      const std::string name = std::to_string(seed) + "/" + (forever ? "for-ever" : "once") + "/" + std::to_string(n);
      if (only != nullptr && n > 100000) break;
      if (only != nullptr && name != only) continue;
      const AllocationRun run(seed, n, forever);
      ++runs;
      if (!run.trouble().empty()) {
        FAIL() << run.trouble() << "\nrepeat: REDISLITE_ALLOCATION=" << name << " allocation_test";
      }
      if (!run.injected()) break;
    }
  }
  if (only != nullptr) return;
  EXPECT_GT(runs * stride, 1000u) << "nothing was tested";
  EXPECT_TRUE(test::WriteFigures("allocations-" + std::to_string(seed) + "-" + std::to_string(stride),
                                 {{"allocations refused", runs - 2}, {"violations", 0}}));
}

TEST(Allocations, RefusedInAnyCallLoseNothing) { RefuseInTurn(1, 11); }
TEST(Allocations, SlowEachRefusedInTurnLosesNothing) {
  for (uint64_t seed = 1; seed <= 3 && !HasFailure(); ++seed) RefuseInTurn(seed, 1);
}

}  // namespace
}  // namespace redislite::faults
