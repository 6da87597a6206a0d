#include "support.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

namespace stress {
namespace {

namespace fs = std::filesystem;

std::string Print(const rl_reply* reply) {
  size_t length = 0;
  const char* text = rl_reply_string(reply, &length);
  const std::string bytes = text == nullptr ? "" : std::string(text, length);
  switch (rl_reply_type(reply)) {
    case RL_REPLY_NIL:
      return "(nil)";
    case RL_REPLY_ERROR:
      return "-" + bytes;
    case RL_REPLY_INTEGER:
    case RL_REPLY_BOOLEAN:
      return std::to_string(rl_reply_integer(reply));
    case RL_REPLY_ARRAY:
    case RL_REPLY_MAP:
    case RL_REPLY_SET:
    case RL_REPLY_PUSH: {
      std::string out = "[";
      for (size_t i = 0; i < rl_reply_count(reply); ++i) {
        if (i > 0) out += ", ";
        out += Print(rl_reply_at(reply, i));
      }
      return out + "]";
    }
    default:
      return bytes;
  }
}

// Runs a command and hands the reply to `use`; the code when there is no reply.
template <typename Use>
int WithReply(rl_db* db, const std::vector<std::string>& words, Use use) {
  std::vector<const char*> argv;
  std::vector<size_t> lengths;
  for (const std::string& word : words) {
    argv.push_back(word.data());
    lengths.push_back(word.size());
  }
  rl_reply* reply = nullptr;
  const int code = rl_command(db, argv.size(), argv.data(), lengths.data(), &reply);
  if (code == RL_OK) use(reply);
  rl_reply_free(reply);
  return code;
}

std::string Text(const rl_reply* reply) {
  size_t length = 0;
  const char* text = rl_reply_string(reply, &length);
  return text == nullptr ? "" : std::string(text, length);
}

std::vector<std::string> Names(const std::string& path) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path, ignored)) out.push_back(entry.path().filename().string());
  std::sort(out.begin(), out.end());
  return out;
}

bool TryCopy(const std::string& from, const std::string& to, bool with_lock) {
  std::error_code failed;
  fs::remove_all(to, failed);
  fs::create_directories(to);
  const std::vector<std::string> names = Names(from);
  for (const std::string& name : names) {
    if ((with_lock || name != "LOCK") && !failed) fs::copy_file(from + "/" + name, to + "/" + name, failed);
  }
  return !failed && Names(from) == names;
}

}  // namespace

Scratch::Scratch(Where where) {
  constexpr uintmax_t kRoom = uintmax_t{4} << 30;
  std::error_code failed;
  const fs::space_info space = fs::space("/dev/shm", failed);
  const bool memory = where == Where::kMemory && !failed && space.available >= kRoom;
  std::string pattern = (memory ? fs::path("/dev/shm") : fs::temp_directory_path()) / "rl-stress-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

int Open(const std::string& path, rl_db** db, const Options& options) {
  *db = nullptr;
  rl_options* all = nullptr;
  int code = rl_options_new(&all);
  for (const auto& [name, value] : options) {
    if (code == RL_OK) code = rl_options_set(all, name.c_str(), value.c_str());
  }
  if (code == RL_OK) code = rl_open(path.c_str(), all, db);
  rl_options_free(all);
  return code;
}

std::string Message(rl_db* db) {
  std::string text(rl_errmsg(db, nullptr, 0) + 1, '\0');
  rl_errmsg(db, text.data(), text.size());
  text.pop_back();
  return text;
}

Store::Store(const std::string& path, const Options& options) {
  const int code = Open(path, &db_, options);
  EXPECT_EQ(code, RL_OK) << Message();
}

Store::~Store() { rl_close(db_); }

void Store::Close() {
  EXPECT_EQ(rl_close(db_), RL_OK);
  db_ = nullptr;
}

std::string Do(rl_db* db, const std::vector<std::string>& words) {
  std::string out;
  const int code = WithReply(db, words, [&](const rl_reply* reply) { out = Print(reply); });
  return code == RL_OK ? out : "(code " + std::to_string(code) + ")";
}

std::string EnterOwnMounts() {
  if (geteuid() != 0) return "mounting a file system needs root";
  if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return std::string("no file system can be mounted here: ") + std::strerror(errno);
  }
  return "";
}

int Set(rl_db* db, const std::string& key, const std::string& value) {
  return rl_set(db, key.data(), key.size(), value.data(), value.size());
}

std::string Get(rl_db* db, const std::string& key) {
  void* value = nullptr;
  size_t length = 0;
  const int code = rl_get(db, key.data(), key.size(), &value, &length);
  if (code == RL_NOT_FOUND) return "(none)";
  if (code != RL_OK) return "(code " + std::to_string(code) + ")";
  std::string out(static_cast<const char*>(value), length);
  rl_buffer_free(value);
  return out;
}

std::string Contents(rl_db* db) {
  std::vector<std::string> keys, lines;
  const int code = WithReply(db, {"KEYS", "*"}, [&](const rl_reply* reply) {
    for (size_t i = 0; i < rl_reply_count(reply); ++i) keys.push_back(Text(rl_reply_at(reply, i)));
  });
  if (code != RL_OK) return "(code " + std::to_string(code) + ")";
  for (const std::string& key : keys) {
    const std::string type = Do(db, {"TYPE", key});
    std::string value;
    if (type == "string") value = Do(db, {"GET", key});
    if (type == "list") value = Do(db, {"LRANGE", key, "0", "-1"});
    if (type == "hash") {
      std::vector<std::string> fields;
      WithReply(db, {"HGETALL", key}, [&](const rl_reply* reply) {
        for (size_t i = 0; i + 1 < rl_reply_count(reply); i += 2) {
          fields.push_back(Text(rl_reply_at(reply, i)) + "=" + Text(rl_reply_at(reply, i + 1)));
        }
      });
      std::sort(fields.begin(), fields.end());
      for (const std::string& field : fields) value += field + ";";
    }
    if (type == "set") {
      std::vector<std::string> members;
      WithReply(db, {"SMEMBERS", key}, [&](const rl_reply* reply) {
        for (size_t i = 0; i < rl_reply_count(reply); ++i) members.push_back(Text(rl_reply_at(reply, i)));
      });
      std::sort(members.begin(), members.end());
      for (const std::string& member : members) value += member + ";";
    }
    if (type == "zset") value = Do(db, {"ZRANGE", key, "0", "-1", "WITHSCORES"});
    lines.push_back(key + " " + type + " " + Do(db, {"PEXPIRETIME", key}) + " " + value);
  }
  std::sort(lines.begin(), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

void CopyAsAfterACrash(const std::string& from, const std::string& to) {
  // A snapshot that ends meanwhile removes files: such a copy is no state that a crash can leave, so begin again.
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (TryCopy(from, to, false)) return;
  }
  ADD_FAILURE() << from << " never held still to be copied";
}

void CopyDirectory(const std::string& from, const std::string& to) { ASSERT_TRUE(TryCopy(from, to, true)); }

Random::Random() {
  const char* given = std::getenv("REDISLITE_SEED");
  seed_ = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  engine_.seed(seed_);
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::printf("to repeat: REDISLITE_SEED=%llu, test %s.%s\n", static_cast<unsigned long long>(seed_),
              test->test_suite_name(), test->name());
  std::fflush(stdout);
}

std::string Random::Bytes(size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(Next() & 0xff);
  return out;
}

double LoadSeconds(double normal) {
  const char* given = std::getenv("REDISLITE_SOAK_SECONDS");
  return given != nullptr ? std::strtod(given, nullptr) : normal;
}

int ForkQuietly() {
  std::fflush(stdout);
  std::fflush(stderr);
  return fork();
}

void ExitNow(int status) {
  std::fflush(stdout);
  std::fflush(stderr);
  _exit(status);
}

int WaitForChild(int pid, int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      return -SIGKILL;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace stress
