#include "import.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "input.h"
#include "key_record.h"
#include "progress.h"
#include "stop.h"

namespace redislite::cli {
namespace {

// Keys that share a record and a sync: enough to be fast, few enough for Ctrl-C to be felt.
constexpr size_t kGroupKeysMax = 512;
constexpr size_t kGroupBytesMax = 4 << 20;

int64_t NowMs() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class Importer {
 public:
  Importer(const Store& store, std::string path, size_t split_bytes, std::string& error)
      : store_(store),
        path_(std::move(path)),
        split_bytes_(split_bytes),
        error_(error),
        batch_(nullptr, &rl_batch_free) {}
  ~Importer() {
    if (fd_ > STDIN_FILENO) close(fd_);
  }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  bool Run() {
    if (!Open() || !MakeBatch()) return false;
    return (!seekable_ || (ReadLines("verify", &Importer::Ignore) && Rewind())) &&
           ReadLines("import", &Importer::Put) && Commit();
  }

  uint64_t keys() const { return keys_; }

 private:
  bool Fail(const std::string& message) {
    error_ = message;
    return false;
  }
  bool FailWithErrno(const char* what) {
    return Fail(std::string("cannot ") + what + ' ' + path_ + ": " + std::strerror(errno));
  }
  bool FailAt(size_t line, const std::string& message) {
    return Fail(path_ + ":" + std::to_string(line) + ": " + message);
  }

  bool Open() {
    fd_ = path_ == "-" ? STDIN_FILENO : open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) return FailWithErrno("open");
    struct stat status {};
    if (fstat(fd_, &status) != 0) return FailWithErrno("read");
    seekable_ = S_ISREG(status.st_mode) && fd_ != STDIN_FILENO;
    if (S_ISREG(status.st_mode)) total_bytes_ = static_cast<uint64_t>(status.st_size);
    return true;
  }

  bool Rewind() { return lseek(fd_, 0, SEEK_SET) == 0 || FailWithErrno("read"); }

  bool MakeBatch() {
    rl_batch* batch = nullptr;
    const int code = rl_batch_new(store_.db(), &batch);
    batch_.reset(batch);
    return code == RL_OK || Fail(store_.Message(code));
  }

  bool ReadLines(const char* label, bool (Importer::*take)(size_t line, const KeyRecord&)) {
    Progress progress(label, Unit::kBytes);
    Input input(fd_);
    std::string text;
    Got got;
    for (size_t line = 1; (got = input.ReadLine(text)) == Got::kData; ++line) {
      if (StopSignal() != 0) return Fail("cancelled");
      if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
      KeyRecord record;
      std::string message;
      if (!ParseKeyRecord(text, record, message)) return Commit() && FailAt(line, message);
      if (!(this->*take)(line, record)) return false;
      progress.Update(input.offset(), total_bytes_);
    }
    if (got == Got::kStopped) return Fail("cancelled");
    return got == Got::kEnd || FailWithErrno("read");
  }

  bool Ignore(size_t, const KeyRecord&) { return true; }

  bool Put(size_t line, const KeyRecord& record) {
    if (record.type != KeyRecord::Type::kString && record.bytes() > split_bytes_) {
      return Commit() && PutInParts(line, record) && Commit();
    }
    for (const Words& command : record.Commands(NowMs())) {
      if (!Add(line, command)) return false;
    }
    ++group_keys_;
    group_bytes_ += record.bytes();
    return (group_keys_ < kGroupKeysMax && group_bytes_ < kGroupBytesMax) || Commit();
  }

  // The parts go to a name of our own; one last record puts the whole in its place.
  bool PutInParts(size_t line, const KeyRecord& record) {
    const std::string temporary = "redislite-import:" + std::to_string(getpid()) + ':' + record.key.substr(0, 1024);
    const bool pairs = record.type == KeyRecord::Type::kHash || record.type == KeyRecord::Type::kSortedSet;
    const size_t step = pairs ? 2 : 1;
    KeyRecord part{temporary, record.type, {}, {}};
    bool ok = Add(line, {"DEL", temporary}) && Commit();
    for (size_t i = 0; ok && i < record.values.size(); i += step) {
      for (size_t j = i; j < i + step; ++j) part.values.push_back(record.values[j]);
      if (part.bytes() < split_bytes_ / 2 && i + step < record.values.size()) continue;
      Words fill = part.Commands(0)[1];
      ok = Add(line, fill) && Commit();
      part.values.clear();
    }
    ok = ok && Add(line, {"RENAME", temporary, record.key});
    if (ok && record.expire_at_ms) ok = Add(line, {"PEXPIREAT", record.key, std::to_string(*record.expire_at_ms)});
    if (ok) {
      ++group_keys_;
      return true;
    }
    (void)store_.Run({"DEL", temporary});
    return false;
  }

  bool Add(size_t line, const Words& command) {
    const Arguments arguments(command);
    const int code = rl_batch_add(batch_.get(), arguments.count(), arguments.pointers(), arguments.lengths());
    if (code != RL_OK) return FailAt(line, store_.Message(code));
    lines_.push_back(line);
    return true;
  }

  // Makes what was added true, in one record.
  bool Commit() {
    if (lines_.empty()) return true;
    rl_reply* reply = nullptr;
    const int code = rl_batch_commit(batch_.get(), &reply);
    if (code != RL_OK) return FailAt(lines_.front(), store_.Message(code));
    const Answer answer(reply);
    for (size_t i = 0; i < answer.reply.elements.size() && i < lines_.size(); ++i) {
      const Reply& each = answer.reply.elements[i];
      if (each.is_error()) return FailAt(lines_[i], std::string(each.text));
    }
    keys_ += group_keys_;
    group_keys_ = group_bytes_ = 0;
    lines_.clear();
    return true;
  }

  const Store& store_;
  const std::string path_;
  const size_t split_bytes_;
  std::string& error_;
  std::unique_ptr<rl_batch, void (*)(rl_batch*)> batch_;
  int fd_ = -1;
  bool seekable_ = false;
  uint64_t total_bytes_ = 0;
  uint64_t keys_ = 0;
  size_t group_keys_ = 0, group_bytes_ = 0;
  std::vector<size_t> lines_;  // of each command in the batch
};

}  // namespace

bool ImportKeys(const Store& store, const std::string& path, size_t split_bytes, uint64_t& keys, std::string& error) {
  Importer importer(store, path, split_bytes, error);
  const bool ok = importer.Run();
  keys = importer.keys();
  return ok;
}

}  // namespace redislite::cli
