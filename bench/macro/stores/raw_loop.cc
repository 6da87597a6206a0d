// The physical bounds of a write by one caller, on a file whose blocks are there already: pwrite and fdatasync for a
// durable one, pwrite for one that survives the process.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <unordered_map>
#include <vector>

#include "macro/stores/peers.h"

namespace bench {
namespace {

class RawLoop : public Store {
 public:
  RawLoop(const std::string& directory, bool syncs) : syncs_(syncs) {
    file_ = open((directory + "/raw").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    Require(file_ >= 0, "raw loop: open");
    const std::vector<char> zeros(32 << 10, 0);  // more in a call makes writes into them slower
    for (off_t at = 0; at < kBytes; at += static_cast<off_t>(zeros.size())) {
      Require(pwrite(file_, zeros.data(), zeros.size(), at) == static_cast<ssize_t>(zeros.size()), "raw loop: pwrite");
    }
    Require(fdatasync(file_) == 0, "raw loop: fdatasync");
  }
  ~RawLoop() override { close(file_); }
  RawLoop(const RawLoop&) = delete;
  RawLoop& operator=(const RawLoop&) = delete;

  bool Set(std::string_view key, std::string_view value) override {
    char record[256];
    const size_t size = key.size() + value.size();
    Require(size <= sizeof record, "raw loop: a record of at most 256 bytes");
    key.copy(record, key.size());
    value.copy(record + key.size(), value.size());
    const off_t at = static_cast<off_t>(next_.fetch_add(size) % static_cast<size_t>(kBytes - 256));
    return pwrite(file_, record, size, at) == static_cast<ssize_t>(size) && (!syncs_ || fdatasync(file_) == 0);
  }
  // It keeps bytes, not keys.
  bool Get(std::string_view, std::string*) override { return false; }
  bool Delete(std::string_view) override { return false; }

 private:
  static constexpr off_t kBytes = 64 << 20;
  const bool syncs_;
  int file_ = -1;
  std::atomic<size_t> next_{0};
};

template <bool kSyncs>
std::unique_ptr<Store> Open(const std::string& directory) {
  return std::make_unique<RawLoop>(directory, kSyncs);
}

}  // namespace

void AddRawLoop(std::vector<Engine>& engines) {
  engines.push_back({"raw_loop", Promise::kPower, Open<true>});
  engines.push_back({"raw_write", Promise::kProcess, Open<false>});
}

}  // namespace bench
