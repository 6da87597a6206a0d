#include "local_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace vectors {
namespace {

namespace fs = std::filesystem;

// Some day in November 2023: before any real clock, so that absolute times in the vectors mean the same everywhere.
constexpr int64_t kStartMs = 1'700'000'000'000;

int64_t ReadClock(void* ctx) { return static_cast<std::atomic<int64_t>*>(ctx)->load(); }

std::string OpenError() {
  char text[512];
  rl_errmsg(nullptr, text, sizeof text);
  return text;
}

// The code that a Redis error text must come with; 0 when the text does not decide it.
int CodeOfText(const std::string& text) {
  static const std::pair<const char*, int> kCodes[] = {
      {"WRONGTYPE", RL_ERR_TYPE},
      {"ERR unknown command", RL_ERR_COMMAND},
      {"ERR unknown subcommand", RL_ERR_COMMAND},
      {"ERR wrong number of arguments", RL_ERR_COMMAND},
      {"ERR syntax error", RL_ERR_COMMAND},
      {"ERR value is not an integer", RL_ERR_VALUE},
      {"ERR value is not a valid float", RL_ERR_VALUE},
      {"ERR increment or decrement would overflow", RL_ERR_VALUE},
      {"ERR hash value is not an integer", RL_ERR_VALUE},
      {"ERR hash value is not a float", RL_ERR_VALUE},
  };
  for (const auto& [prefix, code] : kCodes) {
    if (text.starts_with(prefix)) return code;
  }
  return 0;
}

// Names, sizes and times of the store's files: two equal lists mean that nothing was renamed, made or removed in
// between.
std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path, ignored)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Reply FromCApi(const rl_reply* reply) {
  Reply out;
  out.type = static_cast<Reply::Type>(rl_reply_type(reply));
  size_t length = 0;
  if (const char* text = rl_reply_string(reply, &length); text != nullptr) out.text.assign(text, length);
  out.integer = rl_reply_integer(reply);
  out.number = rl_reply_double(reply);
  for (size_t i = 0; i < rl_reply_count(reply); ++i) out.elements.push_back(FromCApi(rl_reply_at(reply, i)));
  return out;
}

LocalStore::LocalStore(std::string directory, std::vector<std::pair<std::string, std::string>> options, Clock clock)
    : root_(std::move(directory)), options_(std::move(options)), clock_(clock), now_ms_(kStartMs) {
  fs::create_directories(root_);
}

LocalStore::~LocalStore() {
  rl_close(db_);
  std::error_code ignored;
  fs::remove_all(root_, ignored);
}

void LocalStore::Drop() {
  std::string unheard;
  (void)CloseStore(&unheard);
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

bool LocalStore::Begin(std::string* error) {
  Drop();
  now_ms_ = kStartMs;
  path_ = root_ + "/" + std::to_string(++generation_);
  return Open(error);
}

bool LocalStore::OpenStore(const std::string& path, std::string* error) {
  rl_options* options = nullptr;
  int code = rl_options_new(&options);
  for (const auto& [name, value] : options_) {
    if (code == RL_OK) code = rl_options_set(options, name.c_str(), value.c_str());
  }
  if (code == RL_OK && clock_ == Clock::kStill) code = rl_options_set_clock(options, ReadClock, &now_ms_);
  if (code == RL_OK) code = rl_open(path.c_str(), options, &db_);
  rl_options_free(options);
  if (code == RL_OK) return true;
  *error = "the store does not open: " + std::to_string(code) + " " + OpenError();
  return false;
}

bool LocalStore::CloseStore(std::string* error) {
  const int code = rl_close(db_);
  db_ = nullptr;
  if (code != RL_OK) *error = "rl_close returned " + std::to_string(code);
  return code == RL_OK;
}

Reply LocalStore::Command(const std::vector<std::string>& words) {
  std::vector<const char*> argv;
  std::vector<size_t> lengths;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    lengths.push_back(word.size());
  }
  rl_reply* raw = nullptr;
  const int code = rl_command(db_, argv.size(), argv.data(), lengths.data(), &raw);
  if (code != RL_OK) return Problem("rl_command returned " + std::to_string(code));
  Reply reply = FromCApi(raw);
  const int reply_code = rl_reply_code(raw);
  rl_reply_free(raw);
  if (reply.is_error()) {
    const int wanted = CodeOfText(reply.text);
    if (reply_code >= 0 || (wanted != 0 && reply_code != wanted)) {
      return Problem("rl_reply_code is " + std::to_string(reply_code) + " for: " + reply.text);
    }
  } else if (reply_code != RL_OK) {
    return Problem("rl_reply_code is " + std::to_string(reply_code) + " for a reply that is no error");
  }
  return reply;
}

std::vector<std::string> LocalStore::Contents() {
  std::vector<std::string> out;
  for (const Reply& key : Command({"KEYS", "*"}).elements) {
    const Reply type = Command({"TYPE", key.text});
    Reply value;
    if (type.text == "string") value = Command({"GET", key.text});
    if (type.text == "list") value = Command({"LRANGE", key.text, "0", "-1"});
    if (type.text == "hash") value = Command({"HGETALL", key.text});
    if (value.type == Reply::Type::kMap) {
      // A hash's order is not part of its value.
      std::vector<std::string> fields;
      for (size_t i = 0; i + 1 < value.elements.size(); i += 2) {
        fields.push_back(Print(value.elements[i]) + ": " + Print(value.elements[i + 1]));
      }
      std::sort(fields.begin(), fields.end());
      value = Reply{Reply::Type::kString, "", 0, 0, {}};
      for (const std::string& field : fields) value.text += field + ", ";
    }
    out.push_back(Quote(key.text) + " " + type.text + " " + Print(Command({"PEXPIRETIME", key.text})) + " " +
                  Print(value));
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool LocalStore::SameAsBefore(const std::vector<std::string>& before, const char* what, std::string* error) {
  const std::vector<std::string> after = Contents();
  if (before == after) return true;
  *error = std::string("the data after ") + what + " are not those before:";
  std::vector<std::string> difference;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(difference));
  for (const std::string& line : difference) *error += "\n    lost:  " + line.substr(0, 300);
  difference.clear();
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(difference));
  for (const std::string& line : difference) *error += "\n    found: " + line.substr(0, 300);
  return false;
}

Target::Outcome LocalStore::Reopen(std::string* error) {
  const std::vector<std::string> before = Contents();
  if (!CloseStore(error)) return Outcome::kFailed;
  return Open(error) && SameAsBefore(before, "reopen", error) ? Outcome::kDone : Outcome::kFailed;
}

bool LocalStore::CopyStore(const std::string& to, std::string* error) {
  // A snapshot that ends meanwhile removes files: what was copied then is no state that a crash can leave, so begin
  // again.
  for (int attempt = 0; attempt < 50; ++attempt) {
    std::error_code failed;
    fs::remove_all(to, failed);
    fs::create_directories(to);
    const std::vector<std::string> names = Names(path_);
    for (const std::string& name : names) {
      if (name != "LOCK" && !failed) fs::copy_file(path_ + "/" + name, to + "/" + name, failed);
    }
    if (!failed && Names(path_) == names) return true;
  }
  *error = "the directory never held still to be copied";
  return false;
}

Target::Outcome LocalStore::Crash(std::string* error) {
  const std::vector<std::string> before = Contents();
  const std::string copy = root_ + "/" + std::to_string(++generation_);
  if (!CopyStore(copy, error)) return Outcome::kFailed;
  Drop();
  path_ = copy;
  return Open(error) && SameAsBefore(before, "crash", error) ? Outcome::kDone : Outcome::kFailed;
}

Target::Outcome LocalStore::Advance(int64_t ms, std::string*) {
  now_ms_ += ms;
  return Outcome::kDone;
}

}  // namespace vectors
