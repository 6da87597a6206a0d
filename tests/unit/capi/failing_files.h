// FailingFiles: the process' own file system, which counts writes and syncs, and fails them while a test says so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "os/file_system.h"

namespace redislite::capi {

class FailingFiles final : public os::FileSystem {
 public:
  // What writes and syncs of files answer from now on; kOk: what the system says.
  std::atomic<Code> write_code{Code::kOk};
  std::atomic<Code> sync_code{Code::kOk};
  // For tests that open hundreds of stores and never cut the power: a sync is not carried out.
  std::atomic<bool> skip_syncs{false};
  // Calls of the thread that made this object; a store's own threads do as they please.
  std::atomic<int> writes{0};
  std::atomic<int> syncs{0};
  std::atomic<int> opens{0};
  // Set while nothing is under way: called before a file is opened, which fails when it says so.
  std::function<Status(const std::string& path)> before_open;

  Result<std::unique_ptr<os::File>> Open(const std::string& path, os::OpenMode mode) override {
    Count(opens);
    if (before_open) RL_RETURN_IF_ERROR(before_open(path));
    auto file = real_.Open(path, mode);
    if (!file.ok()) return file.status();
    return std::unique_ptr<os::File>(new FailingFile(*this, std::move(*file)));
  }
  Status Rename(const std::string& from, const std::string& to) override { return real_.Rename(from, to); }
  Status Remove(const std::string& path) override { return real_.Remove(path); }
  Status SyncDirectory(const std::string& path) override {
    return skip_syncs ? Status::Ok() : real_.SyncDirectory(path);
  }
  Status CreateDirectory(const std::string& path, bool* created) override {
    return real_.CreateDirectory(path, created);
  }
  Status RemoveDirectory(const std::string& path) override { return real_.RemoveDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& path) override { return real_.List(path); }
  Result<std::unique_ptr<os::Lock>> LockFile(const std::string& path) override { return real_.LockFile(path); }
  Result<std::unique_ptr<os::Lock>> LockFileShared(const std::string& path) override {
    return real_.LockFileShared(path);
  }
  Status FillRandom(char* buffer, size_t size) override { return real_.FillRandom(buffer, size); }

 private:
  class FailingFile final : public os::File {
   public:
    FailingFile(FailingFiles& files, std::unique_ptr<os::File> real) : files_(files), real_(std::move(real)) {}
    Result<size_t> Read(uint64_t offset, char* buffer, size_t size) override {
      return real_->Read(offset, buffer, size);
    }
    Status Write(uint64_t offset, Bytes bytes) override {
      files_.Count(files_.writes);
      if (const Code code = files_.write_code; code != Code::kOk) return {code, "planted failure of a write"};
      return real_->Write(offset, bytes);
    }
    Status Sync() override {
      files_.Count(files_.syncs);
      if (const Code code = files_.sync_code; code != Code::kOk) return {code, "planted failure of a sync"};
      return files_.skip_syncs ? Status::Ok() : real_->Sync();
    }
    Result<uint64_t> Size() override { return real_->Size(); }
    Status Truncate(uint64_t size) override { return real_->Truncate(size); }
    void DropCache() override { real_->DropCache(); }

   private:
    FailingFiles& files_;
    std::unique_ptr<os::File> real_;
  };

  void Count(std::atomic<int>& calls) {
    if (std::this_thread::get_id() == counted_thread_) ++calls;
  }

  const std::thread::id counted_thread_ = std::this_thread::get_id();
  os::FileSystem& real_ = os::PosixFileSystem();
};

}  // namespace redislite::capi
