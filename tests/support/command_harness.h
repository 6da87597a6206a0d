// CommandHarness: a store in memory with a clock of its own, driven by lines as a person types them.
//
//     CommandHarness store;
//     EXPECT_EQ(store.Run("SET k v EX 10"), "+OK\r\n");
//     store.Advance(10'000);
//     EXPECT_EQ(store.Run("GET k"), "_\r\n");
//
// A line is split at spaces; a word in double quotes may hold any bytes, with \n \r \t \" \\ and \xHH inside, as in
// redis-cli.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "commands/table.h"
#include "engine/engine.h"
#include "os/file_system.h"
#include "resp/writer.h"

namespace redislite::test {

inline std::vector<std::string> SplitLine(Bytes line) {
  const auto hex = [](char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; };
  std::vector<std::string> words;
  for (size_t i = 0; i < line.size();) {
    if (line[i] == ' ') {
      ++i;
      continue;
    }
    std::string word;
    if (line[i] != '"') {
      while (i < line.size() && line[i] != ' ') word.push_back(line[i++]);
    } else {
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        if (line[i] != '\\') {
          word.push_back(line[i]);
          continue;
        }
        switch (line[++i]) {
          case 'n':
            word.push_back('\n');
            break;
          case 'r':
            word.push_back('\r');
            break;
          case 't':
            word.push_back('\t');
            break;
          case 'x':
            word.push_back(static_cast<char>(hex(line[i + 1]) * 16 + hex(line[i + 2])));
            i += 2;
            break;
          default:
            word.push_back(line[i]);
        }
      }
      ++i;  // the closing quote
    }
    words.push_back(std::move(word));
  }
  return words;
}

class CommandHarness {
 public:
  static constexpr int64_t kStartMs = 1'700'000'000'000;

  // `path` empty: in memory. A store on disk does not wait for the device; Reopen brings it back from its files.
  explicit CommandHarness(std::string path = "", int protocol = 3) : path_(std::move(path)), protocol_(protocol) {
    Open();
  }
  ~CommandHarness() { Close(); }
  CommandHarness(const CommandHarness&) = delete;
  CommandHarness& operator=(const CommandHarness&) = delete;

  std::string Run(Bytes line, int db = 0) { return RunWords(SplitLine(line), db); }

  std::string RunWords(const std::vector<std::string>& words, int db = 0) {
    const std::vector<Bytes> args(words.begin(), words.end());
    resp::Writer reply(protocol_);
    const Status status = engine_->Execute(args, db, reply);
    if (!status.ok()) return "not ok: " + status.message();
    error_codes_ = reply.error_codes();
    return std::string(reply.bytes());
  }

  // The code of the error that the last command answered with; kOk for none.
  Code last_code() const { return error_codes_.empty() ? Code::kOk : error_codes_.front(); }

  // How many commands have gone into the log (in memory: would have) since the store was opened.
  uint64_t logged_commands() {
    const std::string info = engine_->Info(std::array<Bytes, 1>{"stats"});
    const std::string name = "commit_commands:";
    return std::stoull(info.substr(info.find(name) + name.size()));
  }

  int64_t now_ms() const { return now_ms_; }
  void Advance(int64_t ms) { now_ms_ += ms; }

  void Reopen() {
    Close();
    Open();
  }

  engine::Engine& engine() { return *engine_; }

 private:
  void Open() {
    engine::Options options;
    options.fsync = engine::Fsync::kNo;
    options.reaper_interval_ms = 0;  // what has expired stays in memory, and must not be seen
    options.now_ms = [this] { return now_ms_; };
    auto opened = engine::Engine::Open(path_, options, commands::Commands(), os::PosixFileSystem());
    if (!opened.ok()) throw std::runtime_error(opened.status().message());
    engine_ = std::move(*opened);
  }
  void Close() {
    if (engine_ == nullptr) return;
    const Status status = engine_->Close();
    engine_.reset();
    if (!status.ok()) throw std::runtime_error(status.message());
  }

  const std::string path_;
  const int protocol_;
  int64_t now_ms_ = kStartMs;
  std::vector<Code> error_codes_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace redislite::test
