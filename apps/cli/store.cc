#include "store.h"

#include "console.h"
#include "progress.h"
#include "recovery_report.h"

namespace redislite::cli {
namespace {

// What the library said while this thread was opening a store; null otherwise. Our own report tells the same, and more.
thread_local std::vector<std::string>* said_at_open = nullptr;

// Failures in the background have no reply that could tell of them.
void OnMessage(void*, int level, const char* message) {
  if (level < RL_LOG_WARNING) return;
  std::string line = std::string(level == RL_LOG_WARNING ? "warning: " : "error: ") + message;
  if (said_at_open != nullptr) {
    said_at_open->push_back(std::move(line));
  } else {
    Console::Get().Say(line);
  }
}

}  // namespace

Arguments::Arguments(const Words& words) {
  pointers_.reserve(words.size());
  lengths_.reserve(words.size());
  for (const std::string& word : words) {
    pointers_.push_back(word.data());
    lengths_.push_back(word.size());
  }
}

std::unique_ptr<Store> Store::Open(const std::string& path, const StoreOptions& options, std::string& error) {
  std::unique_ptr<Store> store(new Store(path, options));
  if (!store->Reopen(error)) return nullptr;
  return store;
}

Store::~Store() {
  std::string error;
  if (!Close(error)) Console::Get().Say("error: " + error);
}

bool Store::Reopen(std::string& error) {
  const auto options = MakeOptions(options_, &OnMessage, error);
  if (options == nullptr) return false;
  std::vector<std::string> said;
  int code;
  {
    const ReadingProgress progress("open", path_);
    said_at_open = &said;
    code = rl_open(path_.c_str(), options.get(), &db_);
    said_at_open = nullptr;
  }
  if (code != RL_OK) {
    error = ErrorMessage(nullptr, code);
    return false;
  }
  const std::string report = RecoveryLine(Info("recovery"));
  if (!report.empty()) said = {report};
  for (const std::string& line : said) Console::Get().Say(line);
  return true;
}

bool Store::Close(std::string& error) {
  rl_db* const db = std::exchange(db_, nullptr);
  const int code = rl_close(db);
  if (code == RL_OK) return true;
  error = "closing " + path_ + ": " + rl_strerror(code);
  return false;
}

Answer Store::Run(const Words& command) const {
  const Arguments arguments(command);
  rl_reply* reply = nullptr;
  const int code = rl_command(db_, arguments.count(), arguments.pointers(), arguments.lengths(), &reply);
  if (code == RL_OK) return Answer(reply);
  return Answer::Error(code, "ERR " + Message(code));
}

std::string Store::Info(const char* section) const {
  char* text = nullptr;
  size_t length = 0;
  if (rl_info(db_, section, &text, &length) != RL_OK) return {};
  std::string info(text, length);
  rl_buffer_free(text);
  return info;
}

std::string Store::Message(int code) const { return ErrorMessage(db_, code); }

int CheckFiles(const std::string& directory, std::string& report, std::string& error) {
  const ReadingProgress progress("check", directory);
  char* text = nullptr;
  size_t length = 0;
  const int code = rl_check(directory.c_str(), &text, &length);
  if (text != nullptr) report.assign(text, length);
  rl_buffer_free(text);
  if (code != RL_OK) error = ErrorMessage(nullptr, code);
  return code;
}

}  // namespace redislite::cli
